package explore

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// stops are models that are stopped and continued below; the second has components
// that arise in the middle of a choice.
var stops = []Config{
	{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Timeouts: 1}, Memo: true},
	{Model: Model{Servers: 3, Writes: 1, Crashes: 1}, Memo: true},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads}, Memo: true, Wide: true},
	{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}},
}

// Goal: a search that is stopped and continued, again and again, with any number of
// workers, ends as one that was not.
func TestResume(t *testing.T) {
	for _, cfg := range stops {
		t.Run(label(cfg), func(t *testing.T) {
			want := Run(cfg)
			require.True(t, want.Complete)
			part := cfg
			part.Checkpoint = filepath.Join(t.TempDir(), "c")
			var got Result
			for n := 1; !got.Complete; n++ {
				part.MaxDepth, part.Workers = 13*n, 1+n%3
				got = Run(part)
				require.NoError(t, got.Err)
				if !got.Complete {
					require.Equal(t, EndDepth, got.End)
					require.Equal(t, want.PerDepth[:got.Depth+1], got.PerDepth)
					require.Equal(t, want.PerDepth[got.Depth], got.Frontier)
				}
				part.Resume = part.Checkpoint
			}
			got.Work = want.Work
			require.Equal(t, want, got)
		})
	}
}

// Goal: a search that is stopped within a level says what it knows wholly, and goes
// on from there.
func TestResumeWithinLevel(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Writes: 2, Crashes: 1}, MaxDepth: 24, Memo: true, Workers: 2}
	want := Run(cfg)
	cfg.Checkpoint = filepath.Join(t.TempDir(), "c")
	s := newSearch(cfg, 2)
	s.looked = func() {
		if s.found.Load() > 10_000 && int(s.taken.Load()) < len(s.level)-2 {
			s.halt(EndStopped)
		}
	}
	r := s.run()
	require.NoError(t, r.Err)
	assert.Equal(t, want.PerDepth[:r.Depth+1], r.PerDepth)
	whole := uint64(0)
	for _, n := range r.PerDepth {
		whole += n
	}
	assert.Greater(t, r.States, whole)
	assert.Less(t, r.States-whole, want.PerDepth[r.Depth+1])
	assert.Equal(t, EndStopped, r.End)

	cfg.Resume = cfg.Checkpoint
	got := Run(cfg)
	require.NoError(t, got.Err)
	got.Work = want.Work
	assert.Equal(t, want, got)
}

// Goal: a violation that is seen in a level that is then cut is reported with its
// shortest path. Method: stop as soon as it is seen.
func TestViolationInCutLevel(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Timeouts: 1, Bugs: bug.Set{}.With(bug.AckNewLeaderBeforeLog)}, Memo: true}
	want := Run(cfg)
	require.NotNil(t, want.Violation)
	s := newSearch(cfg, 1)
	s.looked = func() {
		if s.workers[0].violation != nil {
			s.halt(EndStopped)
		}
	}
	got := s.run()
	assert.Equal(t, EndViolation, got.End)
	assert.Equal(t, want.Violation, got.Violation)
	assert.Equal(t, want.Path, got.Path)
	assert.Less(t, got.States, want.States)
	assert.Equal(t, want.Depth-1, got.Depth)
}

// Goal: each half of a wide fingerprint tells all states apart by itself, and both
// probabilities are printed for what they are. Method: search to the end and count.
func TestWide(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Timeouts: 1}, Memo: true, Wide: true}
	s := newSearch(cfg, 2)
	defer s.close()
	for len(s.level) > 0 {
		require.Equal(t, EndComplete, s.expandLevel())
	}
	near, far := map[uint64]bool{}, map[uint64]bool{}
	s.visited.each(func(a, b uint64) { near[a], far[b] = true, true })
	assert.Len(t, near, int(s.result.States))
	assert.Len(t, far, int(s.result.States))
	for h := range near {
		require.False(t, far[h])
	}

	r := Result{States: 1 << 32, Kinds: Kinds{Servers: 1 << 16}}
	assert.Equal(t, 0.5, r.Collision())
	r.Wide = true
	assert.Equal(t, 0.5/(1<<32)/(1<<32), r.Collision())
	assert.Equal(t, 0.5/(1<<32), r.ComponentCollision())
}

// Goal: Stop ends a search, before it begins and while it runs; progress is told.
func TestStop(t *testing.T) {
	stop := make(chan struct{})
	var last atomic.Pointer[Progress]
	cfg := Config{Model: Model{Servers: 3, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 2}, Memo: true, Workers: 2, Stop: stop}
	cfg.Progress = func(p Progress) {
		if last.Swap(&p) == nil {
			close(stop)
		}
	}
	r := Run(cfg)
	assert.Equal(t, EndStopped, r.End)
	assert.False(t, r.Complete)
	assert.NoError(t, r.Err)
	assert.Greater(t, r.Frontier, uint64(0))
	p := last.Load()
	assert.LessOrEqual(t, p.States, r.States)
	assert.Greater(t, p.States, uint64(100))
	assert.Greater(t, p.Transitions, p.States)
	assert.LessOrEqual(t, p.Left, p.Level)
	assert.Greater(t, p.Memory, uint64(8<<20))

	r = Run(cfg) // stop is closed already
	assert.Equal(t, EndStopped, r.End)
	assert.Equal(t, 0, r.Depth)
	assert.Equal(t, uint64(1), r.States)
}

