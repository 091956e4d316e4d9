package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
}

func text(t *testing.T, p *plan.Plan) string {
	t.Helper()
	b, err := textOf(p)
	require.NoError(t, err)
	return string(b)
}

func names(list []*Entry) (all []string) {
	for _, e := range list {
		all = append(all, e.File)
	}
	return all
}

// A folder is read in order of name; what is no text file is none of ours.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	list, err := Load(dir)
	require.NoError(t, err)
	assert.Empty(t, list)
	plain := text(t, calm(t).Plan)
	put(t, dir, "b.txt", plain)
	put(t, dir, "a.txt", plain)
	put(t, dir, "README.md", "no plan")
	put(t, dir, ".hidden.txt", "no plan")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "c.txt"), 0o777))
	list, err = Load(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"a.txt", "b.txt"}, names(list))
	assert.Equal(t, filepath.Join(dir, "a.txt"), list[0].Path)

	_, err = Load(filepath.Join(dir, "nowhere"))
	assert.ErrorContains(t, err, "nowhere: no such file or directory")
	_, err = Load(filepath.Join(dir, "a.txt"))
	assert.ErrorContains(t, err, "a.txt is a file; want a folder of plans")
}

// What is no plan is an error with file and line; what speaks of things that this
// build does not know is stale.
func TestFilesThatAreNoPlans(t *testing.T) {
	plain := text(t, caughtBug(t).Plan)
	for _, c := range []struct{ old, new, err, stale string }{
		{"zabsim plan 1", "<<<<<<< ours", ":1: this is no plan", ""},
		{"\nend\n", "\n", ": cut off after line ", ""},
		{"\nseed ", "\nsed ", `: unknown word "sed", did you mean "seed"?`, ""},
		{"verdict=violated check=no-ack-before-sync", "verdict=vacuous", ": a run that ends vacuous proves nothing", ""},
		{"\nexpect ", "\n# ", `: the plan has no line "expect": zabsim corpus add runs it and writes one`, ""},
		{"ack-before-sync < ", "ack-before-sync<", `x.txt: signature "no-ack-before-sync<`, ""},
		{"\nfault ", "\nfault 1s crush n1\nfault ", "", `: unknown fault "crush", did you mean "crash"?`},
		{"\nbugs ", "\nbugs lost.and-gone,", "", `unknown bug "lost.and-gone"`},
		{"\ndecide ", "\ndecide crash n1#7 outcome = all\ndecide ", "", `: "all" is no crash outcome`},
		{"\nseed ", "\nreach sync-trunk\nseed ", "", `: reach: there is no sometimes-property "sync-trunk", did you mean "sync-trunc"?`},
		{"\nseed ", "\nexcuse nothing\nunsafe yes\nseed ", "", `: excuse: there is no check "nothing"`},
	} {
		broken := strings.Replace(plain, c.old, c.new, 1)
		require.NotEqual(t, plain, broken, c.old)
		dir := t.TempDir()
		put(t, dir, "x.txt", broken)
		put(t, dir, "y.txt", plain) // is read all the same
		list, err := Load(dir)
		require.NoError(t, err, c.new)
		require.Equal(t, []string{"x.txt", "y.txt"}, names(list))
		require.NotNil(t, list[1].Plan)
		if c.err != "" {
			assert.ErrorContains(t, list[0].Broken, filepath.Join(dir, "x.txt")+":")
			assert.ErrorContains(t, list[0].Broken, c.err)
			r := list[0].Replay(scenarios.Settings{})
			assert.Equal(t, []any{Failed, 64, list[0].Broken.Error()}, []any{r.Status, r.Exit, r.Detail})
			continue
		}
		require.NoError(t, list[0].Broken)
		assert.Nil(t, list[0].Plan)
		assert.ErrorContains(t, list[0].Unknown, c.stale)
		assert.ErrorContains(t, list[0].Unknown, filepath.Join(dir, "x.txt")+":")
	}
}

