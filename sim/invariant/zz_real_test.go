package invariant_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"zabsim/faults"
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

func TestZZReal(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("RUNS"))
	bugs, err := bug.Parse(os.Getenv("BUGS"))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	first := map[string]string{}
	var seen invariant.Seen
	var writes uint64
	for seed := 1; seed <= n; seed++ {
		servers := 3 + 2*(seed%2)
		p := &plan.Plan{
			Scenario: "zz", Seed: uint64(seed), Quorum: *quorum.Majority(servers), Clients: 3, For: 60 * host.Second, Bugs: bugs,
			TickTime: host.Second / 2, InitLimit: 5, SyncLimit: 3, CommitLogCount: []int{2, 5, 500}[seed%3], SessionTimeout: 5 * host.Second,
		}
		for c := 1; c <= p.Clients; c++ {
			for k := 1; k <= 1000; k++ {
				p.Ops = append(p.Ops, plan.Op{Client: c, Number: k, Wait: host.Duration(seed%7) * 10 * host.Millisecond, Kind: plan.OpSet, Key: "/r" + strconv.Itoa(k%4), Value: "v"})
			}
		}
		p.Faults = faults.Draw(p, keyed.New(uint64(seed)))
		r := sim.NewRunner(p, sim.Config{Kinds: faults.All()})
		func() {
			defer func() {
				if x := recover(); x != nil {
					count["panic"]++
					if first["panic"] == "" {
						first["panic"] = fmt.Sprint("seed ", seed, ": ", x)
					}
				}
			}()
			r.Run()
		}()
		writes += r.Counts().Writes
		seen |= r.View.Seen
		for _, v := range r.View.Violations {
			count[v.Check]++
			if first[v.Check] == "" {
				first[v.Check] = fmt.Sprintf("seed %d: %s at %v", seed, v.Text, r.Now())
			}
		}
	}
	fmt.Println("writes", writes, "seen", seen.Names())
	for k, c := range count {
		fmt.Println(k, c, first[k])
	}
}
