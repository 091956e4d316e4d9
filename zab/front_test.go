package zab

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// everywhere runs a story at a standalone server, a leader and a follower.
func everywhere(t *testing.T, story func(t *testing.T, r *rig, at quorum.ServerID), change ...func(*Config)) {
	t.Run("standalone", func(t *testing.T) { story(t, lone(t, change...), 1) })
	t.Run("leader", func(t *testing.T) { story(t, sessionEnsemble(t, 3, change...), 1) })
	t.Run("follower", func(t *testing.T) { story(t, sessionEnsemble(t, 3, change...), 2) })
}

// Goal: a handshake makes a session with a password, and the session can be resumed
// with it, with the time-out negotiated anew.
func TestHandshake(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		c := r.attach(at, ClientMsg{Connect: &Connect{TimeoutMillis: 7000}})
		c.ping()
		c.exists("/", false) // nothing is read before the session is there
		r.settle()
		require.Len(t, c.heard, 1)
		m := c.heard[0]
		assert.Equal(t, txn.SessionID(at), m.Session>>56, "the server is in the top byte")
		assert.Equal(t, Connect{TimeoutMillis: 7000, Password: Password(m.Session)}, *m.Connect)
		assert.Equal(t, r.servers[at].lastProcessed, m.Zxid)
		c.id = m.Session
		d := c.resume(at)
		r.settle()
		require.Len(t, d.heard, 1)
		assert.Equal(t, m.Session, d.heard[0].Session)
		assert.Equal(t, []string{"session 4000"}, d.news())
	})
}

// Goal: a session whose client never heard of it ends like any other.
func TestSessionThatNobodyHeardOf(t *testing.T) {
	r := sessionEnsemble(t, 3)
	r.attach(2, ClientMsg{Connect: &Connect{}})
	r.crash(2)
	r.settle()
	require.Len(t, r.sessionsOf(3), 1)
	r.expiry(1).expiry(1).expiry(1)
	assert.Empty(t, r.sessionsOf(3))
}

// Goal: a session that is not there (any more) is answered with number 0, time-out 0
// and a password of zeros, and the connection ends.
func TestUnknownSessionIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		c := r.attach(at, ClientMsg{Session: 77, Connect: &Connect{Password: Password(77)}})
		assert.Equal(t, []string{"no session 0 ", "closed"}, c.news())
		assert.Empty(t, r.servers[at].clients)
		a := r.open(at, 4000)
		a.close()
		assert.Equal(t, []string{"session 4000", "1 closeSession OK", "closed"}, a.news())
		assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(at).news())
	})
}

// Goal: who does not know the password gets nothing, and does no harm unless the
// server is old.
func TestBadPassword(t *testing.T) {
	for _, kicks := range []bool{false, true} {
		var change []func(*Config)
		if kicks {
			change = append(change, with(bug.BadPasswordKicks))
		}
		everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
			a := r.open(at, 4000)
			bad := r.attach(at, ClientMsg{Session: a.id, Connect: &Connect{TimeoutMillis: 4000, Password: strings.Repeat("x", 16)}})
			assert.Equal(t, []string{"no session 0 ", "closed"}, bad.news())
			assert.Equal(t, kicks, a.closed)
			assert.Equal(t, []string{"session 4000"}, a.resume(at).news(), "the session lives")
		}, change...)
	}
}

// Goal: a client that has seen more than the server is refused without a word.
func TestClientAheadIsRefused(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		now := r.servers[at].lastProcessed
		hello := ClientMsg{Session: a.id, Zxid: now + 1, Connect: &Connect{TimeoutMillis: 4000, Password: Password(a.id)}}
		assert.Equal(t, []string{"closed"}, r.attach(at, hello).news())
		assert.False(t, a.closed, "refused before anything else is looked at")
		hello.Zxid = now
		assert.Equal(t, []string{"session 4000"}, r.attach(at, hello).news())
	})
}

