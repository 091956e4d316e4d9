package story

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Goal: a vote that can't be read is named with what would be right, and an empty one
// behind a comma is not passed over.
func TestStoryErrorsOfVotes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"votes", "usage: votes n2 1.1 e2, n3 1.1 e1"},
		{"votes n2 1.1 2", `"n2 1.1 2" is no vote: write leader, zxid and currentEpoch, like n2 1.1 e2`},
		{"votes n2 1.1 e2,", `"" is no vote`},
		{"votes n9 1.1 e2", `"n9" is no server`},
		{"votes n4 1.1 e2", "there is no server n4, the servers are {1,2,3}"},
		{"votes n2 1 e2", `"1" is no zxid`},
		{"votes n2 1.1 e-1", `"e-1" is no epoch: write e2`},
		{"votes " + strings.Repeat("n1 1.1 e1, ", 12) + "n1 1.1 e1", "a table has at most 12 votes"},
	} {
		got, err := Run("x.txt", scene+c.text)
		if assert.Error(t, err, "%s\n%s", c.text, got) {
			assert.Contains(t, err.Error(), c.want, c.text)
		}
	}
}

// Goal: the list of commands in the package comment has every command.
func TestDocNamesEveryVerb(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for _, v := range verbs() {
		require.Regexp(t, `(?m)^//\t(.*, )?`+v.name+`\b|; `+v.name+` is the same word`, string(doc), v.name)
	}
}
