package recipes

import (
	"fmt"

	"zabsim/sim/client"
)

// ConfigWriter changes groups of a configuration, each change one multi. See
// ConfigCache for the layout.
type ConfigWriter struct {
	c       client.Client
	root    string
	updates int
}

// NewConfigWriter makes a writer for the configuration below root, which must exist.
func NewConfigWriter(c client.Client, root string) *ConfigWriter {
	return &ConfigWriter{c: c, root: root}
}

// Update changes a group: change is given the values of one time and returns those
// that shall be, with full paths. It is called again when another writer was faster.
// The group is made if it is missing. The zxid names the transaction.
//
// Every operation of the multi checks the version that was read, and the version
// node gets a tag that only this update has. So after a lost reply it is safe to try
// again, and mostly clear whether the first try did it; where other writers have
// overwritten the tag meanwhile, Update returns ErrConnectionLoss: outcome unknown.
func (w *ConfigWriter) Update(group string, change func(old []ConfigEntry) []ConfigEntry) (client.Zxid, error) {
	w.updates++
	tag := fmt.Sprintf("%s-%d-%08x", w.c.Name(), w.updates, w.c.Rand(1<<31-1))
	node := w.root + "/" + group
	var p pause
	openAt := int32(-1) // the version that a multi without a reply would have made
	for {
		s, err := w.read(node)
		exists := err == nil
		switch {
		case err == errMoved, passes(err):
			p.wait(w.c)
			continue
		case err != nil && err != client.ErrNoNode:
			return 0, err
		case exists && s.data == tag:
			return s.stat.Mzxid, nil
		case openAt >= 0 && exists && s.stat.Version > openAt:
			return 0, client.ErrConnectionLoss
		case exists && s.stat.Version == openAt:
			openAt = -1 // another writer has that version: the lost multi can't have it
		}
		ops, next := multi(s, exists, tag, change(s.entries))
		results, err := w.c.Multi(ops...)
		switch {
		case err == nil && exists:
			return results[len(results)-1].Stat.Mzxid, nil
		case err == nil: // the reply has no zxid
			return w.created(node)
		case err == client.ErrBadVersion, err == client.ErrNoNode && exists, err == client.ErrNodeExists, err == client.ErrNotEmpty:
		case passes(err):
			openAt = next
			p.wait(w.c)
		default:
			return 0, err
		}
	}
}

// created returns the zxid that made a node.
func (w *ConfigWriter) created(node string) (zxid client.Zxid, err error) {
	_, err = retry(w.c, func() error {
		_, stat, err := w.c.Exists(node)
		zxid = stat.Czxid
		return err
	})
	return zxid, err
}

// read reads a group as the leader knows it now, so that a multi without a reply has
// been done or will fail on its versions.
func (w *ConfigWriter) read(node string) (configState, error) {
	if err := w.c.Sync(node); err != nil && err != client.ErrNoNode {
		return configState{}, err
	}
	return readGroup(w.c, node, false)
}

// multi makes the transaction that turns a group into what is wanted, and the
// version that its version node will have.
func multi(s configState, exists bool, tag string, want []ConfigEntry) (ops []client.MultiOp, next int32) {
	if !exists {
		ops = append(ops, client.CreateOp(s.node, tag, client.Persistent))
	}
	for _, e := range want {
		i := find(s.entries, e.Path)
		if i < 0 {
			ops = append(ops, client.CreateOp(e.Path, e.Value, client.Persistent))
		} else if s.entries[i].Value != e.Value {
			ops = append(ops, client.SetOp(e.Path, e.Value, s.versions[i]))
		}
	}
	for i, e := range s.entries {
		if find(want, e.Path) < 0 {
			ops = append(ops, client.DeleteOp(e.Path, s.versions[i]))
		}
	}
	if !exists {
		return ops, 0
	}
	return append(ops, client.SetOp(s.node, tag, s.stat.Version)), s.stat.Version + 1
}
