package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// kind is what a JSON value is.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindList
	kindObject
)

// String names the kind as messages do.
func (k kind) String() string {
	return [...]string{"null", "true or false", "a number", "a string", "a list", "an object"}[k]
}

// value is a JSON value that remembers the order of its keys. Package json's own
// decoding matches names in any case and takes a name twice.
type value struct {
	kind kind
	text string // a string, a number as written, or true or false
	keys []string
	list []value // elements, or the values of keys
}

// maxDepth is more than any trace nests.
const maxDepth = 16

// parse reads the one value of a line.
func parse(line []byte) (value, error) {
	if !utf8.Valid(line) {
		return value{}, errors.New("is not UTF-8; write what is not ASCII as \\uXXXX")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	v, err := next(d, 0)
	if err != nil {
		return value{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("has something behind its object; each line is one JSON object")
	}
	if v.kind != kindObject {
		return value{}, fmt.Errorf("is %v; each line is one JSON object", v.kind)
	}
	return v, nil
}

func next(d *json.Decoder, depth int) (value, error) {
	t, err := d.Token()
	if err != nil {
		return value{}, jsonError(err)
	}
	switch t := t.(type) {
	case nil:
		return value{}, nil
	case bool:
		return value{kind: kindBool, text: fmt.Sprint(t)}, nil
	case json.Number:
		return value{kind: kindNumber, text: t.String()}, nil
	case string:
		return value{kind: kindString, text: t}, nil
	case json.Delim:
		if depth == maxDepth {
			return value{}, fmt.Errorf("nests deeper than %d levels", maxDepth)
		}
		if t == '[' {
			return nextList(d, depth)
		}
		return nextObject(d, depth)
	}
	return value{}, fmt.Errorf("is not JSON: unexpected %v", t)
}

func nextList(d *json.Decoder, depth int) (value, error) {
	v := value{kind: kindList}
	for d.More() {
		e, err := next(d, depth+1)
		if err != nil {
			return value{}, err
		}
		v.list = append(v.list, e)
	}
	_, err := d.Token()
	return v, jsonError(err)
}

func nextObject(d *json.Decoder, depth int) (value, error) {
	v := value{kind: kindObject}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return value{}, jsonError(err)
		}
		key, ok := t.(string)
		if !ok {
			return value{}, errors.New("is not JSON: the name of a field is no string")
		}
		for _, k := range v.keys {
			if k == key {
				return value{}, fmt.Errorf("has the field %q twice", key)
			}
		}
		e, err := next(d, depth+1)
		if err != nil {
			return value{}, err
		}
		v.keys, v.list = append(v.keys, key), append(v.list, e)
	}
	_, err := d.Token()
	return v, jsonError(err)
}

// jsonError says in words what package json found.
func jsonError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("ends in the middle of its JSON object; was the recording cut off?")
	}
	return fmt.Errorf("is not JSON: %w", err)
}
