package invariant

import (
	"runtime"
	"testing"

	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// stream is a long-running ensemble of five servers with many transactions that
// are durable everywhere; next feeds what one of them causes.
type stream struct {
	w    *world
	txns []*txn.Txn
	ends []Point
	k    int
	e    Event
}

func newStream(n int) *stream {
	s := &stream{w: newWorld(nil, 5)}
	w := s.w
	w.establish(1, 1, Point{})
	var end Point
	for k := range n {
		t := tx(1, uint32(k+1), "x")
		end = after(end, t)
		s.txns, s.ends = append(s.txns, t), append(s.ends, end)
		for id := 1; id <= 5; id++ {
			w.log[id].Append(t)
		}
	}
	for id := quorum.ServerID(2); id <= 5; id++ {
		w.active(id, 1, Point{})
		w.status[id].Phase, w.status[id].Serving = zab.PhaseBroadcast, true
	}
	w.Ghost.Proposals = make([]Proposal, 0, n)
	return s
}

func (s *stream) judge(kind EventKind, id quorum.ServerID) {
	s.e.Kind, s.e.Server = kind, id
	s.w.Judge(&s.e)
}

func (s *stream) probe(kind zab.ProbeKind, id quorum.ServerID) {
	p := &s.e.Probe
	p.Kind, p.Zxid, p.Txn, p.Chain = kind, s.txns[s.k].Zxid, s.txns[s.k], s.ends[s.k].Chain
	s.judge(EvProbe, id)
}

func (s *stream) fsync(id quorum.ServerID) {
	s.w.disk[id].Synced = s.k + 1
	s.judge(EvDisk, id)
}

func (s *stream) ack(id quorum.ServerID) {
	s.e.Zxid, s.e.Peer = s.txns[s.k].Zxid, 1
	s.judge(EvAck, id)
}

func (s *stream) apply(id quorum.ServerID) {
	s.probe(zab.ProbeDeliver, id)
	s.changed(id)
}

func (s *stream) changed(id quorum.ServerID) {
	s.w.status[id].Applied, s.w.status[id].AppliedChain = s.ends[s.k].Zxid, s.ends[s.k].Chain
	s.judge(EvStatus, id)
}

func (s *stream) decide() {
	s.probe(zab.ProbePropose, 1)
	for id := quorum.ServerID(1); id <= 5; id++ {
		s.fsync(id)
	}
	s.probe(zab.ProbeCommit, 1)
}

// next is everything that one transaction causes on five servers: 1 proposal, 5
// fsyncs, 5 acknowledgements, 1 commit, 5 deliveries, 15 changes of a status.
func (s *stream) next() {
	s.probe(zab.ProbePropose, 1)
	for id := quorum.ServerID(1); id <= 5; id++ {
		s.judge(EvStatus, id)
		s.fsync(id)
		if id > 1 {
			s.ack(id)
		} else {
			s.probe(zab.ProbeSelfAck, id)
		}
		s.judge(EvStatus, id)
	}
	s.probe(zab.ProbeCommit, 1)
	for id := quorum.ServerID(1); id <= 5; id++ {
		s.apply(id)
	}
	s.k++
}

// Short enough for the caches: a run touches what it has just made.
const streamLength = 1 << 12

func BenchmarkTransactionOnFiveServers(b *testing.B) {
	b.ReportAllocs()
	var s *stream
	for i := 0; i < b.N; i++ {
		if i%streamLength == 0 {
			b.StopTimer()
			s = newStream(streamLength)
			runtime.GC()
			b.StartTimer()
		}
		s.next()
	}
	if len(s.w.Violations) > 0 {
		b.Fatal(s.w.Violations)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5, "ns/txn/server")
}

// benchEvent feeds one kind of event to a running ensemble.
func benchEvent(b *testing.B, prepare, run func(s *stream)) {
	b.ReportAllocs()
	s := newStream(streamLength)
	for range streamLength / 2 {
		s.next()
	}
	s.decide()
	prepare(s)
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		run(s)
	}
	b.StopTimer()
	if len(s.w.Violations) > 0 {
		b.Fatal(s.w.Violations)
	}
}

func BenchmarkDeliver(b *testing.B) {
	benchEvent(b, func(*stream) {}, func(s *stream) {
		s.w.Ghost.Served[2] = s.ends[s.k-1]
		s.probe(zab.ProbeDeliver, 2)
	})
}

func BenchmarkAck(b *testing.B) {
	benchEvent(b, func(*stream) {}, func(s *stream) { s.ack(2) })
}

func BenchmarkStatusOfFollower(b *testing.B) {
	benchEvent(b, func(s *stream) { s.apply(2) }, func(s *stream) { s.judge(EvStatus, 2) })
}

func BenchmarkStatusOfLeader(b *testing.B) {
	benchEvent(b, func(s *stream) { s.apply(1) }, func(s *stream) { s.judge(EvStatus, 1) })
}

func BenchmarkDisk(b *testing.B) {
	benchEvent(b, func(*stream) {}, func(s *stream) { s.judge(EvDisk, 2) })
}

// The slowest server of all: its disk does not hold the last commit yet.
func BenchmarkDiskBehind(b *testing.B) {
	benchEvent(b, func(s *stream) { s.w.disk[2].Synced -= 100 }, func(s *stream) { s.judge(EvDisk, 2) })
}

// A probe that no check asks for, as after a PING.
func BenchmarkIdleProbe(b *testing.B) {
	benchEvent(b, func(*stream) {}, func(s *stream) { s.probe(zab.ProbeRole, 2) })
}

// The ghost of a small search.
func BenchmarkFingerprintSmall(b *testing.B) {
	b.ReportAllocs()
	s := newStream(4)
	for range 4 {
		s.next()
	}
	for i := 0; i < b.N; i++ {
		_ = s.w.Ghost.Fingerprint()
	}
}

func TestJudgeDoesNotAllocate(t *testing.T) {
	s := newStream(1000)
	s.next()
	if n := testing.AllocsPerRun(900, s.next); n != 0 {
		t.Errorf("%v allocations per transaction", n)
	}
	if len(s.w.Violations) > 0 {
		t.Error(s.w.Violations)
	}
}
