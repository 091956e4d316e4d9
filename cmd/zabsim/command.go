package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
)

// command returns the command line that makes p, or "" if no flags do: p came
// from a zoo.cfg or was edited.
func command(p *plan.Plan) string {
	s, err := scenarios.Lookup(p.Scenario)
	if err != nil || len(p.Decisions) > 0 {
		return ""
	}
	servers := p.Quorum.All().Len()
	again := newPlan(s, p.Seed, scenarios.Options{Servers: servers, Clients: p.Clients, For: p.For, Bugs: p.Bugs}, p.Clients)
	if again.ConfigHash() != p.ConfigHash() {
		return ""
	}
	words := []string{invocation, "run", p.Scenario, fmt.Sprintf("--seed %d", p.Seed)}
	if servers != scenarios.DefaultServers {
		words = append(words, fmt.Sprintf("--servers %d", servers))
	}
	if p.Clients != scenarios.DefaultClients {
		words = append(words, fmt.Sprintf("--clients %d", p.Clients))
	}
	if p.For != s.For {
		words = append(words, "--for "+plan.FormatDuration(p.For))
	}
	if p.Bugs != (bug.Set{}) {
		words = append(words, "--bug "+bug.Names(p.Bugs))
	}
	return strings.Join(words, " ")
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
