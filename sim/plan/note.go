package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// read takes a line of the note. A line that says nothing is a mistake: leaving it
// out says the same.
func (n *Note) read(name, arg string) (err error) {
	if strings.TrimSpace(arg) == "" {
		return errors.New("it says nothing: fill it in, or leave the line out")
	}
	switch name {
	case "why":
		n.Why = arg
	case "origin":
		n.Origin = arg
	case "signature":
		n.Signature = arg
	case "reach":
		n.Reach = strings.Split(arg, ",")
	case "scenarioHash":
		n.ScenarioHash, err = strconv.ParseUint(arg, 16, 64)
		if err != nil || len(arg) != 16 || n.ScenarioHash == 0 {
			return fmt.Errorf("%q: write 16 hexadecimal digits, or leave the line out", arg)
		}
	}
	return err
}

// check can't know which properties there are: who judges the plan does.
func (n *Note) check() *problem {
	for _, line := range []struct{ word, text string }{{"why", n.Why}, {"origin", n.Origin}, {"signature", n.Signature}} {
		if line.text != "" && strings.TrimSpace(line.text) == "" {
			return wrong(line.word, 0, "%s: it says nothing: fill it in, or leave the line out", line.word)
		}
	}
	for i, name := range n.Reach {
		switch {
		case !plain(name) || strings.Contains(name, ","):
			return wrong("reach", 0, "reach %s: write names of sometimes-properties with commas between them, and no blanks",
				strings.Join(n.Reach, ","))
		case slices.Contains(n.Reach[:i], name):
			return wrong("reach", 0, "reach %s: %s is there twice", strings.Join(n.Reach, ","), name)
		}
	}
	return nil
}

// append writes the lines of the note, which stand above all others: they are for
// people.
func (n *Note) append(b []byte) []byte {
	for _, line := range []struct{ word, text string }{{"why ", n.Why}, {"origin ", n.Origin}, {"signature ", n.Signature}} {
		if line.text != "" {
			b = append(appendWord(append(b, line.word...), line.text), '\n')
		}
	}
	if len(n.Reach) > 0 {
		b = append(append(append(b, "reach "...), strings.Join(n.Reach, ",")...), '\n')
	}
	if n.ScenarioHash != 0 {
		b = append(appendHex(append(b, "scenarioHash "...), n.ScenarioHash), '\n')
	}
	return b
}
