package zab

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/election"
	"zabsim/internal/statecheck"
	"zabsim/tree/register"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func ask(session txn.SessionID, cxid uint32) *txn.Request {
	return &txn.Request{Session: session, Cxid: cxid, Op: txn.OpSetData, Path: "/a", Data: "x", Version: txn.AnyVersion}
}

// fullServer has every field in use: it leads and learns at once, which no server
// does, so that every field can be tried.
func fullServer() *Server {
	cfg := newRigConfig()
	t := txs(1, 1, 20)
	snap := func(name uint32) *Snapshot { return NewSnapshot(z(1, name), z(1, name), 0, register.New()) }
	s := &Server{
		cfg: &cfg, state: election.Leading, phase: PhaseBroadcast, serving: true, accepted: 3, current: 2,
		sm: stateOf(t[:3]), applied: z(1, 3), chain: 77, lastProcessed: z(1, 3),
		window: t[1:3], snaps: []*Snapshot{snap(1), snap(2)},
		log:     *logOf(z(1, 1), 5, t[1:4]),
		sync:    syncLane{queue: t[4:6], batch: []zxid.Zxid{z(1, 3), z(1, 4)}, acks: []zxid.Zxid{z(1, 2)}},
		snap:    snapLane{wanted: true, dump: stateOf(nil).Dump(), done: snap(3)},
		queue:   []committed{{txn: t[3]}, {sync: ask(5, 1)}},
		prep:    []prepared{{ask(6, 1), 2, 3, 4}, {ask(6, 2), 3, 4, 0}},
		pending: []pendingRequest{{4, ask(7, 1), 5, true}, {5, ask(7, 2), 0, false}},
		clients: []clientConn{
			{conn: 4, session: 7, timeout: 8, open: true, addr: "a", ids: []txn.ID{{Scheme: "ip", ID: "a"}, {Scheme: "digest", ID: "b"}}},
			{conn: 5, ids: []txn.ID{{Scheme: "ip", ID: "a"}, {Scheme: "digest", ID: "b"}}},
		},
		sessions:    tracker{[]session{{7, 8, true, 2, 9}, {8, 8, false, 3, 10}}},
		local:       tracker{[]session{{9, 8, true, 2, 9}, {10, 8, false, 3, 10}}},
		upgrading:   []txn.SessionID{12, 13},
		touched:     fullTouches(),
		nextSession: 11, durable: 12,
		order: []ordered{{4, ask(7, 3), t[4], txn.SessionExpired}, {5, ask(7, 4), t[5], 0}},
	}
	s.elect.Init(&cfg.Election)
	s.elect.Install(election.Vote{Leader: 1, Zxid: z(1, 1), PeerEpoch: 1}, election.Leading)
	s.lead = leader{
		stage: leadServing, quorumFormed: true, epoch: 3, connecting: quorum.Of(1, 2), electing: quorum.Of(1, 2),
		newLeaderAcks: quorum.Of(1, 2), forwarding: quorum.Of(2), summaryEpoch: 2, summaryZxid: z(1, 1),
		lastProposed: z(1, 6), lastCommitted: z(1, 4),
		outstanding: []proposal{{t[4], quorum.Of(1)}, {t[5], 0}}, toBeApplied: t[2:4],
		syncs: []pendingSync{{z(1, 5), 2, ask(8, 1)}, {z(1, 6), 3, ask(9, 1)}},
		held:  []learnerPacket{{3, Packet{Type: Commit, Zxid: z(1, 5), Txn: t[4], Snap: snap(4)}}, {2, Packet{Type: Sync, Req: ask(9, 2), Epoch: 4}}},
		inbox: []learnerPacket{{2, Packet{Type: Ack, Zxid: z(1, 5), Txn: t[4], Snap: snap(4)}}, {3, Packet{Type: Sync, Req: ask(9, 2), Epoch: 4}}},
	}
	for id := range s.lead.handlers {
		s.lead.handlers[id] = handler{stage: handlerActive, mode: SyncDiff, conn: 9, last: z(1, 1), ticksLeft: 5, watched: z(1, 5), next: z(1, 6), pings: 1}
	}
	s.learn = learner{
		leader: 2, stage: learnSyncing, mode: SyncSnap, blocked: StepHistory, done: 1, tries: 2, conn: 8, epoch: 3,
		last: z(1, 1), trunc: z(1, 1), snapshotNeeded: true, dirty: true, lastQueued: z(1, 9),
		notLogged: t[6:8], committed: []zxid.Zxid{z(1, 7), z(1, 8)}, pending: t[8:10], later: t[6:7],
		inbox: []Packet{{Type: Proposal, Zxid: z(1, 10), Txn: t[9]}, {Type: Snap, Snap: snap(3)}, {Type: Sync, Req: ask(8, 2), Epoch: 4}},
	}
	return s
}

