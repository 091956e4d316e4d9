package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/quorum"
)

// Parse reads a plan. Errors begin with name and line and say what would be
// right. A nil v accepts every fault, for readers that only show a plan.
func Parse(name string, r io.Reader, v Vocabulary) (*Plan, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	lines, err := frame(name, string(text))
	if err != nil {
		return nil, err
	}
	p := parser{seen: make([]int, len(header))}
	for _, l := range lines[1 : len(lines)-1] {
		words, err := split(l.text)
		if err == nil {
			err = p.read(l.number, words)
		}
		if err != nil {
			return nil, l.fail(name, err)
		}
	}
	w := p.complete()
	if w == nil {
		w = p.plan.check()
	}
	if w != nil {
		end := lines[len(lines)-1].number // blamed for what is missing
		return nil, line{number: cmp.Or(p.lineOf(w), end)}.fail(name, errors.New(w.text))
	}
	if v == nil {
		return &p.plan, nil
	}
	for i := range p.plan.Faults {
		f := &p.plan.Faults[i]
		if err := checkFault(&p.plan, f, v); err != nil {
			return nil, line{number: f.Line}.fail(name, err)
		}
	}
	return &p.plan, nil
}

func checkFault(p *Plan, f *Fault, v Vocabulary) error {
	if known := v.FaultNames(); !slices.Contains(known, f.Name) {
		return unknown("fault", f.Name, known)
	}
	return v.CheckFault(p, f)
}

// line is one that says something: not blank, and not only a comment.
type line struct {
	number int // from 1
	text   string
}

func (l line) fail(name string, err error) error { return fmt.Errorf("%s:%d: %w", name, l.number, err) }

func (l line) isEnd() bool {
	words, err := split(l.text)
	return err == nil && len(words) == 1 && words[0].is("end")
}

// frame cuts text into lines and checks the first and the last of them, before
// any other can be misread: a newer format may mean something else by it, and
// half a line may look like a mistake.
func frame(name, text string) ([]line, error) {
	var lines []line
	number := 0
	for t := range strings.SplitSeq(text, "\n") {
		number++
		t = strings.Trim(t, blanks)
		if t != "" && t[0] != '#' {
			lines = append(lines, line{number, t})
		}
	}
	if len(lines) == 0 {
		return nil, line{number: 1}.fail(name, fmt.Errorf("the file is empty: its first line must be \"%s %d\"", magic, Format))
	}
	if err := checkFormat(lines[0].text); err != nil {
		return nil, lines[0].fail(name, err)
	}
	for i, l := range lines {
		switch {
		case i == 0 || !l.isEnd():
		case i < len(lines)-1:
			return nil, lines[i+1].fail(name, errors.New(`nothing may follow the line "end"`))
		default:
			return lines, nil
		}
	}
	return nil, fmt.Errorf("%s: cut off after line %d: the last line must be \"end\"", name, lines[len(lines)-1].number)
}

func checkFormat(text string) error {
	words, err := split(text)
	if err != nil || len(words) != 3 || words[0].text+" "+words[1].text != magic {
		return fmt.Errorf("this is no plan: its first line must be \"%s %d\"", magic, Format)
	}
	if words[2].text != strconv.Itoa(Format) {
		return fmt.Errorf("format %s, this zabsim reads format %d", words[2].text, Format)
	}
	return nil
}

// parser is a plan in the making. Lines come in any order, so what belongs to
// several of them waits for complete.
type parser struct {
	plan        Plan
	seen        []int // by header word, the line of its first use
	servers     int
	groupLines  [quorum.Slots]int // by server, the line that puts it in its group
	weightLines [quorum.Slots]int // by server
	ops         []opLine
	expectLine  int
}

type opLine struct {
	Op
	line int
}

// others are the words that begin a line and are not of the header.
var others = []string{"program", "op", "fault", "decide", "expect", "end"}

// read takes one line, which has at least one word.
func (p *parser) read(number int, words []word) error {
	if p.expectLine > 0 {
		return errors.New(`only "end" may follow the line "expect"`)
	}
	switch key := words[0]; {
	case key.is("op"):
		o, err := parseOp(words[1:])
		p.ops = append(p.ops, opLine{o, number})
		return err
	case key.is("program"):
		x, err := parseProgram(words[1:])
		x.Line = number
		p.plan.Programs = append(p.plan.Programs, x)
		return err
	case key.is("fault"):
		f, err := parseFault(words[1:])
		f.Line = number
		p.plan.Faults = append(p.plan.Faults, f)
		return err
	case key.is("decide"):
		d, err := parseDecision(words[1:])
		d.Line = number
		p.plan.Decisions = append(p.plan.Decisions, d)
		return err
	case key.is("expect"):
		p.expectLine = number
		var err error
		p.plan.Expect, err = parseExpect(words[1:])
		return err
	}
	return p.readHeader(number, words)
}

// complete puts together what lines in any order have said.
func (p *parser) complete() *problem {
	for i, h := range header {
		if p.seen[i] == 0 && !h.optional {
			return wrong(h.word, 0, "the plan has no line %q: add one, such as \"%s\"", h.word, h.example)
		}
	}
	if extra := p.plan.Quorum.Observers &^ quorum.Range(p.servers); extra != 0 {
		return wrong("observers", 0, "observers: there is no server %d of %d", extra.First(), p.servers)
	}
	p.completeQuorum()
	if w := p.checkWeightLines(); w != nil {
		return w
	}
	slices.SortStableFunc(p.ops, func(a, b opLine) int {
		return cmp.Or(a.Client-b.Client, a.Number-b.Number)
	})
	for _, o := range p.ops {
		p.plan.Ops = append(p.plan.Ops, o.Op)
	}
	slices.SortStableFunc(p.plan.Programs, func(a, b Program) int { return cmp.Compare(a.Client, b.Client) })
	slices.SortStableFunc(p.plan.Faults, func(a, b Fault) int { return cmp.Compare(a.At, b.At) })
	return nil
}

// lineOf returns the line to blame for w, 0 if no line is there.
func (p *parser) lineOf(w *problem) int {
	switch w.word {
	case "op":
		return p.ops[w.index].line
	case "program":
		return p.plan.Programs[w.index].Line
	case "fault":
		return p.plan.Faults[w.index].Line
	case "decide":
		return p.plan.Decisions[w.index].Line
	case "expect":
		return p.expectLine
	case "group":
		return cmp.Or(p.groupLines[w.index], p.weightLines[w.index], p.seen[headerIndex(w.word)])
	case "weight":
		return cmp.Or(p.weightLines[w.index], p.groupLines[w.index], p.seen[headerIndex(w.word)])
	}
	return p.seen[headerIndex(w.word)]
}
