package recipes

import (
	"path"
	"slices"
	"strings"
	"time"

	"zabsim/sim/client"
)

// PresenceProgram announces the client below root by an ephemeral node of its own
// name, watches who else is there, and does so again in a new session when its own
// has expired: group membership. In between it writes its node every so often.
//
//	note        detail            made
//	"present"   <node> <czxid>    the node is there, made by this session
//	"members"   <a,b,c>           the names below root, each time that they are read
//	"session"   new               NewSession succeeded
//	"stopped"   <error>           gave up; no such note in a healthy run
//
// The properties (TRUTH is what servers committed): a node of root exists from its
// creation to the end of the session that made it, unless its client deletes it; a
// client that is silent for longer than its time-out and two ticks loses its
// session, and no client that is heard from does; when nothing happens any more
// everybody's last "members" is TRUTH.
func PresenceProgram(root string, every time.Duration) *client.Program {
	return &client.Program{
		Name: "presence",
		Doc:  "announces itself by an ephemeral node and watches who else is there",
		Run:  func(c client.Client) { presence(c, root, every) },
	}
}

func presence(c client.Client, root string, every time.Duration) {
	for {
		err := ensure(c, root, "")
		if err == nil {
			err = announce(c, path.Join(root, c.Name()))
		}
		if err == nil {
			err = attend(c, root, every)
		}
		if !renew(c, err) {
			c.Note("stopped", err.Error())
			return
		}
		c.Note("session", "new")
	}
}

// announce makes the node. One of an earlier session may still be there: its end is
// waited for.
func announce(c client.Client, node string) error {
	for {
		_, err := retry(c, func() error {
			_, err := c.Create(node, "", client.Ephemeral)
			return err
		})
		if err != nil && err != client.ErrNodeExists {
			return err
		}
		var found bool
		var stat client.Stat
		var gone client.Watch
		if _, err := retry(c, func() (err error) {
			found, stat, gone, err = c.ExistsW(node)
			return err
		}); err != nil {
			return err
		}
		switch {
		case found && stat.EphemeralOwner == c.Session().ID:
			c.Note("present", node+" "+zxidText(stat.Czxid))
			return nil
		case found:
			c.Wait(gone)
		}
	}
}

// attend looks who is there, until the session ends.
func attend(c client.Client, root string, every time.Duration) error {
	node := path.Join(root, c.Name())
	for {
		var names []string
		var change client.Watch
		if _, err := retry(c, func() (err error) {
			names, _, change, err = c.ChildrenW(root)
			return err
		}); err != nil {
			return err
		}
		slices.Sort(names)
		c.Note("members", strings.Join(names, ","))
		for c.WaitTimeout(every, change) < 0 {
			if _, err := retry(c, func() error {
				_, err := c.Set(node, "here")
				return err
			}); err != nil && err != client.ErrNoNode {
				return err
			}
		}
		if c.Session().State == client.Expired {
			return client.ErrSessionExpired
		}
	}
}
