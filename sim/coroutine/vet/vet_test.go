package vet_test

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/coroutine/vet"
)

func TestGoodRecipePasses(t *testing.T) {
	assert.NoError(t, vet.CheckSource(os.DirFS("testdata"), "good"))
}

// Goal: each forbidden thing is found on its line, and nothing else is. Method: the
// lines of testdata/bad say in a comment which findings they want.
func TestBadRecipeIsNamedLineByLine(t *testing.T) {
	err := vet.CheckSource(os.DirFS("testdata"), "bad")
	var found *vet.Error
	require.ErrorAs(t, err, &found)
	got := map[int][]string{}
	for _, f := range found.Findings {
		assert.Equal(t, "bad/bad.go", f.File)
		got[f.Line] = append(got[f.Line], f.Text)
	}
	file, err := os.Open("testdata/bad/bad.go")
	require.NoError(t, err)
	defer file.Close()
	scan := bufio.NewScanner(file)
	for line := 1; scan.Scan(); line++ {
		_, comment, has := strings.Cut(scan.Text(), "// want ")
		if !has {
			assert.Empty(t, got[line], "line %d: %s", line, scan.Text())
			continue
		}
		want := strings.Split(comment, ", ")
		require.Len(t, got[line], len(want), "line %d: %s", line, scan.Text())
		for i := range want {
			assert.True(t, strings.HasPrefix(got[line][i], want[i]), "line %d: %q, want %q", line, got[line][i], want[i])
		}
	}
	assert.Contains(t, found.Error(), "bad/bad.go:24: time.Sleep: use Client.Sleep")
}

func TestNothingToCheckIsAnError(t *testing.T) {
	assert.ErrorContains(t, vet.CheckSource(fstest.MapFS{}, "recipes"), "no Go files in recipes")
	onlyTests := fstest.MapFS{"recipes/a_test.go": {Data: []byte("package recipes")}}
	assert.Error(t, vet.CheckSource(onlyTests, "recipes"))
	broken := fstest.MapFS{"recipes/a.go": {Data: []byte("package recipes\nfunc {")}}
	assert.ErrorContains(t, vet.CheckSource(broken, "recipes"), "recipes/a.go:2")
}