func fullTouches() (t Touches) {
	for id := range txn.SessionID(touchesFew + 2) {
		t.add(Touch{id, int32(id)})
	}
	return t
}

func cloneServer(s *Server) *Server {
	dst := fullServer() // used memory
	s.CloneInto(dst)
	return dst
}

// Goal: no field is forgotten by Fingerprint or CloneInto.
func TestServerStateIsComplete(t *testing.T) {
	statecheck.Fields(t, func() any { return fullServer() },
		func(x any) any { return cloneServer(x.(*Server)) },
		func(x any) uint64 { return uint64(x.(*Server).Fingerprint()) },
		"cfg: shared, never changes",
		"now: of the step under way",
		"wall: of the step under way",
		"outs: scratch, empty between steps",
		"sm: an interface with a Fingerprint and a Clone of its own; TestServerSeesItsParts",
		"elect: has its own test in package election; TestServerSeesItsParts",
		"log.entries: named by the last chain and copied on growth; TestLogFingerprint, TestLogCopiesAreIndependent",
		"lead.dumps[].dump: an interface with a Fingerprint and a Clone of its own; TestDump of package register",
		"snap.dump: likewise",
		"clients[].ids: never changed in place",
		"clients[].ping: follows from session and open",
		"lead.inbox[].p.Touched.More: never changed once it was sent",
		"lead.held[].p.Touched.More: likewise",
		"learn.inbox[].Touched.More: likewise",
		"*txn.Txn: immutable",
		"*txn.Request: immutable",
		"*zab.Snapshot: immutable")
}

// Goal: the parts that bring their own names and copies are in those of the server.
func TestServerSeesItsParts(t *testing.T) {
	for name, change := range map[string]func(*Server){
		"apply":   func(s *Server) { s.sm.Apply(tx(1, 9)) },
		"prep":    func(s *Server) { s.sm.Prep(ask(1, 1), txn.SessionCheck{}, z(1, 9), 0) },
		"elect":   func(s *Server) { s.elect.Established(77) },
		"append":  func(s *Server) { s.log.Append(tx(1, 9)) },
		"cut":     func(s *Server) { s.log.Cut(1) },
		"reset":   func(s *Server) { s.log.Reset(z(1, 4), 1) },
		"another": func(s *Server) { s.log.Cut(2); x := *tx(1, 4); x.Data = "?"; s.log.Append(x.Seal()) },
	} {
		s := fullServer()
		before := s.Fingerprint()
		c := cloneServer(s)
		change(c)
		assert.NotEqual(t, before, c.Fingerprint(), name)
		assert.Equal(t, before, s.Fingerprint(), name)
		c = cloneServer(s)
		change(s)
		assert.NotEqual(t, before, s.Fingerprint(), name)
		assert.Equal(t, before, c.Fingerprint(), name)
	}
}

// Goal: a message's name depends on all of it.
func TestMessageHashIsComplete(t *testing.T) {
	clone := func(x any) any {
		c := *x.(*Msg)
		c.Packet.Touched.More = slices.Clone(c.Packet.Touched.More)
		return &c
	}
	hash := func(x any) uint64 { return uint64(x.(*Msg).Hash()) }
	skips := []string{"*txn.Txn: immutable", "*txn.Request: immutable", "*zab.Snapshot: immutable"}
	fresh := func(p Plane) func() any {
		return func() any {
			snap := NewSnapshot(1, 1, 1, register.New())
			return &Msg{
				Plane: p, Note: election.Note{}, Packet: Packet{Type: Proposal, Epoch: 2, Zxid: 3, Txn: tx(1, 1), Req: ask(1, 1), Snap: snap, Touched: fullTouches()},
				Client: ClientMsg{Kind: ClientReply, Op: txn.OpSetData, Cxid: 4, Session: 5, Zxid: 6, Req: ask(1, 1),
					Connect: &Connect{1, "p", "a"}, Event: &txn.Event{To: 1, Type: 2, Zxid: 3, Path: "/a", ACL: []txn.ACL{{Perms: 1}, {Perms: 2}}},
					Result: txn.Result{Err: 1, Stat: txn.Stat{Version: 2, Mzxid: 3}, Data: "x", More: &txn.ResultMore{Path: "/a"}}},
			}
		}
	}
	statecheck.Fields(t, fresh(PlaneQuorum), clone, hash, append(skips, "Note: not this plane", "Client: not this plane")...)
	statecheck.Fields(t, fresh(PlaneClient), clone, hash, "*txn.Request: immutable", "*txn.ResultMore: immutable", "*zab.Connect: immutable", "*txn.Event: immutable", "Note: not this plane", "Packet: not this plane")
	statecheck.Fields(t, fresh(PlaneElection), clone, hash, "Client: not this plane", "Packet: not this plane")
}

