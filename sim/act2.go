package sim

import (
	"zabsim/internal/keyed"
	"zabsim/sim/invariant"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// secondAct stops all faults, keeps a bare quorum of voters alive, and demands that a
// write commits in bounded time. Observers stay: they must not matter.
func (r *Runner) secondAct() {
	r.act2, r.armed = true, nil
	r.calm()
	core := coreOf(r.World.setup.Quorum, r.World.setup.Quorum.Voters&^r.harmedSet(), keyed.New(r.seed).Stream("sim.core").Key(0))
	for k := range r.faults {
		r.faults[k].links = r.faults[k].links[:0]
		if r.faults[k].on {
			r.faults[k].on, r.faults[k].until = false, r.now
		}
	}
	all := r.World.setup.Quorum.All()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if !core.Has(id) && r.World.setup.Quorum.Voters.Has(id) {
			r.Crash(id, "all")
		}
		for cut := r.World.Cut[id]; cut != 0; cut = cut.Without(cut.First()) {
			r.apply(Choice{Kind: ChoiceHeal, Node: id, Alt: uint8(cut.First())}, r.events)
		}
	}
	for rest := core | r.World.setup.Quorum.Observers; rest != 0; rest = rest.Without(rest.First()) {
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
	r.thirdAct()
}

// thirdAct starts the rest, and demands that everybody comes to serve in bounded
// time: a server whose disk is sound can always join (ZOOKEEPER-1653,
// ZOOKEEPER-1805).
func (r *Runner) thirdAct() {
	r.deadline = r.now.Add(r.HealBound())
	r.push(r.deadline, Choice{Kind: ChoiceNone, Alt: wakeEnd}, 0, r.events)
	for rest := r.World.setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		if r.World.Servers[rest.First()] == nil {
			r.push(r.now, Choice{Kind: ChoiceRestart, Node: rest.First()}, r.diskGen[rest.First()], r.events)
		}
	}
	r.watchJoins()
}

// watchJoins ends the third act soon after the last server has come to serve: what is
// under way may come to rest before memories are compared with disks.
func (r *Runner) watchJoins() {
	if !r.healed || r.settle > 0 || r.absent() != 0 {
		return
	}
	r.settle = r.now.Add(settleTime)
	r.push(r.settle, Choice{Kind: ChoiceNone, Alt: wakeEnd, Arg: 1}, 0, r.events)
}

// absent returns the servers that do not serve and could. One that has accepted a
// later epoch than the leader's can't: it led once, or followed one who led, without
// establishing that epoch, and refuses each leader below it until the next election
// (protocol fact 4.2; chaos seed 1 showed it). That is ZooKeeper's way.
func (r *Runner) absent() quorum.Set {
	var s quorum.Set
	leader := r.Leader()
	for rest := r.World.setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		up := r.View.Up.Has(id)
		if !up && r.World.Disks[id].harmed {
			continue // its disk may not open
		}
		if up && r.status[id].Serving || up && leader != 0 && r.status[id].AcceptedEpoch > r.status[leader].Epoch {
			continue
		}
		s = s.With(id)
	}
	return s
}

// settleTime is how long the world runs on after everybody serves.
const settleTime = 500 * host.Millisecond

// endSecondAct ends the run at the deadline of its act or after the rest.
func (r *Runner) endSecondAct() {
	if r.done || r.now < r.deadline && (r.settle == 0 || r.now < r.settle) {
		return
	}
	r.done = true
}

// finish runs the checks of the end.
func (r *Runner) finish() {
	if len(r.World.setup.Recipes) > 0 {
		r.History.Truth, r.History.Seeds = r.Truth(), seeds(r.plan)
	}
	if r.act2 && !r.Exhausted() && r.RecipeErr() == nil {
		invariant.Progress(r.View, r.healed, r.HealBound())
		if r.healed && r.settle == 0 {
			invariant.Rejoin(r.View, r.absent(), r.HealBound())
		}
	}
	for rest := r.World.setup.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if r.World.Servers[id] != nil {
			if r.status[id].Serving {
				r.reopen(id, false)
			}
		} else if _, err := zab.Recover(r.World.Disks[id].Image(false)); err != nil && !r.World.Disks[id].harmed {
			r.unreadable(id, err)
		}
	}
}
