package recipes

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"zabsim/sim/client"
)

// Errors of a Lock that are not ZooKeeper's.
var (
	// ErrNotAcquired: TryAcquire gave up; the client is not in line any more.
	ErrNotAcquired = errors.New("recipes: the lock was not acquired in time")
	// ErrHeld: this Lock is held already, and it is not reentrant.
	ErrHeld = errors.New("recipes: the lock is held already")
	// ErrNotHeld: this Lock is not held, or is no longer.
	ErrNotHeld = errors.New("recipes: the lock is not held")
	// ErrFenced: the resource has seen a holder that came later.
	ErrFenced = errors.New("recipes: a later holder has written")
)

// Lock is a mutual exclusion between clients: who has the child of root with the
// lowest sequence number holds it.
//
//	lock := recipes.NewLock(c, "/lock")
//	token, err := lock.Acquire()
//	if err != nil {
//		return err
//	}
//	defer lock.Release()
//	_, err = lock.Write("/resource", "mine") // refused if a later holder has written
//
// Each client in line makes an ephemeral sequential node and watches only the one
// before its own, so a release wakes one client.
//
// # Fencing
//
// A lock without a token is advice: a client that was paused believes that it holds
// the lock after its session has expired. The token is the czxid of the own node,
// the zxid of the transaction that put the client in line. A later holder's node was
// created later, so tokens strictly increase from holder to holder, also over a
// change of leader (the epoch is in the high bits), and also when root is deleted and
// made anew, which resets the sequence numbers. The resource must remember the
// largest token and refuse smaller ones; Write does that for a node.
//
// # Lost replies
//
// A create whose reply is lost may have put the client in line. The node's name
// begins with an id that is unique for client, attempt and chance, so the client
// finds it again. It looks after a sync: by then a request that was still on its way
// has arrived at the leader, or is refused there with SessionMoved (protocol fact
// 9.5). A sync answered by a leader that is deposed and does not know proves nothing,
// so all tries of one attempt share the id, the client removes a second node of its
// own whenever it sees one, and looks once more when it leaves. A node that nobody
// knew to be his would block all others for as long as the session lives.
//
// # Suspension
//
// While the session is Suspended Held is false and Write waits: the session may have
// ended. Connected with the same session again, the node is still there and so is
// the lock. Expired means lost for good.
//
// Limits: one task at a time may use a Lock; after 2^31 creates below one root the
// sequence numbers wrap around (as in ZooKeeper's own recipes).
type Lock struct {
	c       client.Client
	root    string
	tries   int
	node    string // path of the own node; empty: not in line
	prefix  string // what the names of this attempt's nodes begin with
	unsure  bool   // a create of this attempt had no reply
	token   client.Zxid
	session client.SessionID // owner of the node
	held    bool
}

// NewLock makes a handle for the lock at root, a persistent node that must exist
// before Acquire. It asks nothing of a server.
func NewLock(c client.Client, root string) *Lock { return &Lock{c: c, root: root} }

// Acquire waits until the client holds the lock and returns the fencing token. It
// goes through losses of the connection. It returns ErrHeld, or the server's error:
// ErrSessionExpired and ErrClosing when the session is over, ErrNoNode without root.
// After an error the client is not in line.
func (l *Lock) Acquire() (token int64, err error) { return l.acquire(client.Forever) }

// TryAcquire is Acquire for at most timeout, then ErrNotAcquired; with 0 it only
// looks. It takes longer while the connection is down: to leave the line takes a
// server, and a client that stayed in it would get the lock unasked.
func (l *Lock) TryAcquire(timeout time.Duration) (token int64, err error) {
	return l.acquire(max(timeout, 0))
}

func (l *Lock) acquire(timeout time.Duration) (int64, error) {
	if l.held {
		if !l.lost() {
			return 0, ErrHeld
		}
		l.note("lost", "")
	}
	l.drop()
	start := l.c.Now()
	for {
		if err := l.enter(); err != nil {
			return 0, l.failed(err)
		}
		ahead, err := l.ahead()
		if err == errGone {
			l.node = "" // somebody removed it, or the session was replaced: again
			continue
		}
		if err != nil {
			return 0, l.failed(err)
		}
		if ahead == "" {
			l.held = true
			l.note("acquired", "")
			return int64(l.token), nil
		}
		left := client.Forever
		if timeout != client.Forever {
			if left = timeout - (l.c.Now() - start); left <= 0 {
				return 0, l.leave()
			}
		}
		if err := l.await(ahead, left); err != nil {
			return 0, l.failed(err)
		}
	}
}

// errGone: the own node is not among the children.
var errGone = errors.New("recipes: the own node is gone")

// enter makes the own node if there is none, and learns its token and owner.
func (l *Lock) enter() error {
	if l.node == "" {
		l.tries++
		l.prefix = fmt.Sprintf("%s-%d-%08x-", l.c.Name(), l.tries, l.c.Rand(1<<31-1))
		l.unsure, l.token = false, 0
	}
	var p pause
	for l.node == "" {
		name, err := l.c.Create(l.root+"/"+l.prefix, l.c.Name(), client.EphemeralSequential)
		if passes(err) {
			l.unsure = true
			p.wait(l.c)
			name, err = l.find()
		}
		if err != nil {
			return err
		}
		l.node = name
	}
	if l.token != 0 {
		return nil
	}
	var stat client.Stat
	_, err := retry(l.c, func() (err error) {
		_, stat, err = l.c.Exists(l.node)
		return err
	})
	if err == nil {
		l.token, l.session = stat.Czxid, stat.EphemeralOwner // zero if gone: ahead will notice
	}
	return err
}

