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

// Goal: the time-out is clamped to what the server grants, 2 to 20 ticks unless it
// is told otherwise (protocol fact 9.1).
func TestNegotiation(t *testing.T) {
	for _, c := range []struct {
		least, most  host.Duration
		asked, grant int32
	}{
		{0, 0, 0, 4000}, {0, 0, -5, 4000}, {0, 0, 4000, 4000}, {0, 0, 12345, 12345}, {0, 0, 40000, 40000}, {0, 0, 1 << 30, 40000},
		{host.Second, 0, 1, 1000}, {0, 5 * host.Second, 9999, 5000}, {6 * host.Second, 5 * host.Second, 9999, 5000},
	} {
		r := lone(t, func(cfg *Config) { cfg.MinSessionTimeout, cfg.MaxSessionTimeout = c.least, c.most })
		assert.Equal(t, []string{fmt.Sprintf("session %d", c.grant)}, r.open(1, c.asked).news(), "%+v", c)
	}
}

// Goal: ids and passwords are those of a real server. Method: values that java.util.Random
// and the arithmetic of Java gave.
func TestSessionIDs(t *testing.T) {
	for _, c := range []struct {
		server quorum.ServerID
		millis int64
		want   txn.SessionID
	}{
		{1, 1700000000000, 0x018bcfe568000000}, {3, 1, 0x0300000000010000}, {2, 1700000000000, 0x028bcfe568000000}, {0, 5, 0x50000}, {0, 0, 1},
	} {
		s := &Server{cfg: &Config{ID: c.server}, now: host.Time(c.millis * 1e6), wall: 1e18}
		assert.Equal(t, c.want, s.newSessionID())
		s.now += 1e9
		assert.Equal(t, c.want+1, s.newSessionID(), "the clock counts once")
	}
}

func TestPasswords(t *testing.T) {
	for id, want := range map[txn.SessionID]string{
		1:                  "054cc74a37327db215e702e20c73f005",
		0x2000018bcfe56800: "8b0846ad2489fb312884aba76d164e68",
		0x03018bcfe5680002: "04023dae2f5cc6f32ea6d7e1298df7db",
		^txn.SessionID(0):  "20f62cb5648dc2d771471c8a2486a9ee",
	} {
		assert.Equal(t, want, fmt.Sprintf("%x", Password(id)))
	}
	assert.Equal(t, Password(1), Password(0x0100000000000001), "the generator has 48 bits: the server is not among them")
}

// Goal: a session ends at the first end of a bucket strictly after now and its
// time-out, at most one tick later (ExpiryQueue.roundToNextInterval).
func TestDeadlineIsTheEndOfABucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tick := host.Duration(rapid.IntRange(1, 5000).Draw(t, "tick")) * host.Millisecond
		timeout := int32(rapid.IntRange(0, 100000).Draw(t, "timeout"))
		s := &Server{cfg: &Config{TickTime: tick}, now: host.Time(rapid.Int64Range(0, 1e15).Draw(t, "now"))}
		end, least := s.deadline(timeout), s.now.Add(host.Duration(timeout)*host.Millisecond)
		if end <= least || end.Sub(least) > tick || end%host.Time(tick) != 0 {
			t.Fatalf("now %d, time-out %d, tick %d: %d", s.now, timeout, tick, end)
		}
	})
}

