package mutants

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"zabsim/internal/mutants/hunt"
)

// Config is one measurement.
type Config struct {
	Root  string // of the repository
	Dir   string // where the binary and what is known so far are kept
	Seed  uint64 // of the sample, and of the runs
	Count int    // how large the sample is
	Jobs  int
	Limit int // so many mutants at most in this call; 0: all that are left
	// Budget of each mutant.
	Events, States uint64
	// Stall and Wall are how long a step may take, and all of a mutant, on the wall clock:
	// the only verdict that a clock decides.
	Stall, Wall time.Duration
	// Only takes the sites whose key contains it, in place of a sample; "": a sample.
	Only string
	Log  func(format string, args ...any)
}

// Tried is one mutant and what became of it.
type Tried struct {
	Key string `json:"key"`
	hunt.Report
	Hits uint64 `json:"hits"`
	// Seconds that it took. Nothing depends on them.
	Seconds float64 `json:"seconds"`
}

// Measured is a measurement, perhaps one that is not done yet.
type Measured struct {
	Config Config
	Sites  []Site
	Left   map[int]string // do not compile
	Picked []int          // the sample, as indexes of Sites
	Base   *Tried         // right code
	Tried  map[string]*Tried
}

// Todo is how many mutants of the sample were not tried yet.
func (m *Measured) Todo() int {
	n := 0
	for _, i := range m.Picked {
		if m.Tried[m.Sites[i].Key()] == nil {
			n++
		}
	}
	return n
}

// Seconds is how long all mutants took, one after the other.
func (m *Measured) Seconds() float64 {
	s := m.Base.Seconds
	for _, t := range m.Tried {
		s += t.Seconds
	}
	return s
}

// recordings is where the repository keeps what a real server answered.
const recordings = "internal/conform/testdata/recordings"

// buildDir holds the changed files below Config.Dir. By its name go vet ./... and
// go test ./... take no notice of it.
const buildDir = "_build"

// baseName stands for the right code in the file of results.
const baseName = "right code"

// Measure builds all mutants and tries those of the sample that were not tried before
// with the same binary and budget. It is ended by ctx, with what it has.
func Measure(ctx context.Context, cfg Config) (*Measured, error) {
	texts, err := ReadSources(cfg.Root)
	if err != nil {
		return nil, err
	}
	m := &Measured{Config: cfg, Tried: map[string]*Tried{}}
	if m.Sites, err = Find(texts); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, err
	}
	cfg.Log("building %d mutants", len(m.Sites))
	b, err := Build(cfg.Root, filepath.Join(cfg.Dir, buildDir), texts, m.Sites)
	if err != nil {
		return nil, err
	}
	m.Left = b.Left
	m.pick()
	s, err := openStore(cfg, b.Stamp, m.Tried)
	if err != nil {
		return nil, err
	}
	defer s.file.Close()
	if err := m.base(ctx, b, s); err != nil {
		return nil, err
	}
	return m, m.rest(ctx, b, s)
}

// pick draws the sample from all that compile.
func (m *Measured) pick() {
	var good []Site
	var index []int
	for i := range m.Sites {
		if m.Left[i] == "" && strings.Contains(m.Sites[i].Key(), m.Config.Only) {
			good, index = append(good, m.Sites[i]), append(index, i)
		}
	}
	for _, g := range Sample(good, m.Config.Seed, m.Config.Count) {
		m.Picked = append(m.Picked, index[g])
	}
}

// base tries the right code. If that is caught, nothing else means anything.
func (m *Measured) base(ctx context.Context, b *Binary, s *store) error {
	m.Base = m.Tried[baseName]
	delete(m.Tried, baseName)
	if m.Base == nil {
		t, err := m.try(ctx, b, -1, "")
		if err != nil {
			return err
		}
		if t.Catch != nil {
			return fmt.Errorf("the right code does not pass: %v: %s", t.Catch, t.Catch.Detail)
		}
		t.Key, m.Base = baseName, t
		if err := s.add(t); err != nil {
			return err
		}
		m.Config.Log("right code: %d runs with %d events, %d states, %.0f s", t.Runs, t.Events, t.States, t.Seconds)
	}
	text, err := json.Marshal(&m.Base.Report)
	if err != nil {
		return err
	}
	return os.WriteFile(m.baseline(), text, 0o644)
}

