// Package tree is the znode tree: the state machine that a ZooKeeper ensemble
// replicates (DataTree, protocol sections 9, 11 and 13).
//
// Tree is a persistent hierarchical tree. Each node keeps its children in a B-tree
// by name, and carries the btree.Owner that made it: a Tree changes its own nodes
// in place and copies all others on the way down, so that Clone costs O(1).
// Digests are sums over the nodes, each of which remembers its own part.
//
// Rules: Apply never validates, never fails half-way, and is idempotent over the
// content of a fuzzy snapshot (fact 13.2). The pointers of nodes that find returns
// are good for reading until the next Apply.
package tree
