package sim

import (
	"fmt"
	"strconv"

	"zabsim/zab/quorum"
)

// Crash stops server id now. keep says what becomes of the log records that are
// not synced: all, some, none, or torn: all but the last, which is half there.
func (r *Runner) Crash(id quorum.ServerID, keep string) { r.crash(id, keep, false) }

// Fell crashes server id as part of fault k, which hits several servers, if it runs.
func (r *Runner) Fell(k int, id quorum.ServerID, keep string) {
	if id != 0 && r.World.Servers[id] != nil {
		r.faults[k].felled = r.faults[k].felled.With(id)
		r.crash(id, keep, false)
	}
}

// HealFelled starts the servers again that Fell has crashed for fault k, and no
// others: those are down for faults of their own.
func (r *Runner) HealFelled(k int) {
	f := &r.faults[k]
	for ; f.felled != 0; f.felled = f.felled.Without(f.felled.First()) {
		r.Restart(f.felled.First())
	}
}

// crash stops server id. If it does so because a disk operation has failed, nothing
// of that operation is there.
func (r *Runner) crash(id quorum.ServerID, keep string, failed bool) {
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
		if keep == "torn" && d.tail() > 0 {
			o.Keep, o.Torn = uint16(d.tail()-1), true
		}
		if failed {
			o.Stage = StageNone
		}
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
	if r.World.Servers[id] == nil {
		r.counts.Refused++ // or it would be a violation, see World.restart
	}
}
