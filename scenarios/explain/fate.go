package explain

import (
	"fmt"
	"runtime"
	"sync"

	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/zab/quorum"
)

// Fate tells from when on the violation was inevitable, as far as re-rolls show it.
type Fate struct {
	Rolls int `json:"rolls"` // by which one event is judged
	// This is about this violation: the same check breaks for the same servers in the same
	// epoch, as Where says. Nil where a check says nothing of an epoch.
	This  *Turn  `json:"this,omitempty"`
	Where string `json:"where,omitempty"`
	// Any is about the check: it breaks sooner or later, whatever about.
	Any Turn `json:"any"`
	// Used is how many re-rolls were made in all.
	Used int `json:"used"`
}

// Turn is the point of no return.
type Turn struct {
	// From is the first event from which on all re-rolls fail.
	From uint64 `json:"from"`
	Line string `json:"line,omitempty"` // it, as the trace has it
	// Open is the event before it that leaves a way out: so many Fails of the rolls are
	// no escape. 0 if there is none.
	Open  uint64 `json:"open"`
	Fails int    `json:"fails"`
	// Exhausted: the budget was spent before all was known; From may be too late.
	Exhausted bool `json:"exhausted,omitempty"`
}

// throw is what a re-roll came to.
type throw uint8

const (
	throwEscapes throw = iota // the check holds
	throwOther                // it breaks for other servers or in another epoch
	throwSame                 // it breaks for the same ones there
)

// batch is how many re-rolls of one event are made before it is asked whether some of
// them found a way out. It must not depend on the machine: the count of re-rolls would.
const batch = 4

// fate looks for the points of no return.
func (x *explainer) fate(e *Explanation) (*Fate, error) {
	f := &Fate{Rolls: x.opt.Rolls}
	if f.Rolls == 0 {
		f.Rolls = DefaultRolls
	}
	d := dice{x: x, check: e.Broken.Name, rolls: f.Rolls, left: x.opt.Budget, known: map[uint64][]throw{}}
	if d.left == 0 {
		d.left = DefaultBudget * f.Rolls
	}
	from := x.last
	if v, _ := x.violation(d.check); v != nil && v.Zxid != 0 && known(v.Check).Kind == 0 {
		this := d.turn(from, throwSame)
		f.This, from = &this, this.From
		f.Where = fmt.Sprintf("for %s over a transaction of epoch %d", names(v.Servers), v.Zxid.Epoch())
		if v.Zxid.Counter() == 0 {
			f.Where = fmt.Sprintf("for %s in epoch %d", names(v.Servers), v.Zxid.Epoch())
		}
	}
	f.Any = d.turn(from, throwOther)
	f.Used = d.used
	return f, x.opt.err()
}

// names lists servers: "n1 and n3".
func names(s quorum.Set) string {
	text := ""
	for n := s.Len(); s != 0; s, n = s.Without(s.First()), n-1 {
		switch {
		case text == "":
		case n == 1:
			text += " and "
		default:
			text += ", "
		}
		text += s.First().String()
	}
	return text
}

// dice rolls futures and counts.
type dice struct {
	x          *explainer
	check      string
	rolls      int
	used, left int
	known      map[uint64][]throw // by event
}

// turn doubles the distance back from an event after which all is lost until a re-roll
// escapes, and bisects what lies between. Least is the best throw that is no escape.
//
// That an event leaves no way out is shown by samples; that it leaves one is proved.
// Between two events it is taken for granted that what is inevitable stays so.
func (d *dice) turn(from uint64, least throw) Turn {
	t := Turn{From: from}
	for distance := uint64(1); t.Open == 0 && t.From > 1 && d.can(&t); distance *= 2 {
		if at := from - min(distance, from-1); d.doomed(at, least) {
			t.From = at
		} else {
			t.Open = at
		}
	}
	for t.Open > 0 && t.From-t.Open > 1 && d.can(&t) {
		if mid := t.Open + (t.From-t.Open)/2; d.doomed(mid, least) {
			t.From = mid
		} else {
			t.Open = mid
		}
	}
	if t.Open > 0 && d.x.opt.err() == nil {
		t.Fails = count(d.roll(t.Open, 0, d.rolls), least)
	}
	if event := d.x.w.event(t.From); event != nil {
		t.Line = traceLine(event)
	}
	return t
}

// can tells whether there is budget left for one event.
func (d *dice) can(t *Turn) bool {
	if d.left < d.rolls {
		t.Exhausted = true
	}
	return !t.Exhausted && d.x.opt.err() == nil
}

// doomed tells whether no re-roll from event at on escapes. It stops at the first batch
// that has one which does.
func (d *dice) doomed(at uint64, least throw) bool {
	for n := 0; n < d.rolls; n += batch {
		if list := d.roll(at, n, min(n+batch, d.rolls)); count(list, least) < len(list) {
			return false
		}
	}
	return true
}

func count(list []throw, least throw) (n int) {
	for _, t := range list {
		if t >= least {
			n++
		}
	}
	return n
}

// roll returns what rolls [from, to) of event at came to. The futures of an event are
// drawn from its number, so that two events are judged independently.
func (d *dice) roll(at uint64, from, to int) []throw {
	list := d.known[at]
	have := len(list)
	for len(list) < to {
		list = append(list, throwEscapes)
	}
	d.known[at] = list
	if have < to {
		d.used += to - have
		d.left -= to - have
		each(to-have, func(i int) {
			seed := keyed.New(d.x.plan.Seed).Stream("explain.reroll").Key2(at, uint64(have+i)).Uint64()
			list[have+i] = d.x.reroll(d.check, sim.Reroll{After: at, Seed: seed})
		})
	}
	return list[from:to]
}

// each calls do for 0 to n-1, on all processors. What do finds out must not depend on
// the order.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				do(i)
			}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
