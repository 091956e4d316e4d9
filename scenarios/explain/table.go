package explain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// widestBody bounds the column of what happened: a wider one moves the rest of its line
// only, instead of that of all.
const widestBody = 80

// row is a line of a trace, taken apart at its columns.
type row struct{ time, id, body, cause, notes string }

func rowOf(l *Line) row {
	left, cause, ok := strings.Cut(l.Trace, "<- #")
	if ok {
		cause = "<- #" + cause
	}
	before, rest, _ := strings.Cut(left, "#")
	id, body, _ := strings.Cut(rest, " ")
	return row{strings.TrimRight(before, " "), "#" + id, strings.TrimSpace(body), cause, strings.Join(l.Notes, "; ")}
}

// table writes lines of a trace below each other. The numbers of events stand flush
// right, so that the part from the number on is found in the trace as it is here.
func (p *printer) table(lines []Line) {
	rows := make([]row, len(lines))
	var id, body, cause int
	for i := range lines {
		r := rowOf(&lines[i])
		rows[i] = r
		id, cause = max(id, len(r.id)), max(cause, len(r.cause))
		if n := utf8.RuneCountInString(r.body); n <= widestBody {
			body = max(body, n)
		}
	}
	for _, r := range rows {
		line := fmt.Sprintf("%s  %*s  %-*s  %-*s", r.time, id, r.id, body, r.body, cause, r.cause)
		if r.notes != "" {
			line += "  | " + r.notes
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
}

// number writes n with commas between thousands. Numbers that name an event are written
// without, as traces have them.
func number(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
