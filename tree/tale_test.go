package tree

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// tale makes random transactions that a leader could have proposed, each valid
// in the state that all before it lead to, and applies them.
type tale struct {
	t    *rapid.T
	tree *Tree
	next zxid.Zxid
	log  []*txn.Txn
}

func newTale(t *rapid.T) *tale {
	return &tale{t: t, tree: New(&Config{ExtendedTypes: true}), next: zxid.Make(1, 1)}
}

// paths are few, so that what is deleted is often made again; some have a quota.
var paths = func() []string {
	list := []string{"/zookeeper/quota/a", "/zookeeper/quota/a/" + limitName, "/zookeeper/quota/a/" + statName,
		"/zookeeper/quota/a/b", "/zookeeper/quota/a/b/" + limitName, "/zookeeper/quota/a/b/" + statName}
	for _, a := range []string{"/a", "/b"} {
		list = append(list, a)
		for _, b := range []string{"/a", "/b"} {
			list = append(list, a+b, a+b+"/a", a+b+"/b", a+b+"/a/a")
		}
	}
	return list
}()

var lists = [][]txn.ACL{
	{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}},
	{{Perms: 1, ID: txn.ID{Scheme: "world", ID: "anyone"}}},
	{{Perms: 31, ID: txn.ID{Scheme: "digest", ID: "u:x"}}, {Perms: 1, ID: txn.ID{Scheme: "world", ID: "anyone"}}},
	{},
}

func (s *tale) int(n int, what string) int { return rapid.IntRange(0, n-1).Draw(s.t, what) }

func (s *tale) session() txn.SessionID { return 0x100000000000001 + txn.SessionID(s.int(3, "session")) }

// single returns a transaction that is valid in tree, or an error.
func (s *tale) single(tree *Tree) txn.Txn {
	x := txn.Txn{
		Zxid: s.next, Session: s.session(), Cxid: uint32(len(s.log)), WallNano: int64(len(s.log)) * 2e6,
		Path: rapid.SampledFrom(paths).Draw(s.t, "path"), Data: strings.Repeat("d", s.int(4, "data")), Null: s.int(4, "null") == 0,
	}
	if x.Null {
		x.Data = ""
	}
	if isUsage(x.Path) && s.int(8, "garbage") > 0 {
		x.Data, x.Null = "count=1,bytes=2", false
	}
	above, _, _ := split(x.Path)
	n, parent := tree.find(x.Path), tree.find(above)
	_, alive := tree.SessionTimeout(x.Session)
	switch what := s.int(10, "what"); {
	case n == nil && parent != nil && kindOf(parent.owner) != ephemeral:
		s.create(&x, parent, alive)
	case n == nil:
		x.Op, x.Of, x.Err = txn.OpError, txn.OpCreate, txn.NoNode
	case what < 5 && n.children.Len() == 0:
		x.Op = txn.OpDelete
		if kindOf(n.owner) == container {
			x.Op = txn.OpDeleteContainer
		}
	case what < 7:
		x.Op, x.Version = txn.OpSetData, n.version+1
	case what < 9:
		x.Op, x.Version, x.More = txn.OpSetACL, n.aversion+1, &txn.TxnMore{ACL: rapid.SampledFrom(lists).Draw(s.t, "acl")}
	default:
		x.Op = txn.OpCheck
	}
	return x
}

func (s *tale) create(x *txn.Txn, parent *node, alive bool) {
	x.Op, x.ParentCversion = txn.OpCreate, parent.cversion+1
	switch kind := s.int(8, "kind"); {
	case kind < 3 && alive && !strings.HasPrefix(x.Path, procPath):
		x.Owner = uint64(x.Session)
	case kind == 3:
		x.Op, x.Owner = txn.OpCreateContainer, containerOwner
	case kind == 4:
		x.Op, x.Owner = txn.OpCreateTTL, ttlOwner|100
	case kind == 5:
		x.Op = txn.OpCreate2
	}
	if i := s.int(len(lists)+2, "acl"); i < len(lists) {
		x.More = &txn.TxnMore{ACL: lists[i]}
	}
}

