package sim

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/fp"
	"zabsim/internal/keyed"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// FaultKind is a kind of trouble that a correct ensemble must survive. Package
// faults holds one file for each.
type FaultKind struct {
	Name    string
	Doc     string
	Survive string // what a correct ensemble still promises under it
	Color   string // of its shade in plots, "#RRGGBB"
	Instant bool   // there is nothing to heal
	// Unsafe: it breaks what ZooKeeper demands of a disk. A plan must allow it.
	Unsafe bool
	// Waits: Inject only arms the fault (Runner.Arm). It begins, and its time
	// starts to run, when it strikes.
	Waits  bool
	Strike func(r *Runner, f *plan.Fault, id quorum.ServerID) // of a fault that waits
	// Check says what would be right if f's arguments are wrong.
	Check func(p *plan.Plan, f *plan.Fault) error
	// Inject starts fault number k of the plan, Heal ends it. Heal is also
	// called by the second act.
	Inject func(r *Runner, k int, f *plan.Fault)
	Heal   func(r *Runner, k int, f *plan.Fault)
}

// faultRun is what a run knows of one fault of its plan.
type faultRun struct {
	kind   *FaultKind
	on     bool
	begun  bool
	from   host.Time
	until  host.Time
	target quorum.ServerID
	links  []Choice // cuts to undo
	key    string   // its identity in decisions and draws
}

// nameFaults gives each fault an identity that stays when another one is taken
// out of the plan: its name and time, and a number if there are several.
func (r *Runner) nameFaults() {
	for k := range r.plan.Faults {
		f := &r.plan.Faults[k]
		key := f.Name + "@" + plan.FormatDuration(f.At)
		same := 0
		for i := range k {
			if r.plan.Faults[i].Name == f.Name && r.plan.Faults[i].At == f.At {
				same++
			}
		}
		if same > 0 {
			key += "/" + strconv.Itoa(same+1)
		}
		r.faults[k].key = key
	}
}

// faultDraw returns the draw of a concern that belongs to fault k.
func (r *Runner) faultDraw(concern string, k int) keyed.Draw {
	return keyed.New(r.plan.Seed).Stream(concern).Key(uint64(fp.New(0).String(r.faults[k].key)))
}

// Interval is a fault as it happened, for plots and reports.
type Interval struct {
	Name, Target, Color string
	From, Until         host.Time
}

// Intervals returns the faults that were injected.
func (r *Runner) Intervals() []Interval {
	var list []Interval
	for k := range r.faults {
		f := &r.faults[k]
		if !f.begun {
			continue
		}
		target := strings.Join(r.plan.Faults[k].Args, " ")
		if f.target != 0 {
			target = f.target.String()
		}
		until := f.until
		if f.on {
			until = r.now
		}
		list = append(list, Interval{f.kind.Name, target, f.kind.Color, f.from, until})
	}
	return list
}

func (r *Runner) kindOf(name string) *FaultKind {
	for i := range r.kinds {
		if r.kinds[i].Name == name {
			return &r.kinds[i]
		}
	}
	return nil
}

// wake does what the runner itself planned for now.
func (r *Runner) wake(e *entry) {
	switch e.choice.Alt {
	case wakeInject:
		if !r.act2 {
			r.inject(int(e.choice.Arg))
		}
	case wakeStrike:
		r.strike(int(e.choice.Arg), e.choice.Node, e.gen)
	case wakeHeal:
		r.healFault(int(e.choice.Arg))
	case wakeSecondAct:
		r.secondAct()
	case wakeEnd:
		r.endSecondAct()
	}
}

func (r *Runner) inject(k int) {
	f := &r.plan.Faults[k]
	run := &r.faults[k]
	run.kind = r.kindOf(f.Name)
	if run.kind == nil {
		panic("sim: fault " + f.Name + " passed the plan's checks but is not registered")
	}
	if run.kind.Waits {
		run.kind.Inject(r, k, f)
		return
	}
	run.on, run.begun, run.from = true, true, r.now
	run.kind.Inject(r, k, f)
	if run.kind.Instant {
		run.on, run.until = false, r.now
		return
	}
	if f.For > 0 {
		r.push(r.now.Add(f.For), Choice{Kind: ChoiceNone, Alt: wakeHeal, Arg: uint32(k)}, 0, r.events)
	}
}

