package recipes

import (
	"slices"

	"zabsim/sim/client"
)

// ConfigEntry is one value of a ConfigCache.
type ConfigEntry struct {
	Path  string
	Value string
	Zxid  client.Zxid // of the transaction that set the value
}

// ConfigCache is a copy of a configuration that a background task keeps fresh.
//
//	cache := recipes.NewConfigCache(c, "/config")
//	c.Wait(cache.Ready())
//	size, ok := cache.Get("/config/pool/size")
//	...
//	cache.Close()
//
// # Layout and convention
//
// The children of root are groups, the children of a group its values. A group's
// own node is its version node: whoever changes, adds or removes values sets the
// data of the group's node in the same multi (see ConfigWriter).
//
// # Consistency
//
// ZooKeeper reads one node at a time, so the values of a group are read between two
// reads of its version node. A session sees transactions in their order, and a
// server applies a multi with no read in between (CommitProcessor lets no read run
// beside a write). If both reads show the same mzxid, all that was read in between
// is the group as that transaction left it, and the cache takes it over in one step.
// Otherwise it reads again. (Only a value that was removed between the first read
// and the list of names needs the second read: all else shows a later mzxid.) A value
// with a later mzxid than its version node, time after time, was changed against the
// convention: the group is not taken over until a writer has put that right. Two
// groups may be of different times.
//
// # Freshness
//
// One-shot watches, armed again with each read, on the version nodes and on the
// children of root. A persistent recursive watch would need one request in place of
// many, but changes that happen while the client is disconnected are lost to it
// (protocol fact 12.4), and the cache would have to read everything after each loss
// of the connection; a one-shot watch fires at the reconnect if its node has changed
// meanwhile. So after a quiet time the cache is equal to the truth, whatever
// happened. It may be behind at any time, by the lag of its server and while it is
// suspended; ask Stale.
//
// When the session expires the cache keeps its values, waits until somebody calls
// NewSession, and reads everything again. It never does so itself: the session
// belongs to the program. A new session may meet a server that is behind what the
// old one saw, so the cache asks for a sync first and takes over nothing older than
// what it has.
type ConfigCache struct {
	root   string
	groups []*configGroup // by name
	list   client.Watch   // on the children of root
	listed bool           // groups is what list watches over
	ready  client.Flag
	stop   client.Flag
	filled bool
	ended  bool
	events client.Watch // of the session
	c      client.Client
	task   client.Task
}

type configGroup struct {
	name    string
	zxid    client.Zxid // mzxid of the version node as taken over; 0: never was
	entries []ConfigEntry
	watch   client.Watch // on the version node
	fresh   bool         // entries are what watch watches over
}

// NewConfigCache starts to copy the configuration below root, which must exist or be
// made later. The client may only be used by the task that calls this.
func NewConfigCache(c client.Client, root string) *ConfigCache {
	k := &ConfigCache{root: root, ready: c.NewFlag(), stop: c.NewFlag(), c: c}
	k.task = c.Spawn("config cache", k.run)
	return k
}

// Ready is raised when the cache has every group for the first time.
func (k *ConfigCache) Ready() client.Waitable { return k.ready }

// Get returns the value at path and whether there is one. It asks no server.
func (k *ConfigCache) Get(path string) (value string, ok bool) {
	for _, g := range k.groups {
		for _, e := range g.entries {
			if e.Path == path {
				return e.Value, true
			}
		}
	}
	return "", false
}

// Snapshot returns all values, sorted by group and then by path. Those of one group
// were true together at one time. The slice is the caller's.
func (k *ConfigCache) Snapshot() (all []ConfigEntry) {
	for _, g := range k.groups {
		all = append(all, g.entries...)
	}
	return all
}

// Stale tells whether the cache knows that it may be behind. That it does not know
// proves nothing: the server may be behind too.
func (k *ConfigCache) Stale() bool { return !k.filled || !k.upToDate() }

