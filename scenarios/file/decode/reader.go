package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"zabsim/internal/nearest"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// reader takes the nodes of a file apart and keeps the first thing that is wrong.
type reader struct {
	file  string
	lines []string
	err   *Error
	at    map[string]ast.Node // the values of keys that plans have, too
	under ast.Node            // the key whose value is being read
}

// fail notes what is wrong at a node, unless something was before.
func (r *reader) fail(n ast.Node, format string, args ...any) {
	line, column := position(n)
	r.failAt(line, column, format, args...)
}

func (r *reader) failAt(line, column int, format string, args ...any) {
	if r.err != nil {
		return
	}
	line = max(line, 1)
	r.err = &Error{File: r.file, Line: line, Column: max(column, 1), Reason: fmt.Sprintf(format, args...)}
	if line <= len(r.lines) {
		r.err.Text = r.lines[line-1]
	}
}

// position returns where a node begins.
func position(n ast.Node) (line, column int) {
	var t *token.Token
	switch n := n.(type) {
	case nil:
		return 1, 1
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return position(n.Values[0].Key)
		}
		t = n.Start
	case *ast.MappingValueNode:
		return position(n.Key)
	default:
		t = n.GetToken()
	}
	if t == nil || t.Position == nil {
		return 1, 1
	}
	return t.Position.Line, t.Position.Column
}

// field is a key of a mapping and what reads its value.
type field struct {
	key  string
	read func(n ast.Node)
}

// mapping reads a mapping whose keys are known. It returns the keys that were there.
func (r *reader) mapping(n ast.Node, what string, fields []field) (seen []string) {
	pairs, ok := r.pairs(n, what)
	if !ok {
		return nil
	}
	var known []string
	for _, f := range fields {
		known = append(known, f.key)
	}
	for _, pair := range pairs {
		key := r.key(pair)
		i := slices.Index(known, key)
		switch {
		case r.err != nil:
			return seen
		case i < 0:
			r.fail(pair.Key, "unknown key %q in %s%s; it may have %s", key, what, nearest.Hint(key, known), strings.Join(known, ", "))
			return seen
		case slices.Contains(seen, key):
			r.fail(pair.Key, "%s stands there twice: take one of them away", key)
			return seen
		}
		seen = append(seen, key)
		if !r.value(pair, key) {
			return seen
		}
		r.under = pair.Key
		fields[i].read(pair.Value)
	}
	return seen
}

// pairs returns the keys and values of a mapping.
func (r *reader) pairs(n ast.Node, what string) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	r.plainYAML(n)
	r.fail(n, "%s: keys and values are wanted, such as \"key: value\"", what)
	return nil, false
}

// key returns the text of a key.
func (r *reader) key(pair *ast.MappingValueNode) string {
	switch k := pair.Key.(type) {
	case *ast.StringNode:
		return r.shown(k, "this key", k.Value)
	case *ast.IntegerNode:
		return k.GetToken().Value
	case *ast.MergeKeyNode:
		r.fail(k, "<< merges are not read here: write the keys out")
	default:
		r.fail(k, "a key is a plain word")
	}
	return ""
}

// value refuses a key without a value.
func (r *reader) value(pair *ast.MappingValueNode, key string) bool {
	if _, null := pair.Value.(*ast.NullNode); null || pair.Value == nil {
		r.fail(pair.Key, "%s has no value: write one, or take the key away", key)
		return false
	}
	return r.plainYAML(pair.Value)
}

// plainYAML refuses what makes a value mean something that does not stand there.
func (r *reader) plainYAML(n ast.Node) bool {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		r.fail(n, "anchors (&x) and aliases (*x) are not read here: write the value out")
		return false
	case *ast.TagNode:
		r.fail(n, "tags (!x) are not read here: take it away")
		return false
	}
	return true
}

// list returns the elements of a sequence.
func (r *reader) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.plainYAML(n)
		r.fail(n, "%s: a list is wanted, such as [a, b], or lines that begin with \"- \"", what)
		return nil
	}
	for _, v := range s.Values {
		if _, null := v.(*ast.NullNode); null || v == nil {
			r.fail(n, "%s: an element has no value", what)
			return nil
		}
		if !r.plainYAML(v) {
			return nil
		}
	}
	return s.Values
}

// scalar returns the text of a plain value.
func (r *reader) scalar(n ast.Node, what string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return r.shown(n, what, n.Value)
	case *ast.LiteralNode:
		return r.shown(n, what, strings.TrimSuffix(n.Value.Value, "\n"))
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value
	}
	r.plainYAML(n)
	r.fail(n, "%s: one word or a text is wanted, neither a list nor keys", what)
	return ""
}

// text returns a scalar as one line.
func (r *reader) text(n ast.Node, what string) string {
	return strings.Join(strings.Fields(r.scalar(n, what)), " ")
}

// words returns a list of texts; one alone may stand there without brackets.
func (r *reader) words(n ast.Node, what string) []string {
	if _, ok := n.(*ast.SequenceNode); !ok {
		return []string{r.text(n, what)}
	}
	var list []string
	for _, v := range r.list(n, what) {
		list = append(list, r.text(v, what))
	}
	return list
}

// number returns a whole number within limits.
func (r *reader) number(n ast.Node, what string, least, most int) int {
	text := r.scalar(n, what)
	v, err := strconv.ParseInt(text, 10, 64)
	if _, isNumber := n.(*ast.IntegerNode); !isNumber || err != nil || v < int64(least) || v > int64(most) {
		r.fail(n, "%s: %q is no whole number from %d to %d", what, text, least, most)
		return least
	}
	return int(v)
}

// timeMax is the longest time of a plan.
const timeMax = 100_000 * host.Second

// time returns a duration from least on.
func (r *reader) time(n ast.Node, what string, least host.Duration) host.Duration {
	text := r.scalar(n, what)
	d, err := spec.ParseTime(text)
	switch {
	case err != nil:
		hint := ""
		if _, numeric := strconv.Atoi(text); numeric == nil {
			hint = fmt.Sprintf(", did you mean \"%ss\"?", text)
		}
		r.fail(n, "%s: %v%s", what, err, hint)
		return least
	case d < least || d > timeMax:
		r.fail(n, "%s %s: write %s to %s", what, text, plan.FormatDuration(least), plan.FormatDuration(timeMax))
		return least
	}
	return d
}

// yes returns true or false.
func (r *reader) yes(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		r.fail(n, "%s: %q is neither true nor false", what, r.scalar(n, what))
		return false
	}
	return b.Value
}

// oneOf returns a word that must be known.
func (r *reader) oneOf(n ast.Node, kind string, known []string) string {
	word := r.text(n, kind)
	if !slices.Contains(known, word) {
		hint := nearest.Hint(word, known)
		if hint == "" {
			hint = ": write one of " + strings.Join(known, ", ")
		}
		r.fail(n, "unknown %s %q%s", kind, word, hint)
	}
	return word
}
