package sim

import (
	"zabsim/election"
	"zabsim/linearizability/history"
	"zabsim/sim/client"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// looks tells whether the statuses are to be read after this event: always, unless
// the checks are sampled; then at every k-th event, and whenever a server has
// something to say or has crashed.
func (r *Runner) looks() bool {
	k := uint64(r.View.Sample)
	if k <= 1 || r.events%k == 0 || r.sink != nil {
		return true
	}
	for i := range r.World.Events {
		if e := &r.World.Events[i]; e.Kind == invariant.EvCrash || e.Kind == invariant.EvProbe && e.Probe.Kind >= zab.ProbeActive {
			return true
		}
	}
	return false
}

// refresh updates the statuses of the servers that were touched.
func (r *Runner) refresh() {
	w := r.World
	touched := r.stale
	r.stale = 0
	for rest := touched; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		s := w.Servers[id]
		if s == nil {
			r.View.Up = r.View.Up.Without(id)
			r.leading = r.leading.Without(id)
			continue
		}
		r.View.Up = r.View.Up.With(id)
		s.StatusInto(&r.scratch)
		if r.scratch == r.status[id] {
			continue
		}
		if r.sink != nil {
			r.statusDelta(id, &r.status[id], &r.scratch)
		}
		r.status[id] = r.scratch
		r.watchJoins()
		r.leading = r.leading.Without(id)
		if r.scratch.State == election.Leading {
			r.leading = r.leading.With(id)
		}
		w.event(invariant.EvStatus, id)
	}
}

func (r *Runner) judge(e *invariant.Event) {
	switch e.Kind {
	case invariant.EvDisk, invariant.EvCrash:
		r.World.Disks[e.Server].FactsInto(&r.facts[e.Server])
	case invariant.EvProbe:
		switch e.Probe.Kind {
		case zab.ProbeRole:
			if st := &r.status[e.Server]; st.State == election.Leading && st.Phase == zab.PhaseDiscovery && !st.Stopping {
				r.counts.Elections++
			}
			r.roleChanged()
		case zab.ProbeEstablish:
			r.counts.Epochs++
			r.noteCommit(e.Probe.Zxid)
			r.newest = max(r.newest, e.Probe.Epoch)
			r.roleChanged()
		case zab.ProbePropose:
			if len(r.World.setup.Recipes) > 0 {
				r.proposed = append(r.proposed, e.Probe.Txn)
			}
		case zab.ProbeCommit:
			r.noteCommit(e.Probe.Zxid)
		case zab.ProbeSync:
			r.aimSync(e.Probe.Peer)
		case zab.ProbeDrained:
			r.View.Judge(e)
			r.reopen(e.Server, true)
			return
		}
	}
	r.View.Judge(e)
}

// roleChanged marks the sync-reads under way that a second
// leader makes unreliable (ZOOKEEPER-1675).
func (r *Runner) roleChanged() {
	for i := 1; i < len(r.clients); i++ {
		c := &r.clients[i]
		if c.open >= 0 && r.unvouched(r.World.Clients[i].server) {
			c.deposed = true
		}
		if c.syncs > 0 && r.unvouched(r.World.Clients[i].server) {
			r.doubtSyncs(c)
		}
	}
}

// doubtSyncs marks the syncs that a client's recipe has under way.
func (r *Runner) doubtSyncs(c *clientRun) {
	for _, i := range c.calls {
		if i >= 0 && r.History.Calls[i].Outcome == history.Pending && r.History.Calls[i].Name == client.OpSync.String() {
			r.History.Calls[i].Unvouched = true
		}
	}
}

// unvouched tells whether a read after a sync on server id may be stale: if the
// leader may have been deposed; and on the leader itself, whose sync is no barrier
// (protocol fact 6.5, quirk Q7). At grain atomic a leader applies what it commits at
// once; at grain threads a follower may have applied, and told its client, before
// the leader's own commit processor gets its turn (chaos seed 94 showed a read that
// missed such a write).
func (r *Runner) unvouched(id quorum.ServerID) bool {
	if r.World.setup.Grain == plan.GrainThreads && r.leading.Has(id) {
		return true
	}
	return r.otherLeader(id)
}

// otherLeader tells whether the leader of server id may have been deposed: another
// one leads, or one of a later epoch was established. The second is needed too: a
// deposed leader answers syncs even after its successor has died (chaos seed
// 11013 showed a read that missed the successor's writes).
func (r *Runner) otherLeader(id quorum.ServerID) bool {
	if id == 0 || r.status[id].Epoch < r.newest {
		return true
	}
	return r.leading.Without(r.status[id].Leader) != 0
}

