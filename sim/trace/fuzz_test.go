package trace

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the bytes, reading ends, an error names its line, and what was accepted can
// be written and read again, and is the same.
func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile("testdata/story.jsonl")
	require.NoError(f, err)
	f.Add(string(golden))
	head := `{"zabsim-events":1,"scenario":"a","servers":5,"clients":5,"seed":18446744073709551615,"bugs":"b"}` + "\n"
	f.Add(head + `{"id":1,"t":-1,"node":"c247","verb":"x","delta":{"n1":{"a":null,"a":[1,{"b":"\u0000"}]},"world":{},"n1":{"c":0.5}}}`)
	f.Add(head + `{"id":2,"t":1,"node":"world","verb":"x","lane":"\ud800","detail":"a\nb","cause":7}` + "\r\n" + `{"id":3,"node":"n8","verb":"y","delta":null}`)
	f.Add(head + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := copyOf(text)
		if err != nil {
			require.Regexp(t, `^line \d+: `, err.Error())
			return
		}
		again, err := copyOf(first)
		require.NoError(t, err, first)
		require.Equal(t, first, again)
	})
}

// copyOf reads a recording and writes what it has read.
func copyOf(text string) (string, error) {
	rec, err := Read(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	out := NewJSONL(&b, rec.Header)
	for r, err := range rec.Events() {
		if err != nil {
			return "", err
		}
		out.Event(&r.Event, 0, r.Deltas)
	}
	err = out.Flush()
	return b.String(), err
}
