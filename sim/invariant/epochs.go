package invariant

import (
	"fmt"

	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// A server may take the epoch of its last zxid for its currentEpoch when it
// starts: a crash between history and epoch file leaves the file behind
// (protocol.md 13.5). So memory may rise as far above the file as the durable
// history is, and no further. What it has risen to it keeps: the next leader may cut
// that history off the disk before it names the epoch that is written.
var epochs = Check{
	Name:   "epochs",
	Doc:    "acceptedEpoch and currentEpoch never go back, on disk nor in a running process; accepted is never below current; memory never rises ahead of the disk.",
	Source: "protocol.md 1.2, 1.4 and 17.4; ZOOKEEPER-1291, ZOOKEEPER-1653, ZOOKEEPER-2307, ZOOKEEPER-4269",
	events: []EventKind{EvDisk, EvStatus},
	run:    checkEpochs,
}

func checkEpochs(v *View, e *Event) {
	if e.Kind == EvDisk {
		v.checkDiskEpochs(e.Server)
		return
	}
	st, seen := v.Status[e.Server], &v.Ghost.Epochs[e.Server]
	if st == nil || !v.Up.Has(e.Server) {
		return
	}
	d := v.Disk[e.Server]
	switch {
	case st.AcceptedEpoch < seen.MemAccepted:
		v.failEpoch(e.Server, "acceptedEpoch goes back in memory", seen.MemAccepted, st.AcceptedEpoch)
	case st.CurrentEpoch < seen.MemCurrent:
		v.failEpoch(e.Server, "currentEpoch goes back in memory", seen.MemCurrent, st.CurrentEpoch)
	case st.AcceptedEpoch < st.CurrentEpoch:
		v.failEpoch(e.Server, "acceptedEpoch is below currentEpoch in memory", st.CurrentEpoch, st.AcceptedEpoch)
	case d == nil:
	case st.AcceptedEpoch > seen.MemAccepted && st.AcceptedEpoch > d.Accepted && st.AcceptedEpoch > d.lastEpoch():
		v.failEpoch(e.Server, "acceptedEpoch in memory is ahead of the disk", d.Accepted, st.AcceptedEpoch)
	case st.CurrentEpoch > seen.MemCurrent && st.CurrentEpoch > d.Current && st.CurrentEpoch > d.lastEpoch():
		v.failEpoch(e.Server, "currentEpoch in memory is ahead of the disk", d.Current, st.CurrentEpoch)
	}
}

func (v *View) checkDiskEpochs(id quorum.ServerID) {
	d, seen := v.Disk[id], &v.Ghost.Epochs[id]
	switch {
	case d == nil:
	case d.Accepted < seen.Accepted:
		v.failEpoch(id, "acceptedEpoch goes back on disk", seen.Accepted, d.Accepted)
	case d.Current < seen.Current:
		v.failEpoch(id, "currentEpoch goes back on disk", seen.Current, d.Current)
	case d.Accepted < d.Current:
		v.failEpoch(id, "acceptedEpoch is below currentEpoch on disk", d.Current, d.Accepted)
	}
}

func (v *View) failEpoch(id quorum.ServerID, what string, right, wrong zxid.Epoch) {
	v.fail(quorum.Of(id), zxid.Make(max(right, wrong), 0), fmt.Sprintf("%v: %s: %d, then or there %d", id, what, right, wrong))
}
