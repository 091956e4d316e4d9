package bug

import (
	"slices"
	"strings"
)

// NotBuilt is a bug that ZooKeeper had, or has, and that can't be switched on: what it
// breaks is not built here, or nobody knows how it comes about.
type NotBuilt struct {
	Name string   // as it would be called
	JIRA []string // issues that describe it
	Doc  string   // what goes wrong
	Why  string   // why it can't be switched on
	Open bool     // the newest release has it
}

// NotBuiltYet returns what is known and not built, in the order of the alphabet. The
// caller must not change it.
func NotBuiltYet() []NotBuilt { return notBuilt }

var notBuilt = []NotBuilt{
	{
		Name: "epoch.from-log-only",
		JIRA: []string{"ZOOKEEPER-582"},
		Doc: "The next epoch is taken from the log files alone. If somebody has put a snapshot of a higher epoch there, the " +
			"new epoch is below it, and after a restart the old snapshot wins over the newer log.",
		Why: "needs an operator who copies files between servers",
	},
	{
		Name: "leader.wait-full-initlimit",
		JIRA: []string{"ZOOKEEPER-3109"},
		Doc:  "A voter that changes its mind leaves the server that it voted for first waiting for it, as leader, for all of initLimit.",
		Why:  "breaks no promise: it only takes longer until somebody leads",
		Open: true,
	},
	{
		Name: "readonly.shared-db",
		JIRA: []string{"ZOOKEEPER-3526"},
		Doc: "A server in read-only mode numbers the sessions that end there from zxid 1 on, in the database that it later " +
			"leads with: its window of commits begins below all others, and learners are told to truncate.",
		Why:  "the read-only mode is not built",
		Open: true,
	},
	{
		Name: "reconfig.old-quorum-check",
		JIRA: []string{"ZOOKEEPER-1699"},
		Doc: "A leader that waits for a new configuration to be acknowledged looks for a quorum of the old one only: it stays, " +
			"though it can commit nothing.",
		Why: "reconfiguration is not built",
	},
	{
		Name: "reconfig.version-race",
		JIRA: []string{"ZOOKEEPER-2212"},
		Doc: "While a new configuration's version is set, an old notification is still being answered: a server that joins " +
			"drops the votes that it needs, and never follows.",
		Why: "reconfiguration is not built",
	},
	{
		Name: "session.ephemeral-left-by-diff",
		JIRA: []string{"ZOOKEEPER-5010"},
		Doc:  "After a leader crashed while an ephemeral node was being created, followers keep the node and the new leader lacks it.",
		Why:  "nobody knows the cause: a target of searches and no switch",
		Open: true,
	},
	{
		Name: "sync.min-zero-diff",
		JIRA: []string{"ZOOKEEPER-4352"},
		Doc: "A leader whose window of commits begins at zxid 0 sends an empty new server a DIFF made of that window, though " +
			"older data is in its snapshot: the new server has a part of the tree.",
		Why:  "needs an ensemble that grows by reconfiguration",
		Open: true,
	},
}

// LookupNotBuilt finds what is known and not built by its name or by a JIRA issue, as
// Lookup does.
func LookupNotBuilt(name string) (NotBuilt, bool) {
	want := canonical(name)
	for _, n := range notBuilt {
		if slices.ContainsFunc(append([]string{n.Name}, n.JIRA...), func(s string) bool { return strings.EqualFold(s, want) }) {
			return n, true
		}
	}
	return NotBuilt{}, false
}
