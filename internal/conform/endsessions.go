package conform

import (
	"fmt"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// EndSessions ends sessions at an ensemble of three, of which each has twice the
// ephemeral nodes of the one before, until nobody can write any more or budget sessions
// have ended. It returns the check that broke and how, "" if none did, and how many
// sessions there were.
func EndSessions(bugs bug.Set, budget int) (check, detail string, n int) {
	w, err := begin(bugs, false)
	if err != nil {
		return "disk-opens", err.Error(), 0
	}
	long := strings.Repeat("x", 8000)
	for n = 1; n <= budget; n++ {
		g := w.come(fmt.Sprint("s", n), 0, "")
		if g.session == 0 {
			return "progress-after-heal", fmt.Sprintf("after a session with %d nodes has ended nobody gets one any more", 1<<(n-2)), n - 1
		}
		for i := range 1 << (n - 1) {
			w.ask(g, txn.Request{Op: txn.OpCreate, Path: fmt.Sprintf("/%s%d", long, i), Flags: 1})
		}
		w.ask(g, txn.Request{Op: txn.OpCloseSession})
	}
	return "", "", budget
}