// reopen compares a server's memory with its disk read from scratch, as the
// running process would read it. When a role has ended the whole log must be in
// memory (ZOOKEEPER-2845); while a server serves, the log may be ahead by what is
// not committed yet.
func (r *Runner) reopen(id quorum.ServerID, whole bool) {
	s := r.World.Servers[id]
	if logged, _ := s.Log().Last(); !whole && logged < r.status[id].Applied {
		return // a commit may be applied before the own log writer has it (fact 6.2, ZOOKEEPER-4882)
	}
	boot, err := zab.Recover(r.World.Disks[id].Image(true))
	if err != nil {
		r.unreadable(id, err)
		return
	}
	e := invariant.Event{Kind: invariant.EvReopen, Server: id}
	st := s.Status()
	e.Mem = invariant.Facts{Zxid: st.Applied, Chain: st.AppliedChain, Digest: s.Machine().Digest()}
	if whole {
		sm, last, chain, _ := boot.Rebuild()
		e.Reopened = invariant.Facts{Zxid: last, Chain: chain, Digest: sm.Digest()}
	} else {
		sm, last, chain := boot.RebuildTo(st.Applied)
		e.Reopened = invariant.Facts{Zxid: last, Chain: chain, Digest: sm.Digest()}
	}
	r.View.Judge(&e)
}

// unreadable reports a disk that recovery refuses.
func (r *Runner) unreadable(id quorum.ServerID, err error) {
	r.View.Judge(&invariant.Event{Kind: invariant.EvProbe, Server: id,
		Probe: zab.Probe{Kind: zab.ProbeIllegal, Flag: zab.FlagDisk, Reason: "its disk can't be reopened: " + err.Error()}})
}

// told writes what clients did into the history.
func (r *Runner) told(e *ClientEvent) {
	c := &r.clients[e.Client]
	switch e.Kind {
	case ClientNoted:
		r.Notes = append(r.Notes, Note{r.now, e.Client, e.Task, e.Word, e.Detail})
	case ClientWatched:
		r.History.Watched = append(r.History.Watched, history.Event{Client: e.Client, Session: e.Session, At: r.now, Server: e.Server,
			Type: int8(e.Event.Type), Path: e.Event.Path, Zxid: zxid.Zxid(e.Event.Zxid), Turn: c.nextTurn(), Link: c.links})
	case ClientOpened:
		c.links++
	case ClientInvoked:
		if e.Op == nil {
			r.calls(e, c)
			return
		}
		c.started, c.index = r.now, c.index+1
		c.deposed = r.unvouched(e.Server)
		if e.Client > r.plan.Clients {
			return // the prober of the second act
		}
		op := history.Op{Client: e.Client, Session: uint64(e.Client), Kind: historyKind(e.Op.Kind), Key: e.Op.Key,
			Value: e.Op.Value, Expect: e.Version, Invoke: r.now, Server: e.Server}
		c.open = r.History.Invoke(op)
		r.counts.Operations++
	default:
		if e.Op == nil {
			r.calls(e, c)
			return
		}
		r.completed(e, c)
	}
}

func (c *clientRun) nextTurn() uint32 {
	c.turn++
	return c.turn
}

// calls writes what recipes do into the history.
func (r *Runner) calls(e *ClientEvent, c *clientRun) {
	for len(c.calls) <= e.Task {
		c.calls = append(c.calls, -1)
	}
	if e.Kind == ClientInvoked {
		c.calls[e.Task] = len(r.History.Calls)
		r.History.Calls = append(r.History.Calls, history.Call{
			Client: e.Client, Session: e.Session, Task: e.Task, Server: e.Server, Name: e.Call.String(), Invoke: r.now, Return: history.Never,
		})
		if e.Call == client.OpSync {
			c.syncs++
			r.History.Calls[c.calls[e.Task]].Unvouched = r.unvouched(e.Server)
		}
		r.counts.Operations++
		return
	}
	call := &r.History.Calls[c.calls[e.Task]]
	call.Session = e.Session // one that was asked between two sessions is of the later
	call.Req, call.Sent, call.Result, call.Zxid, call.Server = e.Req, e.Sent, e.Result, e.Zxid, e.Server
	call.Ended, call.Turn, call.Link = r.now, c.nextTurn(), c.links
	if e.Call == client.OpSync {
		c.syncs--
		call.Unvouched = call.Unvouched || r.unvouched(e.Server)
	}
	switch {
	case e.Kind == ClientLost:
		call.Outcome = history.Unknown
		r.counts.Lost++
		return
	case e.Result.Err != txn.OK:
		call.Outcome = history.Fail
		r.counts.Failed++
	default:
		call.Outcome = history.Ok
		r.counts.Ok++
		if e.Req != nil && e.Req.Op.IsUpdate() {
			r.counts.Writes++
		}
	}
	call.Return = r.now
}

func (r *Runner) completed(e *ClientEvent, c *clientRun) {
	reply := history.Reply{Outcome: history.Ok, Err: e.Result.Err, Value: e.Result.Data, Version: e.Result.Stat.Version,
		Zxid: e.Zxid, SyncZxid: e.SyncZxid, Mzxid: e.Result.Stat.Mzxid, Server: e.Server, Deposed: c.deposed}
	if e.Client > r.plan.Clients {
		r.probed(e)
		return
	}
	switch {
	case e.Kind == ClientLost:
		reply.Outcome = history.Unknown
		r.counts.Lost++
	case e.Result.Err != txn.OK:
		reply.Outcome = history.Fail
		r.counts.Failed++
	default:
		r.counts.Ok++
		if isWrite(e.Op.Kind) {
			r.counts.Writes++
		}
	}
	r.History.Complete(c.open, r.now, reply)
	c.open = -1
}
