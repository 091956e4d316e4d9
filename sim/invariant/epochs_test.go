package invariant

import (
	"testing"

	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func TestEpochsThatGoBackTripEpochs(t *testing.T) {
	for text, bad := range map[string]struct {
		files  [2]zxid.Epoch // accepted, current
		memory [2]zxid.Epoch
	}{
		"n1: acceptedEpoch goes back on disk: 3, then or there 2":               {[2]zxid.Epoch{2, 2}, [2]zxid.Epoch{3, 2}},
		"n1: currentEpoch goes back on disk: 2, then or there 1":                {[2]zxid.Epoch{3, 1}, [2]zxid.Epoch{3, 2}},
		"n1: acceptedEpoch is below currentEpoch on disk: 4, then or there 3":   {[2]zxid.Epoch{3, 4}, [2]zxid.Epoch{3, 2}},
		"n1: acceptedEpoch goes back in memory: 3, then or there 2":             {[2]zxid.Epoch{3, 2}, [2]zxid.Epoch{2, 2}},
		"n1: currentEpoch goes back in memory: 2, then or there 1":              {[2]zxid.Epoch{3, 2}, [2]zxid.Epoch{3, 1}},
		"n1: acceptedEpoch is below currentEpoch in memory: 5, then or there 4": {[2]zxid.Epoch{5, 5}, [2]zxid.Epoch{4, 5}},
		"n1: acceptedEpoch in memory is ahead of the disk: 3, then or there 4":  {[2]zxid.Epoch{3, 2}, [2]zxid.Epoch{4, 2}},
		"n1: currentEpoch in memory is ahead of the disk: 2, then or there 3":   {[2]zxid.Epoch{3, 2}, [2]zxid.Epoch{3, 3}},
	} {
		w := newWorld(t, 3)
		w.disk[1].Accepted, w.disk[1].Current = 3, 2
		w.judge(Event{Kind: EvDisk, Server: 1})
		w.set(1, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = 3, 2 })
		w.honest()
		w.disk[1].Accepted, w.disk[1].Current = bad.files[0], bad.files[1]
		w.judge(Event{Kind: EvDisk, Server: 1})
		w.set(1, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = bad.memory[0], bad.memory[1] })
		w.trips("epochs", text)
	}
}

// Memory follows the file; a crash forgets memory; and after a crash between
// history and file the epoch of the history counts (protocol.md 13.5).
func TestEpochsThatRise(t *testing.T) {
	w := newWorld(t, 3)
	w.disk[1].Accepted = 2
	w.judge(Event{Kind: EvDisk, Server: 1})
	w.set(1, func(st *zab.Status) { st.AcceptedEpoch = 2 })
	w.write([]*txn.Txn{tx(2, 1, "x")}, 1)
	w.judge(Event{Kind: EvCrash, Server: 1})
	w.set(1, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = 2, 2 })
	w.log[1].Truncate(0) // as a TRUNC does
	w.disk[1].Synced = 0
	w.judge(Event{Kind: EvDisk, Server: 1})
	w.set(1, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = 2, 2 })
	w.write([]*txn.Txn{tx(2, 1, "x")}, 1)
	w.epochs(3, 1)
	w.judge(Event{Kind: EvCrash, Server: 1})
	w.set(1, func(st *zab.Status) { st.AcceptedEpoch, st.CurrentEpoch = 3, 2 })
	w.honest()
}
