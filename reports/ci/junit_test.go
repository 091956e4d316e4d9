package ci

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// rules are those of the Jenkins xunit plugin's junit-10.xsd: which attributes an
// element must and may have, and which elements may be in it.
var rules = map[string]struct{ must, may, children []string }{
	"testsuites": {nil, []string{"name", "time", "tests", "failures", "errors"}, []string{"testsuite"}},
	"testsuite": {[]string{"name", "tests", "failures", "errors"},
		[]string{"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
		[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, nil, nil},
	"testcase":   {[]string{"name"}, []string{"time", "classname", "group"}, []string{"skipped", "error", "failure", "system-out", "system-err"}},
	"failure":    {nil, []string{"type", "message"}, nil},
	"error":      {nil, []string{"type", "message"}, nil},
	"skipped":    {nil, []string{"type", "message"}, nil},
}

// checkJUnit says what is wrong with JUnit XML; it needs no list of what we write.
func checkJUnit(t require.TestingT, text []byte) {
	require.True(t, utf8.Valid(text))
	for _, c := range string(text) {
		require.True(t, c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd || c >= 0x10000, "%U is not in XML 1.0", c)
	}
	require.NotContains(t, string(text), "]]>")
	dec := xml.NewDecoder(bytes.NewReader(text))
	var path []string
	for {
		token, err := dec.Token()
		if err == io.EOF {
			require.Empty(t, path)
			return
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			rule, known := rules[token.Name.Local]
			require.True(t, known, "element %s", token.Name.Local)
			if len(path) == 0 {
				require.Equal(t, "testsuites", token.Name.Local)
			} else {
				require.Contains(t, rules[path[len(path)-1]].children, token.Name.Local)
			}
			var have []string
			for _, a := range token.Attr {
				require.True(t, slices.Contains(rule.must, a.Name.Local) || slices.Contains(rule.may, a.Name.Local), "%s %s", token.Name.Local, a.Name.Local)
				have = append(have, a.Name.Local)
			}
			for _, name := range rule.must {
				require.Contains(t, have, name)
			}
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			last := ""
			if len(path) > 0 {
				last = path[len(path)-1]
			}
			require.True(t, last == "failure" || last == "error" || last == "skipped" || strings.TrimSpace(string(token)) == "", "text %q in %q", token, last)
		}
	}
}

// Goal: whatever is in a report, the file is well-formed XML 1.0 of the Jenkins flavour,
// and its counts are those of its elements.
func TestJUnitOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reports().Draw(t, "report")
		var b bytes.Buffer
		require.NoError(t, WriteJUnit(&b, r))
		checkJUnit(t, b.Bytes())
		var got junitSuites
		require.NoError(t, xml.Unmarshal(b.Bytes(), &got))
		failures, errors, tests := 0, 0, 0
		for _, s := range got.Suites {
			f, e, k := 0, 0, 0
			for _, c := range s.Cases {
				switch {
				case c.Failure != nil:
					f++
				case c.Error != nil:
					e++
				case c.Skipped != nil:
					k++
				}
			}
			require.Equal(t, []int{len(s.Cases), f, e, k}, []int{s.Tests, s.Failures, s.Errors, s.Skipped})
			failures, errors, tests = failures+f, errors+e, tests+len(s.Cases)
		}
		require.Equal(t, []int{tests, failures, errors}, []int{got.Tests, got.Failures, got.Errors})
	})
}

// Goal: the checker above can fail. Method: files that break one rule each.
func TestCheckJUnitCanFail(t *testing.T) {
	sound := `<testsuites><testsuite name="a" tests="1" failures="0" errors="0"><testcase name="b"/></testsuite></testsuites>`
	passes := func(text string) bool {
		var m failing
		func() {
			defer func() { _ = recover() }()
			checkJUnit(&m, []byte(text))
		}()
		return !m.failed
	}
	assert.True(t, passes(sound))
	for _, bad := range []string{
		strings.Replace(sound, `tests="1" `, "", 1), strings.Replace(sound, `<testcase name="b"/>`, "<test/>", 1), strings.Replace(sound, "testsuites>", "suites>", 2),
		strings.Replace(sound, `name="b"`, `name="b" assertions="1"`, 1), strings.Replace(sound, `<testcase name="b"/>`, "text", 1),
		strings.Replace(sound, "b", "\x01", 1), strings.Replace(sound, "b", "\xed\xa0\x80", 1), sound[:len(sound)-3], strings.Replace(sound, `"b"`, `"]]>"`, 1),
	} {
		assert.False(t, passes(bad), bad)
	}
}

type failing struct{ failed bool }

func (f *failing) Errorf(string, ...any) { f.failed = true }
func (f *failing) FailNow()              { f.failed = true; panic(f) }

// Goal: what a build server shows says enough. Method: parse the sample back.
func TestJUnitSaysEnough(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteJUnit(&b, sample()))
	checkJUnit(t, b.Bytes())
	var got junitSuites
	require.NoError(t, xml.Unmarshal(b.Bytes(), &got))
	require.Len(t, got.Suites, 4)
	assert.Equal(t, []int{8, 1, 3}, []int{got.Tests, got.Failures, got.Errors})
	crash := got.Suites[0]
	assert.Equal(t, "leader-crash", crash.Cases[1].Classname)
	assert.Contains(t, crash.Properties, junitProperty{"seed", strconv.Itoa(1)})
	f := crash.Cases[1].Failure
	require.NotNil(t, f)
	assert.Equal(t, "violated", f.Type)
	assert.Equal(t, "1.80 \"a|b\" <was> committed & is gone: 100% of n3, `n4` ]]> lost it\ufffd", f.Message)
	assert.Contains(t, f.Body, "\nreproduce with\ngo run ./cmd/zabsim replay --verify 'runs/findings/a b/plan.txt'\n")
	assert.Contains(t, f.Body, "shrunk: events 12,345 -> 210, faults 4 -> 1, operations 300 -> 6, servers 5 -> 3")
	assert.Contains(t, f.Body, "#2  n2  recv")
	steady := got.Suites[1]
	assert.Equal(t, "unknown", steady.Cases[0].Error.Type)
	assert.Equal(t, "no run set a watch", steady.Cases[1].Error.Message, "what is vacuous does not pass")
	assert.NotNil(t, steady.Cases[2].Skipped)
}

func TestClean(t *testing.T) {
	assert.Equal(t, "a\t\n\rb\ufffdc\U0001f600", clean("a\t\n\r\x00\x1f\x7f\u0085b\xed\xa0\x80c\ufffe\uffff\U0001f600"))
}

// Goal: a case of the corpus keeps its name whatever is wrong with it.
func TestJUnitNamesEntriesByTheirFile(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteJUnit(&b, &Report{Corpus: Corpus{Stale: []string{"a.txt: got passed: the run has 8 events", "bare.txt"}}}))
	assert.Contains(t, b.String(), `<testcase name="a.txt" classname="corpus"`)
	assert.Contains(t, b.String(), `<error message="got passed: the run has 8 events" type="stale">`)
	assert.Contains(t, b.String(), `<testcase name="bare.txt" classname="corpus"`)
	assert.Contains(t, b.String(), `<error message="the plan no longer applies to this code`)
}
