package recipes_test

import (
	"fmt"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/recipes"
	"zabsim/sim/client"
	"zabsim/sim/coroutine"
	"zabsim/sim/coroutine/vet"
)

// Goal: recipes depend on nothing but what they are told. Method: the check of
// sources over this package, and each run of the tests below replayed by Verify.
func TestSourcesAreCleanRecipes(t *testing.T) {
	assert.NoError(t, vet.CheckSource(os.DirFS(".."), "recipes"))
}

func lockClients() []*client.Program {
	p := recipes.LockProgram("/app/lock", 2, 50*time.Millisecond)
	return []*client.Program{p, p, p}
}

func configClients() []*client.Program {
	w := recipes.ConfigWriterProgram("/config", "pool", 4, 30*time.Millisecond)
	r := recipes.ConfigReaderProgram("/config", 30*time.Second)
	return []*client.Program{w, r, w, r}
}

// checkLock demands the properties in the comment of LockProgram.
func checkLock(t *testing.T, f *fake) {
	t.Helper()
	require.Empty(t, f.said("stopped"))
	require.Len(t, f.said("done"), len(f.clients), "progress")
	assert.Empty(t, f.children("/app/lock"), "nobody stays in line")
	last := int64(-1)
	for _, ch := range f.truth {
		if ch.path == "/app/resource" {
			token, _ := recipes.ParseFenced(ch.data)
			assert.Greater(t, token, last, "tokens increase")
			last = token
		}
	}
	versions := map[string]bool{}
	var holder heard // who believes to hold the lock
	for _, h := range f.heard {
		own, rest, _ := strings.Cut(h.detail, " ")
		switch h.word {
		case "acquired":
			if died := f.dead[h.session]; died != 0 && died <= h.zxid {
				break // a zombie
			}
			if died := f.dead[holder.session]; holder.client != nil && (died == 0 || died > h.zxid) {
				t.Errorf("%s acquires while %s holds", h.detail, holder.detail)
			}
			assert.Equal(t, path.Base(own), first(f.at("/app/lock", h.zxid)), "it is the lowest")
			holder = h
		case "released", "lost":
			if strings.HasPrefix(holder.detail, own+" ") {
				holder = heard{}
			}
		case "fenced write":
			v := rest[strings.LastIndexByte(rest, '=')+1:]
			assert.False(t, versions[v], "version %s is written twice", v)
			versions[v] = true
		}
	}
	n := f.nodes["/app/resource"].stat.Version
	assert.GreaterOrEqual(t, int(n), 2*len(f.clients))
	assert.GreaterOrEqual(t, len(versions), 2*len(f.clients))
}

// first returns the name with the lowest number in what fake.at says.
func first(nodes string) (name string) {
	best := ""
	for _, n := range strings.Fields(nodes) {
		n, _, _ = strings.Cut(n, "=")
		if number := n[len(n)-10:]; best == "" || number < best {
			best, name = number, n
		}
	}
	return name
}

// checkConfig demands the properties in the comments of the two config programs.
func checkConfig(t *testing.T, f *fake) {
	t.Helper()
	require.Empty(t, f.said("stopped"))
	require.Empty(t, f.said("cache stopped"))
	require.Len(t, f.said("done"), len(f.clients))
	number, written := -1, map[string]bool{}
	for i, ch := range f.truth {
		if ch.path != "/config/pool/a" {
			continue
		}
		n, _ := strconv.Atoi(ch.data)
		assert.Equal(t, number+1, n, "numbers go up by one")
		number = n
		assert.Equal(t, fmt.Sprintf("a=%q b=%q", ch.data, ch.data), f.at("/config/pool", ch.zxid), "change %d", i)
		written["/config/pool "+ch.data+" "+fmt.Sprint(int64(ch.zxid))] = true
	}
	writes := f.said("config write")
	for _, w := range writes {
		assert.True(t, written[w], "%s is not in the truth, or was named twice", w)
		delete(written, w)
	}
	assert.LessOrEqual(t, len(written), len(f.said("config unknown")))
	seen := map[*fclient]int64{}
	for _, h := range f.heard {
		switch h.word {
		case "cache", "cache final":
			e, ok := recipes.ParseCacheNote(h.detail)
			require.True(t, ok, h.detail)
			assert.Contains(t, f.truth, change{zxid: e.Zxid, path: e.Path, data: e.Value})
		case "cache group":
			parts := strings.SplitN(h.detail, " ", 3)
			zxid, _ := strconv.ParseInt(parts[1], 10, 64)
			require.Len(t, parts, 3)
			assert.Equal(t, f.at(parts[0], client.Zxid(zxid)), parts[2], "all or nothing")
			assert.Greater(t, zxid, seen[h.client], "no way back")
			seen[h.client] = zxid
		}
	}
	final := f.said("cache final")
	want := f.nodes["/config/pool/a"]
	require.Len(t, final, 4, "two values in each of two caches")
	for _, d := range final {
		e, _ := recipes.ParseCacheNote(d)
		assert.Equal(t, recipes.ConfigEntry{Path: e.Path, Value: want.data, Zxid: want.stat.Mzxid}, e, "converges")
	}
}

