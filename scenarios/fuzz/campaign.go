package fuzz

import (
	"context"
	"fmt"
	"sync"

	"zabsim/internal/keyed"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/plan"
)

// Config says what a campaign runs.
type Config struct {
	Scenarios []*scenarios.Scenario
	Seed      uint64 // base: all seeds and all plans follow from it
	Options   scenarios.Options
	// AsWritten draws nothing but the seeds: each run is of a scenario as it is
	// written, and must reach and keep what the scenario says.
	AsWritten bool
	KeepGrain bool // the grain is that of Options, not drawn
	// Runs is how many runs the campaign has, over all shards; 0: until More says no.
	Runs int
	// More is asked before a run is started; nil: always yes. Here a caller looks at its
	// clock: a run that was started is finished.
	More func() bool
	Jobs int // workers, at least 1
	// Shard of Shards, from 0: every Shards-th run is this machine's. A fresh plan is that
	// of the whole campaign, one that is varied follows from what the shard has reached.
	Shard, Shards int
	// Again is how often a run is repeated: one in so many; 0: DefaultAgain, below 0: never.
	Again int
	// Findings ends the campaign after so many; 0: never.
	Findings int
	// EventsMax is the budget of one run; 0: DefaultEventsMax.
	EventsMax uint64
	// Progress is called after each run, in the order of the runs; may be nil.
	Progress func(s *Stats)
	// Ran is called with each outcome, in the order of the runs; may be nil.
	Ran func(r *Run)
}

// Defaults of a Config.
const (
	DefaultAgain     = 20
	DefaultEventsMax = sim.EventsMax // as that of a replay, so that it gives the same verdict
)

// batch is how many runs share what is known of coverage. A run may follow from what
// the batch before the last one has shown, and from nothing later: so it does not
// depend on the number of workers, and none of them waits in practice. Tests have
// smaller ones.
var batch = 64

// Run is one run of a campaign.
type Run struct {
	Index    int // in the whole campaign, over all shards
	Scenario string
	Plan     *plan.Plan // with its decisions and what it ended with
	Mutated  bool       // drawn from a plan that had reached something new
	Verdict  scenarios.Verdict
	Broken   *scenarios.Check // nil if it passed
	Checks   []string         // that judged it
	Missing  []string         // why it is vacuous
	Reached  []string
	Counts   sim.Counts
	Coverage sim.Coverage
	// Signature of a failure.
	Signature Signature
	// Again: the run was repeated. Differs says how the second was another.
	Again   bool
	Differs string
	// Panic is what a run that ended in a panic said.
	Panic string
}

// Failed tells whether the run broke a promise.
func (r *Run) Failed() bool {
	return r.Verdict == scenarios.Violated || r.Verdict == scenarios.NoProgress || r.Verdict == scenarios.Failed
}

// Go runs a campaign. The result does not depend on the number of workers, only on
// how many runs were started. It ends early when ctx is cancelled.
func Go(ctx context.Context, cfg Config) *Result {
	c := &campaign{cfg: cfg, result: newResult(&cfg)}
	c.ready = sync.NewCond(&c.mu)
	if c.cfg.Again == 0 {
		c.cfg.Again = DefaultAgain
	}
	if c.cfg.EventsMax == 0 {
		c.cfg.EventsMax = DefaultEventsMax
	}
	c.cfg.Shards = max(c.cfg.Shards, 1)
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		c.stop = true
		c.mu.Unlock()
		c.ready.Broadcast()
	})
	defer stop()
	var workers sync.WaitGroup
	for range max(cfg.Jobs, 1) {
		workers.Go(c.work)
	}
	workers.Wait()
	c.result.Interrupted = ctx.Err() != nil && !c.result.closed && (cfg.Runs == 0 || c.left(c.merged))
	c.result.finish()
	return c.result
}

// campaign is what workers share.
type campaign struct {
	cfg    Config
	result *Result

	mu      sync.Mutex
	ready   *sync.Cond
	next    int          // number of the next run to start, of this shard
	merged  int          // runs that are in the result
	waiting map[int]*Run // done, but one before them is not
	stop    bool
}

// work takes runs until there are no more.
func (c *campaign) work() {
	for {
		n, p, ok := c.take()
		if !ok {
			return
		}
		r := c.run(n, p)
		c.mu.Lock()
		c.done(n, r)
		c.mu.Unlock()
		c.ready.Broadcast()
	}
}

// take returns the number of the next run and the pool that it may draw from.
func (c *campaign) take() (int, *pool, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.stop && c.next/batch > c.merged/batch+1 {
		c.ready.Wait()
	}
	if c.stop || c.cfg.Runs > 0 && !c.left(c.next) || c.cfg.More != nil && !c.cfg.More() {
		c.stop = c.stop || c.cfg.Runs == 0 || c.left(c.next)
		return 0, nil, false
	}
	n := c.next
	c.next++
	return n, c.result.pool.at(n / batch), true
}

