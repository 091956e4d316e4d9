package sim_test

import (
	"fmt"
	"strconv"
	"time"

	"zabsim/sim/client"
)

// The recipes of recipes_test.go. Package vet reads this file: it must be good
// recipe source.

// rounds is how often each client of counter adds one.
const rounds = 20

// ensure makes a node if it is not there.
func ensure(c client.Client, path string) {
	for {
		_, err := c.Create(path, "", client.Persistent)
		if err == nil || err == client.ErrNodeExists {
			return
		}
		revive(c, err)
	}
}

// revive begins a new session if the old one is over.
func revive(c client.Client, err error) {
	if err == client.ErrSessionExpired {
		c.NewSession()
	}
}

// addOne adds one to the number at path. When it is not known whether that has
// happened it says so and reads again: the new number tells nothing about whose
// addition it holds.
func addOne(c client.Client, path string) {
	for {
		data, stat, err := c.Get(path)
		if err != nil {
			revive(c, err)
			continue
		}
		n, _ := strconv.Atoi(data)
		_, err = c.CompareAndSet(path, strconv.Itoa(n+1), stat.Version)
		switch {
		case err == nil:
			c.Note("added", strconv.Itoa(n+1))
			return
		case client.OutcomeUnknown(err):
			c.Note("unknown", strconv.Itoa(n+1))
			revive(c, err)
		case err != client.ErrBadVersion:
			panic(err)
		}
	}
}

var counter = &client.Program{Name: "counter", Run: func(c client.Client) {
	ensure(c, "/counter")
	for range rounds {
		addOne(c, "/counter")
		c.Sleep(time.Duration(c.Rand(50)) * time.Millisecond)
	}
	c.Note("end", c.Name())
}}

// ticker ticks every 500 ms until main raises a flag after 1800 ms.
var ticker = &client.Program{Name: "ticker", Run: func(c client.Client) {
	enough, start := c.NewFlag(), c.Now()
	tick := c.Spawn("tick", func(c client.Client) {
		for c.WaitTimeout(500*time.Millisecond, enough) < 0 {
			c.Note("tick", (c.Now() - start).String())
		}
		c.Note("told", (c.Now() - start).String())
	})
	slow := c.Spawn("slow", func(c client.Client) { c.Sleep(time.Hour) })
	c.Note("look", strconv.Itoa(c.WaitTimeout(0, tick)))
	c.Sleep(1800 * time.Millisecond)
	c.Raise(enough)
	c.Note("first", strconv.Itoa(c.Wait(slow, tick)))
	c.Note("ended", (c.Now() - start).String())
}}

// siblings lets three tasks share the one connection.
var siblings = &client.Program{Name: "siblings", Run: func(c client.Client) {
	ensure(c, "/counter")
	for n := range 3 {
		c.Spawn(fmt.Sprint("task", n), func(c client.Client) {
			for range 2 {
				addOne(c, "/counter")
				if n == 0 {
					c.Sleep(time.Millisecond)
				}
			}
			if err := c.Sync("/counter"); err != nil {
				c.Note("sync", err.Error())
			}
		})
	}
}}

// listener notes what becomes of its session.
var listener = &client.Program{Name: "listener", Run: func(c client.Client) {
	events := c.SessionEvents()
	c.Note("at first", c.Session().State.String())
	c.Spawn("work", func(c client.Client) {
		ensure(c, "/work")
		for range 20 * rounds {
			if _, err := c.Set("/work", "x"); err != nil {
				c.Note("lost", c.Session().State.String())
				revive(c, err)
			}
			c.Sleep(5 * time.Millisecond)
		}
	})
	for {
		c.Note("now", c.Next(events).State.String())
	}
}}

// watcher makes a node, watches it, and sees what becomes of it and of its session.
var watcher = &client.Program{Name: "watcher", Run: func(c client.Client) {
	ensure(c, "/node")
	_, _, once, err := c.GetW("/node")
	if err != nil {
		panic(err)
	}
	all, _ := c.AddWatch("/node", client.WatchRecursive)
	c.Set("/node", "1")
	c.Note("once", c.Next(once).Type.String())
	c.Note("once", c.Next(once).Type.String())
	name, _ := c.Create("/node/e-", "", client.PersistentSequential)
	c.Note("made", name)
	c.Set("/node", "2")
	for range 3 {
		e := c.Next(all)
		c.Note("all", e.Type.String()+" "+e.Path)
	}
	c.Note("removed", fmt.Sprint(c.RemoveWatch(all), c.RemoveWatch(all)))
	c.Note("all", c.Next(all).Type.String())
	results, err := c.Multi(client.SetOp("/node", "3", 2), client.DeleteOp(name, 7))
	c.Note("multi", fmt.Sprint(err, " ", len(results)))
	_, _, err = c.Get("node")
	c.Note("path", err.Error())
	_, _, w, _ := c.ExistsW("/later")
	c.Note("closed", fmt.Sprint(c.Close(), " ", c.Session().State, " ", c.Next(w).Type))
	_, _, err = c.Get("/node")
	c.Note("closed", err.Error())
	c.Note("again", fmt.Sprint(c.NewSession(), " ", c.Session().State))
}}

// odds uses handles that nobody gave it.
var odds = &client.Program{Name: "odds", Run: func(c client.Client) {
	events := c.SessionEvents()
	c.Raise(client.Flag{})
	c.Note("wait", fmt.Sprint(c.Wait(client.Task{ID: 99}, client.Flag{}), c.Wait(client.Watch{}),
		c.WaitTimeout(time.Second, client.Task{ID: 99}, client.Flag{ID: 99})))
	c.Note("next", c.Next(client.Watch{ID: 99}).Type.String())
	c.Note("connected", strconv.Itoa(c.Wait(client.Task{}, events))) // main itself never ends here
	c.Next(events)
	c.Raise(client.Flag{ID: 99})
}}

// dice throws from two tasks.
var dice = &client.Program{Name: "dice", Run: func(c client.Client) {
	throw := func(c client.Client) {
		for range 20 {
			c.Note(c.Name(), strconv.Itoa(c.Rand(1000)))
		}
	}
	c.Spawn("other", throw)
	throw(c)
}}

var lonely = &client.Program{Name: "lonely", Run: func(c client.Client) { c.Wait() }}

var panicking = &client.Program{Name: "panicking", Run: func(c client.Client) {
	c.Spawn("child", func(c client.Client) {
		c.Sleep(time.Second)
		panic("no idea what to do")
	})
	ensure(c, "/counter")
	for {
		addOne(c, "/counter")
	}
}}

var deadlock = &client.Program{Name: "deadlock", Run: func(c client.Client) {
	up := c.NewFlag()
	child := c.Spawn("child", func(c client.Client) {
		c.Sleep(time.Millisecond)
		c.Wait(up)
	})
	c.Wait(child)
	c.Raise(up)
}}

var restless = &client.Program{Name: "restless", Run: func(c client.Client) {
	for c.Now() >= 0 {
	}
}}

// crowd has more tasks asleep than there are alarms.
var crowd = &client.Program{Name: "crowd", Run: func(c client.Client) {
	for n := range 300 {
		c.Spawn(strconv.Itoa(n), func(c client.Client) { c.Sleep(time.Second) })
	}
}}

// endless sleeps as long as there is.
var endless = &client.Program{Name: "endless", Run: func(c client.Client) {
	c.Sleep(1<<63 - 1)
}}

var quick = &client.Program{Name: "quick", Run: func(client.Client) {}}
