package fuzz

import (
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/sim/trace"
)

// past is a sink that keeps which event caused which, and of each only what kind of
// thing it was: eight bytes an event, for runs of millions.
type past struct {
	words []string // lane and verb, by code
	list  []link   // by event, from 1
}

type link struct {
	cause uint32
	code  uint32
}

// Event implements trace.Sink.
func (p *past) Event(e *trace.Event, _ fp.Hash, _ []trace.Delta) {
	p.list = append(p.list, link{uint32(e.Cause), p.code(kindOf(e))})
}

// code numbers a word. There are some dozens, and the usual ones come early.
func (p *past) code(word string) uint32 {
	i := slices.Index(p.words, word)
	if i < 0 {
		i = len(p.words)
		p.words = append(p.words, word)
	}
	return uint32(i)
}

// kindOf returns lane and verb of an event. Who was hit is left out: a handler is
// one whatever its learner.
func kindOf(e *trace.Event) string {
	lane := strings.TrimRight(e.Lane, "0123456789")
	switch {
	case lane != "":
		return lane + " " + e.Verb
	case e.Node == trace.World:
		return "world " + e.Verb
	case e.Node >= trace.ClientNode(1):
		return "client " + e.Verb
	}
	return "server " + e.Verb
}

// back returns an event and what led to it, newest first, at most depth events.
func (p *past) back(event uint64, depth int) []string {
	var words []string
	for event > 0 && event <= uint64(len(p.list)) && len(words) < depth {
		l := p.list[event-1]
		words = append(words, p.words[l.code])
		event = uint64(l.cause)
	}
	return words
}

// normalise takes out of a finding's text what differs between two seeds: numbers,
// names of servers, clients and sessions, values and paths. What such words list
// counts once.
func normalise(text string) string {
	var words []string
	for w := range strings.FieldsSeq(text) {
		core := strings.Trim(w, `"'().,:;#[]{}`)
		switch {
		case strings.HasPrefix(core, "/"):
			w = "PATH"
		case strings.ContainsAny(core, "0123456789"):
			w = "N"
		}
		if n := len(words); n == 0 || words[n-1] != w {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
