package coroutine

import (
	"zabsim/internal/fp"
	"zabsim/sim/client"
)

// History is the list of all responses that a program was given, in order. It is
// a value: Append returns a longer one and leaves the shorter intact, so any
// number of worlds share what they have in common. Nodes point backwards; whether
// one history continues another is seen from pointers, without comparing responses.
type History struct {
	last *node
}

type node struct {
	prev     *node
	response client.Response
	len      int
	hash     fp.Hash // of everything up to here
}

const historySalt = 0x6869

// Append returns the history with one more response. The slices in r must not
// change any more.
func (h History) Append(r client.Response) History {
	return History{&node{
		prev:     h.last,
		response: r,
		len:      h.Len() + 1,
		hash:     h.hash().Word(uint64(hashResponse(&r))),
	}}
}

// Len returns the number of responses.
func (h History) Len() int {
	if h.last == nil {
		return 0
	}
	return h.last.len
}

// Fingerprint names the history, in O(1).
func (h History) Fingerprint() fp.Hash { return h.hash().Done() }

func (h History) hash() fp.Hash {
	if h.last == nil {
		return fp.New(historySalt)
	}
	return h.last.hash
}

// Responses returns all responses, oldest first. They are shared: read only.
func (h History) Responses() []*client.Response {
	all, _ := h.since(History{}, nil)
	return all
}

// since collects in dst, oldest first, what h has beyond its prefix old, or
// returns false if old is no prefix of h.
func (h History) since(old History, dst []*client.Response) ([]*client.Response, bool) {
	n := h.Len() - old.Len()
	if n < 0 {
		return dst, false
	}
	for range n {
		dst = append(dst, nil)
	}
	at := h.last
	for i := n - 1; i >= 0; i-- {
		dst[len(dst)-n+i] = &at.response
		at = at.prev
	}
	return dst, at == old.last
}

// hashResponse folds every field; a test changes each of them.
func hashResponse(r *client.Response) fp.Hash {
	h := fp.New(historySalt).Word(uint64(r.Task)<<32 | uint64(uint32(r.Code))).Word(uint64(r.ID)).
		Word(uint64(r.Number)).String(r.Data).Bool(r.Found)
	h = hashStat(h, &r.Stat)
	h = h.Word(uint64(len(r.Names)))
	for _, name := range r.Names {
		h = h.String(name)
	}
	h = h.Word(uint64(len(r.ACL)))
	for _, a := range r.ACL {
		h = h.Word(uint64(a.Perms)).String(a.Scheme).String(a.ID)
	}
	h = h.Word(uint64(len(r.Results)))
	for i := range r.Results {
		h = hashStat(h.Word(uint64(uint32(r.Results[i].Code))).String(r.Results[i].Name), &r.Results[i].Stat)
	}
	e, s := &r.Event, &r.Session
	return h.Word(uint64(uint8(e.Type))<<8 | uint64(e.State)).String(e.Path).Word(uint64(e.Zxid)).
		Word(uint64(s.ID)).Word(uint64(s.State)).Word(uint64(s.Timeout)).Done()
}

func hashStat(h fp.Hash, s *client.Stat) fp.Hash {
	if *s == (client.Stat{}) {
		return h.Word(0) // most responses have none
	}
	return h.Word(1).Word(uint64(s.Czxid)).Word(uint64(s.Mzxid)).Word(uint64(s.Pzxid)).
		Word(uint64(s.Ctime)).Word(uint64(s.Mtime)).
		Word(uint64(uint32(s.Version))<<32 | uint64(uint32(s.Cversion))).
		Word(uint64(uint32(s.Aversion))<<32 | uint64(uint32(s.DataLength))).
		Word(uint64(s.EphemeralOwner)).Word(uint64(uint32(s.NumChildren)))
}
