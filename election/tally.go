package election

import (
	"zabsim/internal/fp"
	"zabsim/zab/quorum"
)

// tally is a map from server to the vote last heard from it, with the state it
// was in. Slots outside set hold zero.
type tally struct {
	set   quorum.Set
	votes [quorum.Slots]Note
}

func (t *tally) put(from quorum.ServerID, n *Note) {
	t.set = t.set.With(from)
	t.votes[from] = *n
}

func (t *tally) clear() { *t = tally{} }

// likeness is how votes of two settled servers compare.
type likeness uint8

const (
	byEpoch  likeness = iota // leader and peerEpoch
	byLeader                 // leader alone
	byAll                    // zxid and round, too: only with a bug
)

// supporters returns the servers whose vote equals the probe, Vote.equals in
// FastLeaderElection.getVoteTracker.
//
// As soon as one of the two votes is from a LOOKING server all four fields
// count. Between settled servers zxid and round do not, because the members of
// one ensemble may have joined it by different ways (ZOOKEEPER-1805).
func (t *tally) supporters(probe *Note, settled likeness) quorum.Set {
	var s quorum.Set
	for rest := t.set; rest != 0; rest = rest.Without(rest.First()) {
		from := rest.First()
		if alike(&t.votes[from], probe, settled) {
			s = s.With(from)
		}
	}
	return s
}

func alike(a, b *Note, settled likeness) bool {
	switch {
	case a.State == Looking || b.State == Looking || settled == byAll:
		return a.Vote == b.Vote
	case settled == byLeader:
		return a.Vote.Leader == b.Vote.Leader
	default:
		return a.Vote.Leader == b.Vote.Leader && a.Vote.PeerEpoch == b.Vote.PeerEpoch
	}
}

// leading tells whether id itself was heard to be LEADING.
func (t *tally) leading(id quorum.ServerID) bool {
	return t.set.Has(id) && t.votes[id].State == Leading
}

func (t *tally) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(t.set))
	for rest := t.set; rest != 0; rest = rest.Without(rest.First()) {
		h = t.votes[rest.First()].fold(h)
	}
	return h
}
