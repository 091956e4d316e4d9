package faults_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the stories with what happens now")

// staging is how a fault is shown: its arguments, what else must happen so that it
// has something to do, and which lines tell of it besides those that every story has.
type staging struct {
	args    string
	seed    uint64
	servers int           // 3 if 0
	more    []plan.Fault  // in the order of their times
	show    string        // pattern of further lines, matched against "n1.peer write currentEpoch=2"
	most    int           // of these in a row, 0: as many as there are
	until   host.Duration // for how long they are told, showUntil if 0
	tick    host.Duration // 200ms if 0
	length  host.Duration // storyFor if 0
	session host.Duration // time-out of sessions, the scenario's if 0
	times   bool          // lines of fsyncs tell the time field of the last record
}

const (
	storyAt   = 2 * host.Second
	storyFor  = 1500 * host.Millisecond
	storyFrom = 1400 * host.Millisecond // what was before is told in one line
	storyEnd  = 6 * host.Second
	showFrom  = storyAt - 100*host.Millisecond // of further lines
	showUntil = storyAt + storyFor + 300*host.Millisecond
)

// afterwards is what else happens so many milliseconds after the fault of a story, or
// before it, and for how long.
func afterwards(ms, length host.Duration, text string) []plan.Fault {
	words := strings.Fields(text)
	return []plan.Fault{{At: storyAt + ms*host.Millisecond, For: length * host.Millisecond, Name: words[0], Args: words[1:]}}
}

var stagings = map[string]staging{
	"crash":    {args: "leader keep=some", seed: 1},
	"restart":  {args: "leader", seed: 1},
	"cut":      {args: "n3>n1", seed: 1},
	"isolate":  {args: "leader", seed: 1, tick: 400 * host.Millisecond, length: 3 * host.Second},
	"reset":    {args: "n1-n3", seed: 1, show: `(closed|connect) (quorum|election)`},
	"midwrite": {args: "keep=some after=1", seed: 1, more: afterwards(200, 700, "restart n3"), show: `peer (write|truncate|fsync) `},
	"pause":    {args: "leader", seed: 1},
	"torn":     {args: "n1", seed: 1},
	"midsync": {args: "after=2 hit=learner", seed: 1, more: afterwards(-500, 1000, "restart n1"),
		show: `^n1.* recv (SNAP|DIFF|TRUNC|PROPOSAL|NEWLEADER|UPTODATE)`, most: 2, until: 4100 * host.Millisecond},
	"slow":        {args: "n1-n3 by=3000", seed: 1},
	"blackhole":   {args: "n3>n1", seed: 1, show: `closed (quorum|election)`},
	"refuse":      {args: "n3 plane=quorum", seed: 1, more: afterwards(200, 0, "reset n1-n3"), show: `refused|(closed|connect) quorum`, most: 1},
	"split":       {args: "n1,n2", seed: 1},
	"minority":    {seed: 12},
	"bridge":      {args: "n2", seed: 1},
	"ring":        {seed: 1, servers: 5},
	"swizzle":     {seed: 1},
	"drift":       {args: "leader rate=2000", seed: 1, show: `n3.* timer tick`},
	"step":        {args: "leader by=-1000s", seed: 1, show: `n3.* fsync`, most: 2, times: true},
	"slow-disk":   {args: "n1 by=5000", seed: 1, show: `n1.* fsync`, most: 2},
	"disk-error":  {args: "n1", seed: 1, more: append(afterwards(2000, 500, "restart n3"), afterwards(2000, 500, "disk-error n1")...)},
	"full-disk":   {args: "n1", seed: 1, more: afterwards(0, 700, "restart n3")},
	"lying-fsync": {args: "n1", seed: 1, more: afterwards(500, 500, "crash n1 keep=none"), show: `n1.* fsync`, most: 1},
	"lost-file":   {args: "n1 file=log", seed: 1},
	"corrupt":     {args: "n1 file=log", seed: 1},
	"freeze": {args: "c1", seed: 1, session: host.Second, until: 4600 * host.Millisecond,
		show: `^c1 (dial|read-timeout|closed|expire|recv connected)|recv connect.* <c1|closed client <c1|closeSession`},
	"hangup": {args: "c1", seed: 1, until: 3 * host.Second, show: `^c1 (dial|closed|recv connected)|(closed client|recv connect).* <c1`},
}

