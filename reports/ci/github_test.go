package ci

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestFromEnvironment(t *testing.T) {
	actions := env("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", "s.md")
	for _, c := range []struct {
		mode string
		env  func(string) (string, bool)
		want GitHub
	}{
		{"auto", env(), GitHub{}}, {"auto", env("GITHUB_ACTIONS", "false", "GITHUB_STEP_SUMMARY", "s.md"), GitHub{}}, {"auto", env("CI", "true"), GitHub{}},
		{"auto", actions, GitHub{true, "s.md"}}, {"off", actions, GitHub{}}, {"on", env(), GitHub{On: true}}, {"on", actions, GitHub{true, "s.md"}},
	} {
		got, err := FromEnvironment(c.mode, c.env)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, c.mode)
	}
	_, err := FromEnvironment("yes", actions)
	assert.EqualError(t, err, `want auto, on or off, not "yes"`)
	for _, mode := range Modes() {
		_, err := FromEnvironment(mode, actions)
		assert.NoError(t, err)
	}
}

func TestPublish(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"), 0o666))
	var log bytes.Buffer
	require.NoError(t, GitHub{Summary: path}.Publish(&log, sample()))
	assert.Empty(t, log.String())
	require.NoError(t, GitHub{On: true, Summary: path}.Publish(&log, sample()))
	assert.Equal(t, 4, strings.Count(log.String(), "\n"))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), "before\n## zabsim: "), "%s", text)
	assert.ErrorContains(t, GitHub{On: true, Summary: filepath.Join(path, "x")}.Publish(&log, sample()), "step summary: ")

	// What the step wrote before counts.
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("x"), SummaryMax-200), 0o666))
	require.NoError(t, GitHub{On: true, Summary: path}.Publish(&log, sample()))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.LessOrEqual(t, info.Size(), int64(SummaryMax))
	assert.Greater(t, info.Size(), int64(SummaryMax-200))
}

// command is the grammar of a workflow command.
var command = regexp.MustCompile(`^::(error|warning)( (file|line|title)=[^,:\r\n]*(,(file|line|title)=[^,:\r\n]*)*)?::[^\r\n]*$`)

// Goal: no text of a report can begin a command of its own or leave its place.
func TestAnnotationsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		require.NoError(t, WriteAnnotations(&b, reports().Draw(t, "report")))
		require.True(t, utf8.Valid(b.Bytes()))
		for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
			if line != "" {
				require.Regexp(t, command, line)
				require.NotRegexp(t, `%($|[^02-3]|0[^AD]|2[^5C]|3[^A])`, line, "a percent sign that is no escape of ours")
			}
		}
	})
}

func TestAnnotationsAreCounted(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 10: 10, 11: 10, 500: 10} {
		r := &Report{}
		for range n {
			r.Findings = append(r.Findings, Finding{Scenario: "s", Property: "p", Verdict: "violated"}, Finding{Scenario: "s", Property: "p", Verdict: "a word of next year"})
		}
		var b bytes.Buffer
		require.NoError(t, WriteAnnotations(&b, r))
		assert.Equal(t, want, strings.Count(b.String(), "::error"), n)
		assert.Equal(t, want, strings.Count(b.String(), "::warning"), n)
		if n == 500 {
			assert.Contains(t, b.String(), "::error title=zabsim::491 more findings of this kind;")
		}
	}
}

// Goal: a summary fits, is cut between blocks, and texts stay in their cell. Method: count
// what a renderer would take as the table's pipes and as HTML.
func TestSummaryOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reports().Draw(t, "report")
		room := rapid.IntRange(-10, 5000).Draw(t, "room")
		var b bytes.Buffer
		require.NoError(t, WriteSummary(&b, r, room))
		require.True(t, utf8.Valid(b.Bytes()))
		require.LessOrEqual(t, b.Len(), max(room, 0))
		fence := ""
		for _, line := range strings.Split(b.String(), "\n") {
			ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
			switch {
			case fence != "":
				if line == fence {
					fence = ""
				}
				continue
			case len(ticks) >= 3:
				fence = ticks
				continue
			}
			for _, ours := range []string{"<details><summary>How it goes</summary>", "</details>"} {
				line = strings.ReplaceAll(line, ours, "")
			}
			require.NotContains(t, line, "<")
			if strings.HasPrefix(line, "|") {
				plain := regexp.MustCompile(`\\[\\|]`).ReplaceAllString(line, "")
				require.Contains(t, []int{8, 6}, strings.Count(plain, "|"), line)
			}
		}
		require.Empty(t, fence, "a block of code is left open")
	})
}

func TestSummaryIsCutAtTheLimit(t *testing.T) {
	r := sample()
	for range 3000 {
		r.Findings = append(r.Findings, r.Findings[0])
	}
	var b bytes.Buffer
	require.NoError(t, WriteSummary(&b, r, SummaryMax))
	assert.LessOrEqual(t, b.Len(), SummaryMax)
	assert.Greater(t, b.Len(), SummaryMax-5000)
	assert.True(t, strings.HasSuffix(b.String(), summaryCut))
	assert.NotContains(t, b.String(), "Corpus:", "what comes after the cut is left out, too")
}

func TestOutcome(t *testing.T) {
	for want, r := range map[string]*Report{
		"passed": {}, "not proven": {Exit: 4}, "1 finding": {Findings: []Finding{{}}}, "failed": {Corpus: Corpus{Failed: []string{"x"}}},
		"not proven, interrupted": {Interrupted: true, Exit: 130}, "2 findings": {Findings: []Finding{{}, {}}},
	} {
		assert.Equal(t, want, r.outcome())
	}
}

// Goal: what fails the step is shown as an error, the broken promises first, and an entry
// of the corpus by the name of its file.
func TestAnnotationsOfWhatBlocks(t *testing.T) {
	r := &Report{Corpus: Corpus{Stale: []string{"a.txt: got passed: the run has 8 events"}, Failed: []string{"b.txt: corpus/b.txt:1: this is no plan"}},
		Suites: []Suite{{Scenario: "s", Cases: []Case{{Property: "p", Verdict: "vacuous"}, {Property: "q", Verdict: "unknown"}}}}, Exit: 4}
	var b bytes.Buffer
	require.NoError(t, WriteAnnotations(&b, r))
	assert.Equal(t, "::error title=zabsim corpus%3A b.txt::violated: corpus/b.txt:1: this is no plan\n"+
		"::error title=zabsim s%3A p::vacuous: vacuous\n::error title=zabsim s%3A q::unknown: unknown\n"+
		"::error title=zabsim corpus%3A a.txt::stale: got passed: the run has 8 events\n", b.String())
}
