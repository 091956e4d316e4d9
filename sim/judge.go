package sim

import (
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// Judge keeps a View for a world that has no Runner: statuses and disk facts are
// read anew at every step. Replays of searches and stories use it.
type Judge struct {
	View invariant.View
	// Whole asks at the end of a role that the tree holds the whole log, as a run
	// does (ZOOKEEPER-2845); without it, that it holds what the log has up to there.
	Whole bool

	status [2][quorum.Slots]zab.Status // after and before the step
	facts  [quorum.Slots]invariant.DiskFacts
}

// Init makes j the judge of an ensemble in which nothing has happened.
func (j *Judge) Init(q *quorum.Config) { j.View.Init(q) }

// Before reads the statuses of w, to which a choice is about to be applied.
func (j *Judge) Before(w *World) {
	for id, s := range w.Servers {
		j.status[1][id] = zab.Status{}
		if s != nil {
			s.StatusInto(&j.status[1][id])
		}
	}
}

// After judges what c, which was just applied to w, did. The order is that of a
// timed run: probes, acknowledgements and disks as they happened, then the
// statuses, then memories that can be compared with their disks.
func (j *Judge) After(w *World, c Choice) {
	v := &j.View
	v.Up = 0
	for id, d := range w.Disks {
		v.Status[id], v.Disk[id] = nil, nil
		if d == nil {
			continue
		}
		d.FactsInto(&j.facts[id])
		v.Disk[id] = &j.facts[id]
		j.status[0][id] = j.status[1][id] // of a server that just crashed: its last
		if s := w.Servers[id]; s != nil {
			s.StatusInto(&j.status[0][id])
			v.Up = v.Up.With(quorum.ServerID(id))
		}
		if j.status[0][id] != (zab.Status{}) {
			v.Status[id] = &j.status[0][id]
		}
	}
	JudgeEvents(v, w.Events, c, &j.status[1][c.Node])
	for rest := w.Touched & v.Up; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); j.status[0][id] != j.status[1][id] || c.Reboots(id) {
			v.Judge(&invariant.Event{Kind: invariant.EvStatus, Server: id})
		}
	}
	for rest := w.Reopens(c); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		e := Reopen(id, w.Servers[id], w.Disks[id], &j.status[0][id], j.Whole)
		v.Judge(&e)
	}
}

// JudgeEvents lets v judge what c did, event by event. Of a reboot v sees the end of
// the old process as that of a crash, with the status that the server had: last.
func JudgeEvents(v *invariant.View, events []invariant.Event, c Choice, last *zab.Status) {
	i := 0
	if c.Kind == ChoiceReboot {
		up, now := v.Up, v.Status[c.Node]
		v.Up, v.Status[c.Node] = up.Without(c.Node), last
		for ; i < len(events) && events[i].Kind != invariant.EvProbe; i++ {
			v.Judge(&events[i])
		}
		v.Up, v.Status[c.Node] = up, now
	}
	for ; i < len(events); i++ {
		v.Judge(&events[i])
	}
}

// Reboots tells whether c is a reboot of server id.
func (c Choice) Reboots(id quorum.ServerID) bool { return c.Kind == ChoiceReboot && c.Node == id }

// Reopens returns the servers whose disk must give what they have in memory, now
// that c was applied: those that just started, or whose log writer has just
// drained.
func (w *World) Reopens(c Choice) (set quorum.Set) {
	if (c.Kind == ChoiceRestart || c.Kind == ChoiceReboot) && w.Servers[c.Node] != nil {
		set = set.With(c.Node)
	}
	for i := range w.Events {
		e := &w.Events[i]
		if e.Kind == invariant.EvProbe && e.Probe.Kind == zab.ProbeDrained && w.Servers[e.Server] != nil {
			set = set.With(e.Server)
		}
	}
	return set
}

// Reopen reads a disk from scratch, as after a crash that loses nothing: the whole
// of it, or what it has up to the last transaction in memory.
func Reopen(id quorum.ServerID, s *zab.Server, d *Disk, st *zab.Status, whole bool) invariant.Event {
	boot, err := zab.Recover(d.Image(true))
	if err != nil {
		return invariant.Event{Kind: invariant.EvProbe, Server: id,
			Probe: zab.Probe{Kind: zab.ProbeIllegal, Flag: zab.FlagDisk, Reason: "its disk can't be reopened: " + err.Error()}}
	}
	sm, last, chain := boot.RebuildTo(st.Applied)
	if whole {
		sm, last, chain, _ = boot.Rebuild()
	}
	e := invariant.Event{Kind: invariant.EvReopen, Server: id}
	e.Mem = invariant.Facts{Zxid: st.Applied, Chain: st.AppliedChain, Digest: s.Machine().Digest()}
	e.Reopened = invariant.Facts{Zxid: last, Chain: chain, Digest: sm.Digest()}
	return e
}
