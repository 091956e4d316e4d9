package sim_test

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
	"zabsim/internal/fp"
	"zabsim/internal/keyed"
	"zabsim/linearizability"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/coroutine"
	"zabsim/sim/coroutine/vet"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// recipePlan has three servers, a client for each recipe, and the faults.
func recipePlan(seed uint64, clients int, list ...plan.Fault) *plan.Plan {
	return &plan.Plan{
		Scenario: "recipes", Seed: seed, Quorum: *quorum.Majority(3), Clients: clients, For: 20 * host.Second,
		TickTime: 200 * host.Millisecond, InitLimit: 10, SyncLimit: 5, CommitLogCount: 500, SessionTimeout: 2 * host.Second,
		Faults: list,
	}
}

var leaderCrash = plan.Fault{At: 900 * host.Millisecond, For: 2 * host.Second, Name: "crash", Args: []string{"leader", "keep=some"}}

// runRecipes runs one client for each program.
func runRecipes(p *plan.Plan, programs ...*client.Program) *sim.Runner {
	r := sim.NewRunner(p, sim.Config{Kinds: faults.All(), Recipes: append([]*client.Program{nil}, programs...)})
	r.Run()
	return r
}

// said returns the details of all notes with a word, in order.
func said(r *sim.Runner, word string) []string {
	var list []string
	for _, n := range r.Notes {
		if n.Word == word {
			list = append(list, n.Detail)
		}
	}
	return list
}

func valueAt(r *sim.Runner, path string) int {
	m := r.World.Servers[r.Leader()].Machine()
	n, _ := strconv.Atoi(m.Read(&txn.Request{Op: txn.OpGetData, Path: path}, 0).Data)
	return n
}

