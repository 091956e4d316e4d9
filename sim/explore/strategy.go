package explore

import (
	"errors"
	"fmt"
	"slices"

	"zabsim/internal/fp"
	"zabsim/sim"
)

// Strategy says in which order a search visits states.
type Strategy uint8

// The strategies. Those that can be complete visit the same states and count the
// same transitions.
const (
	// BFS goes level by level, with any number of workers. Its path is a shortest one.
	BFS Strategy = iota
	// DFS goes deep first, with one worker whatever Config.Workers says. It keeps as
	// tuples only the states on its stack. Its path is the one that it walked, and
	// often long.
	DFS
	// IDDFS is DFS to one depth after the other, with one worker. Its path is a
	// shortest one. It visits the upper states again for each depth: Work.Repeated.
	IDDFS
	// Random walks, Config.Walks times, from the start. It proves nothing and is
	// never complete.
	Random
)

var strategyNames = [...]string{"bfs", "dfs", "iddfs", "random"}

// String returns "bfs", "dfs", "iddfs" or "random".
func (s Strategy) String() string { return strategyNames[s] }

// ParseStrategy reads what String writes.
func ParseStrategy(text string) (Strategy, error) {
	if i := slices.Index(strategyNames[:], text); i >= 0 {
		return Strategy(i), nil
	}
	return 0, fmt.Errorf("%q is no way to search; bfs, dfs, iddfs and random are", text)
}

// Check returns an error that says what would be right, nil for a search that can
// be done.
func (c *Config) Check() error {
	if err := c.Model.Check(); err != nil {
		return err
	}
	if err := c.checkRoom(); err != nil {
		return err
	}
	switch {
	case c.Strategy == Random && c.Walks < 1:
		return fmt.Errorf("%d random walks: at least 1 is needed", c.Walks)
	case (c.Strategy != BFS || c.Liveness) && (c.MaxMemory > 0 || c.Wide || c.Checkpoint != "" || c.Resume != ""):
		return errors.New("a limit of memory, wide fingerprints and checkpoints are built for bfs only, without liveness")
	case c.Reduce == ReduceSleep && (c.Checkpoint != "" || c.Resume != ""):
		return errors.New("a checkpoint knows no sleep sets: reduction none or ample")
	case c.Reduce == ReduceNone:
	case c.Strategy != BFS:
		return fmt.Errorf("reduction %v with %v is not built: it needs bfs", c.Reduce, c.Strategy)
	case c.Liveness:
		return fmt.Errorf("liveness needs the whole graph: reduction none, and not %v", c.Reduce)
	case c.Reduce == ReduceAmple && c.Cuts > 0:
		return errors.New("reduction ample is wrong where connections are cut: none or sleep, or 0 cuts")
	case c.Options.DurableAtOnce:
		return fmt.Errorf("reduction %v is wrong where a disk write holds up all else: none, or fsync later", c.Reduce)
	case c.Election != ElectionOracle:
		return fmt.Errorf("reduction %v is not proved for election %v: none, or election oracle", c.Reduce, c.Election)
	}
	if c.Liveness && (c.Strategy != BFS || c.MaxDepth > 0) {
		return errors.New("liveness needs the whole graph: bfs without a depth")
	}
	return nil
}

// other runs all that is not a plain search by levels.
func other(cfg Config) Result {
	how := random
	switch {
	case cfg.Liveness:
		how = live
	case cfg.Strategy == DFS:
		how = dfs
	case cfg.Strategy == IDDFS:
		how = iddfs
	}
	r := how(cfg)
	switch {
	case r.Violation != nil:
		r.End = EndViolation
	case r.Complete:
	case cfg.stopped():
		r.End = EndStopped
	case cfg.MaxStates > 0 && r.States >= cfg.MaxStates:
		r.End = EndStates
	default:
		r.End = EndDepth
	}
	return r
}

// stopped tells whether the search is to end.
func (c *Config) stopped() bool {
	select {
	case <-c.Stop:
		return true
	default:
		return false
	}
}

// try makes the successor by c, and judges it. What it was made of stays until
// retract puts the state under way back.
func (k *worker) try(c sim.Choice) {
	k.moves++
	key := fp.Hash(0)
	if k.memo != nil {
		key = k.footprint(c)
	}
	k.find(c, key)
	k.take()
	if ghost := k.judge(c); ghost != k.from.ghost {
		k.set(change(ghostPlace, 0, ghost))
	}
}

// retract undoes try.
func (k *worker) retract() {
	k.back()
	if k.applied {
		k.undo()
	}
}

// checkRoom returns an error if the search has not the means to begin.
func (c *Config) checkRoom() error {
	if c.MaxDepth < 0 || c.Workers < 0 || c.Workers > maxWorkers {
		return fmt.Errorf("depth %d, %d workers: the depth must not be negative, and 1 to %d workers are possible", c.MaxDepth, c.Workers, maxWorkers)
	}
	if least := c.leastMemory(0); c.MaxMemory > 0 && c.MaxMemory < least {
		return fmt.Errorf("a memory limit of %s: a search with %d workers wants %s before it has seen anything", size(c.MaxMemory), max(c.Workers, 1), size(least))
	}
	if least := c.leastMemory(c.MaxStates); c.MaxMemory > 0 && c.MaxMemory < least {
		return fmt.Errorf("a memory limit of %s: %d states want %s, for their fingerprints alone %s; raise the limit or lower the budget of states",
			size(c.MaxMemory), c.MaxStates, size(least), size(visitedBytes(c.MaxStates, c.Wide)))
	}
	return nil
}
