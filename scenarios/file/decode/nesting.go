package decode

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The parser's time, and partly its memory and its stack, grow with the square of
// these, or worse. A scenario needs a tenth of them.
const (
	nestMax = 100  // how deep lists and keys may be nested
	keysMax = 1000 // how many keys may stand under one
	tagsMax = 100  // tags and anchors, which are refused anyway, with a better reason
)

// excess is what of a file is too much, and where.
type excess struct {
	at     *token.Position
	reason string
}

// parse is the library's parser; text that makes it panic is no YAML either. What would
// take it too long it does not get.
func parse(text []byte) (file *ast.File, much *excess, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, errors.New("its parts do not fit together")
		}
	}()
	tokens := lexer.Tokenize(string(text))
	if much = tooMuch(tokens); much != nil {
		return nil, much, nil
	}
	file, err = parser.Parse(tokens, 0)
	return file, nil, err
}

// level is a list or a mapping that is open.
type level struct {
	brackets bool // or it is told by its column
	column   int
	keys     int
}

// nesting is what is open at a token, the outermost first.
type nesting struct{ levels []level }

// top returns the innermost level, nil if nothing is open.
func (n *nesting) top() *level {
	if len(n.levels) == 0 {
		return nil
	}
	return &n.levels[len(n.levels)-1]
}

// close closes levels up to the innermost brackets, and outside of brackets those that
// begin to the right of a column.
func (n *nesting) close(column int) {
	for t := n.top(); t != nil && !t.brackets && t.column > column; t = n.top() {
		n.levels = n.levels[:len(n.levels)-1]
	}
}

// entry notes an element of a list or a key.
func (n *nesting) entry(column int, inBrackets bool) {
	if !inBrackets {
		n.close(column)
	}
	if t := n.top(); t != nil && !t.brackets && t.column == column && !inBrackets {
		return
	}
	n.levels = append(n.levels, level{column: column})
}

// tooMuch returns the first thing of which there is more than the parser can take.
func tooMuch(tokens token.Tokens) *excess {
	var n nesting
	brackets, tags := 0, 0
	for i, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
			n.levels = append(n.levels, level{brackets: true})
		case token.SequenceEndType, token.MappingEndType:
			if n.close(-1); brackets > 0 {
				brackets--
				n.levels = n.levels[:len(n.levels)-1]
			}
		case token.CollectEntryType:
			if brackets > 0 {
				n.close(-1)
			}
		case token.SequenceEntryType, token.MappingKeyType:
			n.entry(t.Position.Column, brackets > 0)
		case token.MappingValueType:
			if brackets == 0 && i > 0 {
				n.entry(tokens[i-1].Position.Column, false)
			}
			if top := n.top(); top != nil {
				if top.keys++; top.keys > keysMax {
					return &excess{t.Position, fmt.Sprintf("these are more than %d keys: a scenario needs no such number", keysMax)}
				}
			}
		case token.TagType, token.AnchorType:
			if tags++; tags > tagsMax {
				return &excess{t.Position, "tags (!x) and anchors (&x) are not read here: write the values out"}
			}
		}
		if len(n.levels) > nestMax {
			return &excess{t.Position, fmt.Sprintf("this is nested more than %d deep: a scenario needs no such depth", nestMax)}
		}
	}
	return nil
}
