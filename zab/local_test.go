package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

func localOnly(c *Config) { c.LocalSessions = true }
func upgrading(c *Config) { c.LocalSessions, c.LocalSessionsUpgrade = true, true }

// peers runs a story at a leader and at a follower.
func peers(t *testing.T, story func(t *testing.T, r *rig, at quorum.ServerID), change ...func(*Config)) {
	t.Run("leader", func(t *testing.T) { story(t, sessionEnsemble(t, 3, change...), 1) })
	t.Run("follower", func(t *testing.T) { story(t, sessionEnsemble(t, 3, change...), 2) })
}

// ephemeralIn returns requests that make an ephemeral node.
func ephemeralIn(path string) []txn.Request {
	one := txn.Request{Op: txn.OpCreate2, Path: path, Flags: 3}
	return []txn.Request{
		{Op: txn.OpCreate, Path: path, Flags: 1},
		{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{{Op: txn.OpCheck, Path: "/", Version: -1}, one}}},
	}
}

// Goal: a local session is made and ended without a transaction, writes like any
// other, and no other server has heard of it.
func TestLocalSession(t *testing.T) {
	peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		assert.Equal(t, Password(a.id), a.heard[0].Connect.Password)
		a.create("/a", 0).exists("/a", false).ping()
		assert.Equal(t, []string{"session 4000", "1 create OK", "2 exists OK", "pong"}, a.news())
		assert.Equal(t, []string{"1.1 create"}, r.txnsOf(3, 0))
		assert.Empty(t, r.sessionsOf(at))
		assert.Zero(t, r.servers[at].touched, "nothing for the leader to know")
		assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(3).news())
		assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(3-at).news())
		assert.False(t, a.closed)
		b := a.resume(at)
		assert.Equal(t, []string{"session 4000"}, b.news())
		assert.True(t, a.closed)
		b.close()
		assert.Equal(t, []string{"3 closeSession OK", "closed"}, b.news())
		assert.Empty(t, r.servers[at].local.list)
		assert.Equal(t, []string{"no session 0 ", "closed"}, b.resume(at).news())
		assert.Equal(t, []string{"1.1 create"}, r.txnsOf(3, 0))
	}, upgrading)
}

// Goal: a standalone server has no local sessions, and they are off by default.
func TestNoLocalSessions(t *testing.T) {
	r := lone(t, upgrading)
	a := r.open(1, 4000)
	assert.Equal(t, []txn.SessionID{a.id}, r.sessionsOf(1))
	r = sessionEnsemble(t, 3)
	a = r.open(2, 4000)
	assert.Equal(t, []txn.SessionID{a.id}, r.sessionsOf(3))
	assert.Empty(t, r.servers[2].local.list)
}

// Goal: before a local session makes an ephemeral node, alone or in a multi, it
// becomes a session of the ensemble; from then on it can move.
func TestLocalSessionIsUpgraded(t *testing.T) {
	for _, q := range ephemeralIn("/e") {
		peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
			a := r.open(at, 6000)
			r.slow[1], r.slow[2], r.slow[3] = true, true, true
			a.request(q).create("/f", 1).ping()
			r.settle()
			s := r.servers[at]
			assert.Equal(t, []txn.SessionID{a.id}, s.upgrading)
			assert.Empty(t, s.local.list)
			if at != 1 {
				assert.Equal(t, Touches{N: 1, Few: [touchesFew]Touch{{a.id, 6000}}}, s.touched)
			}
			r.slow = [quorum.Slots]bool{}
			news := a.news()
			require.Len(t, news, 4, "one ConnectResponse")
			assert.Equal(t, []string{"2 create OK", "pong"}, news[2:])
			assert.Equal(t, []string{"1.1 createSession", "1.2 " + q.Op.String(), "1.3 create"}, r.txnsOf(3, 0))
			timeout, ok := r.servers[3].sm.SessionTimeout(a.id)
			assert.True(t, ok)
			assert.Equal(t, int32(6000), timeout)
			assert.Empty(t, s.upgrading)
			b := a.resume(3)
			assert.Equal(t, []string{"session 4000"}, b.news())
			b.close()
			assert.Equal(t, []string{"3 closeSession OK", "closed"}, b.news())
			require.Len(t, r.txnsOf(3, z(1, 3)), 1)
			assert.True(t, a.closed, "by the closeSession")
			assert.Empty(t, r.sessionsOf(at))
		}, upgrading)
	}
}

