package story

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Goal: no script panics, whatever it says, and what is wrong is said with file and
// line. The seeds are the stories: what the fuzzer makes of them moves real worlds.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.txt")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(commands(string(text)))
	}
	for _, v := range verbs() {
		f.Add(scene + strings.ReplaceAll(v.usage, " | ", "\n"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4000 {
			t.Skip("a long story is only slow")
		}
		got, err := Run("x.txt", text)
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "x.txt:"), "%v", err)
			return
		}
		again, err := Run("x.txt", got)
		require.NoError(t, err)
		require.Equal(t, got, again, "a played story plays the same")
	})
}

// commands leaves the reactions and the comments out of a story.
func commands(text string) string {
	var b strings.Builder
	reaction := false
	for _, line := range strings.Split(text, "\n") {
		switch {
		case line == "":
			reaction = false
		case line == separator:
			reaction = true
		case !reaction && line[0] != '#':
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// Goal: no order of sound commands panics. Byte by byte a fuzzer seldom gets past the
// parser, so here stories lose, repeat and exchange whole lines.
func TestStorySurvivesMixedLines(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	require.NoError(t, err)
	var stories [][]string
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		stories = append(stories, strings.Split(strings.TrimSpace(commands(string(text))), "\n"))
	}
	r := rand.New(rand.NewPCG(1, 2))
	deep := 0
	for range 300 {
		lines := slices.Clone(stories[r.IntN(len(stories))])
		other := stories[r.IntN(len(stories))]
		for range 1 + r.IntN(3) {
			i, j := 1+r.IntN(len(lines)-1), r.IntN(len(lines))
			switch r.IntN(4) {
			case 0:
				lines = slices.Delete(lines, i, i+1)
			case 1:
				lines = slices.Insert(lines, i, lines[j])
			case 2:
				lines[i] = other[r.IntN(len(other))]
			case 3:
				lines[i], lines[max(j, 1)] = lines[max(j, 1)], lines[i]
			}
			if len(lines) < 2 {
				break
			}
		}
		got, err := Run("x.txt", strings.Join(lines, "\n"))
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "x.txt:"), "%v", err)
		}
		if strings.Count(got, "\n") > len(lines)/2 {
			deep++
		}
	}
	require.Greater(t, deep, 100, "most scripts must get beyond their first lines")
}
