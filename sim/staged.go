package sim

import (
	"fmt"

	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/tree/register"
	"zabsim/zab"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// StagedConfig is what a staged world is made of: one that a story drives.
type StagedConfig struct {
	Quorum             *quorum.Config
	Clients            int
	CommitLogCount     int // transactions kept in memory for DIFF
	SnapshotSizeFactor int // as in zab.Config
	Oracle             bool
	Grain              plan.Grain
	Bugs               bug.Set
}

// NewStagedSetup returns the setup of a world that a story drives: no time and no
// draws, but with everything else of a run, elections too unless an oracle holds
// them. Its clients start with empty scripts; Ask fills them.
func NewStagedSetup(cfg *StagedConfig) *Setup {
	s := &Setup{
		Quorum: cfg.Quorum, WallNano: wallNano, SessionTimeout: host.Second, Grain: cfg.Grain,
		Scripts: make([]*client.Script, cfg.Clients+1), Offsets: make([]uint8, cfg.Clients+1),
		Initial: zab.NewSnapshot(0, 0, 0, register.New().Clone()),
	}
	s.sessionless()
	for i := 1; i < len(s.Scripts); i++ {
		s.Scripts[i], _ = client.NewScript() // of nothing: no error
	}
	for rest := cfg.Quorum.All(); rest != 0; rest = rest.Without(rest.First()) {
		c := zab.DefaultConfig(rest.First(), cfg.Quorum)
		c.CommitLogCount, c.SnapshotSizeFactor = cfg.CommitLogCount, cfg.SnapshotSizeFactor
		c.Bugs, c.Election.Bugs, c.OracleElection = cfg.Bugs, cfg.Bugs, cfg.Oracle
		s.Configs[rest.First()] = &c
	}
	return s
}

// Ask gives client i another operation, to be done after those that it has.
func (w *World) Ask(i int, op client.ScriptOp) error {
	if err := w.client(i).script.Append(op); err != nil {
		return fmt.Errorf("client %d: %w", i, err)
	}
	return nil
}

// Aim makes id the server that client i dials next.
func (w *World) Aim(i int, id quorum.ServerID) {
	c := w.client(i)
	for k := range w.setup.Quorum.All().Len() {
		if w.setup.order(i, k) == id {
			c.lib.Aim(k)
			return
		}
	}
	panic(fmt.Sprintf("sim: client %d can't dial %v, which is no server", i, id))
}

// Outvotes returns a server of the set whose vote beats leader's by epoch or zxid, so
// that no election of these servers can end with leader; 0 if there is none.
func (w *World) Outvotes(leader quorum.ServerID, set quorum.Set) quorum.ServerID {
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		if !w.eligible(leader, quorum.Of(rest.First())) {
			return rest.First()
		}
	}
	return 0
}

// Tail returns how many written records are not durable.
func (d *Disk) Tail() int { return d.tail() }
