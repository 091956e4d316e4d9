package recipes

import (
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"

	"zabsim/sim/client"
)

// errMoved: a group changed while it was read.
var errMoved = errors.New("recipes: the group changes while it is read")

// configState is a group as one transaction left it.
type configState struct {
	node     string
	data     string      // of the version node
	stat     client.Stat // of the version node
	entries  []ConfigEntry
	versions []int32 // of the entries
	watch    client.Watch
}

// readGroup reads a group between two reads of its version node; see ConfigCache.
// It returns errMoved if that did not succeed, ErrNoNode if there is no such group.
func readGroup(c client.Client, node string, watch bool) (s configState, err error) {
	s.node = node
	if watch {
		s.data, s.stat, s.watch, err = c.GetW(node)
	} else {
		s.data, s.stat, err = c.Get(node)
	}
	if err != nil {
		return s, err
	}
	names, _, err := c.Children(node)
	if err != nil {
		return s, moved(err)
	}
	slices.Sort(names)
	for _, name := range names {
		data, stat, err := c.Get(node + "/" + name)
		if err != nil {
			return s, moved(err)
		}
		if stat.Mzxid > s.stat.Mzxid {
			return s, errMoved
		}
		s.entries = append(s.entries, ConfigEntry{node + "/" + name, data, stat.Mzxid})
		s.versions = append(s.versions, stat.Version)
	}
	found, after, err := c.Exists(node)
	if err != nil {
		return s, err
	}
	if !found || after.Mzxid != s.stat.Mzxid {
		return s, errMoved // a watch has fired, and nobody uses it
	}
	return s, nil
}

// moved takes a node that went away for what it is.
func moved(err error) error {
	if err == client.ErrNoNode {
		return errMoved
	}
	return err
}

// find returns the index of the entry with a path, -1 if there is none.
func find(entries []ConfigEntry, path string) int {
	return slices.IndexFunc(entries, func(e ConfigEntry) bool { return e.Path == path })
}

// tell notes what a cache shows from now on of a group, whose entries were old.
func tell(c client.Client, s configState, old []ConfigEntry) {
	var line strings.Builder
	line.WriteString(s.node + " " + zxidText(s.stat.Mzxid))
	for _, e := range s.entries {
		line.WriteString(" " + path.Base(e.Path) + "=" + strconv.Quote(e.Value))
		if i := find(old, e.Path); i < 0 || old[i] != e {
			c.Note("cache", e.Path+"="+e.Value+" "+zxidText(e.Zxid))
		}
	}
	var gone []ConfigEntry
	for _, e := range old {
		if find(s.entries, e.Path) < 0 {
			gone = append(gone, e)
		}
	}
	tellGone(c, gone, s.stat.Mzxid)
	c.Note("cache group", line.String())
}

func tellGone(c client.Client, entries []ConfigEntry, zxid client.Zxid) {
	for _, e := range entries {
		c.Note("cache gone", e.Path+" "+zxidText(zxid))
	}
}

func zxidText(z client.Zxid) string { return strconv.FormatInt(int64(z), 10) }
