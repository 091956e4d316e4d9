package failover

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// Moment is the status of one server after an event that changed it.
type Moment struct {
	At     time.Duration
	Server quorum.ServerID
	Status Status
}

// Status is what one wants to know of a server.
type Status struct {
	Up        bool
	told      bool   // somebody said whether it is up; without that, who has a state is
	State     string // LOOKING, FOLLOWING, LEADING, OBSERVING
	Phase     string // ELECTION, DISCOVERY, SYNCHRONIZATION, BROADCAST
	Serving   bool
	Leader    string // "n3"
	Current   int64  // currentEpoch
	Epoch     int64  // of the leader that it is or follows
	Committed string // zxid: "2.4"
}

// apply sets the fact that a delta names. Facts that nobody asks for here are passed over.
func (s *Status) apply(d *trace.Delta) error {
	var dst any
	switch d.Key {
	case "up":
		dst, s.told = &s.Up, true
	case "state":
		s.Up = s.Up || !s.told
		dst = &s.State
	case "phase":
		dst = &s.Phase
	case "serving":
		dst = &s.Serving
	case "leader":
		dst = &s.Leader
	case "current":
		dst = &s.Current
	case "epoch":
		dst = &s.Epoch
	case "committed":
		dst = &s.Committed
	default:
		return nil
	}
	if err := json.Unmarshal([]byte(d.Value), dst); err != nil {
		return fmt.Errorf("%q of %s: %w", d.Key, d.Node, err)
	}
	return nil
}

// Log collects the changes of servers from the facts that events change. The zero
// value is ready.
type Log struct {
	Moments []Moment // in the order of events

	now   [quorum.Max + 1]Status
	begun bool
}

// Add notes the new status of each server that an event changed.
func (l *Log) Add(at time.Duration, deltas []trace.Delta) error {
	if !l.begun {
		for id := range l.now {
			l.now[id] = Status{State: "LOOKING", Phase: "ELECTION"} // as servers begin: a recording names changes only
		}
		l.begun = true
	}
	var changed quorum.Set
	for i := range deltas {
		d := &deltas[i]
		if d.Node == 0 || d.Node > quorum.Max {
			continue
		}
		if err := l.now[d.Node].apply(d); err != nil {
			return err
		}
		changed = changed.With(quorum.ServerID(d.Node))
	}
	for ; changed != 0; changed = changed.Without(changed.First()) {
		id := changed.First()
		l.Moments = append(l.Moments, Moment{at, id, l.now[id]})
	}
	return nil
}

// parseZxid reads "2.4"; what is no zxid gives 0, 0.
func parseZxid(text string) (epoch, counter int64) {
	a, b, ok := strings.Cut(text, ".")
	if !ok {
		return 0, 0
	}
	epoch, err1 := strconv.ParseInt(a, 10, 64)
	counter, err2 := strconv.ParseInt(b, 10, 64)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return epoch, counter
}
