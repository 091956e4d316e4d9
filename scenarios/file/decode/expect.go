package decode

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"zabsim/scenarios/spec"
)

func (d *decoder) expectFields() []field {
	s := d.s
	return []field{
		{"reach", func(n ast.Node) { s.Reach = d.known(n, "reach", "property to reach", d.words.Reachable) }},
		{"hold", func(n ast.Node) {
			s.Hold = d.known(n, "hold", "property", d.words.Checks)
			if len(s.Hold) == 0 {
				d.fail(n, "hold: there is no property: take the key away, and all must hold")
			}
		}},
		{"thresholds", func(n ast.Node) {
			for _, v := range d.elements(n, "thresholds") {
				t, err := spec.ParseThreshold(d.text(v, "a threshold"))
				if err != nil {
					d.fail(v, "%v", err)
					return
				}
				if slices.Contains(s.Thresholds, t) {
					d.fail(v, "%s stands there twice: take one of them away", t)
				}
				s.Thresholds = append(s.Thresholds, t)
			}
		}},
	}
}
