package scenarios

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

var rewrite = flag.Bool("rewrite", false, "write the golden fingerprints anew; the diff is a change of behaviour and is reviewed as one")

const goldenFile = "testdata/fingerprints.txt"

type golden struct {
	scenario string
	servers  int
	seed     uint64
	grain    plan.Grain
}

var goldens = []golden{
	{"steady", 1, 1, plan.GrainAtomic}, {"steady", 3, 1, plan.GrainAtomic}, {"steady", 5, 2, plan.GrainAtomic}, {"leader-crash", 5, 1, plan.GrainAtomic}, {"leader-crash", 5, 7, plan.GrainAtomic},
	{"rolling-restart", 3, 1, plan.GrainAtomic}, {"leader-partition", 5, 1, plan.GrainAtomic}, {"cold-start", 5, 1, plan.GrainAtomic}, {"cold-start", 7, 3, plan.GrainAtomic},
	{"chaos", 3, 6, plan.GrainAtomic}, {"chaos", 5, 15, plan.GrainAtomic}, {"chaos", 4, 18, plan.GrainAtomic}, {"chaos", 7, 1893, plan.GrainAtomic},
	{"observers", 5, 1, plan.GrainAtomic}, {"disk-trouble", 3, 1, plan.GrainAtomic}, {"flaky-links", 5, 1, plan.GrainThreads},
	{"lagging-follower", 3, 1, plan.GrainThreads}, {"hung-leader", 3, 1, plan.GrainThreads}, {"chaos", 5, 21, plan.GrainThreads},
	{"chaos", 3, 40, plan.GrainThreads},
	{"session-expiry", 3, 1, plan.GrainAtomic}, {"session-move", 5, 2, plan.GrainThreads},
	{"distributed-lock", 5, 1, plan.GrainThreads}, {"config-centre", 3, 2, plan.GrainAtomic},
}

func (g golden) run(t *testing.T) (line string, text []byte) {
	s, err := Lookup(g.scenario)
	require.NoError(t, err)
	out := Execute(s.Plan(g.seed, Options{Servers: g.servers, Grain: g.grain}), Settings{Reach: s.Reach})
	var b bytes.Buffer
	require.NoError(t, out.Plan.Write(&b))
	e := out.Plan.Expect
	return fmt.Sprintf("%-16s %d servers  %-7s seed %-5d %7d events  %016x  %s", g.scenario, g.servers, g.grain, g.seed, e.Events, e.Fingerprint, e.Verdict), b.Bytes()
}

// TestGoldenFingerprints: same seed, same bytes, on this machine and on any
// other: the stored fingerprints were made on amd64 and are also checked under
// GOARCH=386, with the race detector, and with 1 and 2 processors.
func TestGoldenFingerprints(t *testing.T) {
	var lines []string
	for _, g := range goldens {
		line, text := g.run(t)
		lines = append(lines, line)
		for _, procs := range []int{1, 2} {
			old := runtime.GOMAXPROCS(procs)
			again, same := g.run(t)
			runtime.GOMAXPROCS(old)
			assert.Equal(t, line, again, "GOMAXPROCS %d", procs)
			assert.True(t, bytes.Equal(text, same), "the plan that %s writes differs from run to run", g.scenario)
		}
	}
	got := "# Fingerprints of whole runs. A change here is a change of behaviour: say why in the commit.\n" + strings.Join(lines, "\n") + "\n"
	if *rewrite {
		require.NoError(t, os.WriteFile(goldenFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(goldenFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// TestPlanTextRepeatsTheRun: a run's plan, written, parsed and executed, gives
// the run again, with every decision used.
func TestPlanTextRepeatsTheRun(t *testing.T) {
	for _, g := range goldens[3:] {
		s, _ := Lookup(g.scenario)
		first := Execute(s.Plan(g.seed, Options{Servers: g.servers, Grain: g.grain}), Settings{Reach: s.Reach})
		var b bytes.Buffer
		require.NoError(t, first.Plan.Write(bufio.NewWriter(&b)))
		b.Reset()
		require.NoError(t, first.Plan.Write(&b))
		p, err := plan.Parse("plan.txt", &b, faults.Vocabulary{})
		require.NoError(t, err)
		second := Execute(p, Settings{Reach: s.Reach})
		assert.Equal(t, first.Plan.Expect, second.Plan.Expect, g.scenario)
		assert.Empty(t, second.Unused, g.scenario)
	}
}

// TestFaultsMoveNothingElse: taking a fault out of a plan leaves every event
// before it as it was, and the other faults keep their identity.
func TestFaultsMoveNothingElse(t *testing.T) {
	s, _ := Lookup("leader-crash")
	full := s.Plan(3, Options{})
	a := Execute(full, Settings{})
	for gone := range full.Faults {
		less := *full
		less.Faults = append(append([]plan.Fault(nil), full.Faults[:gone]...), full.Faults[gone+1:]...)
		b := Execute(&less, Settings{})
		until := int64(full.Faults[gone].At)
		n := 0
		for i := range a.Run.History.Ops {
			x, y := &a.Run.History.Ops[i], &b.Run.History.Ops[i]
			if int64(x.Ended) >= until || int64(x.Invoke) >= until {
				break
			}
			require.Equal(t, x, y)
			n++
		}
		assert.Greater(t, n, 500, "the run before the fault is long")
		kept := less.Faults[0]
		var keys []string
		for _, d := range b.Run.Decided() {
			keys = append(keys, d.Key)
		}
		assert.Contains(t, keys, "crash@"+plan.FormatDuration(kept.At)+" target")
		assert.NotContains(t, keys, "crash@"+plan.FormatDuration(full.Faults[gone].At)+" target")
	}
}

// serverEvents collects what happens to servers alone.
type serverEvents struct{ list []string }

func (x *serverEvents) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	if e.At < host.Time(500*host.Millisecond) && e.Node >= 1 && e.Node <= 8 && !strings.Contains(e.Detail, "client") && !strings.Contains(e.Detail, "<c") {
		x.list = append(x.list, fmt.Sprint(e.At, e.Node, e.Lane, e.Verb))
	}
}

// TestAClientMovesNoServer: one more client leaves the first election as it was,
// to the nanosecond.
func TestAClientMovesNoServer(t *testing.T) {
	s, _ := Lookup("steady")
	var a, b serverEvents
	Execute(s.Plan(1, Options{Clients: 5}), Settings{Sink: &a})
	Execute(s.Plan(1, Options{Clients: 6}), Settings{Sink: &b})
	assert.Greater(t, len(a.list), 100)
	assert.Equal(t, a.list, b.list)
}

// TestTheFingerprintSeesContent: a value that one write carries changes no time and
// no zxid, and still another number comes out, within a few events: before the
// fingerprint of the whole world goes in for the first time.
func TestTheFingerprintSeesContent(t *testing.T) {
	s, _ := Lookup("steady")
	p := s.Plan(1, Options{Servers: 3})
	q := *p
	q.Ops = append([]plan.Op(nil), p.Ops...)
	for i := range q.Ops {
		if q.Ops[i].Kind == plan.OpSet {
			q.Ops[i].Value = "other"
			break
		}
	}
	begin := func(p *plan.Plan) *sim.Runner {
		r := sim.NewRunner(p, sim.Config{Kinds: faults.All()})
		for r.Events() < 1000 {
			require.True(t, r.Step())
		}
		return r
	}
	a, b := begin(p), begin(&q)
	assert.Equal(t, a.Now(), b.Now())
	assert.NotZero(t, a.Counts().Writes)
	assert.NotEqual(t, a.Fingerprint(), b.Fingerprint())
}
