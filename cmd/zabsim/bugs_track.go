package main

import (
	"fmt"
	"os"
	"strings"

	"zabsim/scenarios/hunts"
	"zabsim/sim/plan"
)

// The lines between which --into writes.
const (
	trackBegin = "<!-- track record: written by zabsim bugs run --into, not by hand -->"
	trackEnd   = "<!-- end of the track record -->"
)

// trackTable is the track record in Markdown. Its seconds are those of the run that
// made it.
func trackTable(rows []trackRow) string {
	var b strings.Builder
	b.WriteString("| Bug | Issue | Caught at random by | Caught by search or comparison by | Others needed |\n| --- | --- | --- | --- | --- |\n")
	for i := range rows {
		r := &rows[i]
		if len(r.tries) == 0 {
			continue
		}
		var random, other, published []string
		for k := range r.tries {
			if t := &r.tries[k]; t.way.Name() == "random" {
				random = append(random, t.cell())
			} else {
				other = append(other, t.cell())
			}
		}
		if why := r.hunt.Unsearched; why != "" {
			other = append(other, "not searched: "+why)
		}
		for _, p := range r.hunt.Published {
			published = append(published, publishedCell(p))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.info.Name, links(r.info.JIRA), strings.Join(random, "<br>"),
			strings.Join(other, "<br>"), strings.Join(published, "<br>"))
	}
	return b.String()
}

// cell is a way in the table.
func (t *try) cell() string {
	switch {
	case t.catch == nil:
		return "**not caught**"
	case !t.right:
		return fmt.Sprintf("**the wrong check**, %s", t.catch.Check)
	}
	text := fmt.Sprintf("%s: %s, %s", t.catch.Check, t.figures(), seconds(t.took))
	if t.way.Name() != "random" {
		text += "; " + t.way.Where()
	}
	if t.shrunk != nil {
		text += "; shrunk to " + t.size()
	}
	return text
}

func publishedCell(p hunts.Published) string {
	words := []string{p.Tool}
	if p.States > 0 {
		words = append(words, plural(int(p.States), "state"))
	}
	if p.Depth > 0 {
		words = append(words, fmt.Sprintf("depth %d", p.Depth))
	}
	return strings.Join(append(words, p.Time), ", ")
}

// canSplice returns an error if there is no place for the table in a file.
func canSplice(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return readable(file, err)
	}
	if _, _, ok := place(string(text)); !ok {
		return usage("%s: a table goes between the lines %q and %q, which it must have", file, trackBegin, trackEnd)
	}
	return nil
}

// splice writes the table into a file in place of what stands there.
func splice(file, table string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return readable(file, err)
	}
	from, to, _ := place(string(text))
	whole := string(text[:from]) + "\n" + table + "\n" + string(text[to:])
	if err := os.WriteFile(file, []byte(whole), 0o644); err != nil {
		return readable(file, err)
	}
	return nil
}

// place finds what is between the marks.
func place(text string) (from, to int, ok bool) {
	from = strings.Index(text, trackBegin+"\n")
	to = strings.Index(text, trackEnd)
	return from + len(trackBegin) + 1, to, from >= 0 && to > from
}

// trackJSON is what zabsim bugs run --json prints. It has no times.
type trackJSON struct {
	Bugs []trackBugJSON `json:"bugs"`
	Exit int            `json:"exit"`
}

type trackBugJSON struct {
	Name      string          `json:"name"`
	JIRA      []string        `json:"jira"`
	Breaks    []string        `json:"breaks"`
	Hunts     []huntJSON      `json:"hunts"`
	Published []publishedJSON `json:"published"`
	NoSearch  string          `json:"noSearch,omitempty"` // why no search finds it
}

// huntJSON is one way. What the way does not have is left out.
type huntJSON struct {
	Way         string `json:"way"`
	Where       string `json:"where"`
	Caught      bool   `json:"caught"` // by one of the checks that the bug breaks
	Check       string `json:"check,omitempty"`
	Detail      string `json:"detail,omitempty"`
	Tries       int    `json:"tries,omitempty"` // runs, sequences or restarts
	Seed        uint64 `json:"seed,omitempty"`
	Events      uint64 `json:"events,omitempty"`
	States      uint64 `json:"states,omitempty"`
	Transitions uint64 `json:"transitions,omitempty"`
	Depth       int    `json:"depth,omitempty"`
	Command     string `json:"command,omitempty"` // that shows it again

	Shrunk *shrunkSizeJSON `json:"shrunk,omitempty"`
}

type shrunkSizeJSON struct {
	sizeJSON
	Lines int `json:"lines"`
}

type publishedJSON struct {
	Tool   string `json:"tool"`
	Time   string `json:"time"`
	Depth  int    `json:"depth"`
	States uint64 `json:"states"`
	Broke  string `json:"broke"`
	Source string `json:"source"`
}

func trackJSONOf(rows []trackRow, exit int) *trackJSON {
	all := &trackJSON{Bugs: []trackBugJSON{}, Exit: exit}
	for i := range rows {
		r := &rows[i]
		b := trackBugJSON{Name: r.info.Name, JIRA: orEmpty(r.info.JIRA), Breaks: r.info.Breaks, Hunts: []huntJSON{}, Published: []publishedJSON{}, NoSearch: r.hunt.Unsearched}
		for k := range r.tries {
			b.Hunts = append(b.Hunts, r.tries[k].json(&r.hunt))
		}
		for _, p := range r.hunt.Published {
			b.Published = append(b.Published, publishedJSON(p))
		}
		all.Bugs = append(all.Bugs, b)
	}
	return all
}

func (t *try) json(of *hunts.Hunt) huntJSON {
	h := huntJSON{Way: t.way.Name(), Where: t.way.Where(), Caught: t.good()}
	c := t.catch
	if c == nil {
		return h
	}
	h.Check, h.Detail, h.Tries, h.Command = c.Check, c.Detail, c.Tries, t.command(of)
	if c.Run != nil {
		h.Seed, h.Events = c.Run.Seed, c.Run.Outcome.Run.Events()
	}
	if c.States != nil {
		h.States, h.Transitions, h.Depth = c.States.States, c.States.Transitions, c.States.Depth
	}
	if t.shrunk != nil {
		h.Shrunk = &shrunkSizeJSON{sizeOf(&t.shrunk.After), t.lines}
	}
	return h
}

// planText is a plan as it is written.
func planText(p *plan.Plan) (string, error) {
	var b strings.Builder
	err := p.Write(&b)
	return b.String(), err
}
