package scenarios

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/faults"
	"zabsim/internal/nearest"
	"zabsim/sim/client"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
)

// ParsePlan reads the text of a plan and checks what only the faults, the clients
// and the checks know, so that Execute may run it. Errors begin with name and line.
func ParsePlan(name string, text []byte) (*plan.Plan, error) {
	p, err := plan.Parse(name, bytes.NewReader(text), faults.Vocabulary{})
	if err != nil {
		return nil, err
	}
	line, err := CheckPlan(p)
	switch {
	case err == nil:
		return p, nil
	case line > 0:
		return nil, fmt.Errorf("%s:%d: %w", name, line, err)
	case CheckExcuse(p) != nil:
		return nil, fmt.Errorf("%s%w", lineAt(name, text, "excuse"), err)
	case CheckReach(p.Note.Reach) != nil:
		return nil, fmt.Errorf("%s%w", lineAt(name, text, "reach"), err)
	}
	return nil, fmt.Errorf("%s: %w", name, err)
}

// CheckReach returns an error if a name is that of nothing a run may reach.
func CheckReach(names []string) error {
	var known []string
	for _, c := range invariant.Sometimes() {
		known = append(known, c.Name)
	}
	for _, r := range Recipes() {
		known = append(known, r.Sights...)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("reach: there is no sometimes-property %q%s", name, nearest.Hint(name, known))
		}
	}
	return nil
}

// checkOps refuses operations that a scripted client can't do.
func checkOps(p *plan.Plan) error {
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
			return fmt.Errorf("the operations of c%d: %w", c, err)
		}
	}
	return nil
}

// lineAt finds the line that begins with word, for a message.
func lineAt(name string, text []byte, word string) string {
	for i, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) > 0 && words[0] == word {
			return name + ":" + strconv.Itoa(i+1) + ": "
		}
	}
	return name + ": "
}
