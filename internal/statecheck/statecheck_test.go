package statecheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/fp"
)

// recorder is a T that keeps what a test would have said.
type recorder struct{ said []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

type fact struct{ n int }

type item struct {
	id   uint8
	fact *fact
}

type owned struct{ x int64 }

type state struct {
	num   uint64
	flag  bool
	name  string
	ratio float64
	slots [2]int16
	items []item
	own   *owned
	cache int // scratch
}

func full() any {
	return &state{
		num: 1 << 40, name: "a", slots: [2]int16{3, 4}, own: &owned{5},
		items: []item{{1, &fact{6}}, {2, &fact{7}}, {3, nil}},
	}
}

// what a good or a bad state leaves out of its fingerprint and its clone.
type flaw struct{ name, num, flag, slot, order, length, fact, own, highBits bool }

func (f flaw) fingerprint(x any) uint64 {
	s := x.(*state)
	h := fp.New(1).Word(uint64(s.ratio)).Word(uint64(uint16(s.slots[0])))
	if !f.name {
		h = h.String(s.name)
	}
	switch {
	case f.highBits:
		h = h.Word(uint64(uint32(s.num)))
	case !f.num:
		h = h.Word(s.num)
	}
	if !f.flag {
		h = h.Bool(s.flag)
	}
	if !f.slot {
		h = h.Word(uint64(uint16(s.slots[1])))
	}
	if !f.own {
		h = h.Word(uint64(s.own.x))
	}
	if !f.length {
		h = h.Word(uint64(len(s.items)))
	}
	var sum fp.Hash
	for i, it := range s.items {
		e := fp.New(2).Word(uint64(it.id))
		if it.fact != nil && !f.fact {
			e = e.Word(uint64(it.fact.n))
		}
		if !f.order {
			e = e.Word(uint64(i))
		}
		sum += e.Done()
	}
	if f.length && len(s.items) == 2 { // pretends the third element
		sum += fp.New(2).Word(3).Word(2).Done()
	}
	return uint64(h.Word(uint64(sum)))
}

func clone(x any) any {
	c := *x.(*state)
	c.items = append([]item(nil), c.items...)
	c.own = &owned{c.own.x}
	return &c
}

var excuses = []string{"cache: empty between steps", "*statecheck.fact: facts never change"}

func check(f flaw, fresh func() any, clone func(any) any, skip ...string) string {
	var r recorder
	Fields(&r, fresh, clone, f.fingerprint, skip...)
	return strings.Join(r.said, "\n")
}

func TestGoodStatePasses(t *testing.T) {
	assert.Empty(t, check(flaw{}, full, clone, excuses...))
}

// Goal: a checker that can't fail proves nothing. Method: one flaw at a time.
func TestForgottenFieldsAreFound(t *testing.T) {
	const missing = ": the fingerprint does not depend on it"
	for want, f := range map[string]flaw{
		"num" + missing:           {num: true},
		"num" + missing + " ":     {highBits: true},
		"flag" + missing:          {flag: true},
		"name" + missing:          {name: true},
		"slots[1]" + missing:      {slot: true},
		"own.x" + missing:         {own: true},
		"items" + missing:         {order: true},
		"items" + missing + " ":   {length: true},
		"items[0].fact" + missing: {fact: true},
	} {
		assert.Contains(t, check(f, full, clone, excuses...), strings.TrimSpace(want), "%+v", f)
	}
}

func TestSharedMemoryIsFound(t *testing.T) {
	for want, clone := range map[string]func(any) any{
		"items: a clone shares the elements":         func(x any) any { c := *clone(x).(*state); c.items = x.(*state).items; return &c },
		"own: a clone shares what it points to":      func(x any) any { c := *clone(x).(*state); c.own = x.(*state).own; return &c },
		"own.x: a change in a clone changes the ori": func(x any) any { c := *clone(x).(*state); c.own = x.(*state).own; return &c },
		"a clone has another fingerprint":            func(x any) any { c := *clone(x).(*state); c.name = ""; return &c },
		"name: is not the same in a clone":           func(x any) any { c := *clone(x).(*state); c.name = ""; return &c },
		"a clone has another shape":                  func(x any) any { c := *clone(x).(*state); c.items = c.items[:1]; return &c },
	} {
		assert.Contains(t, check(flaw{}, full, clone, excuses...), want)
	}
}

func TestBadSkipsAreFound(t *testing.T) {
	assert.Contains(t, check(flaw{}, full, clone, append(excuses, "items[].gone: was here")...), "skip items[].gone: there is no such field or type")
	assert.Contains(t, check(flaw{}, full, clone, append(excuses, "name")...), `skip "name": write "name: reason"`)
	assert.Contains(t, check(flaw{}, full, clone, append(excuses, "name: ")...), `skip "name: ": write "name: reason"`)
	assert.Contains(t, check(flaw{}, full, clone, excuses[1]), "cache: the fingerprint does not depend on it")
	assert.NotContains(t, check(flaw{fact: true}, full, clone, append(excuses, "items[].fact: not ours")...), "items[0].fact")
}

// Goal: a field that could not be tried is not taken for a good one.
func TestThinStatesAreFound(t *testing.T) {
	thin := func() any { s := full().(*state); s.items = nil; return s }
	assert.Contains(t, check(flaw{}, thin, clone, excuses...), "items: nothing is there to change")
	thin = func() any { s := full().(*state); s.items = s.items[2:]; return s }
	assert.Contains(t, check(flaw{}, thin, clone, excuses...), "items[].fact: nothing is there to change")

	var r recorder
	type odd struct{ f func() }
	Fields(&r, func() any { return &odd{} }, func(x any) any { return x }, func(any) uint64 { return 1 })
	assert.Contains(t, strings.Join(r.said, "\n"), "f: can't change a func()")
	r = recorder{}
	Fields(&r, func() any { return &struct{}{} }, func(x any) any { return x }, func(any) uint64 { return 1 })
	assert.Contains(t, strings.Join(r.said, "\n"), "there is nothing to check")
	r = recorder{}
	n := uint64(0)
	Fields(&r, func() any { return &owned{} }, func(x any) any { c := *x.(*owned); return &c }, func(any) uint64 { n++; return n })
	assert.Contains(t, strings.Join(r.said, "\n"), "the fingerprint of an unchanged *statecheck.owned changes")
}

func TestPaths(t *testing.T) {
	assert.Equal(t, "a[].b[].c", plain("a[3].b[12].c"))
	assert.Equal(t, "a[][]", plain("a[3][4]"))
	assert.Equal(t, "a", plain("a"))
}
