package trace

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// scan is the decoding of one line. The first thing that is wrong stays.
type scan struct {
	at  []string // the field that is being read, from the outside in
	err error
}

// fail notes what is wrong with the field that is being read.
func (s *scan) fail(format string, args ...any) {
	if s.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if where := strings.Join(s.at, "."); where != "" {
		text = where + ": " + text
	}
	s.err = fmt.Errorf("%s", text)
}

// object is a JSON object whose fields are taken out one by one.
type object struct {
	s     *scan
	v     value
	taken []string
}

// object takes v for an object.
func (s *scan) object(v value) object {
	if v.kind != kindObject {
		s.fail("want an object, got %v", v.kind)
		v = value{kind: kindObject}
	}
	return object{s: s, v: v}
}

// has tells whether o has the field.
func (o *object) has(name string) bool { return slices.Contains(o.v.keys, name) }

// find takes a field out and reads it, if it is there.
func (o *object) find(name string, read func(value)) bool {
	o.taken = append(o.taken, name)
	i := slices.Index(o.v.keys, name)
	if i < 0 {
		return false
	}
	o.s.at = append(o.s.at, name)
	read(o.v.list[i])
	o.s.at = o.s.at[:len(o.s.at)-1]
	return true
}

// need is find for a field that must be there.
func (o *object) need(name string, read func(value)) {
	if !o.find(name, read) {
		o.s.fail("the field %q is missing", name)
	}
}

// done objects to fields that nobody took.
func (o *object) done() {
	for _, k := range o.v.keys {
		if !slices.Contains(o.taken, k) {
			hint := ""
			if near := nearest.Nearest(k, o.taken); near != "" {
				hint = fmt.Sprintf(", did you mean %q?", near)
			}
			o.s.fail("unknown field %q%s (known here: %s)", k, hint, strings.Join(o.taken, ", "))
			return
		}
	}
}

func (s *scan) str(v value) string {
	if v.kind != kindString {
		s.fail("want a string, got %v", v.kind)
	}
	return v.text
}

func (s *scan) text(v value) Text {
	if v.kind == kindNull {
		return Text{Null: true}
	}
	if v.kind != kindString {
		s.fail("want a string or null, got %v", v.kind)
	}
	return Text{Value: v.text}
}

func (s *scan) boolean(v value) bool {
	if v.kind != kindBool {
		s.fail("want true or false, got %v", v.kind)
	}
	return v.text == "true"
}

// integer reads a whole number of so many bits.
func (s *scan) integer(v value, bits int) int64 {
	if v.kind != kindNumber {
		s.fail("want a whole number, got %v", v.kind)
		return 0
	}
	n, err := strconv.ParseInt(v.text, 10, bits)
	if err != nil {
		s.fail("want a whole number of at most %d bits, got %s", bits, v.text)
	}
	return n
}

func (s *scan) int32(v value) int32 { return int32(s.integer(v, 32)) }
func (s *scan) int64(v value) int64 { return s.integer(v, 64) }

// each reads the elements of a list.
func (s *scan) each(v value, read func(value)) {
	if v.kind != kindList {
		s.fail("want a list, got %v", v.kind)
		return
	}
	for i, e := range v.list {
		s.at = append(s.at, strconv.Itoa(i))
		read(e)
		s.at = s.at[:len(s.at)-1]
	}
}

func (s *scan) strings(v value) []string {
	list := []string{}
	s.each(v, func(e value) { list = append(list, s.str(e)) })
	return list
}

// maxFill limits data that a trace only tells the length of.
const maxFill = 16 << 20

// data reads null, a string, {"b64":..} or {"fill":"x","len":n}.
func (s *scan) data(v value) Data {
	switch v.kind {
	case kindNull:
		return Data{Null: true}
	case kindString:
		return Data{Text: v.text}
	case kindObject:
	default:
		s.fail(`want null, a string, {"b64":..} or {"fill":"x","len":n}, got %v`, v.kind)
		return Data{}
	}
	o := s.object(v)
	defer o.done()
	var d Data
	if o.has("b64") {
		o.need("b64", func(v value) {
			raw, err := base64.StdEncoding.DecodeString(s.str(v))
			if err != nil {
				s.fail("want base64, got %q", v.text)
			}
			d.Text = string(raw)
		})
		return d
	}
	o.need("fill", func(v value) {
		if len(s.str(v)) != 1 || v.text[0] == 0 {
			s.fail("want one ASCII letter, got %q", v.text)
			return
		}
		d.Fill = v.text[0]
	})
	o.need("len", func(v value) {
		n := s.int64(v)
		if n < 0 || n > maxFill {
			s.fail("want 0 to %d, got %d", maxFill, n)
			n = 0
		}
		d.Len = int(n)
	})
	return d
}

// sparse returns a pointer to what read makes of v: fields that may be missing.
func sparse[T any](read func(value) T, to **T) func(value) {
	return func(v value) {
		t := read(v)
		*to = &t
	}
}

// set stores what read makes of v.
func set[T any](read func(value) T, to *T) func(value) {
	return func(v value) { *to = read(v) }
}