// Goal: each fault can be watched. Method: one run with one fault of the kind; the
// lines that a reader needs, from just before it until the servers have recovered.
func TestStoryOfEachFault(t *testing.T) {
	for _, k := range faults.All() {
		t.Run(k.Name, func(t *testing.T) {
			got := storyOf(t, &k)
			file := filepath.Join("testdata", "stories", k.Name+".txt")
			if *rewrite {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err, "a new fault needs a story: go test ./faults -run Story -rewrite")
			assert.Equal(t, string(want), got, "if the change is meant: go test ./faults -run Story -rewrite, and read the difference")
		})
	}
}

func storyOf(t *testing.T, k *sim.FaultKind) string {
	require.Contains(t, stagings, k.Name, "a new fault needs a row in stagings")
	s := stagings[k.Name]
	p := storyPlan(t, k, &s)
	var b strings.Builder
	wrap(&b, k.Name+": "+k.Doc)
	wrap(&b, "Survives: "+k.Survive)
	fmt.Fprintf(&b, "\n%d servers, tickTime %s, syncLimit %d, seed %d\n", p.Quorum.All().Len(), plan.FormatDuration(p.TickTime), p.SyncLimit, p.Seed)
	for i := range p.Faults {
		b.WriteString(faultLine(&p.Faults[i]) + "\n")
	}
	b.WriteString("----\n")

	n := narrate(p, &s)
	story := n.lines
	assert.True(t, len(story) >= 4 && len(story) <= 30, "%d lines: a story has 4 to 30", len(story))
	for _, line := range story {
		b.WriteString(line + "\n")
	}

	out := scenarios.Execute(p, scenarios.Settings{})
	assert.Equal(t, out.Run.Fingerprint(), n.r.Fingerprint(), "the run that is told is the one that is judged")
	in := intervalOf(t, out, k)
	if !k.Instant {
		assert.Equal(t, in.From.Add(cmp.Or(s.length, storyFor)), in.Until, "it must heal when its time is over")
	}
	fmt.Fprintf(&b, "verdict %v\n", out.Verdict)
	for _, c := range out.Checks {
		if c.Verdict != scenarios.Passed {
			fmt.Fprintf(&b, "%v %s: %s\n", c.Verdict, c.Name, c.Detail)
		}
	}
	if !k.Unsafe {
		assert.Equal(t, scenarios.Passed, out.Verdict)
	}
	return b.String()
}

func storyPlan(t *testing.T, k *sim.FaultKind, s *staging) *plan.Plan {
	steady, err := scenarios.Lookup("steady")
	require.NoError(t, err)
	p := steady.Plan(s.seed, scenarios.Options{Servers: max(s.servers, 3), Clients: 3, For: storyEnd,
		TickTime: cmp.Or(s.tick, 200*host.Millisecond), Unsafe: k.Unsafe})
	p.SessionTimeout = cmp.Or(s.session, p.SessionTimeout)
	f := plan.Fault{At: storyAt, For: cmp.Or(s.length, storyFor), Name: k.Name, Args: strings.Fields(s.args)}
	if k.Instant {
		f.For = 0
	}
	p.Faults = append(p.Faults, f)
	for i, other := range s.more {
		if other.At < f.At {
			p.Faults = append(p.Faults[:i:i], other, f)
		} else {
			p.Faults = append(p.Faults, other)
		}
	}
	for i := range p.Faults {
		require.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]))
	}
	return p
}

func intervalOf(t *testing.T, out *scenarios.Outcome, k *sim.FaultKind) sim.Interval {
	for _, in := range out.Run.Intervals() {
		if in.Name == k.Name {
			return in
		}
	}
	require.Fail(t, "the fault did not begin")
	return sim.Interval{}
}

func faultLine(f *plan.Fault) string {
	line := strings.Join(append([]string{"at", plan.FormatDuration(f.At), f.Name}, f.Args...), " ")
	if f.For > 0 {
		line += " for " + plan.FormatDuration(f.For)
	}
	return line
}

// wrap writes text as comment lines of at most 100 columns.
func wrap(b *strings.Builder, text string) {
	line := "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > 100 {
			b.WriteString(line + "\n")
			line = "#  "
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// TestTextIsWrapped: no word is lost, no line is too long.
func TestTextIsWrapped(t *testing.T) {
	text := strings.Repeat("word and another ", 20)
	var b strings.Builder
	wrap(&b, text)
	for _, line := range strings.Split(b.String(), "\n") {
		assert.LessOrEqual(t, len(line), 100)
	}
	words := regexp.MustCompile(`(?m)^#`).ReplaceAllString(b.String(), "")
	assert.Equal(t, strings.Fields(text), strings.Fields(words))
}