// Goal: a limit of memory that nothing can come of is refused; one that is reached
// ends the search.
func TestMaxMemory(t *testing.T) {
	cfg := Config{Model: Model{Servers: 3, Writes: 2, Crashes: 2, Restarts: 2, Timeouts: 2}, Memo: true, MaxMemory: 20 << 20}
	r := Run(cfg)
	assert.Equal(t, EndRefused, r.End)
	assert.ErrorContains(t, r.Err, "a memory limit of 20.0 MiB: a search with 1 workers wants ")

	cfg.MaxMemory, cfg.MaxStates = 1<<30, 200_000_000
	assert.ErrorContains(t, Run(cfg).Err, "for their fingerprints alone 2.0 GiB")

	cfg.MaxMemory, cfg.MaxStates, cfg.Checkpoint = heapBytes()+cfg.leastMemory(0)+8<<20, 0, filepath.Join(t.TempDir(), "c")
	r = Run(cfg)
	require.Equal(t, EndMemory, r.End)
	require.NoError(t, r.Err)
	assert.Less(t, r.Work.Bytes, cfg.MaxMemory+8<<20)
	cfg.Resume, cfg.MaxMemory, cfg.MaxDepth = cfg.Checkpoint, 0, r.Depth+1
	more := Run(cfg)
	require.NoError(t, more.Err)
	assert.Equal(t, r.PerDepth, more.PerDepth[:len(r.PerDepth)])
	assert.Greater(t, more.States, r.States)
}

// Goal: a checkpoint that is not of this search, not of this build, or not whole, is
// refused, and the words say what is wrong.
func TestResumeRefuses(t *testing.T) {
	cfg := Config{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}, Memo: true, MaxDepth: 20}
	name := filepath.Join(t.TempDir(), "c")
	cfg.Checkpoint = name
	require.Equal(t, EndDepth, Run(cfg).End)
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	refused := func(c Config, text string) {
		t.Helper()
		c.Resume, c.Checkpoint = name, ""
		r := Run(c)
		assert.Equal(t, EndRefused, r.End)
		assert.ErrorContains(t, r.Err, text)
		assert.Zero(t, r.States)
	}
	other := cfg
	other.Writes, other.Bugs = 2, bug.Set{}.With(bug.AckNewLeaderBeforeLog)
	refused(other, "txns is 1 there, 2 here, bug is as usual there, follower.ack-nl-before-log here")
	other = cfg
	other.Wide = true
	refused(other, "wide is false there, true here")
	other = cfg
	other.Prefix = wayTo(t, "serving", cfg.Model)[:2]
	refused(other, "prefix is empty there, 2 long, #")

	was := thisBuild
	thisBuild = func() (buildID, error) { return buildID{Program: "another"}, nil }
	refused(cfg, "it was written by another build (program ")
	thisBuild = was

	for at := 0; at < len(whole); at += 1 + len(whole)/50 {
		require.NoError(t, os.WriteFile(name, whole[:at], 0o600))
		if at < len(checkpointLine) {
			refused(cfg, errForeign.Error())
		} else {
			refused(cfg, errCut.Error())
		}
		bad := append([]byte(nil), whole...)
		bad[at] ^= 4
		require.NoError(t, os.WriteFile(name, bad, 0o600))
		if at >= len(checkpointLine) {
			refused(cfg, errDamaged.Error())
		}
	}
	require.NoError(t, os.WriteFile(name, append(whole, 0), 0o600))
	refused(cfg, errCut.Error())
	require.NoError(t, os.Remove(name))
	refused(cfg, "no such file")
	require.NoError(t, os.Mkdir(name, 0o700))
	refused(cfg, errForeign.Error())
}

// Goal: a disk that takes no checkpoint ends the search, what was found is kept, and
// so is an older checkpoint.
func TestCheckpointNotWritten(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Model: Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}, Memo: true, MaxDepth: 20, Checkpoint: filepath.Join(dir, "none", "c")}
	want := cfg
	want.Checkpoint = ""
	states := Run(want).States
	r := Run(cfg)
	assert.Equal(t, EndDisk, r.End)
	assert.ErrorContains(t, r.Err, "could not be written")
	assert.Equal(t, states, r.States)

	w := newWordWriter(full{})
	for range 1 << 20 {
		w.word(1)
	}
	assert.ErrorIs(t, w.finish(), errFull)

	cfg.Checkpoint = filepath.Join(dir, "c")
	cfg.Every = time.Nanosecond // due at every tick
	r = Run(cfg)
	assert.NoError(t, r.Err)
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	assert.NoError(t, err)
	assert.Equal(t, []string{cfg.Checkpoint}, list, "a temporary file was left")
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
