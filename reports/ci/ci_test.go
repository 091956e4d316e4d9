package ci

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files of testdata anew")

// Goal: people see what the formats look like, and a change of them is seen in review.
// Method: the sample in each format, compared with a file.
func TestGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *Report) error{
		"junit.xml": WriteJUnit, "annotations.txt": WriteAnnotations,
		"summary.md": func(w io.Writer, r *Report) error { return WriteSummary(w, r, SummaryMax) },
		"fuzz.json":  func(w io.Writer, r *Report) error { return r.Encode(w) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, write(&b, sample()))
			path := filepath.Join("testdata", name)
			if *rewrite {
				require.NoError(t, os.MkdirAll("testdata", 0o777))
				require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), b.String())
		})
	}
}

func TestReportGoesThroughJSON(t *testing.T) {
	var b bytes.Buffer
	r := sample()
	r.Findings[0].Violation = "a <b> & c" // bytes that are no UTF-8 come back as another character
	require.NoError(t, r.Encode(&b))
	r, err := Decode(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	var again bytes.Buffer
	require.NoError(t, r.Encode(&again))
	assert.Equal(t, b.String(), again.String())

	_, err = Decode(strings.NewReader(`{"format":"zabsim-fuzz/2"}`))
	assert.EqualError(t, err, `fuzz.json: format "zabsim-fuzz/2"; this version reads "zabsim-fuzz/1"`)
	_, err = Decode(strings.NewReader(`{"format":"zabsim-fuzz/1","rate":150}`))
	assert.ErrorContains(t, err, "rate")
	_, err = Decode(strings.NewReader(`{`))
	assert.ErrorContains(t, err, "fuzz.json: ")
}

// Goal: an empty report has no null and no absolute path.
func TestEncodeIsComplete(t *testing.T) {
	var b bytes.Buffer
	r := &Report{Suites: []Suite{{Scenario: "steady", File: "/home/me/steady.yaml"}}, Findings: []Finding{{Plan: "/tmp/a/plan.txt", File: "x/y.txt"}}}
	require.NoError(t, r.Encode(&b))
	assert.NotContains(t, b.String(), "null")
	assert.NotContains(t, b.String(), "/home")
	assert.Contains(t, b.String(), `"file": "steady.yaml"`)
	assert.Contains(t, b.String(), `"plan": "plan.txt"`)
	assert.Contains(t, b.String(), `"file": "x/y.txt"`)
	assert.Equal(t, "/home/me/steady.yaml", r.Suites[0].File, "the report itself stays as it is")
	assert.True(t, json.Valid(b.Bytes()))
}

func TestLevels(t *testing.T) {
	for verdict, want := range map[string]level{
		"passed": good, "excused": skipped, "violated": bad, "no-progress": bad, "differs": bad, "threshold": bad,
		"unknown": doubt, "vacuous": doubt, "stale": doubt, "": doubt, "a word of next year": doubt,
	} {
		assert.Equal(t, want, levelOf(verdict), verdict)
	}
}

// Goal: no finding gets lost, even if no case names it, and an index that is wrong
// does no harm.
func TestFindingsWithoutACase(t *testing.T) {
	r := &Report{
		Suites:   []Suite{{Scenario: "steady", Cases: []Case{{Property: "integrity", Verdict: "passed", Findings: []int{-1, 9, 0}}}}},
		Findings: []Finding{{Scenario: "steady", Property: "integrity", Verdict: "violated"}, {Scenario: "steady", Property: "other", Verdict: "violated"}, {Scenario: "new", Property: "other", Verdict: "unknown"}},
		Doubles:  Doubles{Runs: 3, Differed: []string{"seed 4: event 17"}},
		Corpus:   Corpus{Replayed: 1, Failed: []string{"entry"}},
	}
	var got []string
	for _, g := range r.groups() {
		for i := range g.rows {
			got = append(got, g.name+" "+g.rows[i].property+" "+[]string{"good", "skipped", "doubt", "bad"}[g.rows[i].level()])
		}
	}
	assert.Equal(t, []string{"steady integrity bad", "steady other bad", "new other doubt", "corpus replay good", "corpus entry bad",
		"determinism a second run is the first again bad"}, got)
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		want string
	}{{"", 0, ""}, {"abc", 3, "abc"}, {"abcdef", 5, "ab..."}, {"aéé", 5, "aéé"}, {"aééé", 6, "aé..."}, {"aééé", 5, "a..."}, {"abc", 1, "..."}} {
		assert.Equal(t, c.want, cut(c.text, c.at), "%q at %d", c.text, c.at)
	}
	assert.Equal(t, []string{"a", "b c", "... and 2 more lines"}, head([]string{"a", "b\nc  ", "d", "e"}, 2))
	assert.Equal(t, "1,234,567 runs", plural(1234567, "run"))
}

