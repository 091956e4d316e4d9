package ci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// Encode writes fuzz.json: indented, ending with a newline, equal bytes for equal
// reports. Lists and counts are never null. A path that is absolute tells about one
// machine only, so of it just the last element stays.
func (r *Report) Encode(w io.Writer) error {
	out := *r
	out.Format = Format
	out.Counts = counts(r.Counts)
	out.Suites = append([]Suite{}, r.Suites...)
	for i := range out.Suites {
		s := &out.Suites[i]
		s.File, s.Counts, s.Cases = relative(s.File), counts(s.Counts), orEmpty(s.Cases)
	}
	out.Findings = append([]Finding{}, r.Findings...)
	for i := range out.Findings {
		f := &out.Findings[i]
		f.File, f.Plan = relative(f.File), relative(f.Plan)
	}
	out.Coverage.Sometimes, out.Coverage.Transitions = orEmpty(r.Coverage.Sometimes), orEmpty(r.Coverage.Transitions)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&out); err != nil {
		return fmt.Errorf("encode fuzz.json: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Decode reads what Encode wrote. Another format and unknown fields are errors.
func Decode(rd io.Reader) (*Report, error) {
	text, err := io.ReadAll(rd)
	if err != nil {
		return nil, err
	}
	var first struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(text, &first); err != nil {
		return nil, fmt.Errorf("fuzz.json: %w", err)
	}
	if first.Format != Format {
		return nil, fmt.Errorf("fuzz.json: format %q; this version reads %q", first.Format, Format)
	}
	r := &Report{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		return nil, fmt.Errorf("fuzz.json: %w", err)
	}
	return r, nil
}

func counts(m map[string]int) map[string]int {
	if m == nil {
		return map[string]int{}
	}
	return m
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// relative returns path with slashes; of an absolute one the last element.
func relative(path string) string {
	if filepath.IsAbs(path) || strings.HasPrefix(path, "/") {
		path = filepath.Base(path)
	}
	return filepath.ToSlash(path)
}
