package shrink

import (
	"slices"
	"strconv"
	"strings"

	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// earlier takes time out in which nothing happens that matters: the gap before each
// fault, with all that comes later.
func (s *shrinker) earlier() {
	for i := 0; i < len(s.best.Faults) && !s.over; i++ {
		for {
			from := host.Duration(0)
			if i > 0 {
				from = s.best.Faults[i-1].At
			}
			gap := s.best.Faults[i].At - from
			if gap < host.Second || !s.try(moved(s.best, i, (gap/2).Round(host.Millisecond))) {
				break
			}
		}
	}
}

// moved lets fault i, all behind it and the end of the first act come so much
// earlier, and the operations that begin behind where it was.
func moved(p *plan.Plan, i int, by host.Duration) *plan.Plan {
	c := *p
	c.For = max(p.For-by, 0)
	c.Faults = slices.Clone(p.Faults)
	c.Ops = slices.Clone(p.Ops)
	border := p.Faults[i].At
	for k := i; k < len(c.Faults); k++ {
		c.Faults[k].At -= by
	}
	at := earliest(p)
	client := 0
	for k := range c.Ops {
		if o := &c.Ops[k]; at[k] >= border && o.Client != client {
			client = o.Client
			o.Wait = max(o.Wait-by, 0)
		}
	}
	c.Decisions = renamed(p, &c, func(k int) int { return k })
	return &c
}

// units are what times are rounded to, coarse first.
var units = []host.Duration{host.Second, 100 * host.Millisecond, 10 * host.Millisecond, host.Millisecond}

// smallerTimes shortens faults, and rounds all times.
func (s *shrinker) smallerTimes() {
	for i := 0; i < len(s.best.Faults) && !s.over; i++ {
		for s.best.Faults[i].For >= 2*host.Millisecond && s.try(withFault(s.best, i, func(f *plan.Fault) { f.For /= 2 })) {
		}
		s.rounded(s.best.Faults[i].For, 1, func(p *plan.Plan, d host.Duration) *plan.Plan {
			return withFault(p, i, func(f *plan.Fault) { f.For = d })
		})
	}
	for i := 0; i < len(s.best.Faults) && !s.over; i++ {
		s.rounded(s.best.Faults[i].At, 0, func(p *plan.Plan, d host.Duration) *plan.Plan {
			return withFault(p, i, func(f *plan.Fault) { f.At = d })
		})
	}
	for i := 0; i < len(s.best.Ops) && len(s.best.Ops) <= hardMax && !s.over; i++ {
		s.rounded(s.best.Ops[i].Wait, 0, func(p *plan.Plan, d host.Duration) *plan.Plan { return withWait(p, i, d) })
	}
	s.rounded(s.best.For, 1, func(p *plan.Plan, d host.Duration) *plan.Plan {
		c := *p
		c.For = d
		return &c
	})
}

// rounded tries to cut a time off at whole units, at the coarsest that goes. It never
// makes one longer: that would undo what has shortened it, again and again.
func (s *shrinker) rounded(d, least host.Duration, to func(p *plan.Plan, d host.Duration) *plan.Plan) {
	for _, unit := range units {
		short := d / unit * unit
		if short == d || short >= least && s.try(to(s.best, short)) {
			return
		}
	}
}

// withFault changes fault i.
func withFault(p *plan.Plan, i int, change func(f *plan.Fault)) *plan.Plan {
	c := *p
	c.Faults = slices.Clone(p.Faults)
	change(&c.Faults[i])
	c.Decisions = renamed(p, &c, func(k int) int { return k })
	return &c
}

func withWait(p *plan.Plan, i int, wait host.Duration) *plan.Plan {
	c := *p
	c.Ops = slices.Clone(p.Ops)
	c.Ops[i].Wait = wait
	return &c
}

// smallerPrograms makes counts and times in the arguments of programs smaller.
func (s *shrinker) smallerPrograms() {
	for i := range s.best.Programs {
		for k := range s.best.Programs[i].Args {
			if !s.try(withArg(s.best, i, k, func(n int) int { return 1 })) {
				for s.try(withArg(s.best, i, k, func(n int) int { return n / 2 })) {
				}
				s.try(withArg(s.best, i, k, func(n int) int { return n - 1 }))
			}
		}
	}
}

// withArg changes the number of argument k of program i, which may have a unit behind
// it; nil if there is none above 1.
func withArg(p *plan.Plan, i, k int, change func(n int) int) *plan.Plan {
	name, value, _ := strings.Cut(p.Programs[i].Args[k], "=")
	digits := strings.TrimRight(value, "mnsu")
	n, err := strconv.Atoi(digits)
	if err != nil || n <= 1 {
		return nil
	}
	c := *p
	c.Programs = slices.Clone(p.Programs)
	c.Programs[i].Args = slices.Clone(p.Programs[i].Args)
	c.Programs[i].Args[k] = name + "=" + strconv.Itoa(change(n)) + value[len(digits):]
	return &c
}

// ZooKeeper's defaults, which plans spell out.
const (
	defaultTickTime       = 2 * host.Second
	defaultInitLimit      = 10
	defaultSyncLimit      = 5
	defaultCommitLogCount = 500
	defaultSessionTimeout = 10 * host.Second
)

// knobs set one knob each to its default.
var knobs = []func(p *plan.Plan){
	func(p *plan.Plan) { p.Grain = plan.GrainAtomic },
	func(p *plan.Plan) { p.ThreadSlow = 0 },
	func(p *plan.Plan) { p.NetSlow = 0 },
	func(p *plan.Plan) { p.DiskSlow = 0 },
	func(p *plan.Plan) { p.SnapCount = 0 },
	func(p *plan.Plan) { p.SnapRetain = 0 },
	func(p *plan.Plan) { p.SnapshotSizeFactor = 0 },
	func(p *plan.Plan) { p.CounterMax = 0 },
	func(p *plan.Plan) { p.NotifyMax = 0 },
	func(p *plan.Plan) { p.CommitLogCount = defaultCommitLogCount },
	func(p *plan.Plan) { p.InitLimit = defaultInitLimit },
	func(p *plan.Plan) { p.SyncLimit = defaultSyncLimit },
	func(p *plan.Plan) { p.TickTime = defaultTickTime },
	func(p *plan.Plan) { p.SessionTimeout = defaultSessionTimeout },
	func(p *plan.Plan) {
		p.Quorum.Grouped, p.Quorum.Group, p.Quorum.Weights = false, [quorum.Slots]uint8{}, [quorum.Slots]uint32{}
	},
	func(p *plan.Plan) { p.Unsafe = p.Unsafe && len(p.Excuse) > 0 },
}

// counts are the knobs that count transactions, with the least that they may be: a bug
// that waits for so many of them needs as many operations.
var counts = []struct {
	knob  func(p *plan.Plan) *int
	least int
}{
	{func(p *plan.Plan) *int { return &p.CounterMax }, 3},
	{func(p *plan.Plan) *int { return &p.SnapCount }, 2},
	{func(p *plan.Plan) *int { return &p.CommitLogCount }, 1},
}

// tighten lowers the knobs that count transactions, so that fewer operations do. The
// neutral knobs come last, and take back what was not needed.
func (s *shrinker) tighten() {
	for _, k := range counts {
		for n := *k.knob(s.best); n > k.least && !s.over; n = *k.knob(s.best) {
			c := *s.best
			if *k.knob(&c) = k.least; s.try(&c) {
				break
			}
			c = *s.best
			if *k.knob(&c) = max(n/2, k.least); !s.try(&c) {
				break
			}
		}
	}
}

// neutralKnobs sets each knob to its default, and turns bug switches off that the
// failure does not need.
func (s *shrinker) neutralKnobs() {
	for _, neutral := range knobs {
		c := *s.best
		if neutral(&c); !sameKnobs(&c, s.best) {
			s.try(&c)
		}
	}
	for _, b := range bug.All() {
		if s.best.Bugs.Has(b.Switch) {
			c := *s.best
			c.Bugs[b.Switch/64] &^= 1 << (b.Switch % 64)
			s.try(&c)
		}
	}
}

func sameKnobs(a, b *plan.Plan) bool {
	return a.Grain == b.Grain && a.ThreadSlow == b.ThreadSlow && a.NetSlow == b.NetSlow && a.DiskSlow == b.DiskSlow &&
		a.SnapCount == b.SnapCount && a.SnapRetain == b.SnapRetain && a.SnapshotSizeFactor == b.SnapshotSizeFactor &&
		a.CounterMax == b.CounterMax && a.NotifyMax == b.NotifyMax && a.CommitLogCount == b.CommitLogCount &&
		a.InitLimit == b.InitLimit && a.SyncLimit == b.SyncLimit && a.TickTime == b.TickTime &&
		a.SessionTimeout == b.SessionTimeout && a.Quorum == b.Quorum && a.Unsafe == b.Unsafe
}

// neutralOutcomes makes crashes clean: nothing is torn, no file half written. A
// decision can't be dropped as other lines can: a run decides all that it is asked,
// and writes that down.
func (s *shrinker) neutralOutcomes() {
	for i := 0; i < len(s.best.Decisions) && !s.over; i++ {
		for _, part := range []string{"torn=", "stage=", "keep="} {
			if i < len(s.best.Decisions) {
				s.try(withOutcome(s.best, i, part))
			}
		}
	}
}

// withOutcome sets one number of decision i to 0; nil if it is 0 or not there.
func withOutcome(p *plan.Plan, i int, part string) *plan.Plan {
	fields := strings.Split(p.Decisions[i].Value, ",")
	k := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, part) })
	if k < 0 || fields[k] == part+"0" || !strings.HasPrefix(p.Decisions[i].Key, "crash ") {
		return nil
	}
	fields[k] = part + "0"
	c := *p
	c.Decisions = slices.Clone(p.Decisions)
	c.Decisions[i].Value = strings.Join(fields, ",")
	return &c
}
