package hunts

import "zabsim/zab/bug"

// treeRows are the hunts of the bugs of the tree, the sessions and the watches.
var treeRows = []Hunt{
	compared(bug.LoneCheckUnanswered),
	compared(bug.TTLOpcodeWithoutTTL),
	compared(bug.MalformedQuotaKills),
	compared(bug.OneShotReplacesPersistent),
	walks(bug.BadPasswordKicks, false),
	// Shows when one of the two tables forgets.
	{Switch: bug.RecursiveInChildTable, Reference: &Reference{Bugs: bug.Set{}.With(bug.RemoveWatchesByTable)}},
	compared(bug.CheckWatchesOfAnybody),
	compared(bug.RemoveWatchesByTable),
	compared(bug.EventWithoutZxid),
	compared(bug.EventsIgnoreACL),
	compared(bug.ExistsUnchecked),
	compared(bug.VersionMinusOne),
	compared(bug.IPv4Only),
	compared(bug.MultiCreatePlain),
	compared(bug.DeleteContainerMisread),
}

// compared is the hunt of a bug that shows when the tree is compared with the model.
func compared(b bug.Switch) Hunt { return Hunt{Switch: b, Reference: &Reference{}} }