// TestCounterAddsEveryAcknowledgedOne: under a crash of the leader the number is
// that of the acknowledged additions and at most the unknown ones. The history
// holds every operation and is linearizable.
func TestCounterAddsEveryAcknowledgedOne(t *testing.T) {
	unknown, effective := 0, 0
	for seed := range uint64(40) {
		r := runRecipes(recipePlan(seed, 3, leaderCrash), counter, counter, counter)
		require.NoError(t, r.RecipeErr())
		require.Empty(t, r.View.Violations)
		require.Equal(t, []string{"c1", "c2", "c3"}, sorted(said(r, "end")), "seed %d", seed)
		added, maybe := len(said(r, "added")), len(said(r, "unknown"))
		assert.Equal(t, 3*rounds, added)
		n := valueAt(r, "/counter")
		assert.GreaterOrEqual(t, n, added)
		assert.LessOrEqual(t, n, added+maybe)
		unknown += maybe
		effective += n - added
		assert.GreaterOrEqual(t, r.Counts().Writes, uint64(added), "the history knows them, and who made the node")
		for _, res := range linearizability.CheckAll(&r.History, linearizability.DefaultBudget) {
			assert.NotEqual(t, linearizability.Violated, res.Verdict, "%s: %s", res.Check, res.Detail)
		}
		var text bytes.Buffer
		require.NoError(t, r.History.WriteJSON(&text))
	}
	assert.Positive(t, unknown, "no seed has lost a write: the crash proves nothing")
	assert.Less(t, effective, unknown, "every lost write has happened: the bound below is not tried")
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// TestRecipesAreDeterministic: the same plan gives the same events and notes, and
// another seed others.
func TestRecipesAreDeterministic(t *testing.T) {
	one := runRecipes(recipePlan(7, 3, leaderCrash), counter, siblings, listener)
	two := runRecipes(recipePlan(7, 3, leaderCrash), counter, siblings, listener)
	assert.Equal(t, one.Fingerprint(), two.Fingerprint())
	assert.Equal(t, one.World.Fingerprint(), two.World.Fingerprint())
	assert.Equal(t, one.Notes, two.Notes)
	other := runRecipes(recipePlan(8, 3, leaderCrash), counter, siblings, listener)
	assert.NotEqual(t, one.Fingerprint(), other.Fingerprint())
}

// TestLuckIsKeyed: by client and by draw, whatever else happens.
func TestLuckIsKeyed(t *testing.T) {
	r := runRecipes(recipePlan(7, 2), dice, dice)
	one, two := said(r, "c1"), said(r, "c2")
	require.Len(t, one, 40)
	assert.NotEqual(t, one, two)
	assert.Equal(t, one, said(runRecipes(recipePlan(7, 3, leaderCrash), dice, counter, siblings), "c1"))
	assert.Greater(t, len(slices.Compact(sorted(one))), 30, "draws differ")
}

func TestTickerTicksOnTime(t *testing.T) {
	r := runRecipes(recipePlan(1, 1), ticker)
	require.NoError(t, r.RecipeErr())
	assert.Equal(t, []string{"500ms", "1s", "1.5s"}, said(r, "tick"))
	assert.Equal(t, []string{"1.8s"}, said(r, "told"))
	assert.Equal(t, []string{"-1"}, said(r, "look"))
	assert.Equal(t, []string{"1"}, said(r, "first"))
	assert.Equal(t, []string{"1.8s"}, said(r, "ended"))
	assert.False(t, r.World.Clients[1].Done(), "one task sleeps for an hour")
}

func TestTasksShareOneConnection(t *testing.T) {
	r := runRecipes(recipePlan(1, 2), siblings, quick)
	require.NoError(t, r.RecipeErr())
	assert.Equal(t, 6, valueAt(r, "/counter"))
	assert.Len(t, said(r, "added"), 6)
	assert.Empty(t, said(r, "sync"))
	assert.True(t, r.World.Clients[1].Done())
	assert.True(t, r.World.Clients[2].Done(), "a program without a call ends when its client starts")
	overlap := false
	for i := range r.History.Calls {
		for k := range i {
			overlap = overlap || r.History.Calls[k].Client == r.History.Calls[i].Client && r.History.Calls[k].Ended > r.History.Calls[i].Invoke
		}
	}
	assert.True(t, overlap, "tasks do not wait for each other")
}

// TestSessionEventsTellOfALoss: the event is there before the operation that was
// lost returns.
func TestSessionEventsTellOfALoss(t *testing.T) {
	cut := false
	for seed := range uint64(40) {
		r := runRecipes(recipePlan(seed, 1, leaderCrash), listener)
		require.NoError(t, r.RecipeErr())
		assert.Equal(t, []string{"CONNECTING"}, said(r, "at first"))
		now := said(r, "now")
		require.NotEmpty(t, now)
		for i, state := range now {
			assert.Equal(t, []string{"CONNECTED", "SUSPENDED"}[i%2], state)
		}
		for _, state := range said(r, "lost") {
			cut = true
			assert.Contains(t, []string{"SUSPENDED", "CONNECTING"}, state) // or before the first connection
		}
	}
	assert.True(t, cut, "no seed has lost an operation")
}

// TestRecipesSeeWatchesAndSessions: from the first event of a one-shot watch to the
// second session.
func TestRecipesSeeWatchesAndSessions(t *testing.T) {
	r := runRecipes(recipePlan(1, 1), watcher)
	require.NoError(t, r.RecipeErr())
	for word, want := range map[string][]string{
		"once":    {"NodeDataChanged", "NotWatching"},
		"made":    {"/node/e-0000000000"},
		"all":     {"NodeDataChanged /node", "NodeCreated /node/e-0000000000", "NodeDataChanged /node", "NotWatching"},
		"removed": {"<nil> zookeeper: NOWATCHER"},
		"multi":   {"zookeeper: BADVERSION 2"},
		"path":    {"zookeeper: BADARGUMENTS"},
		"closed":  {"<nil> CLOSED NotWatching", "zookeeper: CLOSING"},
		"again":   {"<nil> CONNECTED"},
	} {
		assert.Equal(t, want, said(r, word), word)
	}
}

// TestBadRecipesEndTheRun: with an error that names recipe, client and task, and
// without blaming the servers.
func TestBadRecipesEndTheRun(t *testing.T) {
	for _, c := range []struct {
		program *client.Program
		want    string
	}{
		{panicking, "recipe panicking, client c2, task 1 (child): panic at samples_test.go:"},
		{deadlock, "recipe deadlock, client c2, task 0 (main): stuck: task 0 (main) waits for task 1, task 1 (child) waits for flag 1, and nobody else can end that"},
		{lonely, "recipe lonely, client c2, task 0 (main): stuck: task 0 (main) waits for nothing, and"},
		{odds, "recipe odds, client c2, task 0 (main): panic at samples_test.go:"},
		{restless, "recipe restless, client c2, task 0 (main): 65536 calls in a row that take no time, now now"},
		{crowd, "recipe crowd, client c2, task 251 (250): more than 250 tasks sleep at once"},
		{&client.Program{Name: "empty"}, "recipe empty, client c2, task 0 (main): panic"},
	} {
		before := runtime.NumGoroutine()
		r := runRecipes(recipePlan(1, 2), counter, c.program)
		err := r.RecipeErr()
		require.Error(t, err, c.program.Name)
		assert.Contains(t, err.Error(), c.want)
		assert.Less(t, r.Now(), host.Time(5*host.Second), "the run ends there")
		assert.Empty(t, r.View.Violations)
		assert.False(t, r.Step(), "nothing follows")
		assert.False(t, r.World.Clients[2].Done())
		assertNoMoreThan(t, before)
	}
	r := runRecipes(recipePlan(1, 2), counter, panicking)
	var p *coroutine.PanicError
	require.True(t, errors.As(r.RecipeErr(), &p))
	assert.Equal(t, "no idea what to do", p.Value)
	require.NoError(t, runRecipes(recipePlan(1, 1), endless).RecipeErr())
}

// TestCloseLeavesNoGoroutine: whenever a run is dropped.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for stop := range uint64(40) {
		r := sim.NewRunner(recipePlan(stop, 3), sim.Config{Recipes: []*client.Program{nil, counter, ticker, siblings}})
		for r.Events() < 100+30*stop {
			require.True(t, r.Step())
		}
		r.Close()
		r.Close()
	}
	assertNoMoreThan(t, before)
	r := sim.NewRunner(recipePlan(1, 1), sim.Config{Recipes: []*client.Program{nil, counter}})
	for len(r.Notes) < 5 {
		require.True(t, r.Step())
	}
	open := runtime.NumGoroutine()
	r.Close()
	assertNoMoreThan(t, open-1)
	whole := runRecipes(recipePlan(1, 1), counter)
	for r.Step() { // a closed one goes on: it replays
	}
	r.Close()
	assert.Equal(t, whole.Fingerprint(), r.Fingerprint())
	assertNoMoreThan(t, before)
}