// Goal: states that a server reaches are told apart. Method: fingerprints along a
// run; only steps that change nothing may repeat one.
func TestFingerprintsAlongARun(t *testing.T) {
	r := newRig(t, 3).start(1, 2, 3).elect(1, 2, 3)
	seen := map[uint64]Status{}
	for k := 0; r.one(); k++ {
		for id := quorum.ServerID(1); id <= 3; id++ {
			s := r.servers[id]
			st := s.Status()
			if old, ok := seen[uint64(s.Fingerprint())]; ok {
				assert.Equal(t, old, st, "equal fingerprints, step %d", k)
			}
			seen[uint64(s.Fingerprint())] = st
		}
	}
	require.Greater(t, len(seen), 15)
}

// Goal: a clone into used memory allocates no more than the state machine does.
func TestCloneReusesMemory(t *testing.T) {
	r := ensemble(t, 3, 1)
	r.slow[2], r.slow[3] = true, true
	c := r.client(1, 7, 0)
	for range 10 {
		c.set("/a", "x")
	}
	s, dst := r.servers[1], new(Server)
	s.CloneInto(dst)
	machine := testing.AllocsPerRun(100, func() { s.sm.Clone() })
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { s.CloneInto(dst) }), machine)
	assert.Zero(t, testing.AllocsPerRun(100, func() { s.Fingerprint() }))
}

// Goal: packets that change nothing cost nothing.
func TestPingAllocatesNothing(t *testing.T) {
	r := ensemble(t, 3, 1)
	in, out := ping(r), new(Effects)
	assert.Zero(t, testing.AllocsPerRun(100, func() { stepOnce(r.servers[2], in, out) }))
	in.Peer = 2 // and its answer
	assert.Zero(t, testing.AllocsPerRun(100, func() { stepOnce(r.servers[1], in, out) }))
}

func ping(r *rig) *Input {
	return &Input{Kind: Received, Conn: r.quorumConn(2, 1), Peer: 1, Plane: PlaneQuorum,
		Msg: &Msg{Plane: PlaneQuorum, Packet: Packet{Type: Ping, Zxid: z(1, 0)}}}
}

func stepOnce(s *Server, in *Input, out *Effects) {
	again := *in
	out.Reset()
	s.Step(&again, out)
	s.Drain(&again, out)
}

func BenchmarkStepPing(b *testing.B) {
	r := ensemble(b, 3, 1)
	b.ReportAllocs()
	in, out := ping(r), new(Effects)
	for b.Loop() {
		stepOnce(r.servers[2], in, out)
	}
}

// One transaction at a follower: PROPOSAL, fsync, COMMIT.
func BenchmarkStepProposal(b *testing.B) {
	r := ensemble(b, 3, 1)
	b.ReportAllocs()
	const turn = 1 << 14
	history := txs(1, 1, turn)
	s, out := r.servers[2], new(Effects)
	var fresh Server
	s.CloneInto(&fresh)
	msg := &Msg{Plane: PlaneQuorum}
	packet := Input{Kind: Received, Conn: r.quorumConn(2, 1), Peer: 1, Plane: PlaneQuorum, Msg: msg}
	disk := Input{Kind: DiskDone, Token: TokenFlush}
	i := 0
	for b.Loop() {
		if i == turn {
			fresh.CloneInto(s)
			i = 0
		}
		t := history[i]
		i++
		msg.Packet = Packet{Type: Proposal, Zxid: t.Zxid, Txn: t}
		stepOnce(s, &packet, out)
		stepOnce(s, &disk, out)
		msg.Packet = Packet{Type: Commit, Zxid: t.Zxid}
		stepOnce(s, &packet, out)
	}
}

func BenchmarkCloneInto(b *testing.B) {
	r := ensemble(b, 3, 1)
	b.ReportAllocs()
	var dst Server
	for b.Loop() {
		r.servers[1].CloneInto(&dst)
	}
}

func BenchmarkFingerprint(b *testing.B) {
	r := ensemble(b, 3, 1)
	b.ReportAllocs()
	for b.Loop() {
		r.servers[1].Fingerprint()
	}
}
