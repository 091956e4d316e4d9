package election

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// choice is one thing that can happen next.
type choice struct {
	due   host.Time
	timer bool
	do    func()
}

// enabled lists what can happen, in a fixed order.
func (w *network) enabled() []choice {
	var cs []choice
	alive := w.wires[:0]
	for _, c := range w.wires {
		for end := range c.ends {
			if len(c.inbox[end]) > 0 {
				cs = append(cs, choice{c.inbox[end][0].due, false, func() { w.deliver(c, end) }})
			}
		}
		if !c.closed[0] || !c.closed[1] {
			alive = append(alive, c)
		}
	}
	w.wires = alive
	for i, d := range w.dials {
		if d.due < 1<<60 {
			cs = append(cs, choice{d.due, false, func() { w.connect(i) }})
		}
	}
	for i, n := range w.nodes {
		if n == nil {
			continue
		}
		id := quorum.ServerID(i)
		if n.ready != 0 {
			cs = append(cs, choice{n.ready, false, func() {
				n.ready = 0
				w.call(id, func(n *node, o *Outs) { n.Run(o) })
			}})
		}
		for t, due := range n.timers {
			if due != 0 {
				cs = append(cs, choice{due, true, func() {
					n.timers[t] = 0
					w.call(id, func(n *node, o *Outs) { n.TimerFired(TimerID(t), o) })
				}})
			}
		}
		if n.check != 0 {
			cs = append(cs, choice{n.check, true, func() { w.checkRole(id) }})
		}
	}
	return cs
}

// checkRole stands for discovery, initLimit and syncLimit: a follower whose
// leader does not lead, and a leader without a quorum, look again. Those who
// stay become active in a new epoch (fact 3.7).
func (w *network) checkRole(id quorum.ServerID) {
	n := w.nodes[id]
	n.check = w.now.Add(3 * host.Second)
	if n.State() != Leading {
		leader := n.Current().Leader
		if !w.leads(leader) {
			w.look(id)
		} else if e := w.nodes[leader].epoch; e != 0 {
			n.Established(e)
		}
		return
	}
	switch {
	case !n.cfg.Quorum.Contains(w.behind(id)):
		w.look(id)
	case n.epoch == 0:
		w.epoch++
		n.epoch = 10 + w.epoch
		n.Established(n.epoch)
	}
}

func (w *network) leads(id quorum.ServerID) bool {
	return w.nodes[id].on && w.nodes[id].decided && w.nodes[id].State() == Leading
}

func (w *network) behind(leader quorum.ServerID) quorum.Set {
	var s quorum.Set
	for i, n := range w.nodes {
		if n != nil && n.decided && n.Current().Leader == leader {
			s = s.With(quorum.ServerID(i))
		}
	}
	return s
}

// step lets one thing happen; false if nothing can.
func (w *network) step() bool {
	cs := w.enabled()
	if len(cs) == 0 {
		return false
	}
	w.steps++
	var pick *choice
	if w.patient {
		prompt := 0
		for i := range cs {
			if !cs[i].timer {
				prompt++
			}
		}
		if prompt > 0 {
			k := w.rnd.below(prompt)
			for i := range cs {
				if !cs[i].timer {
					if k == 0 {
						pick = &cs[i]
					}
					k--
				}
			}
			pick.do()
			return true
		}
	}
	for i := range cs {
		if pick == nil || cs[i].due < pick.due {
			pick = &cs[i]
		}
	}
	w.now = max(w.now, pick.due)
	pick.do()
	return true
}

// agreed tells whether all running servers decided on one leader that leads.
func (w *network) agreed() (quorum.ServerID, bool) {
	var leader quorum.ServerID
	for _, n := range w.nodes {
		if n == nil || !n.on {
			continue
		}
		if !n.decided || leader != 0 && leader != n.Current().Leader {
			return 0, false
		}
		leader = n.Current().Leader
	}
	return leader, leader != 0 && w.leads(leader)
}

// settle runs until all agree and returns the leader, or fails after the given
// virtual time.
func (w *network) settle(within host.Duration) quorum.ServerID {
	w.t.Helper()
	end := w.now.Add(within)
	for w.now < end && w.steps < 200_000 {
		if leader, ok := w.agreed(); ok {
			return leader
		}
		if !w.step() {
			break
		}
	}
	for i, n := range w.nodes {
		if n != nil {
			w.t.Logf("n%d on=%v %v phase=%d %v wait=%v inbox=%d up=%v dialing=%v pending=%v",
				i, n.on, n.State(), n.phase, n.Current(), n.wait, len(n.inbox), n.links.up, n.links.dialing, n.links.pending)
		}
	}
	w.t.Fatalf("no agreement by %s after %d steps", w.now.Seconds(), w.steps)
	return 0
}

// runFor lets virtual time pass.
func (w *network) runFor(d host.Duration) {
	end := w.now.Add(d)
	for limit := w.steps + 50_000; w.now < end && w.steps < limit; {
		if !w.step() {
			return
		}
	}
}
