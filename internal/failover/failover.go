// Package failover measures how long an ensemble takes from one serving leader to the
// next, from the facts of a run: of one that was recorded, for reports, or of one that
// goes on, for the thresholds of scenarios.
package failover

import (
	"slices"
	"strings"
	"time"

	"zabsim/linearizability/history"
	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// Never stands for a step that a fail-over did not reach.
const Never time.Duration = -1

// Failover is the way from one serving leader to the next. Times are since the
// start of the run and never decrease in the order of the fields; a step that was
// not reached is Never, and so are all after it.
type Failover struct {
	From  string `json:"from"`            // the leader that was lost
	To    string `json:"to,omitempty"`    // the leader that took over, "" if none did
	Epoch int64  `json:"epoch,omitempty"` // the new leader's
	Fault string `json:"fault,omitempty"` // what was injected, "" if nothing that explains it
	// Elections counts the servers that were elected on the way; all but the last
	// gave up before they served.
	Elections int `json:"elections"`

	At           time.Duration `json:"at_ns"`           // the fault; without one, when the leader lost its quorum
	Looking      time.Duration `json:"looking_ns"`      // the first surviving voter looks for a leader
	Elected      time.Duration `json:"elected_ns"`      // the new leader leads
	Discovered   time.Duration `json:"discovered_ns"`   // a quorum has accepted its epoch
	Synchronized time.Duration `json:"synchronized_ns"` // it serves
	Committed    time.Duration `json:"committed_ns"`    // first transaction of its epoch
	Written      time.Duration `json:"written_ns"`      // a client that asked after the fault has its first write answered
}

// Phase is one part of a fail-over.
type Phase struct {
	Name        string
	From, Until time.Duration
}

// PhaseNames name the ways between two steps of a Failover.
var PhaseNames = [...]string{"detection", "election", "discovery", "synchronization", "first commit", "first client write"}

func (f *Failover) steps() [len(PhaseNames) + 1]time.Duration {
	return [...]time.Duration{f.At, f.Looking, f.Elected, f.Discovered, f.Synchronized, f.Committed, f.Written}
}

// Phases returns the phases that were completed, in order. Each begins where the
// one before it ends.
func (f *Failover) Phases() []Phase {
	var list []Phase
	steps := f.steps()
	for i, name := range PhaseNames {
		if steps[i+1] == Never {
			break
		}
		list = append(list, Phase{name, steps[i], steps[i+1]})
	}
	return list
}

// Complete tells whether a client could write again.
func (f *Failover) Complete() bool { return f.Written != Never }

// Fault is a fault that was injected.
type Fault struct {
	Name, Target string
	At, Until    time.Duration
}

// Input is what fail-overs are found in.
type Input struct {
	Voters   *quorum.Config
	Moments  []Moment     // in order of time
	Ops      []history.Op // of all clients
	Faults   []Fault
	Patience time.Duration // syncLimit ticks: how long servers wait for each other
	End      time.Duration // of the run
}

// Find returns every change of the serving leader, and the loss of the last one if
// nobody took over. The first election of a run is none.
func Find(in *Input) []Failover {
	w := &walker{in: in}
	for _, m := range in.Moments {
		w.step(m)
	}
	var list []Failover
	for i := 1; i < len(w.reigns); i++ {
		limit := in.End + 1
		if i+1 < len(w.reigns) {
			limit = w.reigns[i+1].serving
		}
		list = append(list, w.failover(w.reigns[i-1], w.reigns[i], limit))
	}
	if n := len(w.reigns); n > 0 && w.reigns[n-1].lost != Never {
		list = append(list, w.failover(w.reigns[n-1], nil, in.End+1))
	}
	return list
}

// reign is the time of one serving leader.
type reign struct {
	leader                       quorum.ServerID
	epoch                        int64
	elected, discovered, serving time.Duration
	committed                    time.Duration
	lost                         time.Duration // when it last ceased to have a quorum; Never while it has one
	backed                       bool          // it has a quorum now
	over                         bool          // it went down or ceased to lead: followers cannot come back to it
	crashed                      bool          // and what cost it the quorum was that it went down
}

// looking is the moment when a voter begins or ceases to look for a leader.
type looking struct {
	at     time.Duration
	begins bool
	fresh  bool // it was started at this moment: it has not lost anybody
}

func (s *Status) searching() bool { return s.Up && s.State == "LOOKING" }

// walker follows the servers through a run and collects reigns.
type walker struct {
	in       *Input
	now      [quorum.Max + 1]Status
	rising   [quorum.Max + 1]*reign // leaders that don't serve yet
	reigns   []*reign
	lookings []looking
	elected  []time.Duration // every time that a server began to lead
}

func (w *walker) step(m Moment) {
	before := w.now[m.Server]
	w.now[m.Server] = m.Status
	s := &m.Status
	if s.searching() != before.searching() && w.in.Voters.Voters.Has(m.Server) {
		w.lookings = append(w.lookings, looking{m.At, s.searching(), !before.Up})
	}
	w.lead(m, before)
	if len(w.reigns) == 0 {
		return
	}
	r := w.reigns[len(w.reigns)-1]
	if epoch, counter := parseZxid(w.now[r.leader].Committed); r.committed == Never && epoch == r.epoch && counter > 0 {
		r.committed = m.At
	}
	w.judge(r, m.At)
}

// judge notes whether the current reign has, loses or regains its quorum.
func (w *walker) judge(r *reign, at time.Duration) {
	if r.over {
		return
	}
	leader := &w.now[r.leader]
	r.over = !leader.Up || leader.State != "LEADING"
	switch backed := !r.over && w.backed(r); {
	case backed:
		r.backed, r.lost = true, Never
	case r.backed || r.over && r.lost == Never:
		r.backed, r.lost, r.crashed = false, at, !leader.Up
	}
}

// lead notes how far a leader has come, and begins its reign when it serves.
func (w *walker) lead(m Moment, before Status) {
	s := &m.Status
	if !s.Up || s.State != "LEADING" {
		w.rising[m.Server] = nil
		return
	}
	if !before.Up || before.State != "LEADING" {
		w.rising[m.Server] = &reign{leader: m.Server, elected: m.At, discovered: Never, committed: Never, lost: Never}
		w.elected = append(w.elected, m.At)
	}
	r := w.rising[m.Server]
	if r == nil {
		return // it serves already
	}
	if r.discovered == Never && (s.Phase == "SYNCHRONIZATION" || s.Phase == "BROADCAST" || s.Serving) {
		r.discovered = m.At
	}
	if s.Serving {
		r.serving, r.epoch = m.At, max(s.Epoch, s.Current)
		w.rising[m.Server] = nil
		w.reigns = append(w.reigns, r)
	}
}

// backed tells whether a quorum follows the leader, as far as the servers
// themselves believe.
func (w *walker) backed(r *reign) bool {
	set := quorum.Of(r.leader)
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		s := &w.now[id]
		if s.Up && s.State == "FOLLOWING" && (s.Leader == "" || s.Leader == r.leader.String()) {
			set = set.With(id)
		}
	}
	return w.in.Voters.Contains(set)
}

