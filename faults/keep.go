package faults

import (
	"fmt"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim/plan"
)

// checkKeep checks that options are nothing or keep=all, some or none.
func checkKeep(f *plan.Fault, options []string) error {
	if len(options) == 0 {
		return nil
	}
	keep, ok := strings.CutPrefix(options[0], "keep=")
	if !ok {
		return fmt.Errorf("%s takes keep=all, keep=some or keep=none, not %q", f.Name, options[0])
	}
	if keep != "all" && keep != "some" && keep != "none" {
		return fmt.Errorf("keep=%s%s: all, some or none is wanted", keep, nearest.Hint(keep, []string{"all", "some", "none"}))
	}
	return noOptions(f, options[1:])
}

// keepOf returns what keep= says, "all" if nothing does.
func keepOf(options []string) string {
	if len(options) > 0 {
		if keep, ok := strings.CutPrefix(options[0], "keep="); ok {
			return keep
		}
	}
	return "all"
}