// texts are strings of any bytes, with more of those that mean something somewhere.
func texts() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(
			rapid.SampledFrom([]string{"]]>", "<a b='c'>", "&amp;", "::error::", "%0A", "\r\n", "\n", "|", "```", "`", "\x00", "\x1b[31m", "\xed\xa0\x80",
				"\xff", "\uffff", "\ufffe", "\u2028", "/etc", "](x)", "<!--", "-->", "<![CDATA[", "</details>", ",", ":", "\\", "\u0085"}),
			rapid.String(), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
		), 0, 5).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

// reports are reports in which every text is anything.
func reports() *rapid.Generator[*Report] {
	return rapid.Custom(func(t *rapid.T) *Report {
		text := func() string { return texts().Draw(t, "text") }
		lines := func() []string { return rapid.SliceOfN(texts(), 0, 3).Draw(t, "lines") }
		count := rapid.IntRange(-1, 1<<40)
		verdict := func() string {
			return rapid.OneOf(texts(), rapid.SampledFrom([]string{"passed", "violated", "unknown", "vacuous", "excused", "no-progress"})).Draw(t, "verdict")
		}
		r := &Report{Tool: text(), Command: text(), Profile: text(), Shard: text(), Seed: rapid.Uint64().Draw(t, "seed"), Runs: count.Draw(t, "runs"),
			Corpus: Corpus{Replayed: count.Draw(t, "replayed"), Stale: lines(), Failed: lines()}, Doubles: Doubles{Runs: count.Draw(t, "doubles"), Differed: lines()},
			Coverage: Coverage{Sometimes: []Hits{{text(), count.Draw(t, "hits")}}}, Exit: rapid.IntRange(0, 130).Draw(t, "exit"), Interrupted: rapid.Bool().Draw(t, "interrupted")}
		for range rapid.IntRange(0, 2).Draw(t, "suites") {
			s := Suite{Scenario: text(), File: text(), Runs: count.Draw(t, "runs"), Counts: map[string]int{"passed": count.Draw(t, "passed")}}
			for range rapid.IntRange(0, 3).Draw(t, "cases") {
				s.Cases = append(s.Cases, Case{Property: text(), Verdict: verdict(), Detail: text(), Findings: rapid.SliceOfN(rapid.IntRange(-1, 3), 0, 3).Draw(t, "findings")})
			}
			r.Suites = append(r.Suites, s)
		}
		for range rapid.IntRange(0, 3).Draw(t, "findings") {
			r.Findings = append(r.Findings, Finding{Scenario: text(), Property: text(), Signature: text(), Verdict: verdict(), Violation: text(),
				Count: count.Draw(t, "count"), Repro: text(), Plan: text(), Trace: lines(), File: text(), Line: rapid.IntRange(-1, 9).Draw(t, "line"), Kept: lines(),
				EventsAfter: rapid.Uint64Range(0, 9).Draw(t, "events"), FaultsAfter: count.Draw(t, "faults")})
		}
		return r
	})
}