// failover measures the way from one reign to the next, or to nowhere. Commits and
// writes count up to the limit, where the reign after next begins.
func (w *walker) failover(old, next *reign, limit time.Duration) Failover {
	f := Failover{From: old.leader.String(), Looking: Never, Elected: Never, Discovered: Never,
		Synchronized: Never, Committed: Never, Written: Never}
	lost, until := old.lost, w.in.End
	if next != nil {
		until = next.elected
	}
	if lost == Never || lost > until {
		lost = until // the servers never noticed: the successor's election is the first sign
	}
	f.At, f.Fault = w.cause(old, lost)
	f.Looking = w.detection(f.At, until)
	for _, at := range w.elected {
		if at > old.serving && at >= f.At && at <= until {
			f.Elections++
		}
	}
	if next == nil {
		return f
	}
	f.To, f.Epoch = next.leader.String(), next.epoch
	if f.Looking == Never {
		f.Looking = f.At // nobody noticed before the successor led
	}
	f.Elected = next.elected
	f.Discovered = next.discovered
	f.Synchronized = next.serving
	if next.committed == Never || next.committed >= limit {
		return f
	}
	f.Committed = max(next.committed, f.Synchronized)
	f.Written = w.in.firstWrite(f.At, next.epoch, f.Committed, limit)
	return f
}

