package ci

import (
	"slices"
	"strings"
)

// group is what becomes a suite: a scenario, or a thing that is no scenario.
type group struct {
	name, file string
	runs       int
	rows       []row
}

// row is what becomes a test case: a property, its verdict and why.
type row struct {
	property, verdict, detail string
	findings                  []*Finding
}

// level of a row; a finding counts more than a verdict that forgot it.
func (w *row) level() level {
	l := levelOf(w.verdict)
	for _, f := range w.findings {
		l = max(l, levelOf(f.Verdict))
	}
	return l
}

// groups are the scenarios with all findings, then what is judged beside them. A
// finding that no case names gets a row of its own: none may get lost.
func (r *Report) groups() []group {
	var list []group
	named := make([]bool, len(r.Findings))
	for i := range r.Suites {
		s := &r.Suites[i]
		g := group{name: s.Scenario, file: s.File, runs: s.Runs}
		for k := range s.Cases {
			c := &s.Cases[k]
			w := row{property: c.Property, verdict: c.Verdict, detail: c.Detail}
			for _, n := range c.Findings {
				if n >= 0 && n < len(r.Findings) {
					w.findings, named[n] = append(w.findings, &r.Findings[n]), true
				}
			}
			g.rows = append(g.rows, w)
		}
		list = append(list, g)
	}
	for n := range r.Findings {
		if f := &r.Findings[n]; !named[n] {
			g := groupOf(&list, f.Scenario)
			g.rows = append(g.rows, row{property: f.Property, verdict: f.Verdict, findings: []*Finding{f}})
		}
	}
	return append(list, r.beside()...)
}

func groupOf(list *[]group, name string) *group {
	i := slices.IndexFunc(*list, func(g group) bool { return g.name == name })
	if i < 0 {
		i = len(*list)
		*list = append(*list, group{name: name})
	}
	return &(*list)[i]
}

// beside are the corpus and the double runs.
func (r *Report) beside() (list []group) {
	if c := &r.Corpus; c.Replayed > 0 || len(c.Stale) > 0 || len(c.Failed) > 0 {
		g := group{name: "corpus", runs: c.Replayed, rows: []row{{property: "replay", verdict: "passed"}}}
		for _, line := range c.Failed {
			g.rows = append(g.rows, entryRow(line, "violated", "gives another verdict than the entry expects"))
		}
		for _, line := range c.Stale {
			g.rows = append(g.rows, entryRow(line, "stale", "the plan no longer applies to this code, so it proves nothing"))
		}
		list = append(list, g)
	}
	if d := &r.Doubles; d.Runs > 0 || len(d.Differed) > 0 {
		w := row{property: "a second run is the first again", verdict: "passed"}
		if len(d.Differed) > 0 {
			w.verdict, w.detail = "differs", strings.Join(d.Differed, "; ")
		}
		list = append(list, group{name: "determinism", runs: d.Runs, rows: []row{w}})
	}
	return list
}

// entryRow is the row of a corpus entry. Its name is that of the file alone: what is
// wrong changes with the code, and a case with another name would be another case.
func entryRow(line, verdict, detail string) row {
	name, more, _ := strings.Cut(line, ": ")
	if more != "" {
		detail = more
	}
	return row{property: name, verdict: verdict, detail: detail}
}
