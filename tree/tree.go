package tree

import (
	"strings"

	"zabsim/internal/fp"
	"zabsim/tree/btree"
	"zabsim/tree/watch"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// Config is what a server's configuration says about the tree. It is shared by
// pointer and never changes.
type Config struct {
	Bugs          bug.Set
	EnforceQuota  bool // hard limits are refused (enforceQuota)
	ExtendedTypes bool // nodes with a time to live may be made (extendedTypesEnabled)
	// SuperDigest is the superuser, "user:base64(sha1(user:password))"; empty if there
	// is none (DigestAuthenticationProvider.superDigest).
	SuperDigest string
}

// The nodes that always exist (DataTree, fact 11.1).
const (
	procPath   = "/zookeeper"
	quotaPath  = "/zookeeper/quota"
	configPath = "/zookeeper/config"
)

// Tree is the znode tree with its sessions. New makes one.
type Tree struct {
	cfg   *Config
	owner *btree.Owner // nil if a clone may share the nodes
	root  *node
	// sessions are time-outs in milliseconds by key8 of the session.
	sessions btree.Root[int32]
	// ephemerals holds key8 of the session and the path of each ephemeral node.
	ephemerals btree.Root[struct{}]
	// timed holds the paths of containers and of nodes with a time to live.
	timed btree.Root[struct{}]
	lists btree.Root[*acls] // by key8 of their hash
	// numbers and orphans are for releases with certain bugs, and empty otherwise.
	numbers numbers
	orphans btree.Root[*node]
	count   int   // nodes
	bytes   int64 // of paths and data
	// limits is how many zookeeper_limits there are: without, nobody looks for quotas.
	limits     int
	digest     fp.Sum // of nodes and sessions
	usage      fp.Sum // of the data of zookeeper_stats, which a server changes by itself
	treeDigest uint64
	dead       bool
	pending    outstanding  // what Prep announced
	watches    watch.Tables // this server's own
	scratch    [128]byte    // for the checksum of a node; means nothing between two
}

var _ txn.StateMachine = (*Tree)(nil)

// New returns the tree of an empty server.
func New(cfg *Config) *Tree {
	t := &Tree{cfg: cfg, owner: btree.NewOwner(), watches: watch.New(cfg.Bugs)}
	t.root = &node{own: t.owner, access: openACL}
	t.enter("", t.root)
	for _, path := range []string{procPath, quotaPath, configPath} {
		parent, name, _ := split(path)
		n := &node{own: t.owner, access: openACL}
		if path == configPath { // set as if by a setACL of version -1 (DataTree.addConfigNode)
			n.access, n.aversion = readACL, -1
		}
		t.mut(parent).children.Set(t.owner, name, n)
		t.enter(path, n)
	}
	return t
}

// Clone implements txn.StateMachine. A tree that was cloned and not changed since
// is only read here, so several goroutines may clone it at once.
func (t *Tree) Clone() txn.StateMachine {
	c := t.share()
	t.cloneHooks(c)
	return c
}

// share is Clone without what is no part of the replicated state.
func (t *Tree) share() *Tree {
	if t.owner != nil {
		t.owner = nil
	}
	c := *t
	return &c
}

// mine returns the right to change nodes.
func (t *Tree) mine() *btree.Owner {
	if t.owner == nil {
		t.owner = btree.NewOwner()
	}
	return t.owner
}

// split cuts a path into its parent, "" for the root, and its name.
func split(path string) (parent, name string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || i+1 == len(path) || i > 0 && path[i-1] == '/' {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// next cuts the first name off a path that has lost its first slash.
func next(rest string) (name, behind string, last bool) {
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return rest[:i], rest[i+1:], false
	}
	return rest, "", true
}

// find returns the node of a path for reading; nil if there is none. The root is
// "/" and "" (DataTree.nodes has both).
func (t *Tree) find(path string) *node {
	n := t.root
	if path == "" || path == "/" {
		return n
	}
	if path[0] != '/' {
		return nil
	}
	for rest, last := path[1:], false; !last; {
		var name string
		var ok bool
		name, rest, last = next(rest)
		if n, ok = n.children.Get(name); !ok {
			return t.orphan(path)
		}
	}
	return n
}

// mut is find for writing: the node and its ancestors are t's own.
func (t *Tree) mut(path string) *node {
	o := t.mine()
	t.root = t.root.mine(o)
	n := t.root
	if path == "" || path == "/" {
		return n
	}
	if path[0] != '/' {
		return nil
	}
	for rest, last := path[1:], false; !last; {
		var name string
		name, rest, last = next(rest)
		if n = n.mutChild(o, name); n == nil {
			return t.mutOrphan(path)
		}
	}
	return n
}

// mutChild returns a child of n, which is o's own, for writing; nil if there is none.
func (n *node) mutChild(o *btree.Owner, name string) *node {
	kid, ok := n.children.Get(name)
	if !ok {
		return nil
	}
	if kid.own != o {
		kid = kid.mine(o)
		*n.children.Ref(o, name) = kid
	}
	return kid
}

// Dead tells whether a transaction met data that ends ZooKeeper's process
// (bug.MalformedQuotaKills). Nothing brings the tree back to life.
func (t *Tree) Dead() bool { return t.dead }

// nodeBytes is what a node takes in a snapshot besides path and data: two lengths,
// the ACL's number and the persisted part of its Stat (DataTree.serializeNode).
// A session takes its id and its time-out.
const (
	nodeBytes    = 76
	sessionBytes = 12
)

// Bytes implements txn.StateMachine.
func (t *Tree) Bytes() int64 {
	return int64(t.count)*nodeBytes + t.bytes + int64(t.sessions.Len())*sessionBytes
}

// Len returns the number of nodes, with the root and those of /zookeeper.
func (t *Tree) Len() int { return t.count }
