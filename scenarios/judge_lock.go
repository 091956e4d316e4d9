package scenarios

import (
	"path"
	"slices"
	"sort"
	"strings"

	"zabsim/scenarios/recipes"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// The checks of the lock.
const (
	lockBelief   = "lock-one-holder"
	lockFencing  = "lock-fencing"
	lockProgress = "lock-progress"
	// holderDied is the sight of a session that ended while its client held the lock.
	holderDied = "holder-died"
)

// hold is the time in which a client may take itself for the holder.
type hold struct {
	client   int
	node     string
	from, to host.Time
}

func judgeLock(x *recipeRun) []Check {
	belief, fencing := &verdict{name: lockBelief}, &verdict{name: lockFencing}
	progress := &verdict{name: lockProgress, kind: NoProgress}
	for _, root := range x.roots() {
		ends := x.lockNodes(root)
		// A client that was frozen may learn of its turn when its session is over: it holds
		// nothing, not even for an instant.
		holds := slices.DeleteFunc(x.holds(root, ends, belief), func(h hold) bool { return h.to <= h.from })
		sort.SliceStable(holds, func(i, k int) bool { return holds[i].from < holds[k].from })
		for i := 1; i < len(holds); i++ {
			a, b := &holds[i-1], &holds[i]
			if a.client != b.client && b.from < a.to {
				belief.complain("c%d holds %s from %s to %s, and c%d holds %s from %s on", a.client, a.node, a.from.Seconds(), a.to.Seconds(),
					b.client, b.node, b.from.Seconds())
			}
		}
		x.fencing(root, fencing)
	}
	x.progress(progress)
	return []Check{belief.check(), fencing.check(), progress.check()}
}

// lockNodes follows the line of waiting nodes and returns when each was gone.
func (x *recipeRun) lockNodes(root string) map[string]host.Time {
	ends := map[string]host.Time{}
	var line []string // nodes by number
	gone := func(node string, t *txn.Txn) {
		if name, ok := below(root, node); ok {
			if len(line) > 0 && line[0] == name && t.Op == txn.OpCloseSession {
				x.saw(holderDied)
			}
			for i := range line {
				if line[i] == name {
					line = append(line[:i:i], line[i+1:]...)
					break
				}
			}
			ends[node] = x.run.CommittedAt(t.Zxid)
		}
	}
	x.each(func(t *txn.Txn) {
		switch {
		case t.Op.IsCreate():
			if name, ok := below(root, t.Path); ok {
				line = append(line, name)
				sort.SliceStable(line, func(i, k int) bool { return lockNumber(line[i]) < lockNumber(line[k]) })
			}
		case t.Op == txn.OpDelete:
			gone(t.Path, t)
		case t.Op == txn.OpCloseSession && t.More != nil:
			for _, node := range t.More.Paths {
				gone(node, t)
			}
		}
	})
	return ends
}

// lockNumber returns the ten digits at the end of a name.
func lockNumber(name string) string { return name[max(0, len(name)-10):] }

// holds returns who believed to hold the lock, and when: from the note "acquired" to
// "released" or "lost", or to the end of the node, which is the end of the session.
func (x *recipeRun) holds(root string, ends map[string]host.Time, v *verdict) []hold {
	var list []hold
	open := map[int]int{} // by client: 1 + index
	for i := range x.run.Notes {
		n := &x.run.Notes[i]
		if !x.mine(n.Client, root) {
			continue
		}
		words := strings.Fields(n.Detail)
		switch n.Word {
		case "acquired":
			h := hold{client: n.Client, node: words[0], from: n.At, to: x.run.Now()}
			if end, ok := ends[h.node]; ok {
				h.to = end
			}
			if h.to < h.from { // it learned too late; nobody acts on it before it is fenced out
				h.to = h.from
			}
			list = append(list, h)
			open[n.Client] = len(list)
		case "released", "lost":
			if k := open[n.Client]; k > 0 {
				list[k-1].to = min(list[k-1].to, n.At)
				open[n.Client] = 0
			}
		}
	}
	if len(list) == 0 {
		v.complain("nobody ever held %s", root)
	}
	return list
}

// fencing checks the tokens in the data of the resource.
func (x *recipeRun) fencing(root string, v *verdict) {
	resource := path.Join(root, "..", "resource")
	var tokens []int64 // by version
	x.each(func(t *txn.Txn) {
		if t.Path != resource || !t.Op.IsCreate() && t.Op != txn.OpSetData {
			return
		}
		token, _ := recipes.ParseFenced(t.Data)
		if n := len(tokens); n > 0 && token <= tokens[n-1] {
			v.complain("%s has token %d at %s, after token %d", resource, token, t.Zxid, tokens[n-1])
		}
		tokens = append(tokens, token)
	})
	named := map[int64]bool{}
	for i := range x.run.Notes {
		n := &x.run.Notes[i]
		if n.Word != "fenced write" || !x.mine(n.Client, root) {
			continue
		}
		words := strings.Fields(n.Detail)
		token, _ := field(words, "token")
		version, ok := field(words, "version")
		switch {
		case !ok || version < 0 || version >= int64(len(tokens)):
			v.complain("c%d notes %q, but the resource has no such version", n.Client, n.Detail)
		case tokens[version] != token:
			v.complain("c%d notes %q, but version %d has token %d", n.Client, n.Detail, version, tokens[version])
		case named[version]:
			v.complain("version %d of the resource was noted twice", version)
		}
		named[version] = true
	}
}
