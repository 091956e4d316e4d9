package trace

import (
	"io"
	"strconv"
	"unicode/utf8"

	"zabsim/internal/fp"
	"zabsim/zab/host"
)

// TextFormat is the version in the first line of a text.
const TextFormat = 1

// Widths of the columns. What is wider moves the rest of its line: cutting it
// off could make two different lines equal.
const (
	timeWidth   = 11
	idWidth     = 3
	nodeWidth   = 8
	verbWidth   = 6
	detailWidth = 26
	columnGap   = 2
)

// fingerprintEvery is the number of lines from one fingerprint to the next, a
// power of two.
const fingerprintEvery = 1024

// Text is a Sink that writes one line per event in fixed columns: time, id, node
// and lane, verb, detail, cause. Each 1,024th line ends with the fingerprint, so
// that Compare can tell where two runs parted before their lines did.
type Text struct {
	out    output
	events uint64
}

// NewText starts a text with its header line.
func NewText(w io.Writer, h Header) *Text {
	t := &Text{out: newOutput(w)}
	b := strconv.AppendInt(append(t.out.buf, "zabsim trace "...), TextFormat, 10)
	b = appendLine(append(b, "  scenario="...), h.Scenario)
	b = strconv.AppendInt(append(b, "  servers="...), int64(h.Servers), 10)
	b = strconv.AppendUint(append(b, "  seed="...), h.Seed, 10)
	if h.Bugs != "" {
		b = appendLine(append(b, "  bugs="...), h.Bugs)
	}
	t.out.buf = b
	t.out.lineDone()
	return t
}

// Event writes one line. A text has no deltas.
func (t *Text) Event(e *Event, fingerprint fp.Hash, _ []Delta) {
	t.events++
	b := appendTime(t.out.buf, e.At)
	b = append(b, "  "...)

	start := len(b)
	b = strconv.AppendUint(append(b, '#'), e.ID, 10)
	b = pad(b, start, idWidth+columnGap)

	start = len(b)
	b = e.Node.append(b)
	if e.Lane != "" {
		b = append(append(b, '.'), e.Lane...)
	}
	b = pad(b, start, nodeWidth+columnGap)

	start = len(b)
	b = append(b, e.Verb...)
	if e.Detail != "" || e.Cause != 0 { // no blanks at the end of a line
		b = pad(b, start, verbWidth+columnGap)
	}
	start = len(b)
	b = appendLine(b, e.Detail)
	if e.Cause != 0 {
		b = append(pad(b, start, detailWidth+columnGap), "<- #"...)
		b = strconv.AppendUint(b, e.Cause, 10)
	}
	if t.events%fingerprintEvery == 0 {
		b = appendHex(append(b, " fp="...), uint64(fingerprint))
	}
	t.out.buf = b
	t.out.lineDone()
}

// Finish writes the footer, one line per verdict and the fingerprint, and returns
// the first error of the writer. No event may follow.
func (t *Text) Finish(verdicts []Verdict, final fp.Hash) error {
	for _, v := range verdicts {
		b := appendLine(append(t.out.buf, "verdict  "...), v.Check)
		b = appendLine(append(b, "  "...), v.Result)
		if v.Detail != "" {
			b = appendLine(append(b, "  "...), v.Detail)
		}
		t.out.buf = b
		t.out.lineDone()
	}
	b := strconv.AppendUint(append(t.out.buf, "end  events="...), t.events, 10)
	t.out.buf = appendHex(append(b, "  fingerprint="...), uint64(final))
	t.out.lineDone()
	return t.out.flush()
}

// Flush writes what waits in the buffer and returns the first error of the
// writer.
func (t *Text) Flush() error { return t.out.flush() }

// appendTime appends t in milliseconds, cut to microseconds, flush right.
func appendTime(dst []byte, t host.Time) []byte {
	var digits [24]byte
	b := digits[:0]
	n := uint64(t)
	if t < 0 {
		b, n = append(b, '-'), -n
	}
	micros := n / uint64(host.Microsecond)
	b = strconv.AppendUint(b, micros/1000, 10)
	frac := micros % 1000
	b = append(b, '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10), 'm', 's')
	for i := len(b); i < timeWidth; i++ {
		dst = append(dst, ' ')
	}
	return append(dst, b...)
}

// pad appends blanks until what begins at start is width characters wide, and at
// least one gap between columns.
func pad(b []byte, start, width int) []byte {
	size := utf8.RuneCount(b[start:])
	for n := max(width-size, columnGap); n > 0; n-- {
		b = append(b, ' ')
	}
	return b
}

// appendLine appends text that must stay in its line: control characters and
// bytes that are no UTF-8 are written as Go would write them in a string.
func appendLine(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		c, size := text[i], 1
		if c >= utf8.RuneSelf {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case c >= utf8.RuneSelf && size > 1, c >= ' ' && c < 0x7f:
			dst = append(dst, text[i:i+size]...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
		i += size
	}
	return dst
}
