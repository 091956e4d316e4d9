package faults_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the stories with what happens now")

// Goal: each fault can be watched. Method: one run with one fault of the kind; what
// happens from when it begins until just after it is healed, to the byte.
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
	p := planOf(t, 1, serversFor(k))
	p.Unsafe = k.Unsafe
	f := plan.Fault{At: 4 * host.Second, Name: k.Name, Args: args[k.Name]}
	if k.Name == "reset" {
		f.Args = f.Args[:2] // at once: where it waits for packets, the fault is over before they come
	}
	if !k.Instant {
		f.For = host.Second
	}
	p.Faults = []plan.Fault{f}
	if k.Waits { // what it waits for comes with an election
		p.Faults = append(p.Faults, plan.Fault{At: 5 * host.Second, For: host.Second, Name: "restart", Args: []string{"leader"}})
	}
	for i := range p.Faults {
		require.NoError(t, faults.Vocabulary{}.CheckFault(p, &p.Faults[i]))
	}
	var text bytes.Buffer
	sink := trace.NewText(&text, trace.Header{Scenario: "story", Servers: serversFor(k), Clients: p.Clients, Seed: p.Seed})
	out := scenarios.Execute(p, scenarios.Settings{Sink: sink})
	require.NoError(t, sink.Flush())

	intervals := out.Run.Intervals()
	require.NotEmpty(t, intervals, "the fault did not begin")
	in := intervals[0]
	require.Equal(t, k.Name, in.Name)
	if !k.Instant {
		require.Equal(t, in.From.Add(host.Second), in.Until, "it must heal when its time is over")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n# Survives: %s\n\n", k.Name, k.Doc, k.Survive)
	fmt.Fprintf(&b, "at %v %s", f.At, strings.Join(append([]string{k.Name}, f.Args...), " "))
	if !k.Instant {
		fmt.Fprintf(&b, " for %v", f.For)
	}
	b.WriteString("\n\n")
	before, during, after := split(t, text.String(), in.From, in.Until)
	write(&b, tail(before, 3))
	fmt.Fprintf(&b, "-- begins at %v: %s\n", host.Duration(in.From), in.Target)
	write(&b, during)
	fmt.Fprintf(&b, "-- is over at %v\n", host.Duration(in.Until))
	write(&b, after[:min(len(after), 12)])
	fmt.Fprintf(&b, "\nverdict %v\n", out.Verdict)
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

const linesMax = 30 // of each part of a story

func write(b *strings.Builder, lines []string) {
	for i, line := range lines {
		if i == linesMax {
			fmt.Fprintf(b, "   and %d more lines\n", len(lines)-i)
			return
		}
		b.WriteString(line + "\n")
	}
}

func tail(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// noise is in lines about what a client does; and ticks and pings.
var noise = regexp.MustCompile(`#\d+ +c\d| <c\d+ c|client|PING|timer +tick`)

// split cuts a trace where a fault begins and where it is over. It keeps what servers
// do to each other and to their disks.
func split(t *testing.T, text string, from, until host.Time) (before, during, after []string) {
	for _, line := range strings.Split(text, "\n") {
		stamp, _, ok := strings.Cut(line, "ms ")
		ms, err := strconv.ParseFloat(strings.TrimSpace(stamp), 64)
		if !ok || err != nil || noise.MatchString(line) {
			continue
		}
		switch at := host.Time(ms * 1e6); {
		case at < from:
			before = append(before, line)
		case at < until:
			during = append(during, line)
		default:
			after = append(after, line)
		}
	}
	require.NotEmpty(t, before)
	return before, during, after
}
