package coroutine

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
)

// goroutines counts them once the helper of the last stop had time to be gone.
func goroutines() (n int) {
	for range 100 {
		if m := runtime.NumGoroutine(); m == n {
			return n
		} else {
			n = m
		}
		time.Sleep(100 * time.Microsecond)
	}
	return n
}

func program(run func(client.Client)) *client.Program {
	return &client.Program{Name: "sample", Run: run}
}

// told returns the state of a program that was given responses.
func told(p *client.Program, responses ...client.Response) *State {
	s := &State{Name: "c1", Program: p}
	for _, r := range responses {
		s.Answer(r)
	}
	return s
}

func ops(calls []client.Call) (all []string) {
	for _, c := range calls {
		all = append(all, c.Op.String()+" "+c.Path)
	}
	return all
}

// Goal: the rule of doc.go, Order. The spawner goes on first, and the handle that it
// got is in its variables before the new task begins.
func TestSpawnerGoesOnBeforeTheNewTaskBegins(t *testing.T) {
	var cache Cache
	defer cache.Close()
	var order []string
	p := program(func(c client.Client) {
		var self client.Task
		self = c.Spawn("child", func(c client.Client) {
			order = append(order, "child")
			assert.Equal(t, client.Task{ID: 1}, self)
			c.Get("/child")
		})
		order = append(order, "main")
		c.Get("/main")
	})
	calls, done, err := cache.Resume(0, told(p))
	require.NoError(t, err)
	assert.False(t, done)
	assert.Equal(t, []string{"spawn child"}, ops(calls))
	calls, _, err = cache.Resume(0, told(p, client.Response{}))
	require.NoError(t, err)
	assert.Equal(t, []string{"get /main", "get /child"}, ops(calls))
	assert.Equal(t, []string{"main", "child"}, order)

	// Main may end before its task: the program is done when both have.
	calls, done, _ = cache.Resume(0, told(p, client.Response{}, client.Response{Task: 0}))
	assert.Equal(t, []string{"none ", "get /child"}, ops(calls))
	assert.False(t, done)
	_, done, _ = cache.Resume(0, told(p, client.Response{}, client.Response{Task: 0}, client.Response{Task: 1}))
	assert.True(t, done)
}

// Goal: once stopped, no call returns, and deferred functions still run, in order.
func TestStoppedCallsNeverReturn(t *testing.T) {
	var cache Cache
	var log []string
	p := program(func(c client.Client) {
		defer func() { log = append(log, "last") }()
		defer func() {
			log = append(log, "cleanup")
			c.Delete("/a", client.AnyVersion)
			log = append(log, "deleted")
		}()
		func() {
			defer func() { log = append(log, "recovered"); _ = recover() }()
			c.Get("/a")
			log = append(log, "got")
		}()
		log = append(log, "went on") // it swallowed the stop
		c.Spawn("late", func(client.Client) { log = append(log, "spawned") })
	})
	before := goroutines()
	_, _, err := cache.Resume(0, told(p))
	require.NoError(t, err)
	cache.Close()
	assert.Equal(t, []string{"recovered", "went on", "cleanup", "last"}, log)
	assert.LessOrEqual(t, goroutines(), before)

	// A panic of the recipe's own during the stop is nobody's business.
	p = program(func(c client.Client) { defer panic("while stopping"); c.Get("/a") })
	_, _, err = cache.Resume(0, told(p))
	require.NoError(t, err)
	assert.NotPanics(t, cache.Close)
}

func TestPanicNamesRecipeTaskAndLine(t *testing.T) {
	var cache Cache
	boom := errors.New("boom")
	p := program(func(c client.Client) {
		c.Spawn("child", func(c client.Client) {
			c.Get("/a")
			panic(boom)
		})
		c.Sleep(1)
	})
	before := goroutines()
	s := told(p, client.Response{}, client.Response{Task: 1})
	for range 2 { // the error stays
		_, done, err := cache.Resume(0, s)
		assert.True(t, done)
		assert.EqualError(t, err, "recipe sample, client c1, task 1 (child): panic at coroutine_test.go:122: boom")
		assert.ErrorIs(t, err, boom)
	}
	assert.LessOrEqual(t, goroutines(), before, "the other task is stopped")

	_, _, err := cache.Resume(0, told(program(func(c client.Client) { c.Rand(0) })))
	assert.ErrorContains(t, err, "Rand needs a positive bound")
	_, _, err = cache.Resume(0, told(program(func(c client.Client) { c.Session() }), client.Response{Code: client.ErrNotBuilt}))
	assert.ErrorIs(t, err, client.ErrNotBuilt, "calls without an error result stop the recipe by name")
}

