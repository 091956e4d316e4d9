package tree

import "zabsim/zab/txn"

// Nodes calls yield for each node, parents before children and children by name,
// until it returns false. Owner is the stored ephemeralOwner, stat is what a client
// sees. It is for checks and reports.
func (t *Tree) Nodes(yield func(path string, owner uint64, data string, null bool, acl []txn.ACL, stat txn.Stat) bool) {
	t.root.each("/", yield)
}

// each is Nodes below n; false if yield wants no more.
func (n *node) each(path string, yield func(string, uint64, string, bool, []txn.ACL, txn.Stat) bool) bool {
	if !yield(path, n.owner, n.data, n.null, n.acl(), n.stat()) {
		return false
	}
	if path == "/" {
		path = ""
	}
	more := true
	n.children.Each(func(name string, c *node) bool {
		more = c.each(path+"/"+name, yield)
		return more
	})
	return more
}
