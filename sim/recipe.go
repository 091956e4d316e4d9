package sim

import (
	"fmt"
	"strings"

	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/sim/coroutine"
)

// recipe is what a Client holds of its program. All of it but the session follows
// from the program and what it was told.
type recipe struct {
	state   coroutine.State
	tasks   []taskRun // by number, with those that have ended
	flags   []bool    // by id less 1: raised
	draws   uint64    // how many numbers Rand has given
	session client.State
	watches []watchRun // by id less 1
	err     error      // why the recipe can't go on
}

// watchRun is a watch of a recipe: a stream of its session's changes, or what it
// asked of the library.
type watchRun struct {
	stream bool
	once   bool
	live   bool // more events may come
	events []client.Event
}

// taskRun is a task as the world sees it.
type taskRun struct {
	name string
	call client.Call // OpNone: it has ended
	slot uint8       // of its alarm, from 1; 0: none is set
	sent bool        // the library has the call
	// watch is the id of the watch that the call asks for; 0: none.
	watch uint32
}

// RecipeError tells why a recipe can't go on, when it is not for a panic of its
// own, which is a coroutine.PanicError.
type RecipeError struct {
	Recipe, Client string
	Task           int
	Name           string // of the task
	Text           string
}

// Error names recipe, client and task.
func (e *RecipeError) Error() string {
	return fmt.Sprintf("recipe %s, client %s, task %d (%s): %s", e.Recipe, e.Client, e.Task, e.Name, e.Text)
}

// begun tells whether the program was started.
func (rc *recipe) begun() bool { return len(rc.tasks) > 0 || rc.err != nil }

// done tells whether the program has ended well.
func (rc *recipe) done() bool {
	for i := range rc.tasks {
		if rc.tasks[i].call.Op != client.OpNone {
			return false
		}
	}
	return rc.begun() && rc.err == nil
}

// wants tells whether the client has anything left to do.
func (rc *recipe) wants() bool { return rc.err == nil && !rc.done() }

func (rc *recipe) cloneInto(dst *recipe) {
	old := *dst
	*dst = *rc
	dst.tasks = append(old.tasks[:0], rc.tasks...)
	dst.flags = append(old.flags[:0], rc.flags...)
	dst.watches = append(old.watches[:0], rc.watches...)
	for i := range dst.watches {
		dst.watches[i].events = append([]client.Event(nil), rc.watches[i].events...)
	}
}

// fold adds the recipe to a fingerprint. What tasks ask for follows from the state.
func (rc *recipe) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(rc.state.Fingerprint())).Word(rc.draws).Word(uint64(rc.session)).Bool(rc.err != nil)
	h = h.Word(uint64(len(rc.tasks)))
	for i := range rc.tasks {
		t := &rc.tasks[i]
		h = h.String(t.name).Word(uint64(t.slot) | uint64(t.watch)<<32).Bool(t.sent)
	}
	h = h.Word(uint64(len(rc.flags)))
	for _, up := range rc.flags {
		h = h.Bool(up)
	}
	h = h.Word(uint64(len(rc.watches)))
	for i := range rc.watches {
		h = rc.watches[i].fold(h)
	}
	return h
}

func (x *watchRun) fold(h fp.Hash) fp.Hash {
	h = h.Bool(x.stream).Bool(x.once).Bool(x.live).Word(uint64(len(x.events)))
	for i := range x.events {
		e := &x.events[i]
		h = h.Word(uint64(uint8(e.Type)) | uint64(e.State)<<8).String(e.Path).Word(uint64(e.Zxid))
	}
	return h
}

func (rc *recipe) asks(task int, call *client.Call) { rc.tasks[task].call = *call }

// forLibrary tells whether a call goes to the client library.
func forLibrary(op client.Op) bool {
	return op.IsServer() || op == client.OpNewSession || op == client.OpClose
}

func (rc *recipe) fail(task int, text string) {
	rc.err = &RecipeError{Recipe: rc.state.Program.Name, Client: rc.state.Name, Task: task, Name: rc.tasks[task].name, Text: text}
}

// firstReady returns the index of the first signal that is ready, or -1.
func (rc *recipe) firstReady(signals []client.Signal) int {
	for k, s := range signals {
		if rc.ready(s) {
			return k
		}
	}
	return -1
}