// Goal: without upgrading an ephemeral node is refused. Alone it is refused by the
// right name wherever the client is; in a multi only the leader's own clients hear
// that name.
func TestEphemeralOnLocalSession(t *testing.T) {
	peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		for _, q := range ephemeralIn("/e") {
			a.request(q)
		}
		a.create("/p", 0)
		inMulti := "EPHEMERALONLOCALSESSION"
		if at != 1 {
			inMulti = "SESSIONEXPIRED"
		}
		assert.Equal(t, []string{"session 4000", "1 create EPHEMERALONLOCALSESSION", "2 multi OK OK " + inMulti, "3 create OK"}, a.news())
		log := r.txnsOf(3, 0)
		require.Len(t, log, 3)
		assert.Equal(t, map[bool]string{true: "1.1 error EPHEMERALONLOCALSESSION", false: "1.1 error SESSIONEXPIRED"}[at == 1], log[0])
		assert.Len(t, r.servers[at].local.list, 1, "it goes on")
	}, localOnly)
}

// Goal: other modes do not upgrade.
func TestPlainNodesDoNotUpgrade(t *testing.T) {
	for _, q := range []txn.Request{
		{Op: txn.OpCreate, Path: "/a", Flags: 2}, {Op: txn.OpCreateContainer, Path: "/a", Flags: 4}, {Op: txn.OpMulti}, {Op: txn.OpCreateTTL, Flags: 1},
		{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{{Op: txn.OpCreate, Path: "/a"}}}}, {Op: txn.OpDelete, Flags: 1},
	} {
		assert.False(t, makesEphemeral(&q), "%+v", q)
	}
	nested := txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{ephemeralIn("/")[1]}}}
	assert.False(t, makesEphemeral(&nested), "no record can hold it")
}

// Goal: a local session expires where it is, by the same buckets, without a word to
// anybody. Then it can't be upgraded.
func TestLocalSessionExpires(t *testing.T) {
	peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a, b := r.open(at, 4000), r.open(at, 4000)
		r.expiry(at).expiry(at)
		require.Equal(t, host.Time(4*host.Second), r.now)
		b.ping()
		r.expiry(at)
		assert.Equal(t, []string{"session 4000", "closed"}, a.news())
		assert.Equal(t, []string{"session 4000", "pong"}, b.news())
		a.create("/e", 1)
		assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(at).news())
		assert.Equal(t, z(1, 0), r.servers[3].lastProcessed)
	}, upgrading)
}

// Goal: behind its closeSession a local session can't be upgraded: the node would
// stay without a session (ZOOKEEPER-3471 is of this kind).
func TestClosingLocalSessionIsNotUpgraded(t *testing.T) {
	peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/a", 0).close().create("/e", 1)
		r.settle()
		require.Len(t, r.servers[at].local.list, 1, "the closeSession waits in its session's queue")
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"session 4000", "1 create OK", "2 closeSession OK", "closed"}, a.news())
		assert.Equal(t, []string{"1.1 create"}, r.txnsOf(3, 0))
		assert.Empty(t, r.servers[at].local.list)

		b := r.open(at, 4000)
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		b.create("/b", 0).close()
		r.settle()
		r.step(at, Input{Kind: DropClient, Conn: b.conn})
		assert.Empty(t, r.servers[at].local.list, "nor does it stay when its connection is lost")
	}, upgrading)
}

