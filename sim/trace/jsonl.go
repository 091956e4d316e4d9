package trace

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"zabsim/internal/fp"
)

// EventsFormat is the version in the first line of a recording.
const EventsFormat = 1

// JSONL is a Sink that writes one JSON object per line, first the header and then
// one per event:
//
//	{"zabsim-events":1,"scenario":"leader-crash","servers":5,"clients":5,"seed":7}
//	{"id":57,"t":12340000,"node":"n2","lane":"sync","verb":"fsync","detail":"log<=2.4","cause":51}
//
// t is in nanoseconds. Facts that changed follow as
// "delta":{"n2":{"state":"LEADING"}}. What is empty is left out.
type JSONL struct{ out output }

// NewJSONL starts a recording with its header.
func NewJSONL(w io.Writer, h Header) *JSONL {
	j := &JSONL{out: newOutput(w)}
	b := strconv.AppendInt(append(j.out.buf, `{"zabsim-events":`...), EventsFormat, 10)
	b = appendString(append(b, `,"scenario":`...), h.Scenario)
	b = strconv.AppendInt(append(b, `,"servers":`...), int64(h.Servers), 10)
	b = strconv.AppendInt(append(b, `,"clients":`...), int64(h.Clients), 10)
	b = strconv.AppendUint(append(b, `,"seed":`...), h.Seed, 10)
	if h.Bugs != "" {
		b = appendString(append(b, `,"bugs":`...), h.Bugs)
	}
	j.out.buf = append(b, '}')
	j.out.lineDone()
	return j
}

// Event writes one line. Each Value of deltas must be JSON; an empty one becomes
// null.
func (j *JSONL) Event(e *Event, _ fp.Hash, deltas []Delta) {
	b := strconv.AppendUint(append(j.out.buf, `{"id":`...), e.ID, 10)
	b = strconv.AppendInt(append(b, `,"t":`...), int64(e.At), 10)
	b = append(e.Node.append(append(b, `,"node":"`...)), '"')
	if e.Lane != "" {
		b = appendString(append(b, `,"lane":`...), e.Lane)
	}
	b = appendString(append(b, `,"verb":`...), e.Verb)
	if e.Detail != "" {
		b = appendString(append(b, `,"detail":`...), e.Detail)
	}
	if e.Cause != 0 {
		b = strconv.AppendUint(append(b, `,"cause":`...), e.Cause, 10)
	}
	if len(deltas) > 0 {
		b = appendDeltas(append(b, `,"delta":{`...), deltas)
		b = append(b, '}')
	}
	j.out.buf = append(b, '}')
	j.out.lineDone()
}

// Flush writes what waits in the buffer and returns the first error of the
// writer. A run ends with it.
func (j *JSONL) Flush() error { return j.out.flush() }

// appendDeltas writes one object per node, in the order in which they are named
// first. An object must not have two fields of one name, so a node's deltas are
// gathered; there are so few of them that looking is cheaper than sorting.
func appendDeltas(b []byte, deltas []Delta) []byte {
	for i := range deltas {
		if named(deltas[:i], deltas[i].Node) {
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(deltas[i].Node.append(append(b, '"')), `":{`...)
		for k := i; k < len(deltas); k++ {
			if deltas[k].Node != deltas[i].Node {
				continue
			}
			if k > i {
				b = append(b, ',')
			}
			b = append(appendString(b, deltas[k].Key), ':')
			b = appendRaw(b, deltas[k].Value)
		}
		b = append(b, '}')
	}
	return b
}

func named(deltas []Delta, n Node) bool {
	for i := range deltas {
		if deltas[i].Node == n {
			return true
		}
	}
	return false
}

// appendRaw appends JSON. Line ends may stand between its parts, but not in a
// file with one object per line.
func appendRaw(b []byte, value string) []byte {
	if value == "" {
		return append(b, "null"...)
	}
	if strings.IndexByte(value, '\n') < 0 {
		return append(b, value...)
	}
	for i := 0; i < len(value); i++ {
		if value[i] != '\n' {
			b = append(b, value[i])
		}
	}
	return b
}

// appendString appends text as a JSON string. Bytes that are no UTF-8 become the
// replacement character, as in encoding/json.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	clean := 0 // start of what is not appended yet and needs no escape
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(text[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = appendEscape(append(b, text[clean:i]...), c)
		i += size
		clean = i
	}
	return append(append(b, text[clean:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, `\n`...)
	case c == '\t':
		return append(b, `\t`...)
	case c >= utf8.RuneSelf:
		return append(b, `\ufffd`...)
	default:
		return append(append(b, `\u00`...), hexDigits[c>>4], hexDigits[c&15])
	}
}
