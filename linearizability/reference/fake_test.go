package reference

import (
	"flag"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/internal/fp"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

var runs = flag.Int("reference-runs", 2000, "sequences of requests that are compared")

// check runs f that many times.
func check(t rapid.TB, times int, f func(*rapid.T)) {
	old := flag.Lookup("rapid.checks").Value.String()
	require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(times)))
	defer func() { require.NoError(t, flag.Set("rapid.checks", old)) }()
	rapid.Check(t, f)
}

// rapidDraw lets rapid draw, and shrink what fails.
type rapidDraw struct{ *rapid.T }

func (d rapidDraw) Int(lo, hi int, label string) int { return rapid.IntRange(lo, hi).Draw(d.T, label) }

// drive draws a run and compares; make makes the state machine. The model has bugs.
func drive(t *rapid.T, bugs bug.Set, make func(Config) txn.StateMachine) {
	require.NoError(t, Compare(rapidDraw{t}, bugs, make))
}

// fake is a state machine that is a model: the rig must agree with it, and must not
// agree with one that has a bug.
type fake struct {
	txn.StateMachine // nil: what the rig does not use
	m                *Model
	asked            map[*txn.Txn]prepared
	events           []txn.Event
}

func (f *fake) Prep(r *txn.Request, s txn.SessionCheck, z zxid.Zxid, nano int64) *txn.Txn {
	t := &txn.Txn{Zxid: z}
	f.asked[t] = prepared{r: r, check: s, z: z, millis: nano / 1e6}
	return t
}

func (f *fake) Apply(t *txn.Txn) (res txn.Result) {
	p := f.asked[t]
	res, f.events = f.m.Do(p.z, p.millis, p.r, Caller{SessionCheck: p.check})
	return res
}

func (f *fake) Read(r *txn.Request, w txn.Watcher) (res txn.Result) {
	res, f.events = f.m.Do(0, 0, r, Caller{Watcher: w})
	return res
}

func (f *fake) Events() []txn.Event                { return f.events }
func (f *fake) Unwatch(w txn.Watcher)              { f.m.Unwatch(w) }
func (f *fake) Fingerprint() fp.Hash               { return f.m.Hash() }
func (f *fake) Expired(nano, never int64) []string { return f.m.Expired(nano/1e6, never) }
func (f *fake) Sessions(yield func(txn.SessionID, int32) bool) {
	for _, s := range f.m.sessions {
		if !yield(s.id, s.timeout) {
			return
		}
	}
}

func (f *fake) Crashed() string         { return "" }
func (f *fake) Clone() txn.StateMachine { return f }
func (f *fake) Digest() fp.Hash         { return 0 }
func (f *fake) Dump() txn.Dump          { return noDump{f: f} }

type noDump struct {
	txn.Dump
	f *fake
}

func (noDump) Next(txn.StateMachine) bool { return false }
func (d noDump) State() txn.StateMachine  { return d.f }

func newFake(cfg Config) txn.StateMachine {
	return &fake{m: New(cfg), asked: map[*txn.Txn]prepared{}}
}

func TestRigAgreesWithItself(t *testing.T) {
	check(t, *runs, func(t *rapid.T) { drive(t, bug.Set{}, newFake) })
}

// quiet is a test whose failure is what is wanted.
type quiet struct {
	rapid.TB
	failed bool
}

func (*quiet) Helper()                 {}
func (*quiet) Logf(string, ...any)     {}
func (*quiet) Log(...any)              {}
func (q *quiet) Errorf(string, ...any) { q.failed = true }
func (q *quiet) Fatalf(string, ...any) { q.failed = true }
func (q *quiet) Error(...any)          { q.failed = true }
func (q *quiet) Fatal(...any)          { q.failed = true }
func (q *quiet) FailNow()              { q.failed = true }
func (q *quiet) Fail()                 { q.failed = true }
func (q *quiet) Failed() bool          { return q.failed }

// finds tests that the rig finds that what make makes has more than bugs.
func finds(t *testing.T, bugs bug.Set, make func(Config) txn.StateMachine) {
	for name, value := range map[string]string{"rapid.nofailfile": "true", "rapid.shrinktime": "0s", "rapid.seed": "1"} {
		old := flag.Lookup(name).Value.String()
		require.NoError(t, flag.Set(name, value))
		defer func() { require.NoError(t, flag.Set(name, old)) }()
	}
	q := &quiet{TB: t}
	tried := 0
	check(q, 20000, func(t *rapid.T) {
		tried++
		drive(t, bugs, make)
	})
	assert.True(t, q.failed)
	t.Logf("found by run %d", tried)
}

// TestRigFinds shows that the rig sees what is wrong with a state machine.
func TestRigFinds(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"one-shot-replaces-persistent": func(c *Config) { c.Bugs = c.Bugs.With(bug.OneShotReplacesPersistent) },
		"exists-unchecked":             func(c *Config) { c.Bugs = c.Bugs.With(bug.ExistsUnchecked) },
		"quotas are not enforced":      func(c *Config) { c.EnforceQuota = false },
		"nodes without time to live":   func(c *Config) { c.ExtendedTypes = false },
	} {
		t.Run(name, func(t *testing.T) {
			finds(t, bug.Set{}, func(cfg Config) txn.StateMachine {
				spoil(&cfg)
				return newFake(cfg)
			})
		})
	}
}