// step proposes and applies one transaction.
func (s *tale) step() txn.Result {
	x := &txn.Txn{Zxid: s.next, Session: s.session(), WallNano: int64(len(s.log)) * 2e6}
	switch s.int(12, "step") {
	case 0:
		x.Op, x.Timeout = txn.OpCreateSession, int32(1000*(1+s.int(3, "timeout")))
	case 1:
		x.Op, x.More = txn.OpCloseSession, &txn.TxnMore{}
		s.tree.ephemeralsOf(x.Session, func(path string) bool {
			x.More.Paths = append(x.More.Paths, path)
			return true
		})
	case 2, 3:
		x.Op, x.More = txn.OpMulti, &txn.TxnMore{}
		ahead := s.tree.Clone().(*Tree)
		for range s.int(5, "members") {
			m := s.single(ahead)
			m.Zxid = s.next
			ahead.apply(&m, s.next, x.WallNano/nanosPerMilli, x.Session)
			m.Session = x.Session
			if kindOf(m.Owner) == ephemeral {
				m.Owner = 0 // who made it is not who asks
			}
			x.More.Ops = append(x.More.Ops, m)
		}
	default:
		one := s.single(s.tree)
		x = &one
	}
	s.next++
	x.Seal()
	s.log = append(s.log, x)
	return s.tree.Apply(x)
}

// text writes down all that a tree holds, but the usage that servers count by
// themselves.
func (t *Tree) text() string {
	var b strings.Builder
	t.Sessions(func(id txn.SessionID, timeout int32) bool {
		fmt.Fprintf(&b, "session %x %d:", uint64(id), timeout)
		t.ephemeralsOf(id, func(path string) bool { fmt.Fprintf(&b, " %s", path); return true })
		b.WriteString("\n")
		return true
	})
	t.root.text(&b, "")
	return b.String()
}

func (n *node) text(b *strings.Builder, path string) {
	data, stat := n.data, n.stat()
	if isUsage(path) {
		data, stat.DataLength = "?", 0
	}
	fmt.Fprintf(b, "%s/ %+v %d %x %q %v %v\n", path, stat, n.cversion, n.owner, data, n.null && !isUsage(path), n.acl())
	n.children.Each(func(name string, kid *node) bool {
		kid.text(b, path+"/"+name)
		return true
	})
}

// sound counts all that Apply keeps up to date anew.
func (t *Tree) sound(r require.TestingT) {
	var w Tree
	w.root, w.owner = t.root, t.owner
	t.Sessions(func(id txn.SessionID, timeout int32) bool {
		w.digest = w.digest.Add(slotSession, sessionHash(id, timeout))
		return true
	})
	special := 0
	w.visit(r, t, "", t.root, &special)
	require.Equal(r, w.digest, t.digest, "digest")
	require.Equal(r, w.treeDigest, t.treeDigest, "ZooKeeper's digest")
	require.Equal(r, w.usage, t.usage, "usage")
	require.Equal(r, []int64{int64(w.count), w.bytes, int64(w.limits)}, []int64{int64(t.count), t.bytes, int64(t.limits)})
	require.Equal(r, special, t.ephemerals.Len()+t.timed.Len(), "indexes")
}

func (t *Tree) visit(r require.TestingT, of *Tree, path string, n *node, special *int) {
	t.count++
	t.bytes += int64(len(path) + len(n.data))
	if strings.HasSuffix(path, "/zookeeper_limits") {
		t.limits++
	}
	if strings.HasSuffix(path, "/zookeeper_stats") {
		t.usage = t.usage.Add(slotUsage, usageHash(path, n))
	}
	t.digest = t.digest.Add(slotNode, n.digest(path))
	if !strings.HasPrefix(path, "/zookeeper/") {
		t.treeDigest += uint64(javaDigest(path, n))
	}
	ok := true
	switch kindOf(n.owner) {
	case ephemeral:
		*special++
		_, ok = of.ephemerals.Get(string(binary.BigEndian.AppendUint64(nil, n.owner)) + path)
	case container, timeToLive:
		*special++
		_, ok = of.timed.Get(path)
	}
	require.True(r, ok, "%s is in no index", path)
	n.children.Each(func(name string, kid *node) bool {
		t.visit(r, of, path+"/"+name, kid, special)
		return true
	})
}

// javaDigest is DigestCalculator.calculateDigest written down plainly.
func javaDigest(path string, n *node) uint32 {
	b := []byte(path + n.data)
	for _, x := range []int64{int64(n.czxid), int64(n.mzxid), int64(n.pzxid), n.ctime, n.mtime} {
		b = binary.BigEndian.AppendUint64(b, uint64(x))
	}
	for _, x := range []int32{n.version, n.cversion, n.aversion} {
		b = binary.BigEndian.AppendUint32(b, uint32(x))
	}
	return crc32.ChecksumIEEE(binary.BigEndian.AppendUint64(b, n.owner))
}
