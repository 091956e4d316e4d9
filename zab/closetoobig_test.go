package zab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// Goal: a session may have more nodes than fit into a request. With the bug of
// ZOOKEEPER-4306 its end is the end of every leader: each proposes the closeSession,
// its followers leave, and the next one does the same.
func TestSessionWithManyNodesEnds(t *testing.T) {
	small := func(c *Config) { c.MaxBuffer = 1000 }
	fill := func(r *rig) *rigClient {
		a := r.open(2, 4000)
		for i := range 20 {
			a.create(fmt.Sprintf("/%02d%s", i, strings.Repeat("x", 80)), 1)
		}
		require.Len(t, a.news(), 21)
		return a
	}

	r := sessionEnsemble(t, 3, small)
	a := fill(r)
	r.step(1, Input{Kind: ExpireSession, Session: a.id})
	r.settle()
	assert.Empty(t, r.sessionsOf(3))
	assert.True(t, r.servers[1].serving)

	r = sessionEnsemble(t, 3, small, with(bug.CloseTooBig))
	a = fill(r)
	for _, reign := range [][]quorum.ServerID{{1, 2, 3}, {2, 3}, {3, 1}} {
		leader, followers := reign[0], reign[1:]
		if leader > 1 {
			r.elect(leader, followers...).settle()
		}
		require.True(t, r.servers[leader].serving, "%v leads", leader)
		r.step(leader, Input{Kind: ExpireSession, Session: a.id})
		r.settle()
		for _, id := range followers {
			assert.False(t, r.servers[id].serving, "%v still follows %v", id, leader)
		}
		assert.Len(t, r.sessionsOf(leader), 1, "nothing is committed")
		r.crash(leader) // or its syncLimit ends: it has no quorum any more
		r.start(leader).settle()
	}
}
