package reference

import (
	"fmt"
	"slices"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// rig runs the same requests on a model and on a state machine, and compares all that
// clients can see. Updates are prepared in batches, as the leader's pipeline does, so
// that validation must look at changes that are not applied yet.
type rig struct {
	d       Draw
	m       *Model
	sm      txn.StateMachine
	z       zxid.Zxid
	millis  int64
	callers []*caller
	opened  int // connections and sessions so far
	batch   []prepared
	hold    bool     // the batch goes on
	said    []string // what was done, for a failure
	err     error    // the first difference: nothing is compared after it
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

// Compare draws a run of up to 40 steps, and returns the first difference between what
// clients see of the reference model and of the state machine that make makes; nil if
// there is none. The model has bugs.
func Compare(d Draw, bugs bug.Set, make func(Config) txn.StateMachine) error {
	cfg := Config{
		Bugs:          bugs,
		EnforceQuota:  d.Int(0, 2, "enforce") == 0,
		ExtendedTypes: d.Int(0, 5, "extended") > 0,
		SuperDigest:   "super:" + superHash,
	}
	g := &rig{d: d, m: New(cfg), sm: make(cfg), millis: 1000}
	for i := range 3 {
		g.callers = append(g.callers, &caller{addr: fmt.Sprintf("127.0.0.%d", i+1)})
		g.reopen(g.callers[i])
	}
	if g.d.Int(0, 2, "quota") == 0 {
		g.setQuota()
	}
	for rest := d.Int(1, 40, "steps"); rest > 0 && g.err == nil; rest-- {
		g.step()
	}
	g.flush()
	g.compareAll()
	return g.err
}

const nanosPerMilli = 1_000_000

// superHash is base64(sha1("super:pw")), the super user of the recordings.
const superHash = "0bX78nEegDzJM3ju0iLBEJdWzjg="

func (g *rig) step() {
	c := pick(g.d, g.callers, "caller")
	switch n := g.d.Int(0, 42, "step"); {
	case n < 22:
		g.prepare(c, drawUpdate(g.d, g.m))
	case n < 36:
		g.flush()
		g.read(c, drawRead(g.d, g.m, g.z))
	case n < 38:
		g.flush()
		user := pick(g.d, users, "user")
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
		g.equal(fmt.Sprint(g.sm.Digest()), fmt.Sprint(d.State().Digest()), "a snapshot while nothing happens")
	case n < 41:
		g.pipeline(c)
	case n < 42:
		g.flush()
		g.age(pick(g.d, g.m.nodes, "old").path)
	default:
		g.flush()
		maxNeverUsed := int64(g.d.Int(0, 20, "never used"))
		want := g.m.Expired(g.millis, maxNeverUsed)
		got := g.sm.Expired(g.millis*nanosPerMilli, maxNeverUsed)
		g.equal(fmt.Sprint(want), fmt.Sprint(got), "expired")
	}
}

// pipeline prepares changes below one parent before any of them is applied, with a
// multi among them that may fail: the leader must not lose what it knows of the parent.
func (g *rig) pipeline(c *caller) {
	g.flush()
	top := drawParent(g.d, g.m)
	g.hold = true
	for range g.d.Int(2, 4, "stages") {
		r := &txn.Request{Op: txn.OpCreate, Path: join(top, "s-"), Flags: modeSequential}
		switch g.d.Int(0, 2, "stage") {
		case 0:
			r = &txn.Request{Op: txn.OpMulti, More: &txn.RequestMore{Ops: []txn.Request{*r, drawChange(g.d, g.m)}}}
		case 1:
			r = &txn.Request{Op: txn.OpDelete, Path: top, Version: txn.AnyVersion}
		}
		g.prepare(c, r)
	}
	g.hold = false
	g.flush()
}

// age makes a node one that was written almost 2^32 times.
func (g *rig) age(path string) {
	g.z++
	n := g.m.find(path)
	r := &txn.Request{Op: txn.OpSetData, Path: path, Data: n.data, Null: n.null, Version: txn.AnyVersion, Auth: []txn.ID{{Scheme: "super"}}}
	t := g.sm.Prep(r, txn.SessionCheck{}, g.z, g.millis*nanosPerMilli)
	if t.Op == txn.OpSetData {
		t.Version = -3 + int32(len(path)%2)
		t.Seal()
	}
	g.say("%s: %s, so often that its version is %d", g.z, show(r), t.Version)
	g.sm.Apply(t)
	if want, _ := g.m.Do(g.z, g.millis, r, Caller{}); want.Err == txn.OK && t.Op == txn.OpSetData {
		g.m.find(path).version = t.Version
	}
}

// setQuota makes the nodes that a quota consists of; some may be there.
func (g *rig) setQuota() {
	top := pick(g.d, quotaTops, "top")
	text := pick(g.d, quotaTexts, "limits")
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
	case r.Op != txn.OpMulti && g.d.Int(0, 39, "moved") == 0:
		check = txn.SessionCheck{Session: txn.SessionMoved, Global: txn.SessionMoved}
	}
	r.Session, r.Auth, r.Cxid = c.session, c.ids, uint32(g.z)+1
	g.z++
	g.millis += int64(g.d.Int(0, 9, "time"))
	t := g.sm.Prep(r, check, g.z, g.millis*nanosPerMilli)
	g.equal("", g.sm.Crashed(), "the server's end")
	g.batch = append(g.batch, prepared{r: r, t: t, c: c, check: check, z: g.z, millis: g.millis})
	if r.Op == txn.OpCloseSession {
		c.closing = true
	}
	// What is pending is not seen by the check of quotas, and a pending setACL not at all.
	if r.Op == txn.OpSetACL || g.m.cfg.EnforceQuota || !g.hold && g.d.Int(0, 1, "apply") == 1 {
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
		g.equal("", g.sm.Crashed(), "the server's end")
		events := slices.Clone(g.sm.Events())
		want, wantEvents := g.m.Do(p.z, p.millis, p.r, Caller{p.c.watcher, p.check})
		g.compare(p.r, &want, &got, wantEvents, events)
		if g.err != nil {
			return
		}
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

func (g *rig) equal(want, got, what string) {
	if g.err == nil && want != got {
		g.err = fmt.Errorf("%s: the reference says\n%v\nand the state machine\n%v\nafter\n%s", what, want, got, strings.Join(g.said, "\n"))
	}
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
	if g.err != nil {
		return
	}
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
	g.equal(fmt.Sprint(g.m.sessions), fmt.Sprint(sessions), "sessions")
	for _, s := range g.m.sessions {
		ask(txn.OpGetEphemerals, "/", s.id)
	}
}
