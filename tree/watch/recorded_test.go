package watch

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// fakeNode is what the watches need to know of a node.
type fakeNode struct {
	mzxid, pzxid zxid.Zxid
	acl          []txn.ACL
}

// The access lists of recordings: everybody may read, or nobody who watches.
var (
	open   = []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "world", ID: "anyone"}}}
	closed = []txn.ACL{{Perms: 30, ID: txn.ID{Scheme: "world", ID: "anyone"}}}
)

// replay is a server of which only the watches are real.
type replay struct {
	t      *testing.T
	tables Tables
	nodes  map[string]*fakeNode
	conns  map[string]txn.Watcher // of each session
	names  map[txn.Watcher]string
}

func newReplay(t *testing.T, bugs bug.Set) *replay {
	r := &replay{t: t, tables: New(bugs), nodes: map[string]*fakeNode{}, conns: map[string]txn.Watcher{}, names: map[txn.Watcher]string{}}
	for _, p := range []string{"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"} {
		r.nodes[p] = &fakeNode{acl: open}
	}
	return r
}

func (r *replay) stat(path string) (mzxid, pzxid zxid.Zxid, acl []txn.ACL, ok bool) {
	n, ok := r.nodes[path]
	if !ok {
		return 0, 0, nil, false
	}
	return n.mzxid, n.pzxid, n.acl, true
}

// change applies "create", "delete", "set" or "acl".
func (r *replay) change(z zxid.Zxid, what, path string, more []string) {
	parent := r.nodes["/"]
	if up, ok := parentOf(path); ok && r.nodes[up] != nil {
		parent = r.nodes[up]
	}
	acl := open
	if slices.Contains(more, "-r") {
		acl = closed
	}
	switch n := r.nodes[path]; what {
	case "create":
		r.nodes[path] = &fakeNode{z, z, acl}
		parent.pzxid = z
		r.tables.NodeCreated(path, acl, parent.acl, z)
	case "delete":
		delete(r.nodes, path)
		parent.pzxid = z
		r.tables.NodeDeleted(path, n.acl, parent.acl, z)
	case "set":
		n.mzxid = z
		r.tables.NodeDataChanged(path, n.acl, z)
	case "acl":
		n.acl = acl
	default:
		r.t.Fatalf("what is %s?", what)
	}
}

func (r *replay) disconnect(session string) {
	r.tables.Unwatch(r.conns[session])
	delete(r.conns, session)
}

// asks is what a session does: "s1 data /a".
func (r *replay) asks(where string, f []string) {
	w := r.conns[f[0]]
	require.NotZero(r.t, w, where)
	switch f[1] {
	case "data":
		r.tables.Add(f[2], w, Data)
	case "children":
		r.tables.Add(f[2], w, Children)
	case "persistent", "recursive":
		r.tables.AddPersistent(f[2], w, f[1] == "recursive")
	case "has", "remove":
		typ, err := strconv.Atoi(f[2])
		require.NoError(r.t, err)
		answer := r.tables.Has
		if f[1] == "remove" {
			answer = r.tables.Remove
		}
		got := "no"
		if answer(f[3], w, int32(typ)) {
			got = "yes"
		}
		if !r.tables.KnowsType(int32(typ)) || f[1] == "has" && !r.tables.CanCheck(f[3], int32(typ)) {
			got = "unknown"
		}
		assert.Equal(r.t, f[4], got, where)
	case "back":
		z, err := strconv.Atoi(f[2])
		require.NoError(r.t, err)
		lists := txn.WatchLists{Relative: zxid.Zxid(z)}
		to := map[string]*[]string{"data": &lists.Data, "exist": &lists.Exist, "child": &lists.Child,
			"persistent": &lists.Persistent, "recursive": &lists.Recursives}
		for _, x := range f[3:] {
			kind, path, _ := strings.Cut(x, "=")
			*to[kind] = append(*to[kind], path)
		}
		r.tables.SetWatches(w, &lists, r.stat)
	default:
		r.t.Fatalf("%s: what is %s?", where, f[1])
	}
}

// line does one line of a recording.
func (r *replay) line(where string, f []string) {
	z, err := strconv.Atoi(f[0])
	switch {
	case err == nil:
		r.change(zxid.Zxid(z), f[1], f[2], f[3:])
	case f[0] == "connect":
		w := txn.Watcher(len(r.names) + 1)
		r.conns[f[1]], r.names[w] = w, f[1]
	case f[0] == "drop":
		r.disconnect(f[1])
	case f[0] == "restart":
		r.tables, r.conns = New(r.tables.bugs), map[string]txn.Watcher{}
	default:
		r.asks(where, f)
	}
}

// events takes what was triggered, by session, as a recording has it.
func (r *replay) events() map[string][]string {
	all := map[string][]string{}
	for _, e := range r.tables.Events() {
		if e.ACL != nil && e.ACL[0].Perms&1 == 0 {
			continue // whoever sends withholds it
		}
		s := r.names[e.To]
		all[s] = append(all[s], fmt.Sprint(e.Type, " ", e.Path))
	}
	r.tables.ResetEvents()
	return all
}

// replayAll runs recordings in the form of testdata/recorded.txt: what a step does,
// on lines that all but the last end in "+", and what each session is then told.
func replayAll(t *testing.T, text string) (steps, events int) {
	bugs, err := bug.Profile("3.8.0")
	require.NoError(t, err)
	bugs = bugs.Without(bug.EventsIgnoreACL) // the recorded build has that fix
	for _, trace := range strings.Split(text, "== ")[1:] {
		name, body, _ := strings.Cut(trace, "\n")
		t.Run(name, func(t *testing.T) {
			r := newReplay(t, bugs)
			want := map[string][]string{}
			lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
			for i, line := range lines {
				where := fmt.Sprintf("%s:%d: %s", name, i+1, line)
				line, goesOn := strings.CutSuffix(line, " +")
				f := strings.Fields(line)
				if f[0] == ">" {
					want[f[1]] = append(want[f[1]], f[2]+" "+f[3])
					events++
				} else {
					r.line(where, f)
					steps++
				}
				if goesOn || i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  > ") {
					continue
				}
				if !assert.Equal(t, want, r.events(), where) {
					return
				}
				want = map[string][]string{}
			}
		})
	}
	return steps, events
}

// What the 3.8.0 server was recorded to send, and to answer to checkWatches and
// removeWatches. The recordings are the conformance traces hand-watch-*,
// hand-multi-watches-in-multi and hand-acl-noauth-watch-registration, reduced to
// what concerns watches: which were left, which nodes changed (-r: nobody who
// watches may read them), who connected and went.
func TestRecordings(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.txt")
	require.NoError(t, err)
	steps, events := replayAll(t, string(text))
	assert.Greater(t, steps, 400)
	assert.Greater(t, events, 100)
}
