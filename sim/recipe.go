package sim

import (
	"fmt"
	"strconv"
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
	queue   []uint32  // tasks with a server operation; the first one's may be on its way
	flags   []bool    // by id less 1: raised
	draws   uint64    // how many numbers Rand has given
	session client.State
	changes []client.State // of session, which some stream has not told yet
	streams []uint32       // by watch id less 1: how many of changes it has told
	err     error          // why the recipe can't go on
}

// taskRun is a task as the world sees it.
type taskRun struct {
	name string
	call client.Call // OpNone: it has ended
	slot uint8       // of its alarm, from 1; 0: none is set
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
	dst.queue = append(old.queue[:0], rc.queue...)
	dst.flags = append(old.flags[:0], rc.flags...)
	dst.changes = append(old.changes[:0], rc.changes...)
	dst.streams = append(old.streams[:0], rc.streams...)
}

// fold adds the recipe to a fingerprint. What tasks ask for follows from the state.
func (rc *recipe) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(rc.state.Fingerprint())).Word(rc.draws).Word(uint64(rc.session)).Bool(rc.err != nil)
	h = h.Word(uint64(len(rc.tasks)))
	for i := range rc.tasks {
		h = h.String(rc.tasks[i].name).Word(uint64(rc.tasks[i].slot))
	}
	h = h.Word(uint64(len(rc.queue)))
	for _, task := range rc.queue {
		h = h.Word(uint64(task))
	}
	h = h.Word(uint64(len(rc.flags)))
	for _, up := range rc.flags {
		h = h.Bool(up)
	}
	h = h.Word(uint64(len(rc.changes)))
	for _, s := range rc.changes {
		h = h.Word(uint64(s))
	}
	h = h.Word(uint64(len(rc.streams)))
	for _, told := range rc.streams {
		h = h.Word(uint64(told))
	}
	return h
}

func (rc *recipe) asks(task int, call *client.Call) {
	rc.tasks[task].call = *call
	if sent(call) {
		rc.queue = append(rc.queue, uint32(task))
	}
}

// sent tells whether a call goes to a server: what the register machine has.
func sent(call *client.Call) bool {
	switch call.Op {
	case client.OpGet, client.OpSet, client.OpSync:
		return !call.Watch && isPath(call.Path)
	}
	return false
}

func isPath(s string) bool { return s != "" && s[0] == '/' }

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
	return !rc.isStream(s.ID) || rc.streams[s.ID-1] < uint32(len(rc.changes))
}

// isStream tells whether a watch lives. There are no others than SessionEvents'.
func (rc *recipe) isStream(id uint32) bool { return id > 0 && int64(id) <= int64(len(rc.streams)) }

// next takes the next event of a watch, if there is one.
func (rc *recipe) next(id uint32) (e client.Event, ok bool) {
	if !rc.isStream(id) {
		return client.Event{Type: client.EventNotWatching, State: rc.session}, true
	}
	told := &rc.streams[id-1]
	if *told == uint32(len(rc.changes)) {
		return e, false
	}
	e = client.Event{Type: client.EventSession, State: rc.changes[*told]}
	*told++
	rc.forget()
	return e, true
}

// forget drops the changes that every stream has told.
func (rc *recipe) forget() {
	old := uint32(len(rc.changes))
	for _, told := range rc.streams {
		old = min(old, told)
	}
	rc.changes = append(rc.changes[:0], rc.changes[old:]...)
	for k := range rc.streams {
		rc.streams[k] -= old
	}
}

// change gives the session a new state.
func (rc *recipe) change(s client.State) {
	rc.session = s
	if len(rc.streams) > 0 {
		rc.changes = append(rc.changes, s)
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

// recorded returns a call as a history knows it.
func recorded(call *client.Call) *client.ScriptOp {
	op := &client.ScriptOp{Kind: client.ScriptGet, Key: call.Path, Value: call.Data, Version: call.Version}
	if call.Op == client.OpSet {
		op.Kind = client.ScriptCAS
		if call.Version == client.AnyVersion {
			op.Kind = client.ScriptSet
		}
	}
	return op
}

// describe says what act will do.
func (rc *recipe) describe(act ClientAct) string {
	task := -1
	if act >= ActAlarm {
		task = rc.asleep(act)
	} else if act == ActNext && len(rc.queue) > 0 {
		task = int(rc.queue[0])
	}
	if task < 0 {
		return ""
	}
	t := &rc.tasks[task]
	text := t.call.Op.String() + " " + t.call.Path
	if t.call.Op == client.OpSet {
		text += "=" + t.call.Data
		if t.call.Version != client.AnyVersion {
			text += " if version " + strconv.Itoa(int(t.call.Version))
		}
	}
	return strings.TrimSpace(text) + " by " + t.name
}
