package zab

import (
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// Ahead says what lane l will do in its next turn, for traces: "COMMIT 1.3". It is
// empty if the lane has nothing to do.
func (s *Server) Ahead(l Lane) string {
	switch {
	case !s.Runnable().Has(l):
		return ""
	case l == LaneElection:
		return s.elect.Ahead()
	case l == LanePeer:
		return s.peerAhead()
	case l == LaneSync:
		return s.syncAhead()
	case l == LaneCommit:
		return s.commitAhead()
	case l == LanePrep:
		return s.prep[0].req.Op.String() + " " + s.prep[0].req.Path
	case l == LaneSnap && s.snap.wanted:
		return "begin the snapshot"
	case l == LaneSnap:
		return "dump the next node"
	}
	return s.handlerAhead(quorum.ServerID(l - LaneHandler))
}

func (s *Server) commitAhead() string {
	t, op := (*txn.Txn)(nil), txn.OpSync
	if s.cfg.Standalone {
		t, op = s.order[0].txn, s.order[0].req.Op
	} else {
		t = s.queue[0].txn
	}
	if t != nil {
		return "apply " + t.Zxid.String()
	}
	return "answer " + op.String()
}

func (s *Server) peerAhead() string {
	switch {
	case s.lead.late:
		return "ask for the epoch"
	case s.learn.blocked == StepHandOver:
		return "send the ACK of NEWLEADER"
	}
	p := &s.learn.inbox[0]
	return p.Type.String() + " " + p.Zxid.String()
}

func (s *Server) syncAhead() string {
	l := &s.sync
	switch {
	case len(l.acks) > 0 && s.learn.conn != 0:
		return "send ACK " + l.acks[0].String()
	case len(l.acks) > 0:
		return "count its own ACK " + l.acks[0].String()
	case len(l.queue) > 0 && len(l.batch) < maxBatchSize:
		return "append " + l.queue[0].Zxid.String()
	}
	return "start the fsync"
}

func (s *Server) handlerAhead(id quorum.ServerID) string {
	if s.handlerWakes(id) {
		return [...]string{handlerWaitEpoch: "send LEADERINFO", handlerWaitElecting: "synchronize the learner",
			handlerDumping: "dump the next node", handlerWaitStart: "send UPTODATE"}[s.lead.handlers[id].stage]
	}
	for i := range s.lead.inbox {
		if p := &s.lead.inbox[i]; p.peer == id {
			return p.p.Type.String() + " " + p.p.Zxid.String()
		}
	}
	return ""
}
