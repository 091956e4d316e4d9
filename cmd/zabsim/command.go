package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// command returns the command line that makes p out of its scenario, or "" if no
// flags do: p came from a zoo.cfg or was edited. It begins with the bare scenario and adds a flag
// for each thing that is not as p has it.
func command(x *subject, p *plan.Plan) string {
	if x == nil || len(p.Decisions) > 0 {
		return ""
	}
	s := x.Scenario
	words := []string{invocation, "run", x.word(), fmt.Sprintf("--seed %d", p.Seed)}
	o := scenarios.Options{Bugs: p.Bugs}
	words = append(words, ensembleFlags(s, p, &o)...)
	if s.Plan(p.Seed, o).Clients != p.Clients {
		if o.Clients = p.Clients; p.Clients == 0 {
			o.Clients = scenarios.NoClients
		}
		words = append(words, fmt.Sprintf("--clients %d", p.Clients))
	}
	if p.For != s.For {
		o.For = p.For
		words = append(words, "--for "+plan.FormatDuration(p.For))
	}
	for _, k := range knobs() {
		if k.same(s.Plan(p.Seed, o), p) {
			continue
		}
		k.set(&o, p)
		words = append(words, "--"+k.flag+" "+k.text(p))
	}
	if p.Bugs != (bug.Set{}) {
		words = append(words, "--bug "+bug.Names(p.Bugs))
	}
	if s.Plan(p.Seed, o).ConfigHash() != p.ConfigHash() {
		return ""
	}
	return strings.Join(words, " ")
}

// ensembleFlags says how many servers and observers there are, if it is not what
// the scenario has.
func ensembleFlags(s *scenarios.Scenario, p *plan.Plan, o *scenarios.Options) (words []string) {
	if s.Plan(p.Seed, *o).Quorum == p.Quorum {
		return nil
	}
	servers, observers := p.Quorum.All().Len(), p.Quorum.Observers.Len()
	if o.Servers = servers; servers != cmp.Or(s.Servers, scenarios.DefaultServers) || s.Swarm {
		words = append(words, fmt.Sprintf("--servers %d", servers))
	}
	if s.Plan(p.Seed, *o).Quorum != p.Quorum {
		if o.Observers = observers; observers == 0 {
			o.Observers = scenarios.NoObservers
		}
		words = append(words, fmt.Sprintf("--observers %d", observers))
	}
	return words
}

// recordedRepro is the line in run.json: flags if they say it all, else a replay
// of the plan that lies beside it. It names no folder, as run.json holds no path
// of its own, so it is for a shell that stands in the run folder.
func recordedRepro(flags string, verify bool) string {
	if flags != "" {
		return flags
	}
	return replayCommand(anywhere, runfolder.PlanFile, verify)
}

// printedRepro is the last line on the screen: flags if they say it all, else a
// replay of the plan in the run folder.
func printedRepro(flags, folder string) string {
	if flags != "" {
		return flags
	}
	return replayCommand(invocation, filepath.Join(folder, runfolder.PlanFile), true)
}

// replayCommand replays the plan at path. With verify the run must be the one that
// the plan expects.
func replayCommand(zabsim, path string, verify bool) string {
	words := zabsim + " replay "
	if verify {
		words += "--verify "
	}
	return words + quote(filepath.ToSlash(path))
}

// configOf returns the hash that run folders are named by.
func configOf(p *plan.Plan) uint32 { return uint32(p.ConfigHash() >> 32) }
