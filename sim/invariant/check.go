package invariant

import "zabsim/zab"

// Kind tells when a Check is judged.
type Kind uint8

// The kinds.
const (
	KindAlways     Kind = iota // at each event it is registered for
	KindSometimes              // true if it was reached once
	KindEventually             // by the runner, after healing
)

// String returns "always", "sometimes" or "eventually".
func (k Kind) String() string { return [...]string{"always", "sometimes", "eventually"}[k] }

// Check is a named property of runs.
type Check struct {
	Name   string
	Doc    string // what holds, in a sentence or two
	Source string // paper, protocol.md, JIRA
	Kind   Kind
	Bit    Seen // of a property of KindSometimes

	probes []zab.ProbeKind // judged at these probes
	events []EventKind     // and at these events
	run    func(*View, *Event)
}

// probeKinds is the number of kinds of probes that this package knows.
const probeKinds = zab.ProbeAdopt + 1

// registry lists the checks in the order in which they run. The more specific
// come before the general, so that the first violation names the cause.
var registry = [...]*Check{
	&diskOpens,
	&flagState,
	&flagProposal,
	&flagCommit,
	&flagAck,
	&flagMessage,
	&voteRises,
	&quorumBackedElection,
	&leaderSpoke,
	&votersOnly,
	&leaderInQuorum,
	&acceptedBeforeSent,
	&epochs,
	&leadership1,
	&leadership2,
	&noAckBeforeSync,
	&committedLogDurability,
	&processConsistency,
	&historyConsistency,
	&leaderCompleteness,
	&initialHistory,
	&commitConsistency,
	&committedSurvives,
	&integrity,
	&localPrimaryOrder,
	&globalPrimaryOrder,
	&primaryIntegrity,
	&totalOrder,
	&agreement,
	&prefixConsistency,
	&equalDigests,
	&reopenEqualsMemory,
	&progressAfterHeal,
	&rejoinAfterHeal,
}

// table finds the checks of an event without a search.
type table struct {
	probe [probeKinds][]*Check
	event [eventKinds][]*Check
}

var dispatch = newTable()

func newTable() (t table) {
	for _, c := range registry {
		for _, k := range c.probes {
			t.probe[k] = append(t.probe[k], c)
		}
		for _, k := range c.events {
			t.event[k] = append(t.event[k], c)
		}
	}
	return t
}

// All returns the checks of KindAlways and KindEventually in the order in which
// they run.
func All() []Check {
	all := make([]Check, 0, len(registry))
	for _, c := range registry {
		all = append(all, *c)
	}
	return all
}

// Sometimes returns the properties that a run may reach, in the order of
// their bits.
func Sometimes() []Check { return append([]Check(nil), properties[:]...) }

// Lookup finds a check or a Sometimes property by its name.
func Lookup(name string) (Check, bool) {
	for _, c := range registry {
		if c.Name == name {
			return *c, true
		}
	}
	for i := range properties {
		if properties[i].Name == name {
			return properties[i], true
		}
	}
	return Check{}, false
}
