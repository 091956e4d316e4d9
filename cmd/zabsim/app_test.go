package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Goal: every way to end has its exit code. Method: end in each way.
func TestEveryEndHasItsExitCode(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(a *app) error
		code int
		says string
	}{
		{"passed", verdict(scenarios.Passed), 0, ""},
		{"violated", verdict(scenarios.Violated), 1, ""},
		{"unknown", verdict(scenarios.Unknown), 2, ""},
		{"differs", fails(&failure{exitDiffers, errors.New("other events")}), 3, "zabsim: other events\n"},
		{"vacuous", verdict(scenarios.Vacuous), 4, ""},
		{"no progress", verdict(scenarios.NoProgress), 5, ""},
		{"usage", fails(usage("want %d", 7)), 64, "zabsim: want 7\n"},
		{"cobra's own error", fails(errors.New("odd flag")), 64, "zabsim: odd flag\n"},
		{"wrapped usage", fails(fmt.Errorf("run: %w", usage("no"))), 64, "zabsim: run: no\n"},
		{"internal", fails(internal(errors.New("torn chart"))), 70, "repeats it:\ngo run ./cmd/zabsim run --seed 7\n"},
		{"panic", func(*app) error { panic("nobody leads") }, 70, "internal error: nobody leads"},
		{"interrupt", func(*app) error { panic(interrupted{}) }, 130, "interrupted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			a := &app{err: &stderr}
			assert.Equal(t, c.code, a.guard([]string{"run", "--seed", "7"}, func() error { return c.do(a) }))
			assert.Contains(t, stderr.String(), c.says)
			assert.Equal(t, c.says == "", stderr.Len() == 0)
		})
	}
}

func verdict(v scenarios.Verdict) func(*app) error {
	return func(a *app) error {
		a.code = v.Exit()
		return nil
	}
}

func fails(err error) func(*app) error { return func(*app) error { return err } }

// Goal: the table that people read lists the codes that exist, here and in the
// README. Method: compare.
func TestExitCodesAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	known := map[int]bool{}
	for _, e := range exitCodes() {
		assert.False(t, known[e.code], "%d is there twice", e.code)
		known[e.code] = true
		assert.Contains(t, string(readme), fmt.Sprintf("| %d | %s |", e.code, e.meaning))
	}
	for _, v := range []scenarios.Verdict{scenarios.Passed, scenarios.Violated, scenarios.Unknown, scenarios.Vacuous, scenarios.NoProgress, scenarios.Failed} {
		assert.True(t, known[v.Exit()], "%s", v)
	}
}

// Goal: a disk without room has its exit code and its remedy, and other errors keep
// theirs. Method: errors as the packages below wrap them.
func TestNoRoomIsNamed(t *testing.T) {
	r := &recorder{out: "my runs"}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		err := r.unwritable(internal(errors.Join(nil, fmt.Errorf("draw: %w", &os.PathError{Op: "write", Path: "x", Err: full}))))
		assert.EqualError(t, err, "the folder 'my runs' has no room for this run: "+full.Error()+"; choose another --out")
		var f *failure
		require.ErrorAs(t, err, &f)
		assert.Equal(t, exitUsage, f.code)
	}
	other := internal(errors.New("torn chart"))
	assert.Same(t, other, r.unwritable(other))
}

