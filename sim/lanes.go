package sim

import (
	"math/bits"

	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// laneRuns is what the runner keeps of a server's lanes at grain threads.
type laneRuns struct {
	waiting zab.Lanes // have work and a time to do it
	gen     [32]uint32
	runs    [32]uint64 // by lane: turns drawn so far
}

// offerLanes gives each lane that has work a time to do it. A lane that is
// waiting keeps its time; one that has lost its work loses it.
func (r *Runner) offerLanes(touched quorum.Set) {
	for rest := touched; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		s := r.World.Servers[id]
		if s == nil {
			continue
		}
		l := &r.lanes[id]
		can := s.Runnable()
		fresh := can &^ l.waiting
		l.waiting = can
		for ; fresh != 0; fresh &= fresh - 1 {
			lane := bits.TrailingZeros32(uint32(fresh))
			l.gen[lane]++
			l.runs[lane]++
			if r.act2 {
				r.med.threadSlow = 0 // what slows threads down stops, too
			}
			at := r.now.Add(r.med.turn(uint64(id), uint64(lane), l.runs[lane]))
			r.push(at, Choice{Kind: ChoiceLane, Node: id, Alt: uint8(lane)}, l.gen[lane], r.events)
		}
	}
}

// turn tells whether a lane's time is still its own, and takes it.
func (r *Runner) turn(e *entry) bool {
	l := &r.lanes[e.choice.Node]
	bit := zab.Lanes(1) << e.choice.Alt
	if l.waiting&bit == 0 || l.gen[e.choice.Alt] != e.gen {
		return false
	}
	l.waiting &^= bit
	return true
}

// turn returns how long the k-th turn of a lane is in coming. Lanes of a server
// differ: each has a pace of its own for the whole run, as a thread has that shares
// its core with busier ones. Once in a while a thread is not scheduled for long: the
// longer that may be the rarer it is, so that a run loses about as much time whatever
// the limit.
func (m *medium) turn(node, lane, k uint64) host.Duration {
	pace := host.Duration(m.lane.Key2(node, lane).Skewed(1, 8))
	d := m.lane.Key3(node, lane, k)
	after := pace * host.Duration(d.Skewed(int64(laneMin), int64(laneMax)))
	if d = d.Next(); m.threadSlow > 0 && d.Chance(1, 8*uint64(m.threadSlow)) {
		after += host.Duration(d.Next().Between(0, int64(m.threadSlow*host.Millisecond)))
	}
	return after
}