// find returns the path of a node of this attempt, empty if there is none.
func (l *Lock) find() (node string, err error) {
	_, err = retry(l.c, func() error {
		if err := l.c.Sync(l.root); err != nil {
			return err
		}
		names, _, err := l.c.Children(l.root)
		for _, name := range names {
			if strings.HasPrefix(name, l.prefix) {
				node = l.root + "/" + name
			}
		}
		return err
	})
	return node, err
}

// ahead returns the node before the own one, empty if the own one is the first. A
// server that lags shows nodes that are gone, but none is missing: it shows the own
// node, and those with lower numbers are older.
func (l *Lock) ahead() (node string, err error) {
	var names []string
	_, err = retry(l.c, func() (err error) {
		names, _, err = l.c.Children(l.root)
		return err
	})
	if err != nil {
		return "", err
	}
	own, found := sequence(path.Base(l.node)), false
	best := int64(-1)
	for _, name := range names {
		n := sequence(name)
		if l.root+"/"+name == l.node {
			found = true
		} else if strings.HasPrefix(name, l.prefix) {
			if err := l.delete(l.root + "/" + name); err != nil {
				return "", err
			}
		} else if n >= 0 && n < own && n > best {
			best, node = n, l.root+"/"+name
		}
	}
	if !found {
		return "", errGone
	}
	return node, nil
}

// sequence returns the number that the server appended, -1 if the name has none:
// such a node is not in line.
func sequence(name string) int64 {
	const digits = 10
	if len(name) < digits {
		return -1
	}
	n, err := strconv.ParseUint(name[len(name)-digits:], 10, 31)
	if err != nil {
		return -1
	}
	return int64(n)
}

// await waits until a node may be gone, at most for left. It watches with getData,
// not exists: exists would leave a watch behind on a node that never comes back.
func (l *Lock) await(node string, left time.Duration) error {
	var w client.Watch
	_, err := retry(l.c, func() (err error) {
		_, _, w, err = l.c.GetW(node)
		return err
	})
	if err == client.ErrNoNode {
		return nil
	}
	if err != nil {
		return err
	}
	l.note("waiting", " behind="+path.Base(node))
	if left == client.Forever {
		l.c.Wait(w)
	} else if l.c.WaitTimeout(left, w) < 0 {
		return nil
	}
	l.c.Next(w)
	return nil
}

// leave gives up the place in line.
func (l *Lock) leave() error {
	l.note("gave up", "")
	if err := l.remove(); err != nil && err != ErrNotHeld {
		return err
	}
	return ErrNotAcquired
}

// failed gets out of line after an error, so far as the session still allows it.
func (l *Lock) failed(err error) error {
	if l.node != "" && err != client.ErrSessionExpired && err != client.ErrClosing {
		l.remove()
	}
	l.drop()
	return err
}

// remove deletes the own node, and a second one that an unanswered create may have
// made. It returns ErrNotHeld if the own node was gone.
func (l *Lock) remove() error {
	tries, err := retry(l.c, func() error { return l.c.Delete(l.node, client.AnyVersion) })
	if err == client.ErrNoNode {
		err = nil // an earlier try did it, or
		if tries == 1 {
			err = ErrNotHeld
		}
	}
	for more := l.unsure; more; {
		second, failed := l.find()
		if more = failed == nil && second != ""; more {
			more = l.delete(second) == nil
		}
	}
	l.drop()
	return err
}

// delete deletes a node for sure.
func (l *Lock) delete(node string) error {
	_, err := retry(l.c, func() error { return l.c.Delete(node, client.AnyVersion) })
	if err == client.ErrNoNode {
		return nil
	}
	return err
}

func (l *Lock) drop() { l.node, l.token, l.session, l.held = "", 0, 0, false }

// Release lets the next client have the lock. It tries until the node is known to be
// gone or the session is over. ErrNotHeld means that the lock was not held any more;
// ErrSessionExpired that it is lost now and the server removes the node.
func (l *Lock) Release() error {
	if !l.held {
		return ErrNotHeld
	}
	if l.lost() {
		l.note("lost", "")
		l.drop()
		return client.ErrSessionExpired
	}
	l.note("released", "")
	return l.remove()
}

// Held tells whether the client may act as the holder. It is false while the
// session is suspended and true again if the same session comes back. True is still
// only what the client knows: the session can end before the client hears of it, so
// use the token with whatever the lock protects.
func (l *Lock) Held() bool {
	s := l.c.Session()
	return l.held && s.State == client.Connected && s.ID == l.session
}

// Token returns the fencing token of the current hold, 0 while not in line.
func (l *Lock) Token() int64 { return int64(l.token) }

// lost tells whether the session that had the lock is known to be over.
func (l *Lock) lost() bool {
	s := l.c.Session()
	return s.State == client.Expired || s.State == client.Closed || s.ID != l.session
}

// note tells the world what the lock believes.
func (l *Lock) note(word, more string) {
	l.c.Note(word, l.node+" token="+strconv.FormatInt(int64(l.token), 10)+more)
}