// A plan becomes an entry with its end, its signature and the scenario's hash, and
// a name that stays.
func TestMake(t *testing.T) {
	e := caughtBug(t)
	bare := *e.Plan
	bare.Expect, bare.Note = plan.Expect{}, plan.Note{}
	made, err := Make(&bare, plan.Note{Why: "why", Origin: "here"}, scenarios.Settings{})
	require.NoError(t, err)
	assert.Equal(t, plan.Note{Why: "why", Origin: "here", Signature: signed(e).String(), ScenarioHash: ScenarioHash("chaos")}, made.Plan.Note)
	assert.Equal(t, e.Plan.Expect, made.Plan.Expect)
	assert.Equal(t, Name(made.Plan), made.File)
	assert.True(t, strings.HasPrefix(made.File, "no-ack-before-sync-"))
	again, err := Make(made.Plan, plan.Note{Why: "another reason"}, scenarios.Settings{})
	require.NoError(t, err)
	assert.Equal(t, made.File, again.File)
	other := *made.Plan
	other.Seed++
	assert.NotEqual(t, made.File, Name(&other))
}

// Plans that prove nothing are refused.
func TestMakeRefuses(t *testing.T) {
	good := calm(t).Plan
	made := func(p *plan.Plan, n plan.Note, set scenarios.Settings) error {
		_, err := Make(p, n, set)
		return err
	}
	why := plan.Note{Why: "why"}
	assert.ErrorContains(t, made(good, plan.Note{Why: " "}, scenarios.Settings{}), "must say why")
	assert.ErrorContains(t, made(good, plan.Note{Why: "why", Reach: []string{"comit"}}, scenarios.Settings{}), `did you mean "commit"?`)
	fresh := with(calm(t), func(p *plan.Plan) { p.Expect = plan.Expect{} }).Plan // expects nothing
	err := made(fresh, plan.Note{Why: "why", Reach: []string{"crash-at-truncate"}}, scenarios.Settings{})
	assert.ErrorIs(t, err, ErrEmpty)
	assert.ErrorContains(t, err, "the run ends vacuous: never reached: crash-at-truncate")
	assert.ErrorIs(t, made(fresh, why, scenarios.Settings{EventsMax: 100}), ErrEmpty)
	assert.ErrorIs(t, made(with(calm(t), func(p *plan.Plan) { p.Decisions = append(p.Decisions, strange) }).Plan, why, scenarios.Settings{}), ErrStale)
	err = made(with(caughtBug(t), func(p *plan.Plan) { p.Bugs = bug.Set{} }).Plan, why, scenarios.Settings{})
	assert.ErrorIs(t, err, ErrStale)
	assert.ErrorContains(t, err, "the plan expects violated no-ack-before-sync, but its run ends vacuous: ")
}

// Two runs that differ are told apart by their end and by what they decided.
func TestTwoRunsThatDiffer(t *testing.T) {
	e := calm(t)
	_, one := sign(e.Plan, scenarios.Settings{})
	_, two := sign(e.Plan, scenarios.Settings{})
	require.NoError(t, sameRuns(one, two))
	two.Plan.Decisions = append(two.Plan.Decisions, strange)
	assert.ErrorIs(t, sameRuns(one, two), ErrDiffers)
	two.Plan.Expect.Events++
	assert.ErrorContains(t, sameRuns(one, two), "two runs of the plan differ")
}

