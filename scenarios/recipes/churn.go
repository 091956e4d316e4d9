package recipes

import (
	"path"
	"strconv"
	"time"

	"zabsim/sim/client"
)

// ChurnProgram makes families and undoes them: below root, each of a number of nodes
// of the client's own is deleted with its child and made again, in turn, so that
// snapshots are taken of a tree that changes under them.
//
//	note        detail            made
//	"session"   new               NewSession succeeded
//	"stopped"   <error>           gave up; no such note in a healthy run
//	"done"      <rounds>          the end: every node has its child
func ChurnProgram(root string, nodes, rounds int, rest time.Duration) *client.Program {
	return &client.Program{
		Name: "churn",
		Doc:  "deletes nodes with their children and makes them again, some rounds long",
		Run:  func(c client.Client) { churn(c, root, nodes, rounds, rest) },
	}
}

func churn(c client.Client, root string, nodes, rounds int, rest time.Duration) {
	for round := 0; round < rounds; {
		node := path.Join(root, c.Name()+"-"+strconv.Itoa(round%nodes))
		err := remake(c, node)
		switch {
		case err == nil:
			round++
			c.Sleep(rest/2 + time.Duration(c.Rand(int(rest))))
		case renew(c, err):
			c.Note("session", "new")
		default:
			c.Note("stopped", err.Error())
			return
		}
	}
	c.Note("done", strconv.Itoa(rounds))
}

// remake deletes a node with its child, if they are there, and makes both.
func remake(c client.Client, node string) error {
	for _, gone := range []string{path.Join(node, "child"), node} {
		_, err := retry(c, func() error { return c.Delete(gone, client.AnyVersion) })
		if err != nil && err != client.ErrNoNode {
			return err
		}
	}
	return ensure(c, path.Join(node, "child"), "")
}
