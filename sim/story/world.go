package story

import (
	"fmt"
	"strings"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

const worldUsage = "world servers=3 [observers=4,5] [weights=1,1,0] [groups=1,1,2] [clients=1] [grain=threads] " +
	"[election=oracle] [commitLogCount=500] [snapshotSizeFactor=0] [bug=NAME]"

// newStage reads the arguments of world.
func newStage(args []string) (*stage, error) {
	q := &quorum.Config{}
	cfg := sim.StagedConfig{Quorum: q, Clients: 1, CommitLogCount: 500, Oracle: true, Grain: plan.GrainAtomic}
	for _, arg := range args {
		if err := worldOption(arg, q, &cfg); err != nil {
			return nil, fmt.Errorf("world: %w; usage: %s", err, worldUsage)
		}
	}
	if q.Voters == 0 {
		return nil, fmt.Errorf("world: how many servers? usage: %s", worldUsage)
	}
	if q.Voters&q.Observers != 0 {
		return nil, fmt.Errorf("world: observers=%s: servers 1 to %d vote, observers are above them", q.Observers, q.Voters.Len())
	}
	s := &stage{q: q, oracle: cfg.Oracle, clients: make([]patron, cfg.Clients+1)}
	s.w = sim.NewWorld(sim.NewStagedSetup(&cfg))
	s.judge.Init(q)
	s.judge.Whole = true
	return s, nil
}

func worldOption(arg string, q *quorum.Config, cfg *sim.StagedConfig) error {
	key, value, err := option(arg, "servers", "observers", "weights", "groups", "clients", "grain", "election",
		"commitLogCount", "snapshotSizeFactor", "bug")
	if err != nil {
		return err
	}
	switch key {
	case "servers":
		var n int
		n, err = count(key, value, 1, quorum.Max)
		q.Voters = quorum.Range(n)
	case "observers":
		return observers(value, q)
	case "weights", "groups":
		return weights(key, value, q)
	case "clients":
		cfg.Clients, err = count(key, value, 0, 9)
	case "grain":
		if cfg.Grain = plan.GrainAtomic; value == "threads" {
			cfg.Grain = plan.GrainThreads
		} else if value != "atomic" {
			err = fmt.Errorf("grain %q: atomic or threads", value)
		}
	case "election":
		if cfg.Oracle = value == "oracle"; !cfg.Oracle && value != "fle" {
			err = fmt.Errorf("election %q: oracle or fle", value)
		}
	case "commitLogCount":
		cfg.CommitLogCount, err = count(key, value, 1, 1_000_000)
	case "snapshotSizeFactor":
		cfg.SnapshotSizeFactor, err = count(key, value, -1, 1_000_000)
	case "bug":
		cfg.Bugs, err = bug.Parse(value)
	}
	return err
}

func observers(value string, q *quorum.Config) error {
	for _, text := range strings.Split(value, ",") {
		id, err := parseServer(text)
		if err != nil {
			return err
		}
		q.Observers = q.Observers.With(id)
	}
	return nil
}

// weights reads one number for each voter, in the order of their ids.
func weights(key, value string, q *quorum.Config) error {
	list := strings.Split(value, ",")
	if len(list) != q.Voters.Len() {
		return fmt.Errorf("%s=%s: one number for each of the voters %s, after servers=", key, value, q.Voters)
	}
	for i, text := range list {
		n, err := count(key, text, 0, 100)
		if err != nil {
			return err
		}
		if key == "groups" {
			if n < 1 || n > quorum.Max {
				return fmt.Errorf("groups=%s: groups are numbered 1 to %d", value, quorum.Max)
			}
			q.Group[i+1] = uint8(n)
			continue
		}
		q.Weights[i+1] = uint32(n)
	}
	if key == "weights" && !q.Grouped {
		for i := range list {
			q.Group[i+1] = max(q.Group[i+1], 1)
		}
	}
	q.Grouped = true
	if key == "groups" {
		for i := range list {
			q.Weights[i+1] = max(q.Weights[i+1], 1)
		}
	}
	return nil
}