// The smaller of two entries for one finding is kept; a passing one has no rival but
// itself.
func TestAdd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "corpus")
	large := caughtBug(t)
	add := func(e *Entry) Added {
		a, err := Add(dir, e)
		require.NoError(t, err)
		return a
	}
	as := func(name string, events uint64) *Entry {
		e := with(large, func(p *plan.Plan) { p.Expect.Events = events })
		e.File = name
		return e
	}
	assert.Equal(t, []any{true, true}, []any{add(as("m.txt", 500)).Kept, true})
	a := add(as("l.txt", 501))
	assert.False(t, a.Kept)
	assert.Equal(t, "m.txt", a.Rival.File)
	a = add(as("s.txt", 499))
	assert.True(t, a.Kept)
	assert.Equal(t, "m.txt", a.Rival.File)
	a = add(as("s.txt", 400)) // one of this name is not written again, but compared
	assert.False(t, a.Kept)
	assert.Contains(t, a.Differs, "it expects 499 events")
	assert.Empty(t, add(with(as("s.txt", 499), func(p *plan.Plan) { p.Note.Why = "another" })).Differs)
	other := with(as("other.txt", 900), func(p *plan.Plan) { p.Bugs = p.Bugs.With(bug.FlatVoteOrder) })
	assert.True(t, add(other).Kept, "another bug is another finding")
	for _, name := range []string{"p1.txt", "p2.txt"} {
		e := calm(t)
		e.File = name
		assert.True(t, add(e).Kept)
	}
	list, err := Load(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"other.txt", "p1.txt", "p2.txt", "s.txt"}, names(list))
	require.NoError(t, Write(dir, "a-tiny.txt", as("a-tiny.txt", 3).Plan)) // two for one finding, as a merge may leave them
	assert.Equal(t, "a-tiny.txt", add(as("z.txt", 9)).Rival.File)
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// An entry whose name is taken is compared with what is there: that may be anything.
func TestDiffers(t *testing.T) {
	e := calm(t, "commit")
	for words, change := range map[string]func(p *plan.Plan){
		"": func(p *plan.Plan) { p.Note.Why, p.Note.ScenarioHash = "another", 1 },
		"it expects violated x, and the run ends passed": func(p *plan.Plan) { p.Expect.Verdict, p.Expect.Check = "violated", "x" },
		"and the run gives ":                             func(p *plan.Plan) { p.Expect.Fingerprint++ },
		"it must reach nothing, and this one commit":     func(p *plan.Plan) { p.Note.Reach = nil },
		`it has the signature "s", and the run ""`:       func(p *plan.Plan) { p.Note.Signature = "s" },
		"its plan is another one":                        func(p *plan.Plan) { p.Clients++ },
	} {
		got := differs(with(e, change), e)
		assert.Contains(t, got, words)
		assert.Equal(t, words == "", got == "", words)
	}
	assert.Equal(t, "x", differs(&Entry{Broken: errors.New("x")}, e))
	assert.Equal(t, "x", differs(&Entry{Unknown: errors.New("x")}, e))
}

// The smallest of a finding stay, and paths that no other names.
func TestPrune(t *testing.T) {
	bad, good := caughtBug(t), calm(t)
	as := func(e *Entry, name string, events uint64, change func(p *plan.Plan)) *Entry {
		e = with(e, func(p *plan.Plan) { p.Expect.Events = events; change(p) })
		e.File = name
		return e
	}
	none := func(*plan.Plan) {}
	reach := func(names ...string) func(p *plan.Plan) { return func(p *plan.Plan) { p.Note.Reach = names } }
	list := []*Entry{
		as(bad, "a.txt", 40, none), as(bad, "b.txt", 10, none), as(bad, "c.txt", 30, none), as(bad, "d.txt", 30, none),
		as(bad, "e.txt", 99, func(p *plan.Plan) { p.Bugs = p.Bugs.With(bug.FlatVoteOrder) }),
		as(bad, "f.txt", 98, func(p *plan.Plan) { p.Note.Signature = "other" }),
		as(good, "g.txt", 50, reach("crash", "commit")), as(good, "h.txt", 10, reach("crash")), as(good, "i.txt", 20, reach("commit")),
		as(good, "j.txt", 20, reach("second-leader", "commit")),
		as(good, "k.txt", 5, func(p *plan.Plan) { p.Grain, p.Note.Reach = plan.GrainThreads, []string{"crash"} }),
		as(good, "l.txt", 5, none), {File: "m.txt"},
	}
	gone := func(keep int) (all []string) {
		for _, g := range Prune(list, keep) {
			assert.NotEmpty(t, g.Reason)
			all = append(all, g.Entry.File)
		}
		return all
	}
	assert.Equal(t, []string{"a.txt", "g.txt", "i.txt"}, gone(3))
	assert.Equal(t, []string{"a.txt", "c.txt", "d.txt", "g.txt", "i.txt"}, gone(1))
	assert.Equal(t, []string{"g.txt", "i.txt"}, gone(4))
}
