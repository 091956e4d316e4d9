package explore

import (
	"fmt"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// Model is what a search visits: an ensemble, what it is asked to do, and what may
// go wrong. Two searches of equal models visit the same states.
type Model struct {
	Servers   int // voters, 1 to quorum.Max
	Observers int // beside them, with the ids above; all together at most quorum.Max
	Writes    int // by one client, one after the other
	Election  Election
	Znodes    bool // the tree in place of the registers; a write sets a node's data
	Grain     plan.Grain
	Bugs      bug.Set
	// CounterMax is the counter of a zxid at which a new epoch begins; 0 is ZooKeeper's
	// own, which no search gets to.
	CounterMax int
	Options    sim.SearchOptions

	// What may go wrong, and how often in all.
	Crashes  int // a process ends; of what is not synced any part survives
	Restarts int // a process that has ended starts again
	Reboots  int // a crash and a restart in one choice
	Timeouts int // somebody waits no longer: a timer that is not free fires
	Cuts     int // a connection breaks, seen by one end first
	Rounds   int // ElectionOnly: how often a role ends, so that its server looks for a leader again

	// Disks is what the servers have on their disks at first, in order of id.
	Disks []sim.FirstDisk

	// Scenario names the situation in which the search begins, from the list of
	// Situations; "" is the start, where all servers look for a leader.
	Scenario string

	// Prefix leads from the start to the state in which the search begins. What it
	// spends is spent. It must break nothing.
	Prefix []sim.Choice
}

// Election says who elects.
type Election uint8

// The elections.
const (
	// ElectionOracle lets any quorum of LOOKING servers elect in one choice anybody
	// whom no vote of theirs beats.
	ElectionOracle Election = iota
	// ElectionFLE is ZooKeeper's own, with its notifications.
	ElectionFLE
	// ElectionOnly is FLE alone: who has decided takes part in nothing else.
	ElectionOnly
)

var electionNames = [...]string{"oracle", "fle", "fle-only"}

// String returns "oracle", "fle" or "fle-only".
func (e Election) String() string { return electionNames[e] }

// Check returns an error that says what would be right, nil for a model that can
// be searched.
func (m *Model) Check() error {
	all := m.Servers + m.Observers
	switch {
	case m.Servers < 1 || m.Servers > quorum.Max:
		return fmt.Errorf("%d servers: 1 to %d are possible", m.Servers, quorum.Max)
	case m.Observers < 0 || all > quorum.Max:
		return fmt.Errorf("%d servers and %d observers: at most %d together", m.Servers, m.Observers, quorum.Max)
	}
	for _, b := range []struct {
		what string
		n    int
	}{{"writes", m.Writes}, {"crashes", m.Crashes}, {"restarts", m.Restarts}, {"reboots", m.Reboots}, {"time-outs", m.Timeouts}, {"cuts", m.Cuts}, {"rounds", m.Rounds}} {
		if b.n < 0 || b.n > budgetMax {
			return fmt.Errorf("%d %s: 0 to %d are possible", b.n, b.what, budgetMax)
		}
	}
	switch {
	case m.Observers > 0 && m.Election != ElectionOracle:
		return fmt.Errorf("%d observers with election %v: they ask for votes, which is not built in a search yet; want election oracle", m.Observers, m.Election)
	case m.Election != ElectionOnly && m.Rounds > 0:
		return fmt.Errorf("%d rounds with election %v: only fle-only counts them; elsewhere a new election follows from what goes wrong", m.Rounds, m.Election)
	case m.Election == ElectionOnly && m.Writes > 0:
		return fmt.Errorf("%d writes with election fle-only: nobody serves there, want 0", m.Writes)
	case len(m.Disks) > all:
		return fmt.Errorf("disks of %d servers, and there are %d", len(m.Disks), all)
	}
	if m.CounterMax != 0 && m.CounterMax < counterMin {
		return fmt.Errorf("a counter of at most %d: %d or more are possible, or 0 for ZooKeeper's own", m.CounterMax, counterMin)
	}
	_, err := m.Situate()
	return err
}

// counterMin is the least CounterMax: two transactions, and then another epoch.
const counterMin = 3

// budgetMax bounds each budget: it is one byte of a state.
const budgetMax = 200