// Arm lets fault k wait until the peer threads of all servers together have
// started so many writes more, and strike in the next one: an epoch, a snapshot, a truncation, the history before the ACK of
// NEWLEADER. In the middle of it its server crashes. Crashes at random times
// seldom hit these few milliseconds, and ZooKeeper's worst bugs live in them.
func (r *Runner) Arm(k, after int) { r.armed = append(r.armed, armedFault{k, after}) }

type armedFault struct{ k, after int }

// aim is told that server id starts such a write, which takes so long.
func (r *Runner) aim(id quorum.ServerID, takes host.Duration) {
	if r.armed[0].after > 0 {
		r.armed[0].after--
		return
	}
	k := r.armed[0].k
	r.armed = r.armed[1:]
	at := r.faultDraw("fault.strike", k).Between(0, int64(takes)-1)
	r.push(r.now.Add(host.Duration(at)), Choice{Kind: ChoiceNone, Alt: wakeStrike, Node: id, Arg: uint32(k)}, r.diskGen[id], r.events)
}

func (r *Runner) strike(k int, id quorum.ServerID, gen uint32) {
	if r.act2 || gen != r.diskGen[id] {
		return // it has crashed before
	}
	f := &r.plan.Faults[k]
	run := &r.faults[k]
	run.on, run.begun, run.from, run.target = true, true, r.now, id
	run.kind.Strike(r, f, id)
	if f.For > 0 {
		r.push(r.now.Add(f.For), Choice{Kind: ChoiceNone, Alt: wakeHeal, Arg: uint32(k)}, 0, r.events)
	}
}

func (r *Runner) healFault(k int) {
	run := &r.faults[k]
	if !run.on {
		return
	}
	run.on, run.until = false, r.now
	run.kind.Heal(r, k, &r.plan.Faults[k])
}

// Decide returns the value of a decision: what the plan says, or else what draw
// says, which is recorded for the plan that the run writes.
func (r *Runner) Decide(key string, draw func() string) string {
	for i := range r.plan.Decisions {
		if r.plan.Decisions[i].Key == key {
			r.used[i] = true
			v := r.plan.Decisions[i].Value
			r.decided = append(r.decided, plan.Decision{Key: key, Value: v})
			return v
		}
	}
	v := draw()
	r.decided = append(r.decided, plan.Decision{Key: key, Value: v})
	return v
}

// Decided returns the decisions of this run, for the plan that reproduces it.
func (r *Runner) Decided() []plan.Decision { return r.decided }

// Unused returns the decisions of the plan that nothing asked for: the code has
// moved on, or the plan was edited.
func (r *Runner) Unused() []plan.Decision {
	var list []plan.Decision
	for i, d := range r.plan.Decisions {
		if !r.used[i] {
			list = append(list, d)
		}
	}
	return list
}

// Target resolves the word for a server in fault k: n3, leader, follower, any.
// It returns 0 if there is no such server now.
func (r *Runner) Target(k int, word string) quorum.ServerID {
	if id, ok := ParseServer(word); ok {
		r.faults[k].target = id
		return id
	}
	v := r.Decide(r.faults[k].key+" target", func() string {
		set := r.candidates(word)
		if set == 0 {
			return "none"
		}
		n := r.faultDraw("fault.target", k).Below(uint64(set.Len()))
		for ; n > 0; n-- {
			set = set.Without(set.First())
		}
		return set.First().String()
	})
	id, _ := ParseServer(v)
	r.faults[k].target = id
	return id
}

// candidates returns the servers that a word means now. Of several leaders the
// one with the highest epoch is meant.
func (r *Runner) candidates(word string) quorum.Set {
	leader := r.Leader()
	switch word {
	case "leader":
		if leader == 0 {
			return 0
		}
		return quorum.Of(leader)
	case "follower":
		if leader != 0 {
			return r.View.Up.Without(leader)
		}
	}
	return r.View.Up
}

