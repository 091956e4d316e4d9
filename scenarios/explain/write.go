package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"zabsim/scenarios"
)

// width is where the prose of an explanation is wrapped.
const width = 100

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// head begins a part.
func (p *printer) head(format string, args ...any) { p.line("\n"+format, args...) }

// prose writes text below a head, wrapped.
func (p *printer) prose(indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != indent {
			p.line("%s", line)
			line = indent
		}
		if line != indent {
			line += " "
		}
		line += word
	}
	if line != indent {
		p.line("%s", line)
	}
}

// Write tells the explanation in words.
func (e *Explanation) Write(w io.Writer) error {
	p := &printer{w: w}
	bugs := ""
	if e.Bugs != "" {
		bugs = ", with the bug " + strings.ReplaceAll(e.Bugs, ",", ", ")
	}
	p.line("%s, seed %d, %d servers%s: %s", e.Scenario, e.Seed, e.Servers, bugs, e.Verdict)
	p.line("%s events, fingerprint %s", number(e.Events), e.Fingerprint)
	if e.Stale {
		p.line("This is not the run that the plan expects: the plan was edited, or the code has changed.")
	}
	switch {
	case e.Facts != nil:
		e.writeBroken(p)
	case e.Verdict == scenarios.Vacuous:
		e.writeMissing(p)
	case e.Verdict == scenarios.Failed:
		e.writeLimit(p)
	case e.Verdict == scenarios.Unknown && e.Broken != nil:
		p.head("What is not known")
		p.prose("  ", e.Broken.Name+": "+e.Broken.Doc)
		p.prose("  ", e.Broken.Text)
	case e.Verdict == scenarios.Passed && len(e.Excused) > 0:
		p.head("Nothing was broken that counts")
	case e.Verdict == scenarios.Passed:
		p.head("Nothing was broken")
	}
	if e.Facts == nil {
		p.head("What was checked")
		p.prose("  ", fmt.Sprintf("%d checks passed.", e.Checked))
		p.head("What was reached")
		reached := "nothing"
		if len(e.Reached) > 0 {
			reached = strings.Join(e.Reached, ", ")
		}
		p.prose("  ", reached)
	}
	if len(e.Others) > 0 {
		p.head("Also")
		for _, c := range e.Others {
			p.prose("  ", c.Name+": "+c.Text)
		}
	}
	e.writeExcused(p)
	return p.err
}

// writeMissing tells what a vacuous run lacks.
func (e *Explanation) writeMissing(p *printer) {
	p.head("What was missing")
	var names []string
	for _, m := range e.Missing {
		names = append(names, m.Name)
		text := m.Name
		if m.Doc != "" {
			text += ": " + m.Doc
		}
		p.prose("  ", text)
	}
	p.prose("  ", fmt.Sprintf("The run had to reach %s, and never did. So it proves nothing: the checks that passed were not put to the test.",
		strings.Join(names, ", ")))
}

// writeLimit tells of a threshold that was not kept.
func (e *Explanation) writeLimit(p *printer) {
	p.head("What the scenario demands (%s)", e.Broken.Name)
	p.prose("  ", e.Broken.Doc)
	p.head("What was measured")
	p.prose("  ", strings.ToUpper(e.Broken.Text[:1])+e.Broken.Text[1:]+". No promise of safety is broken: the run is only slower, or smaller, than its limit allows.")
}

// writeExcused tells what was broken and does not count, and why that is all right.
func (e *Explanation) writeExcused(p *printer) {
	for _, why := range []struct{ by, text string }{
		{ByPlan, "The faults of this plan do to disks what ZooKeeper can't bear, and then it can't keep these promises. The plan " +
			"says so (unsafe, excuse): what the checks found is told here, and does not count."},
		{ByScenario, "The scenario is about other checks (hold): what these found is told here, and does not count."},
	} {
		told := false
		for _, c := range e.Excused {
			if c.By != why.by {
				continue
			}
			if !told {
				p.head("What was broken, and is excused")
				p.prose("  ", why.text)
				told = true
			}
			p.prose("    ", c.Name+": "+c.Text)
		}
	}
}

func (e *Explanation) writeBroken(p *printer) {
	p.head("What was promised (%s)", e.Broken.Name)
	if e.Broken.Doc != "" {
		p.prose("  ", e.Broken.Doc)
		p.prose("  ", "Source: "+e.Broken.Source)
	} else {
		p.prose("  ", "A check that the recipe of this run brings along.")
	}
	p.head("What happened")
	where := ""
	if e.Broken.Event > 0 {
		where = fmt.Sprintf("At #%d ", e.Broken.Event)
	}
	p.prose("  ", where+e.Broken.Text+".")
	if len(e.Facts) > 1 {
		p.head("The facts that contradict each other")
	} else {
		p.head("The fact")
	}
	for _, f := range e.Facts {
		id := "-"
		if f.Event > 0 {
			id = fmt.Sprintf("#%d", f.Event)
		}
		p.line("  %-7s %s", id, f.Text)
	}
	if len(e.Past) > 0 {
		p.head("How it came to that (%d of the %s events that could have had a part in it)", len(e.Past), number(uint64(e.PastOf)))
		p.table(e.Past)
	}
	e.writeStates(p)
	e.writeFate(p)
}

func (e *Explanation) writeStates(p *printer) {
	if len(e.States) == 0 {
		return
	}
	legend := ""
	if slices.ContainsFunc(e.States, func(s State) bool { return s.Changed }) {
		legend = " (* marks what it has changed)"
	}
	p.head("The servers just after #%d%s", e.Shown, legend)
	if p.err != nil {
		return
	}
	tw := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  \tis\tof epoch\tacceptedEpoch\tcurrentEpoch\tlog on disk\tlog in memory\tapplied\tcommitted")
	for i := range e.States {
		s := &e.States[i]
		mark := ""
		if s.Changed {
			mark = " *"
		}
		epoch := "-"
		if s.Epoch > 0 {
			epoch = fmt.Sprint(s.Epoch)
		}
		fmt.Fprintf(tw, "  %s%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Server, mark, s.Role, epoch,
			epochText(s.DiskAccepted, s.Accepted, s.Up), epochText(s.DiskCurrent, s.Current, s.Up), s.DiskLog, dash(s.Logged), dash(s.Applied), dash(s.Committed))
	}
	p.err = tw.Flush()
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
