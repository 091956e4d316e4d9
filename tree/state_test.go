package tree

import (
	"slices"
	"testing"

	"zabsim/internal/fp"
	"zabsim/internal/statecheck"
	"zabsim/tree/btree"
)

// TestStateIsComplete: a field of Tree is named by the fingerprint and copied by
// Clone, or there is a reason.
func TestStateIsComplete(t *testing.T) {
	const content = ": part of the content, which digest and usage name and sound counts anew"
	statecheck.Fields(t, func() any {
		s := withQuota(&Config{})
		s.pending.add(change{zxid: 1, path: "/a", acl: openACL.list})
		s.pending.add(change{zxid: 2, path: "/b", acl: readACL.list})
		return s
	},
		func(x any) any { return x.(*Tree).Clone() },
		func(x any) uint64 { return uint64(x.(*Tree).Fingerprint()) },
		"cfg: is the server's, not state",
		"owner: who else sees the nodes is no part of the content",
		"root"+content, "sessions"+content, "ephemerals"+content, "timed"+content,
		"count"+content, "bytes"+content, "limits"+content, "treeDigest"+content,
		"lists: only saves memory", "orphans"+content, "numbers.lists: checked below",
		"pending.sums: follow from the paths", "pending.head: what is before it has no name",
		"pending.list[].acl: lists never change",
		"watches: checked in its package",
		"scratch: means nothing between two transactions")
}

// TestNodeDigestIsComplete: each field of a node is in its part of Digest.
func TestNodeDigestIsComplete(t *testing.T) {
	statecheck.Fields(t, func() any { return &node{own: btree.NewOwner(), access: openACL, data: "x"} },
		func(x any) any { c := *x.(*node); return &c },
		func(x any) uint64 { return uint64(x.(*node).digest("/a")) },
		"own: who may write is no part of the content",
		"children: their paths tell whose they are",
		"crc: follows from the others", "hash: is where the digest is kept",
		"access: by its hash, below", "number: of the list, and the table is in the fingerprint")
	a, b := node{access: openACL}, node{access: readACL}
	if a.digest("/a") == b.digest("/a") || a.digest("/a") == a.digest("/b") {
		t.Error("access list or path is not in the digest")
	}
}

// TestDumpStateIsComplete: the same of a dump half-way.
func TestDumpStateIsComplete(t *testing.T) {
	statecheck.Fields(t, func() any {
		s := withQuota(&Config{})
		d := s.Dump().(*dump)
		for range 4 {
			d.Next(s)
		}
		return d
	},
		func(x any) any { return x.(*dump).Clone() },
		func(x any) uint64 { return uint64(x.(*dump).Fingerprint()) },
		"out: checked above", "lists: checked below",
		"stack[].path: in hash", "stack[].names: in hash; never change")
}

// TestTablesOfAccessListsAreNamed: the tables that only some bugs need are in the
// fingerprints; a clone does not see what the original writes.
func TestTablesOfAccessListsAreNamed(t *testing.T) {
	s := New(&Config{})
	d := s.Dump().(*dump)
	seen := []fp.Hash{s.Fingerprint(), d.Fingerprint()}
	for _, e := range []numbered{{readACL, 1}, {readACL, 2}, {newACLs(nil), 2}} {
		c := s.Clone().(*Tree)
		s.numbers.lists.Set(s.mine(), key8(1), e)
		if h := s.Fingerprint(); slices.Contains(seen, h) || c.Fingerprint() != seen[len(seen)-1] && len(seen) > 2 {
			t.Errorf("%+v has the fingerprint of another table", e)
		}
		seen = append(seen, s.Fingerprint())
	}
	s.numbers.load(s.mine())
	if s.numbers.last != 1 || s.numbers.lists.Len() != 1 {
		t.Error("loading keeps what is used and goes on behind it")
	}
	for _, key := range []string{key8(1), key8(2)} {
		d.lists.Set(s.mine(), key, readACL)
		if h := d.Fingerprint(); slices.Contains(seen, h) {
			t.Error("a dump has the fingerprint of another table")
		}
		seen = append(seen, d.Fingerprint())
	}
}