// Goal: closeSession lists the ephemeral nodes that are on their way and not those
// whose deletion is, is answered, and then the connection ends.
func TestCloseSessionBehindCreates(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		a.create("/old", 1)
		a.create("/gone", 1)
		require.Len(t, a.news(), 3)
		start := r.servers[at].lastProcessed
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/new", 1)
		a.create("/stays", 0)
		a.request(txn.Request{Op: txn.OpDelete, Path: "/gone", Version: -1})
		a.close()
		a.create("/late", 1)
		r.settle()
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"3 create OK", "4 create OK", "5 delete OK", "6 closeSession OK", "closed"}, a.news())
		log := r.txnsOf(at, start)
		require.Equal(t, "closeSession /new /old", log[3][len("0.0 "):])
		if at == 1 {
			require.Len(t, log, 4, "who validates knows that the session is closing, and drops the rest")
		} else {
			assert.Equal(t, "error SESSIONEXPIRED", log[4][len("0.0 "):])
		}
		b := r.open(at, 4000)
		b.exists("/old", false).exists("/stays", false).exists("/late", false)
		assert.Equal(t, []string{"session 4000", "1 exists NONODE", "2 exists OK", "3 exists NONODE"}, b.news())
	})
}

// Goal: one connection for a session: a new one ends the old, and waits behind the
// writes that the old one left.
func TestSecondConnectionOfASession(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		require.Equal(t, []string{"session 4000"}, a.news())
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/a", 0).exists("/x", true)
		r.settle()
		b := a.resume(at)
		assert.Equal(t, []string{"closed"}, a.news())
		assert.Equal(t, []string{"session 4000"}, b.news())
		b.exists("/a", false)
		assert.Empty(t, b.news(), "one queue for a session, not for a connection")
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"3 exists OK"}, b.news())
		assert.Empty(t, r.servers[at].pending)
		b.create("/x", 0)
		assert.Equal(t, []string{"4 create OK"}, b.news(), "the old connection's read left no watch")
	})
}

// Goal: the watches of a connection that is gone are gone, and a read that is
// under way when it goes leaves none (ZOOKEEPER-1382).
func TestWatchesGoWithTheConnection(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a, b := r.open(at, 4000), r.open(at, 4000)
		s := r.servers[at]
		before := s.sm.Fingerprint()
		b.exists("/a", true)
		r.settle()
		require.NotEqual(t, before, s.sm.Fingerprint(), "a watch")
		r.step(at, Input{Kind: DropClient, Conn: b.conn})
		assert.True(t, b.closed)
		assert.Equal(t, before, s.sm.Fingerprint())

		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/b", 0).exists("/c", true)
		r.settle()
		r.step(at, Input{Kind: Closed, Conn: a.conn, Plane: PlaneClient})
		r.slow = [quorum.Slots]bool{}
		r.settle()
		c := r.open(at, 4000)
		c.create("/c", 0)
		require.Equal(t, []string{"session 4000", "1 create OK"}, c.news())
		assert.Empty(t, s.sm.Events())
		assert.Equal(t, []string{"session 4000"}, a.news())
	})
}

// Goal: a session that is closing takes nothing any more: a leader drops what comes,
// and what comes through a learner fails.
func TestClosingSession(t *testing.T) {
	r := sessionEnsemble(t, 3)
	a, b := r.open(1, 4000), r.open(2, 4000)
	start := r.servers[1].lastProcessed
	r.slow[1], r.slow[2], r.slow[3] = true, true, true
	r.step(1, Input{Kind: ExpireSession, Session: a.id})
	r.step(1, Input{Kind: ExpireSession, Session: b.id})
	r.step(1, Input{Kind: ExpireSession, Session: b.id}) // once is enough
	a.create("/a", 0).ping()
	b.create("/b", 0).ping()
	assert.Equal(t, []string{"no session 0 ", "closed"}, a.resume(3).news())
	assert.False(t, a.closed)
	r.slow = [quorum.Slots]bool{}
	assert.Equal(t, []string{"session 4000", "closed"}, a.news())
	assert.Equal(t, []string{"session 4000", "closed"}, b.news())
	assert.Equal(t, []string{"1.3 closeSession", "1.4 closeSession", "1.5 error SESSIONEXPIRED"}, r.txnsOf(3, start))
}

