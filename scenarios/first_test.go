package scenarios

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
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
	bugs, err := bug.Parse(os.Getenv("BUG"))
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]int{}
	defer func() { fmt.Println(reached) }()
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
		o := Execute(s.Plan(uint64(seed), Options{Servers: servers, Bugs: bugs}), set)
		for _, x := range o.Reached {
			reached[x]++
		}
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

func TestDump(t *testing.T) {
	s, _ := Lookup("chaos")
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	servers := 5
	if seed%2 == 1 {
		servers = 3
	}
	p := s.Plan(uint64(seed), Options{Servers: servers})
	d := &grep{from: os.Getenv("A"), to: os.Getenv("B")}
	o := Execute(p, Settings{Sink: d})
	lo, _ := strconv.Atoi(os.Getenv("LO"))
	hi, _ := strconv.Atoi(os.Getenv("HI"))
	for i := lo; i < hi; i++ {
		op := &o.Run.History.Ops[i]
		fmt.Println(i, op.Invoke.Seconds(), op.Ended.Seconds(), op.String(), op.Server, "deposed", op.Deposed)
	}
	for _, f := range o.Run.Intervals() {
		fmt.Println(f.Name, f.Target, f.From.Seconds(), f.Until.Seconds())
	}
}

type grep struct{ from, to string }

func (d *grep) Event(e *trace.Event, f fp.Hash, ds []trace.Delta) {
	a, _ := strconv.ParseFloat(d.from, 64)
	b, _ := strconv.ParseFloat(d.to, 64)
	if x := float64(e.At) / 1e9; x >= a && x <= b {
		fmt.Printf("%12.3fms #%d n%d.%s %s %s <- #%d %v\n", float64(e.At)/1e6, e.ID, e.Node, e.Lane, e.Verb, e.Detail, e.Cause, ds)
	}
}
