package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// parseOp reads what follows "op".
func parseOp(words []word) (o Op, err error) {
	if len(words) < 5 {
		return o, want(words, `one like "op c1#2 wait 12.5ms set /r0 c1-1"`)
	}
	if o.Client, o.Number, err = parseOpID(words[0].text); err != nil {
		return o, err
	}
	if !words[1].is("wait") {
		return o, fmt.Errorf("op %s: write its wait next, such as \"wait 12.5ms\"", words[0].text)
	}
	if o.Wait, err = ParseDuration(words[2].text); err != nil {
		return o, fmt.Errorf("op %s wait: %w", words[0].text, err)
	}
	kind := slices.Index(opWords, words[3].text)
	if kind < int(OpGet) {
		return o, unknown("operation", words[3].text, opWords[OpGet:])
	}
	o.Kind, o.Key = OpKind(kind), words[4].text
	switch rest := words[5:]; {
	case o.Kind.Writes() && len(rest) == 1:
		o.Value = rest[0].text
	case o.Kind.Writes():
		return o, want(rest, fmt.Sprintf("one key and one value after %v", o.Kind))
	case len(rest) > 0:
		return o, want(rest, fmt.Sprintf("one key and nothing more after %v", o.Kind))
	}
	return o, nil
}

// parseOpID reads "c1#2". Whether client 1 exists is checked with the others.
func parseOpID(text string) (client, num int, err error) {
	c, n, found := strings.Cut(text, "#")
	c, named := strings.CutPrefix(c, "c")
	client, errC := number(c, 1, math.MaxInt32)
	num, errN := number(n, 1, math.MaxInt32)
	if !found || !named || errC != nil || errN != nil {
		return 0, 0, fmt.Errorf("%q is no operation: write client and number, such as c1#2", text)
	}
	return client, num, nil
}

// parseFault reads what follows "fault".
func parseFault(words []word) (f Fault, err error) {
	if len(words) < 2 {
		return f, want(words, `one like "fault 20s crash leader for 8s"`)
	}
	if f.At, err = ParseDuration(words[0].text); err != nil {
		return f, fmt.Errorf("fault: %w", err)
	}
	f.Name = words[1].text
	args := words[2:]
	switch n := len(args); {
	case n > 0 && args[n-1].is("for"):
		return f, fmt.Errorf("fault %s: a duration must follow for, such as \"for 8s\"", f.Name)
	case n > 1 && args[n-2].is("for"):
		if f.For, err = ParseDuration(args[n-1].text); err != nil {
			return f, fmt.Errorf("fault %s for: %w", f.Name, err)
		}
		if f.For == 0 {
			return f, fmt.Errorf("fault %s for 0s has no effect: leave \"for\" away for a fault that lasts until "+
				"the second act", f.Name)
		}
		args = args[:n-2]
	}
	for _, w := range args {
		if w.is("for") {
			return f, fmt.Errorf("fault %s: for and its duration must end the line", f.Name)
		}
		f.Args = append(f.Args, w.text)
	}
	return f, nil
}

// parseDecision reads what follows "decide". The value is the last word and the
// one before it is "=", so that a key may hold that word, too.
func parseDecision(words []word) (d Decision, err error) {
	const form = `one like "decide isolate@20s target = n5", with quotes around a value of several words`
	n := len(words)
	if n < 3 || !words[n-2].is("=") {
		return d, want(words, form)
	}
	var key []string
	for _, w := range words[:n-2] {
		if w.quoted {
			return d, fmt.Errorf("decide: take the quotes off %q, a key is made of words without", w.text)
		}
		key = append(key, w.text)
	}
	return Decision{Key: strings.Join(key, " "), Value: words[n-1].text}, nil
}

// expectWords are the names in the line "expect"; the last may be absent.
var expectWords = []string{"events", "fingerprint", "verdict", "check"}

// parseExpect reads what follows "expect".
func parseExpect(words []word) (e Expect, err error) {
	var seen [4]bool
	for _, w := range words {
		name, value, found := strings.Cut(w.text, "=")
		i := slices.Index(expectWords, name)
		switch {
		case w.quoted || !found || value == "":
			return e, want(words, "name=value, without blanks or quotes, such as events=4211")
		case i < 0:
			return e, unknown("name", name, expectWords)
		case seen[i]:
			return e, fmt.Errorf("%s is there twice", name)
		}
		seen[i] = true
		if err := e.set(name, value); err != nil {
			return e, err
		}
	}
	for i, name := range expectWords[:3] {
		if !seen[i] {
			return e, errors.New("expect: " + name + "= is missing; without a result leave the whole line away")
		}
	}
	return e, nil
}

func (e *Expect) set(name, value string) (err error) {
	switch name {
	case "events":
		if e.Events, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("events=%s: write a whole number below 2^64", value)
		}
	case "fingerprint":
		if e.Fingerprint, err = strconv.ParseUint(value, 16, 64); err != nil || len(value) != 16 {
			return fmt.Errorf("fingerprint=%s: write 16 hexadecimal digits", value)
		}
	case "verdict":
		e.Verdict = value
	case "check":
		e.Check = value
	}
	return nil
}
