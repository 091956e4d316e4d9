package conform

import "sort"

// Mapping relates the zxids of a recording to those of a System. A standalone
// server has the same ones. An ensemble has epochs and elections in between, so
// there the two must only rise together: the mapping is built as pairs appear, and
// a pair that would break its order does not fit.
type Mapping struct {
	pairs  []pair // by both
	exact  bool
	eager  bool       // whatever keeps the order fits, and is learnt: nobody tells the pairs
	groups [][2]int64 // zxids of the recording that are interchangeable, see races.go
}

type pair struct{ want, got int64 }

// Identity returns the mapping under which only equal zxids fit.
func Identity() *Mapping { return &Mapping{exact: true} }

// Rising returns an order-preserving mapping that knows only that 0 is 0.
func Rising() *Mapping { return &Mapping{pairs: []pair{{0, 0}}} }

// Guessing returns a Rising mapping for traces that do not tell transactions: two
// zxids that are compared are taken for a pair if they can be one.
func Guessing() *Mapping {
	m := Rising()
	m.eager = true
	return m
}

// Learn adds a pair that must correspond: both are the zxids of one transaction. It
// returns false if the pair contradicts what is known.
func (m *Mapping) Learn(want, got int64) bool {
	if m.exact {
		return want == got
	}
	i := sort.Search(len(m.pairs), func(i int) bool { return m.pairs[i].want >= want })
	if i < len(m.pairs) && m.pairs[i].want == want {
		return m.pairs[i].got == got
	}
	if i > 0 && m.pairs[i-1].got >= got || i < len(m.pairs) && m.pairs[i].got <= got {
		return false
	}
	m.pairs = append(m.pairs, pair{})
	copy(m.pairs[i+1:], m.pairs[i:])
	m.pairs[i] = pair{want, got}
	return true
}

// Fits tells whether got stands for want: the transaction that want names, or the
// last known one before it.
func (m *Mapping) Fits(want, got int64) bool {
	if m.same(want, got) {
		return true
	}
	for _, g := range m.groups {
		if want >= g[0] && want <= g[1] {
			for w := g[0]; w <= g[1]; w++ {
				if m.same(w, got) {
					return true
				}
			}
		}
	}
	return false
}

func (m *Mapping) same(want, got int64) bool {
	if m.exact {
		return want == got
	}
	if m.eager {
		return m.Learn(want, got)
	}
	g, ok := m.Got(want)
	return ok && g == got
}

// Below translates a zxid of the recording, or else the next known one below it.
func (m *Mapping) Below(want int64) int64 {
	if m.exact {
		return want
	}
	i := sort.Search(len(m.pairs), func(i int) bool { return m.pairs[i].want > want })
	if i == 0 {
		return 0
	}
	return m.pairs[i-1].got
}

// Got translates a zxid of the recording; false if no transaction is known by it.
func (m *Mapping) Got(want int64) (int64, bool) {
	if m.exact {
		return want, true
	}
	i := sort.Search(len(m.pairs), func(i int) bool { return m.pairs[i].want >= want })
	if i < len(m.pairs) && m.pairs[i].want == want {
		return m.pairs[i].got, true
	}
	return 0, false
}

// exchange makes the zxids from first to last of the recording interchangeable.
func (m *Mapping) exchange(first, last int64) { m.groups = append(m.groups, [2]int64{first, last}) }
