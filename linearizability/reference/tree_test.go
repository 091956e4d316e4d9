package reference

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func newTree(bugs bug.Set) func(Config) txn.StateMachine {
	return func(cfg Config) txn.StateMachine {
		return tree.New(&tree.Config{
			Bugs: bugs, EnforceQuota: cfg.EnforceQuota, ExtendedTypes: cfg.ExtendedTypes, SuperDigest: cfg.SuperDigest,
		})
	}
}

// TestTree compares the tree with the reference model: answers, events, and all that is
// there in the end.
func TestReferenceAndTreeAgree(t *testing.T) {
	check(t, *runs, func(t *rapid.T) { drive(t, bug.Set{}, newTree(bug.Set{})) })
}

// ends are the switches with which a server ends itself: no answer to compare.
var ends = []bug.Switch{bug.TTLOpcodeWithoutTTL, bug.MalformedQuotaKills}

// TestTreeOfReleases compares both with the bugs that releases had.
func TestReferenceAndTreeOfReleasesAgree(t *testing.T) {
	// The model knows nothing of what is announced and not applied.
	unknown := append(slices.Clone(ends), bug.MultiRollbackForgetsPrior)
	for _, release := range []string{"3.4.14", "3.5.10", "3.6.4", "3.7.2", "3.8.0", "3.8.4", "3.9.0", "3.9.4"} {
		t.Run(release, func(t *testing.T) {
			bugs, err := bug.Profile(release)
			require.NoError(t, err)
			for _, b := range unknown {
				bugs = bugs.Without(b)
			}
			check(t, *runs/8, func(t *rapid.T) { drive(t, bugs, newTree(bugs)) })
		})
	}
}

// TestBugsOfTheTreeAreFound compares a tree that has a bug with a model that has not.
func TestReferenceFindsBugsOfTheTree(t *testing.T) {
	for _, info := range bug.All() {
		if !slices.Contains(info.Breaks, "reference") || info.Switch == bug.BadPasswordKicks { // of connections: package zab
			continue
		}
		var others bug.Set
		if info.Switch == bug.RecursiveInChildTable { // shows when one table forgets
			others = others.With(bug.RemoveWatchesByTable)
		}
		t.Run(info.Name, func(t *testing.T) { finds(t, others, newTree(others.With(info.Switch))) })
	}
}

// The one difference that is known: ZooKeeper refuses to delete the parent of a node
// that a closeSession, validated but not applied, takes away. It is why the rig applies
// a closeSession before it draws something that deletes.
func TestPendingCloseKeepsParents(t *testing.T) {
	sm := newTree(bug.Set{})(Config{})
	b := newBench(t, Config{})
	var batch []*txn.Txn
	for i, r := range []txn.Request{
		{Op: txn.OpCreateSession, Session: 1},
		{Op: txn.OpCreate, Path: "/a"},
		{Op: txn.OpCreate, Path: "/a/e", Session: 1, Flags: modeEphemeral},
		{Op: txn.OpCloseSession, Session: 1},
		{Op: txn.OpDelete, Path: "/a", Version: txn.AnyVersion},
	} {
		b.ok(r)
		batch = append(batch, sm.Prep(&r, txn.SessionCheck{}, zxid.Zxid(i+1), 0))
	}
	for i, p := range batch {
		res := sm.Apply(p)
		require.Equal(t, i == 4, res.Err == txn.NotEmpty)
	}
}
