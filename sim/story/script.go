package story

import (
	"fmt"
	"strings"
)

// separator is the line between commands and their reaction.
const separator = "----"

// Run plays the story in text and returns it with every reaction replaced by what
// happened. If a command is wrong or what a story expects does not hold, the error
// names file and line, and the text ends there: its last reaction is what happened
// up to that command. The name is for errors only.
func Run(name, text string) (string, error) {
	p := player{name: name}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r")
		switch {
		case line == separator:
			for i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" {
				i++ // the reaction of another day
			}
			p.react()
		case line == "" || line[0] == '#':
			if line == "" {
				p.react() // commands that were never played
			}
			p.write(line)
		default:
			p.write(line)
			p.commands++
			if err := p.play(i+1, line); err != nil {
				p.react()
				return p.text.String(), err
			}
		}
	}
	p.react()
	return p.text.String(), p.end(len(lines))
}

// player goes through a script.
type player struct {
	name     string
	text     strings.Builder
	commands int // since the last reaction
	stage    *stage
}

func (p *player) write(line string) {
	p.text.WriteString(line)
	p.text.WriteByte('\n')
}

// react writes the reaction to the commands so far.
func (p *player) react() {
	if p.commands == 0 {
		return
	}
	p.commands = 0
	p.write(separator)
	if p.stage == nil || len(p.stage.out) == 0 {
		p.write("ok")
		return
	}
	for _, line := range p.stage.out {
		p.write(line)
	}
	p.stage.out = p.stage.out[:0]
}

// play runs one command.
func (p *player) play(line int, text string) error {
	fields := strings.Fields(text)
	if fields[0] == "world" {
		if err := p.end(line); err != nil {
			return err
		}
		old := p.stage
		s, err := newStage(fields[1:])
		if err != nil {
			return p.at(line, err)
		}
		if p.stage = s; old != nil {
			s.out = old.out // of commands in the same block
		}
		return nil
	}
	quietly := fields[0] == "quietly" && len(fields) > 1
	if quietly {
		fields = fields[1:]
	}
	v, err := findVerb(fields[0])
	switch {
	case err != nil:
		return p.at(line, err)
	case p.stage == nil:
		return p.at(line, fmt.Errorf("%s: there is no world yet; the first command must be like: %s", v.name, worldUsage))
	}
	p.stage.silent = quietly
	err = v.do(p.stage, fields[1:])
	p.stage.silent = false
	if err != nil {
		return p.at(line, fmt.Errorf("%s: %w", v.name, err))
	}
	return nil
}

// end closes the world: a violation that nobody expected must not become golden. What
// follows from one that was expected need not be named: it stands in the story.
func (p *player) end(line int) error {
	if p.stage == nil || len(p.stage.known) > 0 {
		return nil
	}
	if v := p.stage.unexpected(); v != "" {
		return p.at(line, fmt.Errorf("this world ends with a violation that no command expects: %s; "+
			"if it is meant, say: expect violation %s", v, strings.SplitN(v, ":", 2)[0]))
	}
	return nil
}

func (p *player) at(line int, err error) error { return fmt.Errorf("%s:%d: %w", p.name, line, err) }
