package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/txn"
)

// ZOOKEEPER-4643: a new epoch on an old history wins the election.
func TestLeaderWithoutCommittedHistoryTripsLeaderCompleteness(t *testing.T) {
	w, _ := committed(t, 2)
	w.establish(2, 2, after(Point{}, tx(1, 1, "x")))
	w.trips("leader-completeness", "n2 leads epoch 2 with a history up to 1.1 that lacks the committed 1.2")
}

// A deposed leader commits what its successor does not have.
func TestLateCommitTripsLeaderCompleteness(t *testing.T) {
	w, end := committed(t, 1)
	x := tx(1, 2, "x")
	w.propose(1, x)
	w.establish(2, 2, end)
	w.write([]*txn.Txn{x}, 1, 3)
	w.commit(1, x)
	w.trips("leader-completeness", "n1 commits 1.2, which n2 lacks since it became leader of epoch 2")
}

func TestLateLeaderWithMoreTripsLeaderCompleteness(t *testing.T) {
	w, end := committed(t, 1)
	x := tx(1, 2, "x")
	w.propose(1, x)
	w.write([]*txn.Txn{x}, 1, 3)
	w.establish(2, 3, end)
	w.probe(3, establishProbe(2, after(end, x)))
	assert.Equal(t, []string{"leader-completeness", "initial-history"}, w.names())
	assert.Equal(t, "n3 leads epoch 2 with a history up to 1.2 that is no prefix of a later leader's", w.Violations[0].Text)
}

func TestLateLeaderWithLessTripsLeaderCompleteness(t *testing.T) {
	w, end := committed(t, 2)
	w.establish(2, 3, end)
	w.probe(3, establishProbe(2, after(Point{}, tx(1, 1, "x"))))
	w.trips("leader-completeness", "n3 leads epoch 2 with a history up to 1.1 that lacks the committed 1.2")
}

// A late leader lacks what was committed after the later one began; a deposed
// leader may learn late that its proposal is committed.
func TestLateButCompleteIsFine(t *testing.T) {
	w, end := committed(t, 1)
	x := tx(1, 2, "x")
	w.propose(1, x)
	w.write([]*txn.Txn{x}, 1, 2, 3)
	w.establish(2, 3, after(end, x))
	y := tx(3, 1, "y")
	w.propose(2, y)
	w.write([]*txn.Txn{y}, 2, 3)
	w.commit(2, y)
	w.probe(3, establishProbe(2, after(end, x)))
	w.commit(1, x)
	w.deliver(1, tx(1, 1, "x"), x)
	w.honest()
	if !w.Seen.Has(SeenLateCommit | SeenLateEstablish) {
		t.Errorf("seen %v", w.Seen.Names())
	}
}
