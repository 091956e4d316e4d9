package conform

import (
	"fmt"
	"slices"
	"strconv"

	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

// What a stored ephemeralOwner says about a node (EphemeralType, protocol fact 11.1).
const (
	containerOwner uint64 = 1 << 63
	ttlMask        uint64 = 0xFF << 56
	ttlMillis      uint64 = 1<<40 - 1
)

// kindOf says what a node with a stored owner is.
func (o *observer) kindOf(owner uint64, extended bool) string {
	switch {
	case owner == 0:
		return "persistent"
	case owner == containerOwner:
		return "container"
	case extended && owner&ttlMask == ttlMask:
		return "ttl:" + strconv.FormatUint(owner&ttlMillis, 10)
	}
	return "ephemeral:" + o.name(txn.SessionID(owner))
}

// final compares the states at the end.
func (c *comparer) final(want *trace.Final, p *player) {
	c.zxid("final.lastZxid", want.LastZxid, int64(p.sys.Last()))
	m := p.sys.Machine()
	sessions := []string{}
	m.Sessions(func(id txn.SessionID, _ int32) bool {
		sessions = append(sessions, p.see.name(id))
		return true
	})
	c.set("final.sessions", orEmpty(want.Sessions), sessions)
	tree, ok := m.(Content)
	if !ok {
		c.add("final.nodes", "a tree to look into", fmt.Sprintf("a %T, which shows none", m))
		return
	}
	nodes := p.see.nodes(tree)
	c.nodes(want.Nodes, nodes)
	c.owned(want.Ephemerals, nodes)
}

// nodes lists the tree.
func (o *observer) nodes(tree Content) []trace.Node {
	var list []trace.Node
	tree.Nodes(func(path string, owner uint64, data string, null bool, acl []txn.ACL, stat txn.Stat) bool {
		list = append(list, trace.Node{
			Path: path, Kind: o.kindOf(owner, true), Data: trace.Data{Null: null, Text: data},
			ACL: append([]txn.ACL{}, acl...), Stat: *o.stat(&stat),
		})
		return true
	})
	return list
}

func (c *comparer) nodes(want, got []trace.Node) {
	find := func(list []trace.Node, path string) *trace.Node {
		if i := slices.IndexFunc(list, func(n trace.Node) bool { return n.Path == path }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	for i := range want {
		w := &want[i]
		f := "final." + w.Path
		g := find(got, w.Path)
		if g == nil {
			c.add(f, "the node", missing)
			continue
		}
		c.add(f+".kind", w.Kind, g.Kind)
		c.data(f+".data", &w.Data, &g.Data)
		c.acl(f+".acl", w.ACL, g.ACL)
		c.stat(f+".stat", &w.Stat, &g.Stat)
	}
	for i := range got {
		if find(want, got[i].Path) == nil {
			c.add("final."+got[i].Path, missing, "the node")
		}
	}
}

// owned compares the ephemeral nodes of each session.
func (c *comparer) owned(want []trace.Owned, got []trace.Node) {
	for _, w := range want {
		paths := []string{}
		for i := range got {
			if got[i].Kind == "ephemeral:"+w.Session {
				paths = append(paths, got[i].Path)
			}
		}
		c.set("final.ephemerals."+w.Session, w.Paths, paths)
	}
}
