package decode

import (
	"fmt"
	"strings"
)

// Error is what is wrong with a file, and where. Line and Column count from 1.
type Error struct {
	File         string
	Line, Column int
	Text         string // of the line
	Reason       string // what is wrong, and what would be right
}

// Error returns file:line:column, the reason, and below it the line with a mark under
// the column.
func (e *Error) Error() string {
	head := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
	if strings.TrimSpace(e.Text) == "" {
		return head
	}
	number := fmt.Sprintf("%4d | ", e.Line)
	text := []rune(strings.TrimRight(e.Text, "\r"))
	from := max(0, min(e.Column-1, len(text))-lineMax/2) // a long line is shown around the mark
	until := min(len(text), from+lineMax)
	shown := printable(text[from:until])
	return head + "\n" + number + shown + "\n" + strings.Repeat(" ", len(number)-2) + "| " +
		strings.Repeat(" ", max(0, min(e.Column-1, len(text))-from)) + "^"
}

// lineMax is how much of a long line is shown.
const lineMax = 120

// printable puts a blank for what would move the mark or write to a terminal.
func printable(text []rune) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\r' || isControl(r) || r == 0xfffd {
			return ' '
		}
		return r
	}, string(text))
}
