package hunts

import (
	"zabsim/internal/conform"
	"zabsim/internal/fuzzysnap"
	"zabsim/zab/bug"
)

// snapRows are the hunts of what shows when a snapshot was taken while transactions
// went on, or when the leader prepares one change behind another.
var snapRows = []Hunt{
	fuzzy(bug.CversionByIncrement),
	fuzzy(bug.ReplayMissingParentFatal),
	compared(bug.MultiRollbackForgetsPrior),
	fuzzy(bug.CloseWithoutPaths),
	fuzzy(bug.DeleteLeavesPzxid),
	fuzzy(bug.ReplayTurnsBack),
	fuzzy(bug.ACLMissingOnReplay),
	fuzzy(bug.ACLNumbersReissued),
	fuzzy(bug.ExistsByMap),
	walks(bug.CreateAfterClose, false),
	walks(bug.UpgradeDangling, true),
	walks(bug.DeadConnectionWatch, false),
	{Switch: bug.CloseTooBig, Own: &Own{
		What: "clients", How: "sessions that end with ever more nodes, 3 servers", Unit: "session", Budget: 10,
		Find: func(bugs bug.Set, budget int) (check, detail string, n int) {
			return conform.EndSessions(bugs, budget)
		},
	}},
}

// fuzzy is the hunt of a bug that a search of fuzzy snapshots finds.
func fuzzy(b bug.Switch) Hunt {
	return Hunt{Switch: b, Own: &Own{
		What: "snapshots", How: "snapshots while transactions go on, node by node", Unit: "restart", Budget: 200_000,
		Find: func(bugs bug.Set, budget int) (check, detail string, n int) {
			f, n := fuzzysnap.Hunt(bugs, budget)
			if f == nil {
				return "", "", n
			}
			return f.Check, f.Detail, n
		},
	}}
}
