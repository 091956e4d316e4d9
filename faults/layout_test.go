package faults_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/faults"
)

// TestEachFaultHasAFileOfItsOwn: who looks for slow-disk finds all of it in
// slow_disk.go, and nothing else there.
func TestEachFaultHasAFileOfItsOwn(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	name := regexp.MustCompile(`sim\.FaultKind\{\n\tName: +"([a-z-]+)"`)
	in := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range name.FindAllSubmatch(text, -1) {
			in[file] = append(in[file], string(m[1]))
		}
	}
	for _, k := range faults.All() {
		file := strings.ReplaceAll(k.Name, "-", "_") + ".go"
		assert.Equal(t, []string{k.Name}, in[file], file)
		delete(in, file)
	}
	assert.Empty(t, in, "kinds that All does not return")
}
