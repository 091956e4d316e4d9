package btree

import (
	"fmt"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plain is the model: a sorted slice.
type plain struct{ items []item[int] }

func (p *plain) find(key string) (int, bool) {
	i := sort.Search(len(p.items), func(i int) bool { return p.items[i].key >= key })
	return i, i < len(p.items) && p.items[i].key == key
}

func (p *plain) clone() *plain { return &plain{append([]item[int](nil), p.items...)} }

func (p *plain) set(key string, v int) (int, bool) {
	i, ok := p.find(key)
	if ok {
		old := p.items[i].val
		p.items[i].val = v
		return old, true
	}
	p.items = append(p.items, item[int]{})
	copy(p.items[i+1:], p.items[i:])
	p.items[i] = item[int]{key, v}
	return 0, false
}

func (p *plain) remove(key string) (int, bool) {
	i, ok := p.find(key)
	if !ok {
		return 0, false
	}
	old := p.items[i].val
	p.items = append(p.items[:i], p.items[i+1:]...)
	return old, true
}

// sound checks the order, the sizes and the separators of all nodes.
func (n *node[V]) sound(t require.TestingT, lo, hi string, top bool) int {
	require.True(t, n.size() > 0 && n.size() <= fanout, "size %d", n.size())
	if n.kids == nil {
		for i := range n.items {
			k := n.items[i].key
			require.True(t, k >= lo && (hi == "" || k < hi) && (i == 0 || n.items[i-1].key < k), "order")
		}
		return 1
	}
	require.Len(t, n.seps, len(n.kids)-1)
	depth := 0
	for i, k := range n.kids {
		l, h := lo, hi
		if i > 0 {
			l = n.seps[i-1]
		}
		if i < len(n.seps) {
			h = n.seps[i]
		}
		d := k.sound(t, l, h, false)
		require.True(t, i == 0 || d == depth, "depth")
		depth = d
	}
	return depth + 1
}

func same(t require.TestingT, want *plain, m *Map[int]) {
	require.Equal(t, len(want.items), m.Len())
	i := 0
	m.Each(func(k string, v int) bool {
		require.Equal(t, want.items[i], item[int]{k, v})
		i++
		return true
	})
	require.Equal(t, len(want.items), i)
	if m.root.top != nil {
		m.root.top.sound(t, "", "", true)
	}
}

// Goal: the map does what a sorted slice does, and no clone sees what another one
// writes. Method: several maps, each with its model, cloned from each other.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := rapid.SampledFrom([]int{3, 60, 150, 10000}).Draw(t, "span")
		maps, models := []*Map[int]{{}}, []*plain{{}}
		seq := 0
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			at := rapid.IntRange(0, len(maps)-1).Draw(t, "at")
			m, p := maps[at], models[at]
			key := func() string { return fmt.Sprintf("n%05d", rapid.IntRange(0, span).Draw(t, "key")) }
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0: // a burst in ascending order
				for range rapid.IntRange(1, 3000).Draw(t, "burst") {
					seq++
					k := fmt.Sprintf("s%07d", seq)
					m.Set(k, seq)
					p.set(k, seq)
				}
			case 1: // a burst of deletions
				from := key()
				for range rapid.IntRange(1, 2000).Draw(t, "cut") {
					k, _, ok := m.Seek(from)
					if !ok {
						break
					}
					m.Delete(k)
					p.remove(k)
				}
			case 2:
				c := m.Clone()
				maps, models = append(maps, &c), append(models, p.clone())
			case 3, 4:
				k := key()
				v, ok := m.Delete(k)
				wv, wok := p.remove(k)
				require.Equal(t, []any{wv, wok}, []any{v, ok})
			case 5:
				k := key()
				i, found := p.find(k)
				if r := m.Ref(k); found {
					*r = -step
					p.items[i].val = -step
				} else {
					require.Nil(t, r)
				}
				lookup(t, m, p, k)
			default:
				for range rapid.IntRange(1, 200).Draw(t, "sets") {
					k := key()
					v, ok := m.Set(k, step)
					wv, wok := p.set(k, step)
					require.Equal(t, []any{wv, wok}, []any{v, ok})
				}
			}
		}
		for i := range maps {
			same(t, models[i], maps[i])
		}
	})
}

