package coroutine

import (
	"zabsim/internal/fp"
	"zabsim/sim/client"
)

// State is a running recipe as a value: what a world holds for each such client.
// Copy it by assignment.
type State struct {
	Name    string // the client's name, as Client.Name returns it
	Program *client.Program
	History History
}

// Answer appends a response, addressed to the task r.Task. The world must have
// seen that task's call in the result of Resume.
func (s *State) Answer(r client.Response) { s.History = s.History.Append(r) }

// CloneInto copies the state in O(1).
func (s *State) CloneInto(dst *State) { *dst = *s }

// Fingerprint names the state in O(1). Two states with equal fingerprints ask the
// same and will behave the same.
func (s *State) Fingerprint() fp.Hash {
	return fp.New(historySalt).String(s.Name).String(s.Program.Name).
		Word(uint64(s.History.Fingerprint())).Done()
}

// Stats counts what a Cache did.
type Stats struct {
	Resumes int // calls of Resume
	Starts  int // coroutines made from scratch
	Fed     int // responses fed
}

// Cache holds the coroutines of one worker, at most one per key. The zero value
// is ready. A Cache is not safe for concurrent use; Close it, or its goroutines
// stay.
type Cache struct {
	slots []*machine // by key; nil where none is live
	calls []client.Call
	fresh []*client.Response
	stats Stats
}

// Resume returns what each task of s asks for, by task number; a task that has
// ended asks for OpNone. done tells that all have. The slice is valid until the
// next Resume, the calls in it for ever, read only. Keys are small numbers, say
// the client's index; one key serves one client best, but any use is correct.
//
// An err is final: a PanicError of the recipe, or a response that no task waits
// for. It comes again each time the same state is resumed.
func (c *Cache) Resume(key int, s *State) (calls []client.Call, done bool, err error) {
	c.stats.Resumes++
	m, err := c.materialise(key, s)
	for _, r := range c.fresh {
		if err != nil {
			break
		}
		c.stats.Fed++
		err = m.feed(r)
	}
	m.at = s.History
	if err != nil {
		c.Drop(key) // it stands somewhere inside the history
		return nil, true, err
	}
	c.calls = c.calls[:0]
	for _, t := range m.tasks {
		c.calls = append(c.calls, t.call)
	}
	return c.calls, m.live == 0, nil
}

// materialise finds the key's coroutine if it has seen a prefix of the wanted
// history, or makes a new one, and leaves in c.fresh what it has to be fed.
func (c *Cache) materialise(key int, s *State) (*machine, error) {
	for len(c.slots) <= key {
		c.slots = append(c.slots, nil)
	}
	var ok bool
	if m := c.slots[key]; m != nil && m.program == s.Program && m.name == s.Name {
		if c.fresh, ok = s.History.since(m.at, c.fresh[:0]); ok {
			return m, nil
		}
	}
	c.Drop(key)
	c.stats.Starts++
	m := &machine{name: s.Name, program: s.Program}
	c.slots[key] = m
	c.fresh, _ = s.History.since(History{}, c.fresh[:0])
	return m, m.begin("main", s.Program.Run)
}

// Drop stops the key's coroutine, if there is one. The next Resume replays.
func (c *Cache) Drop(key int) {
	if key < len(c.slots) && c.slots[key] != nil {
		c.slots[key].stop()
		c.slots[key] = nil
	}
}

// Close stops all coroutines. The cache can be used again.
func (c *Cache) Close() {
	for key := range c.slots {
		c.Drop(key)
	}
}

// Stats returns the counts so far.
func (c *Cache) Stats() Stats { return c.stats }