// left tells whether run n of this shard belongs to a campaign of so many runs.
func (c *campaign) left(n int) bool { return n*c.cfg.Shards+c.cfg.Shard < c.cfg.Runs }

// done puts results into the campaign's, in their order.
func (c *campaign) done(n int, r *Run) {
	if c.waiting == nil {
		c.waiting = map[int]*Run{}
	}
	c.waiting[n] = r
	for r := c.waiting[c.merged]; r != nil; r = c.waiting[c.merged] {
		delete(c.waiting, c.merged)
		if c.merged++; c.result.closed {
			continue // a run that was started before the last finding ended the campaign
		}
		c.result.add(r)
		if c.merged%batch == 0 {
			c.result.pool.close(c.merged / batch)
		}
		if c.cfg.Ran != nil {
			c.cfg.Ran(r)
		}
		if c.cfg.Progress != nil {
			c.cfg.Progress(&c.result.Stats)
		}
		if r.Differs != "" || r.Panic != "" || c.cfg.Findings > 0 && len(c.result.Findings) >= c.cfg.Findings {
			c.stop, c.result.closed = true, true
		}
	}
}

// run runs number n of this shard.
func (c *campaign) run(n int, known *pool) (r *Run) {
	index := n*c.cfg.Shards + c.cfg.Shard
	s := c.cfg.Scenarios[index%len(c.cfg.Scenarios)]
	r = &Run{Index: index, Scenario: s.Name}
	defer func() {
		if p := recover(); p != nil {
			r.Panic = fmt.Sprint(p)
		}
	}()
	r.Plan, r.Mutated = c.plan(index, s, known)
	set := c.settings(s)
	o := execute(r.Plan, set)
	r.take(o)
	switch {
	case r.Verdict == scenarios.Failed:
		r.Signature = Signature{Check: r.Broken.Name} // a limit has no causes
	case r.Failed():
		r.Signature, _ = Sign(o.Plan, set)
	}
	if c.again(index) {
		r.Again = true
		r.Differs = differs(r.Plan, o, execute(r.Plan, set), set)
	}
	r.Plan = o.Plan
	return r
}

// settings say how runs of s are judged. What a scenario says of how much a run reaches,
// and how fast, holds for its own ensemble and faults only.
func (c *campaign) settings(s *scenarios.Scenario) scenarios.Settings {
	set := scenarios.Settings{Hold: s.Hold}
	if c.cfg.AsWritten {
		set = scenarios.SettingsOf(s)
	}
	set.EventsMax = c.cfg.EventsMax
	return set
}

// again tells whether a run is repeated. It is drawn: a pattern of the index would meet
// that of the scenarios, or of the shards, and leave some of them out.
func (c *campaign) again(index int) bool {
	return c.cfg.Again > 0 && keyed.New(c.cfg.Seed).Stream("fuzz.again").Key(uint64(index)).Chance(1, uint64(c.cfg.Again))
}

// execute can be another one in tests.
var execute = scenarios.Execute

// plan draws the plan of a run: a fresh one, or one like a plan that has reached
// something new.
func (c *campaign) plan(index int, s *scenarios.Scenario, known *pool) (*plan.Plan, bool) {
	d := keyed.New(c.cfg.Seed).Stream("fuzz.run").Key(uint64(index))
	seed := d.Uint64()
	if c.cfg.AsWritten {
		return s.Plan(seed, c.cfg.Options), false
	}
	d = d.Next()
	if list := known.of(s.Name); len(list) > 0 && d.Chance(1, 2) {
		// The newest are the least explored.
		d = d.Next()
		parent := list[len(list)-1-int(d.Skewed(0, int64(len(list)-1)))]
		other := list[d.Next().Below(uint64(len(list)))]
		p := mutate(parent, other, d.Next().Next())
		if _, err := scenarios.CheckPlan(p); err == nil {
			return p, true
		}
	}
	return draw(s, seed, c.cfg.Options, c.cfg.KeepGrain), false
}

// take keeps what a campaign wants to know of an outcome: a finished run is large.
func (r *Run) take(o *scenarios.Outcome) {
	r.Verdict, r.Broken, r.Missing, r.Reached = o.Verdict, o.Broken, o.Missed, o.Reached
	r.Counts, r.Coverage = o.Run.Counts(), *o.Run.Coverage()
	for i := range o.Checks {
		r.Checks = append(r.Checks, o.Checks[i].Name)
	}
	if o.Broken != nil {
		broken := *o.Broken // it may point into a list of all checks
		r.Broken = &broken
	}
}
