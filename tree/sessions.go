package tree

import (
	"encoding/binary"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func sessionOf(key string) txn.SessionID {
	return txn.SessionID(binary.BigEndian.Uint64([]byte(key[:8])))
}

// SessionTimeout implements txn.StateMachine.
func (t *Tree) SessionTimeout(id txn.SessionID) (int32, bool) {
	return t.sessions.Get(key8(uint64(id)))
}

// Sessions implements txn.StateMachine.
func (t *Tree) Sessions(yield func(id txn.SessionID, timeoutMillis int32) bool) {
	t.sessions.Each(func(key string, timeout int32) bool { return yield(sessionOf(key), timeout) })
}

func (t *Tree) openSession(id txn.SessionID, timeout int32) {
	old, had := t.sessions.Set(t.mine(), key8(uint64(id)), timeout)
	if had {
		t.digest = t.digest.Sub(slotSession, sessionHash(id, old))
	}
	t.digest = t.digest.Add(slotSession, sessionHash(id, timeout))
}

// closeSession removes a session and its nodes (DataTree.killSession, fact 9.4):
// first the listed paths, whoever owns them now, since replay must do what was
// done then; afterwards what is left of the session's own.
func (t *Tree) closeSession(id txn.SessionID, listed []string, z zxid.Zxid) {
	if old, had := t.sessions.Delete(t.mine(), key8(uint64(id))); had {
		t.digest = t.digest.Sub(slotSession, sessionHash(id, old))
	}
	for _, path := range listed {
		t.remove(path, z)
	}
	t.killEphemerals(id, z)
}

func (t *Tree) killEphemerals(id txn.SessionID, z zxid.Zxid) {
	prefix := key8(uint64(id))
	for {
		key, _, ok := t.ephemerals.Seek(prefix)
		if !ok || key[:8] != prefix {
			return
		}
		t.remove(key[8:], z)
		t.ephemerals.Delete(t.mine(), key) // there may be no such node in a state that was tampered with
	}
}

// ephemeralsOf calls yield for the paths of a session's ephemeral nodes in
// ascending order until it returns false.
func (t *Tree) ephemeralsOf(id txn.SessionID, yield func(path string) bool) {
	prefix := key8(uint64(id))
	t.ephemerals.From(prefix, func(key string, _ struct{}) bool {
		return key[:8] == prefix && yield(key[8:])
	})
}

// DropOrphans implements txn.StateMachine.
func (t *Tree) DropOrphans(z zxid.Zxid) {
	for at := ""; ; {
		key, _, ok := t.ephemerals.Next(at)
		if !ok {
			return
		}
		id := sessionOf(key)
		if _, alive := t.SessionTimeout(id); !alive {
			t.killEphemerals(id, z)
		}
		if id == ^txn.SessionID(0) {
			return
		}
		at = key8(uint64(id) + 1) // no path is empty: this is before all of that session
	}
}

// index remembers the special kinds of nodes.
func (t *Tree) index(path string, n *node) {
	switch kindOf(n.owner) {
	case ephemeral:
		t.ephemerals.Set(t.mine(), key8(n.owner)+path, struct{}{})
	case container, timeToLive:
		t.timed.Set(t.mine(), path, struct{}{})
	}
}

func (t *Tree) unindex(path string, n *node) {
	switch kindOf(n.owner) {
	case ephemeral:
		t.ephemerals.Delete(t.mine(), key8(n.owner)+path)
	case container, timeToLive:
		t.timed.Delete(t.mine(), path)
	}
}

// Expired implements txn.StateMachine (ContainerManager.getCandidates).
func (t *Tree) Expired(wallNano, maxNeverUsedMillis int64) []string {
	var due []string
	t.timed.Each(func(path string, _ struct{}) bool {
		n := t.find(path)
		if n == nil || n.children.Len() > 0 {
			return true
		}
		age := wallNano/nanosPerMilli - n.mtime
		if kindOf(n.owner) == container {
			if n.cversion > 0 || maxNeverUsedMillis != 0 && age > maxNeverUsedMillis {
				due = append(due, path)
			}
		} else if ttl := int64(n.owner & ttlMask); ttl != 0 && age > ttl {
			due = append(due, path)
		}
		return true
	})
	return due
}
