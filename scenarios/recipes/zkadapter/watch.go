package zkadapter

import (
	"reflect"
	"time"

	"github.com/go-zookeeper/zk"

	"zabsim/sim/client"
)

// watch is a queue of events. The library puts an event into the channel before it
// takes the next reply from the connection, so whoever looks into the channel after
// a reply finds all that came before it.
type watch struct {
	session int
	stream  bool // of SessionEvents: no channel, no end
	from    <-chan zk.Event
	events  []client.Event
	ended   bool
}

// add makes the handle of a watch; stream is for SessionEvents.
func (h *host) add(w *watch) uint32 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches = append(h.watches, w)
	if w.stream {
		h.streams = append(h.streams, w)
	}
	return uint32(len(h.watches))
}

// take moves what has come into the queue. The caller holds mu.
func (h *host) take(w *watch) {
	if w.ended || w.stream {
		return
	}
	select {
	case e, ok := <-w.from:
		w.put(e, ok)
	default:
		if h.session != w.session || h.state == client.Expired || h.state == client.Closed {
			w.ended = true
		}
	}
}

// put ends the watch with its event: it is a one-shot watch.
func (w *watch) put(e zk.Event, ok bool) {
	if event, is := eventOf(e); ok && is {
		w.events = append(w.events, event)
	}
	w.ended = true
}

// ready tells whether a signal is. The caller holds mu.
func (h *host) ready(s client.Signal) bool {
	switch {
	case s.Kind == client.SignalTask:
		return int(s.ID) < len(h.ended) && h.ended[s.ID]
	case s.ID == 0:
		return true
	case s.Kind == client.SignalFlag:
		return int(s.ID) <= len(h.flags) && h.flags[s.ID-1]
	}
	w := h.watches[s.ID-1]
	h.take(w)
	return len(w.events) > 0 || w.ended
}

// wait performs Wait. It returns -1 after the time-out, and when the program stops.
func (h *host) wait(limit time.Duration, on []client.Signal) int64 {
	var timer <-chan time.Time
	if limit != client.Forever {
		t := time.NewTimer(limit)
		defer t.Stop()
		timer = t.C
	}
	for {
		h.mu.Lock()
		cases := []reflect.SelectCase{receive(h.changed), receive(h.ctx.Done()), receive(timer)}
		fixed := len(cases)
		var watches []*watch
		for i, s := range on {
			if h.ready(s) {
				h.mu.Unlock()
				return int64(i)
			}
			if s.Kind == client.SignalWatch && !h.watches[s.ID-1].stream {
				watches = append(watches, h.watches[s.ID-1])
				cases = append(cases, receive(h.watches[s.ID-1].from))
			}
		}
		h.mu.Unlock()
		if limit == 0 {
			return -1
		}
		chosen, value, ok := reflect.Select(cases)
		switch {
		case chosen == 1 || chosen == 2:
			return -1
		case chosen >= fixed:
			h.mu.Lock()
			var e zk.Event
			if ok {
				e = value.Interface().(zk.Event)
			}
			watches[chosen-fixed].put(e, ok)
			h.wake()
			h.mu.Unlock()
		}
	}
}

func receive(from any) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(from)}
}

// next performs Next.
func (h *host) next(id uint32) (e client.Event) {
	s := client.Watch{ID: id}.Signal()
	h.wait(client.Forever, []client.Signal{s})
	h.mu.Lock()
	defer h.mu.Unlock()
	if id > 0 {
		if q := &h.watches[id-1].events; len(*q) > 0 {
			e, *q = (*q)[0], (*q)[1:]
			return e
		}
	}
	return client.Event{Type: client.EventNotWatching, State: h.state}
}
