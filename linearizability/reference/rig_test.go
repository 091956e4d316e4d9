package reference

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// rig runs the same requests on a model and on a state machine, and compares all that
// clients can see. Updates are prepared in batches, as the leader's pipeline does, so
// that validation must look at changes that are not applied yet.
type rig struct {
	*rapid.T
	m       *Model
	sm      txn.StateMachine
	z       zxid.Zxid
	millis  int64
	callers []*caller
	opened  int // connections and sessions so far
	batch   []prepared
	said    []string // what was done, for a failure
}

type caller struct {
	session txn.SessionID
	watcher txn.Watcher
	addr    string
	ids     []txn.ID
	closing bool
}

type prepared struct {
	r      *txn.Request
	t      *txn.Txn
	c      *caller
	check  txn.SessionCheck
	z      zxid.Zxid
	millis int64
}

// drive draws a run and compares; make makes the state machine. The model has bugs.
func drive(t *rapid.T, bugs bug.Set, make func(Config) txn.StateMachine) {
	cfg := Config{
		Bugs:          bugs,
		EnforceQuota:  rapid.IntRange(0, 2).Draw(t, "enforce") == 0,
		ExtendedTypes: rapid.IntRange(0, 5).Draw(t, "extended") > 0,
		SuperDigest:   "super:" + superHash,
	}
	g := &rig{T: t, m: New(cfg), sm: make(cfg), millis: 1000}
	for i := range 3 {
		g.callers = append(g.callers, &caller{addr: fmt.Sprintf("127.0.0.%d", i+1)})
		g.reopen(g.callers[i])
	}
	if rapid.IntRange(0, 2).Draw(t, "quota") == 0 {
		g.setQuota()
	}
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		g.step()
	}
	g.flush()
	g.compareAll()
}

func (g *rig) step() {
	c := rapid.SampledFrom(g.callers).Draw(g.T, "caller")
	switch n := rapid.IntRange(0, 39).Draw(g.T, "step"); {
	case n < 22:
		g.prepare(c, drawUpdate(g.T, g.m))
	case n < 36:
		g.flush()
		g.read(c, drawRead(g.T, g.m, g.z))
	case n < 38:
		g.flush()
		user := rapid.SampledFrom(users).Draw(g.T, "user")
		c.ids, _ = g.m.Authenticate(c.ids, c.addr, "digest", user)
		g.m.SetIDs(c.watcher, c.ids)
		g.say("%d: addAuth %s", c.session, user)
		g.read(c, &txn.Request{Op: txn.OpWhoAmI})
	case n < 39:
		g.flush()
		g.say("%d: reconnects", c.session)
		g.connect(c)
		// Whatever was said so far goes on in a copy, and nothing in a snapshot is lost.
		g.sm = g.sm.Clone()
		d := g.sm.Dump()
		for d.Next(g.sm) {
		}
		g.equal(g.sm.Digest(), d.State().Digest(), "a snapshot while nothing happens")
	default:
		g.flush()
		maxNeverUsed := rapid.Int64Range(0, 20).Draw(g.T, "never used")
		want := g.m.Expired(g.millis, maxNeverUsed)
		got := g.sm.Expired(g.millis*1e6, maxNeverUsed)
		g.equal(fmt.Sprint(want), fmt.Sprint(got), "expired")
	}
}