func TestResponseForNobodyIsAnError(t *testing.T) {
	var cache Cache
	p := program(func(c client.Client) { c.Sleep(1) })
	_, _, err := cache.Resume(0, told(p, client.Response{Task: 3}))
	assert.ErrorContains(t, err, "task 3, which is not waiting")
	_, _, err = cache.Resume(0, told(p, client.Response{}, client.Response{}))
	assert.ErrorContains(t, err, "task 0, which is not waiting")
}

func TestClientOfAnotherTaskIsRefused(t *testing.T) {
	var cache Cache
	p := program(func(outer client.Client) {
		outer.Spawn("child", func(client.Client) { outer.Get("/a") })
		outer.Sleep(1)
	})
	_, _, err := cache.Resume(0, told(p, client.Response{}))
	assert.ErrorContains(t, err, "task 1 (child)")
	assert.ErrorContains(t, err, "get called on the client of task main")
}

// Goal: branches of a search. Method: one cache jumps between histories that share
// a prefix; the longer one is fed, all others replay.
func TestCacheFollowsBranches(t *testing.T) {
	var cache Cache
	defer cache.Close()
	p := program(func(c client.Client) {
		for {
			data, _, _ := c.Get("/a")
			c.Note(data, "")
			data = "x"
		}
	})
	root := told(p, client.Response{Data: "r"}, client.Response{})
	left, right := *root, *root
	left.Answer(client.Response{Data: "left"})
	right.Answer(client.Response{Data: "right"})
	require.NotEqual(t, left.Fingerprint(), right.Fingerprint())
	require.Equal(t, 2, root.History.Len())
	expect := func(s *State, note string, starts, fed int) {
		t.Helper()
		calls, _, err := cache.Resume(0, s)
		require.NoError(t, err)
		assert.Equal(t, note, calls[0].Path)
		assert.Equal(t, []int{starts, fed}, []int{cache.Stats().Starts, cache.Stats().Fed})
	}
	expect(root, "/a", 1, 2)
	expect(&left, "left", 1, 3)
	expect(&left, "left", 1, 3)
	expect(&right, "right", 2, 6)
	expect(root, "/a", 3, 8)
}

// Goal: a recipe that sorts what it is given must not change the shared history.
func TestHistoryIsSafeFromTheRecipe(t *testing.T) {
	var cache Cache
	defer cache.Close()
	var seen [][]string
	p := program(func(c client.Client) {
		names, _, _ := c.Children("/")
		seen = append(seen, slices.Clone(names))
		slices.Sort(names)
		c.Sleep(1)
	})
	s := told(p, client.Response{Names: []string{"b", "a"}})
	for range 2 {
		_, _, err := cache.Resume(0, s)
		require.NoError(t, err)
		cache.Drop(0)
	}
	assert.Equal(t, [][]string{{"b", "a"}, {"b", "a"}}, seen)
}

func TestVerifyFindsHiddenState(t *testing.T) {
	runs := 0
	p := program(func(c client.Client) {
		c.Sleep(1)
		runs++
		c.Sleep(time.Duration(runs))
	})
	err := Verify(told(p, client.Response{}, client.Response{}))
	assert.ErrorContains(t, err, "after 1 responses: not deterministic: task 0 asks for")
	assert.NoError(t, Verify(told(program(func(c client.Client) { c.Get("/"); panic("always") }), client.Response{})))
}

// Goal: the fingerprint sees every field. Method: set each leaf of a Response by
// reflection, and demand hashes that differ from all others.
func TestFingerprintSeesEveryField(t *testing.T) {
	seen := map[uint64]string{uint64(History{}.Append(client.Response{}).Fingerprint()): "zero"}
	var visit func(r *client.Response, v reflect.Value, name string)
	visit = func(r *client.Response, v reflect.Value, name string) {
		zero := reflect.Zero(v.Type())
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				visit(r, v.Field(i), name+"."+v.Type().Field(i).Name)
			}
			return
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			visit(r, v.Index(0), name+"[]")
		case reflect.String:
			v.SetString("x")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int8, reflect.Int32, reflect.Int64:
			v.SetInt(3)
		case reflect.Uint8, reflect.Uint32:
			v.SetUint(3)
		default:
			t.Fatalf("%s: a kind that the test does not know: %s", name, v.Kind())
		}
		h := uint64(History{}.Append(*r).Fingerprint())
		assert.Empty(t, seen[h], "%s has the same fingerprint as", name)
		seen[h] = name
		v.Set(zero)
	}
	var r client.Response
	visit(&r, reflect.ValueOf(&r).Elem(), "Response")
	assert.Greater(t, len(seen), 40)
}
