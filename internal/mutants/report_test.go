package mutants

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/mutants/hunt"
)

// TestInterval: figures of Wilson's interval from a textbook.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		Score
		low, high float64
	}{{Score{10, 10}, .7225, 1}, {Score{0, 10}, 0, .2775}, {Score{81, 263}, .2553, .3662}, {Score{}, 0, 1}} {
		low, high := c.Interval()
		assert.InDelta(t, c.low, low, 1e-4)
		assert.InDelta(t, c.high, high, 1e-4)
	}
}

func TestJudgments(t *testing.T) {
	const good = "# why\n\nzab/a.go | f | drop | x()\n  hole: nobody looks\n  at it\nzab/a.go | g | drop | x()\n  equivalent: never called\n"
	list, err := parseJudgments("j.txt", strings.NewReader(good))
	require.NoError(t, err)
	assert.Equal(t, map[string]Judgment{"zab/a.go | f | drop | x()": {Hole, "nobody looks at it"}, "zab/a.go | g | drop | x()": {Equivalent, "never called"}}, list)
	for text, want := range map[string]string{
		"  hole: x\n":           "j.txt:1: a verdict without the key",
		"a\nb\n  hole: x\n":     "j.txt:2: the key above has no verdict",
		"a\n  maybe: x\n":       "j.txt:2: \"maybe: x\": write equivalent, legal or hole",
		"a\n  hole:\n":          "write equivalent, legal or hole",
		"a\n  hole: x\na\n":     "j.txt:3: a is judged twice",
		"a\n  hole: x\nb\n":     "the last key has no verdict",
		"a\n  open: not looked": "write equivalent, legal or hole",
	} {
		_, err := parseJudgments("j.txt", strings.NewReader(text))
		assert.ErrorContains(t, err, want, text)
	}
}

// TestTheJudgmentsAreOfMutantsThatExist: code that was changed wants to be judged anew.
func TestTheJudgmentsAreOfMutantsThatExist(t *testing.T) {
	list, err := ReadJudgments("judgments.txt")
	require.NoError(t, err)
	_, sites := protocol(t)
	known := map[string]bool{}
	for i := range sites {
		known[sites[i].Key()] = true
	}
	for key := range list {
		assert.True(t, known[key], "%s: there is no such mutant any more: delete it", key)
	}
}

// TestReport: what is equivalent does not count, what is open does, and a judgment that
// was wrong is told.
func TestReport(t *testing.T) {
	sites, err := Find(map[string]string{"zab/a.go": "package zab\nfunc f() {\n\ta()\n\tb()\n\tc()\n\td()\n}\n"})
	require.NoError(t, err)
	require.Len(t, sites, 4)
	m := &Measured{Sites: sites, Picked: []int{0, 1, 2, 3}, Base: &Tried{}, Tried: map[string]*Tried{}}
	for i := range sites {
		m.Tried[sites[i].Key()] = &Tried{Hits: 1}
	}
	m.Tried[sites[0].Key()].Catch = &hunt.Catch{Kind: hunt.Violated, Check: "agreement", By: "fuzz"}
	r := NewReport(m, map[string]Judgment{
		sites[0].Key(): {Equivalent, "a mistake"}, sites[1].Key(): {Equivalent, "b does nothing"}, sites[2].Key(): {Legal, "c is slow"}, "gone": {Hole, "?"},
	})
	assert.Equal(t, Score{1, 4}, r.Raw())
	assert.Equal(t, Score{1, 3}, r.Strict())
	assert.Equal(t, Score{1, 2}, r.Wrong())
	assert.Equal(t, []string{"gone: there is no such mutant", sites[0].Key() + ": caught, so it is not equivalent"}, r.Stale)
	text := r.Markdown()
	for _, want := range []string{"| drop | 4 | 1 | 1 | 1 | 0 | 1 |", "| violated | agreement | fuzz | 1 |", "**33.3 % (1 of 3;", "`zab/a.go:6` f, drop, no difference seen: `d()`"} {
		assert.Contains(t, text, want)
	}
}

// Goal: the README says what the report says. Method: look for the report's figure.
func TestTheREADMEQuotesTheReport(t *testing.T) {
	report, err := os.ReadFile("REPORT.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(report), "of those that are not equivalent | **")
	require.True(t, ok)
	figure, _, _ := strings.Cut(rest, "**")
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), figure)
}
