package recipes

import (
	"path"
	"strconv"
	"time"

	"zabsim/sim/client"
)

// LockProgram takes the lock at root for a number of rounds. In each it waits for
// half of hold, writes to the node "resource" beside root with its fencing token,
// waits for the other half and releases. It makes the nodes if they are missing,
// goes through lost connections, and gets a new session when its own has expired. A
// round counts when the write has succeeded and the lock was released or lost.
//
// Clients with this program, the same root and enough time must have these
// properties. TRUTH is what servers committed.
//
//	note            detail                                          made
//	"waiting"       <node> token=<t> behind=<name>                  in line, a watch is set on the one before
//	"acquired"      <node> token=<t>                                after the reply that showed the own node first
//	"fenced write"  <node> token=<t> <resource> version=<v>         after the reply, or after finding the own data
//	"fenced out"    <node> token=<t> <resource> stored=<t2>         a later holder has written: t2 > t
//	"suspended"     <node> token=<t>                                wanted to write, waits for the connection
//	"released"      <node> token=<t>                                before the delete is sent
//	"lost"          <node> token=<t>                                heard that the session is over
//	"session"       new                                             NewSession succeeded
//	"stopped"       <error>                                         gave up; no such note in a healthy run
//	"done"          <rounds>                                        the end
//
// node is a path, t the czxid of that node, all numbers are decimal.
//
//  1. One holder (TRUTH): at each "acquired" the node is the child of root with the
//     lowest sequence number, unless the session that owns it had ended by then.
//     With "holds" from the moment that the node is the lowest to its deletion, no
//     two clients hold, by the order of TRUTH.
//  2. Belief: from "acquired" to "released", "lost", or the end of the session in
//     TRUTH, whichever comes first, no other client is between its own two.
//  3. Fencing (TRUTH): the tokens in the successive data of the resource strictly
//     increase, and each is the czxid of a node that was below root. The first
//     data, from creation, is "0 ".
//  4. No lost work: each "fenced write" names a version of the resource whose data
//     has that token (TRUTH), and no two name the same.
//  5. Progress: when faults have ended every client reaches "done", and root has no
//     children in the end but those of sessions that will expire.
func LockProgram(root string, rounds int, hold time.Duration) *client.Program {
	return &client.Program{
		Name: "lock",
		Doc:  "takes a lock, writes with its fencing token, releases it, some rounds long",
		Run:  func(c client.Client) { lockRounds(c, root, rounds, hold) },
	}
}

func lockRounds(c client.Client, root string, rounds int, hold time.Duration) {
	resource := path.Join(root, "..", "resource")
	lock := NewLock(c, root)
	goOn := func(err error) bool {
		if renew(c, err) {
			c.Note("session", "new")
			return true
		}
		c.Note("stopped", err.Error())
		return false
	}
	for {
		err := ensure(c, root, "")
		if err == nil {
			err = ensure(c, resource, "0 ")
		}
		if err == nil {
			break
		}
		if !goOn(err) {
			return
		}
	}
	for done := 0; done < rounds; {
		wrote, err := lockRound(c, lock, resource, done, hold)
		if wrote {
			done++
		}
		switch err {
		case nil, ErrNotHeld, ErrFenced: // lost in mid-hold: the next call says why
		default:
			if !goOn(err) {
				return
			}
		}
	}
	c.Note("done", strconv.Itoa(rounds))
}

// lockRound is one hold. wrote tells whether the resource has its value.
func lockRound(c client.Client, lock *Lock, resource string, round int, hold time.Duration) (wrote bool, err error) {
	if _, err := lock.Acquire(); err != nil {
		return false, err
	}
	c.Sleep(hold / 2) // a client that is paused here wakes as a holder of the past
	_, err = lock.Write(resource, c.Name()+" "+strconv.Itoa(round))
	wrote = err == nil
	c.Sleep(hold - hold/2)
	if failed := lock.Release(); wrote {
		err = failed
	}
	return wrote, err
}
