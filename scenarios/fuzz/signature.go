package fuzz

import (
	"errors"
	"fmt"
	"strings"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
)

// Signature names a failure apart from its seed: two failures with one signature are
// one finding.
type Signature struct {
	Check string // the property that broke first
	// Causes are the event at which it broke and those that led to it, newest first,
	// as lane and verb ("sync fsync"). A check that judges a whole history has no
	// event; its shape is the text of its finding without numbers and names. One
	// that waits for something to happen has neither.
	Causes []string
}

// signDepth is how many causes a signature has: enough to tell two ways to one
// violation apart, too few to tell one way under two seeds apart.
const signDepth = 3

// between separates the parts of a signature in its text.
const between = " < "

// String returns a signature in one line, which ParseSignature reads.
func (s Signature) String() string {
	parts := make([]string, 0, 1+len(s.Causes))
	for _, p := range append([]string{s.Check}, s.Causes...) {
		parts = append(parts, escape.Replace(p))
	}
	return strings.Join(parts, between)
}

// A part of a signature holds no "<" of its own, and no line break.
var escape = strings.NewReplacer(`\`, `\\`, "<", `\l`, "\n", `\n`, "\r", `\r`)

// ParseSignature reads what Signature.String writes. The empty text is the signature
// of a run that does not fail.
func ParseSignature(text string) (Signature, error) {
	if text == "" {
		return Signature{}, nil
	}
	var s Signature
	for i, part := range strings.Split(text, between) {
		p, err := unescape(part)
		switch {
		case err != nil:
			return Signature{}, fmt.Errorf("signature %q: %w", text, err)
		case i > 0:
			s.Causes = append(s.Causes, p)
		case p == "":
			return Signature{}, fmt.Errorf("signature %q: write the name of a check first, as in %q", text,
				"no-ack-before-sync < peer recv")
		default:
			s.Check = p
		}
	}
	return s, nil
}

func unescape(part string) (string, error) {
	if strings.ContainsAny(part, "<\n\r") {
		return "", errors.New(`write "<" only between two blanks, \l elsewhere`)
	}
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(part, `\`)
		b.WriteString(plain)
		if !found {
			return b.String(), nil
		}
		k := -1
		if rest != "" {
			k = strings.IndexByte(`\lnr`, rest[0])
		}
		if k < 0 {
			return "", errors.New(`after a \ one of \, l, n and r is wanted`)
		}
		b.WriteByte("\\<\n\r"[k])
		part = rest[1:]
	}
}

// Equal tells whether two failures are one finding.
func (s Signature) Equal(t Signature) bool { return s.String() == t.String() }

// Sign runs p and returns the signature of its failure, the zero value if it does not
// fail. A run that fails in an event is run again up to there, to learn what led to
// it; set.Sink sees the first run only.
func Sign(p *plan.Plan, set scenarios.Settings) (Signature, *scenarios.Outcome) {
	o := scenarios.Execute(p, set)
	if !fails(o) {
		return Signature{}, o
	}
	return shapeOf(p, set, o), o
}

// shapeOf returns the signature of o, which is how p has failed.
func shapeOf(p *plan.Plan, set scenarios.Settings, o *scenarios.Outcome) Signature {
	s := Signature{Check: o.Broken.Name}
	if event := brokenAt(o); event > 0 {
		s.Causes = causes(p, set, event)
	} else if o.Verdict == scenarios.Violated {
		s.Causes = []string{normalise(o.Broken.Detail)}
	}
	return s
}

// fails tells whether an outcome is a failure: a run that is vacuous or that nobody
// could judge is none.
func fails(o *scenarios.Outcome) bool {
	return o.Broken != nil && (o.Verdict == scenarios.Violated || o.Verdict == scenarios.NoProgress)
}

// brokenAt returns the event that broke what decided the verdict, 0 if none did: the
// check judges a history, or the end of the run.
func brokenAt(o *scenarios.Outcome) uint64 {
	for i := range o.Run.View.Violations {
		if o.Run.View.Violations[i].Check == o.Broken.Name && !o.Run.AtEnd(i) {
			return o.Run.Found(i).Event
		}
	}
	return 0
}

// causes runs p up to an event and follows its causes back.
func causes(p *plan.Plan, set scenarios.Settings, event uint64) []string {
	var past past
	set.Sink, set.StopAtFirst = &past, true
	scenarios.Execute(p, set)
	return past.back(event, signDepth)
}

var _ trace.Sink = (*past)(nil)
