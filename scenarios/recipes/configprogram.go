package recipes

import (
	"strconv"
	"strings"
	"time"

	"zabsim/sim/client"
)

// ConfigWriterProgram makes the group below root if it is missing, and then a number
// of times sets its values "a" and "b" to the same number, one more than "a" had,
// with a pause after each. It goes through lost connections and expired sessions.
//
//	note              detail                       made
//	"config write"    <group> <number> <zxid>      after the reply, or after finding the own tag
//	"config unknown"  <group> <number> <error>     an update that may have happened or not; number is what it tried last
//	"session"         new                          NewSession succeeded
//	"stopped"         <error>                      gave up; no such note in a healthy run
//	"done"            <writes>                     the end
//
// group is the path of the group's node. The properties (TRUTH is what servers
// committed; the initial number is 0, from the creation of a writer):
//
//  1. All or nothing (TRUTH): after each transaction "a" and "b" of a group have the
//     same number, and the version node's mzxid is not below theirs.
//  2. Numbers of a group go up by exactly one with each transaction that changes it.
//  3. Each "config write" names a transaction of TRUTH that set that number, no two
//     name the same, and the transactions without one are at most as many as the
//     "config unknown" plus one for each client that was stopped.
func ConfigWriterProgram(root, group string, writes int, rest time.Duration) *client.Program {
	return &client.Program{
		Name: "config-writer",
		Doc:  "sets two values of a group to the same number, in one multi, again and again",
		Run:  func(c client.Client) { configWrites(c, root, group, writes, rest) },
	}
}

func configWrites(c client.Client, root, group string, writes int, rest time.Duration) {
	w := NewConfigWriter(c, root)
	node := root + "/" + group
	for done := 0; done < writes; {
		number := -1
		err := ensure(c, root, "")
		if err == nil {
			var zxid client.Zxid
			zxid, err = w.Update(group, func(old []ConfigEntry) []ConfigEntry {
				number = 0
				if i := find(old, node+"/a"); i >= 0 {
					number, _ = strconv.Atoi(old[i].Value)
					number++
				}
				text := strconv.Itoa(number)
				return []ConfigEntry{{Path: node + "/a", Value: text}, {Path: node + "/b", Value: text}}
			})
			if err == nil {
				done++
				c.Note("config write", node+" "+strconv.Itoa(number)+" "+zxidText(zxid))
				c.Sleep(rest)
				continue
			}
		}
		if number >= 0 && client.OutcomeUnknown(err) {
			c.Note("config unknown", node+" "+strconv.Itoa(number)+" "+err.Error())
		}
		switch {
		case passes(err):
		case renew(c, err):
			c.Note("session", "new")
		default:
			c.Note("stopped", err.Error())
			return
		}
	}
	c.Note("done", strconv.Itoa(writes))
}

// ConfigReaderProgram keeps a ConfigCache of root for a time and then says what is
// in it. It makes root if it is missing, and gets a new session when its own has
// expired, also while the cache waits.
//
//	note               detail                              made
//	"cache"            <path>=<value> <zxid>               the cache shows a new value; zxid: its mzxid
//	"cache gone"       <path> <zxid>                       the cache shows it no more; zxid: of the version node
//	"cache group"      <group> <zxid> <key>="<value>" ...  all values of a group, sorted, in Go's quotes; zxid: mzxid of the version node
//	"cache group gone" <group>                             the group was removed
//	"cache final"      <path>=<value> <zxid>               at the end, once per value
//	"session"          new                                 NewSession succeeded
//	"cache stopped"    <error>                             the cache gave up; not in a healthy run
//	"stopped"          <error>                             gave up; not in a healthy run
//	"done"             <number of values>                  the end
//
// Notes of one change follow each other with no other note of the cache between,
// "cache group" being the last. A value may hold blanks; the zxid is behind the last.
// The properties (TRUTH is what servers committed):
//
//  1. No invention: each "cache" is a value that TRUTH has at that path with that
//     mzxid.
//  2. All or nothing: each "cache group" is exactly the children of the group after
//     the transaction zxid, which changed the version node.
//  3. No way back: the zxids of one client's "cache group" notes of one group
//     strictly increase, also over sessions (as long as the group was not gone).
//  4. Convergence: if the last change of TRUTH and the last fault lie well before
//     the end, the "cache final" notes are TRUTH.
func ConfigReaderProgram(root string, duration time.Duration) *client.Program {
	return &client.Program{
		Name: "config-reader",
		Doc:  "keeps a cache of a configuration and tells each change of it",
		Run:  func(c client.Client) { configRead(c, root, duration) },
	}
}

func configRead(c client.Client, root string, duration time.Duration) {
	start := c.Now()
	events := c.SessionEvents()
	cache := NewConfigCache(c, root)
	defer cache.Close()
	err := ensure(c, root, "")
	for left := duration; left > 0; left = duration - (c.Now() - start) {
		if err == nil && c.Session().State == client.Expired {
			err = client.ErrSessionExpired
		}
		if err != nil {
			if !renew(c, err) {
				c.Note("stopped", err.Error())
				return
			}
			c.Note("session", "new")
			err = ensure(c, root, "")
			continue
		}
		if c.WaitTimeout(left, events) == 0 {
			c.Next(events)
		}
	}
	cache.Close()
	all := cache.Snapshot()
	for _, e := range all {
		c.Note("cache final", e.Path+"="+e.Value+" "+zxidText(e.Zxid))
	}
	c.Note("done", strconv.Itoa(len(all)))
}

// ParseCacheNote splits the detail of a "cache" or "cache final" note.
func ParseCacheNote(detail string) (e ConfigEntry, ok bool) {
	blank := strings.LastIndexByte(detail, ' ')
	if blank < 0 {
		return e, false
	}
	zxid, err := strconv.ParseInt(detail[blank+1:], 10, 64)
	path, value, found := strings.Cut(detail[:blank], "=")
	return ConfigEntry{path, value, client.Zxid(zxid)}, err == nil && found
}
