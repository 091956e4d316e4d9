package zab

import "zabsim/zab/quorum"

// Ahead says what lane l will do in its next turn, for traces: "COMMIT 1.3". It is
// empty if the lane has nothing to do.
func (s *Server) Ahead(l Lane) string {
	switch {
	case l == LaneElection:
		return s.elect.Ahead()
	case l == LanePeer && len(s.learn.inbox) > 0:
		p := &s.learn.inbox[0]
		return p.Type.String() + " " + p.Zxid.String()
	case l == LaneSync && len(s.sync.queue) > 0:
		return "append " + s.sync.queue[0].Zxid.String()
	case l == LaneCommit && len(s.queue) > 0:
		if t := s.queue[0].txn; t != nil {
			return "apply " + t.Zxid.String()
		}
		return "sync"
	case l == LanePrep && len(s.prep) > 0:
		return s.prep[0].req.Op.String() + " " + s.prep[0].req.Path
	case l >= LaneHandler:
		for i := range s.lead.inbox {
			if p := &s.lead.inbox[i]; p.peer == quorum.ServerID(l-LaneHandler) {
				return p.p.Type.String() + " " + p.p.Zxid.String()
			}
		}
	}
	return ""
}
