package corpus

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"zabsim/scenarios"
)

// ReplayAll replays entries on so many workers and hands each result to take, in
// the order of the entries, as soon as it is there. It starts none any more once
// ctx is cancelled, and returns why.
func ReplayAll(ctx context.Context, list []*Entry, jobs int, set scenarios.Settings, take func(Result)) error {
	return inOrder(ctx, len(list), jobs, func(i int) Result { return guarded(list[i], set) },
		func(_ int, r Result) bool { take(r); return true })
}

// guarded turns a panic of a run, which is our own mistake, into its result: the
// other entries still count.
func guarded(e *Entry, set scenarios.Settings) Result {
	d := caught(func() Result { return e.Replay(set) })
	if d.panicked != nil {
		return Result{Entry: e, Status: Failed, Exit: exitInternal, Detail: fmt.Sprintf("internal error: %v", d.panicked)}
	}
	return d.result
}

// inOrder does work 0 to n-1 on so many workers and hands each result to take, in
// order, until take returns false. Work that was started by then is waited for, and
// its result forgotten. A panic of work is passed on when its turn has come.
func inOrder[T any](ctx context.Context, n, jobs int, work func(i int) T, take func(i int, result T) bool) error {
	results := make([]chan done[T], n)
	for i := range results {
		results[i] = make(chan done[T], 1)
	}
	var next atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range min(max(jobs, 1), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if stop.Load() || ctx.Err() != nil {
					close(results[i])
					continue
				}
				results[i] <- caught(func() T { return work(i) })
			}
		})
	}
	defer wg.Wait()
	defer stop.Store(true)
	for i := range results {
		r, started := <-results[i]
		results[i] = nil // free it: a result holds a whole world
		switch {
		case !started:
			return ctx.Err()
		case r.panicked != nil:
			panic(r.panicked)
		case !take(i, r.result):
			return nil
		}
	}
	return nil
}

// done is what work gave, or what it panicked with, as text with its stack.
type done[T any] struct {
	result   T
	panicked any
}

func caught[T any](work func() T) (d done[T]) {
	defer func() {
		if p := recover(); p != nil {
			d.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	d.result = work()
	return d
}