// assertNoMoreThan waits a little: a goroutine that has said its last word may
// still be counted.
func assertNoMoreThan(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before, "goroutines stay")
}

// searched returns a world of a search in which two clients run recipes.
func searched(programs ...*client.Program) *sim.World {
	q := quorum.Majority(3)
	setup := sim.NewSearchSetup(&sim.SearchConfig{Znodes: true, Quorum: q, Scripts: make([]*client.Script, len(programs))})
	setup.Recipes = append([]*client.Program{nil}, programs...)
	w := sim.NewWorld(setup)
	for id := quorum.ServerID(1); id <= 3; id++ {
		w.Apply(sim.Choice{Kind: sim.ChoiceRestart, Node: id})
	}
	w.Budget = sim.Budget{Crashes: 1, Restarts: 1, Timeouts: 3}
	return w
}

// walker applies choices that keyed randomness picks.
type walker struct {
	w    *sim.World
	luck keyed.Stream
	step uint64
	list []sim.Choice
}

func (k *walker) next(t *testing.T) (sim.Choice, bool) {
	k.list = k.w.Enabled(k.list[:0], sim.SearchOptions{})
	if len(k.list) == 0 {
		return sim.Choice{}, false
	}
	c := k.list[k.luck.Key(k.step).Below(uint64(len(k.list)))]
	k.step++
	k.w.Apply(c)
	require.NoError(t, k.w.RecipeErr())
	return c, true
}

// TestCopiesOfAWorldGoOnApart: a copy that is made in the middle of recipes does
// the same as the original when the same happens to it, and nothing to the
// original when something else does.
func TestCopiesOfAWorldGoOnApart(t *testing.T) {
	before := runtime.NumGoroutine()
	var same, other sim.World // reused, so that they hold coroutines of other paths
	ends, alarms := 0, 0
	for seed := range uint64(60) {
		k := walker{w: searched(siblings, ticker), luck: keyed.New(seed).Stream("walk")}
		for range 20 + 8*seed {
			if c, ok := k.next(t); ok && c.Kind == sim.ChoiceClient && sim.ClientAct(c.Alt) >= sim.ActAlarm {
				alarms++
			}
		}
		k.w.CloneInto(&same)
		k.w.CloneInto(&other)
		require.Equal(t, k.w.Fingerprint(), same.Fingerprint())
		apart := walker{w: &other, luck: keyed.New(seed).Stream("another walk")}
		for range 50 {
			here := k.w.Fingerprint()
			apart.next(t)
			require.Equal(t, here, k.w.Fingerprint(), "a step of a copy shows in the original")
			c, ok := k.next(t)
			if !ok {
				ends++
				break
			}
			same.Apply(c)
			require.Equal(t, k.w.Fingerprint(), same.Fingerprint(), "seed %d: after %v", seed, c)
			require.Equal(t, k.w.Told, same.Told)
		}
		k.w.Close()
	}
	same.Close()
	other.Close()
	assert.Positive(t, alarms, "no task was woken")
	assertNoMoreThan(t, before)
}

