package invariant

import (
	"testing"

	"zabsim/zab/zxid"
)

func TestReopenedDiskThatDiffersFromMemoryTrips(t *testing.T) {
	good := Facts{zxid.Make(1, 2), 5, 6}
	for text, bad := range map[string]Facts{
		"n2 has a tree up to 1.2 in memory, but its disk gives one up to 1.1":              {zxid.Make(1, 1), 4, 6},
		"n2 has another history up to 1.2 in memory than on disk":                          {good.Zxid, 4, 6},
		"n2 has another tree at 1.2 in memory than its disk gives, after the same history": {good.Zxid, 5, 7},
	} {
		w := newWorld(t, 3)
		w.judge(Event{Kind: EvReopen, Server: 2, Mem: good, Reopened: bad})
		w.trips("reopen-equals-memory", text)
	}
	w := newWorld(t, 3)
	w.judge(Event{Kind: EvReopen, Server: 2, Mem: good, Reopened: good})
	w.honest()
}
