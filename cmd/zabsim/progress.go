package main

import (
	"context"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"zabsim/internal/fp"
	"zabsim/sim/trace"
	"zabsim/zab/host"
)

// lookEvery is how many events pass between two looks at the outside world.
const lookEvery = 4096

// observer is a sink that counts what no counter of the simulation does, shows
// how far the run is, and ends it when somebody pressed Ctrl-C.
type observer struct {
	ctx      context.Context
	bar      *progressbar.ProgressBar
	events   uint64
	messages int64
}

// newObserver starts watching a run whose first act is this long. A nil w draws
// nothing.
func newObserver(ctx context.Context, w io.Writer, length host.Duration) *observer {
	o := &observer{ctx: ctx}
	if w != nil {
		o.bar = progressbar.NewOptions64(int64(length/host.Millisecond),
			progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("simulating"), progressbar.OptionSetWidth(40),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
	}
	return o
}

// Event implements trace.Sink.
func (o *observer) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	if e.Verb == "recv" {
		o.messages++
	}
	if o.events++; o.events%lookEvery != 0 {
		return
	}
	checkInterrupt(o.ctx)
	if o.bar != nil {
		at := min(int64(e.At)/int64(host.Millisecond), o.bar.GetMax64()-1)
		_ = o.bar.Set64(at) // a bar that can't be drawn is no reason to stop
	}
}

// done takes the bar away.
func (o *observer) done() {
	if o.bar != nil {
		_ = o.bar.Finish()
	}
}

// checkInterrupt leaves a run that nobody wants any more.
func checkInterrupt(ctx context.Context) {
	if ctx.Err() != nil {
		panic(interrupted{})
	}
}