// Goal: two runs of one plan that differ end in 3 and the first line in which they
// do; two that agree, but not with the plan, in 4 or in what is worse. Method:
// results and traces by hand.
func TestWhatAReplayIsFoundToBe(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	expect := plan.Expect{Events: 2, Fingerprint: 1, Verdict: "passed"}
	one := plan.Expect{Events: 2, Fingerprint: 2, Verdict: "passed"}
	two := plan.Expect{Events: 2, Fingerprint: 3, Verdict: "passed"}
	write(freshTrace, "head\nb\nend  events=2  fingerprint=0000000000000002\n")
	write(againTrace, "head\nc\nend  events=2  fingerprint=0000000000000003\n")
	write(runfolder.TraceFile, "head\na\nend  events=2  fingerprint=0000000000000001\n")
	for _, c := range []struct {
		name       string
		expect     plan.Expect
		got, again plan.Expect
		code, want int
		says       []string
	}{
		{"differ", expect, one, two, 0, 3, []string{"not deterministic: two runs",
			"the first gave 0000000000000002, the second 0000000000000003", "line 2 of the trace\n    the second run: c\n    this run: b",
			"the trace beside the plan: a\n    this run: b"}},
		{"differ, nothing expected", plan.Expect{}, one, two, 1, 3, []string{"the second run: c\n    this run: b"}},
		{"agree", expect, one, one, 0, 4, []string{"the plan was edited, the code has changed", "the plan is stale",
			"expected 0000000000000001, got 0000000000000002", "the trace beside the plan: a\n    this run: b"}},
		{"agree, budget spent", expect, one, one, 2, 4, nil},
		{"agree, violated", expect, one, one, 1, 1, nil},
		{"agree, stuck", expect, one, one, 5, 5, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &replayer{app: &app{code: c.code}, plan: &plan.Plan{Expect: c.expect}, name: filepath.Join(dir, "plan.txt"), temp: dir}
			err := r.differs(c.got, c.again)
			var f *failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, c.want, f.code)
			for _, text := range c.says {
				assert.Contains(t, err.Error(), text)
			}
		})
	}
}

// Goal: a panic's last line repeats it. Method: panic with an environment and an
// argument that a shell would take apart.
func TestPanicEndsWithTheCommand(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{err: &stderr, used: []string{"ZABSIM_SEED=7"}}
	a.guard([]string{"run", "--zoo-cfg", "my zoo's.cfg"}, func() error { panic("oh") })
	assert.True(t, strings.HasSuffix(stderr.String(), "\nZABSIM_SEED=7 go run ./cmd/zabsim run --zoo-cfg 'my zoo'\\''s.cfg'\n"))
}

// Goal: Ctrl-C ends a run within events, not at its end. Method: a context that
// is over, and a count of events below the length of any run.
func TestInterruptEndsARun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, err := scenarios.Lookup("steady")
	require.NoError(t, err)
	p := s.Plan(1, scenarios.Options{For: 20 * host.Second})
	seen := newObserver(ctx, nil, p.For)
	assert.PanicsWithValue(t, interrupted{}, func() { judge(nil, p, seen, seen) })
	assert.EqualValues(t, lookEvery, seen.events)
}

// Goal: the bar is drawn where it was asked for, and is gone at the end. Method:
// feed events by hand.
func TestProgressIsDrawnAndTakenAway(t *testing.T) {
	var w bytes.Buffer
	o := newObserver(context.Background(), &w, 10*host.Second)
	for i := range 2 * lookEvery {
		if i == lookEvery {
			time.Sleep(150 * time.Millisecond) // longer than the bar's own pause
		}
		o.Event(&trace.Event{At: host.Time(5 * host.Second), Verb: "recv"}, 0, nil)
	}
	o.done()
	assert.Contains(t, w.String(), "simulating")
	assert.Contains(t, w.String(), "50%")
	assert.EqualValues(t, 2*lookEvery, o.messages)
	last := w.String()[strings.LastIndex(w.String(), "\r"):]
	assert.Empty(t, strings.TrimSpace(last))
}

