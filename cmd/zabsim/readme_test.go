package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Goal: the scenario of the README is one, passes, and the mistake that is shown below
// it is told as printed.
func TestScenarioOfTheReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	scenario := regexp.MustCompile("(?s)```yaml\n(name: my-crash\n.*?)```").FindSubmatch(text)
	mistake := regexp.MustCompile("(?s)```text\n(zabsim: my.yaml:.*?)```").FindSubmatch(text)
	require.True(t, scenario != nil && mistake != nil, "the README has lost its scenario, or the mistake in it")
	t.Chdir(t.TempDir())
	write := func(text string) { require.NoError(t, os.WriteFile("my.yaml", []byte(text), 0o666)) }

	write(string(scenario[1]))
	code, stdout, stderr := invoke("run", "my.yaml", "--seed", "7")
	assert.Zero(t, code, stderr)
	assert.Contains(t, stdout, "passed      p99(failover)<4s: it is ")

	write(strings.Replace(string(scenario[1]), "fault: crash", "fault: crsh", 1))
	code, _, stderr = invoke("run", "my.yaml")
	assert.Equal(t, exitUsage, code)
	assert.Equal(t, string(mistake[1]), stderr)
}
