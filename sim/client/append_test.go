package client

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Goal: an appended operation comes last, what was answered stays answered, and
// who shared the script does not notice.
func TestAppendIsTheClientsOwn(t *testing.T) {
	s, err := NewScript(ScriptOp{Kind: ScriptSet, Key: "/a", Value: "1"})
	require.NoError(t, err)
	c, other := s.Start(), s.Start()
	c.Answer(&Response{Code: OK})
	_, _, more := c.Next()
	require.False(t, more)
	require.NoError(t, c.Append(ScriptOp{Kind: ScriptGet, Key: "/b"}))
	call, _, more := c.Next()
	require.True(t, more)
	require.Equal(t, "/b", call.Path)
	require.Equal(t, 1, c.Index())
	require.Equal(t, 1, other.Script().Len())
	require.ErrorContains(t, c.Append(ScriptOp{Kind: ScriptGet, Key: "b"}), `key "b" is no path`)
	require.Equal(t, 2, c.Script().Len())

	var empty ScriptClient
	require.NoError(t, empty.Append(ScriptOp{Kind: ScriptGet, Key: "/a"}))
	_, _, more = empty.Next()
	require.True(t, more)
}
