package explore

import (
	"slices"

	"zabsim/sim"
)

// diver is a search by depth under way.
//
// A state that is taken off the stack is expanded at once: its new successors go
// on the stack together, and the last of them is next. So the choices that led to
// what is next are always at hand, and the stack holds no more than the siblings
// along one path.
//
// With a bound, a state may be found first by a long path and too deep to be
// expanded to the bound, and later by a shorter one. So the ledger has the depth
// of each state, and a state that is found again at a smaller depth is expanded
// again. In the end each has its true depth, as levels would give it.
type diver struct {
	m      *space
	p      parts
	packs  packs
	k      *worker
	ledger *ledger // depth of each state, and whether it was expanded
	words  []uint32
	stack  []frame
	path   []sim.Choice
	bound  int // states at this depth are not expanded; 0: none
	start  []uint32

	transitions uint64 // of states that were expanded for the first time
	repeated    uint64
	peak        int
	deepest     int
	result      Result
}

// frame is a state on the stack: where its tuple begins, its depth, and by which
// choice it was found.
type frame struct {
	at, depth int
	choice    sim.Choice
}

// expanded marks, in the ledger, a state that was expanded at least once.
const expanded = 1

func newDiver(cfg Config) *diver {
	d := &diver{m: newSpace(cfg), ledger: newLedger()}
	d.k = newWorker(d.m, &d.p, &d.packs)
	w, start := d.m.start()
	t := d.k.intern(w, &start.Ghost)
	d.start = d.m.encode(nil, &t)
	return d
}

// dfs is a search by depth. Its Depth is the length of the longest path walked.
// PerDepth is known with a bound only.
func dfs(cfg Config) Result {
	d := newDiver(cfg)
	defer d.k.close()
	d.bound = cfg.MaxDepth
	d.dive(false)
	r := d.sum()
	if d.bound == 0 {
		r.PerDepth, r.Depth = nil, d.deepest
	}
	return r
}

// iddfs deepens by some levels at a time. Once there is a violation it looks for a
// shorter path in what it dives through anyway, until there is none.
func iddfs(cfg Config) Result {
	d := newDiver(cfg)
	defer d.k.close()
	for {
		d.bound += 4 + d.bound/4
		last := cfg.MaxDepth > 0 && d.bound >= cfg.MaxDepth
		if last {
			d.bound = cfg.MaxDepth
		}
		d.dive(true)
		r := d.sum()
		if last || r.Violation != nil || r.Complete || d.spent() {
			return r
		}
		d.repeated += d.transitions
	}
}

// dive searches from the start to the bound. With shortest set it goes on after a
// violation and keeps the shortest path; else it ends there.
func (d *diver) dive(shortest bool) {
	d.ledger.empty()
	d.transitions, d.path = 0, d.path[:0]
	d.words = append(d.words[:0], d.start...)
	d.stack = append(d.stack[:0], frame{})
	d.k.load(d.words)
	val, _ := d.ledger.at(d.k.from.sum.Hash())
	*val = 0
	for len(d.stack) > 0 && !d.spent() && (shortest || d.result.Violation == nil) {
		d.next()
	}
}

func (d *diver) spent() bool {
	return d.m.cfg.stopped() || d.m.cfg.MaxStates > 0 && uint64(d.ledger.n) >= d.m.cfg.MaxStates
}

// next takes a state off the stack and expands it.
func (d *diver) next() {
	k := d.k
	d.peak = max(d.peak, len(d.words))
	f := d.stack[len(d.stack)-1]
	d.stack = d.stack[:len(d.stack)-1]
	k.load(d.words[f.at:])
	d.words = d.words[:f.at]
	if f.depth > 0 {
		d.path = append(d.path[:f.depth-1], f.choice)
	}
	if d.bound > 0 && f.depth >= d.bound {
		return // the bound fell since: a violation was found
	}
	val, _ := d.ledger.at(k.from.sum.Hash())
	if int(*val>>1) != f.depth {
		return // found again, higher up, and expanded there
	}
	again := *val&expanded != 0
	*val |= expanded
	before := k.moves
	k.choices = k.world.Enabled(k.choices[:0], d.m.cfg.Options)
	for _, c := range k.choices {
		k.try(c)
		if k.violation != nil {
			d.violated(c, f.depth+1)
			k.retract()
			break // every other choice here leads as deep
		}
		d.visit(c, f.depth+1)
		k.retract()
	}
	if again {
		d.repeated += k.moves - before
	} else {
		d.transitions += k.moves - before
	}
}

// visit enters the successor, and puts it on the stack if it is to be expanded.
func (d *diver) visit(c sim.Choice, depth int) {
	val, fresh := d.ledger.at(d.k.to.sum.Hash())
	switch {
	case fresh:
		*val = uint32(depth) << 1
	case d.bound == 0 || int(*val>>1) <= depth:
		return
	default:
		*val = uint32(depth)<<1 | *val&expanded
	}
	d.deepest = max(d.deepest, depth)
	if d.bound == 0 || depth < d.bound {
		d.stack = append(d.stack, frame{len(d.words), depth, c})
		d.words = d.m.encode(d.words, &d.k.to)
	}
}

// violated keeps a violation and its path. The bound falls, so that what is found
// from now on is shorter.
func (d *diver) violated(c sim.Choice, depth int) {
	r := &d.result
	r.Violation, r.Path = d.k.violation, append(slices.Clone(d.path[:depth-1]), c)
	d.k.violation = nil
	d.bound = depth - 1
}

// sum makes the result of the last dive.
func (d *diver) sum() Result {
	r := d.result
	r.States, r.Transitions = uint64(d.ledger.n), d.transitions
	r.Seen = d.k.view.Seen
	r.PerDepth, r.Frontier = nil, 0
	cut := false
	for i, x := range d.ledger.keys {
		if x == 0 {
			continue
		}
		if d.ledger.vals[i]&expanded == 0 {
			r.Frontier++
		}
		depth := int(d.ledger.vals[i] >> 1)
		for depth >= len(r.PerDepth) {
			r.PerDepth = append(r.PerDepth, 0)
		}
		r.PerDepth[depth]++
		cut = cut || d.bound > 0 && depth >= d.bound
	}
	r.Complete = r.Violation == nil && len(d.stack) == 0 && !cut
	r.Depth = len(r.PerDepth)
	if r.Violation != nil {
		r.Depth, r.PerDepth = len(r.Path), nil
	} else if cut {
		r.Depth = d.bound
	}
	r.account(&d.p, d.k)
	r.Work.Repeated = d.repeated
	r.Work.Bytes += d.ledger.bytes() + uint64(4*d.peak)
	return r
}
