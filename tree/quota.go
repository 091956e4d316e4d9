package tree

import "zabsim/zab/bug"

// Names of the nodes of a quota, below quotaPath and the path that it limits
// (Quotas, fact 11.7).
const (
	limitName = "zookeeper_limits"
	statName  = "zookeeper_stats"
)

// limitPath returns the path of the limits of a quota.
func limitPath(prefix string) string { return quotaPath + prefix + "/" + limitName }

// statPath returns the path of the usage of a quota.
func statPath(prefix string) string { return quotaPath + prefix + "/" + statName }

// usagePrefix returns what the quota of a zookeeper_stats limits.
func usagePrefix(path string) string {
	return path[len(quotaPath) : len(path)-len(statName)-1]
}

// quotaPrefix returns the longest prefix of path that has limits, path itself
// included; "" if none has (DataTree.getMaxPrefixWithQuota). The root can't have
// any.
func (t *Tree) quotaPrefix(path string) string {
	if t.limits == 0 || len(path) < 2 || path[0] != '/' {
		return ""
	}
	q := t.find(quotaPath)
	if q == nil {
		return ""
	}
	best, end := "", 0
	for rest, last := path[1:], false; !last; {
		var name string
		var ok bool
		name, rest, last = next(rest)
		if q, ok = q.children.Get(name); !ok {
			break
		}
		end += 1 + len(name)
		if _, ok = q.children.Get(limitName); ok {
			best = path[:end]
		}
	}
	return best
}

// charge adds to the usage of the quota that path is under
// (DataTree.updateQuotaStat); false if that ends the server.
func (t *Tree) charge(path string, bytes, nodes int64) bool {
	prefix := t.quotaPrefix(path)
	if prefix == "" {
		return true
	}
	at := statPath(prefix)
	n := t.mut(at)
	if n == nil {
		return true
	}
	s, ok := parseStats(n.data)
	if !ok || n.null {
		if t.cfg.Bugs.Has(bug.MalformedQuotaKills) {
			t.dead = true
			return false
		}
		return true // nothing to count with; it stays until someone sets it
	}
	s.set(keyCount, s.count()+nodes)
	s.set(keyBytes, s.bytes()+bytes)
	t.fill(at, n, s.String(), false)
	return true
}

// countUsage counts what is below prefix and writes it into the quota's
// zookeeper_stats (DataTree.updateQuotaForPath).
func (t *Tree) countUsage(prefix string) {
	n := t.mut(statPath(prefix))
	if n == nil {
		return
	}
	var nodes, bytes int64
	if prefix != "" { // "" is the root's other name, but limits nothing
		if top := t.find(prefix); top != nil {
			top.weigh(&nodes, &bytes)
		}
	}
	var s stats
	s.set(keyCount, nodes)
	s.set(keyBytes, bytes)
	t.fill(statPath(prefix), n, s.String(), false)
}

func (n *node) weigh(nodes, bytes *int64) {
	*nodes++
	*bytes += int64(len(n.data))
	if n.children.Len() > 0 {
		n.children.Each(func(_ string, kid *node) bool {
			kid.weigh(nodes, bytes)
			return true
		})
	}
}

// recountQuotas counts all usage anew, as a server does that has loaded a snapshot
// (DataTree.setupQuota).
func (t *Tree) recountQuotas() {
	if q := t.find(quotaPath); t.limits > 0 && q != nil {
		t.recount("", q)
	}
}

func (t *Tree) recount(prefix string, q *node) {
	q.children.Each(func(name string, kid *node) bool {
		switch {
		case name == limitName && kid.children.Len() == 0:
			t.countUsage(prefix)
		case kid.children.Len() > 0:
			t.recount(prefix+"/"+name, kid)
		}
		return true
	})
}
