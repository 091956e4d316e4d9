package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// Error says what is wrong with a file that should be a trace.
type Error struct {
	File string
	Line int // from 1; 0 is the file as a whole
	Err  error
}

// Error implements error: file:line: reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Err.Error()
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// maxBytes is more than any trace has. It keeps a bomb of a gzip out.
const maxBytes = 256 << 20

// Decode reads the trace in raw, plain or gzip. File names it in errors, which are
// all *Error.
func Decode(file string, raw []byte) (*Trace, error) {
	text, err := unzip(raw)
	if err != nil {
		return nil, &Error{File: file, Err: err}
	}
	t := &Trace{File: file}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, &Error{File: file, Err: errors.New("is empty; a trace begins with its header, {\"trace\":..,\"format\":1,..}")}
	}
	for n := 1; len(text) > 0; n++ {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		if err := t.line(n, bytes.TrimSuffix(line, []byte{'\r'})); err != nil {
			return nil, &Error{file, n, err}
		}
	}
	if t.Final == nil && t.Level == "" && !t.Prefix {
		return nil, &Error{File: file, Err: errors.New(`ends without its {"final":..} line; was the recording cut off?`)}
	}
	return t, nil
}

func unzip(raw []byte) ([]byte, error) {
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		return raw, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("is damaged: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("is damaged: %w", err)
	case len(text) > maxBytes:
		return nil, fmt.Errorf("unpacks to more than %d bytes", maxBytes)
	}
	return text, nil
}

// line takes the nth line of a file.
func (t *Trace) line(n int, line []byte) error {
	v, err := parse(line)
	if err != nil {
		return fmt.Errorf("the line %w", err)
	}
	s := &scan{}
	o := s.object(v)
	switch {
	case n == 1:
		t.readHeader(s, &o)
	case t.Final != nil:
		s.fail("there is something behind the final line")
	case t.Level == JavaClient:
		c := s.clientStep(&o)
		c.Line = n
		if s.err == nil && c.Index != len(t.Client) {
			s.fail("this is step %d, but step %d comes next", c.Index, len(t.Client))
		}
		t.Client, t.lines = append(t.Client, c), append(t.lines, string(line))
	case o.has("final"):
		o.need("final", func(v value) { t.Final = s.final(v) })
		t.Final.Line = n
		o.done()
	default:
		st := s.step(&o)
		st.Line = n
		if s.err == nil && st.Index != len(t.Steps) {
			s.fail("this is step %d, but step %d comes next", st.Index, len(t.Steps))
		}
		t.Steps, t.lines = append(t.Steps, st), append(t.lines, string(line))
	}
	return s.err
}

func (t *Trace) readHeader(s *scan, o *object) {
	if !o.has("format") {
		s.fail(`this is no trace: the first line must be a header, {"trace":..,"format":1,..}`)
		return
	}
	o.need("format", func(v value) {
		if s.int64(v) != 1 {
			s.fail("want 1, the only format there is, got %s", v.text)
		}
	})
	o.need("trace", set(s.str, &t.Name))
	o.need("topic", set(s.str, &t.Topic))
	o.need("server", set(s.str, &t.Server))
	o.need("mode", func(v value) {
		if s.str(v) != "standalone" {
			s.fail("want standalone, the only mode that is recorded, got %q", v.text)
		}
	})
	o.find("level", func(v value) {
		if t.Level = s.str(v); t.Level != JavaClient {
			s.fail("want %s, or no level for the server's, got %q", JavaClient, v.text)
		}
	})
	o.find("prefix", set(s.boolean, &t.Prefix))
	t.Settings = Settings{TickMillis: 2000, MinSession: -1, MaxSession: -1, ContainerCheckMillis: 60_000}
	o.need("settings", func(v value) { s.settings(&t.Settings, v) })
	if t.Level == "" {
		o.need("zxid0", set(s.int64, &t.Zxid0))
	}
	if t.Zxid0 != 0 {
		s.fail("zxid0 is %d: a trace starts on an empty server, want 0", t.Zxid0)
	}
	o.done()
	t.header = *o
}

// settingNames are the settings that a trace may change.
var settingNames = []string{"tickTime", "minSessionTimeout", "maxSessionTimeout", "extendedTypesEnabled", "enforceQuota",
	"containerCheckIntervalMs"}

func (s *scan) settings(to *Settings, v value) {
	o := s.object(v)
	for _, name := range o.v.keys {
		o.need(name, func(v value) {
			text := s.str(v)
			if s.err != nil {
				return
			}
			number := func(least, bits int64) int64 {
				n, err := strconv.ParseInt(text, 10, int(bits))
				if err != nil || n < least {
					s.fail("want a number of milliseconds as a string, got %q", text)
				}
				return n
			}
			truth := func() bool {
				if text != "true" && text != "false" {
					s.fail(`want "true" or "false", got %q`, text)
				}
				return text == "true"
			}
			switch name {
			case "tickTime":
				to.TickMillis = number(1, 31)
			case "minSessionTimeout":
				to.MinSession = int32(number(-1, 32))
			case "maxSessionTimeout":
				to.MaxSession = int32(number(-1, 32))
			case "extendedTypesEnabled":
				to.ExtendedTypes = truth()
			case "enforceQuota":
				to.EnforceQuota = truth()
			case "containerCheckIntervalMs":
				to.ContainerCheckMillis = number(1, 40)
			default:
				s.fail("unknown setting%s (known: %s)", nearest.Hint(name, settingNames), strings.Join(settingNames, ", "))
			}
		})
	}
}

// step reads one step of the server's level.
func (s *scan) step(o *object) Step {
	var st Step
	var name string
	o.need("i", func(v value) { st.Index = int(s.integer(v, 32)) })
	o.need("op", set(s.str, &name))
	o.need("s", set(s.str, &st.Session))
	if s.err != nil {
		return st
	}
	o.need("args", func(v value) {
		a := s.object(v)
		st.Op = s.op(name, &a)
		a.done()
		if name == "rawOp" && s.err == nil {
			st.Op.RawBody = rawBody(&st.Op, a.has("path"))
		}
	})
	if s.err != nil {
		return st
	}
	if (st.Session == Harness) != (name == "sleep" || name == "containerCheck" || name == "waitGone" || name == "restart") {
		s.fail("s: the operation %s can't be a step of %q", name, st.Session)
	}
	o.need("res", func(v value) { st.Reply = s.reply(&st.Op, v) })
	o.find("ownBefore", func(v value) { st.OwnBefore = int(s.integer(v, 32)) })
	o.need("events", set(s.deliveries, &st.Events))
	o.need("txns", func(v value) {
		s.each(v, func(e value) { st.Txns = append(st.Txns, s.txn(e, false)) })
	})
	o.done()
	return st
}
