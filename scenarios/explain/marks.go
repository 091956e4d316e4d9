package explain

import (
	"fmt"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// markKind is the kind of a mark.
type markKind uint8

// The kinds.
const (
	markPropose   markKind = iota // a leader broadcast txn
	markCommit                    // a leader committed z
	markDeliver                   // a server applied z as committed
	markServe                     // a server begins to serve with a tree up to z
	markEstablish                 // a leader is established with a history up to z
	markElected                   // a server takes peer for the leader on the votes of set
	markSync                      // a leader brings peer up to date, whose history ends with z
	markReplace                   // a learner's history was replaced
	markIllegal                   // a server met what must not happen
	markAck                       // a server acknowledged z to peer
	markPromise                   // a leader proposed an epoch
	markDisk                      // the log on disk ends with z, before with old
	markAccepted                  // acceptedEpoch on disk is epoch
	markCurrent                   // currentEpoch on disk is epoch
	markSnap                      // the newest snapshot on disk is up to z
	markCrash                     // a process ended
	markRole                      // a server looks, follows, leads or observes
)

// mark is one thing that an event made of a server.
type mark struct {
	event  uint64
	kind   markKind
	server quorum.ServerID
	peer   quorum.ServerID
	set    quorum.Set
	mode   zab.SyncMode
	epoch  zxid.Epoch
	z, old zxid.Zxid
	txn    *txn.Txn
	words  string // of markIllegal and markRole
	again  bool   // the same event or an earlier one says as much
}

// String says it in plain words.
func (m *mark) String() string {
	switch m.kind {
	case markPropose:
		return fmt.Sprintf("%v proposes %v%s", m.server, m.z, content(m.txn))
	case markCommit:
		return fmt.Sprintf("%v commits %v", m.server, m.z)
	case markDeliver:
		return fmt.Sprintf("%v applies %v as committed", m.server, m.z)
	case markServe:
		return fmt.Sprintf("%v begins to serve in epoch %d with a tree up to %v", m.server, m.epoch, m.z)
	case markEstablish:
		return fmt.Sprintf("%v is established as leader of epoch %d by %v; its history ends with %v", m.server, m.epoch, m.set, m.z)
	case markElected:
		return fmt.Sprintf("%v takes %v for the leader on the votes of %v", m.server, m.peer, m.set)
	case markSync:
		return fmt.Sprintf("%v brings %v, whose history ends with %v, up to date by %v%s", m.server, m.peer, m.z, m.mode, m.cutText())
	case markReplace:
		return fmt.Sprintf("%v's history is replaced by %v and ends with %v", m.server, m.mode, m.z)
	case markIllegal:
		return fmt.Sprintf("%v: %s", m.server, m.words)
	case markAck:
		return m.ackText()
	case markPromise:
		return fmt.Sprintf("%v proposes epoch %d to its followers", m.server, m.epoch)
	case markDisk:
		return fmt.Sprintf("%v's log on disk ends with %v, before with %v", m.server, m.z, m.old)
	case markAccepted:
		return fmt.Sprintf("%v has acceptedEpoch %d on its disk", m.server, m.epoch)
	case markCurrent:
		return fmt.Sprintf("%v has currentEpoch %d on its disk", m.server, m.epoch)
	case markSnap:
		return fmt.Sprintf("%v has a snapshot up to %v on its disk", m.server, m.z)
	case markCrash:
		return fmt.Sprintf("%v's process ends", m.server)
	}
	return fmt.Sprintf("%v %s", m.server, m.words)
}

func (m *mark) cutText() string {
	if m.old < m.z {
		return fmt.Sprintf(" after %v", m.old)
	}
	return ""
}

func (m *mark) ackText() string {
	if m.z.Counter() == 0 {
		return fmt.Sprintf("%v acknowledges the leader of epoch %d", m.server, m.z.Epoch())
	}
	if m.peer == 0 {
		return fmt.Sprintf("%v acknowledges %v, but the connection is gone", m.server, m.z)
	}
	return fmt.Sprintf("%v acknowledges %v to %v", m.server, m.z, m.peer)
}

// content says what a transaction does, "" if there is nothing to say.
func content(t *txn.Txn) string {
	switch {
	case t == nil:
		return ""
	case t.Op == txn.OpError:
		return " (error " + t.Err.String() + ")"
	case t.Path == "":
		return " (" + t.Op.String() + ")"
	case t.Data == "":
		return " (" + t.Op.String() + " " + t.Path + ")"
	}
	return " (" + t.Op.String() + " " + t.Path + "=" + shorten(t.Data) + ")"
}

// shorten keeps long data from filling a line.
func shorten(text string) string {
	const most = 24
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}
