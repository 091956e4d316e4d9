package explain

import (
	"context"
	"fmt"

	"zabsim/internal/fp"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// contextLines is how many common events are shown before two runs part.
const contextLines = 6

// DiffOptions say how to compare.
type DiffOptions struct {
	// Context ends the work early, with its error; nil: nothing does.
	Context context.Context
}

// Difference is where two runs part.
type Difference struct {
	Plans []PlanDiff `json:"plans,omitempty"` // what differs in the two plans
	// More is how many differences of plans there are beyond Plans.
	More   int       `json:"plansMore,omitempty"`
	Equal  bool      `json:"equal"`
	Events [2]uint64 `json:"events"` // that each run was compared by
	// Before are the last events that both have.
	Before []string `json:"before,omitempty"`
	// A and B are the first events that differ; "" where a run has ended.
	A string `json:"a,omitempty"`
	B string `json:"b,omitempty"`
	// Hidden is an event before that, by which the worlds behind equal events were no
	// longer the same; 0 if none is known.
	Hidden uint64 `json:"hidden,omitempty"`
	// States is how servers differ there.
	States []StateDiff `json:"states,omitempty"`
}

// StateDiff is a fact of a server that differs between two runs.
type StateDiff struct {
	Server string `json:"server"`
	Fact   string `json:"fact"`
	A      string `json:"a"`
	B      string `json:"b"`
}

// SamePlan tells whether both plans say the same, apart from what they expect.
func (d *Difference) SamePlan() bool { return len(d.Plans) == 0 }

// facts are the facts of one server by name, in the order of factNames.
type serverFacts [len(factNames)]string

var factNames = [...]string{"up", "role", "epoch", "acceptedEpoch", "currentEpoch", "log in memory", "applied", "committed",
	"acceptedEpoch on disk", "currentEpoch on disk", "log on disk", "snapshot on disk"}

func factsOf(r *sim.Runner, id quorum.ServerID) serverFacts {
	s := stateOf(r, id)
	return serverFacts{fmt.Sprint(s.Up), s.Role, fmt.Sprint(s.Epoch), fmt.Sprint(s.Accepted), fmt.Sprint(s.Current), dash(s.Logged), dash(s.Applied),
		dash(s.Committed), fmt.Sprint(s.DiskAccepted), fmt.Sprint(s.DiskCurrent), s.DiskLog, s.Snapshot}
}

// happening is an event of one of two runs, and what it changed.
type happening struct {
	event       trace.Event
	fingerprint fp.Hash
	changed     quorum.Set
	facts       [quorum.Slots]serverFacts // of the changed ones
}

// pace runs one plan event by event. A step of the runner may be several events.
type pace struct {
	run   *sim.Runner
	ahead []happening
	head  int
	now   [quorum.Slots]serverFacts // of the newest event made
	shown [quorum.Slots]serverFacts // of the newest event taken
	taken uint64
}

func newPace(p *plan.Plan) *pace {
	w := &pace{}
	w.run = scenarios.NewRunner(p, scenarios.Settings{Sink: w})
	for rest := w.run.View.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		w.now[rest.First()] = factsOf(w.run, rest.First())
	}
	w.shown = w.now
	return w
}

// Event keeps an event until it is taken.
func (w *pace) Event(e *trace.Event, fingerprint fp.Hash, _ []trace.Delta) {
	h := happening{event: *e, fingerprint: fingerprint}
	for rest := w.run.View.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if !w.run.World.Touched.Has(id) && trace.Node(id) != e.Node {
			continue
		}
		if f := factsOf(w.run, id); f != w.now[id] {
			w.now[id] = f
			h.changed, h.facts[id] = h.changed.With(id), f
		}
	}
	w.ahead = append(w.ahead, h)
}

// next takes the next event, nil when the run has ended.
func (w *pace) next() *happening {
	for w.head == len(w.ahead) {
		w.ahead, w.head = w.ahead[:0], 0
		if !w.run.Step() {
			return nil
		}
	}
	h := &w.ahead[w.head]
	w.head++
	w.taken++
	for rest := h.changed; rest != 0; rest = rest.Without(rest.First()) {
		w.shown[rest.First()] = h.facts[rest.First()]
	}
	return h
}

// Diff runs two plans in lock step up to the first event that differs. The error is
// that of the context, or of a plan that plan.Plan.Check refuses.
func Diff(a, b *plan.Plan, o DiffOptions) (*Difference, error) {
	d := &Difference{}
	var err error
	if d.Plans, d.More, err = diffPlans(a, b); err != nil {
		return nil, err
	}
	x, y := newPace(a), newPace(b)
	defer x.run.Close()
	defer y.run.Close()
	for {
		if o.Context != nil && o.Context.Err() != nil {
			return nil, o.Context.Err()
		}
		p, q := x.next(), y.next()
		if p == nil && q == nil {
			d.Equal, d.Events = d.Hidden == 0, [2]uint64{x.taken, y.taken}
			return d, nil
		}
		if p != nil && q != nil && p.reads(q) && (p.fingerprint == q.fingerprint || !d.SamePlan()) {
			if p.fingerprint != q.fingerprint && d.Hidden == 0 {
				d.Hidden = p.event.ID
			}
			if d.Before = append(d.Before, traceLine(&p.event)); len(d.Before) > contextLines {
				d.Before = d.Before[1:]
			}
			continue
		}
		if p != nil {
			d.A = traceLine(&p.event)
		}
		if q != nil {
			d.B = traceLine(&q.event)
		}
		d.Events = [2]uint64{x.taken, y.taken}
		d.compare(x, y)
		return d, nil
	}
}

// reads tells whether two events read the same, and did the same to the servers.
func (h *happening) reads(o *happening) bool {
	return h.event == o.event && h.changed == o.changed && h.facts == o.facts
}

// compare lists how the servers differ after the events that differ.
func (d *Difference) compare(x, y *pace) {
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		for i, name := range factNames {
			if p, q := dash(x.shown[id][i]), dash(y.shown[id][i]); p != q { // a server that is not there has no value, too
				d.States = append(d.States, StateDiff{id.String(), name, p, q})
			}
		}
	}
}
