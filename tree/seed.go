package tree

import "zabsim/zab/txn"

// Seed makes persistent nodes without data, and their parents, as if somebody had
// made them before the first transaction. It is for worlds whose clients expect
// some nodes from the start.
func (t *Tree) Seed(paths ...string) {
	for _, path := range paths {
		for i := 1; i <= len(path); i++ {
			if i == len(path) || path[i] == '/' {
				t.seed(path[:i])
			}
		}
	}
}

func (t *Tree) seed(path string) {
	parent, _, ok := split(path)
	p := t.find(parent)
	if !ok || p == nil || t.find(path) != nil {
		return
	}
	x := txn.Txn{Op: txn.OpCreate, Path: path, ParentCversion: p.cversion + 1}
	t.Apply(x.Seal())
}
