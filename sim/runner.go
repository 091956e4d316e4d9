package sim

import (
	"zabsim/internal/fp"
	"zabsim/internal/keyed"
	"zabsim/linearizability/history"
	"zabsim/sim/client"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Runner is one seeded discrete-event run: time as the policy that picks the next
// choice of a World. Every choice gets a due time when it becomes possible, drawn
// from keyed randomness; the earliest is applied.
type Runner struct {
	World   *World
	View    *invariant.View
	History history.History
	Notes   []Note // what recipes said

	plan     *plan.Plan
	seed     uint64 // of all draws: the plan's, unless the run was rerolled
	reroll   Reroll
	rerolled bool // the plan's future was left
	kinds    []FaultKind
	sink     trace.Sink
	fold     trace.Fold

	now       host.Time
	events    uint64
	eventsMax uint64
	stopFirst bool // see Config.StopAtFirst
	stopped   bool
	queue     eventQueue
	med       medium

	lines   []line    // by queue
	dials   []dialing // by slot
	alarms  [quorum.Slots][zab.TimerCount]alarm
	acts    [][]alarm // by client and act: the usual ones, then a recipe's alarms
	diskGen [quorum.Slots]uint32
	diskSeq [quorum.Slots][zab.TokenCount]uint64
	diskOps [quorum.Slots][tokens]diskOp
	lanes   [quorum.Slots]laneRuns
	crashes [quorum.Slots]uint32
	status  [quorum.Slots]zab.Status
	scratch zab.Status
	facts   [quorum.Slots]invariant.DiskFacts
	clients []clientRun
	faults  []faultRun
	cuts    [quorum.Slots][quorum.Slots]uint8 // how many faults cut each link
	armed   []armedFault                      // faults that wait for a write
	trouble
	decided  []plan.Decision // drawn in this run
	used     []bool          // decisions of the plan that were used
	describe trace.Event     // of the choice under way, when there is a sink
	deltas   []trace.Delta
	newest   zxid.Epoch // the latest epoch that was established
	leading  quorum.Set // servers in state LEADING
	stale    quorum.Set // servers whose status was not read since they were touched

	act2     bool
	deadline host.Time
	healed   bool // the second act's write has committed
	done     bool
	settle   host.Time
	counts   Counts
	found    []Place    // of each violation in View
	proposed []*txn.Txn // in runs with recipes: see Truth
	commits  []commitTime
	cover    cover
}

// Counts are the numbers of a run.
type Counts struct {
	Events, Elections, Epochs    uint64
	Crashes, Restarts, Cuts      uint64
	Pauses, DiskErrors           uint64
	Refused                      uint64 // restarts from a disk that an unsafe fault had damaged
	Operations, Ok, Failed, Lost uint64
	Writes                       uint64 // acknowledged
	SimulatedNanos               int64
	HealNanos                    int64 // from healing to the first committed write
}

// line is one direction of a connection as the timed driver sees it.
type line struct {
	due    []arrival
	head   int
	last   host.Time // due time of the youngest
	key    uint64    // of the connection
	sent   uint64
	gen    uint32
	parked bool // its head came due while the link was cut
}

type arrival struct {
	at    host.Time
	cause uint64
}

type dialing struct {
	due    host.Time
	key    uint64
	gen    uint32
	parked bool
	cause  uint64
}

// alarm is a timer. Setting it later than it is queued costs nothing: the entry
// in the queue is moved when it comes up.
type alarm struct {
	deadline host.Time
	queuedAt host.Time
	cause    uint64
	gen      uint32
	armed    bool
	queued   bool
}

// clientRun is what the runner keeps for a client: pacing and history.
type clientRun struct {
	waits   []host.Duration // by operation: at least this long after the start of the one before
	started host.Time       // of the last operation
	index   int             // its number, from 0
	open    int             // index in the history, -1 if none
	retries uint64
	deposed bool
	calls   []int  // by task of a recipe: index in the history's calls, -1 if none
	syncs   int    // calls under way that are syncs
	turn    uint32 // see history.Call
	links   uint32 // connections that its recipe has opened
}

// stateEvery is how often the fingerprint of the whole world goes into the running
// one: what no message shows must not differ either.
const stateEvery = 1024

// Config is what a run takes besides its plan.
type Config struct {
	Kinds  []FaultKind
	Sink   trace.Sink
	Sample uint32 // run the checks on every k-th event only; 0 and 1: every event
	// EventsMax ends the run as undecided after so many events; 0: EventsMax.
	EventsMax uint64
	// Recipes run in place of scripts, by client number: slot 0 is unused, nil or
	// missing leaves the client its operations of the plan. Close the Runner if it
	// does not Run to the end.
	Recipes []*client.Program
	// StopAtFirst ends the run at the first event that breaks an invariant which the
	// plan does not excuse. What comes before is the same either way; what is judged
	// at the end is not judged. For searches that only ask whether a run fails.
	StopAtFirst bool
	// Reroll lets the run leave its plan after an event.
	Reroll Reroll
}

// EventsMax is the usual budget of a run, in events. Runs that settle use a
// hundredth of it; an election that never ends would take for ever.
const EventsMax = 20_000_000

// Exhausted tells whether the run was ended by its budget of events: nothing that
// was to be judged at its end can be judged then.
func (r *Runner) Exhausted() bool { return r.events >= r.eventsMax }

// NewRunner prepares the run of p.
func NewRunner(p *plan.Plan, cfg Config) *Runner {
	r := &Runner{plan: p, seed: p.Seed, reroll: cfg.Reroll, kinds: cfg.Kinds, sink: cfg.Sink, eventsMax: cfg.EventsMax,
		stopFirst: cfg.StopAtFirst}
	if r.eventsMax == 0 {
		r.eventsMax = EventsMax
	}
	setup := newSetup(p)
	setup.useRecipes(cfg.Recipes, p.Clients, keyed.New(p.Seed).Stream("client.rand"))
	r.World = NewWorld(setup)
	r.View = new(invariant.View)
	r.View.Init(setup.Quorum)
	r.View.Sample = cfg.Sample
	r.med = newMedium(p, len(setup.Scripts)+quorum.Max+1)
	r.History.Preset, r.History.Ghost, r.History.Name = true, true, p.Scenario
	for rest := setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		r.View.Status[id], r.View.Disk[id] = &r.status[id], &r.facts[id]
		r.World.Disks[id].FactsInto(&r.facts[id])
	}
	r.prepareClients()
	r.used = make([]bool, len(p.Decisions))
	r.schedule()
	return r
}

