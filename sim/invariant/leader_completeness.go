package invariant

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// The last acknowledgement of NEWLEADER may arrive when a leader of a later epoch
// is established already. Such a late leader lacks what was committed since, and
// it must: the later one began with all of its history, and commits nothing of
// an earlier epoch that it lacks.
var leaderCompleteness = Check{
	Name:   "leader-completeness",
	Doc:    "The history with which a leader is established holds all that leaders of earlier epochs commit, before or after, and is a prefix of the histories of later leaders.",
	Source: "EuroSys'25 I-8; protocol.md 17.2, leaderLogCompleteness; ZOOKEEPER-3911, ZOOKEEPER-4643",
	probes: []zab.ProbeKind{zab.ProbeEstablish, zab.ProbeCommit},
	run:    checkLeaderCompleteness,
}

func checkLeaderCompleteness(v *View, e *Event) {
	g, p, id := &v.Ghost, &e.Probe, e.Server
	if p.Kind == zab.ProbeCommit {
		if v.at >= 0 && g.superseded(p.Zxid.Epoch()) && !g.marked(v.at, Committed) {
			next := g.Reigns[g.firstAfter(p.Zxid.Epoch())]
			v.fail(quorum.Of(id, next.Leader), p.Zxid, fmt.Sprintf("%v commits %v, which %v lacks since it became leader of epoch %d", id, p.Zxid, next.Leader, next.Epoch))
		}
		return
	}
	if g.superseded(p.Epoch) {
		v.checkLateLeader(e)
		return
	}
	complete := p.Zxid >= g.Committed.Zxid
	if v.at != absent {
		complete = g.leadsThrough(v.at, g.Committed)
	}
	if !complete {
		v.fail(quorum.Of(id), g.Committed.Zxid, fmt.Sprintf("%v leads epoch %d with a history up to %v that lacks the committed %v", id, p.Epoch, p.Zxid, g.Committed.Zxid))
	}
}

// checkLateLeader judges a leader that is established after one of a later epoch.
func (v *View) checkLateLeader(e *Event) {
	g, p, id := &v.Ghost, &e.Probe, e.Server
	if !g.marked(v.at, Committed) {
		v.fail(quorum.Of(id), p.Zxid, fmt.Sprintf("%v leads epoch %d with a history up to %v that is no prefix of a later leader's", id, p.Epoch, p.Zxid))
		return
	}
	for i := max(v.at, atBase) + 1; i < len(g.Proposals); i++ {
		next := &g.Proposals[i]
		if !next.Marks.has(Committed) || next.Zxid <= p.Zxid {
			continue
		}
		if next.Zxid.Epoch() <= p.Epoch {
			v.fail(quorum.Of(id), next.Zxid, fmt.Sprintf("%v leads epoch %d with a history up to %v that lacks the committed %v", id, p.Epoch, p.Zxid, next.Zxid))
		}
		return
	}
}

// firstAfter returns the index of the first reign later than e; there must be one.
func (g *Ghost) firstAfter(e zxid.Epoch) int {
	i := len(g.Reigns) - 1
	for i > 0 && g.Reigns[i-1].Epoch > e {
		i--
	}
	return i
}
