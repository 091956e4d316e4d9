package story

import (
	"fmt"
	"slices"
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
	if err := p.end(); err != nil {
		return p.text.String(), p.at(len(lines), err)
	}
	return p.text.String(), nil
}

// player goes through a script.
type player struct {
	name     string
	text     strings.Builder
	commands int // since the last reaction
	stage    *stage
	scene    opening
	setting  bool // the scene is being set: no reaction since world
}

// opening is how a world begins: what is in one block with the command world.
type opening struct {
	options  []string
	commands [][]string
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
	p.commands, p.setting = 0, false
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
	var err error
	switch fields[0] {
	case "world":
		if err = p.open(fields[1:]); err == nil {
			p.scene, p.setting = opening{options: fields[1:]}, true
		}
	case "again":
		err = p.again(fields[1:])
	default:
		if err = p.do(fields); p.setting {
			p.scene.commands = append(p.scene.commands, fields)
		}
	}
	if err != nil {
		return p.at(line, err)
	}
	return nil
}

// open ends the world under way and begins another one.
func (p *player) open(options []string) error {
	if err := p.end(); err != nil {
		return err
	}
	old := p.stage
	s, err := newStage(options)
	if err != nil {
		return err
	}
	if p.stage = s; old != nil {
		s.out = old.out // of commands in the same block
	}
	return nil
}

// again sets the last scene once more, with other options.
func (p *player) again(options []string) error {
	if p.scene.options == nil {
		return fmt.Errorf("again: there was no world yet; the first command must be like: %s", worldUsage)
	}
	if err := p.open(append(slices.Clone(p.scene.options), options...)); err != nil {
		return err
	}
	for _, fields := range p.scene.commands {
		if fields[0] == "status" || fields[0] == "expect" {
			continue // of that world
		}
		if err := p.do(append([]string{"quietly"}, fields...)); err != nil {
			return fmt.Errorf("again: %w", err)
		}
	}
	return nil
}

// do runs a command that changes or judges the world.
func (p *player) do(fields []string) error {
	quietly := false
	for fields[0] == "quietly" && len(fields) > 1 {
		quietly, fields = true, fields[1:]
	}
	v, err := findVerb(fields[0])
	switch {
	case err != nil:
		return err
	case p.stage == nil:
		return fmt.Errorf("%s: there is no world yet; the first command must be like: %s", v.name, worldUsage)
	}
	p.stage.silent = quietly
	err = v.do(p.stage, fields[1:])
	p.stage.silent = false
	if err != nil {
		return fmt.Errorf("%s: %w", v.name, err)
	}
	return nil
}

// end closes the world: a violation that nobody expected must not become golden. What
// follows from one that was expected need not be named: it stands in the story.
func (p *player) end() error {
	if p.stage == nil || len(p.stage.known) > 0 {
		return nil
	}
	if v := p.stage.unexpected(); v != "" {
		return fmt.Errorf("this world ends with a violation that no command expects: %s; "+
			"if it is meant, say: expect violation %s", v, strings.SplitN(v, ":", 2)[0])
	}
	return nil
}

func (p *player) at(line int, err error) error { return fmt.Errorf("%s:%d: %w", p.name, line, err) }
