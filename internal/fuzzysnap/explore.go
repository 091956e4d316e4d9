package fuzzysnap

import (
	"fmt"
	"slices"

	"zabsim/internal/fp"
	"zabsim/tree"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Finding is a schedule after which the disk does not give what memory has.
type Finding struct {
	World    string
	Check    string   // the invariant that notices
	Before   []string // what had happened when the snapshot began
	Schedule []string
	Detail   string // the first difference
	// SameTreeDigest says that ZooKeeper's own digest is the same on both sides.
	SameTreeDigest bool
}

// Count says how much was searched.
type Count struct {
	States    int    // distinct pairs of a log and a dump
	Restarts  int    // of those, complete snapshots: each was loaded and compared
	Schedules uint64 // the interleavings that lead to them
	Complete  bool   // nothing was left out
}

// Names of the invariants that a finding breaks, as in sim/invariant.
const (
	reopens = "reopen-equals-memory"
	opens   = "disk-opens"
)

// state is a place in the search: what the server has applied since the snapshot
// began, and what was copied.
type state struct {
	live  *tree.Tree
	dump  txn.Dump
	log   []*txn.Txn // never changed, only extended
	chain fp.Hash
	ways  uint64
	path  *move
}

// move is how a state was reached: the last step, and those before.
type move struct {
	text   string
	before *move
}

func (m *move) list() (all []string) {
	for ; m != nil; m = m.before {
		all = append(all, m.text)
	}
	slices.Reverse(all)
	return all
}

// searcher searches one world.
type searcher struct {
	*Count
	world  *World
	bugs   bug.Set
	budget int
	begin  zxid.Zxid
	chain  fp.Hash // at begin
}

// Hunt searches all worlds with one update, with two, and so on up to five, until
// something is found or budget states were visited, and says how many restarts that
// took. What it finds first has the fewest updates, and of those the fewest steps.
func Hunt(bugs bug.Set, budget int) (*Finding, int) {
	restarts := 0
	for updates := 1; updates <= 5 && budget > 0; updates++ {
		for _, w := range Worlds() {
			found, n := w.Explore(bugs, updates, budget)
			restarts += n.Restarts
			budget -= n.States
			if found != nil {
				return found, restarts
			}
		}
	}
	return nil, restarts
}

// Explore searches a world with at most so many updates, the shortest schedules first,
// until something is found or budget states were visited.
func (w *World) Explore(bugs bug.Set, updates, budget int) (*Finding, Count) {
	var n Count
	s := searcher{Count: &n, world: w, bugs: bugs, budget: budget}
	layer := []*state{s.first()}
	for len(layer) > 0 {
		var ahead []*state
		seen := map[fp.Hash]*state{}
		for _, at := range layer {
			if n.States++; n.States > budget {
				return nil, n
			}
			if found := s.copyNode(at, &ahead, seen); found != nil {
				return found, n
			}
			if len(at.log) < updates {
				s.update(at, &ahead, seen)
			}
		}
		layer = ahead
	}
	n.Complete = true
	return nil, n
}

// first makes the tree that is there when the snapshot begins.
func (s *searcher) first() *state {
	live := tree.New(&tree.Config{Bugs: s.bugs, ExtendedTypes: true})
	s.chain = fp.New(0x6673).Done()
	for i := range s.world.Before {
		t := s.prep(live, &s.world.Before[i])
		if t == nil || live.Apply(t).Err != txn.OK {
			panic("fuzzysnap: world " + s.world.Name + ": can't " + show(&s.world.Before[i]))
		}
		s.begin, s.chain = t.Zxid, zab.ChainNext(s.chain, t)
	}
	return &state{live: live, dump: live.Dump(), chain: s.chain, ways: 1}
}

// prep makes the next transaction as a leader does; nil if it would be refused.
func (s *searcher) prep(live *tree.Tree, r *txn.Request) *txn.Txn {
	return prepAt(live, r, max(s.begin, zxid.Make(1, 0))+1)
}

func prepAt(live *tree.Tree, r *txn.Request, z zxid.Zxid) *txn.Txn {
	if _, alive := live.SessionTimeout(r.Session); r.Session != 0 && alive == (r.Op == txn.OpCreateSession) {
		return nil
	}
	t := live.Prep(r, txn.SessionCheck{}, z, int64(z.Counter())*1e6)
	if t.Op == txn.OpError || t.More != nil && len(t.More.Ops) > 0 && t.More.Ops[0].Op == txn.OpError {
		return nil
	}
	return t
}

// update applies each update that a leader would let through.
func (s *searcher) update(at *state, ahead *[]*state, seen map[fp.Hash]*state) {
	for i := range s.world.Ops {
		r := &s.world.Ops[i]
		live := at.live.Clone().(*tree.Tree)
		t := prepAt(live, r, s.begin+zxid.Zxid(len(at.log))+1)
		if t == nil {
			continue
		}
		live.Apply(t)
		s.reach(&state{
			live: live, dump: at.dump, log: append(slices.Clip(at.log), t), chain: zab.ChainNext(at.chain, t), ways: at.ways,
			path: &move{show(r), at.path},
		}, ahead, seen)
	}
}

// copyNode copies the next node, or restarts if there is none left.
func (s *searcher) copyNode(at *state, ahead *[]*state, seen map[fp.Hash]*state) *Finding {
	d := at.dump.Clone()
	if d.Next(at.live) {
		text := "snapshot copies " + d.(interface{ At() string }).At()
		s.reach(&state{live: at.live, dump: d, log: at.log, chain: at.chain, ways: at.ways, path: &move{text, at.path}}, ahead, seen)
		return nil
	}
	s.Restarts++
	s.Schedules += at.ways
	return s.restart(at, d)
}

// reach adds a state to the next layer, unless another schedule of the same length
// leads to it. All schedules that lead to a state have the same length: as many updates
// and copies.
func (s *searcher) reach(to *state, ahead *[]*state, seen map[fp.Hash]*state) {
	key := to.chain.Word(uint64(to.dump.Fingerprint())).Done()
	if old := seen[key]; old != nil {
		old.ways += to.ways
		return
	}
	seen[key] = to
	*ahead = append(*ahead, to)
}

// restart loads the snapshot and replays the log.
func (s *searcher) restart(at *state, d txn.Dump) *Finding {
	img := &zab.Image{
		Snaps:   []*zab.Snapshot{zab.NewSnapshot(s.begin, s.begin, s.chain, d.State())},
		LogBase: s.begin, LogChain: s.chain, Bugs: s.bugs,
	}
	for _, t := range at.log {
		img.Records = append(img.Records, zab.Record{Txn: t, Sum: t.Hash})
	}
	boot, err := zab.Recover(img)
	if err != nil {
		return s.finding(at, opens, err.Error(), true)
	}
	sm, _, _, _ := boot.Rebuild()
	got := sm.(*tree.Tree)
	if text := difference(at.live, got); text != "" {
		return s.finding(at, reopens, text, at.live.TreeDigest() == got.TreeDigest())
	}
	if at.live.Digest() != got.Digest() {
		return s.finding(at, reopens, "only the digests differ", at.live.TreeDigest() == got.TreeDigest())
	}
	return nil
}

func (s *searcher) finding(at *state, check, detail string, same bool) *Finding {
	f := &Finding{World: s.world.Name, Check: check, Detail: detail, SameTreeDigest: same}
	for i := range s.world.Before {
		f.Before = append(f.Before, show(&s.world.Before[i]))
	}
	f.Schedule = append(at.path.list(), "restart: load the snapshot, replay the log")
	return f
}

// String tells the schedule, one step a line.
func (f *Finding) String() string {
	text := fmt.Sprintf("%s in world %s\n", f.Check, f.World)
	for _, line := range f.Before {
		text += "  before: " + line + "\n"
	}
	for _, line := range f.Schedule {
		text += "  " + line + "\n"
	}
	text += "  " + f.Detail + "\n"
	if f.SameTreeDigest {
		text += "  ZooKeeper's own digest is the same in memory and after the restart\n"
	}
	return text
}
