package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"

	"zabsim/internal/runfolder"
	"zabsim/scenarios"
	"zabsim/scenarios/file"
	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
)

// subject is what is run: a built-in scenario, or one of a file.
type subject struct {
	*scenarios.Scenario
	path string // of the file, as somebody typed it; "" for a built-in one
	text []byte // of the file
}

// findSubject finds the scenario that an argument means: a built-in name or, if it
// looks like one, the path of a file.
func findSubject(arg string) (*subject, error) {
	s, err := scenarios.Lookup(arg)
	if err == nil {
		return &subject{Scenario: s}, nil
	}
	if !isScenarioFile(arg) {
		return nil, usage("%w; see zabsim scenarios", err)
	}
	return readSubject(arg)
}

// isScenarioFile tells whether an argument is meant as a file: names of scenarios have
// neither a dot nor a slash.
func isScenarioFile(arg string) bool {
	return strings.ContainsAny(arg, `./\`)
}

func readSubject(path string) (*subject, error) {
	text, err := file.Read(path)
	if err != nil {
		return nil, readable(path, err)
	}
	s, err := file.Parse(path, text)
	if err != nil {
		return nil, usage("%w", err)
	}
	return &subject{s, path, text}, nil
}

// subjectOf returns the scenario of a plan: of the scenario file that lies beside the
// plan in a run folder, else the built-in one of its name. It is nil if nobody knows
// it any more.
func subjectOf(p *plan.Plan, planFile string) *subject {
	if planFile != "" {
		beside := filepath.Join(filepath.Dir(planFile), runfolder.ScenarioFile)
		if s, err := readSubject(beside); err == nil && s.Name == p.Scenario {
			return s
		}
	}
	if s, err := scenarios.Lookup(p.Scenario); err == nil {
		return &subject{Scenario: s}
	}
	return nil
}

// settings say how runs of s are judged, besides their plan.
func (s *subject) settings() scenarios.Settings {
	if s == nil {
		return scenarios.Settings{}
	}
	return scenarios.SettingsOf(s.Scenario)
}

// word is how a command line names s.
func (s *subject) word() string {
	if s.path != "" {
		return quote(filepath.ToSlash(s.path))
	}
	return s.Name
}

// suits refuses a plan of s that can't be run: its ensemble is too small, or has not
// the server or the client that a fault names. That a fault hits nobody is no error:
// flags have made it so.
func (s *subject) suits(p *plan.Plan) error {
	err := s.Check(p)
	var step *spec.StepError
	switch {
	case err == nil, errors.As(err, &step) && step.Nobody:
		return nil
	case errors.As(err, &step) && s.path != "":
		return usage("%s:%d: %w", s.path, step.Line, err)
	}
	return usage("%s: %w", s.Name, err)
}

// folderHash returns the hash that the run folder of a plan of s is named by. That of a
// scenario file is part of it: two files may have the same name and make the same plan,
// and expect something else of it.
func (s *subject) folderHash(p *plan.Plan) uint32 {
	if s == nil || s.path == "" {
		return configOf(p)
	}
	h := fnv.New32a()
	fmt.Fprintf(h, "%08x %s", configOf(p), s.Hash())
	return h.Sum32()
}
