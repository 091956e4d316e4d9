package hunt

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/scenarios/fuzz"
	"zabsim/sim/plan"
)

// deck is what is run in turn: chaos most often, with whatever it draws, and all that
// say in their timetable what they are after.
var deck = []string{
	"chaos", "leader-crash", "chaos", "lagging-follower", "chaos", "observers", "chaos", "session-move",
	"chaos", "restart-storm", "chaos", "disk-trouble", "chaos", "deposed-leader", "chaos", "distributed-lock",
	"chaos", "flaky-links", "chaos", "weights", "chaos", "hung-leader", "chaos", "session-expiry",
	"chaos", "minority-partition", "chaos", "cold-start", "chaos", "lying-disk", "chaos", "config-centre", "chaos", "rolling-restart",
	"chaos", "fuzzy-snapshots",
}

// endless is the budget of one run: right code takes a tenth of it at most.
const endless = 1_500_000

// againEvery is how often a run is repeated.
const againEvery = 20

// fuzz spends most of the events on the deck, lets who must keep a pace have a turn, and
// the deck the rest.
func (r *Report) fuzz(b Budget, base *Report, at *Catch) {
	next := r.deal(0, b.Events/5*4, b, at)
	if r.Catch == nil {
		r.keep(b, at)
	}
	if r.Catch == nil {
		r.deal(next, b.Events, b, at)
	}
	if r.Catch != nil || base == nil {
		return
	}
	if missing := missing(base.Reached, r.Reached); len(missing) > 0 {
		r.Catch = &Catch{Kind: NeverReached, By: "fuzz", Where: fmt.Sprintf("%d runs", r.Runs), Check: strings.Join(missing, ", ")}
	}
}

// deal runs the deck from its i-th run on, until so many events are spent in all. It
// returns the run to go on with.
func (r *Report) deal(i int, until uint64, b Budget, at *Catch) int {
	for ; r.Events < until; i++ {
		s, err := scenarios.Lookup(deck[i%len(deck)])
		if err != nil {
			panic(err)
		}
		seed := keyed.New(b.Seed).Stream("mutants.run").Key(uint64(i)).Uint64() >> 40
		*at = Catch{By: "fuzz", Where: fmt.Sprintf("%s seed %d", s.Name, seed)}
		o := r.run(s, seed)
		if r.Catch = judge(o, at); r.Catch != nil {
			return i
		}
		if i%againEvery == 3 {
			if again := r.run(s, seed); again.Plan.Expect != o.Plan.Expect {
				at.Kind, at.Check = Differs, "determinism"
				at.Detail = fmt.Sprintf("%+v, then %+v", o.Plan.Expect, again.Plan.Expect)
				r.Catch = at
				return i
			}
		}
		for _, name := range o.Reached {
			r.Reached[name]++
		}
	}
	return i
}

func (r *Report) run(s *scenarios.Scenario, seed uint64) *scenarios.Outcome {
	return r.execute(fuzz.Draw(s, seed, scenarios.Options{}), scenarios.Settings{Hold: s.Hold, EventsMax: endless, StopAtFirst: true})
}

func (r *Report) execute(p *plan.Plan, set scenarios.Settings) *scenarios.Outcome {
	x := scenarios.Start(p, set)
	for x.Step() {
		Beat.Add(1)
	}
	x.Run() // what is judged at the end
	o := x.Judge()
	r.Runs++
	r.Events += x.Events()
	r.trail(x.Events(), uint64(x.Fingerprint()))
	return o
}

// judge says what an outcome is caught by, nil if it is none.
func judge(o *scenarios.Outcome, at *Catch) *Catch {
	switch {
	case o.Verdict == scenarios.Violated:
		at.Kind = Violated
	case o.Verdict == scenarios.NoProgress:
		at.Kind = NoProgress
	case o.Verdict == scenarios.Failed:
		at.Kind = Limit
	case o.Run.Exhausted():
		at.Kind, at.Check, at.Detail = Endless, "events-budget", fmt.Sprintf("%d events", o.Run.Events())
		return at
	default:
		return nil
	}
	at.Check, at.Detail = o.Broken.Name, o.Broken.Detail
	return at
}

// missing returns what base reached often and r never did.
func missing(base, r map[string]int) []string {
	var list []string
	for name, n := range base {
		if n >= oftenRuns && r[name] == 0 {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// plain is what a panic said without its numbers, so that equal ones count together.
func plain(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return '#'
		}
		return c
	}, line)
	for strings.Contains(line, "##") {
		line = strings.ReplaceAll(line, "##", "#")
	}
	return line
}
