package tree

import (
	"zabsim/internal/fp"
	"zabsim/tree/btree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// dump copies the sessions at once and the nodes one by one, parents before
// children, out of a tree that goes on changing (DataTree.serializeNode, fact
// 13.1). It holds nothing of the live tree but the names of children, each list
// copied together with its node: a child that is gone when its turn comes is left
// out, one that came since is not seen.
type dump struct {
	out   *Tree
	stack []frame
	begun bool
	lists btree.Root[*acls] // the access lists at the beginning, for bug.ACLMissingOnReplay
}

// frame is a node whose children are being copied. The names never change.
type frame struct {
	path  string
	names []string
	at    int
	hash  fp.Hash // of path and names
}

var _ txn.Dump = (*dump)(nil)

// Dump implements txn.StateMachine.
func (t *Tree) Dump() txn.Dump {
	d := &dump{out: &Tree{cfg: t.cfg}}
	o := d.out.mine()
	d.out.root = &node{own: o, access: openACL} // until the first Next
	d.out.dropHooks()
	d.beginACLs(t)
	t.sessions.Each(func(key string, timeout int32) bool {
		d.out.sessions.Set(o, key, timeout)
		d.out.digest = d.out.digest.Add(slotSession, sessionHash(sessionOf(key), timeout))
		return true
	})
	return d
}

// Next implements txn.Dump.
func (d *dump) Next(live txn.StateMachine) bool {
	t := live.(*Tree)
	if !d.begun {
		d.begun = true
		d.take("", nil, "", t.root)
		return true
	}
	for len(d.stack) > 0 {
		f := &d.stack[len(d.stack)-1]
		if f.at == len(f.names) {
			d.stack = d.stack[:len(d.stack)-1]
			continue
		}
		name := f.names[f.at]
		f.at++
		path := f.path + "/" + name
		if n := t.find(path); n != nil {
			d.take(path, d.out.mut(f.path), name, n)
			return true
		}
	}
	return false
}

// At is the path of the node that was copied last; empty before the first. It is for
// who shows a schedule.
func (d *dump) At() string {
	if len(d.stack) == 0 {
		return ""
	}
	f := &d.stack[len(d.stack)-1]
	switch {
	case f.at > 0:
		return f.path + "/" + f.names[f.at-1]
	case f.path == "":
		return "/"
	}
	return f.path
}

// take copies a node and the names of its children.
func (d *dump) take(path string, parent *node, name string, n *node) {
	o := d.out.mine()
	c := &node{
		own: o, czxid: n.czxid, mzxid: n.mzxid, pzxid: n.pzxid, ctime: n.ctime, mtime: n.mtime, owner: n.owner,
		version: n.version, cversion: n.cversion, aversion: n.aversion, access: n.access, data: n.data, null: n.null,
	}
	d.takeACL(c, n.number)
	if parent == nil {
		d.out.root = c
	} else {
		parent.children.Set(o, name, c)
	}
	d.out.enter(path, c)
	if n.children.Len() == 0 {
		return
	}
	names := make([]string, 0, n.children.Len())
	h := fp.New(0x7A66).String(path)
	n.eachChild(func(name string) bool {
		names = append(names, name)
		h = h.String(name)
		return true
	})
	d.stack = append(d.stack, frame{path: path, names: names, hash: h})
}

// beginACLs notes the access lists of releases with certain bugs. All others have no
// table beside the nodes.
func (d *dump) beginACLs(t *Tree) {
	switch {
	case t.cfg.Bugs.Has(bug.ACLMissingOnReplay):
		t.owner = nil // shared from here on
		d.lists = t.lists
	case t.numbered():
		t.numbers.lists.Each(func(key string, e numbered) bool {
			e.used = 0
			d.out.numbers.lists.Set(d.out.mine(), key, e)
			return true
		})
	}
}

// takeACL gives a copied node what its access list will be for who loads the snapshot.
func (d *dump) takeACL(c *node, number uint32) {
	switch {
	case c.access == openACL:
	case d.out.cfg.Bugs.Has(bug.ACLMissingOnReplay):
		if _, ok := d.lists.Get(key8(uint64(c.access.hash))); !ok && c.access != readACL {
			c.access = lostACL(c.access.hash)
		}
	case d.out.numbered():
		c.number = number
		key := key8(uint64(number))
		e, ok := d.out.numbers.lists.Get(key)
		switch {
		case ok:
			e.used++
			d.out.numbers.lists.Set(d.out.mine(), key, e)
		case c.access != readACL: // that of /zookeeper/config has never had a number
			c.access = lostACL(fp.Hash(number))
		}
	}
}

// State implements txn.Dump. Usage is counted anew, as whoever loads a snapshot
// does.
func (d *dump) State() txn.StateMachine {
	d.out.recountQuotas()
	if d.out.numbered() {
		d.out.numbers.load(d.out.mine())
	}
	return d.out
}

// Fingerprint implements txn.Dump.
func (d *dump) Fingerprint() fp.Hash {
	h := fp.New(0x7A64).Bool(d.begun).Word(uint64(d.out.Fingerprint())).Word(uint64(len(d.stack)))
	for i := range d.stack {
		h = h.Word(uint64(d.stack[i].hash)).Word(uint64(d.stack[i].at))
	}
	if d.lists.Len() > 0 {
		h = h.Word(uint64(d.lists.Len()))
	}
	d.lists.Each(func(key string, _ *acls) bool {
		h = h.String(key)
		return true
	})
	return h.Done()
}

// Clone implements txn.Dump.
func (d *dump) Clone() txn.Dump {
	return &dump{out: d.out.share(), stack: append([]frame(nil), d.stack...), begun: d.begun, lists: d.lists}
}