// Goal: who watches is told before who writes is answered, and only who may READ
// (CVE-2024-23944).
func TestEventsBeforeTheReply(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a, b := r.open(at, 4000), r.open(at, 4000)
		b.exists("/a", true).exists("/b", true)
		a.exists("/a", true)
		a.request(txn.Request{Op: txn.OpCreate, Path: "/a"})
		assert.Equal(t, []string{"session 4000", "1 exists NONODE", "event NodeCreated /a", "2 create OK"}, a.news())
		noRead := []txn.ACL{{Perms: acl.Write, ID: acl.Anyone}}
		a.request(txn.Request{Op: txn.OpCreate, Path: "/b", More: &txn.RequestMore{ACL: noRead}})
		assert.Equal(t, []string{"3 create OK"}, a.news())
		assert.Equal(t, []string{"session 4000", "1 exists NONODE", "2 exists NONODE", "event NodeCreated /a"}, b.news())
	})
}

// Goal: a session that was resumed while its closeSession was on its way ends all the
// same, and its new connection with it.
func TestCloseSessionOfALostConnection(t *testing.T) {
	r := sessionEnsemble(t, 3)
	a := r.open(1, 4000)
	r.byHand = true
	a.close() // in front of Prep
	b := a.resume(1)
	r.byHand = false
	r.step(1, Input{Kind: RunLane, Lane: LanePrep})
	assert.Equal(t, []string{"session 4000", "closed"}, b.news())
	assert.Empty(t, r.sessionsOf(3))
	assert.Empty(t, r.servers[1].pending)
}

// Goal: addAuth proves who a connection is, at once; one that fails ends it.
func TestAddAuth(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		own := []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "digest", ID: acl.DigestOf("u:p")}}}
		a.request(txn.Request{Op: txn.OpCreate, Path: "/a", More: &txn.RequestMore{ACL: own}})
		a.request(txn.Request{Op: txn.OpGetData, Path: "/a"})
		// What a request says about who asks counts for nothing.
		a.request(txn.Request{Op: txn.OpGetData, Path: "/a", Auth: []txn.ID{own[0].ID}})
		assert.Equal(t, []string{"session 4000", "1 create OK", "2 getData NOAUTH", "3 getData NOAUTH"}, a.news())
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/b", 0)
		a.request(txn.Request{Op: txn.OpAuth, Path: "digest", Data: "u:p"})
		a.request(txn.Request{Op: txn.OpGetData, Path: "/a"})
		assert.Equal(t, []string{"5 addAuth OK"}, a.news(), "it overtakes")
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"4 create OK", "6 getData OK"}, a.news())
		a.request(txn.Request{Op: txn.OpAuth, Path: "nonsense", Data: "u:p"})
		assert.Equal(t, []string{"7 addAuth AUTHFAILED", "closed"}, a.news())
		assert.Equal(t, []string{"session 4000"}, a.resume(at).news(), "the session lives")
	})
}

// Goal: a request speaks for the session of its connection and for who that has
// proved to be, whatever it says.
func TestRequestCantSpeakForOthers(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		b := r.open(at, 4000)
		a := r.attach(at, ClientMsg{Connect: &Connect{TimeoutMillis: 4000}}) // from no known address
		r.settle()
		a.id = a.heard[0].Session
		a.request(txn.Request{Op: txn.OpWhoAmI, Auth: []txn.ID{{Scheme: "super"}}})
		r.settle()
		require.Len(t, a.heard, 2)
		assert.Empty(t, a.heard[1].Result.More.IDs)
		a.heard = a.heard[:1]
		a.say(ClientMsg{Kind: ClientRequest, Req: &txn.Request{Session: b.id, Cxid: 1, Op: txn.OpCloseSession}})
		assert.Equal(t, []string{"session 4000", "1 closeSession OK", "closed"}, a.news())
		assert.Equal(t, []txn.SessionID{b.id}, r.sessionsOf(at))
		assert.False(t, b.closed)
	})
}

