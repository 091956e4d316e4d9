package explain

import (
	"fmt"

	"zabsim/internal/fp"
	"zabsim/scenarios"
	"zabsim/sim"
	"zabsim/sim/trace"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// State is what one server was.
type State struct {
	Server string `json:"server"`
	Up     bool   `json:"up"`
	Role   string `json:"role"` // the last one that is known if it is down
	// In memory. Epoch is that of the role.
	Epoch     uint32 `json:"epoch,omitempty"`
	Accepted  uint32 `json:"acceptedEpoch,omitempty"`
	Current   uint32 `json:"currentEpoch,omitempty"`
	Logged    string `json:"logged,omitempty"`
	Applied   string `json:"applied,omitempty"`
	Committed string `json:"committed,omitempty"`
	// On disk.
	DiskAccepted uint32 `json:"diskAcceptedEpoch"`
	DiskCurrent  uint32 `json:"diskCurrentEpoch"`
	DiskLog      string `json:"diskLog"`
	Snapshot     string `json:"diskSnapshot"`
	// Changed tells whether the event has changed any of it.
	Changed bool `json:"changed,omitempty"`
}

// stateOf reads a server. What is only in memory is empty while it is down.
func stateOf(r *sim.Runner, id quorum.ServerID) State {
	st, d := r.View.Status[id], diskOf(r.View.Disk[id])
	s := State{Server: id.String(), Up: r.World.Servers[id] != nil, DiskAccepted: uint32(d.accepted), DiskCurrent: uint32(d.current),
		DiskLog: d.last.String(), Snapshot: d.snap.String()}
	s.Role = "down"
	if s.Up {
		s.Role = roleText(st, false)
		if r.World.Paused.Has(id) {
			s.Role += ", paused"
		}
		s.Epoch, s.Accepted, s.Current = uint32(st.Epoch), uint32(st.AcceptedEpoch), uint32(st.CurrentEpoch)
		s.Logged, s.Applied = st.LastLogged.String(), st.Applied.String()
		if st.LastCommitted != 0 {
			s.Committed = st.LastCommitted.String()
		}
	}
	return s
}

// camera is a sink that takes a picture of all servers after two events in a row.
type camera struct {
	run           *sim.Runner
	at            uint64
	before, after []State
	// Where the histories of two servers part, if two are asked for.
	servers quorum.Set
	part    string
	goesOn  [2]*zab.Entry
}

func (c *camera) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	switch e.ID {
	case c.at - 1:
		c.before = c.picture()
	case c.at:
		c.after = c.picture()
		if c.servers.Len() == 2 {
			a := c.servers.First()
			c.part, c.goesOn = parting(c.run, a, c.servers.Without(a).First())
		}
	}
}

func (c *camera) picture() (list []State) {
	for rest := c.run.View.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		list = append(list, stateOf(c.run, rest.First()))
	}
	return list
}

// shoot runs the plan up to an event and reads all servers there.
func (x *explainer) shoot(at uint64, servers quorum.Set) *camera {
	c := &camera{at: at, servers: servers}
	set := x.opt.Settings
	set.Sink = c
	c.run = scenarios.NewRunner(x.plan, set)
	for c.run.Events() < at && c.run.Step() {
	}
	c.run.Close()
	for i := range c.after {
		c.after[i].Changed = c.before != nil && c.after[i] != c.before[i]
	}
	return c
}

// parting says where the histories of two servers part, and what follows on both
// sides; "" if they do not, as far as their logs go back.
func parting(r *sim.Runner, a, b quorum.ServerID) (text string, after [2]*zab.Entry) {
	logs := [2]*zab.Log{logOf(r, a), logOf(r, b)}
	if logs[0] == nil || logs[1] == nil {
		return "", after
	}
	i, k := logs[0].Len()-1, logs[1].Len()-1
	for i >= 0 && k >= 0 && (logs[0].At(i).Txn.Zxid != logs[1].At(k).Txn.Zxid || logs[0].At(i).Chain != logs[1].At(k).Chain) {
		switch x, y := logs[0].At(i).Txn.Zxid, logs[1].At(k).Txn.Zxid; {
		case x > y:
			i--
		case x < y:
			k--
		default:
			i, k = i-1, k-1
		}
	}
	if i < 0 || k < 0 || i+1 >= logs[0].Len() || k+1 >= logs[1].Len() {
		return "", after // one goes on where the other ends, or neither log goes back far enough
	}
	after = [2]*zab.Entry{logs[0].At(i + 1), logs[1].At(k + 1)}
	return fmt.Sprintf("their histories part after %v: %v's goes on with %v%s, %v's with %v%s", logs[0].At(i).Txn.Zxid,
		a, after[0].Txn.Zxid, content(after[0].Txn), b, after[1].Txn.Zxid, content(after[1].Txn)), after
}

// logOf returns a server's log: as it has it in memory, or on disk if it is down.
func logOf(r *sim.Runner, id quorum.ServerID) *zab.Log {
	if s := r.World.Servers[id]; s != nil {
		return s.Log()
	}
	if d := r.View.Disk[id]; d != nil {
		return d.Log
	}
	return nil
}

func epochText(disk, memory uint32, up bool) string {
	if !up || disk == memory {
		return fmt.Sprintf("%d", disk)
	}
	return fmt.Sprintf("%d (memory %d)", disk, memory)
}