// Leader returns the serving leader with the highest epoch, 0 if none serves.
func (r *Runner) Leader() quorum.ServerID {
	var best quorum.ServerID
	for rest := r.leading & r.View.Up; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if r.status[id].Serving && (best == 0 || r.status[id].Epoch > r.status[best].Epoch) {
			best = id
		}
	}
	return best
}

// TargetOf returns the server that fault k hit.
func (r *Runner) TargetOf(k int) quorum.ServerID { return r.faults[k].target }

// ParseServer parses "n3".
func ParseServer(word string) (quorum.ServerID, bool) {
	if len(word) == 2 && word[0] == 'n' && word[1] >= '1' && word[1] <= '0'+quorum.Max {
		return quorum.ServerID(word[1] - '0'), true
	}
	return 0, false
}

// Crash stops server id now. keep says what becomes of the log records that are
// not synced: all, some or none.
func (r *Runner) Crash(id quorum.ServerID, keep string) {
	if id == 0 || r.World.Servers[id] == nil {
		return
	}
	r.crashes[id]++
	d := r.World.Disks[id]
	key := "crash " + id.String() + "#" + strconv.Itoa(int(r.crashes[id])) + " outcome"
	v := r.Decide(key, func() string {
		draw := r.med.crash.Key2(uint64(id), uint64(r.crashes[id]))
		o := Outcome{Keep: uint16(d.tail()), Stage: uint8(draw.Below(uint64(d.stages())))}
		switch keep {
		case "none":
			o.Keep = 0
		case "some":
			o.Keep = uint16(draw.Next().Between(0, int64(d.tail())))
		}
		if d.stages() == 2 {
			o.Stage *= StageRenamed // a snapshot or a truncation is there or not
		}
		o.Torn = int(o.Keep) < d.tail() && draw.Next().Next().Chance(1, 3)
		return o.String()
	})
	o, err := ParseOutcome(v)
	if err != nil {
		panic("sim: outcome passed the plan's checks: " + err.Error())
	}
	r.counts.Crashes++
	if r.status[id].Serving {
		r.reopen(id, false)
	}
	r.apply(Choice{Kind: ChoiceCrash, Node: id, Arg: o.Word()}, r.events)
}

// String writes "keep=2,torn=0,stage=3".
func (o Outcome) String() string {
	torn := 0
	if o.Torn {
		torn = 1
	}
	return fmt.Sprintf("keep=%d,torn=%d,stage=%d", o.Keep, torn, o.Stage)
}

// ParseOutcome parses what String writes.
func ParseOutcome(text string) (Outcome, error) {
	var o Outcome
	var torn int
	if n, err := fmt.Sscanf(text, "keep=%d,torn=%d,stage=%d", &o.Keep, &torn, &o.Stage); n != 3 || err != nil || torn > 1 || torn < 0 || o.Stage > StageRenamed {
		return Outcome{}, fmt.Errorf("%q is no crash outcome; keep=2,torn=0,stage=3 would be one", text)
	}
	o.Torn = torn == 1
	if o.String() != text { // Sscanf ignores what follows
		return Outcome{}, fmt.Errorf("%q is no crash outcome; %s would be one", text, o)
	}
	return o, nil
}

// Restart starts server id again, if it is down.
func (r *Runner) Restart(id quorum.ServerID) {
	if id == 0 || r.World.Servers[id] != nil {
		return
	}
	r.counts.Restarts++
	r.apply(Choice{Kind: ChoiceRestart, Node: id}, r.events)
}

// CutLink stops what from sends to to, as part of fault k. Several faults may cut
// one link: it delivers again when the last of them heals.
func (r *Runner) CutLink(k int, from, to quorum.ServerID) {
	if from == 0 || to == 0 || from == to {
		return
	}
	c := Choice{Kind: ChoiceCut, Node: from, Alt: uint8(to)}
	r.faults[k].links = append(r.faults[k].links, c)
	r.cuts[from][to]++
	if r.cuts[from][to] == 1 {
		r.counts.Cuts++
		r.apply(c, r.events)
	}
}