func (rc *recipe) ready(s client.Signal) bool {
	switch s.Kind {
	case client.SignalTask:
		return int64(s.ID) < int64(len(rc.tasks)) && rc.tasks[s.ID].call.Op == client.OpNone
	case client.SignalFlag:
		return s.ID == 0 || int64(s.ID) <= int64(len(rc.flags)) && rc.flags[s.ID-1]
	}
	x := rc.watch(s.ID)
	return x == nil || len(x.events) > 0 || !x.live
}

// watch returns a watch, nil if there never was one of this id.
func (rc *recipe) watch(id uint32) *watchRun {
	if id == 0 || int64(id) > int64(len(rc.watches)) {
		return nil
	}
	return &rc.watches[id-1]
}

// next takes the next event of a watch, if there is one.
func (rc *recipe) next(id uint32) (e client.Event, ok bool) {
	x := rc.watch(id)
	switch {
	case x != nil && len(x.events) > 0:
		e = x.events[0]
		x.events = append(x.events[:0:0], x.events[1:]...)
		return e, true
	case x != nil && x.live:
		return e, false
	}
	return client.Event{Type: client.EventNotWatching, State: rc.session}, true
}

// newWatch makes a watch and returns its id.
func (rc *recipe) newWatch(x watchRun) uint32 {
	x.live = true
	rc.watches = append(rc.watches, x)
	return uint32(len(rc.watches))
}

// happens gives an event to a watch. A copy of the recipe may share the events.
func (x *watchRun) happens(e client.Event) {
	x.events = append(x.events[:len(x.events):len(x.events)], e)
	if x.once {
		x.live = false
	}
}

// change gives the session a new state. With the session all its watches end.
func (rc *recipe) change(s client.State) {
	rc.session = s
	over := s == client.Expired || s == client.Closed || s == client.AuthFailed
	for i := range rc.watches {
		switch x := &rc.watches[i]; {
		case x.stream:
			x.happens(client.Event{Type: client.EventSession, State: s})
		case over:
			x.live = false
		}
	}
}

// findStuck fails a recipe whose tasks all wait for what only they could do.
func (rc *recipe) findStuck() {
	first := -1
	for i := range rc.tasks {
		call := &rc.tasks[i].call
		if call.Op == client.OpNone {
			continue
		}
		if call.Op != client.OpWait || call.Duration != client.Forever {
			return
		}
		for _, s := range call.Signals {
			if s.Kind == client.SignalWatch {
				return // a session event may come
			}
		}
		if first < 0 {
			first = i
		}
	}
	if first >= 0 {
		rc.fail(first, "stuck: "+rc.waiting())
	}
}

// waiting lists what a stuck recipe's tasks wait for.
func (rc *recipe) waiting() string {
	var list []string
	for i := range rc.tasks {
		t := &rc.tasks[i]
		if t.call.Op == client.OpNone {
			continue
		}
		text := fmt.Sprintf("task %d (%s) waits for", i, t.name)
		for _, s := range t.call.Signals {
			kind := "flag"
			if s.Kind == client.SignalTask {
				kind = "task"
			}
			text += fmt.Sprintf(" %s %d", kind, s.ID)
		}
		if len(t.call.Signals) == 0 {
			text += " nothing"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ") + ", and nobody else can end that"
}

// freeAlarm returns the lowest slot that no task uses, 0 if there is none.
func (rc *recipe) freeAlarm() uint8 {
	var used [alarmsMax + 1]bool
	for i := range rc.tasks {
		used[rc.tasks[i].slot] = true
	}
	for slot := 1; slot <= alarmsMax; slot++ {
		if !used[slot] {
			return uint8(slot)
		}
	}
	return 0
}

func alarmAct(slot uint8) ClientAct { return ActAlarm + ClientAct(slot-1) }

// asleep returns the task whose alarm act is, -1 if it was stopped.
func (rc *recipe) asleep(act ClientAct) int {
	for task := range rc.tasks {
		if slot := rc.tasks[task].slot; slot != 0 && alarmAct(slot) == act {
			return task
		}
	}
	return -1
}

// describe says what act will do.
func (rc *recipe) describe(act ClientAct) string {
	task := -1
	if act >= ActAlarm {
		task = rc.asleep(act)
	}
	if task < 0 {
		return ""
	}
	t := &rc.tasks[task]
	return strings.TrimSpace(t.call.Op.String()+" "+t.call.Path) + " by " + t.name
}
