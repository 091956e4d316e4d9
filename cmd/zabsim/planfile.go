package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"zabsim/faults"
	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/sim/client"
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
	p, err := plan.Parse(name, bytes.NewReader(text), faults.Vocabulary{})
	if err != nil {
		return nil, usage("%w", err)
	}
	for i := range p.Decisions {
		if err := faults.CheckDecision(p, &p.Decisions[i]); err != nil {
			return nil, usage("%s:%d: %w", name, p.Decisions[i].Line, err)
		}
	}
	if err := scenarios.CheckExcuse(p); err != nil {
		return nil, usage("%s%w", at(name, text, "excuse"), err)
	}
	if line, err := scenarios.CheckPrograms(p); err != nil {
		return nil, usage("%s:%d: %w", name, line, err)
	}
	return p, checkOps(name, text, p)
}

// checkOps refuses operations that a scripted client can't do.
func checkOps(name string, text []byte, p *plan.Plan) error {
	scripts := make([][]client.ScriptOp, p.Clients+1)
	for _, o := range p.Ops {
		s := client.ScriptOp{Kind: client.ScriptGet, Key: o.Key}
		if o.Kind == plan.OpCAS {
			s = client.ScriptOp{Kind: client.ScriptCAS, Key: o.Key, Version: client.LastSeen}
		}
		scripts[o.Client] = append(scripts[o.Client], s)
	}
	for c, ops := range scripts {
		if _, err := client.NewScript(ops...); err != nil {
			return usage("%s: the operations of c%d: %w", name, c, err)
		}
	}
	return nil
}

// at finds the line that begins with these words, for a message.
func at(name string, text []byte, words ...string) string {
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(strings.Join(strings.Fields(line), " ")+" ", strings.Join(words, " ")+" ") {
			return name + ":" + strconv.Itoa(i+1) + ": "
		}
	}
	return name + ": "
}