func churnClients() []*client.Program {
	p := recipes.ChurnProgram("/churn", 3, 12, 20*time.Millisecond)
	return []*client.Program{p, p}
}

// checkChurn demands that each client leaves each of its nodes with its child.
func checkChurn(t *testing.T, f *fake) {
	t.Helper()
	require.Empty(t, f.said("stopped"))
	require.Len(t, f.said("done"), len(f.clients), "progress")
	require.Len(t, f.children("/churn"), 3*len(f.clients))
	for _, name := range f.children("/churn") {
		assert.Equal(t, []string{"child"}, f.children("/churn/"+name))
	}
}

var worlds = []struct {
	name     string
	programs func() []*client.Program
	check    func(*testing.T, *fake)
}{{"lock", lockClients, checkLock}, {"config", configClients, checkConfig}, {"churn", churnClients, checkChurn}}

const stepsMax = 20000

func TestWithoutFaults(t *testing.T) {
	for _, w := range worlds {
		for seed := range uint64(20) {
			f := newFake(t, seed, w.programs()...)
			f.run(stepsMax)
			w.check(t, f)
			require.False(t, t.Failed(), "%s, seed %d", w.name, seed)
			assert.Empty(t, f.said("session"))
		}
	}
}

// Goal: every call may fail. Method: let each server call of a run go wrong in each
// way, one per run.
func TestEachCallGoesWrongInTurn(t *testing.T) {
	for _, w := range worlds {
		for what := lossBefore; what < lossCount; what++ {
			for at := 1; ; at++ {
				f := newFake(t, uint64(at%7), w.programs()...)
				f.fault = func(n int, c *fclient, call *client.Call) loss {
					if n == at {
						return what
					}
					return lossNone
				}
				f.run(stepsMax)
				w.check(t, f)
				require.False(t, t.Failed(), "%s, loss %d at call %d: %+v", w.name, what, at, f.heard)
				if f.served < at {
					assert.Greater(t, at, 40, "%s: few calls were tried", w.name)
					break
				}
			}
		}
	}
}

// Goal: faults on top of faults, while recipes recover. Method: one call in six goes
// wrong, until a while before the end.
func TestManyFaults(t *testing.T) {
	expired, fenced := 0, 0
	for _, w := range worlds {
		for seed := range uint64(150) {
			f := newFake(t, seed, w.programs()...)
			f.fault = func(n int, c *fclient, call *client.Call) loss {
				if n < 150 && f.rng.IntN(6) == 0 {
					return loss(1 + f.rng.IntN(int(lossCount)-1))
				}
				return lossNone
			}
			f.run(stepsMax)
			w.check(t, f)
			require.False(t, t.Failed(), "%s, seed %d: %+v", w.name, seed, f.heard)
			expired += len(f.said("session"))
			fenced += len(f.said("lost"))
			for _, c := range f.clients {
				if seed < 5 {
					require.NoError(t, coroutine.Verify(&c.state))
				}
			}
		}
	}
	assert.Positive(t, expired)
	assert.Positive(t, fenced, "no holder has lost its session")
}

// Goal: a world may be given up at any moment. Method: stop each client of a run with
// faults at every one of its calls; no goroutine may stay.
func TestStopAtEveryCallLeavesNothingBehind(t *testing.T) {
	for _, w := range worlds {
		f := newFake(t, 3, w.programs()...)
		f.fault = func(n int, c *fclient, call *client.Call) loss {
			if n < 60 && n%9 == 0 {
				return loss(1 + n%(int(lossCount)-1))
			}
			return lossNone
		}
		f.run(stepsMax)
		for _, c := range f.clients {
			history := c.state.History.Responses()
			var cache coroutine.Cache
			before := goroutines()
			s := coroutine.State{Name: c.state.Name, Program: c.state.Program}
			for i := 0; ; i++ {
				_, _, err := cache.Resume(0, &s)
				require.NoError(t, err)
				cache.Drop(0)
				require.LessOrEqual(t, goroutines(), before, "%s: stopped after %d responses", w.name, i)
				if i == len(history) {
					break
				}
				s.Answer(*history[i])
			}
		}
	}
}

// goroutines counts them once those that are ending are gone.
func goroutines() (n int) {
	for range 100 {
		if m := runtime.NumGoroutine(); m == n {
			return n
		} else {
			n = m
		}
		time.Sleep(20 * time.Microsecond)
	}
	return n
}
