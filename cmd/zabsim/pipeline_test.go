package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipeline returns the README's section "In a pipeline" and the workflow that it prints.
func pipeline(t *testing.T) (section, workflow string) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	m := regexp.MustCompile(`(?s)\n## In a pipeline\n(.*?)\n## `).FindSubmatch(readme)
	require.NotNil(t, m)
	w := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(m[1])
	require.NotNil(t, w)
	return string(m[1]), string(w[1])
}

// Goal: the workflow that the README prints is the file that it tells to copy, and is
// YAML with jobs, steps and commands.
func TestWorkflowIsTheFile(t *testing.T) {
	section, workflow := pipeline(t)
	file, err := os.ReadFile("../../.ci/github-actions.yml")
	require.NoError(t, err)
	assert.Equal(t, string(file), workflow)
	assert.Contains(t, section, "`.ci/github-actions.yml`")

	var w struct {
		On   map[string]any `yaml:"on"`
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Uses, Run, If string
				With          map[string]string
			}
		}
	}
	dec := yaml.NewDecoder(strings.NewReader(workflow))
	require.NoError(t, dec.Decode(&w))
	assert.Len(t, w.On, 4)
	require.Len(t, w.Jobs, 2)
	for name, job := range w.Jobs {
		assert.NotEmpty(t, job.RunsOn, name)
		require.Len(t, job.Steps, map[string]int{"pr": 4, "nightly": 6}[name], name)
		assert.Equal(t, "go.mod", job.Steps[1].With["go-version-file"])
		last := len(job.Steps) - 1
		for _, s := range job.Steps[2:last] {
			if strings.HasPrefix(s.Run, "go run ./internal/mutants/cmd ") {
				assert.FileExists(t, "../../internal/mutants/cmd/main.go") // another program: its flags are its own
				continue
			}
			checkCommand(t, regexp.MustCompile(`\$\{\{ .*? \}\}`).ReplaceAllString(s.Run, "1"))
		}
		assert.Equal(t, "failure()", job.Steps[last].If)
		assert.Equal(t, "runs/\nzabsim.xml\n", job.Steps[last].With["path"])
	}
}

// Goal: the commands of the section exist, with all their flags, and so do the codes of
// its table. Method: parse them as the command line does.
func TestPipelineCommandsParse(t *testing.T) {
	section, _ := pipeline(t)
	commands := regexp.MustCompile(`(?m)^(go run \./cmd/zabsim|\./zabsim) .*$`).FindAllString(section, -1)
	require.Len(t, commands, 2)
	for _, line := range commands {
		checkCommand(t, line)
	}
	known := map[string]bool{}
	for _, e := range exitCodes() {
		known[strconv.Itoa(e.code)] = true
	}
	rows := regexp.MustCompile(`(?m)^\| ([0-9, ]+) \|`).FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, rows)
	for _, row := range rows {
		for _, code := range strings.Split(row[1], ", ") {
			assert.True(t, known[code], "exit code %s", code)
			delete(known, code)
		}
	}
	assert.Empty(t, known, "codes that the section does not mention")
}

// checkCommand parses a line for a shell without running it.
func checkCommand(t *testing.T, line string) {
	t.Helper()
	_, rest, ok := strings.Cut(line, "zabsim ")
	require.True(t, ok, line)
	var args []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(rest, -1) {
		args = append(args, m[1]+m[2])
	}
	cmd, rest2, err := newRoot(&app{}).Find(args)
	require.NoError(t, err, line)
	require.NotEqual(t, "zabsim", cmd.Name(), line)
	require.NoError(t, cmd.ParseFlags(rest2), line)
	if cmd.Args != nil {
		require.NoError(t, cobra.PositionalArgs(cmd.Args)(cmd, cmd.Flags().Args()), line)
	}
}
