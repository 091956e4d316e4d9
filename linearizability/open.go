package linearizability

import (
	"zabsim/linearizability/history"
	"zabsim/zab/txn"
)

// useful knows where an open write (one of unknown outcome) could matter. Porcupine
// would try each of them at every point, in every subset: exponential. A write
// that is not tried here takes effect after everything that was answered, where
// it explains nothing and disturbs nothing; so a refusal is sound whenever some
// valid order exists without the write at this place. The rules are argued
// below, each on its own and in the presence of those before it; TestOpenWriteRulesKeepVerdicts runs the search with and without them.
type useful struct {
	off      bool    // try everything everywhere: only for the test
	writers  []int32 // by value: how many operations may have written it
	seenAt   []int32 // by value: version at which a read saw it, or -1
	oneLife  bool    // no delete: each version is made by exactly one write
	claims   []claim // by version
	last     int32   // the greatest version that an answer mentions
	needLast bool    // some answer says that the version was not last
	// by expected version: the rank below which no unconditional write is needed there
	// (the first whose invocation is not before that of a conditional one), or 0.
	instead map[int32]int32 // looked up, never walked
}

// claim says who made a version, as far as the answers tell.
type claim struct {
	by    uint8 // nobody, a reader's value, a writer who was answered
	value uint32
}

const (
	claimNone uint8 = iota
	claimRead
	claimWrite
)

// claimsMax bounds the table of versions; a history with longer lives is judged
// without the version rules.
const claimsMax = 1 << 20

// newUseful collects what the answers of one node's calls say.
func newUseful(calls []call, values int, oneLife bool) *useful {
	u := &useful{writers: make([]int32, values), seenAt: make([]int32, values), oneLife: oneLife}
	for v := range u.seenAt {
		u.seenAt[v] = -1
	}
	u.writers[0]++ // the empty value may be there from the start
	for i := range calls {
		c := &calls[i]
		switch {
		case c.kind.Writes() && !c.failed:
			u.writers[c.value]++
			if !c.open {
				u.claim(c.version, claim{by: claimWrite})
			}
		case c.kind.IsRead() && !c.failed:
			u.seenAt[c.value] = c.version
			u.claim(c.version, claim{by: claimRead, value: c.value})
		}
	}
	for i := range calls {
		if c := &calls[i]; c.failed && c.err == txn.BadVersion && c.expect == u.last {
			u.needLast = true
		}
	}
	return u
}

func (u *useful) claim(version int32, c claim) {
	if version < 0 || version >= claimsMax {
		u.oneLife = false
		return
	}
	for int(version) >= len(u.claims) {
		u.claims = append(u.claims, claim{})
	}
	if c.by > u.claims[version].by {
		u.claims[version] = c
	}
	u.last = max(u.last, version)
}

// apply tries an open write at this point of the order.
func (u *useful) apply(c *call, s state) (state, bool) {
	if s == settled {
		return s, true
	}
	after, ok := c.effect(s)
	if !ok {
		return s, u.off // Rule 0: without effect it fits anywhere, so also at the end.
	}
	if u.off || c.kind.Removes() {
		return after, true
	}
	v := after.version()
	// Rule 1: if this write alone wrote the value, and a read saw the value at one
	// version, it made that version and no other.
	if u.writers[c.value] == 1 && u.seenAt[c.value] >= 0 && u.seenAt[c.value] != v {
		return s, false
	}
	if !u.oneLife {
		return after, true
	}
	// Rule 2: in one life a version is made once. If an answered write made it, or
	// a read saw another value there, this write did not.
	if int(v) < len(u.claims) {
		if cl := u.claims[v]; cl.by == claimWrite || cl.by == claimRead && cl.value != c.value {
			return s, false
		}
	}
	// Rule 3: beyond the last version that anyone mentions, only refusals can
	// follow in the order. They hold just as well at the last version itself, unless one
	// of them denies exactly that version. Creation is exempt: refusals see it.
	if v > u.last && c.kind != history.Create && !u.needLast {
		return s, false
	}
	return after, true
}

// order looks at the open writes whose values nobody saw. They are written as one
// value, and numbered in the order of their invocations, which is that of calls.
func (u *useful) order(calls []call, hidden int) {
	u.instead = map[int32]int32{}
	first := map[int32]bool{}
	var waiting []int32 // conditional ones since the last unconditional one
	rank := int32(0)
	for i := range calls {
		c := &calls[i]
		if !c.open || !c.kind.Writes() || c.kind == history.Create || u.seenAt[c.value] >= 0 {
			continue
		}
		c.value = uint32(hidden)
		if !c.kind.Conditional() || c.expect == txn.AnyVersion {
			rank++
			c.rank = rank
			for _, v := range waiting {
				u.instead[v] = rank
			}
			waiting = waiting[:0]
			continue
		}
		if c.spare = first[c.expect]; !c.spare {
			first[c.expect] = true
			waiting = append(waiting, c.expect)
		}
	}
	u.writers, u.seenAt = append(u.writers, rank), append(u.seenAt, -1)
}

// turn tells whether an open write whose value nobody saw may be tried here.
func (u *useful) turn(c *call, at place) bool {
	if u.off || at.s == settled {
		return true
	}
	// Rule 4: such unconditional writes can stand for each other, and an open write
	// may come at any time after its invocation: so the i-th that takes effect can
	// be the i-th that was invoked. The search tries n of them instead of 2^n sets.
	if c.rank > 0 && c.rank != at.rank+1 {
		return false
	}
	if !u.oneLife {
		return true
	}
	// Rule 5: in one life only one write takes effect at a version. Of the conditional
	// ones that could, it may be the first.
	if c.spare {
		return false
	}
	// Rule 6: and it may be the conditional one, which is of no use elsewhere, rather
	// than an unconditional one that was invoked later.
	instead, ok := u.instead[at.s.version()]
	return c.rank == 0 || !ok || at.s == absent || c.rank < instead
}
