package main

import (
	"errors"
	"fmt"
	"os"

	"zabsim/sim/explore/path"
)

// playedJSON is what zabsim replay --json prints of the path of a search.
type playedJSON struct {
	Format      int               `json:"format"`
	Model       map[string]string `json:"model"`
	Verdict     string            `json:"verdict"`
	Exit        int               `json:"exit"`
	Steps       int               `json:"steps"`
	Fingerprint string            `json:"fingerprint"`
	Invariant   string            `json:"invariant,omitempty"`
	Detail      string            `json:"detail,omitempty"`
}

// readPath reads the path of a search, nil if the file is a plan of a run.
func readPath(name string) (*path.Path, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, noPlan(name, err)
	}
	if !path.Is(text) {
		return nil, nil
	}
	p, err := path.Parse(name, text)
	if err != nil {
		return nil, usage("%w", err)
	}
	return p, nil
}

// replayPath plays the path of a search and tells it as a story. A path has no
// draws and no time: with --verify it must lead, twice, to what it expects.
func (a *app) replayPath(name string, p *path.Path, f *replayFlags) error {
	if f.out != "" {
		return usage("%s: --out: the path of a search has no run folder but the one that zabsim explore wrote", name)
	}
	tell := func(_ int, lines []string) {
		for _, l := range lines {
			fmt.Fprintln(a.out, "  "+l)
		}
	}
	if f.json {
		tell = nil
	} else {
		fmt.Fprintf(a.out, "zabsim replay, path of a search: %s\n\n", p.Model.String())
	}
	got := p.Play(tell)
	if got.Stale != nil {
		return &failure{exitStale, fmt.Errorf("%s: the path is stale, it was edited or the code has moved on: %w", name, got.Stale)}
	}
	if got.Violation != nil {
		a.code = exitViolated
	}
	if f.verify {
		if again := p.Play(nil).Got; again != got.Got {
			return &failure{exitDiffers, fmt.Errorf("%s: not deterministic: played twice, the path ended with %+v and with %+v", name, got.Got, again)}
		}
		if p.Expect != (path.Expect{}) && p.Expect != got.Got {
			return &failure{orStale(a.code), errors.New(name + ": the path does not lead to what it expects: it was edited, or the code has changed" +
				pathTable(p.Expect, got.Got))}
		}
	}
	if f.json {
		d := playedJSON{Format: 1, Model: map[string]string{}, Verdict: got.Got.Verdict, Exit: a.code, Steps: got.Got.Steps,
			Fingerprint: fmt.Sprintf("%016x", uint64(got.Got.Fingerprint))}
		for _, w := range p.Model.Words() {
			d.Model[w.Name] = w.Value
		}
		if v := got.Violation; v != nil {
			d.Invariant, d.Detail = v.Check, v.Text
		}
		return a.printJSON(d)
	}
	fmt.Fprintln(a.out)
	for _, l := range got.Status {
		fmt.Fprintln(a.out, "  "+l)
	}
	fmt.Fprintf(a.out, "\nverdict: %s, %s\n", got.Got.Verdict, plural(got.Got.Steps, "step"))
	if got.Violation != nil {
		fmt.Fprintf(a.out, "  %s\n", got.Violation)
	}
	if f.verify {
		by := "as the path expects"
		if p.Expect == (path.Expect{}) {
			by = "the same twice; the path has no line \"expect\""
		}
		fmt.Fprintf(a.out, "\nverified: %s, fingerprint %016x, verdict %s, %s\n", plural(got.Got.Steps, "step"), uint64(got.Got.Fingerprint), got.Got.Verdict, by)
	}
	return nil
}

// pathTable lists where two ends differ.
func pathTable(want, got path.Expect) string {
	text := ""
	for _, d := range []struct{ what, a, b string }{
		{"steps", grouped(want.Steps), grouped(got.Steps)},
		{"fingerprint", fmt.Sprintf("%016x", uint64(want.Fingerprint)), fmt.Sprintf("%016x", uint64(got.Fingerprint))},
		{"verdict", want.Verdict, got.Verdict},
		{"check", orDash(want.Check), orDash(got.Check)},
	} {
		if d.a != d.b {
			text += fmt.Sprintf("\n  %-11s  expected %s, got %s", d.what, d.a, d.b)
		}
	}
	return text
}
