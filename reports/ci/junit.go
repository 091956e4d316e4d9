package ci

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The elements of JUnit XML in the Jenkins flavour, as its xunit plugin's junit-10.xsd
// has them. How long a run took depends on the machine and would make equal campaigns
// differ, so each time is 0; it is written because some readers want a number.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Time     string       `xml:"time,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		File       string          `xml:"file,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		Classname string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"`
		Failure   *junitResult `xml:"failure"`
		Error     *junitResult `xml:"error"`
		Skipped   *junitResult `xml:"skipped"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Body    string `xml:",chardata"`
	}
)

// WriteJUnit writes the report as JUnit XML: a suite for each scenario, a case for each
// of its properties. What is violated is a failure. What is unknown, vacuous or stale is
// an error: nothing is broken, but build servers let skipped tests pass, and what proves
// nothing must not. A check that was excused, because the plan allows its faults to break
// it, is skipped.
func WriteJUnit(w io.Writer, r *Report) error {
	all := junitSuites{Name: "zabsim", Time: "0"}
	for _, g := range r.groups() {
		s := g.junit(r)
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
		all.Suites = append(all.Suites, s)
	}
	text, err := xml.MarshalIndent(&all, "", "  ")
	if err != nil {
		return fmt.Errorf("JUnit XML: %w", err)
	}
	// The encoder spells out each line end and each quote. No attribute has a line end,
	// and all stand in double quotes, so that people may get the characters themselves.
	text = bytes.ReplaceAll(text, []byte("&#xA;"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("&#39;"), []byte("'"))
	_, err = w.Write(append(append([]byte(xml.Header), text...), '\n'))
	return err
}

func (g *group) junit(r *Report) junitSuite {
	s := junitSuite{Name: oneLine(g.name, lineMax), Time: "0", File: oneLine(g.file, lineMax)}
	s.Properties = []junitProperty{{"seed", strconv.FormatUint(r.Seed, 10)}, {"runs", strconv.Itoa(g.runs)}}
	for _, p := range []junitProperty{{"tool", r.Tool}, {"profile", r.Profile}, {"shard", r.Shard}, {"command", r.Command}} {
		if p.Value = oneLine(p.Value, reproMax); p.Value != "" {
			s.Properties = append(s.Properties, p)
		}
	}
	for i := range g.rows {
		w := &g.rows[i]
		c := junitCase{Name: oneLine(w.property, lineMax), Classname: s.Name, Time: "0"}
		switch w.level() {
		case bad:
			c.Failure = w.junit()
			s.Failures++
		case doubt:
			c.Error = w.junit()
			s.Errors++
		case skipped:
			c.Skipped = w.junit()
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	return s
}

// junit has all findings of a row in one element: most readers show only the first.
func (w *row) junit() *junitResult {
	verdict := w.verdict
	var parts []string
	for _, f := range w.findings {
		if levelOf(f.Verdict) > levelOf(verdict) {
			verdict = f.Verdict
		}
		parts = append(parts, f.body())
	}
	if len(parts) == 0 && w.detail != "" {
		parts = append(parts, clean(w.detail))
	}
	return &junitResult{Message: w.headline(), Type: oneLine(verdict, lineMax), Body: strings.Join(parts, "\n\n")}
}

// body tells a finding to somebody who reads the build server and nothing else.
func (f *Finding) body() string {
	lines := []string{oneLine(f.Violation, lineMax), "", "reproduce with", oneLine(f.Repro, reproMax), "",
		f.times(), "signature: " + oneLine(f.Signature, lineMax)}
	if text := f.shrunk(); text != "" {
		lines = append(lines, text)
	}
	for _, k := range head(f.Kept, keptMax) {
		lines = append(lines, "not removed: "+k)
	}
	if f.Plan != "" {
		lines = append(lines, "plan: "+oneLine(f.Plan, lineMax))
	}
	if len(f.Trace) > 0 {
		lines = append(append(lines, "", "how it goes:"), f.trace()...)
	}
	return strings.Join(lines, "\n")
}
