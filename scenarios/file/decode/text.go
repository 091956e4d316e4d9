package decode

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// SizeMax bounds a file: a longer one is not meant.
const SizeMax = 1 << 20

// tabsMax bounds the tabs of a file: the parser's time grows with their square.
const tabsMax = 10_000

// plainText refuses bytes that are no text, and text that does something else to a
// terminal than to stand there.
func (r *reader) plainText(text []byte) {
	if len(text) > SizeMax {
		r.failAt(1, 1, "the file is too long: a scenario has at most %d bytes", SizeMax)
		return
	}
	if bytes.Count(text, []byte("\t")) > tabsMax {
		r.failAt(1, 1, "the file has more than %d tabs: write blanks instead", tabsMax)
		return
	}
	line, column := 1, 1
	for rest := text; len(rest) > 0; {
		c, n := utf8.DecodeRune(rest)
		switch {
		case c == utf8.RuneError && n == 1:
			r.failAt(line, column, "the byte 0x%02x is no UTF-8: save the file as UTF-8", rest[0])
			return
		case isControl(c):
			r.failAt(line, column, "this is the control character %U: take it away", c)
			return
		}
		if column++; c == '\n' {
			line, column = line+1, 1
		}
		rest = rest[n:]
	}
}

// isControl tells whether c acts on a terminal, or on the order of the text around it,
// rather than being shown. Ends of lines and tabs are blanks here.
func isControl(c rune) bool {
	return c != '\n' && c != '\r' && c != '\t' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)
}

// shown refuses a value that has control characters after all, by an escape such as
// "\e".
func (r *reader) shown(n ast.Node, what, text string) string {
	for _, c := range text {
		if isControl(c) {
			r.fail(n, "%s: it has the control character %U: take it away", what, c)
			return ""
		}
	}
	return text
}

// withoutBOM takes the mark away that some editors begin a file with.
func withoutBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }
