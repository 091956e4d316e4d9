package faults

import (
	"zabsim/internal/keyed"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// swizzle [n1,n2]: links die one by one and come back in another order.
var swizzle = sim.FaultKind{
	Name: "swizzle",
	Doc: "the links of some servers, the named ones or drawn by the seed, are cut one server after the other, and come back " +
		"one server after the other in another order: FoundationDB's swizzle-clogging",
	Survive: "everything that was committed",
	Color:   "#D95F02",
	Check: func(p *plan.Plan, f *plan.Fault) error {
		if len(f.Args) == 0 {
			return nil
		}
		_, err := oneSet(p, f, "swizzle")
		return err
	},
	Draw: func(*plan.Plan, keyed.Draw) []string { return []string{} },
	Inject: func(r *sim.Runner, k int, f *plan.Fault) {
		set := swizzled(r, k, f)
		d := r.FaultDraw("fault.swizzle", k)
		span := f.For / 3
		if span == 0 {
			span = host.Second
		}
		for rest := set; rest != 0; rest = rest.Without(rest.First()) {
			id := int(rest.First())
			d = d.Next()
			r.Later(k, host.Duration(d.Between(0, int64(span))), id)
			d = d.Next()
			if f.For > 0 {
				r.Later(k, f.For-span+host.Duration(d.Between(0, int64(span)-1)), id+quorum.Slots)
			}
		}
	},
	Stage: func(r *sim.Runner, k int, f *plan.Fault, stage int) {
		set := swizzled(r, k, f)
		if stage >= quorum.Slots {
			r.HealServer(k, quorum.ServerID(stage-quorum.Slots))
			return
		}
		id := quorum.ServerID(stage)
		eachOther(r.World.Setup().Quorum.All(), id, func(other quorum.ServerID) {
			if other > id || !set.Has(other) { // each link once
				r.CutLink(k, id, other)
				r.CutLink(k, other, id)
			}
		})
	},
	Heal: func(r *sim.Runner, k int, _ *plan.Fault) { r.HealLinks(k) },
}

func swizzled(r *sim.Runner, k int, f *plan.Fault) quorum.Set {
	if len(f.Args) > 0 {
		set, _ := parseSet(f.Args[0])
		return set
	}
	all := r.World.Setup().Quorum.All()
	return r.DecideSet(k, func(d keyed.Draw) quorum.Set { return drawSet(all, d, 1, all.Len()) })
}
