package sim

import (
	"math/bits"

	"zabsim/zab"
)

// ClientSet is a set of clients of a plan: bit c-1 stands for client c. The client
// of the second act has no bit: it is never frozen.
type ClientSet uint64

// Has tells whether client c is a member; 0, which is no client, never is.
func (s ClientSet) Has(c int) bool { return s>>uint(c-1)&1 != 0 }

// With returns the set with client c.
func (s ClientSet) With(c int) ClientSet { return s | 1<<uint(c-1) }

// Without returns the set without client c.
func (s ClientSet) Without(c int) ClientSet { return s &^ (1 << uint(c-1)) }

// Len returns the number of members.
func (s ClientSet) Len() int { return bits.OnesCount64(uint64(s)) }

// First returns the member with the lowest number, 0 if there is none.
func (s ClientSet) First() int {
	if s == 0 {
		return 0
	}
	return bits.TrailingZeros64(uint64(s)) + 1
}

// Freeze lets the process of a client stand still, as part of fault k: by SIGSTOP,
// or a long collection of garbage. No event of it happens: no ping leaves, what
// arrives waits in its socket, and what its library or its recipe waits for comes
// due when it goes on. Its server only hears nothing. A dial that it has made is
// answered then, too, as Pause says. Client 0 is nobody.
func (r *Runner) Freeze(k, client int) {
	if client == 0 {
		return
	}
	r.faults[k].client = client
	r.freezes[client]++
	if r.freezes[client] == 1 {
		r.apply(Choice{Kind: ChoiceFreeze, Arg: uint32(client)}, r.events)
	}
}

// Thaw ends fault k's freeze. The client goes on when the last fault that freezes it
// ends.
func (r *Runner) Thaw(k int) {
	client := r.faults[k].client
	if client == 0 {
		return
	}
	if r.freezes[client]--; r.freezes[client] == 0 {
		r.thaw(client)
	}
}

func (r *Runner) thaw(client int) {
	r.freezes[client] = 0
	r.apply(Choice{Kind: ChoiceThaw, Arg: uint32(client)}, r.events)
	r.release(ClientEnd(client))
}

// thawAll ends all freezes, for the second act.
func (r *Runner) thawAll() {
	for client := range r.freezes {
		if r.freezes[client] > 0 {
			r.thaw(client)
		}
	}
}

// HangUp breaks the connection of a client, if it has one: what was on its way
// vanishes, and each end learns of it in its own time. Client 0 is nobody.
func (r *Runner) HangUp(client int) {
	if slot := r.World.clientSlot(client); slot >= 0 {
		r.apply(Choice{Kind: ChoiceBreak, Arg: uint32(slot)}, r.events)
	}
}

// clientSlot returns the slot of the connection that a client has open, -1 if none.
// One that was broken is none, though the client may not know yet.
func (w *World) clientSlot(client int) int {
	for slot := range w.Conns {
		c := &w.Conns[slot]
		if c.State == ConnOpen && c.Plane == zab.PlaneClient && c.AOpen && c.A.Client() == client && !w.Queues[2*slot].fin {
			return slot
		}
	}
	return -1
}
