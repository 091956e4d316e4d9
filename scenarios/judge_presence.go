package scenarios

import (
	"sort"
	"strconv"
	"strings"

	"zabsim/sim"
	"zabsim/sim/cnxn"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The checks of group membership.
const (
	sessionLives    = "session-lives-while-heard"
	sessionEnds     = "session-ends-in-silence"
	membersConverge = "members-converge"
	membersProgress = "members-progress"
	// sessionExpired is the sight of a session that the server ended, sessionMoved of
	// one that went on at another server.
	sessionExpired = "session-expired"
	sessionMoved   = "session-moved"
)

// gentle are the faults under which a client that can speak is heard in time.
var gentle = []string{"freeze", "hangup", "crash", "restart"}

func judgePresence(x *recipeRun) []Check {
	lives, ends, converge := &verdict{name: sessionLives}, &verdict{name: sessionEnds}, &verdict{name: membersConverge}
	x.moves()
	x.expiries(lives, ends)
	for _, root := range x.roots() {
		x.members(root, converge)
	}
	progress := &verdict{name: membersProgress, kind: NoProgress}
	for _, a := range x.lines {
		if why := x.stopped(a.line.Client); why != "" {
			progress.complain("c%d gave up: %s", a.line.Client, why)
		}
	}
	return []Check{lives.check(), ends.check(), converge.check(), progress.check()}
}

// moves notes whether a session was answered by two servers.
func (x *recipeRun) moves() {
	at := map[txn.SessionID]uint64{}
	for i := range x.run.History.Calls {
		c := &x.run.History.Calls[i]
		if c.Req == nil || c.Zxid == 0 {
			continue
		}
		if before := at[c.Req.Session]; before != 0 && before != uint64(c.Server) {
			x.saw(sessionMoved)
		}
		at[c.Req.Session] = uint64(c.Server)
	}
}

// expiries compares the sessions that servers ended with the times in which clients
// were silent. A ping that left just before counts from when it left.
func (x *recipeRun) expiries(lives, ends *verdict) {
	owners := x.owners()
	var silences, outages []sim.Interval
	for _, f := range x.run.Intervals() {
		switch {
		case !contains(gentle, f.Name):
			return // a server that hears a client may not reach the leader
		case f.Name == "freeze":
			silences = append(silences, f)
		case f.Name != "hangup":
			outages = append(outages, f)
		}
	}
	timeout := x.granted()
	ping := cnxn.PingInterval(int32(timeout / host.Millisecond))
	closed := map[int][]host.Time{}
	for _, t := range x.truth {
		c, known := owners[t.Session]
		if t.Op != txn.OpCloseSession || t.Cxid != 0 || !known {
			continue
		}
		at := x.run.CommittedAt(t.Zxid)
		closed[c] = append(closed[c], at)
		x.saw(sessionExpired)
		if !covered(silences, c, at, timeout-ping) {
			lives.complain("the session of c%d ended at %s, and it was not silent for %s", c, at.Seconds(), timeout-ping)
		}
	}
	late := timeout + 3*x.plan.TickTime/2 + host.Second
	for _, f := range silences {
		c, _ := strconv.Atoi(strings.TrimPrefix(f.Target, "c"))
		if f.Until.Sub(f.From) <= late || !x.isMine(c) || justSilent(silences, f, late) || newLeader(outages, f, late) {
			continue
		}
		found := false
		for _, at := range closed[c] {
			found = found || at > f.From && at <= f.From.Add(late)
		}
		if !found {
			ends.complain("c%d was silent from %s on, and its session did not end by %s", c, f.From.Seconds(), f.From.Add(late).Seconds())
		}
	}
}

// justSilent tells whether the client of f was silent shortly before f, too: it may
// have had no session to lose.
func justSilent(silences []sim.Interval, f sim.Interval, shortly host.Duration) bool {
	for _, g := range silences {
		if g.Target == f.Target && g.From < f.From && f.From.Sub(g.Until) < shortly {
			return true
		}
	}
	return false
}

// newLeader tells whether a server was away around the time in which the session of f
// has to end: a new leader gives every session its full time again
// (LeaderSessionTracker starts with all sessions of the tree).
func newLeader(outages []sim.Interval, f sim.Interval, late host.Duration) bool {
	for _, g := range outages {
		if g.From <= f.From.Add(late) && g.Until.Add(late) >= f.From {
			return true
		}
	}
	return false
}

func (x *recipeRun) isMine(c int) bool {
	for _, a := range x.lines {
		if a.line.Client == c {
			return true
		}
	}
	return false
}

// granted returns the session time-out that servers grant.
func (x *recipeRun) granted() host.Duration {
	return min(max(x.plan.SessionTimeout, 2*x.plan.TickTime), 20*x.plan.TickTime)
}

// covered tells whether client c had been silent for so long at a time. The end of
// the session may commit a little after the client speaks again.
func covered(silences []sim.Interval, c int, at host.Time, long host.Duration) bool {
	for _, f := range silences {
		if f.Target == "c"+strconv.Itoa(c) && at.Sub(f.From) >= long && at <= f.Until.Add(host.Second) {
			return true
		}
	}
	return false
}

// members compares what clients saw last with who is there.
func (x *recipeRun) members(root string, v *verdict) {
	there := map[string]bool{}
	var changed host.Time
	var newest zxid.Zxid
	x.each(func(t *txn.Txn) {
		mark := func(node string, is bool) {
			if name, ok := below(root, node); ok {
				there[name] = is
				changed, newest = x.run.CommittedAt(t.Zxid), t.Zxid
			}
		}
		switch {
		case t.Op.IsCreate():
			mark(t.Path, true)
		case t.Op == txn.OpDelete:
			mark(t.Path, false)
		case t.Op == txn.OpCloseSession && t.More != nil:
			for _, node := range t.More.Paths {
				mark(node, false)
			}
		}
	})
	if max(changed, x.lastFault()).Add(quiet) > x.run.Now() {
		x.missed = append(x.missed, "a quiet time before the end")
		return
	}
	var names []string
	for name, is := range there {
		if is {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	want := strings.Join(names, ",")
	last := map[int]string{}
	for i := range x.run.Notes {
		if n := &x.run.Notes[i]; n.Word == "members" && x.mine(n.Client, root) {
			last[n.Client] = n.Detail
		}
	}
	judged := 0
	for _, a := range x.lines {
		c := a.line.Client
		if a.text("root") != root || !x.heardOf(c, newest) {
			continue // it looks for a server still
		}
		if judged++; last[c] != want {
			v.complain("in the end c%d sees %q below %s, there are %q", c, last[c], root, want)
		}
	}
	if judged == 0 {
		x.missed = append(x.missed, "a client that has heard of the last change of "+root)
	}
}

// heardOf tells whether client c got an answer from a server that knew of a change, a
// while before the end: its client writes again and again.
func (x *recipeRun) heardOf(c int, change zxid.Zxid) bool {
	for i := range x.run.History.Calls {
		call := &x.run.History.Calls[i]
		if call.Client == c && call.Outcome.Known() && call.Zxid >= change && call.Ended.Add(host.Second) < x.run.Now() {
			return true
		}
	}
	return false
}
