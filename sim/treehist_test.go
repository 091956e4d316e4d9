package sim_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability"
	"zabsim/linearizability/history"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// rover works on a few nodes in all ways that a history may hold: ephemeral and
// sequential nodes, multis, watches of all kinds, syncs with reads behind them, and
// sessions that end.
var rover = &client.Program{Name: "rover", Run: func(c client.Client) {
	ensure(c, "/rove")
	spy := func(c client.Client) {
		for n := range 25 {
			path := "/rove/" + strconv.Itoa(c.Rand(3))
			var err error
			switch c.Rand(5) {
			case 0:
				_, _, _, err = c.GetW(path)
			case 1:
				_, _, _, err = c.ExistsW(path)
			case 2:
				_, _, _, err = c.ChildrenW("/rove")
			case 3:
				if err = c.Sync(path); err == nil {
					_, _, err = c.Get(path)
				}
			case 4:
				mode := client.WatchPersistent
				if n%2 == 0 {
					mode = client.WatchRecursive
				}
				var w client.Watch
				if w, err = c.AddWatch("/rove", mode); err == nil && c.Rand(3) == 0 {
					err = c.RemoveWatch(w)
				}
			}
			revive(c, err)
			c.Sleep(time.Duration(c.Rand(120)) * time.Millisecond)
		}
	}
	c.Spawn("spy", spy)
	for n := range 40 {
		path := "/rove/" + strconv.Itoa(c.Rand(3))
		var err error
		switch c.Rand(8) {
		case 0, 1:
			_, err = c.Create(path, c.Name(), client.CreateMode(c.Rand(2)))
		case 2:
			_, err = c.Create("/rove/s-", "", client.EphemeralSequential)
		case 3, 4:
			_, err = c.Set(path, fmt.Sprint(c.Name(), n))
		case 5:
			err = c.Delete(path, -1)
		case 6:
			_, err = c.Multi(client.SetOp(path, "m", -1), client.SetOp("/rove", strconv.Itoa(n), -1))
		case 7:
			if c.Rand(4) == 0 {
				c.Close()
				err = client.ErrSessionExpired
			}
		}
		revive(c, err)
		c.Sleep(time.Duration(c.Rand(100)) * time.Millisecond)
	}
}}

func hangup(millis int, who string) plan.Fault {
	return plan.Fault{At: host.Duration(millis) * host.Millisecond, Name: "hangup", Args: []string{who}}
}

// treeFaults are the troubles in which histories must stay sound.
var treeFaults = [][]plan.Fault{
	nil,
	{leaderCrash},
	{{At: 700 * host.Millisecond, For: 3 * host.Second, Name: "isolate", Args: []string{"leader"}}},
	{hangup(600, "c1"), hangup(900, "c2"), hangup(1200, "c6"), hangup(1500, "c1"), hangup(1800, "c6"), hangup(2100, "c2")},
	{{At: 800 * host.Millisecond, For: 4 * host.Second, Name: "freeze", Args: []string{"c1"}}, leaderCrash, hangup(3500, "c2"), hangup(3700, "c6")},
}

// Goal: what recipes saw in real runs passes every check, and none of the checks looks
// at nothing. Method: the samples and a client that does everything, over seeds, with
// crashes and cuts of the leader.
func TestHistoriesOfRecipesAreSound(t *testing.T) {
	seen := map[string]int{}
	for kind, list := range treeFaults {
		for seed := range uint64(16) {
			p := recipePlan(seed, 6, list...)
			if seed%2 == 1 {
				p.Grain = plan.GrainThreads
			}
			r := runRecipes(p, rover, rover, counter, siblings, listener, rover)
			require.NoError(t, r.RecipeErr())
			require.Empty(t, r.View.Violations)
			sound(t, r, fmt.Sprint("faults ", kind, " seed ", seed), seen)
		}
	}
	for seed := range uint64(8) {
		sound(t, runRecipes(recipePlan(seed, 1), watcher), fmt.Sprint("watcher ", seed), seen)
	}
	t.Log(seen)
	for _, what := range []string{"events", "persistent", "one-shot", "syncs", "lost", "closed", "multi"} {
		assert.Positive(t, seen[what], what)
	}
}

// sound demands that no check finds anything, and counts what there was to find.
func sound(t *testing.T, r *sim.Runner, name string, seen map[string]int) {
	t.Helper()
	h := &r.History
	for _, res := range linearizability.CheckAll(h, linearizability.DefaultBudget) {
		assert.NotEqual(t, linearizability.Violated, res.Verdict, "%s: %s: %s", name, res.Check, res.Detail)
		if res.Verdict == linearizability.Unknown {
			seen["unknown "+res.Check]++
		}
	}
	seen["runs"]++
	seen["events"] += len(h.Watched)
	for i := range h.Calls {
		c := &h.Calls[i]
		switch {
		case c.Req == nil:
		case c.Outcome == history.Unknown:
			seen["lost"]++
		case c.Req.Op == txn.OpSync && !c.Unvouched:
			seen["syncs"]++
		case c.Req.Op == txn.OpAddWatch:
			seen["persistent"]++
		case c.Req.Op == txn.OpMulti:
			seen["multi"]++
		case c.Req.Op == txn.OpCloseSession:
			seen["closed"]++
		case c.Req.Watch:
			seen["one-shot"]++
		}
	}
}
