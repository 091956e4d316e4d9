package plan

import (
	"fmt"
	"strings"
)

// Program is what a client runs instead of operations of its own: a recipe by name,
// with its arguments. Whoever runs the plan knows the names.
type Program struct {
	Client int
	Name   string
	Args   []string // "root=/lock"
	Line   int      // in the file it was parsed from, 0 otherwise
}

// Arg returns the value of an argument, "" if there is none of this name.
func (p *Program) Arg(name string) string {
	for _, a := range p.Args {
		if value, ok := strings.CutPrefix(a, name+"="); ok {
			return value
		}
	}
	return ""
}

// parseProgram reads what follows "program".
func parseProgram(words []word) (p Program, err error) {
	const example = `one like "program c1 lock root=/lock rounds=20"`
	if len(words) < 2 {
		return p, want(words, example)
	}
	digits, named := strings.CutPrefix(words[0].text, "c")
	if p.Client, err = number(digits, 1, MaxClients); err != nil || !named {
		return p, fmt.Errorf("program: %q is no client: write %s", words[0].text, example)
	}
	p.Name = words[1].text
	for _, w := range words[2:] {
		if !strings.Contains(w.text, "=") {
			return p, fmt.Errorf("program c%d %s: %q is no argument: write name=value", p.Client, p.Name, w.text)
		}
		p.Args = append(p.Args, w.text)
	}
	return p, nil
}

func (p *Plan) appendPrograms(b []byte) []byte {
	for i := range p.Programs {
		x := &p.Programs[i]
		b = append(fmt.Appendf(b, "program c%d ", x.Client), x.Name...)
		for _, a := range x.Args {
			b = appendWord(append(b, ' '), a)
		}
		b = append(b, '\n')
	}
	return b
}

func (p *Plan) checkPrograms() *problem {
	last := 0
	for i := range p.Programs {
		x := &p.Programs[i]
		switch {
		case x.Client < 1 || x.Client > p.Clients:
			return wrong("program", i, "program c%d: there is no client %d of %d", x.Client, x.Client, p.Clients)
		case x.Client == last:
			return wrong("program", i, "program c%d is there twice: a client runs one", x.Client)
		case x.Client < last:
			return wrong("program", i, "program c%d follows c%d: order them by client", x.Client, last)
		case x.Name == "":
			return wrong("program", i, "program c%d has no name", x.Client)
		}
		for k := range p.Ops {
			if p.Ops[k].Client == x.Client {
				return wrong("program", i, "program c%d: the client has operations, too: take the program or the op lines away", x.Client)
			}
		}
		last = x.Client
	}
	return nil
}
