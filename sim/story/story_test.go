package story

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the stories with what happens now")

// Goal: every story is true, to the byte, and says what it is about and where that
// is written. Playing it twice gives the same: a story has no chance in it.
func TestStory(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimPrefix(filepath.ToSlash(file), "testdata/")
		t.Run(strings.TrimSuffix(name, ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			got, err := Run(name, string(text))
			require.NoError(t, err, "the story so far:\n%s", got)
			again, err := Run(name, string(text))
			require.NoError(t, err)
			require.Equal(t, got, again, "two runs differ")
			head, _, _ := strings.Cut(got, "\n\n")
			assert.True(t, strings.HasPrefix(head, "# Goal: "), "begin with a comment: # Goal: ...")
			assert.Contains(t, head, "# Source: ", "the first comment ends with # Source: ...")
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				return
			}
			assert.Equal(t, string(text), got, "if the change is meant: go test ./sim/story -rewrite, and read the difference")
		})
	}
}

// Goal: what a story expects does not hang on the grain: with lanes that take turns of
// their own the same things come to pass, though not line by line.
func TestStoryAtGrainThreads(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txt")
	require.NoError(t, err)
	turns := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		threads := strings.ReplaceAll(string(text), "\nworld ", "\nworld grain=threads ")
		got, err := Run(filepath.Base(file), threads)
		assert.NoError(t, err, "the story so far:\n%s", got)
		if strings.Contains(got, " run ") {
			turns++
		}
	}
	assert.Greater(t, turns, len(files)/2, "lanes must take turns of their own")
}
