package zab

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/tree"
	"zabsim/zab/bug"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

// walk lets clients of an ensemble do what they like, in an order that the seed draws:
// connect, come back with the right password or a wrong one, make ephemeral nodes,
// watch, close, lose their connection, be expired, all of it while log writers lag.
// It returns what is wrong in the end, empty if nothing is.
type walk struct {
	*rig
	rnd     *rand.Rand
	clients []*rigClient
	lagging bool
	wrong   string
}

func walkFrom(t testing.TB, seed uint64, change ...func(*Config)) string {
	w := &walk{rig: sessionEnsemble(t, 3, change...), rnd: rand.New(rand.NewPCG(seed, 17))}
	for range 40 {
		w.act()
	}
	w.lag(false)
	w.judge()
	w.illegal = nil // judged
	return w.wrong
}

func (w *walk) server() quorum.ServerID { return quorum.ServerID(1 + w.rnd.IntN(3)) }

func (w *walk) lag(on bool) {
	w.lagging = on
	for id := 1; id <= 3; id++ {
		w.slow[id] = on
	}
	w.settle()
}

func (w *walk) act() {
	if len(w.clients) == 0 || w.rnd.IntN(12) == 0 && !w.lagging {
		w.lag(false)
		w.clients = append(w.clients, w.open(w.server(), 4000))
		return
	}
	c := w.clients[w.rnd.IntN(len(w.clients))]
	path := fmt.Sprintf("/n%d", w.rnd.IntN(6))
	live := w.conns[c.conn-1].open[0] && !c.closed
	switch what := w.rnd.IntN(16); {
	case what < 3 && live:
		c.create(path, 1)
	case what < 4 && live:
		c.create(path, 0)
	case what < 5 && live:
		c.request(txn.Request{Op: txn.OpDelete, Path: path, Version: -1})
	case what < 7 && live:
		c.exists(path, true)
	case what < 8 && live:
		c.close()
	case what < 9 && live:
		w.step(c.at, Input{Kind: Closed, Conn: c.conn, Plane: PlaneClient})
		c.closed = true
	case what < 10:
		w.step(1, Input{Kind: ExpireSession, Session: c.id})
	case what < 11:
		w.clients = append(w.clients, c.resume(w.server()))
	case what < 12:
		w.intrude(c)
	case what < 14:
		w.lag(!w.lagging)
	default:
		w.settle()
	}
}

// intrude tries a wrong password while nothing else is going on: nobody must notice.
func (w *walk) intrude(c *rigClient) {
	w.lag(false)
	before := w.closed()
	w.attach(w.server(), ClientMsg{Session: c.id, Connect: &Connect{TimeoutMillis: 4000, Password: strings.Repeat("x", 16)}})
	w.settle()
	if !slices.Equal(before, w.closed()) {
		w.fail("a wrong password ends a connection")
	}
}

func (w *walk) closed() (all []bool) {
	for _, c := range w.clients {
		all = append(all, c.closed)
	}
	return all
}

func (w *walk) fail(text string) {
	if w.wrong == "" {
		w.wrong = text
	}
}

// judge looks at what is left when all is applied.
func (w *walk) judge() {
	if len(w.illegal) > 0 {
		w.fail("flag-state: " + w.illegal[0])
	}
	for id := 1; id <= 3; id++ {
		sm := w.servers[id].sm.(*tree.Tree)
		sm.Nodes(func(path string, _ uint64, _ string, _ bool, _ []txn.ACL, s txn.Stat) bool {
			if _, alive := sm.SessionTimeout(s.EphemeralOwner); s.EphemeralOwner != 0 && !alive {
				w.fail("tree-ephemerals: " + path + " has outlived its session")
			}
			return true
		})
	}
	for _, c := range w.clients {
		_, alive := w.servers[1].sm.SessionTimeout(c.id)
		if alive && slices.ContainsFunc(c.heard, func(m ClientMsg) bool { return m.Op == txn.OpCloseSession && m.Result.Err == txn.OK }) {
			w.fail("tree-ephemerals: a session has outlived its closeSession")
		}
	}
}

// Goal: whatever clients do, nothing outlives its session and nobody can end the
// connection of another. With a bug switched on, the walk finds it.
func TestWalk(t *testing.T) {
	for seed := range uint64(150) {
		require.Empty(t, walkFrom(t, seed), "seed %d", seed)
		require.Empty(t, walkFrom(t, seed, upgrading), "seed %d with local sessions", seed)
	}
}

func TestWalkFindsBugs(t *testing.T) {
	for _, c := range []struct {
		b    bug.Switch
		find string
		more []func(*Config)
	}{
		{bug.BadPasswordKicks, "a wrong password ends a connection", nil},
		{bug.CreateAfterClose, "tree-ephemerals", nil},
		{bug.UpgradeDangling, "tree-ephemerals", []func(*Config){upgrading}},
		{bug.DeadConnectionWatch, "flag-state", nil},
	} {
		t.Run(c.b.String(), func(t *testing.T) {
			for seed := range uint64(500) {
				if wrong := walkFrom(t, seed, append(c.more, with(c.b))...); wrong != "" {
					assert.Contains(t, wrong, c.find)
					t.Logf("walk %d: %s", seed, wrong)
					return
				}
			}
			t.Fatal("not found in 500 walks")
		})
	}
}
