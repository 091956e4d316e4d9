package sim

import (
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// suffer applies the choices that only faults make.
func (w *World) suffer(c Choice) {
	switch c.Kind {
	case ChoiceRefuse:
		conn := w.Conns[c.Arg]
		w.free(int(c.Arg))
		w.dialRefused(conn.A, conn.B, conn.Plane)
	case ChoicePause:
		w.Paused = w.Paused.With(c.Node)
	case ChoiceResume:
		w.Paused = w.Paused.Without(c.Node)
	case ChoiceFreeze:
		w.Frozen = w.Frozen.With(int(c.Arg))
	case ChoiceThaw:
		w.Frozen = w.Frozen.Without(int(c.Arg))
	case ChoiceClock:
		w.changeClock(c)
	case ChoiceDamage:
		w.damage(c)
	}
}

// trouble is what the faults of a run do to the medium now. All of it is gone in
// the second act.
type trouble struct {
	links   [quorum.Slots][quorum.Slots]uint32 // by how much the factor of a link's latency, from and to, exceeds 1
	disks   [quorum.Slots]diskTrouble
	refuse  [quorum.Slots][planes]uint8 // how many faults refuse dials to a server
	pauses  [quorum.Slots]uint8         // how many faults pause a server
	freezes []int                       // how many faults freeze a client
	parked  [][]entry                   // what came due for an end that hangs
	fuses   []fuse                      // links whose connections will be reset
	tears   []armedFault                // faults that wait for an fsync of the log
	syncs   []syncWatch                 // faults that wait for a synchronization
}

const planes = zab.PlaneClient + 1

// calm ends all that faults do to the medium, for the second act. What waits is let
// go, so that nothing of the first act lasts.
func (r *Runner) calm() {
	r.fuses, r.tears, r.syncs = nil, nil, nil
	for k := range r.faults {
		r.resetLost(k)
	}
	all := r.World.setup.Quorum.All()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		r.refuse[id] = [planes]uint8{}
		r.disks[id].failing, r.disks[id].full = 0, 0
		r.setRate(id, 0)
		r.step(id, int32(-r.World.Clocks[id].Wall/int64(host.Millisecond)))
		r.setLying(id, false)
		if r.pauses[id] > 0 {
			r.resume(id)
		}
	}
	r.thawAll()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		r.setDiskSlow(id, 0)
		for to := all; to != 0; to = to.Without(to.First()) {
			r.setLinkSlow(id, to.First(), 0)
		}
	}
}
