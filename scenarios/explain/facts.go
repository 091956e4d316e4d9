package explain

import (
	"fmt"
	"strings"

	"zabsim/sim/invariant"
	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// Fact is one of the two facts that contradict each other.
type Fact struct {
	Event uint64 `json:"event,omitempty"` // 0: it has always been so, or never was
	Text  string `json:"text"`
}

// tale is what the facts of one violation are looked for in.
type tale struct {
	w  *witness
	v  *invariant.Violation
	at uint64 // the event at which it was found
}

// search says how the two facts of some checks are found: the first is a mark of one
// of these kinds that the violating event made, the second is what second finds.
type search struct {
	checks string
	first  []markKind
	second []func(t *tale) *Fact
}

var searches = []search{
	{"no-ack-before-sync", []markKind{markAck}, []func(*tale) *Fact{ownDisk}},
	{"accepted-before-sent", []markKind{markPromise, markRole, markAck}, []func(*tale) *Fact{own(markAccepted), never("acceptedEpoch on its disk has been 0 from the start")}},
	{"epochs", []markKind{markAccepted, markCurrent, markRole}, []func(*tale) *Fact{own(markCurrent), own(markAccepted)}},
	{"commit-consistency primary-integrity", []markKind{markServe, markDeliver}, []func(*tale) *Fact{establishOfEpoch, noReign}},
	{"initial-history", []markKind{markEstablish}, []func(*tale) *Fact{otherEstablish}},
	{"leadership-1", []markKind{markRole}, []func(*tale) *Fact{others(markRole)}},
	{"leadership-2", []markKind{markEstablish}, []func(*tale) *Fact{others(markEstablish)}},
	{"committed-log-durability", []markKind{markSync}, []func(*tale) *Fact{commitOf}},
	{"committed-survives", []markKind{markDisk, markCrash, markSnap, markCommit, markEstablish}, []func(*tale) *Fact{commitOf, holders}},
	{"leader-completeness", []markKind{markEstablish, markCommit}, []func(*tale) *Fact{others(markEstablish), commitOf}},
	{"local-primary-order", []markKind{markDeliver, markCommit}, []func(*tale) *Fact{earlierOfEpoch}},
	{"total-order agreement prefix-consistency equal-digests", []markKind{markDeliver, markServe}, []func(*tale) *Fact{sameElsewhere, commitOf}},
	{"global-primary-order", []markKind{markDeliver}, []func(*tale) *Fact{own(markDeliver), own(markServe)}},
	{"integrity", []markKind{markDeliver, markServe, markEstablish}, []func(*tale) *Fact{proposalOf, notProposed}},
	{"process-consistency history-consistency", []markKind{markServe, markDeliver, markReplace, markDisk, markRole}, []func(*tale) *Fact{sameElsewhere, others(markReplace), others(markDisk)}},
	{"reopen-equals-memory", nil, []func(*tale) *Fact{ownDisk}},
	{"flag-commit flag-proposal", nil, []func(*tale) *Fact{lastProposal, own(markSync)}},
	{"flag-ack", nil, []func(*tale) *Fact{own(markPropose), own(markEstablish)}},
	{"flag-state flag-message disk-opens", nil, []func(*tale) *Fact{own(markRole), own(markDisk)}},
	{"vote-rises", nil, []func(*tale) *Fact{own(markRole)}},
	{"quorum-backed-election", []markKind{markElected}, []func(*tale) *Fact{quorumIs}},
	{"leader-spoke", []markKind{markElected}, []func(*tale) *Fact{others(markRole)}},
	{"leader-in-quorum voters-only", []markKind{markEstablish, markRole}, []func(*tale) *Fact{quorumIs}},
	{"progress-after-heal", nil, []func(*tale) *Fact{lastCommit, never("no leader has ever committed anything")}},
	{"rejoin-after-heal", nil, []func(*tale) *Fact{own(markRole), own(markCrash)}},
}

// facts finds the two facts. The first is at the event that broke the check; where
// nothing better is known it is the check's own text.
func (t *tale) facts() []Fact {
	s := &search{second: []func(*tale) *Fact{sameElsewhere, commitOf, own(markRole)}}
	for i := range searches {
		if containsWord(searches[i].checks, t.v.Check) {
			s = &searches[i]
			break
		}
	}
	list := []Fact{{t.at, t.v.Text}}
	if memory, _, ok := strings.Cut(t.v.Text, ", but its disk gives"); ok {
		list[0].Text = memory
	}
	for _, k := range s.first {
		if m := t.here(k); m != nil {
			list[0].Text = t.whole(m)
			break
		}
	}
	for _, find := range s.second {
		if f := find(t); f != nil && (f.Event != t.at || f.Text != list[0].Text) {
			return append(list, *f)
		}
	}
	return list
}

// whole says what a mark means here: who acknowledges a leader vouches for all that
// the leader began with.
func (t *tale) whole(m *mark) string {
	if m.kind == markAck && m.z.Counter() == 0 && t.v.Zxid.Counter() != 0 {
		return fmt.Sprintf("%v, which says that it has everything up to %v on its disk", m, t.v.Zxid)
	}
	return m.String()
}

func containsWord(text, word string) bool {
	for _, w := range strings.Fields(text) {
		if w == word {
			return true
		}
	}
	return false
}

// here returns the last mark of a kind that the violating event made of a server that
// takes part in the violation.
func (t *tale) here(k markKind) *mark {
	return t.w.latest(t.at, func(m *mark) bool { return m.event == t.at && m.kind == k && t.v.Servers.Has(m.server) })
}

// subject is the server that did what broke the check.
func (t *tale) subject() quorum.ServerID {
	m := t.w.latest(t.at, func(m *mark) bool { return m.event == t.at && t.v.Servers.Has(m.server) })
	if m != nil {
		return m.server
	}
	return t.v.Servers.First()
}

// before is the newest mark that came before the violating event.
func (t *tale) before(ok func(m *mark) bool) *Fact {
	m := t.w.latest(t.at-1, ok)
	if m == nil {
		return nil
	}
	return &Fact{m.event, m.String()}
}

// own finds what the subject did or was last, by kind.
func own(k markKind) func(*tale) *Fact {
	return func(t *tale) *Fact {
		id := t.subject()
		return t.before(func(m *mark) bool { return m.kind == k && m.server == id })
	}
}

// others finds what another server of the violation did or was last, by kind.
func others(k markKind) func(*tale) *Fact {
	return func(t *tale) *Fact {
		id := t.subject()
		return t.before(func(m *mark) bool { return m.kind == k && m.server != id && t.v.Servers.Has(m.server) })
	}
}

// never is a fact that nothing made.
func never(text string) func(*tale) *Fact { return func(*tale) *Fact { return &Fact{0, text} } }

// ownDisk tells what the subject's disk held when it broke the check, and since when.
func ownDisk(t *tale) *Fact {
	id := t.subject()
	m := t.w.latest(t.at, func(m *mark) bool {
		return m.server == id && (m.kind == markDisk || m.kind == markSnap) && (m.event < t.at || m.kind == markDisk)
	})
	end := t.w.latest(t.at, func(m *mark) bool { return m.server == id && m.kind == markDisk })
	switch {
	case m == nil:
		return &Fact{0, fmt.Sprintf("%v's disk has been empty from the start", id)}
	case end == nil:
		return &Fact{m.event, m.String()}
	}
	return &Fact{end.event, fmt.Sprintf("%v's log on disk ends with %v, since this event", id, end.z)}
}

// commitOf finds who committed the transaction at issue, or what comes after it.
func commitOf(t *tale) *Fact {
	f := t.before(func(m *mark) bool {
		return m.z == t.v.Zxid && (m.kind == markCommit || m.kind == markEstablish)
	})
	if f == nil {
		f = t.before(func(m *mark) bool {
			return m.z > t.v.Zxid && (m.kind == markCommit && m.z.Epoch() == t.v.Zxid.Epoch() || m.kind == markEstablish)
		})
	}
	return f
}

// holders tells what the disks have when a commit lacks its quorum.
func holders(t *tale) *Fact {
	id := t.subject()
	f := t.before(func(m *mark) bool { return m.kind == markAck && m.z == t.v.Zxid && m.server != id })
	if f != nil {
		f.Text += ", the last to do so"
	}
	return f
}

// establishOfEpoch finds the beginning of the reign in which the subject serves.
func establishOfEpoch(t *tale) *Fact {
	epoch := t.v.Zxid.Epoch()
	if m := t.here(markServe); m != nil {
		epoch = m.epoch
	}
	return t.before(func(m *mark) bool { return m.kind == markEstablish && m.epoch == epoch })
}

func noReign(t *tale) *Fact {
	if m := t.here(markServe); m != nil {
		return &Fact{0, fmt.Sprintf("no leader of epoch %d was ever established", m.epoch)}
	}
	return nil
}

func otherEstablish(t *tale) *Fact {
	m := t.here(markEstablish)
	return t.before(func(o *mark) bool {
		return o.kind == markEstablish && (m == nil || o.epoch != m.epoch) && t.v.Servers.Has(o.server)
	})
}

// earlierOfEpoch finds the proposal that was passed over.
func earlierOfEpoch(t *tale) *Fact {
	return t.before(func(m *mark) bool {
		return m.kind == markPropose && m.z.Epoch() == t.v.Zxid.Epoch() && m.z < t.v.Zxid
	})
}

// sameElsewhere finds another server that applied a transaction of this zxid, or
// serves with one at least so far.
func sameElsewhere(t *tale) *Fact {
	id := t.subject()
	applies := func(m *mark) bool { return m.server != id && (m.kind == markDeliver || m.kind == markServe) }
	f := t.before(func(m *mark) bool { return applies(m) && m.z == t.v.Zxid })
	if f == nil {
		f = t.before(func(m *mark) bool { return applies(m) && m.z > t.v.Zxid && t.v.Servers.Has(m.server) })
	}
	return f
}

func proposalOf(t *tale) *Fact {
	return t.before(func(m *mark) bool { return m.kind == markPropose && m.z == t.v.Zxid })
}

func notProposed(t *tale) *Fact {
	return &Fact{0, fmt.Sprintf("no established leader has proposed a transaction %v", t.v.Zxid)}
}

func lastCommit(t *tale) *Fact {
	f := t.before(func(m *mark) bool { return m.kind == markCommit })
	if f != nil {
		f.Text += ", and no leader has committed anything since"
	}
	return f
}

func quorumIs(t *tale) *Fact {
	q := t.w.run.View.Quorum
	text := fmt.Sprintf("the voters are %v, and a majority of them decides", q.Voters)
	if q.Grouped {
		text = fmt.Sprintf("the voters are %v, and a majority of their groups decides, by weight", q.Voters)
	}
	return &Fact{0, text}
}

// lastProposal finds the proposal that the subject received of the transaction at
// issue, or else the last that it received.
func lastProposal(t *tale) *Fact {
	received := func(what string) *Fact {
		for i := t.at - 1; i > 0; i-- {
			e := t.w.event(i)
			if e.Node == trace.Node(t.subject()) && e.Verb == "recv" && strings.HasPrefix(e.Detail, what) {
				return &Fact{i, fmt.Sprintf("%v has received %s", t.subject(), e.Detail)}
			}
		}
		return nil
	}
	if f := received("PROPOSAL " + t.v.Zxid.String() + " "); f != nil {
		return f
	}
	f := received("PROPOSAL ")
	if f != nil {
		f.Text += "; it was the last proposal before that"
	}
	return f
}
