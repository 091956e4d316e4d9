package sim

import (
	"fmt"

	"zabsim/zab/quorum"
)

// Ails lists what faults do to the world now, one line for each: what must be gone
// when the last of them has healed. Faults that are armed and wait ail nobody yet.
func (r *Runner) Ails() []string {
	var list []string
	say := func(wrong bool, format string, args ...any) {
		if wrong {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	all := r.World.setup.Quorum.All()
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		clock, disk := &r.World.Clocks[id], &r.disks[id]
		say(r.World.Servers[id] == nil, "%v is down", id)
		say(r.World.Paused.Has(id), "%v is paused", id)
		say(len(r.parked[id]) > 0 && !r.World.Paused.Has(id), "%v runs, but %d events of it are parked", id, len(r.parked[id]))
		say(clock.Rate != 0, "timers of %v last %d thousandths", id, clock.Rate)
		say(clock.Wall != 0, "the wall clock of %v is off by %d ns", id, clock.Wall)
		say(disk.more != 0, "the disk of %v takes %d times as long", id, disk.more+1)
		say(disk.failing != 0, "the next operation of the disk of %v fails", id)
		say(disk.full != 0, "the disk of %v is full", id)
		say(r.World.Disks[id] != nil && r.World.Disks[id].lying, "the disk of %v lies", id)
		for p := range planes {
			say(r.refuse[id][p] != 0, "dials to %v on the plane %v are refused", id, p)
		}
		r.ailingLinks(id, all, say)
	}
	for c := 1; c < len(r.freezes); c++ {
		parked := len(r.parked[ClientEnd(c)])
		say(r.World.Frozen.Has(c), "c%d is frozen", c)
		say(parked > 0 && !r.World.Frozen.Has(c), "c%d runs, but %d events of it are parked", c, parked)
	}
	return list
}

func (r *Runner) ailingLinks(from quorum.ServerID, all quorum.Set, say func(bool, string, ...any)) {
	for rest := all; rest != 0; rest = rest.Without(rest.First()) {
		to := rest.First()
		say(r.World.Cut[from].Has(to), "%v>%v is cut", from, to)
		say(r.links[from][to] != 0, "%v>%v takes %d times as long", from, to, r.links[from][to]+1)
	}
}
