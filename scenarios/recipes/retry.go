package recipes

import (
	"path"
	"time"

	"zabsim/sim/client"
)

// Pauses between two tries while the connection is down. A host that holds calls
// back until it is connected again never makes a recipe wait for the longer ones.
const (
	pauseMin = 20 * time.Millisecond
	pauseMax = time.Second
)

// pause grows with each wait. The zero value is ready.
type pause struct{ last time.Duration }

// wait sleeps, each time longer, with up to a half on top so that clients that lost
// the same server don't come back as one.
func (p *pause) wait(c client.Client) {
	p.last = min(max(2*p.last, pauseMin), pauseMax)
	c.Sleep(p.last + time.Duration(c.Rand(int(p.last/2))))
}

// passes tells whether err goes away by waiting: the session may live, and the same
// request may succeed later. Whether it had an effect is another question.
func passes(err error) bool {
	switch err {
	case client.ErrConnectionLoss, client.ErrOperationTimeout, client.ErrRequestTimeout,
		client.ErrSessionMoved, client.ErrThrottledOp:
		return true
	}
	return false
}

// retry repeats do until its error does not pass. It is for reads, and for updates
// that may happen twice. tries is how often do was called.
func retry(c client.Client, do func() error) (tries int, err error) {
	var p pause
	for {
		tries++
		if err = do(); !passes(err) {
			return tries, err
		}
		p.wait(c)
	}
}

// renew gets a new session if err says that the old one is over, and tells whether
// it is worth trying again. Another task of the client may have done it already.
func renew(c client.Client, err error) bool {
	if err != client.ErrSessionExpired {
		return false
	}
	var p pause
	for {
		switch err := c.NewSession(); {
		case err == nil, err == client.ErrInvalidState:
			return true
		case !passes(err) && err != client.ErrSessionExpired:
			return false
		}
		p.wait(c)
	}
}

// ensure makes a persistent node and its missing ancestors. What is there already
// stays as it is.
func ensure(c client.Client, node, data string) error {
	if node == "/" {
		return nil
	}
	for {
		_, err := retry(c, func() error {
			_, err := c.Create(node, data, client.Persistent)
			return err
		})
		switch err {
		case client.ErrNodeExists: // or an earlier try has made it
			return nil
		case client.ErrNoNode:
			if err := ensure(c, path.Dir(node), ""); err != nil {
				return err
			}
		default:
			return err
		}
	}
}
