package spec

import (
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// addPrograms gives the clients the scenario's programs, in turn.
func (s *Scenario) addPrograms(p *plan.Plan) {
	for c := 1; len(s.Programs) > 0 && c <= p.Clients; c++ {
		line := s.Programs[(c-1)%len(s.Programs)]
		line.Client = c
		p.Programs = append(p.Programs, line)
	}
}

// addOps draws the operations of all clients: as many as fit into the first act
// if each took no time.
func (s *Scenario) addOps(p *plan.Plan, rng keyed.Rand) {
	kind, key, wait := rng.Stream("load.kind"), rng.Stream("load.key"), rng.Stream("load.wait")
	total, interval := s.Mix.Sum(), s.interval(p.Clients)
	if interval == 0 {
		return
	}
	for c := len(p.Programs) + 1; c <= p.Clients; c++ {
		var last host.Duration // when the operation before starts
		for n := 1; ; n++ {
			draw := wait.Key2(uint64(c), uint64(n))
			at, burst := s.start(last, host.Duration(draw.Between(int64(interval/2), int64(interval*3/2))), p.For, draw)
			if at > p.For {
				break
			}
			op := plan.Op{Client: c, Number: n, Wait: (at - last).Round(host.Microsecond)}
			last = at
			op.Key = "/r" + strconv.Itoa(int(key.Key2(uint64(c), uint64(n)).Below(uint64(s.Keys))))
			op.Kind = s.Mix.pick(kind.Key2(uint64(c), uint64(n)).Below(total))
			if burst {
				op.Kind = plan.OpSet
			}
			if op.Kind.Writes() {
				op.Value = "c" + strconv.Itoa(c) + "-" + strconv.Itoa(n)
			}
			p.Ops = append(p.Ops, op)
		}
	}
}

// interval is the mean time between two operations of one of so many clients, 0 if
// there are none.
func (s *Scenario) interval(clients int) host.Duration {
	if s.Rate > 0 {
		return host.Duration(clients) * host.Second / host.Duration(s.Rate)
	}
	return s.Interval
}

// start returns when an operation starts that would start so long after the last
// one, and whether it is the one write of a lull.
func (s *Scenario) start(last, after, length host.Duration, d keyed.Draw) (at host.Duration, burst bool) {
	for _, l := range s.Lulls {
		from, first, until := s.scale(l.From, length), s.scale(l.Burst, length), s.scale(l.Until, length)
		switch at := last + after; {
		case at < from || last >= until:
		case last < from:
			return first + host.Duration(d.Next().Between(0, int64(host.Second))), true
		default:
			return until + after, false
		}
	}
	return last + after, false
}

func (m Mix) pick(d uint64) plan.OpKind {
	switch {
	case d < m.Set:
		return plan.OpSet
	case d < m.Set+m.CAS:
		return plan.OpCAS
	case d < m.Set+m.CAS+m.Get:
		return plan.OpGet
	}
	return plan.OpSyncGet
}
