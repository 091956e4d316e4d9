package quorum

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestSetIsASmallSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOf(rapid.Custom(func(t *rapid.T) ServerID {
			return ServerID(rapid.IntRange(1, Max).Draw(t, "id"))
		})).Draw(t, "ids")
		var s Set
		model := map[ServerID]bool{}
		for i, id := range ids {
			if i%3 == 2 {
				s = s.Without(id)
				delete(model, id)
			} else {
				s, model[id] = s.With(id), true
			}
		}
		assert.Equal(t, len(model), s.Len())
		for id := ServerID(0); id < 20; id++ {
			assert.Equal(t, model[id], s.Has(id), "%v", id)
		}
		var walked Set
		last := ServerID(0)
		for rest := s; rest != 0; rest = rest.Without(rest.First()) {
			assert.Greater(t, rest.First(), last, "a walk ascends")
			last = rest.First()
			walked = walked.With(last)
		}
		assert.Equal(t, s, walked)
	})
}

func TestSetEdges(t *testing.T) {
	assert.Equal(t, "{}", Set(0).String())
	assert.Equal(t, "{1,3}", Of(3, 1, 3).String())
	assert.Equal(t, "{1,2,3,4,5,6,7,8}", Range(Max).String())
	assert.Equal(t, Set(0), Range(0))
	assert.Equal(t, Range(3), Of(1, 2, 3))
	assert.Equal(t, ServerID(0), Set(0).First())
	assert.Equal(t, "n8", ServerID(8).String())
	assert.Equal(t, Of(1), Of(1).With(0), "server 0 is in no set")
	assert.Equal(t, Of(1), Of(1).With(9), "nor is a server above Max")
}

// QuorumMaj: more than half of the voters, for every size and every subset.
func TestMajority(t *testing.T) {
	need := [Max + 1]int{0, 1, 2, 2, 3, 3, 4, 4, 5}
	for n := 1; n <= Max; n++ {
		c := Majority(n)
		for s := range 1 << n {
			assert.Equal(t, Set(s).Len() >= need[n], c.Contains(Set(s)), "%v of %d", Set(s), n)
		}
	}
	assert.False(t, (&Config{}).Contains(Range(8)), "nobody votes")
}

// Observers and strangers are worth nothing (ZOOKEEPER-1294, ZOOKEEPER-2959).
func TestOnlyVotersCount(t *testing.T) {
	c := &Config{Voters: Of(1, 2, 3), Observers: Of(4, 5)}
	assert.False(t, c.Contains(Of(1, 4, 5)))
	assert.False(t, c.Contains(Of(1, 6, 7, 8)))
	assert.True(t, c.Contains(Of(1, 2, 4)))
	assert.Equal(t, Of(1, 2, 3, 4, 5), c.All())
	assert.Equal(t, uint32(1), c.Weight(3))
	assert.Equal(t, uint32(0), c.Weight(4))
	assert.Equal(t, uint32(0), c.Weight(0))
}

// grouped builds a hierarchical configuration: group and weight of servers 1, 2, ...
func grouped(groups []uint8, weights []uint32) *Config {
	c := &Config{Voters: Range(len(groups)), Grouped: true}
	copy(c.Group[1:], groups)
	copy(c.Weights[1:], weights)
	return c
}

// QuorumHierarchical by example.
func TestHierarchicalQuorums(t *testing.T) {
	ones := []uint32{1, 1, 1, 1, 1, 1, 1, 1}
	two := grouped([]uint8{1, 1, 1, 2, 2, 2}, ones)
	sites := grouped([]uint8{1, 1, 2, 2, 3, 3}, ones)
	heavy := grouped([]uint8{1, 1, 1, 2, 2}, []uint32{3, 1, 1, 1, 1})
	// Group 3 weighs nothing: two groups are left, both are needed
	// (ZOOKEEPER-1698). A group of weight 4 needs more than 2.
	idle := grouped([]uint8{1, 1, 2, 3, 3}, []uint32{2, 2, 1, 0, 0})
	for _, c := range []struct {
		name string
		cfg  *Config
		set  Set
		want bool
	}{
		{"a majority of each of two groups", two, Of(1, 2, 4, 5), true},
		{"one whole group and a minority of the other", two, Of(1, 2, 3, 4), false},
		{"two of three groups", sites, Of(1, 2, 5, 6), true},
		{"half of a group of two is too little", sites, Of(1, 2, 3, 5), false},
		{"a heavy server is a majority of its group", heavy, Of(1, 4, 5), true},
		{"its two light peers are not", heavy, Of(2, 3, 4, 5), false},
		{"groups without weight do not count", idle, Of(1, 2, 3), true},
		{"nor do they help", idle, Of(1, 2, 4, 5), false},
		{"half of a weight is no majority", idle, Of(1, 3, 4, 5), false},
		{"nobody", two, 0, false},
		{"everybody", heavy, Range(5), true},
	} {
		assert.Equal(t, c.want, c.cfg.Contains(c.set), c.name)
	}
	assert.Equal(t, uint32(3), heavy.Weight(1))
	assert.Equal(t, uint32(0), idle.Weight(4))
	assert.Equal(t, uint32(0), heavy.Weight(6), "no voter")
	assert.False(t, grouped([]uint8{1, 2}, []uint32{0, 0}).Contains(Range(2)), "no weight at all")
}

// config draws any configuration: plain or grouped, with zero weights.
func config(t *rapid.T) *Config {
	n := rapid.IntRange(1, Max).Draw(t, "voters")
	if rapid.Bool().Draw(t, "plain") {
		return Majority(n)
	}
	groups := rapid.SliceOfN(rapid.Uint8Range(1, 4), n, n).Draw(t, "groups")
	weights := rapid.SliceOfN(rapid.Uint32Range(0, 5), n, n).Draw(t, "weights")
	return grouped(groups, weights)
}

// Two quorums always share a server. All of Zab stands on this.
func TestQuorumsIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := config(t)
		for s := range 1 << Max {
			// The complement is the largest set that shares nothing with s.
			if c.Contains(Set(s)) && c.Contains(^Set(s)) {
				t.Fatalf("%v and %v are both quorums", Set(s), ^Set(s)&c.Voters)
			}
		}
	})
}

func TestMoreServersNeverLoseAQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := config(t)
		s := Set(rapid.Uint8().Draw(t, "set"))
		more := s | Set(rapid.Uint8().Draw(t, "more"))
		if c.Contains(s) {
			assert.True(t, c.Contains(more))
		}
	})
}

func BenchmarkContainsHierarchical(b *testing.B) {
	b.ReportAllocs()
	c := grouped([]uint8{1, 1, 1, 2, 2, 2}, []uint32{1, 1, 1, 1, 1, 1})
	for b.Loop() {
		c.Contains(Of(1, 2, 4, 5))
	}
}
