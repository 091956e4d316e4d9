package scenarios

import (
	"zabsim/faults"
	"zabsim/sim/plan"
)

// CheckPlan returns an error that says what would be right if p can't be run: what
// plan.Check says, and what only the faults, the checks, the recipes and the clients
// know. The line is the one to blame in the file that p was parsed from, 0 if no
// single one is.
func CheckPlan(p *plan.Plan) (line int, err error) {
	if err := p.Check(); err != nil {
		return 0, err
	}
	for i := range p.Faults {
		if err := (faults.Vocabulary{}).CheckFault(p, &p.Faults[i]); err != nil {
			return p.Faults[i].Line, err
		}
	}
	for i := range p.Decisions {
		if err := faults.CheckDecision(p, &p.Decisions[i]); err != nil {
			return p.Decisions[i].Line, err
		}
	}
	if err := CheckExcuse(p); err != nil {
		return 0, err
	}
	if line, err := CheckPrograms(p); err != nil {
		return line, err
	}
	if err := CheckReach(p.Note.Reach); err != nil {
		return 0, err
	}
	return 0, checkOps(p)
}
