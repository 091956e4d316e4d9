package coroutine

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
)

// fakeWorld is a world of one client: nodes with data and version, one-shot
// watches, flags, and time that passes when someone sleeps. It answers calls in
// an order drawn from its generator, and fails some of them.
type fakeWorld struct {
	state   State
	cache   *Cache
	rng     *rand.Rand
	lossy   int // one in lossy server calls loses its connection; 0 none
	now     int64
	nodes   map[string]fakeNode
	watches []fakeWatch // by id-1
	flags   []bool      // by id-1
	notes   []string
	calls   []client.Call
	steps   int
}

type fakeNode struct {
	data    string
	version int32
}

type fakeWatch struct {
	path   string
	events []client.Event
	ended  bool
}

func newFakeWorld(p *client.Program, cache *Cache, seed uint64, lossy int) *fakeWorld {
	return &fakeWorld{state: State{Name: "c1", Program: p}, cache: cache, lossy: lossy,
		rng: rand.New(rand.NewPCG(seed, 1)), nodes: map[string]fakeNode{"/n": {data: "0"}}}
}

// run answers until the program is done, at most stepsMax times.
func (w *fakeWorld) run(t testing.TB, stepsMax int) (done bool) {
	for ; w.steps < stepsMax; w.steps++ {
		calls, done, err := w.cache.Resume(0, &w.state)
		require.NoError(t, err)
		w.calls = append(w.calls[:0], calls...)
		if done {
			return true
		}
		ready := w.ready()
		require.NotEmpty(t, ready, "stuck: %+v", calls)
		i := ready[w.rng.IntN(len(ready))]
		r := w.answer(&w.calls[i])
		r.Task = uint32(i)
		w.state.Answer(r)
	}
	return false
}

// ready returns the tasks whose calls can be answered: the instant ones alone, if
// there are any.
func (w *fakeWorld) ready() (tasks []int) {
	for i := range w.calls {
		if w.calls[i].Op.Instant() {
			return []int{i}
		}
		if w.answerable(&w.calls[i]) {
			tasks = append(tasks, i)
		}
	}
	return tasks
}

func (w *fakeWorld) answerable(call *client.Call) bool {
	switch call.Op {
	case client.OpNone:
		return false
	case client.OpNext:
		return w.isReady(client.Watch{ID: call.ID}.Signal())
	case client.OpWait:
		return call.Duration != client.Forever || slices.ContainsFunc(call.Signals, w.isReady)
	}
	return true
}

func (w *fakeWorld) isReady(s client.Signal) bool {
	switch {
	case s.Kind == client.SignalTask:
		return w.calls[s.ID].Op == client.OpNone
	case s.ID == 0:
		return true
	case s.Kind == client.SignalFlag:
		return w.flags[s.ID-1]
	}
	watch := &w.watches[s.ID-1]
	return watch.ended || len(watch.events) > 0
}

func (w *fakeWorld) answer(call *client.Call) (r client.Response) {
	if call.Op.IsServer() && w.lossy > 0 && w.rng.IntN(w.lossy) == 0 {
		if w.rng.IntN(2) == 0 {
			w.server(call) // it happens, but nobody hears of it
		}
		return client.Response{Code: client.ErrConnectionLoss}
	}
	switch call.Op {
	case client.OpSleep:
		w.now += int64(call.Duration)
	case client.OpNow:
		r.Number = w.now
	case client.OpRand:
		r.Number = w.rng.Int64N(call.Number)
	case client.OpNote:
		w.notes = append(w.notes, call.Path+"="+call.Data)
	case client.OpSpawn:
	case client.OpNewFlag:
		w.flags = append(w.flags, false)
		r.ID = uint32(len(w.flags))
	case client.OpRaise:
		w.flags[call.ID-1] = true
	case client.OpWait:
		r.Number = int64(slices.IndexFunc(call.Signals, w.isReady))
		if r.Number < 0 {
			w.now += int64(call.Duration)
		}
	case client.OpNext:
		r.Event = client.Event{Type: client.EventNotWatching}
		if q := &w.watches[call.ID-1].events; len(*q) > 0 {
			r.Event, *q = (*q)[0], (*q)[1:]
		}
	default:
		return w.server(call)
	}
	return r
}

func (w *fakeWorld) server(call *client.Call) (r client.Response) {
	n, found := w.nodes[call.Path]
	switch call.Op {
	case client.OpCreate:
		if found {
			return client.Response{Code: client.ErrNodeExists}
		}
		n = fakeNode{data: call.Data}
		w.nodes[call.Path], r.Data = n, call.Path
		w.fire(call.Path, client.EventNodeCreated)
	case client.OpDelete:
		if !found {
			return client.Response{Code: client.ErrNoNode}
		}
		delete(w.nodes, call.Path)
		w.fire(call.Path, client.EventNodeDeleted)
	case client.OpExists, client.OpGet:
		if !found && call.Op == client.OpGet {
			return client.Response{Code: client.ErrNoNode}
		}
		r = client.Response{Found: found, Data: n.data}
	case client.OpSet:
		if !found {
			return client.Response{Code: client.ErrNoNode}
		}
		if call.Version != client.AnyVersion && call.Version != n.version {
			return client.Response{Code: client.ErrBadVersion}
		}
		n = fakeNode{data: call.Data, version: n.version + 1}
		w.nodes[call.Path] = n
		w.fire(call.Path, client.EventNodeDataChanged)
	default:
		return client.Response{Code: client.ErrNotBuilt}
	}
	r.Stat.Version = n.version
	if call.Watch {
		w.watches = append(w.watches, fakeWatch{path: call.Path})
		r.ID = uint32(len(w.watches))
	}
	return r
}

func (w *fakeWorld) fire(path string, kind client.EventType) {
	for i := range w.watches {
		if watch := &w.watches[i]; watch.path == path && !watch.ended {
			watch.ended = true
			watch.events = append(watch.events, client.Event{Type: kind, Path: path})
		}
	}
}

func (w *fakeWorld) number(path string) int {
	n, _ := strconv.Atoi(w.nodes[path].data)
	return n
}
