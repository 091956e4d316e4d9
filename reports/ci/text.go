package ci

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// clean returns text without what XML 1.0 and terminals cannot hold: control
// characters and the like are dropped, bytes that are no UTF-8 (among them lone
// surrogates) become the replacement character.
func clean(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\n' || c == '\r':
			return c
		case c < ' ', c >= 0x7f && c <= 0x9f, c == 0xfffe, c == 0xffff:
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// oneLine is clean text with its line ends as spaces, of at most limit bytes.
func oneLine(text string, limit int) string {
	return cut(strings.Join(strings.Fields(clean(text)), " "), limit)
}

// cut shortens text to at most limit bytes at a character's border and marks it.
func cut(text string, limit int) string {
	const mark = "..."
	if len(text) <= limit {
		return text
	}
	end := max(limit-len(mark), 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// The most that is shown of a finding.
const (
	lineMax  = 1000 // bytes of a violation, a signature or a line of a trace
	reproMax = 4000 // bytes; a line to paste is not cut in practice
	traceMax = 40   // lines
	keptMax  = 20   // lines
)

// headline says in one line what a row is about.
func (w *row) headline() string {
	switch {
	case len(w.findings) == 0 && w.detail == "":
		return w.verdict
	case len(w.findings) == 0:
		return oneLine(w.detail, lineMax)
	}
	text := oneLine(w.findings[0].Violation, lineMax)
	if more := len(w.findings) - 1; more > 0 {
		text += fmt.Sprintf(" (and %s of this property)", plural(more, "more finding"))
	}
	return text
}

// times says how often a finding was seen.
func (f *Finding) times() string {
	if f.Count == 1 {
		return "seen once, with seed " + strconv.FormatUint(f.Seed, 10)
	}
	return fmt.Sprintf("seen %s times, smallest with seed %d", number(uint64(max(f.Count, 0))), f.Seed)
}

// size is one line of the figures of shrinking.
type size struct {
	what          string
	before, after uint64
}

// sizes returns the figures of shrinking, nothing if there was none.
func (f *Finding) sizes() []size {
	if f.EventsAfter == 0 {
		return nil
	}
	n := func(i int) uint64 { return uint64(max(i, 0)) }
	return []size{
		{"events", f.EventsBefore, f.EventsAfter},
		{"faults", n(f.FaultsBefore), n(f.FaultsAfter)},
		{"operations", n(f.OpsBefore), n(f.OpsAfter)},
		{"servers", n(f.ServersBefore), n(f.ServersAfter)},
	}
}

// shrunk is the figures in one line.
func (f *Finding) shrunk() string {
	var parts []string
	for _, s := range f.sizes() {
		parts = append(parts, fmt.Sprintf("%s %s -> %s", s.what, number(s.before), number(s.after)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "shrunk: " + strings.Join(parts, ", ")
}

// trace is the head of the trace, and what was left out of it.
func (f *Finding) trace() []string { return head(f.Trace, traceMax) }

// head returns the first lines, clean, and says how many it leaves out.
func head(lines []string, limit int) []string {
	var list []string
	for i, line := range lines {
		if i == limit {
			return append(list, fmt.Sprintf("... and %s", plural(len(lines)-limit, "more line")))
		}
		list = append(list, cut(strings.TrimRight(strings.ReplaceAll(clean(line), "\n", " "), " \t\r"), lineMax))
	}
	return list
}

// plural returns "1 run" or "2 runs".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return number(uint64(max(n, 0))) + " " + what + "s"
}

// number writes n with commas between thousands.
func number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
