package zab

import (
	"zabsim/tree/register"
	"zabsim/zab/txn"
)

func zxids(list []*txn.Txn) []string {
	got := []string{}
	for _, t := range list {
		got = append(got, t.Zxid.String())
	}
	return got
}

// stateOf returns the registers after a history.
func stateOf(history []*txn.Txn) txn.StateMachine {
	m := register.New()
	for _, t := range history {
		m.Apply(t)
	}
	return m
}
