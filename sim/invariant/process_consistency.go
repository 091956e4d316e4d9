package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
)

// pair is two histories of which one was found to be a prefix of the other.
type pair struct{ short, long Point }

// The promise begins when the learner's currentEpoch is that of its leader, so that
// it is about to acknowledge NEWLEADER, and ends with its role.
var processConsistency = Check{
	Name:   "process-consistency",
	Doc:    "The log of a learner that has accepted NEWLEADER is a prefix of what its leader began with and has broadcast since.",
	Source: "protocol.md 17.2, processConsistency; ZOOKEEPER-2845, ZOOKEEPER-4712, ZOOKEEPER-1154",
	events: []EventKind{EvAck, EvStatus},
	run:    checkProcessConsistency,
}

func checkProcessConsistency(v *View, e *Event) {
	id := e.Server
	if e.Kind == EvAck && e.Zxid.Counter() != 0 || !v.settled(id) {
		return
	}
	st := v.Status[id]
	long, ok := v.broadcastBy(st)
	p := pair{Point{st.LastLogged, st.LogChain}, long}
	if !ok || st.Leader == id || p == v.prefix[id] {
		return
	}
	if p.short == p.long || v.covers(p.long, p.short) {
		v.prefix[id] = p
		return
	}
	v.fail(quorum.Of(id, st.Leader), p.short.Zxid, fmt.Sprintf("%v follows %v in epoch %d with a log up to %v, which is no prefix of what %v has up to %v",
		id, st.Leader, st.Epoch, p.short.Zxid, st.Leader, p.long.Zxid))
}

// settled tells whether server id is a member of its leader's epoch, past NEWLEADER.
func (v *View) settled(id quorum.ServerID) bool {
	st := v.Status[id]
	return st != nil && v.Up.Has(id) && st.Leader != 0 && !st.Stopping && st.Phase >= zab.PhaseSynchronization &&
		st.Epoch != 0 && st.CurrentEpoch == st.Epoch
}

// broadcastBy returns the history that a server's leader began with, and what it has
// broadcast since it was established.
func (v *View) broadcastBy(st *zab.Status) (Point, bool) {
	if r := v.Ghost.ReignOf(st.Epoch, st.Leader); r != nil && r.Leader == st.Leader {
		return r.Tip, true
	}
	return v.initialHistory(st.Leader, st.Epoch)
}