// Close ends the background task and waits for it. The values stay.
func (k *ConfigCache) Close() {
	if k.ended {
		return
	}
	k.ended = true
	k.c.Raise(k.stop)
	k.c.Wait(k.task)
}

// run is the background task.
func (k *ConfigCache) run(c client.Client) {
	k.events = c.SessionEvents()
	var p pause
	for !k.ended {
		err := k.refresh(c)
		switch {
		case err == nil:
			p = pause{}
			if !k.filled {
				k.filled = true
				c.Raise(k.ready)
			}
			k.await(c)
		case err == client.ErrSessionExpired, err == client.ErrClosing:
			k.forget()
			k.awaitSession(c)
			c.Sync(k.root) // if this fails the next read does
		case err == errMoved, passes(err), err == client.ErrNoNode: // root is not there yet
			p.wait(c)
		default:
			k.ended = true
			c.Note("cache stopped", err.Error())
		}
	}
}

// await waits until a watch fires, and marks what it watched over.
func (k *ConfigCache) await(c client.Client) {
	on := []client.Waitable{k.stop, k.events, k.list}
	for _, g := range k.groups {
		on = append(on, g.watch)
	}
	switch i := c.Wait(on...); i {
	case 0:
	case 1:
		c.Next(k.events) // a watch that ended with the session is ready as well
	case 2:
		c.Next(k.list)
		k.listed = false
	default:
		c.Next(k.groups[i-3].watch)
		k.groups[i-3].fresh = false
	}
}

// awaitSession waits until there is a session to read with.
func (k *ConfigCache) awaitSession(c client.Client) {
	for c.Session().State != client.Connected && c.Wait(k.stop, k.events) != 0 {
		c.Next(k.events)
	}
}

// forget drops all watches: they ended with their session.
func (k *ConfigCache) forget() {
	k.listed = false
	for _, g := range k.groups {
		g.fresh = false
	}
}

func (k *ConfigCache) upToDate() bool {
	return k.listed && !slices.ContainsFunc(k.groups, func(g *configGroup) bool { return !g.fresh })
}

// refresh reads what is not fresh. After nil everything was read and is watched.
func (k *ConfigCache) refresh(c client.Client) error {
	if !k.listed {
		names, _, w, err := c.ChildrenW(k.root)
		if err != nil {
			return err
		}
		slices.Sort(names)
		k.setGroups(c, names)
		k.list, k.listed = w, true
	}
	for _, g := range slices.Clone(k.groups) {
		if g.fresh {
			continue
		}
		if err := k.readGroup(c, g); err != nil {
			return err
		}
	}
	return nil
}

// setGroups keeps the groups that are in names, which are sorted, and adds new ones.
func (k *ConfigCache) setGroups(c client.Client, names []string) {
	old := k.groups
	k.groups = nil
	for _, name := range names {
		g := &configGroup{name: name}
		if i := slices.IndexFunc(old, func(o *configGroup) bool { return o.name == name }); i >= 0 {
			g = old[i]
		}
		k.groups = append(k.groups, g)
	}
	for _, g := range old {
		if !slices.Contains(k.groups, g) && g.zxid != 0 {
			tellGone(c, g.entries, g.zxid)
			c.Note("cache group gone", k.root+"/"+g.name)
		}
	}
}

// readGroup reads a group as of one transaction and takes it over.
func (k *ConfigCache) readGroup(c client.Client, g *configGroup) error {
	now, err := readGroup(c, k.root+"/"+g.name, true)
	if err == client.ErrNoNode {
		k.listed = false // the list will say so, now or soon
		return errMoved
	}
	if err != nil {
		return err
	}
	if now.stat.Mzxid < g.zxid {
		c.Sync(k.root)
		return errMoved
	}
	old := g.entries
	again := g.zxid == now.stat.Mzxid
	g.entries, g.zxid, g.watch, g.fresh = now.entries, now.stat.Mzxid, now.watch, true
	if !again {
		tell(c, now, old)
	}
	return nil
}
