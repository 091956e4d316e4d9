package conform

import (
	"zabsim/internal/conform/trace"
	"zabsim/tree"
	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// Tree makes the empty znode tree of a server with the given settings and bugs.
func Tree(s trace.Settings, bugs bug.Set) txn.StateMachine {
	return tree.New(&tree.Config{
		Bugs: bugs, EnforceQuota: s.EnforceQuota, ExtendedTypes: s.ExtendedTypes, SuperDigest: acl.DigestOf(superUser),
	})
}
