package reports

import (
	"encoding/json"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"zabsim/internal/runfolder"
	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

// facts is a delta of one server, as the recorder writes it.
type facts map[string]any

// fixture is a run made by hand: what a real one would have recorded, without a simulator.
type fixture struct {
	run    runfolder.Run
	events []fixtureEvent
	ops    []history.Op
}

type fixtureEvent struct {
	T     int64            `json:"t"`
	ID    int              `json:"id"`
	Node  string           `json:"node"`
	Verb  string           `json:"verb"`
	Delta map[string]facts `json:"delta,omitempty"`
}

func newFixture(servers, clients int, length time.Duration) *fixture {
	return &fixture{run: runfolder.Run{Scenario: "leader-crash", Seed: 7, SimulatedNS: int64(length),
		Config: runfolder.Config{Servers: servers, Clients: clients, ForNS: int64(length), TickTimeNS: int64(200 * ms),
			InitLimit: 10, SyncLimit: 5}}}
}

func (f *fixture) at(at time.Duration, server string, d facts) {
	f.events = append(f.events, fixtureEvent{T: int64(at), Node: server, Verb: "step", Delta: map[string]facts{server: d}})
}

func (f *fixture) fault(name, target, color string, at, until time.Duration) {
	f.run.Faults = append(f.run.Faults, runfolder.Fault{Name: name, Target: target, Color: color, AtNS: int64(at), UntilNS: int64(until)})
}

func (f *fixture) look(at time.Duration, servers ...string) {
	for i, s := range servers {
		f.at(at+time.Duration(i)*1500*time.Microsecond, s,
			facts{"up": true, "state": "LOOKING", "phase": "ELECTION", "serving": false, "leader": ""})
	}
}

// elect makes a leader of leader, with followers, in steps like those of a real ensemble.
func (f *fixture) elect(at time.Duration, epoch int64, leader string, followers ...string) (serves time.Duration) {
	f.at(at, leader, facts{"state": "LEADING", "phase": "DISCOVERY", "leader": leader})
	for i, s := range followers {
		f.follow(at+time.Duration(i+1)*9*ms, epoch, leader, s)
	}
	f.at(at+42*ms, leader, facts{"phase": "SYNCHRONIZATION", "accepted": epoch, "epoch": epoch})
	serves = at + 136*ms
	f.at(serves, leader, facts{"phase": "BROADCAST", "serving": true, "current": epoch})
	f.at(serves+4*ms, leader, facts{"committed": zxidText(epoch, 1)})
	return serves
}

func (f *fixture) follow(at time.Duration, epoch int64, leader, server string) {
	f.at(at, server, facts{"state": "FOLLOWING", "phase": "DISCOVERY", "leader": leader})
	f.at(at+60*ms, server, facts{"phase": "SYNCHRONIZATION", "epoch": epoch})
	f.at(at+126*ms, server, facts{"phase": "BROADCAST", "serving": true, "current": epoch})
}

func zxidText(epoch int64, counter uint32) string {
	return zxid.Make(zxid.Epoch(epoch), counter).String()
}

// outage is a time in which some clients are not served.
type outage struct {
	from, until time.Duration
	share       float64
	epoch       int64 // after it
}

// load lets each client ask again and again until the end.
func (f *fixture) load(length time.Duration, outages []outage) {
	r := rand.New(rand.NewPCG(1, 2))
	for c := 1; c <= f.run.Config.Clients; c++ {
		at := 500*ms + time.Duration(r.Int64N(int64(20*ms)))
		for at < length-20*ms {
			op := history.Op{Client: c, Session: uint64(c), Key: "/r0", Value: "v", Invoke: host.Time(at),
				Kind: []history.Kind{history.Get, history.Get, history.Set, history.CAS}[r.IntN(4)], Outcome: history.Ok}
			took := time.Duration(math.Exp(r.NormFloat64()*0.35) * 1.1e6)
			if op.Kind == history.Get {
				took /= 8
			}
			if r.IntN(200) == 0 {
				took += time.Duration(r.Int64N(int64(20 * ms)))
			}
			if op.Kind == history.CAS && r.IntN(5) == 0 {
				op.Outcome, op.Err = history.Fail, txn.BadVersion
			}
			epoch := int64(1)
			for _, o := range outages {
				if at >= o.until {
					epoch = o.epoch
				}
				if at+took < o.from || at >= o.until || r.Float64() > o.share {
					continue
				}
				epoch, op.Err = o.epoch, txn.OK
				if op.Outcome = history.Ok; r.IntN(3) > 0 {
					op.Outcome, op.Err = history.Unknown, txn.ConnectionLoss
					took = min(time.Duration(r.Int64N(int64(sec)))+20*ms, o.until-at+200*ms)
				} else {
					took += o.until - at
				}
			}
			op.Ended = host.Time(at + took)
			if op.Outcome == history.Ok && op.Kind.IsWrite() {
				op.Zxid = zxid.Make(zxid.Epoch(epoch), uint32(len(f.ops)+1))
			}
			f.ops = append(f.ops, op)
			at += took + time.Duration(r.Int64N(int64(45*ms)))
		}
	}
	slices.SortStableFunc(f.ops, func(a, b history.Op) int { return int(min(max(a.Invoke-b.Invoke, -1), 1)) })
}

// minute is a run of 60 s: the leader crashes, a follower restarts, the next leader is
// cut off, a disk is slow for a moment.
func minute() *fixture {
	f := newFixture(5, 5, 60*sec)
	f.look(3*ms, "n1", "n2", "n3", "n4", "n5")
	f.elect(241*ms, 1, "n5", "n1", "n2", "n3", "n4")

	f.fault("crash", "n5", "#D1495B", 20*sec, 26*sec)
	f.at(20*sec, "n5", facts{"up": false, "serving": false})
	f.look(20*sec+9*ms, "n3", "n1", "n2", "n4")
	f.elect(20*sec+441*ms, 2, "n4", "n1", "n2", "n3")
	f.look(26*sec+30*ms, "n5")
	f.follow(26*sec+330*ms, 2, "n4", "n5")

	f.fault("crash", "n1", "#D1495B", 33*sec, 36*sec)
	f.at(33*sec, "n1", facts{"up": false, "serving": false})
	f.look(36*sec+400*ms, "n1")
	f.follow(36*sec+820*ms, 2, "n4", "n1")

	f.fault("slow-disk", "n2", "#8C6BB1", 38*sec, 44*sec)
	f.fault("partition", "n4|n1,n2,n3,n5", "#4F9D69", 42*sec, 48*sec)
	f.look(43*sec+2*ms, "n1", "n2", "n3", "n5")
	f.look(43*sec+190*ms, "n4")
	f.elect(43*sec+238*ms, 3, "n5", "n1", "n2", "n3")
	f.look(48*sec+200*ms, "n4")
	f.follow(48*sec+640*ms, 3, "n5", "n4")
	f.fault("clock-jump", "n3", "#E0A030", 54*sec, 54*sec)
	f.load(60*sec, []outage{{20 * sec, 20*sec + 590*ms, 1, 2}, {33 * sec, 33*sec + 700*ms, 0.2, 2},
		{42 * sec, 43*sec + 390*ms, 0.9, 3}})
	return f
}

// small is a run of 2 s with three voters and an observer, for the golden files.
func small() *fixture {
	f := newFixture(4, 2, 2*sec)
	f.run.Config.Observers = []int{4}
	f.look(2*ms, "n1", "n2", "n3", "n4")
	f.elect(210*ms, 1, "n3", "n1", "n2")
	f.at(400*ms, "n4", facts{"state": "OBSERVING", "leader": "n3", "epoch": 1, "current": 1})
	f.at(430*ms, "n4", facts{"serving": true})
	f.fault("crash", "n3", "#D1495B", 900*ms, 1700*ms)
	f.at(900*ms, "n3", facts{"up": false, "serving": false})
	f.look(905*ms, "n4", "n1", "n2")
	f.elect(1130*ms, 2, "n2", "n1")
	f.look(1720*ms, "n3")
	f.load(2*sec, []outage{{900 * ms, 1280 * ms, 1, 2}})
	return f
}

// folder writes the fixture as a run folder and opens it.
func (f *fixture) folder(t testing.TB) *runfolder.Folder {
	t.Helper()
	w, err := runfolder.Create(t.TempDir(), f.run.Scenario, f.run.Seed, 1)
	require.NoError(t, err)
	defer w.Abort()
	require.NoError(t, w.WriteRun(&f.run))
	if f.events != nil {
		out, err := w.File(runfolder.EventsFile)
		require.NoError(t, err)
		_, err = io.WriteString(out, `{"zabsim-events":1,"scenario":"leader-crash","servers":5,"clients":5,"seed":7}`+"\n")
		require.NoError(t, err)
		slices.SortStableFunc(f.events, func(a, b fixtureEvent) int { return int(min(max(a.T-b.T, -1), 1)) })
		enc := json.NewEncoder(out)
		for i := range f.events {
			f.events[i].ID = i + 1
			require.NoError(t, enc.Encode(&f.events[i]))
		}
		require.NoError(t, out.Close())
	}
	if f.ops != nil {
		out, err := w.File(runfolder.HistoryFile)
		require.NoError(t, err)
		require.NoError(t, (&history.History{Name: "fixture", Preset: true, Ops: f.ops}).WriteJSON(out))
		require.NoError(t, out.Close())
	}
	path, err := w.Commit()
	require.NoError(t, err)
	folder, err := runfolder.Open(path)
	require.NoError(t, err)
	return folder
}

// storm loses a leader every 20 s in turn, with more kinds of faults than rows, a
// leader that gives up before it serves, and no leader at the end.
func storm(crashes int) *fixture {
	names := []string{"n1", "n2", "n3"}
	f := newFixture(3, 0, time.Duration(crashes+1)*20*sec)
	f.look(0, names...)
	f.elect(200*ms, 1, "n3", "n1", "n2")
	leader := 3
	for i := range crashes {
		at := time.Duration(i+1) * 20 * sec
		old, next, third := names[leader-1], names[leader%3], names[(leader+1)%3]
		f.fault([]string{"crash", "kill", "stop", "power-cut", "oom", "panic", "disk-full", "bit-rot", "cosmic-ray", "a-fault-with-a-very-long-name"}[i%10],
			old, "#7A8FA6", at, at+4*sec)
		f.at(at, old, facts{"up": false, "serving": false})
		f.look(at+time.Duration(4+i)*ms, next, third)
		if i == crashes-1 {
			break
		}
		elected := at + time.Duration(200+37*i)*ms
		if i == 2 { // the first to be elected gives up
			f.at(elected, third, facts{"state": "LEADING", "phase": "DISCOVERY"})
			f.look(elected+300*ms, third)
			elected += 500 * ms
		}
		f.elect(elected, int64(i+2), next, third)
		f.look(at+5*sec, old)
		f.follow(at+5*sec+300*ms, int64(i+2), next, old)
		leader = leader%3 + 1
	}
	return f
}

// everyKind is a second in which every kind of operation ends in every way.
func everyKind() *fixture {
	f := newFixture(8, 9, 1500*ms)
	f.look(0, "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8")
	f.elect(200*ms, 4_000, "n8", "n1", "n2", "n3", "n4", "n5", "n6", "n7")
	f.fault("partition", "n1,n2,n3|n4,n5,n6,n7,n8", "#F4E409", 600*ms, 700*ms)
	f.fault("partition", "n1|n2,n3,n4,n5,n6,n7,n8", "#F4E409", 720*ms, 730*ms)
	f.fault("cut", "n1", "#9467BD", 900*ms, 1100*ms)
	f.fault("cut", "n2", "#9467BD", 905*ms, 1200*ms)
	f.fault("cut", "n3-n4", "#9467BD", 1000*ms, 1020*ms)
	f.fault("cut", "n4-n5", "#9467BD", 1150*ms, 1300*ms)
	f.fault("cut", "n5", "#9467BD", 1310*ms, 1315*ms)
	for i := range 210 {
		at := host.Time(i) * host.Time(6*ms)
		f.ops = append(f.ops, history.Op{Client: i, Session: uint64(i), Kind: history.Kind(i % 7), Key: "/r0", Invoke: at,
			Ended: at + host.Time((1+i%11)*(i%3+1))*host.Time(ms), Outcome: history.Outcome(1 + i/7%3), Err: txn.ConnectionLoss})
	}
	return f
}