// schedule queues what is known from the start: server starts, client dials,
// faults, and the second act.
func (r *Runner) schedule() {
	start := keyed.New(r.plan.Seed).Stream("sim.start")
	for rest := r.World.setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		at := host.Time(start.Key(uint64(id)).Between(0, int64(300*host.Millisecond)))
		r.push(at, Choice{Kind: ChoiceRestart, Node: id}, r.diskGen[id], 0)
	}
	for i := 1; i <= r.plan.Clients; i++ {
		at := host.Time(start.Key2(1, uint64(i)).Between(int64(200*host.Millisecond), int64(900*host.Millisecond)))
		r.setAct(i, ActDial, at, 0)
	}
	r.faults = make([]faultRun, len(r.plan.Faults))
	r.nameFaults()
	for k := range r.plan.Faults {
		r.push(host.Time(r.plan.Faults[k].At), Choice{Kind: ChoiceNone, Alt: wakeInject, Arg: uint32(k)}, 0, 0)
	}
	r.push(host.Time(r.plan.For), Choice{Kind: ChoiceNone, Alt: wakeSecondAct}, 0, 0)
}

// The wakes are what the runner itself does at a time; they are no choices of the
// world.
const (
	wakeInject uint8 = iota
	wakeHeal
	wakeStrike
	wakeStage
	wakeSecondAct
	wakeEnd
)

func (r *Runner) push(at host.Time, c Choice, gen uint32, cause uint64) {
	tie := uint32(r.med.tie.Key2(c.Word(), uint64(at)).Uint64() >> 32)
	r.queue.push(entry{at: at, tie: tie, gen: gen, cause: cause, choice: c})
}

// Step applies the next event; false when the run is over.
func (r *Runner) Step() bool {
	for !r.done && r.queue.len() > 0 && r.events < r.eventsMax {
		e := r.queue.pop()
		if e.at < r.now {
			panic("sim: time runs backwards")
		}
		r.now = e.at
		if r.World.anyHung() && r.withhold(&e) {
			continue
		}
		switch e.choice.Kind {
		case ChoiceNone:
			r.wake(&e)
			continue
		case ChoiceDeliver:
			if !r.arrives(&e) {
				continue
			}
		case ChoiceConnect:
			if !r.answers(&e) {
				continue
			}
		case ChoiceTimer:
			if !r.rings(&r.alarms[e.choice.Node][e.choice.Alt], &e) {
				continue
			}
		case ChoiceClient:
			if !r.rings(&r.acts[e.choice.Arg][e.choice.Alt], &e) {
				continue
			}
		case ChoiceLane:
			if !r.turn(&e) {
				continue
			}
		case ChoiceDisk:
			if e.gen != r.diskOps[e.choice.Node][e.choice.Alt].gen {
				continue
			}
			if r.fails(&e) {
				return true
			}
		case ChoiceRestart:
			if e.gen != r.diskGen[e.choice.Node] {
				continue
			}
		}
		r.apply(e.choice, e.cause)
		return true
	}
	return false
}

// Run steps to the end.
func (r *Runner) Run() {
	defer r.Close()
	for r.Step() {
	}
	if !r.stopped {
		r.finish()
	}
}

// arrives takes the head of a line, unless it is stale or its link is cut.
func (r *Runner) arrives(e *entry) bool {
	l := &r.lines[e.choice.Arg]
	if e.gen != l.gen {
		return false
	}
	if r.cutQueue(int(e.choice.Arg)) {
		l.parked = true
		return false
	}
	l.head++
	if l.head == len(l.due) {
		l.due, l.head = l.due[:0], 0
	}
	return true
}

