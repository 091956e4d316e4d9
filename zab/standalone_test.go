package zab

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/tree"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Goal: a standalone server has one chain: a read waits behind all that came before
// it, whoever asked.
func TestStandaloneReadsWaitBehindAllWrites(t *testing.T) {
	r := lone(t)
	a, b := r.open(1, 4000), r.open(1, 4000)
	require.Len(t, append(a.news(), b.news()...), 2)
	b.exists("/a", false)
	r.slow[1] = true
	a.create("/a", 0)
	b.exists("/a", false)
	b.ping()
	assert.Empty(t, a.news())
	assert.Equal(t, []string{"1 exists NONODE"}, b.news())
	r.slow[1] = false
	assert.Equal(t, []string{"1 create OK"}, a.news())
	assert.Equal(t, []string{"2 exists OK", "pong"}, b.news())
}

// Goal: Prep validates against what is on its way, Final applies what is durable, one
// at a time.
func TestStandaloneLanes(t *testing.T) {
	r := lone(t)
	a := r.open(1, 4000)
	a.news()
	r.byHand, r.held[1] = true, true
	lane := func(l Lane) { r.step(1, Input{Kind: RunLane, Lane: l}) }
	s := r.servers[1]
	a.create("/a", 0).create("/a", 0).exists("/a", false)
	assert.Equal(t, "create /a", s.Ahead(LanePrep))
	assert.Equal(t, Lanes(0).With(LanePrep), s.Runnable())
	for range 3 {
		lane(LanePrep)
	}
	assert.Equal(t, Lanes(0).With(LaneSync), s.Runnable())
	lane(LaneSync)
	lane(LaneSync)
	lane(LaneSync)
	assert.Zero(t, s.Runnable(), "the disk is busy")
	assert.Equal(t, z(0, 1), s.applied, "memory is not ahead of the disk")
	r.done(1)
	assert.Equal(t, Lanes(0).With(LaneSync), s.Runnable(), "the log writer hands on, one by one")
	lane(LaneSync)
	assert.Equal(t, Lanes(0).With(LaneSync).With(LaneCommit), s.Runnable())
	lane(LaneSync)
	assert.Equal(t, Lanes(0).With(LaneCommit), s.Runnable())
	assert.Equal(t, "apply 0.2", s.Ahead(LaneCommit))
	lane(LaneCommit)
	assert.Equal(t, []string{"1 create OK"}, a.news())
	lane(LaneCommit)
	assert.Equal(t, "answer exists", s.Ahead(LaneCommit))
	lane(LaneCommit)
	assert.Equal(t, []string{"2 create NODEEXISTS", "3 exists OK"}, a.news())
	assert.Zero(t, s.Runnable())
}

// Goal: a request that was on its way when its session ended fails, a read too, as
// SessionTrackerImpl calls it.
func TestStandaloneSessionEndsBeforePrep(t *testing.T) {
	r := lone(t)
	a, b := r.open(1, 4000), r.open(1, 4000)
	require.Len(t, append(a.news(), b.news()...), 2)
	start := r.servers[1].lastProcessed
	r.byHand = true
	r.step(1, Input{Kind: ExpireSession, Session: a.id})
	b.create("/b", 0).exists("/", false).create("/e", 1)
	r.step(1, Input{Kind: ExpireSession, Session: b.id}) // in the queue behind its requests
	r.byHand = false
	r.step(1, Input{Kind: RunLane, Lane: LanePrep})
	assert.Equal(t, []string{"closed"}, a.news())
	assert.Equal(t, []string{"1 create SESSIONEXPIRED", "2 exists SESSIONEXPIRED", "3 create SESSIONEXPIRED", "closed"}, b.news())
	assert.Equal(t, []string{"0.3 closeSession", "0.4 error SESSIONEXPIRED", "0.5 error SESSIONEXPIRED", "0.6 closeSession"}, r.txnsOf(1, start))
}

// Goal: a restart goes on where the log ends: zxids, nodes, sessions with their full
// time, and what was not durable was answered to nobody.
func TestStandaloneRestart(t *testing.T) {
	r := lone(t)
	a, b := r.open(1, 4000), r.open(1, 4000)
	a.create("/a", 1)
	b.create("/b", 1)
	b.close()
	require.Equal(t, []string{"session 4000", "1 create OK"}, a.news())
	require.Len(t, b.news(), 4)
	r.slow[1] = true
	a.create("/lost", 0)
	assert.Empty(t, a.news())
	r.pass(host.Duration(3 * host.Second)).crash(1)
	r.slow[1] = false
	r.start(1).settle()
	s := r.servers[1]
	require.True(t, s.serving)
	assert.Equal(t, z(0, 5), s.lastProcessed)
	assert.Equal(t, []txn.SessionID{a.id}, r.sessionsOf(1))
	assert.Equal(t, host.Time(8*host.Second), s.sessions.list[0].deadline)
	c := a.resume(1)
	c.exists("/a", false).exists("/b", false).exists("/lost", false).create("/c", 0)
	assert.Equal(t, []string{"session 4000", "3 exists OK", "4 exists NONODE", "5 exists NONODE", "6 create OK"}, c.news())
	assert.Equal(t, z(0, 6), s.lastProcessed)
	d := r.open(1, 4000)
	assert.NotEqual(t, a.id, d.id)
	assert.NotEqual(t, b.id, d.id)
}

