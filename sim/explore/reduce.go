package explore

import (
	"fmt"
	"slices"

	"zabsim/sim"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Reduction says which transitions a search leaves out.
type Reduction uint8

// The reductions.
const (
	ReduceNone Reduction = iota
	// ReduceSleep leaves out transitions that lead to a state which other
	// transitions lead to as well, just as soon. All states are visited.
	ReduceSleep
	// ReduceAmple leaves out states, too: in some, one choice is made alone. Verdicts
	// and the statuses that servers reach are the same.
	ReduceAmple
)

var reductionNames = [...]string{"none", "sleep", "ample"}

// String returns "none", "sleep" or "ample".
func (r Reduction) String() string { return reductionNames[r] }

// ParseReduction reads what String writes.
func ParseReduction(text string) (Reduction, error) {
	if i := slices.Index(reductionNames[:], text); i >= 0 {
		return Reduction(i), nil
	}
	return 0, fmt.Errorf("%q is no reduction; none, sleep and ample are", text)
}

// act is a choice together with what decides whether it commutes with others. Both
// depend on the state, but not on what independent choices do to it: they leave the
// servers, clients and disks at its ends alone, and what it will read.
type act struct {
	choice sim.Choice
	ends   uint32 // whom it reads and writes, as in endsOf
	reach  uint32 // and whose statuses the checks read when they judge it
	manner manner
}

// manner is how a choice looks to the judge.
type manner uint8

const (
	visible manner = 1 << iota // something is judged
	loud                       // and it reads or changes what all servers share
	alone                      // it may concern anybody
)

// ends returns whom a choice concerns beyond what its memo has to know: a server
// that dials takes the first free slot to its leader, and the leader's end may free
// one.
func (k *worker) ends(c sim.Choice) (ends uint32, m manner) {
	switch c.Kind {
	case sim.ChoiceDeliver, sim.ChoiceConnect, sim.ChoiceDisk, sim.ChoiceLane, sim.ChoiceCrash, sim.ChoiceRestart, sim.ChoiceReboot, sim.ChoiceElect:
		return k.m.endsOf(c, &k.from), 0
	case sim.ChoiceTimer:
		return k.m.endsOf(c, &k.from) | k.leaderOf(int(c.Node)), 0
	case sim.ChoiceClient:
		if c.Alt == uint8(sim.ActNext) {
			return k.m.endsOf(c, &k.from), 0
		}
		// A dial wants some server that serves, whichever, and a free slot to one.
	}
	return 0, alone
}

// leaderOf returns the server that id follows, as a set.
func (k *worker) leaderOf(id int) uint32 {
	if n := k.from.servers[id]; n != 0 {
		return uint32(quorum.Of(k.p.servers.get(n).item.status.Leader))
	}
	return 0
}

// actOf says what the choice that was just tried is.
func (k *worker) actOf(c sim.Choice) act {
	a := act{choice: c}
	a.ends, a.manner = k.ends(c)
	a.reach = k.reachOf(a.ends)
	if k.move.events != 0 || k.move.reopens != 0 || k.changed(c) != 0 {
		a.manner |= visible
	}
	if k.p.events.hash(k.move.events)&loudEvents != 0 || k.move.reopens != 0 {
		a.manner |= loud
	}
	return a
}

// reachOf returns ends, and the leaders of the servers among them.
func (k *worker) reachOf(ends uint32) uint32 {
	reach := ends
	for id := 1; id <= k.m.servers; id++ {
		if ends&uint32(quorum.Of(quorum.ServerID(id))) != 0 {
			reach |= k.leaderOf(id)
		}
	}
	return reach
}

// independent tells whether two choices that are possible in a state commute there:
// neither makes the other impossible, both orders lead to the same state, and one
// order breaks a promise only if the other does, or if a state on the way is bad in
// itself.
//
// World: they have no end in common. A choice reads and writes its ends alone, but
// for connections, where it works on its own end; the reader takes from the head of
// a queue what the writer appends to its tail. Closing is a flag of either end, and
// whichever comes second frees the slot. TestIndependentChoicesCommute tries this.
//
// Budget: both can be paid.
//
// Judge: the checks read the event, the statuses, the disks, and the ghost. An
// invisible choice changes none of them, and has nothing to be judged. Of two
// visible ones neither may be loud. What is left is changes of statuses and of disks,
// epochs sent, acknowledgements of proposals and crashes: the ghost keeps these by
// server. Their checks look at the server itself, at its leader, which is why one
// must not lie in the other's reach; or they are leadership-1 and
// committed-survives, which speak of the state and are judged whenever one of the
// statuses or disks that they read changes. These two see a bad state whatever the
// path to it, and all states are visited.
func independent(m *space, b sim.Budget, x, y *act) bool {
	if (x.manner|y.manner)&alone != 0 || x.ends&y.ends != 0 || !affordable(b, x.choice.Kind, y.choice.Kind) {
		return false
	}
	if x.manner&y.manner&visible == 0 {
		return true
	}
	return (x.manner|y.manner)&loud == 0 && x.ends&y.reach == 0 && y.ends&x.reach == 0
}

// affordable tells whether a budget has room for both choices.
func affordable(b sim.Budget, x, y sim.ChoiceKind) bool {
	if x != y {
		return true
	}
	switch x {
	case sim.ChoiceCrash:
		return b.Crashes > 1
	case sim.ChoiceRestart:
		return b.Restarts > 1
	case sim.ChoiceReboot:
		return b.Reboots > 1
	case sim.ChoiceTimer: // free ones are rare
		return b.Timeouts > 1
	}
	return true
}

// loudEvents is the bit of hashEvents that says whether one of the events is loud.
const loudEvents = 2

// isLoud tells whether a check of the event, or what the ghost learns from it, has
// to do with more than the server, its disk and its leader. What is not listed as
// quiet is loud.
func isLoud(e *invariant.Event) bool {
	switch e.Kind {
	case invariant.EvDisk, invariant.EvStatus, invariant.EvPromise, invariant.EvCrash:
		return false
	case invariant.EvAck:
		return e.Zxid.Counter() == 0 // of NEWLEADER: logs are compared
	case invariant.EvProbe:
		switch e.Probe.Kind {
		case zab.ProbeRole, zab.ProbeSelfAck, zab.ProbeReplace, zab.ProbeSnapshot, zab.ProbePurge, zab.ProbeOverflow, zab.ProbeAdopt:
			return false
		}
	}
	return true
}
