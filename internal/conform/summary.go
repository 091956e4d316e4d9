package conform

import (
	"strconv"
	"strings"

	"zabsim/internal/conform/trace"
)

// Summary is what became of many traces, for people and as JSON.
type Summary struct {
	Traces     int     `json:"traces"`
	Replayed   int     `json:"replayed"`
	Steps      int     `json:"steps"`      // that were replayed
	Operations int     `json:"operations"` // the same, with those inside of multis and pipelines
	Mismatches []Found `json:"mismatches"`
	Skipped    []Left  `json:"skipped"` // not replayed
	Raced      []Left  `json:"raced"`   // not replayed to the end
}

// Found is a Mismatch and where it is.
type Found struct {
	Trace   string `json:"trace"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Step    int    `json:"step"`  // of the trace, from 0
	Final   bool   `json:"final"` // no step: the state behind the last one
	Session string `json:"session"`
	Op      string `json:"op"`
	Field   string `json:"field"`
	Want    string `json:"expected"`
	Got     string `json:"got"`
	// Prefix is how many steps of the trace show the mismatch; fewer do not.
	Prefix int `json:"prefix"`
}

// Left is a trace that was not replayed, or not to its end.
type Left struct {
	Trace  string `json:"trace"`
	Reason string `json:"reason"`
}

// StepName writes the number of the step.
func (f *Found) StepName() string {
	if f.Final {
		return "final"
	}
	return strconv.Itoa(f.Step)
}

// Sum puts results together.
func Sum(results []*Result) *Summary {
	s := &Summary{Traces: len(results), Mismatches: []Found{}, Skipped: []Left{}, Raced: []Left{}}
	for _, r := range results {
		name := r.Trace.Name
		if r.Skipped != "" {
			s.Skipped = append(s.Skipped, Left{name, r.Skipped})
			continue
		}
		s.Replayed++
		s.Steps += r.Steps
		s.Operations += r.Operations
		if r.Raced != "" {
			s.Raced = append(s.Raced, Left{name, r.Raced})
		}
		steps := len(r.Trace.Steps) + len(r.Trace.Client)
		for _, m := range r.Mismatches {
			s.Mismatches = append(s.Mismatches, Found{
				Trace: name, File: r.Trace.File, Line: m.Line, Step: m.Step, Final: m.Step == steps, Session: m.Session, Op: m.Op,
				Field: m.Field, Want: m.Want, Got: m.Got, Prefix: min(m.Step+1, steps),
			})
		}
	}
	return s
}

// PrefixFile names the file for a prefix of t.
func PrefixFile(t *trace.Trace) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, t.Name)
	return safe + ".prefix.jsonl"
}
