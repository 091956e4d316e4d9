package sim

import (
	"fmt"
	"strconv"

	"zabsim/internal/keyed"
	"zabsim/sim/client"
	"zabsim/sim/cnxn"
	"zabsim/sim/coroutine"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// A client with a recipe runs a program instead of a script. The program is a
// coroutine.State, a value; its goroutines live in the world's cache, which is
// scratch: a copy of the world begins with none and replays.
//
// After each answer the program runs to its next calls. What needs neither server
// nor time is answered at once, the lowest task first. All others go to the client
// library, which sends them on one connection in the order in which they were
// asked, and ends them as package cnxn says when the connection is lost.
//
// In a search Now stands still and an alarm may go off whenever it is set: a recipe
// that loops until a time has come has no end there.

// ActAlarm is the first of the acts that end a Sleep or a Wait of a recipe's task.
// An alarm has no name but a slot, since tasks may be many but few sleep at once.
const ActAlarm = actCount

const (
	alarmsMax = 256 - int(actCount) // tasks of a client that sleep at once: an act is one byte
	// instantMax is how many calls of a client in a row may need no time.
	instantMax = 1 << 16
	// alarmMax is how far away an alarm may be; the sum with any time of a run fits.
	alarmMax = host.Duration(1) << 60
)

// program returns the recipe of client i, nil if it runs its script.
func (s *Setup) program(i int) *client.Program {
	if i < len(s.Recipes) {
		return s.Recipes[i]
	}
	return nil
}

// newClient returns client i before it has done anything.
func newClient(s *Setup, i int) *Client {
	c := &Client{script: s.Scripts[i].Start()}
	c.lib.Init(&s.Library)
	if s.Sessionless {
		c.lib.Adopt(txn.SessionID(i))
	}
	if p := s.program(i); p != nil {
		c.script = client.ScriptClient{}
		c.recipe = &recipe{state: coroutine.State{Name: "c" + strconv.Itoa(i), Program: p}}
	}
	return c
}

// RecipeErr returns why the recipe of a client can't go on: it panicked, all its
// tasks wait for each other, or no time passes in it. Nil if all is well. The
// error stays; what the other clients and the servers do is not touched by it.
func (w *World) RecipeErr() error {
	for i := 1; i < len(w.Clients) && i < len(w.setup.Recipes); i++ {
		if rc := w.Clients[i].recipe; rc != nil && rc.err != nil {
			return rc.err
		}
	}
	return nil
}

// Close ends the goroutines of recipes that run in this world; those of its copies
// are theirs to close. The world may be used again: it replays.
func (w *World) Close() { w.cache.Close() }

// recipeBegin lets main run to its first call.
func (w *World) recipeBegin(i int, c *Client) {
	if !c.recipe.begun() {
		w.resume(i, c, 0, "main")
		w.settle(i, c)
	}
}

// resume lets the recipe run on, and notes what the task that was answered asks
// for now, and a task that it spawned.
func (w *World) resume(i int, c *Client, task int, spawned string) {
	rc := c.recipe
	calls, _, err := w.cache.Resume(i, &rc.state)
	if err != nil {
		rc.err = err
		return
	}
	if task < len(rc.tasks) {
		rc.asks(task, &calls[task])
	}
	for n := len(rc.tasks); n < len(calls); n++ {
		rc.tasks = append(rc.tasks, taskRun{name: spawned})
		rc.asks(n, &calls[n])
	}
}

// tell answers a task and lets it run on.
func (w *World) tell(i int, c *Client, task int, r client.Response) {
	rc := c.recipe
	t := &rc.tasks[task]
	if t.slot != 0 {
		w.notice(Notice{Op: NoticeQuiet, Arg: uint32(i), Alt: uint8(alarmAct(t.slot))})
		t.slot = 0
	}
	spawned := t.call.Path // of a spawn: its name
	r.Task = uint32(task)
	rc.state.Answer(r)
	w.resume(i, c, task, spawned)
}

// settle answers calls until every task waits for a server or for time, then sets
// the alarms and lets the first operation in line go.
func (w *World) settle(i int, c *Client) {
	rc := c.recipe
	for n := 0; rc.err == nil; n++ {
		task, r, ok := w.instant(i, rc)
		if !ok {
			break
		}
		if n == instantMax {
			rc.fail(task, fmt.Sprintf("%d calls in a row that take no time, now %v: nothing else would ever happen", n, rc.tasks[task].call.Op))
			break
		}
		w.tell(i, c, task, r)
	}
	if rc.err == nil {
		rc.findStuck()
	}
	if rc.err == nil {
		w.setAlarms(i, rc)
	}
	if rc.err == nil {
		w.submit(i, c)
	}
}

// submit hands to the library what tasks want of it.
func (w *World) submit(i int, c *Client) {
	rc := c.recipe
	for task := range rc.tasks {
		t := &rc.tasks[task]
		if t.sent || !forLibrary(t.call.Op) {
			continue
		}
		t.sent, t.watch = true, 0
		if t.call.Watch || t.call.Op == client.OpAddWatch {
			t.watch = rc.newWatch(watchRun{once: t.call.Watch})
		}
		w.clientEvent(ClientEvent{Kind: ClientInvoked, Client: i, Session: c.sessions, Task: task, Call: t.call.Op, Server: c.server})
		c.lib.Submit(&t.call, uint32(task), cnxn.Watcher(t.watch), &w.lib)
	}
}

// instant finds the first task whose call can be answered now, and its answer.
func (w *World) instant(i int, rc *recipe) (task int, r client.Response, ok bool) {
	for task = range rc.tasks {
		if r, ok = w.answerNow(i, task, rc); ok {
			return task, r, true
		}
	}
	return 0, r, false
}

// answerNow performs a call that needs neither server nor time.
func (w *World) answerNow(i, task int, rc *recipe) (r client.Response, ok bool) {
	call := &rc.tasks[task].call
	switch call.Op {
	case client.OpNone, client.OpSleep:
		return r, false
	case client.OpNow:
		r.Number = int64(w.Now)
	case client.OpRand:
		r.Number = int64(w.setup.Luck.Key2(uint64(i), rc.draws).Below(uint64(call.Number)))
		rc.draws++
	case client.OpNote:
		w.clientEvent(ClientEvent{Kind: ClientNoted, Client: i, Task: task, Word: call.Path, Detail: call.Data})
	case client.OpSpawn:
		r.ID = uint32(len(rc.tasks))
	case client.OpNewFlag:
		rc.flags = append(rc.flags, false)
		r.ID = uint32(len(rc.flags))
	case client.OpRaise:
		if int64(call.ID) > int64(len(rc.flags)) {
			r.Code = client.ErrBadArguments
		} else if call.ID > 0 {
			rc.flags[call.ID-1] = true
		}
	case client.OpSession:
		r.Session.State = rc.session
		setNanos(&r.Session.Timeout, host.Duration(w.Clients[i].lib.TimeoutMillis())*host.Millisecond)
		r.Session.ID = client.SessionID(w.Clients[i].lib.Session())
	case client.OpSessionEvents:
		r.ID = rc.newWatch(watchRun{stream: true})
	case client.OpNext:
		r.Event, ok = rc.next(call.ID)
		return r, ok
	case client.OpWait:
		r.Number = int64(rc.firstReady(call.Signals))
		return r, r.Number >= 0 || call.Duration == 0
	default:
		return r, false
	}
	return r, true
}

// setNanos converts to a time.Duration without package time, which is banned here.
func setNanos[T ~int64](dst *T, d host.Duration) { *dst = T(d) }

// setAlarms sets one for each task that waits for time and has none.
func (w *World) setAlarms(i int, rc *recipe) {
	for task := range rc.tasks {
		t := &rc.tasks[task]
		timed := t.call.Op == client.OpSleep || t.call.Op == client.OpWait && t.call.Duration != client.Forever
		if !timed || t.slot != 0 {
			continue
		}
		slot := rc.freeAlarm()
		if slot == 0 {
			rc.fail(task, fmt.Sprintf("more than %d tasks sleep at once", alarmsMax))
			return
		}
		t.slot = slot
		w.notice(Notice{Op: NoticeClient, Arg: uint32(i), Alt: uint8(alarmAct(slot)), After: min(host.Duration(t.call.Duration), alarmMax)})
	}
}

// recipeAlarm ends the Sleep or the Wait of the task whose alarm act is.
func (w *World) recipeAlarm(i int, c *Client, act ClientAct) {
	if c.recipe == nil || c.recipe.err != nil {
		return
	}
	task := c.recipe.asleep(act)
	if task < 0 {
		return
	}
	var r client.Response
	if c.recipe.tasks[task].call.Op == client.OpWait {
		r.Number = -1
	}
	w.tell(i, c, task, r)
	w.settle(i, c)
}

// recipeAnswer takes the end of a call that the library has had.
func (w *World) recipeAnswer(i int, c *Client, d *cnxn.Completion) {
	rc := c.recipe
	if rc.err != nil || int64(d.Tag) >= int64(len(rc.tasks)) {
		return
	}
	task := int(d.Tag)
	t := &rc.tasks[task]
	e := ClientEvent{Kind: ClientCompleted, Client: i, Session: c.sessions, Task: task, Call: t.call.Op,
		Server: c.server, Req: d.Req, Sent: d.Sent, Zxid: d.Zxid, Result: d.Result}
	if lost(d) {
		e.Kind, e.Result = ClientLost, txn.Result{Err: d.Code}
	}
	w.clientEvent(e)
	if x := rc.watch(t.watch); x != nil && d.Response.ID == 0 {
		x.live = false
	}
	if t.call.Op == client.OpRemoveWatch && d.Response.Code == client.OK {
		if x := rc.watch(t.call.ID); x != nil {
			x.live = false
		}
	}
	t.sent, t.watch = false, 0
	w.tell(i, c, task, d.Response)
	w.settle(i, c)
}

// recipeEvent gives an event to the watches that it is for.
func (w *World) recipeEvent(i int, c *Client, e *cnxn.Event) {
	rc := c.recipe
	if rc.err != nil {
		return
	}
	w.clientEvent(ClientEvent{Kind: ClientWatched, Client: i, Session: c.sessions, Server: c.server, Event: e.Event})
	for _, id := range e.Watchers {
		if x := rc.watch(uint32(id)); x != nil && e.Type > 0 && e.Type <= client.EventNodeChildrenChanged {
			x.happens(e.Event)
		}
	}
	w.settle(i, c)
}

// recipeState tells the recipe of a new state of its session.
func (w *World) recipeState(i int, c *Client, s client.State) {
	rc := c.recipe
	if rc.err != nil || s == rc.session {
		return
	}
	if s == client.Connecting {
		c.sessions++
	}
	rc.change(s)
	w.settle(i, c)
}

// enabledRecipe appends what client i may do in a search: its alarms go off at no
// cost and in any order.
func (c *Client) enabledRecipe(dst []Choice, i int, serving bool) []Choice {
	rc := c.recipe
	if !rc.wants() {
		return dst
	}
	choice := Choice{Kind: ChoiceClient, Arg: uint32(i)}
	if c.lib.Resting() && serving {
		choice.Alt = uint8(ActDial)
		dst = append(dst, choice)
	}
	for task := range rc.tasks {
		if slot := rc.tasks[task].slot; slot != 0 {
			choice.Alt = uint8(alarmAct(slot))
			dst = append(dst, choice)
		}
	}
	return dst
}

// Note is what a recipe said to the world.
type Note struct {
	At           host.Time
	Client, Task int
	Word, Detail string
}

// RecipeErr returns why a recipe ended the run, nil if none did.
func (r *Runner) RecipeErr() error {
	if len(r.World.setup.Recipes) == 0 {
		return nil
	}
	return r.World.RecipeErr()
}

// Close ends the goroutines of the recipes. Run does it at its end; who steps does
// it when done. Without recipes there is nothing to close.
func (r *Runner) Close() { r.World.Close() }

// useRecipes gives clients of the run their programs, by number.
func (s *Setup) useRecipes(recipes []*client.Program, clients int, luck keyed.Stream) {
	if len(recipes) > clients+1 {
		panic(fmt.Sprintf("sim: a recipe for client %d, but the plan has clients 1 to %d", len(recipes)-1, clients))
	}
	s.Recipes, s.Luck = recipes, luck
}
