package bug

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each row is the first release of a span with equal bugs, up to the next row
// of the same line.
func TestProfileOfEachRelease(t *testing.T) {
	const vote, ack, epoch = "fle.flat-vote-order", "follower.ack-nl-before-log", "follower.epoch-before-history"
	for version, want := range map[string]string{
		"3.4.0": vote, "3.4.3": vote,
		"3.4.4": "", "3.4.9": "",
		"3.4.10": ack + "," + epoch, "3.4.14": ack + "," + epoch, // the line ended with both
		"3.5.0": "", "3.5.2": "",
		"3.5.3": ack + "," + epoch, "3.5.3-beta": ack + "," + epoch, "3.5.9": ack + "," + epoch,
		"3.5.10": epoch,
		"3.6.0":  ack + "," + epoch, "3.6.2": ack + "," + epoch,
		"3.6.3": epoch, "3.6.4": epoch,
		"3.7.0": epoch, "3.7.2": epoch,
		"3.8.0": epoch, "3.8.4": epoch,
		"3.8.5": "", "3.8.6": "",
		"3.9.0": epoch, "3.9.1": epoch,
		"3.9.2": "", "3.9.5": "",
		"3.10.0": "", "newest": "", " newest ": "",
		"3.5.0-alpha": "",
	} {
		got, err := Profile(version)
		require.NoError(t, err, version)
		assert.Equal(t, want, Names(got), version)
	}
}

func TestProfileErrors(t *testing.T) {
	for version, want := range map[string]string{
		"3.5.33": `unknown ZooKeeper version "3.5.33", did you mean "3.5.10"?`,
		"3.6.9":  `unknown ZooKeeper version "3.6.9", did you mean "3.6.4"?`,
		"3.11.0": `unknown ZooKeeper version "3.11.0", did you mean "3.10.0"?`,
		"3.4.15": `unknown ZooKeeper version "3.4.15", did you mean "3.4.14"?`,
		"latest": `unknown ZooKeeper version "latest", did you mean "newest"?`,
		"etcd":   `unknown ZooKeeper version "etcd"`,
		"":       `unknown ZooKeeper version ""`,
	} {
		_, err := Profile(version)
		assert.EqualError(t, err, want)
	}
}

func TestReleasesAreOldestFirst(t *testing.T) {
	all := Releases()
	assert.Equal(t, "3.4.0", all[0])
	assert.Equal(t, "3.10.0", all[len(all)-1])
	assert.Subset(t, all, LastOfLines())
	assert.Len(t, all, 15+11+5+3+7+6+1)
	for _, v := range all {
		r, ok := parseRelease(v)
		require.True(t, ok, v)
		assert.Equal(t, v, r.String())
	}
}

// A change is inherited from the next lower line only when the release's own
// line says nothing.
func TestReachedFollowsReleaseLines(t *testing.T) {
	since := []string{"3.5.10", "3.6.3", "3.7.0"}
	for r, want := range map[release]bool{
		{3, 4, 14}: false, {3, 5, 9}: false, {3, 5, 10}: true, {3, 6, 2}: false,
		{3, 6, 3}: true, {3, 7, 0}: true, {3, 9, 0}: true,
	} {
		assert.Equal(t, want, reached(since, r), r.String())
	}
	assert.False(t, reached(nil, release{3, 4, 0}))
	assert.Panics(t, func() { reached([]string{"3.5"}, release{3, 4, 0}) })
	for _, bad := range []string{"3", "3.5.x", "3.5.-1", "3.5.1.1"} {
		_, ok := parseRelease(bad)
		assert.False(t, ok, bad)
	}
}