// Goal: what is refused where the story does not come so far: a server takes nothing of
// a session that it does not know, and does not upgrade one that is closing.
func TestLocalSessionThatIsGone(t *testing.T) {
	r := sessionEnsemble(t, 3, upgrading)
	s := r.servers[2]
	assert.False(t, s.touch(0x02<<56|9, 4000))
	a := r.open(2, 4000)
	assert.True(t, s.touch(a.id, 4000))
	s.local.setClosing(a.id)
	assert.False(t, s.touch(a.id, 4000))
	q := txn.Request{Session: a.id, Op: txn.OpCreate, Flags: 1}
	r.out.Reset()
	assert.Equal(t, txn.OK, s.upgrade(&q, &r.out), "the leader will refuse it")
	assert.Empty(t, r.out.List())
	assert.Empty(t, s.upgrading)
}

// Goal: between its upgrade and Prep a session is tracked by the leader already.
func TestUpgradingSessionIsTouched(t *testing.T) {
	r := sessionEnsemble(t, 3, upgrading)
	a := r.open(1, 4000)
	r.byHand = true
	a.create("/e", 1)
	r.pass(host.Duration(3 * host.Second))
	a.ping()
	require.Len(t, r.servers[1].prep, 2, "createSession, create")
	assert.Equal(t, host.Time(8*host.Second), r.servers[1].sessions.list[0].deadline)
	r.byHand = false
	r.step(1, Input{Kind: RunLane, Lane: LanePrep})
	assert.Equal(t, []string{"session 4000", "1 create OK", "pong"}, a.news())
}

// Goal: an upgrade that is under way when the session is closed comes first.
func TestCloseBehindAnUpgrade(t *testing.T) {
	peers(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/e", 1).close()
		r.settle()
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"session 4000", "1 create OK", "2 closeSession OK", "closed"}, a.news())
		assert.Equal(t, []string{"1.1 createSession", "1.2 create", "1.3 closeSession /e"}, r.txnsOf(3, 0))
		assert.Empty(t, r.sessionsOf(3))
		assert.Empty(t, r.servers[at].sessions.list)
	}, upgrading)
}

// Goal: a local session ends with the role of its server, and no timer of it stays. An
// upgrade that is on its way goes on.
func TestLocalSessionsEndWithTheRole(t *testing.T) {
	r := sessionEnsemble(t, 3, upgrading)
	a, b := r.open(2, 4000), r.open(2, 4000)
	r.stuck = func(from, _ quorum.ServerID, m *Msg) bool { return from == 2 && m.Packet.Type == Request }
	b.create("/e", 1)
	r.settle()
	s := r.servers[2]
	require.Len(t, s.upgrading, 1)
	require.NotZero(t, r.timers[2][TimerSession])
	r.fire(2, TimerRead)
	assert.Empty(t, s.local.list)
	assert.Empty(t, s.upgrading)
	assert.Zero(t, r.timers[2], "no timer runs")
	r.stuck = nil
	r.settle()
	r.step(2, Input{Kind: Elected, Peer: 1, Vote: election.Vote{Leader: 1}})
	r.settle()
	require.True(t, s.serving)
	assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(2).news())
	assert.Equal(t, []string{"session 4000"}, b.resume(2).news(), "the leader has read the request")
}

// Goal: a leader believes in the local sessions of learners, which it can't know, but
// not in its own that are gone.
func TestLeaderBelievesInLocalSessionsOfOthers(t *testing.T) {
	r := sessionEnsemble(t, 3, localOnly)
	s := r.servers[1]
	for id, want := range map[txn.SessionID]txn.SessionCheck{
		0x02 << 56:    {Session: txn.OK, Global: txn.SessionExpired},
		0x01<<56 | 99: {Session: txn.SessionExpired, Global: txn.SessionExpired},
	} {
		assert.Equal(t, want, s.sessionCheck(&prepared{from: 2, conn: 7, req: ask(id, 1)}), "%x", id)
	}
	a := r.open(1, 4000)
	own := prepared{from: 1, conn: a.conn, req: ask(a.id, 1)}
	assert.Equal(t, txn.SessionCheck{Session: txn.OK, Global: txn.SessionExpired}, s.sessionCheck(&own))
	s.local.setClosing(a.id)
	assert.Equal(t, txn.SessionExpired, s.sessionCheck(&own).Session)
}