// setQuota makes the nodes that a quota consists of; some may be there.
func (g *rig) setQuota() {
	top := rapid.SampledFrom(quotaTops).Draw(g.T, "top")
	text := rapid.SampledFrom(quotaTexts).Draw(g.T, "limits")
	var paths []string
	for _, base := range []string{"", quotaRoot} {
		for p := top; p != "/"; p = parent(p) {
			paths = append([]string{base + p}, paths...)
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int { return len(a) - len(b) })
	for _, p := range append(paths, quotaRoot+top+limitsName, quotaRoot+top+statsName) {
		r := &txn.Request{Op: txn.OpCreate, Path: p}
		if strings.HasSuffix(p, limitsName) {
			r.Data = text
		}
		g.prepare(g.callers[0], r)
	}
}

// connect gives a caller a new connection, which has no watches.
func (g *rig) connect(c *caller) {
	if c.watcher != 0 {
		g.m.Unwatch(c.watcher)
		g.sm.Unwatch(c.watcher)
	}
	g.opened++
	c.watcher = txn.Watcher(g.opened)
	c.ids = []txn.ID{{Scheme: "ip", ID: c.addr}}
	g.m.SetIDs(c.watcher, c.ids)
}

// reopen gives a caller a new session.
func (g *rig) reopen(c *caller) {
	g.connect(c)
	c.session, c.closing = txn.SessionID(g.opened)<<8, false
	g.prepare(c, &txn.Request{Op: txn.OpCreateSession, Timeout: 4000})
	g.flush()
}

// prepare validates an update, and applies it some time.
func (g *rig) prepare(c *caller, r *txn.Request) {
	// A pending closeSession announces that its nodes go, but not that their parents have
	// fewer children: until it is applied they can't be deleted (PrepRequestProcessor).
	closes := slices.ContainsFunc(g.batch, func(p prepared) bool { return p.r.Op == txn.OpCloseSession })
	if closes && !r.Op.IsCreate() {
		g.flush()
	}
	var check txn.SessionCheck
	switch {
	case c.closing:
		check = txn.SessionCheck{Session: txn.SessionExpired, Global: txn.SessionExpired}
	case r.Op != txn.OpMulti && rapid.IntRange(0, 39).Draw(g.T, "moved") == 0:
		check = txn.SessionCheck{Session: txn.SessionMoved, Global: txn.SessionMoved}
	}
	r.Session, r.Auth, r.Cxid = c.session, c.ids, uint32(g.z)+1
	g.z++
	g.millis += rapid.Int64Range(0, 9).Draw(g.T, "time")
	t := g.sm.Prep(r, check, g.z, g.millis*1e6)
	g.batch = append(g.batch, prepared{r, t, c, check, g.z, g.millis})
	if r.Op == txn.OpCloseSession {
		c.closing = true
	}
	// What is pending is not seen by the check of quotas, and a pending setACL not at all.
	if r.Op == txn.OpSetACL || g.m.cfg.EnforceQuota || rapid.Bool().Draw(g.T, "apply") {
		g.flush()
	}
}

// flush applies what was prepared.
func (g *rig) flush() {
	batch := g.batch
	g.batch = nil
	for _, p := range batch {
		g.say("%s %d: %s", p.z, p.r.Session, show(p.r))
		got := g.sm.Apply(p.t)
		events := slices.Clone(g.sm.Events())
		want, wantEvents := g.m.Do(p.z, p.millis, p.r, Caller{p.c.watcher, p.check})
		g.compare(p.r, &want, &got, wantEvents, events)
	}
	for _, c := range g.callers {
		if c.closing {
			g.reopen(c)
		}
	}
}

func (g *rig) read(c *caller, r *txn.Request) {
	r.Session, r.Auth = c.session, c.ids
	g.say("%d: %s", r.Session, show(r))
	got := g.sm.Read(r, c.watcher)
	events := slices.Clone(g.sm.Events())
	want, wantEvents := g.m.Do(0, 0, r, Caller{Watcher: c.watcher})
	g.compare(r, &want, &got, wantEvents, events)
}

func (g *rig) say(format string, args ...any) { g.said = append(g.said, fmt.Sprintf(format, args...)) }

func show(r *txn.Request) string {
	text := fmt.Sprintf("%s %q", r.Op, r.Path)
	if r.Op.IsCreate() || r.Op == txn.OpAddWatch || r.Op == txn.OpCheckWatches || r.Op == txn.OpRemoveWatches {
		text += fmt.Sprintf(" mode %d", r.Flags)
	}
	text += fmt.Sprintf(" data %q null %t version %d ttl %d watch %t", r.Data, r.Null, r.Version, r.TTL, r.Watch)
	if r.More != nil {
		text += fmt.Sprintf(" acl %v watches %v", r.More.ACL, r.More.Watches)
		for i := range r.More.Ops {
			text += "\n\t" + show(&r.More.Ops[i])
		}
	}
	return text
}

func (g *rig) equal(want, got any, what string) {
	require.Equal(g.T, want, got, "%s (reference, then the state machine) after\n%s", what, strings.Join(g.said, "\n"))
}

func (g *rig) compare(r *txn.Request, want, got *txn.Result, wantEvents, events []txn.Event) {
	g.said[len(g.said)-1] += " -> " + answer(r, want)
	g.equal(answer(r, want), answer(r, got), "answer")
	for _, c := range g.callers {
		g.equal(g.seen(wantEvents, c), g.seen(events, c), "events")
	}
}

// answer writes what a client sees of a result.
func answer(r *txn.Request, res *txn.Result) string {
	if res.Err != txn.OK {
		return res.Err.String()
	}
	more := res.More
	if more == nil {
		more = &txn.ResultMore{}
	}
	text := "OK"
	switch r.Op {
	case txn.OpCreate:
		text += " " + more.Path
	case txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer:
		text += fmt.Sprintf(" %s %+v", more.Path, res.Stat)
	case txn.OpExists, txn.OpSetData, txn.OpSetACL:
		text += fmt.Sprintf(" %+v", res.Stat)
	case txn.OpGetData:
		text += fmt.Sprintf(" %q %t %+v", res.Data, res.Null, res.Stat)
	case txn.OpGetChildren, txn.OpGetEphemerals:
		text += fmt.Sprintf(" %q", more.Names)
	case txn.OpGetChildren2:
		text += fmt.Sprintf(" %q %+v", more.Names, res.Stat)
	case txn.OpGetACL:
		text += fmt.Sprintf(" %v %+v", more.ACL, res.Stat)
	case txn.OpGetAllChildrenNumber:
		text += fmt.Sprint(" ", more.Number)
	case txn.OpWhoAmI:
		text += fmt.Sprint(" ", more.IDs)
	case txn.OpMulti, txn.OpMultiRead:
		for i := range more.Results {
			res := &more.Results[i]
			text += fmt.Sprintf("\n\t%s %s", res.Op, answer(&txn.Request{Op: res.Op}, res))
		}
	}
	return text
}

// seen writes the events of a connection that it may see, in order. Those of a
// setWatches have no zxid.
func (g *rig) seen(events []txn.Event, c *caller) string {
	text := ""
	for _, e := range events {
		if e.To == c.watcher && allowed(e.ACL, permRead, c.ids) {
			text += fmt.Sprintf("%s %s %s\n", e.Type, e.Path, e.Zxid)
		}
	}
	return text
}

// compareAll reads everything as the super user.
func (g *rig) compareAll() {
	super := []txn.ID{{Scheme: "super"}}
	ask := func(op txn.Op, path string, session txn.SessionID) {
		r := &txn.Request{Op: op, Path: path, Auth: super, Session: session}
		got := g.sm.Read(r, 0)
		want, _ := g.m.Do(0, 0, r, Caller{})
		g.equal(answer(r, &want), answer(r, &got), "final "+path)
	}
	ask(txn.OpGetAllChildrenNumber, "/", 0)
	for i := range g.m.nodes {
		for _, op := range []txn.Op{txn.OpGetData, txn.OpGetACL, txn.OpGetChildren2} {
			ask(op, g.m.nodes[i].path, 0)
		}
	}
	var sessions []session
	g.sm.Sessions(func(id txn.SessionID, timeout int32) bool {
		sessions = append(sessions, session{id, timeout})
		return true
	})
	g.equal(g.m.sessions, sessions, "sessions")
	for _, s := range g.m.sessions {
		ask(txn.OpGetEphemerals, "/", s.id)
	}
}
