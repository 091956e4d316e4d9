package fuzzysnap

import (
	"flag"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

var updates = flag.Int("fuzzysnap-updates", 3, "how many updates the exhaustive search of the correct tree may make")

// budget is the states that a hunt may visit.
const budget = 100_000

// hunted are the switches that the search must find by itself, and within how many
// restarts.
var hunted = []struct {
	b      bug.Switch
	within int
}{
	{bug.CversionByIncrement, 20},
	{bug.ReplayMissingParentFatal, 1000},
	{bug.CloseWithoutPaths, 100},
	{bug.DeleteLeavesPzxid, 20},
	{bug.ReplayTurnsBack, 4000},
	{bug.ACLMissingOnReplay, 100},
	{bug.ACLNumbersReissued, 5000},
	{bug.ExistsByMap, 500},
}

// Goal: each bug of replay is found, by the check that it is said to break; no such
// bug is left out.
func TestHunt(t *testing.T) {
	left := 0
	for _, info := range bug.All() {
		if info.Tree && (info.Breaks[0] == reopens || info.Breaks[0] == opens) {
			left++
		}
	}
	assert.Len(t, hunted, left, "a switch of replay needs a hunt")
	for _, h := range hunted {
		t.Run(h.b.String(), func(t *testing.T) {
			found, n := Hunt(bug.Set{}.With(h.b), budget)
			require.NotNil(t, found, "not found in %d restarts", n)
			assert.Contains(t, h.b.Info().Breaks, found.Check)
			assert.LessOrEqual(t, n, h.within)
			t.Logf("%d restarts\n%s", n, found)
			again, m := Hunt(bug.Set{}.With(h.b), budget)
			assert.Equal(t, found, again, "a hunt is repeatable")
			assert.Equal(t, n, m)
		})
	}
}

// Goal: the correct tree comes through every schedule of every world, and so do those
// of the bugs that need no snapshot.
func TestNothingIsFoundWithoutABug(t *testing.T) {
	for _, bugs := range []bug.Set{{}, bug.Set{}.With(bug.VersionMinusOne).With(bug.MultiRollbackForgetsPrior)} {
		for _, w := range Worlds() {
			found, n := w.Explore(bugs, *updates, 100_000_000)
			assert.Nil(t, found, "%s", found)
			assert.True(t, n.Complete)
			assert.Greater(t, n.Schedules, uint64(n.Restarts))
			t.Logf("%-9s %d updates: %d states, %d restarts, %d schedules", w.Name, *updates, n.States, n.Restarts, n.Schedules)
		}
	}
}

// Goal: a search that is out of budget says so, and finds nothing.
func TestBudget(t *testing.T) {
	w := Worlds()[0]
	found, n := w.Explore(bug.Set{}, 5, 100)
	assert.Nil(t, found)
	assert.False(t, n.Complete)
	assert.Equal(t, 101, n.States)
	found, restarts := Hunt(bug.Set{}.With(bug.ExistsByMap), 30)
	assert.Nil(t, found)
	assert.Less(t, restarts, 30)
}

// Goal: what differs is told, whatever it is.
func TestDifference(t *testing.T) {
	a, b, other := entry{"/a", "x"}, entry{"/b", "x"}, entry{"/a", "y"}
	for _, c := range []struct {
		memory, reopened []entry
		want             string
	}{
		{nil, nil, ""},
		{[]entry{a, b}, []entry{a, b}, ""},
		{[]entry{a, b}, []entry{a}, "after the restart there is no /b (x)"},
		{[]entry{a, b}, []entry{b}, "after the restart there is no /a (x)"},
		{[]entry{b}, []entry{a, b}, "after the restart there is /a (x)"},
		{[]entry{a}, []entry{a, b}, "after the restart there is /b (x)"},
		{[]entry{a, b}, []entry{other, b}, "memory has /a (x), after the restart it is y"},
	} {
		assert.Equal(t, c.want, diff(c.memory, c.reopened))
	}
}

// Goal: a node that nobody lists, a session and an access list are part of what is
// compared.
func TestContent(t *testing.T) {
	s := tree.New(&tree.Config{Bugs: bug.Set{}.With(bug.ExistsByMap)})
	for i, x := range []txn.Txn{
		{Op: txn.OpCreate, Path: "/a"}, {Op: txn.OpCreate, Path: "/a/b"}, {Op: txn.OpDelete, Path: "/a"},
		{Op: txn.OpCreateSession, Session: 3, Timeout: 9},
		{Op: txn.OpCreate, Path: "/c", More: &txn.TxnMore{ACL: []txn.ACL{{Perms: 5, ID: txn.ID{Scheme: "ip", ID: "1.2.3.4"}}}}},
	} {
		x.Zxid, x.ParentCversion = zxid.Zxid(i+1), -1
		s.Apply(x.Seal())
	}
	all := content(s)
	assert.Contains(t, all, entry{"orphan /a/b", "can be read and is in no list of children"})
	assert.Contains(t, all, entry{"session 3", "9 ms"})
	i := slices.IndexFunc(all, func(e entry) bool { return e.name == "/c" })
	require.GreaterOrEqual(t, i, 0)
	assert.Contains(t, all[i].what, "acl 5,ip:1.2.3.4")
}
