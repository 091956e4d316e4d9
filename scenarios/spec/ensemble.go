package spec

import (
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// quorum returns the ensemble of a run.
func (s *Scenario) quorum(o Options) quorum.Config {
	if o.Quorum != nil {
		return *o.Quorum
	}
	n := s.size(o)
	q, _ := s.quorumOf(n) // Check tells
	switch {
	case o.Observers > 0:
		observe(&q, o.Observers)
	case o.Observers == 0 && s.Observers == SpareObservers:
		observe(&q, (n-1)/2)
	case o.Observers == 0 && s.Observers > 0:
		observe(&q, s.Observers)
	}
	return q
}

// size is how many servers there are.
func (s *Scenario) size(o Options) int {
	return or(or(or(o.Servers, o.Voters), s.Servers), DefaultServers)
}

// quorumOf returns the groups and weights of so many servers, all of them voters, and
// what makes no sense among them.
func (s *Scenario) quorumOf(n int) (quorum.Config, error) {
	q := *quorum.Majority(n)
	if len(s.Groups) == 0 {
		return q, nil
	}
	var wrong error
	grouped := quorum.Config{Voters: q.Voters, Grouped: true}
	members := func(text string) quorum.Set {
		set, err := s.members(&q, text, 0)
		if err != nil && wrong == nil {
			wrong = err
		}
		return set
	}
	free := q.Voters
	for _, g := range s.Groups {
		if g.Servers != restWord {
			put(&grouped, members(g.Servers), g.Number, &free)
		}
	}
	for _, g := range s.Groups {
		if g.Servers == restWord {
			put(&grouped, free, g.Number, &free)
		}
	}
	for _, w := range s.Weights {
		for rest := members(w.Servers); rest != 0; rest = rest.Without(rest.First()) {
			grouped.Weights[rest.First()] = uint32(w.Weight)
		}
	}
	return grouped, wrong
}

// put puts the servers of a set that are still free into a group.
func put(q *quorum.Config, set quorum.Set, number int, free *quorum.Set) {
	for rest := set & *free; rest != 0; rest = rest.Without(rest.First()) {
		q.Group[rest.First()], q.Weights[rest.First()] = uint8(number), 1
	}
	*free &^= set
}

// observe takes the vote from the last n servers.
func observe(q *quorum.Config, n int) {
	last := q.All() &^ quorum.Range(max(q.All().Len()-n, 0))
	q.Voters, q.Observers = q.Voters&^last, q.Observers|last
	for ; last != 0; last = last.Without(last.First()) {
		q.Group[last.First()], q.Weights[last.First()] = 0, 0
	}
}

// DrawKnobs draws the knobs of p's servers from the seed, as a swarm does: what o sets
// stays.
func DrawKnobs(p *plan.Plan, o Options, d keyed.Stream) { new(Scenario).drawKnobs(p, o, d) }

// drawKnobs draws the environment: a knob that the caller has set stays. Every
// knob has a key of its own, so that a new one moves no other.
func (s *Scenario) drawKnobs(p *plan.Plan, o Options, d keyed.Stream) {
	if o.TickTime == 0 {
		p.TickTime = []host.Duration{200, 500, 1000, 2000}[d.Key(1).Below(4)] * host.Millisecond
	}
	if o.InitLimit == 0 {
		p.InitLimit = int(d.Key(2).Between(3, 10))
	}
	if o.SyncLimit == 0 {
		p.SyncLimit = int(d.Key(3).Between(2, 5))
	}
	if o.CommitLogCount == 0 {
		p.CommitLogCount = []int{1, 2, 5, 20, 500}[d.Key(4).Below(5)]
	}
	if s.NotifyMax == 0 {
		p.NotifyMax = []host.Duration{1, 5, 60}[d.Key(7).Below(3)] * host.Second
	}
	if o.NetSlow == 0 {
		p.NetSlow = []int{0, 0, 4, 20}[d.Key(5).Below(4)]
	}
	if o.DiskSlow == 0 {
		p.DiskSlow = []int{0, 0, 5, 20}[d.Key(6).Below(4)]
	}
	drawSnapshots(p, o, d)
	if o.ThreadSlow == 0 && p.Grain == plan.GrainThreads { // nothing waits for its turn otherwise
		p.ThreadSlow = []int{0, 0, 10, 100, 1000}[d.Key(11).Below(5)]
	}
	if draw := d.Key(13); o.CounterMax == 0 && draw.Chance(1, 6) {
		p.CounterMax = int(draw.Next().Between(20, 200))
	}
	if o.Servers == 0 && o.Observers == 0 && o.Quorum == nil && s.Servers == 0 && s.Observers == 0 && len(s.Groups) == 0 {
		drawObservers(p, d.Key(12))
	}
}

// drawSnapshots makes a few writes cross the borders of snapshots and log files, in
// half of the seeds.
func drawSnapshots(p *plan.Plan, o Options, d keyed.Stream) {
	if draw := d.Key(8); o.SnapCount == 0 && draw.Chance(1, 2) {
		p.SnapCount = int(draw.Next().Between(3, 20))
	}
	if o.SnapRetain == 0 {
		p.SnapRetain = []int{0, 3}[d.Key(9).Below(2)]
	}
	if o.SnapshotSizeFactor == 0 {
		p.SnapshotSizeFactor = []int{0, 0, 0, 100, plan.FactorUnlimited, plan.FactorOff}[d.Key(10).Below(6)]
	}
}

// drawObservers adds one or two observers to the voters, in a third of the seeds.
func drawObservers(p *plan.Plan, d keyed.Draw) {
	n := p.Quorum.All().Len()
	more := min(1+int(d.Next().Below(2)), quorum.Max-n)
	if d.Chance(1, 3) {
		p.Quorum.Observers = quorum.Range(n+more) &^ quorum.Range(n)
	}
}
