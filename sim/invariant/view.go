package invariant

import (
	"zabsim/internal/fp"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// View is what checks may see. The caller owns what the pointers lead to and
// changes it between two calls of Judge.
type View struct {
	Quorum *quorum.Config
	Up     quorum.Set // processes that run
	// Status holds the current facts of each server, the last known ones while
	// it is down. Nil where there is no server.
	Status [quorum.Slots]*zab.Status
	// Disk holds the durable facts of each server, up or down.
	Disk  [quorum.Slots]*DiskFacts
	Ghost Ghost
	// Violations holds the first violation of each check, in order.
	Violations []Violation
	Seen       Seen // what happened at least once
	// Sample thins the checks out: 0 or 1 runs them at each event, k at each
	// k-th event. The ghost learns from all events either way.
	Sample uint32

	thorough bool // take no shortcut

	// The last pair that process-consistency found in order, by server: a prefix is
	// one for ever.
	prefix [quorum.Slots]pair

	events uint32            // judged so far
	at     int               // the event's history as an index into the ghost's proposals
	hint   [quorum.Slots]int // a guess where to look: right or wrong, the result is the same
}

// EventKind is the kind of an Event.
type EventKind uint8

// The events.
const (
	EvProbe   EventKind = iota // Server reported Probe
	EvStatus                   // Server's Status changed
	EvAck                      // Server sent ACK Zxid on the quorum plane to Peer
	EvDisk                     // Server's durable facts changed
	EvCrash                    // Server's process ended; what its disk kept follows as EvDisk
	EvReopen                   // Server's disk was read from scratch and compared with its memory
	EvPromise                  // Server sent LEADERINFO Zxid
	eventKinds
)

// Facts sums a tree up: its last transaction, its history and its content.
type Facts struct {
	Zxid   zxid.Zxid
	Chain  fp.Hash
	Digest fp.Hash
}

// Event is one thing that happened. Only the fields of its kind count.
type Event struct {
	Kind          EventKind
	Server, Peer  quorum.ServerID
	Zxid          zxid.Zxid
	Probe         zab.Probe
	Mem, Reopened Facts // EvReopen: the tree in memory, and the one the disk gives
}

// Violation is one broken promise. Text is a plain sentence.
type Violation struct {
	Check   string
	Text    string
	Servers quorum.Set
	Zxid    zxid.Zxid // the transaction or epoch start at issue, 0 if none
}

// String writes "prefix-consistency: n1 and n3 differ at 2.4".
func (x *Violation) String() string { return x.Check + ": " + x.Text }

// Init makes v the view of an ensemble in which nothing has happened. It keeps
// the memory and Sample.
func (v *View) Init(q *quorum.Config) {
	*v = View{Quorum: q, Violations: v.Violations[:0], Sample: v.Sample, Ghost: v.Ghost}
	v.Ghost.Reset()
}

// Judge runs the checks that are registered for e and lets the ghost learn from
// it. Checks see the ghost as it was before e.
func (v *View) Judge(e *Event) {
	var checks []*Check
	switch {
	case e.Kind == EvProbe && e.Probe.Kind < probeKinds:
		v.locate(e)
		if e.Probe.Kind != zab.ProbeDeliver || v.thorough || !v.continues(e) {
			checks = dispatch.probe[e.Probe.Kind]
		}
	case e.Kind != EvProbe && e.Kind < eventKinds:
		checks = dispatch.event[e.Kind]
	default:
		return // a kind of probe that is younger than this package
	}
	v.events++
	if v.Sample <= 1 || v.events%v.Sample == 0 {
		for _, c := range checks {
			if n := len(v.Violations); n == 0 || !v.violated(c.Name) {
				c.run(v, e)
				if len(v.Violations) > n {
					v.Violations = v.Violations[:n+1]
					v.Violations[n].Check = c.Name
				}
			}
		}
	}
	v.learn(e)
}

// locate looks the history up that a probe speaks of, once for all checks.
func (v *View) locate(e *Event) {
	g, p := &v.Ghost, &e.Probe
	switch p.Kind {
	case zab.ProbeDeliver:
		v.at = g.findTxn(p.Zxid, p.Txn, p.Chain, v.hint[e.Server])
		v.hint[e.Server] = max(v.at, 0)
	case zab.ProbeCommit:
		v.at = g.findTxn(p.Zxid, p.Txn, 0, v.hint[0])
		v.hint[0] = max(v.at, 0)
	case zab.ProbeActive, zab.ProbeEstablish:
		v.at = g.find(Point{p.Zxid, p.Chain}, v.hint[e.Server])
		v.hint[e.Server] = max(v.at, 0)
	}
}

// continues tells whether a delivery is the ordinary one: the server goes on
// exactly where it was, with a decided transaction of that very history, and
// nobody has delivered anything else in the meantime. All checks of a delivery
// hold then, and none needs to run; a test compares with View.thorough.
func (v *View) continues(e *Event) bool {
	g, i := &v.Ghost, v.at
	if i < 1 || g.Proposals[i].Chain != e.Probe.Chain || !g.Proposals[i].Marks.has(Decided) {
		return false
	}
	last, now := &g.Proposals[i-1], &g.Proposals[i]
	served := &g.Served[e.Server]
	if now.Digest != 0 && e.Probe.Digest != 0 && now.Digest != e.Probe.Digest {
		return false
	}
	return now.Prev == last.Chain && served.Chain == last.Chain && served.Zxid == last.Zxid &&
		(now.Marks.has(Delivered) || g.Delivered.Zxid == last.Zxid)
}

// violated tells whether check name has a violation already.
func (v *View) violated(name string) bool {
	for i := range v.Violations {
		if v.Violations[i].Check == name {
			return true
		}
	}
	return false
}

// fail records a violation of the check that runs. Judge adds the name, and
// keeps one of each check.
func (v *View) fail(servers quorum.Set, z zxid.Zxid, text string) {
	v.Violations = append(v.Violations, Violation{Text: text, Servers: servers, Zxid: z})
}

// leads tells whether server id runs as a leader past discovery whose role goes
// on. A leader's status names itself as the leader.
func (v *View) leads(id quorum.ServerID) bool {
	st := v.Status[id]
	return st != nil && st.Leader == id && st.Phase >= zab.PhaseSynchronization && !st.Stopping && v.Up.Has(id)
}
