package path

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim"
	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// Goal: no two choices that a world offers have one name, and the name leads back.
// Method: walk at random through models that offer every kind of choice.
func TestKeysAreUnique(t *testing.T) {
	kinds := map[sim.ChoiceKind]bool{}
	for seed := range uint64(40) {
		m := explore.Model{Servers: 3, Writes: 2, Crashes: 2, Restarts: 2, Reboots: 1, Cuts: 2, Timeouts: 2}
		if m.Options.EveryStage = seed%2 == 1; seed%3 == 0 {
			m.Grain = plan.GrainThreads
		}
		w, _ := explore.Open(m)
		draw := seed
		for range 150 {
			choices := w.Enabled(nil, m.Options)
			if len(choices) == 0 {
				break
			}
			seen := map[string]sim.Choice{}
			for _, c := range choices {
				key := Key(w, c)
				require.NotContains(t, seen, key)
				seen[key], kinds[c.Kind] = c, true
			}
			draw = draw*6364136223846793005 + 1442695040888963407
			c := choices[(draw>>33)%uint64(len(choices))]
			found, err := find(w, m.Options, Key(w, c))
			require.NoError(t, err)
			require.Equal(t, c, found)
			w.Apply(c)
		}
	}
	assert.Subset(t, kinds, map[sim.ChoiceKind]bool{sim.ChoiceDeliver: true, sim.ChoiceConnect: true, sim.ChoiceTimer: true, sim.ChoiceDisk: true,
		sim.ChoiceLane: true, sim.ChoiceClient: true, sim.ChoiceCrash: true, sim.ChoiceRestart: true, sim.ChoiceReboot: true, sim.ChoiceBreak: true, sim.ChoiceElect: true})
}

// witness is a path that a search has found, and its text.
func witness(t *testing.T) (*Path, string) {
	cfg := explore.Config{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Memo: true}
	r := explore.Run(cfg)
	require.NotNil(t, r.Violation)
	p := Of(&cfg, r.Path)
	require.Equal(t, Expect{len(r.Path), p.Expect.Fingerprint, "violated", "no-ack-before-sync"}, p.Expect)
	return p, p.String()
}

// Goal: what a search finds is written, read and played to the same end; when the
// code has moved on, the path says so.
func TestAPathIsPlayedAgain(t *testing.T) {
	p, text := witness(t)
	assert.True(t, Is([]byte("# a comment\n"+text)))
	again, err := Parse("plan.txt", []byte(text))
	require.NoError(t, err)
	assert.Equal(t, text, again.String())
	var story []string
	got := again.Play(func(_ int, lines []string) { story = append(story, lines...) })
	require.NoError(t, got.Stale)
	assert.Equal(t, p.Expect, got.Got)
	assert.Equal(t, "no-ack-before-sync", got.Violation.Check)
	assert.Contains(t, story[len(story)-1], "VIOLATION no-ack-before-sync")
	assert.Len(t, got.Status, 2)

	// The right code does not do what the path says: the promise is kept.
	right := *again
	right.Model.Bugs = bug.Set{}
	got = right.Play(nil)
	assert.True(t, got.Stale != nil || got.Violation == nil)

	lost := *again
	lost.Steps = lost.Steps[1:]
	got = lost.Play(nil)
	require.Error(t, got.Stale)
	assert.Regexp(t, `^line 8: ".*" can't happen there; possible are: `, got.Stale.Error())
}

// Goal: bad input gets an error with file and line that says what would be right.
func TestBadPaths(t *testing.T) {
	_, text := witness(t)
	lines := strings.Split(text, "\n")
	for _, c := range []struct{ text, want string }{
		{"", `p:1: the file is empty: its first line must be "zabsim path 1"`},
		{"zabsim plan 1\nend\n", `p:1: this is no path: its first line must be "zabsim path 1"`},
		{"zabsim path 2\nend\n", `p:1: format 2, this zabsim reads format 1`},
		{"zabsim path 1\nservers 3\n", `p: cut off after line 3: the last line must be "end"`},
		{"zabsim path 1\nservres 3\nend\n", `p:2: unknown word "servres", did you mean "servers"?`},
		{"zabsim path 1\nservers three\nend\n", `p:2: servers "three": want a whole number from 0 to 200`},
		{"zabsim path 1\nservers 3\nservers 3\nend\n", `p:3: servers stands already on line 2: take one of them away`},
		{"zabsim path 1\nservers 9\nend\n", `p: 9 servers: 1 to 8 are possible`},
		{"zabsim path 1\nservers 3\ngrain thread\nend\n", `p:3: grain "thread": want atomic or threads, did you mean "threads"?`},
		{"zabsim path 1\nservers 3\nbug ZOOKEEPER-3912\nend\n", `p:3: unknown bug "ZOOKEEPER-3912", did you mean`},
		{"zabsim path 1\nservers 3\nstep\nend\n", `p:3: a step says what happens`},
		{"zabsim path 1\nservers 3\nstep restart n1\ntxns 1\nend\n", `p:4: "txns" after the first step`},
		{"zabsim path 1\nservers 3\nexpect steps=1 verdict=passed\nend\n", `p: it expects 1 steps and has 0`},
		{"zabsim path 1\nservers 3\nexpect verdict=violated\nend\n", `p:3: want a line like "expect steps=24`},
		{"zabsim path 1\nservers 3\nexpect colour=red\nend\n", `p:3: "colour=red": want a line like`},
		{text + "step x\n", `nothing may follow the line "end"`},
		{strings.Join(lines[:len(lines)-3], "\n") + "\nexpect steps=1 verdict=passed\nstep x\nend", `only "end" may follow`},
	} {
		_, err := Parse("p", []byte(c.text))
		require.ErrorContains(t, err, c.want)
	}
}

// FuzzParse: no text makes the reader panic, and what it accepts is played to an
// end.
func FuzzParse(f *testing.F) {
	f.Add("zabsim path 1\nservers 2\ntxns 1\nstep elect n1 with 2\nexpect steps=1 fingerprint=0 verdict=passed\nend\n")
	f.Add("zabsim path 1\nservers 1\nbug ZK-3911\ngrain threads\nend")
	if text, err := os.ReadFile("testdata/3911.txt"); err == nil {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("p", []byte(text))
		if err != nil {
			return
		}
		again, err := Parse("again", []byte(p.String()))
		require.NoError(t, err)
		require.Equal(t, p.String(), again.String())
		p.Play(nil)
	})
}

// Goal: where no progress is possible, no single step breaks a promise; the path still
// shows it again, and one step earlier there is a way on. ZOOKEEPER-1270.
func TestAPathToNoProgress(t *testing.T) {
	cfg := explore.Config{Model: explore.Model{Servers: 3, Writes: 1, Bugs: bug.Set{}.With(bug.LeaderNotInQuorum)}, Memo: true, Liveness: true}
	r := explore.Run(cfg)
	require.NotNil(t, r.Violation)
	p := Of(&cfg, r.Path)
	require.Equal(t, explore.ProgressPossible, p.Expect.Check)
	again, err := Parse("plan.txt", []byte(p.String()))
	require.NoError(t, err)
	got := again.Play(nil)
	assert.Equal(t, p.Expect, got.Got)
	require.NotNil(t, got.Violation)
	assert.Equal(t, explore.ProgressPossible, got.Violation.Check)
	again.Steps = again.Steps[:len(again.Steps)-1]
	assert.Nil(t, again.Play(nil).Violation)
}
