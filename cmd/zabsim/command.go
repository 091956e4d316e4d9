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

// repeatedBy returns the command that repeats a run of p: flags if they say it
// all, else the plan in its run folder below a root.
func repeatedBy(p *plan.Plan, flags string) func(root string) string {
	return func(root string) string {
		if flags != "" {
			return flags
		}
		folder := fmt.Sprintf("%d-%08x", p.Seed, configOf(p))
		return replayCommand(filepath.Join(root, p.Scenario, folder, runfolder.PlanFile))
	}
}

func replayCommand(path string) string {
	return invocation + " replay --verify " + quote(filepath.ToSlash(path))
}

// configOf returns the hash that run folders are named by.
func configOf(p *plan.Plan) uint32 { return uint32(p.ConfigHash() >> 32) }