// Goal: a check outside of a multi is refused, and the connection ends; old servers
// only answer one that fails (ZOOKEEPER-2623).
func TestLoneCheck(t *testing.T) {
	check := func(path string) txn.Request { return txn.Request{Op: txn.OpCheck, Path: path, Version: -1} }
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		a.request(check("/")).exists("/", false)
		assert.Equal(t, []string{"session 4000", "1 check UNIMPLEMENTED", "closed"}, a.news())
	})
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		a.request(check("/")).request(check("/a")).exists("/", false)
		assert.Equal(t, []string{"session 4000", "2 check NONODE", "3 exists OK"}, a.news())
	}, with(bug.LoneCheckUnanswered))
}

// Goal: what no client may ask, or nobody knows, is refused and ends the connection.
func TestInvalidRequests(t *testing.T) {
	for _, op := range []txn.Op{txn.OpNone, txn.OpError, txn.OpCreateSession, 55, -128} {
		r := lone(t)
		a := r.open(1, 4000)
		assert.Equal(t, []string{"session 4000", "1 " + op.String() + " UNIMPLEMENTED", "closed"}, a.request(txn.Request{Op: op}).news())
	}
}

// Goal: a request over jute.maxbuffer ends its connection without an answer.
func TestMaxBuffer(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		q := txn.Request{Op: txn.OpSetData, Path: "/", Version: -1}
		q.Data = strings.Repeat("x", 1000-int(q.Bytes()))
		a.request(q)
		require.Equal(t, []string{"session 4000", "1 setData OK"}, a.news())
		q.Data += "x"
		assert.Equal(t, []string{"closed"}, a.request(q).news())
	}, func(c *Config) { c.MaxBuffer = 1000 })
}

// Goal: a ping is answered in the order of its session, so that a client whose write
// hangs hears nothing; other clients do.
func TestPingWaitsBehindWrites(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		r.slow[1], r.slow[2], r.slow[3] = true, true, true
		a.create("/a", 0).ping()
		assert.Equal(t, []string{"session 4000"}, a.news())
		r.slow = [quorum.Slots]bool{}
		assert.Equal(t, []string{"1 create OK", "pong"}, a.news())
		assert.Equal(t, []string{"pong"}, a.ping().news())
	})
}

// Goal: an error that ZooKeeper does not catch ends the process, and nothing is
// answered.
func TestCrashedMachineEndsTheProcess(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		a := r.open(at, 4000)
		for _, path := range []string{"/a", "/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits", "/zookeeper/quota/a/zookeeper_stats"} {
			a.request(txn.Request{Op: txn.OpCreate, Path: path, Data: "count=9,bytes=9"})
		}
		a.request(txn.Request{Op: txn.OpSetData, Path: "/zookeeper/quota/a/zookeeper_stats", Data: "garbage", Version: -1})
		require.Equal(t, []string{"4 create OK", "5 setData OK"}, a.news()[4:])
		a.request(txn.Request{Op: txn.OpSetData, Path: "/a", Data: "x", Version: -1})
		assert.Empty(t, a.news())
		for id := quorum.ServerID(1); id <= 3; id++ {
			if s := r.servers[id]; s != nil && s.sm.Crashed() != "" {
				assert.False(t, s.serving)
				assert.Contains(t, r.exits, id)
			}
		}
		assert.Contains(t, r.exits, at)
	}, with(bug.MalformedQuotaKills))
}