// Goal: a bucket ends as a whole, its sessions by ascending id; a touch moves a
// session to a later bucket.
func TestSessionsExpireByBuckets(t *testing.T) {
	r := lone(t)
	a, b, c := r.open(1, 4000), r.open(1, 5999), r.open(1, 4000)
	d := r.open(1, 6000)
	start := r.servers[1].lastProcessed
	c.ping() // at once: the same bucket
	r.expiry(1).expiry(1)
	assert.Empty(t, r.txnsOf(1, start), "4 s: not yet")
	require.Equal(t, host.Time(4*host.Second), r.now)
	c.ping()
	r.expiry(1)
	require.Equal(t, host.Time(6*host.Second), r.now)
	assert.Equal(t, []string{"0.5 closeSession", "0.6 closeSession"}, r.txnsOf(1, start))
	assert.Equal(t, []txn.SessionID{c.id, d.id}, r.sessionsOf(1))
	assert.Equal(t, []string{"session 4000", "closed"}, a.news(), "without a word")
	assert.Equal(t, []string{"session 5999", "closed"}, b.news())
	assert.Equal(t, []string{"session 4000", "pong", "pong"}, c.news())
	r.expiry(1)
	assert.Equal(t, []txn.SessionID{c.id}, r.sessionsOf(1), "8 s")
	r.expiry(1)
	assert.Empty(t, r.sessionsOf(1), "10 s: 4 s and the ping")
}

// Goal: an expiry thread that is late takes the oldest bucket first, whatever the ids.
func TestLateExpiryGoesBucketByBucket(t *testing.T) {
	r := lone(t)
	a, b, c := r.open(1, 9000), r.open(1, 4000), r.open(1, 9000)
	start := r.servers[1].lastProcessed
	r.pass(host.Duration(30 * host.Second)).expiry(1)
	l := r.servers[1].Log()
	var order []txn.SessionID
	for i := 0; i < l.Len(); i++ {
		if x := l.At(i).Txn; x.Zxid > start {
			order = append(order, x.Session)
		}
	}
	assert.Equal(t, []txn.SessionID{b.id, a.id, c.id}, order)
}

// Goal: a client of a follower is kept alive by what the follower's PING tells the
// leader, and by nothing else.
func TestPingOfALearnerTouches(t *testing.T) {
	r := sessionEnsemble(t, 3)
	a, b := r.open(2, 4000), r.open(2, 4000)
	assert.Equal(t, []txn.SessionID{a.id, b.id}, r.sessionsOf(3), "a session exists everywhere")
	r.fire(1, TimerTick).settle() // the followers tell of new sessions
	r.pass(host.Duration(3 * host.Second))
	a.ping()
	require.Equal(t, int32(1), r.servers[2].touched.N)
	r.fire(1, TimerTick).settle()
	assert.Zero(t, r.servers[2].touched.N)
	r.now = 0
	r.expiry(1).expiry(1).expiry(1)
	require.Equal(t, host.Time(6*host.Second), r.now)
	assert.Equal(t, []txn.SessionID{a.id}, r.sessionsOf(3))
	assert.Equal(t, []string{"session 4000", "closed"}, b.news())
	assert.Equal(t, []string{"session 4000", "pong"}, a.news())
	r.expiry(1)
	assert.Empty(t, r.sessionsOf(3))
}

// Goal: who validates tracks a session from the handshake on: its time runs while its
// createSession waits (SessionTrackerImpl.createSession).
func TestSessionIsTrackedAtOnce(t *testing.T) {
	for _, r := range []*rig{lone(t), sessionEnsemble(t, 3)} {
		r.byHand = true
		r.attach(1, ClientMsg{Connect: &Connect{TimeoutMillis: 4000}})
		s := r.servers[1]
		require.Equal(t, Lanes(0).With(LanePrep), s.Runnable())
		require.Len(t, s.sessions.list, 1)
		assert.Equal(t, host.Time(6*host.Second), s.sessions.list[0].deadline)
		assert.Empty(t, r.sessionsOf(1), "the database does not know")
	}
}

// Goal: the commit of a createSession is no touch.
func TestCommitIsNoTouch(t *testing.T) {
	r := sessionEnsemble(t, 3)
	r.slow[1], r.slow[2], r.slow[3] = true, true, true
	r.attach(1, ClientMsg{Connect: &Connect{TimeoutMillis: 4000}})
	r.settle().pass(host.Duration(5 * host.Second))
	r.slow = [quorum.Slots]bool{}
	r.settle()
	require.Len(t, r.sessionsOf(3), 1)
	assert.Equal(t, host.Time(6*host.Second), r.servers[1].sessions.list[0].deadline)
}