// lookup compares all ways to find something near k.
func lookup(t require.TestingT, m *Map[int], p *plain, k string) {
	i, found := p.find(k)
	v, ok := m.Get(k)
	require.Equal(t, found, ok)
	if found {
		require.Equal(t, p.items[i].val, v)
	}
	first, _, ok := m.Seek(k)
	require.Equal(t, i < len(p.items), ok)
	if ok {
		require.Equal(t, p.items[i].key, first)
	}
	var got []string
	m.From(k, func(k string, _ int) bool { got = append(got, k); return len(got) < 70 })
	for j := range got {
		require.Equal(t, p.items[i+j].key, got[j])
	}
	require.Len(t, got, min(70, len(p.items)-i))
	if found {
		i++
	}
	next, _, ok := m.Next(k)
	require.Equal(t, i < len(p.items), ok)
	if ok {
		require.Equal(t, p.items[i].key, next)
	}
}

// TestAscendingLeavesFullNodes: sequential names cost no half-empty nodes.
func TestAscendingLeavesFullNodes(t *testing.T) {
	var m Map[int]
	for i := range fanout * fanout {
		m.Set(fmt.Sprintf("%08d", i), i)
	}
	require.Len(t, m.root.top.kids, fanout)
	for _, k := range m.root.top.kids {
		assert.Len(t, k.items, fanout)
	}
}

// TestOwnedNodesChangeInPlace: without a clone nothing is copied; with one, only
// the way down.
func TestOwnedNodesChangeInPlace(t *testing.T) {
	var m Map[int]
	for i := range 1000 {
		m.Set(fmt.Sprintf("%08d", i), i)
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Set("00000500", 7) }))
	top, leaf := m.root.top, m.root.top.kids[3]
	c := m.Clone()
	c.Set("00000000", 7)
	assert.Same(t, top, m.root.top)
	assert.NotSame(t, top, c.root.top)
	assert.Same(t, leaf, c.root.top.kids[3])
	v, _ := m.Get("00000000")
	assert.Zero(t, v)
	m.Set("00000000", 8) // gave its right up, too
	v, _ = c.Get("00000000")
	assert.Equal(t, 7, v)
}

func TestDeletingAllLeavesNothing(t *testing.T) {
	var m Map[int]
	for i := range 10000 {
		m.Set(fmt.Sprintf("%08d", i), i)
	}
	for i := range 10000 {
		_, ok := m.Delete(fmt.Sprintf("%08d", i*7919%10000))
		require.True(t, ok)
	}
	assert.Zero(t, m.Len())
	assert.Nil(t, m.root.top)
	_, _, ok := m.Next("")
	assert.False(t, ok)
	_, ok = m.Delete("x")
	assert.False(t, ok)
}

func benchKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("node-%010d", i)
	}
	return keys
}

func benchSizes(b *testing.B, f func(b *testing.B, m *Map[*int], keys []string)) {
	for _, n := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			keys, x := benchKeys(n), new(int)
			var m Map[*int]
			for _, k := range keys {
				m.Set(k, x)
			}
			b.ReportAllocs()
			b.ResetTimer()
			f(b, &m, keys)
		})
	}
}

func BenchmarkGet(b *testing.B) {
	benchSizes(b, func(b *testing.B, m *Map[*int], keys []string) {
		for i := 0; b.Loop(); i++ {
			m.Get(keys[i*7919%len(keys)])
		}
	})
}

func BenchmarkSet(b *testing.B) {
	benchSizes(b, func(b *testing.B, m *Map[*int], keys []string) {
		for i := 0; b.Loop(); i++ {
			m.Set(keys[i*7919%len(keys)], nil)
		}
	})
}

func BenchmarkDeleteSet(b *testing.B) {
	benchSizes(b, func(b *testing.B, m *Map[*int], keys []string) {
		for i := 0; b.Loop(); i++ {
			k := keys[i*7919%len(keys)]
			m.Delete(k)
			m.Set(k, nil)
		}
	})
}

func BenchmarkCloneSet(b *testing.B) {
	benchSizes(b, func(b *testing.B, m *Map[*int], keys []string) {
		for i := 0; b.Loop(); i++ {
			c := m.Clone()
			c.Set(keys[i*7919%len(keys)], nil)
		}
	})
}
