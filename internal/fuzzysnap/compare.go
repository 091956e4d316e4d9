package fuzzysnap

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/tree"
	"zabsim/zab/txn"
)

// difference compares all that two trees hold: nodes as their parents list them, with
// data, access list and Stat; nodes that nobody lists; sessions. It is empty if they
// are equal.
func difference(memory, reopened *tree.Tree) string { return diff(content(memory), content(reopened)) }

func diff(a, b []entry) string {
	for i := 0; i < len(a) || i < len(b); i++ {
		switch {
		case i == len(a) || i < len(b) && b[i].name < a[i].name:
			return "after the restart there is " + b[i].String()
		case i == len(b) || a[i].name < b[i].name:
			return "after the restart there is no " + a[i].String()
		case a[i] != b[i]:
			return fmt.Sprintf("memory has %s, after the restart it is %s", a[i], b[i].what)
		}
	}
	return ""
}

// entry is a node or a session with all that belongs to it.
type entry struct{ name, what string }

func (e entry) String() string { return e.name + " (" + e.what + ")" }

// content returns all that a tree holds, by name.
func content(t *tree.Tree) (all []entry) {
	t.Nodes(func(path string, owner uint64, data string, null bool, acl []txn.ACL, s txn.Stat) bool {
		what := fmt.Sprintf("children %d, cversion %d, pzxid %v, czxid %v, mzxid %v, version %d, aversion %d, owner %x, data %q",
			s.NumChildren, s.Cversion, s.Pzxid, s.Czxid, s.Mzxid, s.Version, s.Aversion, owner, data)
		for _, a := range acl {
			what += fmt.Sprintf(", acl %d,%s:%s", a.Perms, a.Scheme, a.ID.ID)
		}
		if null {
			what += ", null"
		}
		all = append(all, entry{path, what})
		return true
	})
	t.Orphans(func(path string) bool {
		all = append(all, entry{"orphan " + path, "can be read and is in no list of children"})
		return true
	})
	t.Sessions(func(id txn.SessionID, timeout int32) bool {
		all = append(all, entry{fmt.Sprintf("session %d", id), fmt.Sprintf("%d ms", timeout)})
		return true
	})
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all
}
