package zab

import (
	"zabsim/election"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// A standalone server has one chain for all requests, reads too: Prep validates,
// Sync logs, Final applies and answers, in the order in which they came. Source:
// S/ZooKeeperServer.java, setupRequestProcessors.

// ordered is a request between Prep and Final.
type ordered struct {
	conn host.ConnID
	req  *txn.Request
	txn  *txn.Txn // nil for a read
	err  txn.Code // of a read whose session is gone
}

// startStandalone is ZooKeeperServer.startdata and startup: what the log held is
// loaded, ephemeral nodes of nobody go, and a snapshot is written.
func (s *Server) startStandalone(out *Effects) {
	s.state, s.phase = election.Leading, PhaseBroadcast
	s.lead.reset()
	s.sm.DropOrphans(s.lastProcessed)
	s.lead.stage = leadSnapshot
	if !s.writeSnapshot(false, out) {
		s.standaloneLoaded(out)
	}
}

func (s *Server) standaloneLoaded(out *Effects) {
	if s.lead.stage != leadSnapshot {
		return
	}
	s.lead.stage, s.lead.lastProposed = leadServing, s.lastProcessed
	s.durable = s.lastProcessed
	s.serving = true
	s.startTracker(out)
	out.probe(Probe{Kind: ProbeRole})
}

// finalReady tells whether Final has something to do: a read, or a transaction that
// is durable.
func (s *Server) finalReady() bool {
	t := s.order[0].txn
	return t == nil || t.Zxid <= s.durable
}

// runFinal is FinalRequestProcessor behind SyncRequestProcessor.
func (s *Server) runFinal(out *Effects) {
	if len(s.order) == 0 || !s.finalReady() {
		return
	}
	o := s.order[0]
	s.order = popFront(s.order)
	var res txn.Result
	switch {
	case o.txn == nil && o.err != txn.OK:
		res.Err = o.err
	case o.txn == nil:
		if s.client(o.conn) == nil {
			return // nobody would hear, and a gone connection must leave no watch (ZOOKEEPER-1382)
		}
		res = s.read(o.conn, o.req, out)
	default:
		res = s.applyStandalone(o.txn, out)
		if s.sm.Crashed() != "" {
			return
		}
	}
	if o.conn != 0 && s.client(o.conn) != nil {
		s.answer(o.conn, o.req, res, out)
	} else if o.req.Op == txn.OpCloseSession {
		s.closeSessionConns(o.req.Session, out)
	}
}

func (s *Server) applyStandalone(t *txn.Txn, out *Effects) txn.Result {
	res := s.apply(t)
	if s.died(out) {
		return res
	}
	s.lead.lastCommitted = t.Zxid
	out.probe(Probe{Kind: ProbeDeliver, Zxid: t.Zxid, Txn: t, Chain: s.chain, Digest: s.sm.Digest()})
	s.finish(t, out)
	return res
}

// standaloneZxid is the zxid after z: a plain number, without an epoch to keep
// clear of.
func standaloneZxid(z zxid.Zxid) zxid.Zxid { return z + 1 }

// loses tells whether a multi is answered without a transaction, although its zxid is
// drawn: looking for the parents of its members trips over a path that is null before
// there is a header that could become an error (PrepRequestProcessor, getPendingChanges).
func loses(r *txn.Request) bool {
	if r.Op != txn.OpMulti || r.More == nil {
		return false
	}
	for i := range r.More.Ops {
		if r.More.Ops[i].NullPath {
			return true
		}
	}
	return false
}
