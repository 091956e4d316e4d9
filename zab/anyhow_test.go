package zab

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/election"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// anyhow is a random story about sessions at three servers.
type anyhow struct {
	*rapid.T
	r     *rig
	conns []*rigClient
	paths []string
}

// fatal makes the rig end one story, not the test.
type fatal struct {
	testing.TB
	rt *rapid.T
}

func (f fatal) Errorf(format string, args ...any) { f.rt.Errorf(format, args...) }
func (f fatal) FailNow()                          { f.rt.FailNow() }

func (a *anyhow) pick(n int, what string) int { return rapid.IntRange(0, n-1).Draw(a.T, what) }

// client returns a connection whose session is known; nil if the one drawn is not.
func (a *anyhow) client() *rigClient {
	if len(a.conns) == 0 {
		return nil
	}
	c := a.conns[a.pick(len(a.conns), "client")]
	if c.id == 0 && len(c.heard) > 0 {
		c.id = c.heard[0].Session
	}
	if c.id == 0 {
		return nil
	}
	return c
}

func (a *anyhow) turn() {
	r := a.r
	switch what := a.pick(20, "what"); what {
	case 0:
		at := quorum.ServerID(1 + a.pick(3, "at"))
		timeout := int32(4000 + 1000*a.pick(4, "timeout"))
		a.conns = append(a.conns, r.attach(at, ClientMsg{Connect: &Connect{TimeoutMillis: timeout, Addr: "a"}}))
	case 1, 2, 3, 4, 5, 6:
		if c := a.client(); c != nil {
			a.ask(c, what)
		}
	case 7:
		if r.timers[1][TimerTick] != 0 {
			r.fire(1, TimerTick)
		}
	case 8:
		id := quorum.ServerID(1 + a.pick(3, "slow"))
		r.slow[id] = !r.slow[id]
	case 9:
		for id := quorum.ServerID(1); id <= 3; id++ {
			if r.timers[id][TimerSession] != 0 && a.pick(2, "late") == 0 {
				r.fire(id, TimerSession)
			}
		}
	case 10:
		r.pass(host.Duration(a.pick(1500, "pass")) * host.Millisecond)
	case 11:
		from, to := quorum.ServerID(1+a.pick(3, "from")), quorum.ServerID(1+a.pick(3, "to"))
		r.stuck = func(f, t quorum.ServerID, _ *Msg) bool { return f == from && t == to }
	case 12:
		r.stuck = nil
	case 13:
		if id := quorum.ServerID(2 + a.pick(2, "leaves")); r.timers[id][TimerRead] != 0 {
			r.fire(id, TimerRead)
		}
	case 14:
		a.rejoin()
	default:
		for range what {
			r.one()
		}
	}
}

// rejoin lets n1 lead again and the others follow.
func (a *anyhow) rejoin() {
	for id := quorum.ServerID(1); id <= 3; id++ {
		if s := a.r.servers[id]; s.state == election.Looking && (id == 1 || a.r.servers[1].state == election.Leading) {
			a.r.step(id, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
		}
	}
}

func (a *anyhow) ask(c *rigClient, what int) {
	switch what {
	case 1, 2:
		path := fmt.Sprintf("/%d", len(a.paths))
		a.paths = append(a.paths, path)
		c.create(path, int32(a.pick(2, "ephemeral")))
	case 3:
		c.exists("/", false).ping()
	case 4:
		a.conns = append(a.conns, c.resume(quorum.ServerID(1+a.pick(3, "to"))))
	case 5:
		a.r.step(c.at, Input{Kind: DropClient, Conn: c.conn})
	case 6:
		if a.pick(3, "close") == 0 {
			c.close()
		}
	}
}

// Goal: whatever happens to sessions, at the end all servers have the same ones, each
// ephemeral node has its session, the leader tracks what the database knows, nobody
// waits, and each client was answered in its order.
func TestSessionsAnyhow(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"plain": func(*Config) {}, "local": localOnly, "upgrading": upgrading,
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				a := anyhow{T: rt, r: sessionEnsemble(t, 3, change)}
				a.r.t = fatal{t, rt}
				for range rapid.IntRange(1, 80).Draw(rt, "turns") {
					a.turn()
				}
				a.r.slow, a.r.stuck = [quorum.Slots]bool{}, nil
				for range 3 { // a role ends, its log writer drains, and the server is free again
					a.r.settle()
					a.rejoin()
				}
				a.r.settle()
				a.judge()
			})
		})
	}
}

func (a *anyhow) judge() {
	r := a.r
	alive := r.sessionsOf(1)
	for id := quorum.ServerID(1); id <= 3; id++ {
		s := r.servers[id]
		require.Equal(a.T, alive, r.sessionsOf(id), "%v", id)
		require.Equal(a.T, r.servers[1].sm.Digest(), s.sm.Digest(), "%v", id)
		require.Empty(a.T, s.pending, "%v", id)
		require.Empty(a.T, s.upgrading, "%v", id)
		for i := range s.local.list {
			require.NotContains(a.T, alive, s.local.list[i].id, "local and global")
			require.False(a.T, s.local.list[i].closing)
		}
		for i := range s.clients {
			c := &s.clients[i]
			require.True(a.T, c.open, "%v: a handshake hangs", id)
			for k := range s.clients[:i] {
				require.NotEqual(a.T, c.session, s.clients[k].session, "two connections of a session")
			}
		}
	}
	tracked := []txn.SessionID(nil)
	for i := range r.servers[1].sessions.list {
		tracked = append(tracked, r.servers[1].sessions.list[i].id)
	}
	assert.Equal(a.T, alive, tracked)
	for _, path := range a.paths {
		res := r.servers[1].sm.Read(&txn.Request{Op: txn.OpExists, Path: path}, 0)
		if owner := res.Stat.EphemeralOwner; owner != 0 {
			assert.Contains(a.T, alive, owner, path)
		}
	}
	for _, c := range a.conns {
		last := uint32(0)
		for i := range c.heard {
			if m := &c.heard[i]; m.Kind == ClientReply {
				assert.Greater(a.T, m.Cxid, last)
				last = m.Cxid
			}
		}
	}
}
