package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
)

func bugsOutput(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := invoke(append([]string{"bugs"}, args...)...)
	require.Equal(t, 0, code, stderr)
	assert.Empty(t, stderr)
	return stdout
}

// One line a bug, short enough for a terminal, then how to ask for more.
func TestBugsListIsOneLineEach(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(bugsOutput(t), "\n"), "\n")
	require.Len(t, lines, len(bug.All())+4+len(bug.NotBuiltYet()))
	for k, i := range bug.All() {
		assert.True(t, strings.HasPrefix(lines[k], i.Name+" "), lines[k])
		assert.Contains(t, lines[k], " "+shortIssues(i))
		assert.True(t, strings.HasSuffix(lines[k], "  "+i.Had()), lines[k])
		assert.LessOrEqual(t, len(lines[k]), 110)
	}
	rest := lines[len(bug.All())+1:]
	assert.Equal(t, []string{strconv.Itoa(len(bug.All())) + " bugs. zabsim bugs NAME tells all about one.", "", "Known, but not built:"}, rest[:3])
	for k, n := range bug.NotBuiltYet() {
		assert.Regexp(t, "^"+n.Name+" +"+n.JIRA[0]+" +"+n.Why+"$", rest[3+k])
	}
}

func TestBugsOfARelease(t *testing.T) {
	out := bugsOutput(t, "--as", "3.4.5")
	assert.Regexp(t, `\nsnap.dirty-leader-snapshot +ZOOKEEPER-4837, 1549, 1558 +up to 3.4.5, 3.5.0 and later\n`, out)
	assert.Regexp(t, `\nquota.malformed-kills +never reported +3.4.0 and later\n`, out)
	profile, err := bug.Profile("3.4.5")
	require.NoError(t, err)
	assert.Contains(t, out, fmt.Sprintf("\n%d bugs. zabsim bugs NAME tells all about one.\n", strings.Count(bug.Names(profile), ",")+1))
	assert.NotContains(t, bugsOutput(t, "--as", "3.4.6"), "fle.strict-late-join")
	open := bugsOutput(t, "--as", "3.9.4")
	assert.Contains(t, open, "\n\nKnown and open in the newest release, but not built:\n")
	assert.Contains(t, open, "\nreadonly.shared-db ")
	assert.NotContains(t, open, "reconfig.version-race")
	// Both: what the release had of these.
	assert.Contains(t, bugsOutput(t, "zk-2845", "zk-3911", "--as", "3.5.4"), "follower.ack-nl-before-log  ZOOKEEPER-3911\n")
	assert.Equal(t, "the release had none of these\n", bugsOutput(t, "zk-2845", "--as", "3.5.4"))
}

func TestBugInFull(t *testing.T) {
	assert.Equal(t, `snap.dirty-leader-snapshot  ZOOKEEPER-4837, ZOOKEEPER-1549, ZOOKEEPER-1558
  releases  up to 3.4.5, 3.5.0 and later
  fixed in  3.4.6 alone, it is open in later lines
  breaks    `+strings.Join(bug.DirtyLeaderSnapshot.Info().Breaks, ", ")+`
  A server that begins to lead writes a snapshot of its whole tree, the uncommitted tail
  included. If it fails and is told to truncate, the log is cut, but the tree is loaded from
  that snapshot: the cut transactions live on in it, and a zxid that is set by hand hides
  them.
`, bugsOutput(t, "ZOOKEEPER-1558"))
	assert.Contains(t, bugsOutput(t, "sync.keep-partial-trunc"), "\n  fixed in  none, it is open\n")
	two := bugsOutput(t, "zk-335", "zk-1277")
	assert.Contains(t, two, "epoch.from-last-zxid  ZOOKEEPER-335,")
	assert.Contains(t, two, "\n\nzxid.rollover  ZOOKEEPER-1277\n  releases  up to 3.4.3\n  fixed in  3.3.5, 3.4.4, 3.5.0\n")

	code, stdout, stderr := invoke("bugs", "zk-3526")
	assert.Equal(t, 64, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, `bug "zk-3526" (readonly.shared-db) is not built: the read-only mode is not built`)
	code, stdout, stderr = invoke("bugs", "zk-4644")
	assert.Equal(t, 64, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "zabsim: unknown bug \"zk-4644\", did you mean \"ZOOKEEPER-4643\"?; zabsim bugs lists them\n", stderr)
}

func TestBugsJSON(t *testing.T) {
	var list []bugJSON
	text := bugsOutput(t, "--json", "zk-1270", "zk-5094")
	require.NoError(t, json.Unmarshal([]byte(text), &list))
	require.Len(t, list, 2)
	assert.Equal(t, "discovery.leader-not-in-quorum", list[0].Name)
	assert.NotContains(t, text, "null")
	assert.Empty(t, list[0].From)
	assert.Equal(t, []string{"3.4.0"}, list[0].Fixed)
	assert.Empty(t, list[1].Fixed)
}

// The page beside the registry is what the registry says.
func TestBugsPageIsUpToDate(t *testing.T) {
	page, err := os.ReadFile("../../zab/bug/README.md")
	require.NoError(t, err)
	assert.Equal(t, bugsOutput(t, "--markdown"), string(page), "write it with: go run ./cmd/zabsim bugs --markdown > zab/bug/README.md")
}