// HealLinks undoes the cuts of fault k.
func (r *Runner) HealLinks(k int) {
	for _, c := range r.faults[k].links {
		r.cuts[c.Node][c.Alt]--
		if r.cuts[c.Node][c.Alt] == 0 {
			r.apply(Choice{Kind: ChoiceHeal, Node: c.Node, Alt: c.Alt}, r.events)
		}
	}
	r.faults[k].links = r.faults[k].links[:0]
}

// ResetConns resets every connection between two servers.
func (r *Runner) ResetConns(a, b quorum.ServerID) {
	for slot := range r.World.Conns {
		c := &r.World.Conns[slot]
		x, y := c.A.Server(), c.B.Server()
		if c.State == ConnOpen && (x == a && y == b || x == b && y == a) {
			r.apply(Choice{Kind: ChoiceBreak, Arg: uint32(slot)}, r.events)
		}
	}
}

// secondAct stops all faults, keeps a bare quorum and nothing else alive, and
// demands that a write commits in bounded time.
func (r *Runner) secondAct() {
	r.act2, r.armed = true, nil
	core := CoreOf(r.World.setup.Quorum, keyed.New(r.plan.Seed).Stream("sim.core").Key(0))
	for k := range r.faults {
		r.faults[k].links = r.faults[k].links[:0]
		if r.faults[k].on {
			r.faults[k].on, r.faults[k].until = false, r.now
		}
	}
	all := r.World.setup.Quorum.All()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if !core.Has(id) {
			r.Crash(id, "all")
		}
		for cut := r.World.Cut[id]; cut != 0; cut = cut.Without(cut.First()) {
			r.apply(Choice{Kind: ChoiceHeal, Node: id, Alt: uint8(cut.First())}, r.events)
		}
	}
	for rest := core; rest != 0; rest = rest.Without(rest.First()) {
		r.Restart(rest.First())
	}
	r.deadline = r.now.Add(r.HealBound())
	r.push(r.deadline, Choice{Kind: ChoiceNone, Alt: wakeEnd}, 0, r.events)
	r.setAct(len(r.clients)-1, ActDial, r.now, r.events)
}

// HealBound is how long a bare quorum may take from the end of all faults to the
// first committed write, in virtual time: one read time-out of every wait that a
// role may be stuck in (initLimit for discovery and synchronization, syncLimit
// for broadcast), twice, since the first election after the faults may fail on
// state that is left over; and for each of the two elections one full back-off,
// because a LOOKING server that has heard nothing for long polls that rarely
// (protocol facts 3.4, 4.3, 6.4).
func (r *Runner) HealBound() host.Duration {
	c := r.World.setup.Configs[r.World.setup.Quorum.Voters.First()]
	waits := host.Duration(2*(c.InitLimit+c.SyncLimit)) * c.TickTime
	return 2*waits + 2*c.Election.NotifyMax
}

// probed is called when an operation of the second act's client has ended.
func (r *Runner) probed(e *ClientEvent) {
	if e.Kind != ClientCompleted || e.Result.Err != 0 || r.healed {
		return
	}
	r.healed = true
	r.counts.HealNanos = int64(r.now.Sub(r.deadline) + r.HealBound())
	// Let what is under way come to rest, then compare memories with disks.
	r.settle = r.now.Add(settleTime)
	r.push(r.settle, Choice{Kind: ChoiceNone, Alt: wakeEnd, Arg: 1}, 0, r.events)
}

// settleTime is how long the world runs on after the second act's write.
const settleTime = 500 * host.Millisecond

// endSecondAct ends the run at the deadline or after the rest.
func (r *Runner) endSecondAct() {
	if r.done || r.healed && r.now < r.settle {
		return
	}
	r.done = true
}

// finish runs the checks of the end.
func (r *Runner) finish() {
	if r.act2 && !r.Exhausted() && r.RecipeErr() == nil {
		invariant.Progress(r.View, r.healed, r.HealBound())
	}
	for rest := r.World.setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if r.World.Servers[id] != nil {
			if r.status[id].Serving {
				r.reopen(id, false)
			}
		} else if _, err := zab.Recover(r.World.Disks[id].Image(false)); err != nil {
			r.unreadable(id, err)
		}
	}
}
