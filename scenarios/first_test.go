package scenarios

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"zabsim/internal/fp"
	"zabsim/sim/trace"
)

type dump struct{ n int }

func (d *dump) Event(e *trace.Event, f fp.Hash, ds []trace.Delta) {
	d.n++
	if d.n > 400 {
		return
	}
	fmt.Printf("%12.3fms #%d n%d.%s %s %s <- #%d\n", float64(e.At)/1e6, e.ID, e.Node, e.Lane, e.Verb, e.Detail, e.Cause)
}

func TestFirst(t *testing.T) {
	name := os.Getenv("SC")
	if name == "" {
		name = "steady"
	}
	s, _ := Lookup(name)
	from, _ := strconv.Atoi(os.Getenv("FROM"))
	n, _ := strconv.Atoi(os.Getenv("N"))
	for seed := from; seed < from+max(n, 1); seed++ {
		set := Settings{Reach: s.Reach}
		if os.Getenv("V") != "" {
			set.Sink = &dump{}
		}
		start := time.Now()
		servers := 5
		if seed%2 == 1 {
			servers = 3
		}
		o := Execute(s.Plan(uint64(seed), Options{Servers: servers}), set)
		d := time.Since(start)
		if n <= 1 || o.Verdict != Passed {
			fmt.Printf("seed %d %s %+v heal %.3fs %v %.2f Mev/s reached %v\n", seed, o.Verdict, o.Run.Counts(), float64(o.Run.Counts().HealNanos)/1e9, d, float64(o.Run.Events())/1e6/d.Seconds(), o.Reached)
			for _, v := range o.Run.View.Violations {
				fmt.Println("   ", v.String())
			}
			for _, c := range o.Checks {
				if c.Verdict != Passed {
					fmt.Println("   check", c)
				}
			}
		}
	}
}
