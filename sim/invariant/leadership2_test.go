package invariant

import "testing"

// ZOOKEEPER-335: nobody had promised the epoch, so the next leader took it again.
func TestTwoLeadersOfOneEpochInTurnTripLeadership2(t *testing.T) {
	w := newWorld(t, 3)
	w.establish(1, 1, Point{})
	w.status[1].Stopping = true
	w.establish(2, 1, Point{})
	w.trips("leadership-2", "n2 is established as leader of epoch 1, which had n1 before")
}

func TestOneLeaderForEachEpochIsFine(t *testing.T) {
	w := newWorld(t, 3)
	w.establish(1, 1, Point{})
	w.establish(2, 3, Point{})
	w.establish(3, 2, Point{}) // late: its last acknowledgement took long
	w.honest()
	if want := SeenSecondLeader | SeenTwoLeaders | SeenLateEstablish; !w.Seen.Has(want) {
		t.Errorf("seen %v", w.Seen.Names())
	}
}
