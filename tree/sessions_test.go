package tree

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/txn"
)

func (t *Tree) ephemeralList(id txn.SessionID) []string {
	var list []string
	t.ephemeralsOf(id, func(path string) bool { list = append(list, path); return true })
	return list
}

// Goal: a closed session takes its nodes along, listed or not, and replay takes
// the listed ones, whoever has them now.
func TestCloseSession(t *testing.T) {
	s := New(&Config{})
	for id := txn.SessionID(1); id <= 3; id++ {
		s.Apply(&txn.Txn{Op: txn.OpCreateSession, Session: id, Timeout: int32(id) * 1000, Zxid: 1})
	}
	for i, path := range []string{"/a", "/b", "/c", "/d"} {
		s.Apply(&txn.Txn{Op: txn.OpCreate, Path: path, Owner: uint64(1 + i/2), ParentCversion: int32(i + 1), Zxid: 2})
	}
	assert.Equal(t, []string{"/a", "/b"}, s.ephemeralList(1))
	assert.Equal(t, []string{"/c", "/d"}, s.ephemeralList(2))
	s.Apply(&txn.Txn{Op: txn.OpCloseSession, Session: 1, Zxid: 3, More: &txn.TxnMore{Paths: []string{"/b", "/c", "/x"}}})
	assert.Empty(t, s.ephemeralList(1))
	assert.Equal(t, []string{"/d"}, s.ephemeralList(2))
	_, ok := s.SessionTimeout(1)
	assert.False(t, ok)
	timeout, ok := s.SessionTimeout(3)
	assert.True(t, ok)
	assert.Equal(t, int32(3000), timeout)
	var ids []txn.SessionID
	s.Sessions(func(id txn.SessionID, _ int32) bool { ids = append(ids, id); return true })
	assert.Equal(t, []txn.SessionID{2, 3}, ids)
	assert.EqualValues(t, 3, s.root.pzxid)
	s.sound(t)
}

func TestDropOrphans(t *testing.T) {
	s := New(&Config{})
	s.Apply(&txn.Txn{Op: txn.OpCreateSession, Session: 2, Timeout: 1, Zxid: 1})
	for i, id := range []uint64{1, 1, 2, 3, 1<<64 - 1} {
		s.Apply(&txn.Txn{Op: txn.OpCreate, Path: "/" + string(rune('a'+i)), Owner: id, ParentCversion: int32(i + 1), Zxid: 2})
	}
	s.DropOrphans(9)
	var names []string
	s.root.eachChild(func(name string) bool { names = append(names, name); return true })
	assert.Equal(t, []string{"c", "zookeeper"}, names)
	assert.EqualValues(t, 9, s.root.pzxid)
	s.sound(t)
}

// TestExpired: the rules of ContainerManager.getCandidates.
func TestExpired(t *testing.T) {
	s := New(&Config{ExtendedTypes: true})
	for i, path := range []string{"/c", "/c/x", "/never", "/t", "/u", "/u/x"} {
		x := txn.Txn{Op: txn.OpCreateContainer, Path: path, Owner: containerOwner, ParentCversion: -1, Zxid: 2, WallNano: 1000e6}
		switch {
		case len(path) > 2 && path[2] == '/':
			x.Op, x.Owner = txn.OpCreate, 0
		case i > 2:
			x.Op, x.Owner = txn.OpCreateTTL, ttlOwner|100
		}
		s.Apply(&x)
	}
	assert.Empty(t, s.Expired(1100e6, 100), "not yet")
	assert.Equal(t, []string{"/never", "/t"}, s.Expired(1101e6, 100))
	assert.Equal(t, []string{"/t"}, s.Expired(1101e6, 0), "zero is never")
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/c/x", Zxid: 3})
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/u/x", Zxid: 3})
	assert.Equal(t, []string{"/c", "/t", "/u"}, s.Expired(1101e6, 0))
	assert.Zero(t, s.find("/t").stat().EphemeralOwner)
	s.Apply(&txn.Txn{Op: txn.OpSetData, Path: "/t", Version: 1, Zxid: 4, WallNano: 1050e6})
	s.Apply(&txn.Txn{Op: txn.OpDeleteContainer, Path: "/c", Zxid: 4})
	assert.Equal(t, []string{"/u"}, s.Expired(1101e6, 0))
	s.sound(t)
}