// orphaned returns a data directory with an ephemeral node of session 8, which is
// there, and one of session 7, which is not.
func orphaned(e zxid.Epoch) Image {
	img := imageOf(e, e, nil)
	img.Snaps = []*Snapshot{NewSnapshot(0, 0, 0, tree.New(&tree.Config{}))}
	for i, x := range []txn.Txn{
		{Op: txn.OpCreateSession, Session: 8, Timeout: 4000},
		{Op: txn.OpCreate, Session: 7, Path: "/orphan", Owner: 7, ParentCversion: 1},
		{Op: txn.OpCreate, Session: 8, Path: "/held", Owner: 8, ParentCversion: 2},
	} {
		x.Zxid = z(e, uint32(i+1))
		x.Seal()
		img.Records = append(img.Records, Record{Txn: &x, Sum: x.Hash})
	}
	return img
}

// Goal: an ephemeral node that was loaded without its session goes at the start, and
// the snapshot of the start does not have it (ZooKeeperServer.loadData).
func TestStandaloneDropsOrphans(t *testing.T) {
	r := newSessionRig(t, 1, func(c *Config) { c.Standalone = true })
	r.disk(1, orphaned(0)).start(1).settle()
	a := r.open(1, 4000)
	a.exists("/orphan", false).exists("/held", false)
	assert.Equal(t, []string{"session 4000", "1 exists NONODE", "2 exists OK"}, a.news())
	assert.Equal(t, z(0, 4), r.servers[1].lastProcessed, "the session of a; the loss of the orphan has no number")
	snaps := r.disks[1].img.Snaps
	require.Len(t, snaps, 2)
	assert.Equal(t, z(0, 3), snaps[1].Name)
	assert.Equal(t, txn.NoNode, snaps[1].State.Clone().Read(&txn.Request{Op: txn.OpExists, Path: "/orphan"}, 0).Err)
}

// Goal: a leader loads likewise, a learner does not.
func TestLeaderDropsOrphans(t *testing.T) {
	r := newSessionRig(t, 3)
	r.disk(1, orphaned(1)).disk(2, orphaned(1)).start(1, 2).elect(1, 2).settle()
	exists := &txn.Request{Op: txn.OpExists, Path: "/orphan"}
	require.True(t, r.servers[1].serving && r.servers[2].serving)
	assert.Equal(t, txn.NoNode, r.servers[1].sm.Read(exists, 0).Err)
	assert.Equal(t, txn.OK, r.servers[2].sm.Read(exists, 0).Err)
}

// Goal: a standalone server is no peer.
func TestStandaloneIsNoPeer(t *testing.T) {
	r := lone(t)
	s := r.servers[1]
	assert.True(t, s.Accepts(PlaneClient))
	for timer := range TimerCount {
		assert.Equal(t, timer == TimerSession, r.timers[1][timer] != 0, "%v", timer)
	}
	accepted, current := r.disks[1].img.Accepted, r.disks[1].img.Current
	assert.Equal(t, [2]string{"0", "0"}, [2]string{accepted.Text, current.Text}, "no epoch was written")
	assert.Equal(t, z(1, 0), standaloneZxid(z(0, 0xFFFFFFFF)), "a plain number")
}

// pinger returns inputs with a ping of each of n new sessions at a server.
func pinger(r *rig, at quorum.ServerID, n int) []Input {
	list := make([]Input, n)
	for i := range list {
		c := r.open(at, 4000)
		list[i] = Input{Kind: Received, Conn: c.conn, Plane: PlaneClient,
			Msg: &Msg{Plane: PlaneClient, Client: ClientMsg{Kind: ClientPing, Session: c.id}}}
	}
	return list
}

// Goal: a ping of a client costs nothing.
func TestClientPingAllocatesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, r *rig, at quorum.ServerID) {
		list, out := pinger(r, at, touchesFew), new(Effects)
		for range 4 {
			for i := range list {
				stepOnce(r.servers[at], &list[i], out) // queues grow once
			}
		}
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			for i := range list {
				stepOnce(r.servers[at], &list[i], out)
			}
		}))
		require.Len(t, out.List(), 1)
		assert.Equal(t, ClientPong, out.List()[0].Msg.Client.Kind)
	})
}

// One ping of one of a thousand sessions.
func BenchmarkStandalonePing1000(b *testing.B) {
	r := lone(b)
	list, out := pinger(r, 1, 1000), new(Effects)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		stepOnce(r.servers[1], &list[i%len(list)], out)
	}
}

// One turn of the expiry thread that has nothing to do, among a thousand sessions.
func BenchmarkStandaloneExpiry1000(b *testing.B) {
	r := lone(b)
	pinger(r, 1, 1000)
	in, out := Input{Kind: TimerFired, Timer: TimerSession}, new(Effects)
	b.ReportAllocs()
	for b.Loop() {
		stepOnce(r.servers[1], &in, out)
	}
}
