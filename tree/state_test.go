package tree

import (
	"testing"

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
		"lists: only saves memory",
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
		"access: by its hash, below")
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
		"out: checked above",
		"stack[].path: in hash", "stack[].names: in hash; never change")
}
