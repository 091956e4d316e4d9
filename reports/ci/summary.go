package ci

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// SummaryMax is how many bytes GitHub takes as the summary of one step; it drops a
// longer one as a whole.
const SummaryMax = 1 << 20

// WriteSummary writes the report as GitHub's Markdown in at most room bytes: a table of
// scenarios, the findings with what repeats them, and what was not reached. What has no
// room is left out block by block, and the end says so.
func WriteSummary(w io.Writer, r *Report, room int) error {
	d := &document{room: room - len(summaryCut)}
	d.add("## zabsim: " + r.outcome() + "\n\n" + r.facts())
	d.table(r)
	for i := range r.Findings {
		d.finding(i+1, &r.Findings[i])
	}
	d.beside(r)
	if d.cut {
		d.text.WriteString(summaryCut[:max(min(room-d.text.Len(), len(summaryCut)), 0)])
	}
	_, err := io.WriteString(w, d.text.String())
	return err
}

const summaryCut = "\n**This summary was cut: GitHub takes 1 MiB from one step. fuzz.json has everything.**\n"

// document grows block by block until its room is spent.
type document struct {
	text strings.Builder
	room int
	cut  bool
}

// add appends a block that stands for itself, or drops it and all that follow.
func (d *document) add(block string) {
	if d.cut = d.cut || d.text.Len()+len(block) > d.room; !d.cut {
		d.text.WriteString(block)
	}
}

// outcome is the verdict of the campaign in a few words.
func (r *Report) outcome() string {
	worst := good
	for _, g := range r.groups() {
		for i := range g.rows {
			worst = max(worst, g.rows[i].level())
		}
	}
	text := "passed"
	switch {
	case len(r.Findings) > 0:
		text = plural(len(r.Findings), "finding")
	case worst == bad:
		text = "failed"
	case worst == doubt || r.Exit != 0:
		text = "not proven"
	}
	if r.Interrupted {
		text += ", interrupted"
	}
	return text
}

// facts are what was run, in one paragraph.
func (r *Report) facts() string {
	parts := []string{plural(r.Runs, "run"), "base seed " + strconv.FormatUint(r.Seed, 10)}
	if r.Profile != "" {
		parts = append(parts, "profile "+markdown(r.Profile))
	}
	if r.Shard != "" {
		parts = append(parts, "shard "+markdown(r.Shard))
	}
	if r.Tool != "" {
		parts = append(parts, "zabsim "+markdown(r.Tool))
	}
	text := strings.Join(append(parts, fmt.Sprintf("exit code %d", r.Exit)), ", ") + ".\n\n"
	if r.Command != "" {
		text += fence(oneLine(r.Command, reproMax))
	}
	return text
}

// columns are the verdicts that the table counts.
var columns = []string{"passed", "violated", "no-progress", "unknown", "vacuous"}

func (d *document) table(r *Report) {
	if len(r.Suites) == 0 {
		return
	}
	d.add("| Scenario | Runs | Passed | Violated | No progress | Unknown | Vacuous |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i := range r.Suites {
		s := &r.Suites[i]
		line := "| " + markdown(s.Scenario) + " | " + number(uint64(max(s.Runs, 0)))
		for _, c := range columns {
			line += " | " + number(uint64(max(s.Counts[c], 0)))
		}
		d.add(line + " |\n")
	}
	d.add("\n")
}

func (d *document) finding(n int, f *Finding) {
	var b strings.Builder
	fmt.Fprintf(&b, "### %d. %s: %s\n\n", n, markdown(f.Scenario), markdown(f.Property))
	fmt.Fprintf(&b, "**%s**: %s\n\n", markdown(f.Verdict), markdown(f.Violation))
	fmt.Fprintf(&b, "%s. Signature: %s\n\n", upper(f.times()), markdown(f.Signature))
	b.WriteString(fence(oneLine(f.Repro, reproMax)))
	if list := f.sizes(); len(list) > 0 {
		b.WriteString("| | Events | Faults | Operations | Servers |\n| --- | ---: | ---: | ---: | ---: |\n| found |")
		for _, s := range list {
			b.WriteString(" " + number(s.before) + " |")
		}
		b.WriteString("\n| shrunk |")
		for _, s := range list {
			b.WriteString(" " + number(s.after) + " |")
		}
		b.WriteString("\n\n")
	}
	for _, k := range head(f.Kept, keptMax) {
		b.WriteString("- not removed: " + markdown(k) + "\n")
	}
	if len(f.Kept) > 0 {
		b.WriteString("\n")
	}
	if len(f.Trace) > 0 {
		b.WriteString("<details><summary>How it goes</summary>\n\n" + fence(strings.Join(f.trace(), "\n")) + "</details>\n\n")
	}
	d.add(b.String())
}

// beside tells the corpus, the double runs and the coverage.
func (d *document) beside(r *Report) {
	c := &r.Corpus
	if c.Replayed > 0 || len(c.Stale) > 0 || len(c.Failed) > 0 {
		d.add(fmt.Sprintf("Corpus: %s replayed, %d failed, %d stale.\n\n", plural(c.Replayed, "plan"), len(c.Failed), len(c.Stale)))
		d.list("failed: ", c.Failed)
		d.list("stale: ", c.Stale)
	}
	if n := len(r.Doubles.Differed); r.Doubles.Runs > 0 || n > 0 {
		d.add(fmt.Sprintf("Determinism: %s repeated, %d differed.\n\n", plural(r.Doubles.Runs, "run"), n))
		d.list("differed: ", r.Doubles.Differed)
	}
	var missing []string
	for _, s := range r.Coverage.Sometimes {
		if s.Hits == 0 {
			missing = append(missing, s.Name)
		}
	}
	if len(r.Coverage.Sometimes) > 0 {
		d.add(fmt.Sprintf("Coverage: %d of %d named properties reached, %s of the protocol, the last new one in run %d.\n\n",
			len(r.Coverage.Sometimes)-len(missing), len(r.Coverage.Sometimes), plural(len(r.Coverage.Transitions), "transition"), r.Coverage.NewAt))
		d.list("not reached: ", missing)
	}
}

// list is a block of its own for each line, so that a long one is cut between lines.
func (d *document) list(prefix string, lines []string) {
	for _, line := range lines {
		d.add("- " + prefix + markdown(line) + "\n")
	}
	if len(lines) > 0 {
		d.add("\n")
	}
}

// markdownEscapes turns every character that means something in a line of GitHub's
// Markdown into itself. An address is left without its colon, so that it is no link.
var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, "`", "\\`", `\`, `\\`,
	"*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "@", "&#64;", "://", "&#58;//", "$", `\$`,
)

// markdown is text as one line inside of a paragraph or a cell.
func markdown(text string) string { return markdownEscapes.Replace(oneLine(text, lineMax)) }

// fence is text as a block of code. Its fence is longer than any within.
func fence(text string) string {
	ticks := "```"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks + "text\n" + text + "\n" + ticks + "\n\n"
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
