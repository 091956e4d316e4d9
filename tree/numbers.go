package tree

import (
	"zabsim/internal/fp"
	"zabsim/tree/btree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// In ZooKeeper a node has the number of its access list, and a table says what the
// numbers mean. A snapshot holds the table as it was at the beginning, and the nodes
// as they were when their turn came. Here a node has the list itself, which can't get
// lost. Two bugs need the table: bug.ACLMissingOnReplay, for which it is enough to
// know what lists there were at the beginning, and bug.ACLNumbersReissued, which is
// this file.

// lostACL is what a node is left with whose list is not to be found. ZooKeeper throws
// where somebody asks for it; here nobody may do anything with the node.
func lostACL(was fp.Hash) *acls {
	return &acls{[]txn.ACL{{ID: txn.ID{Scheme: "world", ID: "anyone"}}}, fp.New(0x7A6C).Word(uint64(was)).Done()}
}

// numbers is the table (ReferenceCountedACLCache).
type numbers struct {
	lists btree.Root[numbered] // by key8 of the number
	last  uint32               // the highest that was given (aclIndex)
}

type numbered struct {
	access *acls
	used   int
}

// fold names the table. What the nodes have follows from it, and from their lists.
func (m *numbers) fold(h fp.Hash) fp.Hash {
	if m.last == 0 && m.lists.Len() == 0 {
		return h
	}
	h = h.Word(uint64(m.last)).Word(uint64(m.lists.Len()))
	m.lists.Each(func(key string, e numbered) bool {
		h = h.String(key).Word(uint64(e.access.hash)).Word(uint64(e.used))
		return true
	})
	return h
}

func (t *Tree) numbered() bool { return t.cfg.Bugs.Has(bug.ACLNumbersReissued) }

// number gives a node the number of its list, a new one if the list has none, and
// counts one use more (convertAcls).
func (t *Tree) number(n *node) {
	if !t.numbered() || n.access == openACL {
		n.number = 0
		return
	}
	found := uint32(0)
	t.numbers.lists.Each(func(key string, e numbered) bool {
		if e.access.hash == n.access.hash {
			found = uint32(sessionOf(key))
		}
		return found == 0
	})
	if found == 0 {
		t.numbers.last++
		found = t.numbers.last
		t.means(found, n.access) // whoever has this number without a list gets this one
	}
	n.number = found
	e, _ := t.numbers.lists.Get(key8(uint64(found)))
	t.numbers.lists.Set(t.mine(), key8(uint64(found)), numbered{n.access, e.used + 1})
}

// unnumber counts one use less. What is not used any more loses its meaning
// (removeUsage).
func (t *Tree) unnumber(n *node) {
	e, ok := t.numbers.lists.Get(key8(uint64(n.number)))
	if !ok {
		return
	}
	if e.used--; e.used > 0 {
		t.numbers.lists.Set(t.mine(), key8(uint64(n.number)), e)
		return
	}
	t.numbers.lists.Delete(t.mine(), key8(uint64(n.number)))
	k := n.number
	n.number = 0
	t.means(k, lostACL(fp.Hash(k)))
}

// means changes what a number means for the nodes that have it.
func (t *Tree) means(number uint32, access *acls) {
	var paths []string
	var look func(path string, n *node) bool
	look = func(path string, n *node) bool {
		if n.number == number {
			paths = append(paths, path)
		}
		n.children.Each(func(name string, kid *node) bool { return look(path+"/"+name, kid) })
		return true
	}
	look("", t.root)
	for _, path := range paths {
		n := t.mut(path)
		n.access = access
		t.rehash(path, n)
	}
}

// load is what a table comes to when a snapshot is loaded: the uses are counted anew,
// what nobody uses is forgotten, and the next number is that behind the highest in the
// table, whatever the nodes have.
func (m *numbers) load(o *btree.Owner) {
	loaded := numbers{}
	m.lists.Each(func(key string, e numbered) bool {
		loaded.last = uint32(sessionOf(key))
		if e.used > 0 {
			loaded.lists.Set(o, key, e)
		}
		return true
	})
	*m = loaded
}