func (r *Runner) cutQueue(q int) bool {
	c := &r.World.Conns[q/2]
	if q&1 == 0 {
		return r.World.blocked(c.A, c.B)
	}
	return r.World.blocked(c.B, c.A)
}

// answers tells whether a dial gets its answer: it needs both directions.
func (r *Runner) answers(e *entry) bool {
	d := &r.dials[e.choice.Arg]
	if e.gen != d.gen {
		return false
	}
	c := &r.World.Conns[e.choice.Arg]
	if r.World.blocked(c.A, c.B) || r.World.blocked(c.B, c.A) {
		d.parked, d.cause = true, e.cause
		return false
	}
	if r.refuses(c) {
		e.choice.Kind = ChoiceRefuse
	}
	return true
}

// rings tells whether an alarm is due; an entry of one that was set later is
// queued again.
func (r *Runner) rings(a *alarm, e *entry) bool {
	if e.gen != a.gen {
		return false
	}
	a.queued = false
	if !a.armed {
		return false
	}
	if a.deadline > e.at {
		a.queued, a.queuedAt = true, a.deadline
		r.push(a.deadline, e.choice, a.gen, a.cause)
		return false
	}
	a.armed = false
	e.cause = a.cause
	return true
}

func (r *Runner) set(a *alarm, at host.Time, c Choice, cause uint64) {
	a.armed, a.deadline, a.cause = true, at, cause
	if a.queued && a.queuedAt <= at {
		return
	}
	a.gen++
	a.queued, a.queuedAt = true, at
	r.push(at, c, a.gen, cause)
}

func (r *Runner) setAct(i int, act ClientAct, at host.Time, cause uint64) {
	for len(r.acts[i]) <= int(act) {
		r.acts[i] = append(r.acts[i], alarm{})
	}
	r.set(&r.acts[i][act], at, Choice{Kind: ChoiceClient, Alt: uint8(act), Arg: uint32(i)}, cause)
}

// apply applies a choice, judges what happened, and queues what became possible.
func (r *Runner) apply(c Choice, cause uint64) {
	w := r.World
	r.events++
	if r.sink != nil {
		r.describeChoice(c, cause)
	}
	detail := r.detailWord(c)
	r.covers(c)
	var conn Conn
	if c.Kind == ChoiceDeliver && len(r.fuses) > 0 {
		conn = w.Conns[c.Arg/2]
	}
	w.Now = r.now
	w.Apply(c)
	fingerprint := r.fold.Add(r.now, c.Word(), detail)
	if r.events%stateEvery == 0 {
		fingerprint = r.fold.Add(r.now, uint64(w.Fingerprint()), 0)
	}
	r.stale |= w.Touched
	if r.looks() {
		r.refresh()
	}
	for i := range w.Events {
		r.judge(&w.Events[i])
	}
	if len(r.found) < len(r.View.Violations) {
		r.foundSome()
	}
	for i := range w.Told {
		r.told(&w.Told[i])
	}
	if r.events == r.reroll.After {
		r.leave()
	}
	for i := range w.Notices {
		r.heed(&w.Notices[i])
	}
	if c.Kind == ChoiceDeliver {
		r.nextArrival(int(c.Arg))
		r.burn(conn.A, conn.B)
	}
	if len(r.syncs) > 0 {
		r.watchSyncs()
	}
	if w.setup.Grain == plan.GrainThreads {
		r.offerLanes(w.Touched)
	}
	if r.events == r.reroll.After {
		r.redraw()
	}
	if r.RecipeErr() != nil {
		r.done = true
	}
	if r.sink != nil {
		r.record(fingerprint)
	}
}

// detailWord adds to the running fingerprint what is delivered.
func (r *Runner) detailWord(c Choice) uint64 {
	if c.Kind != ChoiceDeliver {
		return 0
	}
	q := r.World.Queues[c.Arg]
	if q.Len() == 0 {
		return 1
	}
	return uint64(q.Head().Hash())
}

// nextArrival queues the message behind the one that was just delivered.
func (r *Runner) nextArrival(q int) {
	l := &r.lines[q]
	if l.head < len(l.due) {
		a := &l.due[l.head]
		// Behind a cut that was healed, messages are late: they keep their order
		// and arrive one after the other from now on.
		r.push(max(a.at, r.now+1), Choice{Kind: ChoiceDeliver, Arg: uint32(q)}, l.gen, a.cause)
	}
}

// Fingerprint returns the running fingerprint of all events so far.
func (r *Runner) Fingerprint() fp.Hash { return r.fold.Hash() }

// Now returns the virtual time.
func (r *Runner) Now() host.Time { return r.now }

// Events returns how many choices were applied.
func (r *Runner) Events() uint64 { return r.events }

// Counts returns the numbers of the run so far.
func (r *Runner) Counts() Counts {
	c := r.counts
	c.Events, c.SimulatedNanos = r.events, int64(r.now)
	return c
}
