package coroutine

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim/client"
)

// increment adds one to the number at path by compare-and-set, with retry.
func increment(c client.Client, path string) error {
	for {
		data, stat, err := c.Get(path)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(data)
		if _, err = c.CompareAndSet(path, strconv.Itoa(n+1), stat.Version); err != client.ErrBadVersion {
			return err
		}
		c.Sleep(time.Duration(c.Rand(10)+1) * time.Millisecond)
	}
}

// counter lets three tasks add to one number.
var counter = &client.Program{Name: "counter", Doc: "three tasks count by compare-and-set", Run: func(c client.Client) {
	failed := 0
	tasks := make([]client.Waitable, 3)
	for i := range tasks {
		tasks[i] = c.Spawn(fmt.Sprint("add", i), func(c client.Client) {
			for range 4 {
				if increment(c, "/n") != nil {
					failed++ // tasks share variables without locks
				}
			}
		})
	}
	for _, t := range tasks {
		c.Wait(t)
	}
	c.Note("failed", strconv.Itoa(failed))
}}

// ticker writes until a second task, which watches the node, has seen enough.
var ticker = &client.Program{Name: "ticker", Doc: "one task ticks, one watches, a flag ends both", Run: func(c client.Client) {
	enough := c.NewFlag()
	tick := c.Spawn("tick", func(c client.Client) {
		for c.WaitTimeout(time.Second, enough) < 0 {
			c.Set("/n", c.Now().String())
		}
	})
	watch := c.Spawn("watch", func(c client.Client) {
		defer c.Raise(enough)
		for seen := 0; seen < 3; {
			_, _, w, err := c.GetW("/n")
			if err != nil {
				continue
			}
			if c.Wait(w) == 0 && c.Next(w).Type == client.EventNodeDataChanged {
				seen++
			}
		}
	})
	c.Wait(tick)
	c.Wait(watch)
	c.Note("end", c.Now().String())
}}

// stubborn is a lock that goes on whatever happens: it ignores errors, recovers
// from panics, and cleans up in deferred calls that do the same.
var stubborn = &client.Program{Name: "stubborn", Doc: "a retry loop that swallows errors and panics", Run: func(c client.Client) {
	try := func(do func() error) (ok bool) {
		defer func() { _ = recover() }()
		return do() == nil
	}
	retry := func(do func() error) {
		for !try(do) {
		}
	}
	defer retry(func() error {
		if err := c.Delete("/lock", client.AnyVersion); err != client.ErrNoNode {
			return err
		}
		return nil // an earlier try did it
	})
	retry(func() error {
		if _, err := c.Create("/lock", c.Name(), client.Ephemeral); err != client.ErrNodeExists {
			return err
		}
		return nil
	})
	defer c.Note("lock", "left")
	retry(func() error { return increment(c, "/n") })
}}

var samples = []*client.Program{counter, ticker, stubborn}

func TestCounterCountsExactlyOnAReliableWorld(t *testing.T) {
	for seed := range uint64(20) {
		var cache Cache
		w := newFakeWorld(counter, &cache, seed, 0)
		require.True(t, w.run(t, 1000))
		assert.Equal(t, 12, w.number("/n"))
		assert.Equal(t, []string{"failed=0"}, w.notes)
		cache.Close()
	}
}

func TestTickerEndsBothTasks(t *testing.T) {
	for seed := range uint64(20) {
		var cache Cache
		w := newFakeWorld(ticker, &cache, seed, 5)
		require.True(t, w.run(t, 5000))
		require.Len(t, w.notes, 1)
		assert.Contains(t, w.notes[0], "end=")
		cache.Close()
	}
}

func TestStubbornLockGetsThroughFailures(t *testing.T) {
	for seed := range uint64(20) {
		var cache Cache
		w := newFakeWorld(stubborn, &cache, seed, 3)
		require.True(t, w.run(t, 1000))
		assert.Positive(t, w.number("/n"))
		assert.Contains(t, w.notes, "lock=left")
		cache.Close()
	}
}

// Goal: a world may be given up at any moment. Method: stop each sample at every
// one of its calls; nothing may hang, and no goroutine may stay.
func TestStopAtEveryCallLeavesNothingBehind(t *testing.T) {
	for _, p := range samples {
		t.Run(p.Name, func(t *testing.T) {
			var cache Cache
			w := newFakeWorld(p, &cache, 7, 4)
			w.run(t, 150)
			history := w.state.History.Responses()
			cache.Close()
			before := goroutines()
			s := State{Name: "c1", Program: p}
			for i := 0; ; i++ {
				_, _, err := cache.Resume(i, &s)
				require.NoError(t, err)
				cache.Drop(i)
				// Fewer: one of an earlier test was still on its way out.
				require.LessOrEqual(t, goroutines(), before, "stopped after %d responses", i)
				if i == len(history) {
					break
				}
				s.Answer(*history[i])
			}
		})
	}
}

// Goal: the cache's two ways agree. Method: feed random histories response by
// response in one cache, and from scratch in another at every prefix.
func TestReplayAsksTheSameAsFeeding(t *testing.T) {
	for _, p := range samples {
		for seed := range uint64(10) {
			var live, scratch Cache
			w := newFakeWorld(p, &live, seed, 4)
			w.run(t, 100)
			s := State{Name: "c1", Program: p}
			for i, r := range append(w.state.History.Responses(), nil) {
				a, doneA, errA := live.Resume(1, &s)
				b, doneB, errB := scratch.Resume(0, &s)
				require.NoError(t, errA)
				require.NoError(t, errB)
				require.Equal(t, a, b, "%s, seed %d, after %d responses", p.Name, seed, i)
				require.Equal(t, doneA, doneB)
				scratch.Drop(0)
				if r != nil {
					s.Answer(*r)
				}
			}
			require.NoError(t, Verify(&w.state))
			assert.Equal(t, s.Fingerprint(), w.state.Fingerprint())
			live.Close()
			scratch.Close()
		}
	}
}