// TestASearchRunsRecipesToTheirEnd: alarms are free choices there.
func TestASearchRunsRecipesToTheirEnd(t *testing.T) {
	done := 0
	for seed := range uint64(20) {
		k := walker{w: searched(siblings, ticker), luck: keyed.New(seed).Stream("walk")}
		for range 2000 {
			if _, ok := k.next(t); !ok || k.w.Clients[1].Done() {
				break
			}
		}
		if k.w.Clients[1].Done() {
			done++
		}
		k.w.Close()
	}
	assert.Positive(t, done)
}

// TestAWorldGoesOnAfterARecipeFailed: the error stays, and the other clients and
// the servers can be driven further.
func TestAWorldGoesOnAfterARecipeFailed(t *testing.T) {
	failed, ended := 0, 0
	for seed := range uint64(20) {
		w := searched(panicking, siblings)
		luck := keyed.New(seed).Stream("walk")
		var list []sim.Choice
		var first error
		for step := range uint64(1500) {
			list = w.Enabled(list[:0], sim.SearchOptions{})
			if len(list) == 0 {
				break
			}
			w.Apply(list[luck.Key(step).Below(uint64(len(list)))])
			if err := w.RecipeErr(); first == nil {
				first = err
			} else {
				require.Same(t, first, err)
			}
		}
		if first != nil {
			failed++
			if w.Clients[2].Done() {
				ended++
			}
		}
		w.Close()
	}
	assert.Positive(t, failed)
	assert.Positive(t, ended)
}

func TestHandlesFromNowhereDoNoHarm(t *testing.T) {
	r := runRecipes(recipePlan(1, 1), odds)
	assert.Equal(t, []string{"1 0 -1"}, said(r, "wait"))
	assert.Equal(t, []string{"NotWatching"}, said(r, "next"))
	assert.Equal(t, []string{"1"}, said(r, "connected"))
	assert.ErrorIs(t, r.RecipeErr(), client.ErrBadArguments)
}

// lines is a sink that keeps what clients do.
type lines struct{ list []string }

func (l *lines) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	if e.Verb == "alarm" || e.Verb == "next" {
		l.list = append(l.list, e.Verb+" "+e.Detail)
	}
}

func TestTheTraceTellsWhatRecipesDo(t *testing.T) {
	var sink lines
	r := sim.NewRunner(recipePlan(1, 1), sim.Config{Sink: &sink, Recipes: []*client.Program{nil, counter}})
	for len(said(r, "added")) < 2 && r.Step() {
	}
	r.Close()
	assert.Equal(t, []string{"alarm sleep by main"}, sink.list)
}

// TestClientsWithoutARecipeAreAsBefore: a list of none changes nothing.
func TestClientsWithoutARecipeAreAsBefore(t *testing.T) {
	fingerprint := func(recipes []*client.Program) fp.Hash {
		p := recipePlan(3, 2, leaderCrash)
		for n := 1; n <= 20; n++ {
			p.Ops = append(p.Ops, plan.Op{Client: 1, Number: n, Wait: 200 * host.Millisecond, Kind: plan.OpSet, Key: "/r", Value: strconv.Itoa(n)})
		}
		r := sim.NewRunner(p, sim.Config{Kinds: faults.All(), Recipes: recipes})
		r.Run()
		return r.Fingerprint()
	}
	plain := fingerprint(nil)
	assert.Equal(t, plain, fingerprint([]*client.Program{nil, nil}))
	assert.NotEqual(t, plain, fingerprint([]*client.Program{nil, nil, counter}))
	assert.PanicsWithValue(t, "sim: a recipe for client 3, but the plan has clients 1 to 2", func() {
		fingerprint([]*client.Program{nil, nil, nil, counter})
	})
}

// TestSampleRecipesPassVet: they read like recipes of users.
func TestSampleRecipesPassVet(t *testing.T) {
	src, err := os.ReadFile("samples_test.go")
	require.NoError(t, err)
	assert.NoError(t, vet.CheckSource(fstest.MapFS{"samples/samples.go": {Data: src}}, "samples"))
}
