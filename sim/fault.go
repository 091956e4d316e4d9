package sim

import (
	"strconv"
	"strings"

	"zabsim/internal/fp"
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
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
	Strike func(r *Runner, k int, f *plan.Fault, id quorum.ServerID) // of a fault that waits
	// Stage does what the fault has planned by Runner.Later.
	Stage func(r *Runner, k int, f *plan.Fault, stage int)
	// Draw returns arguments for a plan of many faults that a seed draws; nil if
	// the fault makes no sense in this ensemble. Without it the fault gets a target.
	Draw func(p *plan.Plan, d keyed.Draw) []string
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
	client int    // that it hits, 0: none
	key    string // its identity in decisions and draws
	chosen bool   // set was decided
	set    quorum.Set

	// What there is to undo.
	links   []Choice   // cuts
	holes   []Choice   // cuts whose bytes are lost
	paces   []pace     // links and disks that are slow
	process uint32     // the process that is paused: its diskGen + 1
	rate    uint16     // of target's clock
	step    int32      // milliseconds by which target's wall clock was set forward
	refuses uint8      // planes of target, as bits
	fills   bool       // target's disk is full
	exited  bool       // target's process has exited
	felled  quorum.Set // servers that Fell has crashed
	lies    bool       // target's disk lies
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
	return keyed.New(r.seed).Stream(concern).Key(uint64(fp.New(0).String(r.faults[k].key)))
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
		} else if f.client != 0 {
			target = clientName(f.client)
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
	case wakeStage:
		r.stage(int(e.choice.Arg), int(e.gen))
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

// Later lets fault k's kind do its stage after so much time.
func (r *Runner) Later(k int, after host.Duration, stage int) {
	r.push(r.now.Add(after), Choice{Kind: ChoiceNone, Alt: wakeStage, Arg: uint32(k)}, uint32(stage), r.events)
}

func (r *Runner) stage(k, stage int) {
	run := &r.faults[k]
	if !r.act2 && (run.on || run.kind.Instant) {
		run.kind.Stage(r, k, &r.plan.Faults[k], stage)
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
		if r.plan.Decisions[i].Key == key && !r.rerolled {
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