// Goal: an observer's clients have sessions like all others.
func TestSessionsAtAnObserver(t *testing.T) {
	r := newSessionRig(t, 4)
	members := &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}
	for id := range r.cfgs {
		r.cfgs[id].Quorum = members
	}
	r.start(1, 2, 3, 4).elect(1, 2, 3).settle()
	r.step(4, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	a := r.open(4, 4000)
	a.create("/e", 1).ping()
	assert.Equal(t, []string{"session 4000", "1 create OK", "pong"}, a.news())
	require.Equal(t, int32(1), r.servers[4].touched.N)
	r.pass(host.Duration(3*host.Second)).fire(1, TimerTick).settle()
	assert.Equal(t, host.Time(8*host.Second), r.servers[1].sessions.list[0].deadline)
	b := a.resume(2)
	assert.Equal(t, []string{"session 4000"}, b.news())
	a.create("/f", 1)
	assert.Equal(t, []string{"closed"}, a.news())
	b.close()
	r.settle()
	assert.Equal(t, []string{"1.3 error SESSIONMOVED", "1.4 closeSession /e"}, r.txnsOf(3, z(1, 2)))
}

// Goal: all learners tell of a new session, as commitSession does, and forget one
// that is closed.
func TestLearnersTellOfNewSessions(t *testing.T) {
	r := sessionEnsemble(t, 3)
	a := r.open(1, 4000)
	for id := quorum.ServerID(2); id <= 3; id++ {
		assert.Equal(t, Touches{N: 1, Few: [touchesFew]Touch{{a.id, 4000}}}, r.servers[id].touched)
	}
	a.close()
	r.settle()
	assert.Zero(t, r.servers[2].touched)
}

// Goal: a new leader knows nothing of the time before it, so that each session has
// its full time-out again.
func TestNewLeaderGivesTheFullTime(t *testing.T) {
	r := sessionEnsemble(t, 3)
	a := r.open(2, 4000)
	r.expiry(1).expiry(1)
	require.Equal(t, host.Time(4*host.Second), r.now)
	r.crash(1)
	r.settle()
	r.elect(2, 3).settle()
	require.True(t, a.closed)
	r.expiry(2).expiry(2)
	assert.Equal(t, []txn.SessionID{a.id}, r.sessionsOf(3), "8 s")
	r.expiry(2)
	assert.Empty(t, r.sessionsOf(3), "10 s")
}

// Goal: after a move the old server's requests fail with SessionMoved, which is not
// answered: the old connection ends (ZOOKEEPER-710).
func TestSessionMoves(t *testing.T) {
	multi := txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{{Op: txn.OpCheck, Path: "/", Version: -1}}}}
	for name, c := range map[string]struct {
		q    txn.Request
		want string
	}{
		"write": {txn.Request{Op: txn.OpCreate, Path: "/a"}, "1.2 error SESSIONMOVED"},
		"multi": {multi, "1.2 multi"},
	} {
		r := sessionEnsemble(t, 3)
		a := r.open(2, 4000)
		require.Equal(t, []string{"session 4000"}, a.news())
		r.stuck = func(from, to quorum.ServerID, m *Msg) bool { return from == 2 && m.Packet.Type == Request }
		a.request(c.q)
		b := a.resume(3)
		assert.Equal(t, []string{"session 4000"}, b.news(), name)
		assert.Empty(t, a.news(), "n2 does not know")
		r.stuck = nil
		assert.Equal(t, []string{"closed"}, a.news(), name)
		assert.Equal(t, c.want, r.txnsOf(3, z(1, 1))[0], name)
		b.create("/b", 0)
		assert.Equal(t, []string{"2 create OK"}, b.news())
	}
}

