package linearizability

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/linearizability/history"
)

// drawPlan draws a small plan.
func drawPlan(t *rapid.T) plan {
	return plan{
		points:   rapid.IntRange(2, 60).Draw(t, "points"),
		clients:  rapid.IntRange(1, 5).Draw(t, "clients"),
		keys:     rapid.IntRange(1, 2).Draw(t, "keys"),
		overlap:  rapid.IntRange(1, 80).Draw(t, "overlap"),
		unknowns: rapid.SampledFrom([]int{0, 4, 10}).Draw(t, "unknowns"),
		lives:    rapid.Bool().Draw(t, "lives"),
	}
}

func drawHistory(t *rapid.T) *history.History {
	p := drawPlan(t)
	seed := rapid.Uint64().Draw(t, "seed")
	return generate(p, rand.New(rand.NewPCG(seed, 1)).IntN)
}

// TestTrueHistoriesPass: whatever a sequential register did, seen through random
// overlap, stale reads and lost answers, passes every check.
func TestTrueHistoriesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		for _, r := range CheckAll(h, DefaultBudget) {
			if r.Verdict != Passed {
				t.Fatalf("%s: %s: %s", r.Check, r.Verdict, r.Detail)
			}
		}
	})
}

// TestMostLiesAreCaught changes one answer of a true history. A read of a value
// that nobody wrote must be caught always; other lies may by chance be
// explained by an open write, but nine in ten must be caught.
func TestMostLiesAreCaught(t *testing.T) {
	lies, caught := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		if len(h.Ops) == 0 {
			return
		}
		i := rapid.IntRange(0, len(h.Ops)-1).Draw(t, "op")
		what := lie(h, i, rapid.IntRange(0, 3).Draw(t, "how"))
		if what == "" {
			return
		}
		lies++
		worst := Worst(CheckAll(h, DefaultBudget))
		if worst == Violated {
			caught++
		} else if what == "value" {
			t.Fatalf("a value that nobody wrote was not caught at #%d", i)
		}
	})
	t.Logf("%d of %d lies caught", caught, lies)
	require.Positive(t, lies)
	require.GreaterOrEqual(t, caught*10, lies*9)
}

// TestOpenWriteRulesKeepVerdicts: the rules that keep open writes from being tried
// everywhere are a reduction, so the search must say the same without them, on
// true and on false histories.
func TestOpenWriteRulesKeepVerdicts(t *testing.T) {
	count := map[Verdict]int{}
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		p.unknowns, p.points = 3, min(p.points, 30)
		seed := rapid.Uint64().Draw(t, "seed")
		h := generate(p, rand.New(rand.NewPCG(seed, 1)).IntN)
		if len(h.Ops) > 0 && rapid.Bool().Draw(t, "lies") {
			lie(h, rapid.IntRange(0, len(h.Ops)-1).Draw(t, "op"), rapid.IntRange(0, 3).Draw(t, "how"))
		}
		for _, k := range byKey(h) {
			bounded, full := &meter{limit: 1_000_000}, &meter{limit: 1_000_000}
			with := newSearch(h, &k, false).run(theEnd, bounded)
			without := newSearch(h, &k, true).run(theEnd, full)
			if without == Unknown {
				continue
			}
			count[with]++
			if with != without {
				t.Fatalf("%s: %s with the rules, %s without", k.name, with, without)
			}
		}
	})
	t.Logf("verdicts compared: %d passed, %d violated", count[Passed], count[Violated])
	require.Positive(t, count[Passed])
	require.Positive(t, count[Violated])
}

// TestSameStepsEveryTime: verdict, witness and step count are a function of the
// history, with porcupine's goroutines as well.
func TestSameStepsEveryTime(t *testing.T) {
	h := generate(plan{points: 400, clients: 6, keys: 2, overlap: 60, unknowns: 12}, rand.New(rand.NewPCG(7, 1)).IntN)
	lie(h, 150, 1)
	for _, steps := range []int{0, 100, 2_000, DefaultBudget.Steps} {
		first := CheckAll(h, Budget{Steps: steps})
		for range 10 {
			require.True(t, reflect.DeepEqual(first, CheckAll(h, Budget{Steps: steps})))
		}
	}
}

// BenchmarkCheckAll judges 3,000 operations over 3 keys, 1 in 100 of them lost.
func BenchmarkCheckAll(b *testing.B) {
	h := generate(plan{points: 5_000, clients: 8, keys: 3, overlap: 60, unknowns: 100}, rand.New(rand.NewPCG(3, 1)).IntN)
	h.Ops = h.Ops[:3_000]
	steps := 0
	b.ReportAllocs()
	for b.Loop() {
		steps = 0
		for _, r := range CheckAll(h, DefaultBudget) {
			steps += r.Steps
			if r.Verdict != Passed {
				b.Fatalf("%s: %s: %s", r.Check, r.Verdict, r.Detail)
			}
		}
	}
	b.ReportMetric(float64(steps), "steps/op")
}
