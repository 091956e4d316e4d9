package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// blanks separate words. The carriage return is here for files that an editor
// has given other line ends.
const blanks = " \t\r"

// word is one word of a line. A quoted word is never a keyword.
type word struct {
	text   string
	quoted bool
}

// is tells whether w is the keyword k.
func (w word) is(k string) bool { return w.text == k && !w.quoted }

// split cuts a line into words and drops its comment.
func split(line string) ([]word, error) {
	var words []word
	rest := line
	for {
		rest = strings.TrimLeft(rest, blanks)
		if rest == "" || startsComment(rest, len(words) == 0) {
			return words, nil
		}
		w, size, err := first(rest)
		if err != nil {
			return nil, err
		}
		words = append(words, w)
		rest = rest[size:]
	}
}

// startsComment tells whether a comment starts at the beginning of rest. Inside
// a line its "#" stands alone, because "c1#2" is no comment.
func startsComment(rest string, lineStart bool) bool {
	return rest[0] == '#' && (lineStart || len(rest) == 1 || strings.IndexByte(blanks, rest[1]) >= 0)
}

// first reads the word at the beginning of rest and says how long it is there.
func first(rest string) (word, int, error) {
	if rest[0] == '"' {
		q, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return word{}, 0, fmt.Errorf("%s: the quote does not end, or what it holds is no Go string", rest)
		}
		if len(q) < len(rest) && strings.IndexByte(blanks, rest[len(q)]) < 0 {
			return word{}, 0, fmt.Errorf("%s: a blank must follow the closing quote", rest)
		}
		text, err := strconv.Unquote(q)
		return word{text, true}, len(q), err
	}
	size := strings.IndexAny(rest, blanks)
	if size < 0 {
		size = len(rest)
	}
	if strings.IndexByte(rest[:size], '"') >= 0 {
		return word{}, 0, fmt.Errorf("%s: a quote stands around the whole word or not at all", rest[:size])
	}
	return word{rest[:size], false}, size, nil
}

// plain tells whether text can stand in a line without quotes.
func plain(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c == '"' || c >= 0x7f {
			return false
		}
	}
	return text != "" && text[0] != '#'
}

// appendWord appends text, in quotes if it needs them.
func appendWord(dst []byte, text string) []byte {
	if plain(text) {
		return append(dst, text...)
	}
	return strconv.AppendQuote(dst, text)
}

// want returns an error that shows what a line should look like. Its most
// frequent cause is a comment that is glued to its "#".
func want(words []word, form string) error {
	for _, w := range words {
		if !w.quoted && strings.HasPrefix(w.text, "#") {
			return fmt.Errorf("write %s; a comment has a blank after its #", form)
		}
	}
	return errors.New("write " + form)
}

// unknown returns an error for a word that is none of known.
func unknown(kind, text string, known []string) error {
	if hint := nearest.Hint(text, known); hint != "" {
		return fmt.Errorf("unknown %s %q%s", kind, text, hint)
	}
	return fmt.Errorf("unknown %s %q: write one of %s", kind, text, strings.Join(known, ", "))
}