func (m *Measured) baseline() string { return filepath.Join(m.Config.Dir, "baseline.json") }

// rest tries what is left of the sample.
func (m *Measured) rest(ctx context.Context, b *Binary, s *store) error {
	var todo []int
	for _, i := range m.Picked {
		if m.Tried[m.Sites[i].Key()] == nil && (m.Config.Limit == 0 || len(todo) < m.Config.Limit) {
			todo = append(todo, i)
		}
	}
	work := make(chan int, len(todo))
	for _, i := range todo {
		work <- i
	}
	close(work)
	var mu sync.Mutex
	var failed error
	var jobs sync.WaitGroup
	for range max(m.Config.Jobs, 1) {
		jobs.Go(func() {
			for i := range work {
				mu.Lock()
				stop := failed != nil || ctx.Err() != nil
				mu.Unlock()
				if stop {
					return
				}
				t, err := m.try(ctx, b, i, m.baseline())
				mu.Lock()
				if err == nil {
					err = m.done(i, t, s)
				}
				if failed == nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	jobs.Wait()
	return errors.Join(failed, ctx.Err())
}

func (m *Measured) done(i int, t *Tried, s *store) error {
	t.Key = m.Sites[i].Key()
	m.Tried[t.Key] = t
	what := "SURVIVES"
	if t.Catch != nil {
		what = t.Catch.String()
	}
	m.Config.Log("%4d of %d  %5.1f s  %s  %s", len(m.Tried), len(m.Picked), t.Seconds, &m.Sites[i], what)
	return s.add(t)
}

// try runs one process. A child that ends by itself with nothing to say was ended by the
// runtime: a stack that overflowed, say.
func (m *Measured) try(ctx context.Context, b *Binary, site int, baseline string) (*Tried, error) {
	cfg := &m.Config
	child := exec.CommandContext(ctx, b.Path, "-mutant", strconv.Itoa(site), "-events", strconv.FormatUint(cfg.Events, 10),
		"-states", strconv.FormatUint(cfg.States, 10), "-seed", strconv.FormatUint(cfg.Seed, 10), "-stall", cfg.Stall.String(), "-wall", cfg.Wall.String(),
		"-baseline", baseline, "-recordings", filepath.Join(cfg.Root, filepath.FromSlash(recordings)))
	child.Env = append(os.Environ(), "GOMAXPROCS=1", "GOTRACEBACK=none")
	var out, said bytes.Buffer
	child.Stdout, child.Stderr = &out, &said
	begin := time.Now()
	err := child.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	t := &Tried{Seconds: time.Since(begin).Seconds()}
	if err != nil {
		var exit *exec.ExitError
		if site < 0 || !errors.As(err, &exit) {
			return nil, fmt.Errorf("%s: %w\n%s", b.Path, err, said.String())
		}
		line, _, _ := strings.Cut(said.String(), "\n")
		t.Catch = &hunt.Catch{Kind: hunt.Panicked, By: "runtime", Check: line}
		return t, nil
	}
	return t, json.Unmarshal(out.Bytes(), t)
}

// store is the file of results: a line that says what they are of, then one per mutant.
type store struct {
	file *os.File
}

// openStore reads what is known into tried. Results of another binary or budget are
// thrown away.
func openStore(cfg Config, stamp string, tried map[string]*Tried) (*store, error) {
	path := filepath.Join(cfg.Dir, "results.jsonl")
	head := fmt.Sprintf("binary %s, %d events, %d states, seed %d\n", stamp, cfg.Events, cfg.States, cfg.Seed)
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if !bytes.HasPrefix(text, []byte(head)) {
		if len(text) > 0 {
			cfg.Log("%s is of another binary or budget: all over again", path)
		}
		f, err := os.Create(path)
		if err == nil {
			_, err = f.WriteString(head)
		}
		return &store{f}, err
	}
	scan := bufio.NewScanner(bytes.NewReader(text[len(head):]))
	scan.Buffer(nil, 1<<24)
	for scan.Scan() {
		t := &Tried{}
		if err := json.Unmarshal(scan.Bytes(), t); err != nil {
			return nil, fmt.Errorf("%s: %w: delete it to begin again", path, err)
		}
		tried[t.Key] = t
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	return &store{f}, err
}

func (s *store) add(t *Tried) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = s.file.Write(append(text, '\n'))
	return err
}
