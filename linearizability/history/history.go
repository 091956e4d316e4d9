package history

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// History is a record of operations, in the order of their invocation.
type History struct {
	Name string // of the run, for people
	// Preset says that every key exists from the start, with the empty value,
	// version 0 and mzxid 0. Otherwise every key starts absent.
	Preset bool
	// Ghost says that the recorder saw the whole world and has set Deposed where it
	// applies. Without it nobody knows which sync-reads ZooKeeper vouches for, and
	// none of them joins the linearizability check.
	Ghost bool
	Ops   []Op
	// Calls and Watched are what recipes did and heard.
	Calls   []Call
	Watched []Event
	// Truth is what the ensemble has committed, in order, whoever was told; nil if the
	// recorder can't know.
	Truth []*txn.Txn
	// Seeds are nodes that are there before the first transaction, and empty.
	Seeds []string
}

// Reply is what a client is told.
type Reply struct {
	Outcome  Outcome // Ok, Fail or Unknown
	Err      txn.Code
	Value    string // of a read
	Version  int32
	Zxid     zxid.Zxid
	SyncZxid zxid.Zxid
	Mzxid    zxid.Zxid
	Server   quorum.ServerID // who answered; zero keeps the server of the invocation
	Deposed  bool            // see Op.Deposed
}

// Invoke records that a client asked, and returns the operation's index. The
// caller fills in who, what and when; the outcome is pending. Calls come in the
// order of time.
func (h *History) Invoke(op Op) int {
	op.Outcome, op.Return, op.Ended = Pending, Never, Never
	h.Ops = append(h.Ops, op)
	return len(h.Ops) - 1
}

// Complete records what the client of operation i learned at time now. It panics
// if the operation has ended before or if the reply has no outcome: a recorder
// that gets this wrong must not produce a history that looks sound.
func (h *History) Complete(i int, now host.Time, r Reply) {
	op := &h.Ops[i]
	if op.Outcome != Pending || r.Outcome == Pending {
		panic("history: Complete needs a pending operation and an outcome: " + op.String())
	}
	op.Outcome, op.Err, op.Ended = r.Outcome, r.Err, now
	if r.Outcome.Known() {
		op.Return = now
	}
	if op.Kind.IsRead() {
		op.Value = r.Value
	}
	op.Version, op.Zxid, op.SyncZxid, op.Mzxid, op.Deposed = r.Version, r.Zxid, r.SyncZxid, r.Mzxid, r.Deposed
	if r.Server != 0 {
		op.Server = r.Server
	}
}

// Reset empties the record and keeps its memory for the next run.
func (h *History) Reset() {
	h.Ops, h.Calls, h.Watched, h.Truth = h.Ops[:0], h.Calls[:0], h.Watched[:0], nil
	h.Seeds = nil
}

// Counts returns how many operations have each outcome, indexed by Outcome.
func (h *History) Counts() [4]int {
	var n [4]int
	for i := range h.Ops {
		n[h.Ops[i].Outcome]++
	}
	return n
}
