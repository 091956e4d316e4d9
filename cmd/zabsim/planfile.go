package main

import (
	"os"
	"path/filepath"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/explore/path"
	"zabsim/sim/plan"
)

// planFile finds the file that an argument means.
func planFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", noPlan(path, err)
	}
	if info.IsDir() {
		return filepath.Join(path, runfolder.PlanFile), nil
	}
	if filepath.Base(path) == runfolder.Latest { // where there are no links
		folder, err := runfolder.Open(path)
		if err != nil {
			return "", usage("%w", err)
		}
		return filepath.Join(folder.Path, runfolder.PlanFile), nil
	}
	return path, nil
}

func noPlan(name string, err error) error {
	return usage("%w; want a plan, such as %s", readable(name, err), filepath.Join(defaultRoot, runfolder.Latest, runfolder.PlanFile))
}

// readPlan reads a plan and checks what only the faults and the clients know.
func readPlan(name string) (*plan.Plan, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, noPlan(name, err)
	}
	if path.Is(text) {
		return nil, usage("%s is the path of a search, which zabsim replay plays; want a plan that zabsim run or fuzz wrote", name)
	}
	p, err := scenarios.ParsePlan(name, text)
	if err != nil {
		return nil, usage("%w", err)
	}
	return p, nil
}
