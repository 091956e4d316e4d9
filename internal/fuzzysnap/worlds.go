package fuzzysnap

import (
	"fmt"
	"strings"

	"zabsim/zab/txn"
)

// World is what there is when the snapshot begins, and what may happen meanwhile.
type World struct {
	Name, Doc string
	Before    []txn.Request
	Ops       []txn.Request
}

// Create modes (CreateMode.toFlag).
const (
	plain      = 0
	ephemeral  = 1
	sequential = 2
)

func create(path string) txn.Request { return txn.Request{Op: txn.OpCreate, Path: path} }

func create2(path string) txn.Request { return txn.Request{Op: txn.OpCreate2, Path: path} }

func numbered(path string) txn.Request {
	return txn.Request{Op: txn.OpCreate, Path: path, Flags: sequential}
}

func numbered2(path string) txn.Request {
	return txn.Request{Op: txn.OpCreate2, Path: path, Flags: sequential}
}

func own(session txn.SessionID, path string) txn.Request {
	return txn.Request{Op: txn.OpCreate, Path: path, Flags: ephemeral, Session: session}
}

func remove(path string) txn.Request {
	return txn.Request{Op: txn.OpDelete, Path: path, Version: txn.AnyVersion}
}

func set(path string) txn.Request {
	return txn.Request{Op: txn.OpSetData, Path: path, Data: "x", Version: txn.AnyVersion}
}

func open(session txn.SessionID) txn.Request {
	return txn.Request{Op: txn.OpCreateSession, Session: session, Timeout: 4000}
}

func closing(session txn.SessionID) txn.Request {
	return txn.Request{Op: txn.OpCloseSession, Session: session}
}

func multi(ops ...txn.Request) txn.Request {
	return txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: ops}}
}

// granted gives a create or setACL a list that grants perms to anyone.
func granted(r txn.Request, perms int32) txn.Request {
	r.More = &txn.RequestMore{ACL: []txn.ACL{{Perms: perms, ID: txn.ID{Scheme: "world", ID: "anyone"}}}}
	return r
}

func grant(path string, perms int32) txn.Request {
	return granted(txn.Request{Op: txn.OpSetACL, Path: path, Version: txn.AnyVersion}, perms)
}

// Worlds returns the situations that a Hunt searches. Each is small enough to be
// searched in full with a few updates.
func Worlds() []World {
	return []World{
		{
			Name: "children", Doc: "a node and its child, which are deleted and made again, with a grandchild",
			Before: []txn.Request{create("/a"), create("/a/b")},
			Ops: []txn.Request{
				create("/a"), remove("/a"), create("/a/b"), create2("/a/b"), remove("/a/b"), create("/a/b/c"), create2("/a/b/c"),
				remove("/a/b/c"), set("/a/b"), multi(remove("/a/b"), create("/a/b")),
			},
		},
		{
			Name: "numbers", Doc: "sequential nodes come and go under one parent",
			Before: []txn.Request{create("/a"), numbered("/a/n")},
			Ops: []txn.Request{
				numbered("/a/n"), numbered2("/a/n"), remove("/a/n0000000000"), remove("/a/n0000000001"), remove("/a/n0000000002"),
				multi(numbered("/a/n"), numbered("/a/n")), set("/a"),
			},
		},
		{
			Name: "sessions", Doc: "ephemeral nodes of two sessions, which end",
			Before: []txn.Request{open(1), open(2), create("/a"), own(1, "/a/e")},
			Ops: []txn.Request{
				closing(1), closing(2), open(3), own(1, "/a/e"), own(2, "/a/e"), own(2, "/a/f"), remove("/a/e"), create("/a/e"),
				create2("/a/e"),
			},
		},
		{
			Name: "lists", Doc: "access lists that come into use and go out of it",
			// A list that is forgotten before the snapshot begins keeps its number in memory,
			// and not on disk.
			Before: []txn.Request{create("/a"), granted(create("/x"), 17), remove("/x")},
			Ops: []txn.Request{
				granted(create("/a/b"), 31-2), granted(create("/a/c"), 31-4), grant("/a", 31-2), grant("/a", 31), remove("/a/b"),
				remove("/a/c"), granted(create("/x"), 31-2), remove("/x"),
			},
		},
	}
}

// show writes an update as people would.
func show(r *txn.Request) string {
	var b strings.Builder
	b.WriteString(r.Op.String())
	if r.Path != "" {
		b.WriteString(" " + r.Path)
	}
	switch r.Flags {
	case ephemeral:
		b.WriteString(" ephemeral")
	case sequential:
		b.WriteString(" sequential")
	}
	if r.Session != 0 {
		fmt.Fprintf(&b, " session %d", r.Session)
	}
	if r.More != nil {
		for _, a := range r.More.ACL {
			fmt.Fprintf(&b, " acl %d,%s:%s", a.Perms, a.Scheme, a.ID.ID)
		}
		for i := range r.More.Ops {
			b.WriteString([]string{" [", ", "}[min(i, 1)] + show(&r.More.Ops[i]))
		}
		if len(r.More.Ops) > 0 {
			b.WriteString("]")
		}
	}
	return b.String()
}
