package scenarios

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"zabsim/internal/fp"
	"zabsim/sim/trace"
)

func TestDump(t *testing.T) {
	if os.Getenv("SEED") == "" {
		t.Skip()
	}
	s, _ := Lookup("chaos")
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	p := s.Plan(uint64(seed), seedOptions(uint64(seed), Options{}))
	d := &grep{from: os.Getenv("A"), to: os.Getenv("B")}
	o := Execute(p, Settings{Sink: d})
	lo, _ := strconv.Atoi(os.Getenv("LO"))
	hi, _ := strconv.Atoi(os.Getenv("HI"))
	for i := lo; i < hi; i++ {
		op := &o.Run.History.Ops[i]
		fmt.Println(i, op.Invoke.Seconds(), op.Ended.Seconds(), op.String(), op.Server, "deposed", op.Deposed, op.SyncZxid)
	}
	for _, f := range o.Run.Intervals() {
		fmt.Println(f.Name, f.Target, f.From.Seconds(), f.Until.Seconds())
	}
	fmt.Println(explainOutcome(uint64(seed), o))
}

type grep struct{ from, to string }

func (d *grep) Event(e *trace.Event, f fp.Hash, ds []trace.Delta) {
	a, _ := strconv.ParseFloat(d.from, 64)
	b, _ := strconv.ParseFloat(d.to, 64)
	if x := float64(e.At) / 1e9; x >= a && x <= b {
		fmt.Printf("%12.3fms #%d n%d.%s %s %s <- #%d %v\n", float64(e.At)/1e6, e.ID, e.Node, e.Lane, e.Verb, e.Detail, e.Cause, ds)
	}
}