// detection returns when the first voter that survived began to look for another
// leader. If those that survived were looking already, that is at once; if none
// survived, it is when the first is back.
func (w *walker) detection(from, until time.Duration) time.Duration {
	already, fresh := 0, Never
	for _, l := range w.lookings {
		switch {
		case l.at > until:
		case l.at < from && l.begins:
			already++
		case l.at < from:
			already--
		case l.begins && !l.fresh:
			return l.at
		case l.begins && l.fresh && fresh == Never:
			fresh = l.at
		}
	}
	if already > 0 {
		return from
	}
	return fresh
}

// firstWrite returns when the first successful write that was asked for after the
// fault was answered in the new epoch.
func (in *Input) firstWrite(asked time.Duration, epoch int64, from, limit time.Duration) time.Duration {
	first := Never
	for i := range in.Ops {
		op := &in.Ops[i]
		at := time.Duration(op.Ended)
		if op.Outcome != history.Ok || !op.Kind.IsWrite() || time.Duration(op.Invoke) < asked || at >= limit {
			continue
		}
		if op.Zxid != 0 && int64(op.Zxid.Epoch()) != epoch || op.Zxid == 0 && at < from {
			continue
		}
		if first == Never || at < first {
			first = at
		}
	}
	if first == Never {
		return first
	}
	return max(first, from)
}

// cause finds the fault that ended a reign, and when the clock of the fail-over
// starts. A leader that goes down starts it at that moment, and only a fault of that
// moment is to blame. Else the latest of these is: a fault on the leader, a fault
// that still acts, one that healed no longer ago than servers wait for each other;
// and the clock starts with it. Without any of them, or if the fault is older than
// the reign, it starts when the quorum was lost.
func (w *walker) cause(old *reign, lost time.Duration) (at time.Duration, name string) {
	best, rank := -1, 0
	for i := range w.in.Faults {
		r := w.blame(&w.in.Faults[i], old, lost)
		if r > 0 && (r > rank || r == rank && w.in.Faults[i].At >= w.in.Faults[best].At) {
			best, rank = i, r
		}
	}
	if best < 0 {
		if old.crashed {
			name = old.leader.String() + " went down"
		}
		return lost, name
	}
	f := &w.in.Faults[best]
	name = strings.TrimSpace(f.Name + " " + f.Target)
	if old.crashed || rank == 1 {
		return lost, name
	}
	return f.At, name
}

// atOnce is how far a crash may be from the fault that caused it.
const atOnce = time.Millisecond

// blame ranks how well a fault explains the loss of a leader; 0 is not at all.
func (w *walker) blame(f *Fault, old *reign, lost time.Duration) int {
	from, until := f.At, f.Until
	onLeader := names(f.Target, old.leader)
	switch {
	case hitsClient(f.Target), from > lost || until+w.in.Patience < lost:
		return 0
	case old.crashed && (!onLeader || from+atOnce < lost):
		return 0
	case from < old.serving:
		return 1
	case onLeader:
		return 4
	case until >= lost:
		return 3
	}
	return 2
}

// names tells whether a fault's target contains the server as a word.
func names(target string, id quorum.ServerID) bool {
	words := strings.FieldsFunc(target, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
	})
	return slices.Contains(words, id.String())
}

// hitsClient tells whether a fault's target is a client, as c2 or any-client is: no
// leader is lost by it.
func hitsClient(target string) bool {
	node, ok := trace.ParseNode(target)
	return target == "any-client" || ok && node > quorum.Max
}
