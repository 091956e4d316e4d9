package invariant

import (
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// learn teaches the ghost what e tells.
func (v *View) learn(e *Event) {
	switch e.Kind {
	case EvProbe:
		v.learnProbe(e)
	case EvStatus:
		v.learnStatus(e.Server)
	case EvDisk:
		if d := v.Disk[e.Server]; d != nil {
			v.Ghost.Epochs[e.Server].Accepted, v.Ghost.Epochs[e.Server].Current = d.Accepted, d.Current
		}
	case EvCrash:
		v.learnCrash(e.Server)
	}
}

func (v *View) learnProbe(e *Event) {
	g, p := &v.Ghost, &e.Probe
	switch p.Kind {
	case zab.ProbePropose:
		g.propose(e.Server, p.Txn)
	case zab.ProbeCommit:
		v.Seen |= SeenCommit
		if g.superseded(p.Zxid.Epoch()) {
			v.Seen |= SeenLateCommit
		}
		if p.Txn != nil && p.Txn.Op == txn.OpError {
			v.Seen |= SeenErrorTxn
		}
		if d := v.Disk[e.Server]; d != nil && !d.Reaches(p.Zxid) {
			v.Seen |= SeenCommitBeforeOwnSync
		}
		g.decide(v.at, p.Zxid.Epoch())
	case zab.ProbeDeliver:
		g.deliver(e.Server, v.at, Point{p.Zxid, p.Chain})
		g.digest(v.at, p)
		v.Seen |= v.seenOfDelivery(e.Server, p)
	case zab.ProbeActive:
		g.activate(e.Server, v.at, Point{p.Zxid, p.Chain})
		g.digest(v.at, p)
	case zab.ProbeEstablish:
		v.learnEstablish(e.Server, p)
	case zab.ProbeDrained:
		g.Served[e.Server] = Point{}
	case zab.ProbeSync:
		v.Seen |= v.seenOfSync(e.Server, p)
	case zab.ProbeSnapshot, zab.ProbePurge, zab.ProbeOverflow, zab.ProbeAdopt:
		v.Seen |= seenOfProbe(p)
	case zab.ProbeIllegal:
		v.Seen |= SeenIllegal
	}
}

// propose inserts t, broadcast by an established leader on top of what it
// broadcast before. A server that no quorum made a leader broadcasts nothing
// that counts.
func (g *Ghost) propose(leader quorum.ServerID, t *txn.Txn) {
	r := g.ReignOf(t.Zxid.Epoch(), leader)
	if r == nil || r.Leader != leader {
		return
	}
	prev := r.Tip
	for i := g.find(prev, len(g.Proposals)-1); i >= 0 && prev.Zxid >= t.Zxid; {
		i = g.parent(i) // a zxid twice: a bug, told apart by content
		prev = g.point(max(i, atBase))
	}
	p := Proposal{Zxid: t.Zxid, Prev: prev.Chain, Chain: zab.ChainNext(prev.Chain, t)}
	r.Tip = Point{p.Zxid, p.Chain}
	i := g.seek(p.Zxid, len(g.Proposals)-1)
	for i < len(g.Proposals) && g.Proposals[i].Zxid == p.Zxid && g.Proposals[i].Chain < p.Chain {
		i++
	}
	if i < len(g.Proposals) && g.Proposals[i].Zxid == p.Zxid && g.Proposals[i].Chain == p.Chain {
		return
	}
	g.Proposals = append(g.Proposals, p)
	if i < len(g.Proposals)-1 {
		copy(g.Proposals[i+1:], g.Proposals[i:])
		g.Proposals[i] = p
	}
}

// decide marks history i, decided by the leader of epoch e, and extends the
// committed path if that is where it leads. What a leader decides after a later
// one was established must be on the path already; if it is not, the check
// leader-completeness tells, and the path stays.
func (g *Ghost) decide(i int, e zxid.Epoch) {
	j := i
	for j >= 0 && !g.Proposals[j].Marks.has(Committed) {
		g.Proposals[j].Marks |= Decided
		j = g.parent(j)
	}
	if i < 0 || j == i || j == absent || g.point(j) != g.Committed || g.superseded(e) {
		return
	}
	for k := i; k != j; k = g.parent(k) {
		g.Proposals[k].Marks |= Committed
	}
	g.Committed = g.point(i)
}

// digest keeps the first digest that is known of history i.
func (g *Ghost) digest(i int, p *zab.Probe) {
	if i >= 0 && g.Proposals[i].Digest == 0 && g.Proposals[i].Chain == p.Chain {
		g.Proposals[i].Digest = p.Digest
	}
}

// deliver marks what a server applied as committed.
func (g *Ghost) deliver(id quorum.ServerID, i int, p Point) {
	g.Served[id] = p
	if i >= 0 {
		g.Proposals[i].Marks |= Delivered
		if p.Zxid > g.Delivered.Zxid {
			g.Delivered = g.point(i)
		}
	}
}

// activate marks what a server shows from its first moment on.
func (g *Ghost) activate(id quorum.ServerID, i int, p Point) {
	g.Served[id] = p
	if i >= 0 && p.Zxid > g.Delivered.Zxid {
		g.Delivered = p
	}
	for i >= 0 && !g.Proposals[i].Marks.has(Delivered) {
		g.Proposals[i].Marks |= Delivered
		i = g.parent(i)
	}
}

// learnEstablish enters a reign and commits its initial history.
func (v *View) learnEstablish(leader quorum.ServerID, p *zab.Probe) {
	g := &v.Ghost
	v.Seen |= SeenEstablished
	if n := len(g.Reigns); n > 0 && g.Reigns[n-1].Epoch != p.Epoch {
		v.Seen |= SeenSecondLeader
	}
	if g.superseded(p.Epoch) {
		v.Seen |= SeenLateEstablish
	}
	if v.at >= 0 && !g.marked(v.at, Committed) {
		v.Seen |= SeenCommitByEstablish
	}
	g.decide(v.at, p.Epoch)
	start := Point{p.Zxid, p.Chain}
	if r := g.ReignOf(p.Epoch, leader); r != nil && r.Leader == leader {
		r.Start, r.Tip = start, start
		return
	}
	g.Reigns = append(g.Reigns, Reign{Epoch: p.Epoch, Leader: leader, Start: start, Tip: start})
	for i := len(g.Reigns) - 1; i > 0 && g.Reigns[i].before(&g.Reigns[i-1]); i-- {
		g.Reigns[i], g.Reigns[i-1] = g.Reigns[i-1], g.Reigns[i]
	}
}

func (r *Reign) before(other *Reign) bool {
	return r.Epoch < other.Epoch || r.Epoch == other.Epoch && r.Leader < other.Leader
}

func (v *View) learnStatus(id quorum.ServerID) {
	st := v.Status[id]
	if st == nil {
		return
	}
	e := &v.Ghost.Epochs[id]
	e.MemAccepted, e.MemCurrent = st.AcceptedEpoch, st.CurrentEpoch
	if st.Serving && v.Quorum.Observers.Has(id) {
		v.Seen |= SeenObserverServed
	}
	if st.Leader != id || v.Seen&SeenTwoLeaders != 0 || !v.leads(id) {
		return
	}
	for rest := v.Up.Without(id); rest != 0; rest = rest.Without(rest.First()) {
		if v.leads(rest.First()) {
			v.Seen |= SeenTwoLeaders
		}
	}
}

func (v *View) learnCrash(id quorum.ServerID) {
	g := &v.Ghost
	g.Served[id] = Point{}
	g.Epochs[id].MemAccepted, g.Epochs[id].MemCurrent = 0, 0
	v.Seen |= SeenCrash
	st, d := v.Status[id], v.Disk[id]
	if st == nil || d == nil {
		return
	}
	if last, _ := d.Last(); st.LastLogged > last {
		v.Seen |= SeenCrashWithTail
	}
	if st.Leader == id && st.Serving {
		v.Seen |= SeenCrashOfLeader
	}
	v.Seen |= seenOfStep(st.Step)
}