// Goal: on the leader reads and pings, too, find out that the session has moved
// (protocol fact 8.4); on a follower they do not.
func TestReadsOnALeaderCheckTheSession(t *testing.T) {
	r := sessionEnsemble(t, 3)
	for _, what := range []func(*rigClient) *rigClient{
		func(c *rigClient) *rigClient { return c.exists("/", false) },
		func(c *rigClient) *rigClient { return c.request(txn.Request{Op: txn.OpSync, Path: "/"}) },
		(*rigClient).ping,
	} {
		a := r.open(1, 4000)
		b := a.resume(2)
		require.Equal(t, []string{"session 4000"}, b.news())
		what(a)
		assert.Equal(t, []string{"session 4000", "closed"}, a.news())
		c := b.resume(3)
		require.Equal(t, []string{"session 4000"}, c.news())
		what(b)
		assert.Len(t, b.news(), 1)
		assert.False(t, b.closed, "a follower does not look")
	}
}

// Goal: a learner that comes back is another owner: what its old connection brought
// and is not validated yet fails.
func TestOwnerIsTheHandler(t *testing.T) {
	s := &Server{cfg: &Config{ID: 0, Sessions: true}}
	assert.Equal(t, owner(0), s.ownerOf(&prepared{}), "what the server asks itself")
	assert.Equal(t, ownerSelf, s.ownerOf(&prepared{conn: 7}), "a standalone server has number 0")
	assert.Equal(t, owner(7), s.ownerOf(&prepared{from: 2, conn: 7}))

	s.lead.stage, s.state = leadServing, 0
	s.sessions.track(5, 1, 1).owner = 7
	assert.Equal(t, txn.OK, s.sessionCheck(&prepared{from: 2, conn: 7, req: ask(5, 1)}).Session)
	assert.Equal(t, txn.SessionMoved, s.sessionCheck(&prepared{from: 2, conn: 8, req: ask(5, 1)}).Session)
}

func TestTrackerCheck(t *testing.T) {
	var tr tracker
	assert.Equal(t, txn.UnknownSession, tr.check(1, 2))
	tr.track(1, 10, 20)
	assert.Equal(t, txn.OK, tr.check(1, 2), "who speaks first")
	assert.Equal(t, txn.OK, tr.check(1, 2))
	assert.Equal(t, txn.SessionMoved, tr.check(1, 3))
	tr.setOwner(1, 3)
	assert.Equal(t, txn.OK, tr.check(1, 3))
	tr.setClosing(1)
	assert.Equal(t, txn.SessionExpired, tr.check(1, 3))
	assert.False(t, tr.touch(1, 10, 30))
	tr.remove(1)
	assert.False(t, tr.touch(1, 10, 30))
	assert.False(t, tr.has(1))
}

// Goal: how a session is called that nobody knows (SessionTrackerImpl against
// LeaderSessionTracker).
func TestUnknownSession(t *testing.T) {
	s := &Server{cfg: &Config{ID: 1, Sessions: true, Standalone: true}}
	p := prepared{from: 1, conn: 7, req: ask(5, 1)}
	assert.Equal(t, txn.SessionCheck{Session: txn.UnknownSession, Global: txn.SessionExpired}, s.sessionCheck(&p))
	s.cfg.Standalone = false
	assert.Equal(t, txn.SessionCheck{Session: txn.SessionExpired, Global: txn.SessionExpired}, s.sessionCheck(&p))
}

// Goal: a touch table is a table. Method: against a map.
func TestTouchesAreATable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table Touches
		want := map[Touch]bool{}
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			id := txn.SessionID(rapid.IntRange(1, 8).Draw(t, "id"))
			for e := range want {
				if e.Session == id {
					delete(want, e)
				}
			}
			if rapid.Bool().Draw(t, "add") {
				e := Touch{id, int32(rapid.IntRange(1, 3).Draw(t, "timeout"))}
				want[e] = true
				table.add(e)
			} else {
				table.remove(id)
			}
			got := map[Touch]bool{}
			table.each(func(e Touch) { got[e] = true })
			assert.Equal(t, want, got)
			assert.Equal(t, int(table.N), len(want))
		}
	})
}
