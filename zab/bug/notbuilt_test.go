package bug

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is not built says so by name and with its reason, and nothing is both.
func TestNotBuilt(t *testing.T) {
	list := NotBuiltYet()
	assert.True(t, slices.IsSortedFunc(list, func(a, b NotBuilt) int { return strings.Compare(a.Name, b.Name) }))
	for _, n := range list {
		assert.Regexp(t, `^[a-z]+(\.[a-z0-9-]+)+$`, n.Name)
		assert.NotEmpty(t, n.JIRA, n.Name)
		assert.NotEmpty(t, n.Doc, n.Name)
		assert.NotEmpty(t, n.Why, n.Name)
		for _, name := range append([]string{n.Name}, n.JIRA...) {
			_, err := lookup(registry, name)
			require.ErrorContains(t, err, "is not built", "%s can be switched on: take it off this list", name)
			found, ok := LookupNotBuilt(strings.ToLower(name))
			assert.True(t, ok, name)
			assert.Equal(t, n.Name, found.Name)
		}
	}
	_, ok := LookupNotBuilt("ZOOKEEPER-3911")
	assert.False(t, ok)
	_, err := Parse("ZK-3526")
	assert.EqualError(t, err, `bug "ZK-3526" (readonly.shared-db) is not built: the read-only mode is not built`)
}