// Goal: a printed command makes the plan that it was printed for, and no command
// is printed for a plan that flags can't make. Method: plans of both kinds; the
// command line of the first kind is run through the flags.
func TestCommandMakesThePlan(t *testing.T) {
	named := func(name string, o scenarios.Options) *plan.Plan {
		s, err := scenarios.Lookup(name)
		require.NoError(t, err)
		return s.Plan(7, o)
	}
	chaos, err := scenarios.Lookup("chaos")
	require.NoError(t, err)
	require.Equal(t, 2, chaos.Plan(2, scenarios.Options{}).Quorum.Observers.Len(), "look for a seed that draws two observers")
	drawn := func(o scenarios.Options) *plan.Plan { return chaos.Plan(2, o) }
	base := func(o scenarios.Options) *plan.Plan { return named("leader-crash", o) }
	edited := base(scenarios.Options{})
	edited.Faults = edited.Faults[:1]
	stranger := base(scenarios.Options{})
	stranger.Scenario = "mine"
	decided := base(scenarios.Options{})
	decided.Decisions = []plan.Decision{{Key: "crash@1s target", Value: "n1"}}
	for _, c := range []struct {
		p    *plan.Plan
		want string
	}{
		{base(scenarios.Options{}), "run leader-crash --seed 7"},
		{base(scenarios.Options{Servers: 3, Clients: 2}), "run leader-crash --seed 7 --servers 3 --clients 2"},
		{base(scenarios.Options{For: 2500 * host.Millisecond, Bugs: bug.Set{}.With(bug.EpochBeforeHistory)}),
			"run leader-crash --seed 7 --for 2.5s --bug follower.epoch-before-history"},
		{base(scenarios.Options{TickTime: host.Second, InitLimit: 7, SyncLimit: 3, CommitLogCount: 20}),
			"run leader-crash --seed 7 --tick-time 1s --init-limit 7 --sync-limit 3 --commit-log-count 20"},
		{base(scenarios.Options{Grain: plan.GrainThreads, ThreadSlow: 10, NetSlow: 4, DiskSlow: 5}),
			"run leader-crash --seed 7 --grain threads --thread-slow 10 --net-slow 4 --disk-slow 5"},
		{base(scenarios.Options{SnapCount: 5, SnapRetain: 3, SnapshotSizeFactor: plan.FactorOff}),
			"run leader-crash --seed 7 --snap-count 5 --snap-retain 3 --snapshot-size-factor off"},
		{base(scenarios.Options{Observers: 2}), "run leader-crash --seed 7 --observers 2"},
		{base(scenarios.Options{Servers: 4, Observers: 1, Clients: scenarios.NoClients}), "run leader-crash --seed 7 --servers 4 --observers 1 --clients 0"},
		{named("observers", scenarios.Options{}), "run observers --seed 7"},
		{named("observers", scenarios.Options{Observers: scenarios.NoObservers}), "run observers --seed 7 --observers 0"},
		{named("observers", scenarios.Options{Servers: 3}), "run observers --seed 7 --servers 3"},
		{named("deposed-leader", scenarios.Options{Clients: 5}), "run deposed-leader --seed 7 --clients 5"},
		{named("weights", scenarios.Options{Servers: 7, Observers: 1}), "run weights --seed 7 --servers 7 --observers 1"},
		{named("chaos", scenarios.Options{}), "run chaos --seed 7"},
		{named("chaos", scenarios.Options{TickTime: 300 * host.Millisecond, SnapCount: 4}), "run chaos --seed 7 --tick-time 300ms --snap-count 4"},
		{named("chaos", scenarios.Options{Grain: plan.GrainThreads}), "run chaos --seed 7 --grain threads"},
		{drawn(scenarios.Options{}), "run chaos --seed 2"},
		{drawn(scenarios.Options{Servers: 5}), "run chaos --seed 2 --servers 5"},
		{drawn(scenarios.Options{Servers: 7}), "run chaos --seed 2 --servers 7"},
		{drawn(scenarios.Options{Servers: 7, Observers: 2}), "run chaos --seed 2"},
		{drawn(scenarios.Options{Observers: scenarios.NoObservers}), "run chaos --seed 2 --servers 5"},
		{base(scenarios.Options{Quorum: quorum.Majority(3)}), "run leader-crash --seed 7 --servers 3"},
		{edited, ""}, {stranger, ""}, {decided, ""},
	} {
		want := c.want
		if want != "" {
			want = invocation + " " + want
		}
		assert.Equal(t, want, command(subjectOf(c.p, ""), c.p))
	}
}

// Goal: what is printed can be pasted. Method: words with everything in them that
// a shell reads.
func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"runs/latest/plan.txt": "runs/latest/plan.txt", "": "''", "a b": "'a b'", "$x": "'$x'", "it's": `'it'\''s'`, "--for=1s": "--for=1s",
	} {
		assert.Equal(t, want, quote(text))
	}
}

func TestCausesAreShort(t *testing.T) {
	for fault, want := range map[string]string{
		"": "", "crash n3": "crash n3", "cut n1-n2 n1-n3": "cut n1-n2 n1-n3", "cut n1-n2 n1-n3 n1-n4": "cut n1-n2 and 2 more",
	} {
		assert.Equal(t, want, shortCause(fault))
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -5: "-5"} {
		assert.Equal(t, want, grouped(n))
	}
}
