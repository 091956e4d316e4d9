package recipes

import (
	"strconv"
	"strings"

	"zabsim/sim/client"
)

// Write puts value into the node at path as the holder of the lock, and returns the
// node's Stat. It refuses with ErrFenced if a later holder has written, and with
// ErrNotHeld once the lock is lost; while the session is suspended it waits.
//
// The node's data is "<token> <value>", the token in decimal. A write replaces the
// version that it has read, so between the look at the token and the write nobody
// else can have written. A write whose reply was lost is safe to repeat: it can only
// find its own data there, or fail on the version. So one value is written once, and
// with one Write per hold the tokens of the node's versions strictly increase.
func (l *Lock) Write(path, value string) (client.Stat, error) {
	token := int64(l.token)
	want := strconv.FormatInt(token, 10) + " " + value
	var p pause
	for {
		if err := l.mayAct(); err != nil {
			return client.Stat{}, err
		}
		data, stat, err := l.c.Get(path)
		if err == nil {
			stored, _ := ParseFenced(data)
			if stored > token {
				l.note("fenced out", " "+path+" stored="+strconv.FormatInt(stored, 10))
				return stat, ErrFenced
			}
			if data != want {
				if err = l.mayAct(); err != nil {
					return stat, err
				}
				stat, err = l.c.CompareAndSet(path, want, stat.Version)
			}
		}
		switch {
		case err == nil:
			l.note("fenced write", " "+path+" version="+strconv.Itoa(int(stat.Version)))
			return stat, nil
		case err == client.ErrBadVersion: // somebody else wrote: look who
		case passes(err):
			p.wait(l.c)
		default:
			return stat, err
		}
	}
}

// mayAct returns once the client is connected as the holder, or ErrNotHeld.
func (l *Lock) mayAct() error {
	var p pause
	for said := false; !l.Held(); p.wait(l.c) {
		if !l.held {
			return ErrNotHeld
		}
		if l.lost() {
			l.note("lost", "")
			l.drop()
			return ErrNotHeld
		}
		if !said {
			said = true
			l.note("suspended", "")
		}
	}
	return nil
}

// ParseFenced splits the data of a node that Write wrote. Data of another form has
// the token 0.
func ParseFenced(data string) (token int64, value string) {
	head, value, _ := strings.Cut(data, " ")
	token, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0, data
	}
	return token, value
}
