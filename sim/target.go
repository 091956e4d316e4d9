package sim

import (
	"strconv"
	"strings"

	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// Target resolves the word for a server in fault k: n3, leader, follower,
// observer, any.
// It returns 0 if there is no such server now.
func (r *Runner) Target(k int, word string) quorum.ServerID {
	if id, ok := ParseServer(word); ok {
		r.faults[k].target = id
		return id
	}
	id := r.decideTarget(k, r.candidates(word))
	r.faults[k].target = id
	return id
}

// decideTarget draws one of a set of servers, or takes the one that the plan says.
func (r *Runner) decideTarget(k int, set quorum.Set) quorum.ServerID {
	v := r.Decide(r.faults[k].key+" target", func() string {
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
			return r.View.Up.Without(leader) &^ r.World.setup.Quorum.Observers
		}
	case "observer":
		return r.View.Up & r.World.setup.Quorum.Observers
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

// LeaderOf returns the server that server id takes for its leader, 0 if none.
func (r *Runner) LeaderOf(id quorum.ServerID) quorum.ServerID { return r.status[id].Leader }

// Aim makes id the server that fault k hits.
func (r *Runner) Aim(k int, id quorum.ServerID) { r.faults[k].target = id }

// TargetOf returns the server that fault k hit.
func (r *Runner) TargetOf(k int) quorum.ServerID { return r.faults[k].target }

// ParseServer parses "n3".
func ParseServer(word string) (quorum.ServerID, bool) {
	if len(word) == 2 && word[0] == 'n' && word[1] >= '1' && word[1] <= '0'+quorum.Max {
		return quorum.ServerID(word[1] - '0'), true
	}
	return 0, false
}

// Client resolves the word for a client in fault k: c2, or any-client for one that
// has a connection now. It returns 0 if there is no such client.
func (r *Runner) Client(k int, word string) int {
	if _, ok := ParseClient(word); !ok {
		word = r.Decide(r.faults[k].key+" client", func() string { return r.drawClient(k) })
	}
	c, ok := ParseClient(word)
	if !ok || c > r.plan.Clients {
		return 0
	}
	r.faults[k].client = c
	return c
}

func (r *Runner) drawClient(k int) string {
	var set ClientSet
	for c := 1; c <= r.plan.Clients; c++ {
		if r.World.clientSlot(c) >= 0 {
			set = set.With(c)
		}
	}
	if set == 0 {
		return "none"
	}
	for n := r.faultDraw("fault.client", k).Below(uint64(set.Len())); n > 0; n-- {
		set = set.Without(set.First())
	}
	return clientName(set.First())
}

func clientName(c int) string { return "c" + strconv.Itoa(c) }

// ParseClient parses "c2".
func ParseClient(word string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(word, "c"))
	if err != nil || n < 1 || n > plan.MaxClients || clientName(n) != word {
		return 0, false
	}
	return n, true
}

// FaultDraw returns the draw of a concern that belongs to fault k.
func (r *Runner) FaultDraw(concern string, k int) keyed.Draw { return r.faultDraw(concern, k) }

// DecideSet returns the servers that fault k means: what the plan says, or else what
// draw says, which is recorded.
func (r *Runner) DecideSet(k int, draw func(d keyed.Draw) quorum.Set) quorum.Set {
	if f := &r.faults[k]; f.chosen {
		return f.set
	}
	v := r.Decide(r.faults[k].key+" servers", func() string {
		var words []string
		for rest := draw(r.faultDraw("fault.servers", k)); rest != 0; rest = rest.Without(rest.First()) {
			words = append(words, rest.First().String())
		}
		return strings.Join(words, ",")
	})
	var set quorum.Set
	for _, word := range strings.Split(v, ",") {
		if id, ok := ParseServer(word); ok {
			set = set.With(id)
		}
	}
	r.faults[k].chosen, r.faults[k].set = true, set
	return set
}
