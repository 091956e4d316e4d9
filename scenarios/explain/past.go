package explain

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"zabsim/sim/trace"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// pastMax is how many events of the past are told.
const pastMax = 40

// Line is an event of the causal past.
type Line struct {
	Event uint64   `json:"event"`
	Trace string   `json:"trace"`           // as the trace has it
	Notes []string `json:"notes,omitempty"` // what it made of the servers

	weight int
}

// issue is what the contradiction is about.
type issue struct {
	facts   []Fact
	zxids   map[zxid.Zxid]bool
	epochs  map[zxid.Epoch]bool
	servers quorum.Set
}

func newIssue(facts []Fact) *issue {
	return &issue{facts: facts, zxids: map[zxid.Zxid]bool{}, epochs: map[zxid.Epoch]bool{}}
}

// add makes a transaction part of the issue; (e,0) stands for an epoch.
func (s *issue) add(z zxid.Zxid) {
	if z == 0 {
		return
	}
	s.epochs[z.Epoch()] = true
	if z.Counter() != 0 {
		s.zxids[z] = true
	}
}

// learn adds what the marks of the facts speak of.
func (s *issue) learn(w *witness) {
	for i := range w.marks {
		m := &w.marks[i]
		for _, f := range s.facts {
			if m.event != f.Event || !strings.HasPrefix(f.Text, m.String()) {
				continue
			}
			s.servers = s.servers.With(m.server)
			if m.peer != 0 {
				s.servers = s.servers.With(m.peer)
			}
			switch m.kind {
			case markPropose, markCommit, markDeliver, markAck:
				s.add(m.z)
			}
			if m.epoch != 0 {
				s.epochs[m.epoch] = true
			}
		}
	}
	// Who led the epochs at issue belongs to it.
	for i := range w.marks {
		if m := &w.marks[i]; m.kind == markEstablish && s.epochs[m.epoch] {
			s.servers = s.servers.With(m.server)
		}
	}
}

// ownWill are the verbs of what nothing in the world has caused: the timetable did, or
// the driver. The cause that a trace shows of them is only what came before.
const ownWill = " crash start cut heal pause resume freeze thaw clock disk slow accept refuse reset hangup "

// cone marks every event that can have influenced one of the facts: its cause, what
// happened to the same server or client before, and so on back.
func cone(w *witness, facts []Fact) []bool {
	in := make([]bool, len(w.events)+1)
	last := make([]uint64, 256) // by node: the newest event that is wanted
	for _, f := range facts {
		if f.Event < uint64(len(in)) {
			in[f.Event] = f.Event > 0
		}
	}
	for id := len(w.events); id > 0; id-- {
		e := w.event(uint64(id))
		if !in[id] && last[e.Node] == 0 {
			continue
		}
		in[id] = true
		if e.Node != trace.World {
			last[e.Node] = uint64(id)
		}
		if e.Cause > 0 && !strings.Contains(ownWill, " "+e.Verb+" ") {
			in[e.Cause] = true
		}
	}
	return in
}

// Weights of events: what is told at all, and what goes first if there is too much.
const (
	weightNone = iota
	weightFault
	weightRole
	weightRecv
	weightEpoch
	weightTxn // from here on, however long ago it was
	weightFact
)

// past picks what matters out of the causal past of the facts, oldest first.
func (s *issue) past(w *witness) (lines []Line, size int) {
	in := cone(w, s.facts)
	notes := map[uint64][]string{}
	weights := map[uint64]int{}
	for i := range w.marks {
		m := &w.marks[i]
		if m.event >= uint64(len(in)) || !in[m.event] {
			continue
		}
		if n := s.weigh(m); n > weightNone {
			weights[m.event] = max(weights[m.event], n)
			if e, text := w.event(m.event), m.String(); !m.obvious(e) && !slices.Contains(notes[m.event], text) && !(m.kind == markRole && notes[m.event] != nil) {
				notes[m.event] = append(notes[m.event], text)
			}
		}
	}
	from := s.horizon(w)
	for id := 1; id < len(in); id++ {
		if !in[id] {
			continue
		}
		size++
		e, id := w.event(uint64(id)), uint64(id)
		weight := max(weights[id], s.weighEvent(e))
		if weight > weightNone && (weight >= weightTxn || id >= from) {
			lines = append(lines, Line{id, traceLine(e), notes[id], weight})
		}
	}
	return s.thin(lines), size
}

// obvious tells whether the trace's own line says what the mark does.
func (m *mark) obvious(e *trace.Event) bool {
	switch m.kind {
	case markDisk, markSnap, markAccepted, markCurrent:
		return e.Verb == "fsync" || e.Verb == "write"
	case markCrash:
		return e.Verb == "crash"
	}
	return false
}

// weigh tells how much a mark matters.
func (s *issue) weigh(m *mark) int {
	for _, f := range s.facts {
		if f.Event == m.event && s.servers.Has(m.server) {
			return weightFact
		}
	}
	mine := s.servers.Has(m.server)
	switch m.kind {
	case markPropose, markCommit:
		if s.zxids[m.z] {
			return weightTxn
		}
	case markDeliver:
		if s.zxids[m.z] && mine {
			return weightTxn
		}
	case markAck:
		if s.zxids[m.z] || mine && m.z.Counter() == 0 && s.epochs[m.z.Epoch()] {
			return weightTxn
		}
	case markDisk:
		if s.between(m) {
			return weightTxn
		}
	case markEstablish:
		if s.epochs[m.epoch] {
			return weightTxn
		}
	case markServe:
		if s.epochs[m.epoch] && mine && !m.again {
			return weightTxn
		}
	case markSnap:
		if mine && s.zxids[m.z] {
			return weightEpoch
		}
	case markSync:
		if s.servers.Has(m.peer) {
			return weightEpoch
		}
	case markReplace:
		if mine {
			return weightEpoch
		}
	case markPromise:
		if mine && s.epochs[m.epoch] && !m.again {
			return weightEpoch
		}
	case markAccepted, markCurrent:
		if mine && s.epochs[m.epoch] {
			return weightEpoch
		}
	case markIllegal:
		return weightEpoch
	case markElected, markRole:
		if mine {
			return weightRole
		}
	}
	return weightNone
}

// between tells whether a log on disk came to hold a transaction at issue, or lost it.
func (s *issue) between(m *mark) bool {
	low, high := min(m.z, m.old), max(m.z, m.old)
	for z := range s.zxids { // any order: it only asks whether there is one
		if low < z && z <= high {
			return true
		}
	}
	return false
}

// weighEvent tells how much an event matters apart from its marks.
func (s *issue) weighEvent(e *trace.Event) int {
	for _, f := range s.facts {
		if f.Event == e.ID {
			return weightFact
		}
	}
	if !s.servers.Has(quorum.ServerID(e.Node)) || e.Node > quorum.Max {
		return weightNone
	}
	if strings.Contains(ownWill+"fails ", " "+e.Verb+" ") {
		return weightFault
	}
	if e.Verb != "recv" && e.Verb != "run" {
		return weightNone
	}
	kind, rest, _ := strings.Cut(e.Detail, " ")
	word, _, _ := strings.Cut(rest, " ")
	z, ok := parseZxid(word)
	switch kind {
	case "PROPOSAL", "COMMIT", "INFORM":
		if ok && s.zxids[z] {
			return weightRecv
		}
	case "NEWLEADER", "UPTODATE", "DIFF", "TRUNC", "SNAP", "LEADERINFO":
		if ok && (s.epochs[z.Epoch()] || kind == "TRUNC" || kind == "DIFF" || kind == "SNAP") {
			return weightRecv
		}
	}
	return weightNone
}

// parseZxid reads "2.4".
func parseZxid(word string) (zxid.Zxid, bool) {
	e, c, ok := strings.Cut(word, ".")
	epoch, err1 := strconv.ParseUint(e, 10, 32)
	counter, err2 := strconv.ParseUint(c, 10, 32)
	return zxid.Make(zxid.Epoch(epoch), uint32(counter)), ok && err1 == nil && err2 == nil
}

// horizon is the event before which faults and elections are of no interest: the
// last time that a leader was established before the first transaction at issue was
// proposed; before the first epoch at issue was, if there is no such transaction.
func (s *issue) horizon(w *witness) uint64 {
	first, epoch := uint64(0), uint64(0)
	for i := range w.marks {
		switch m := &w.marks[i]; {
		case first == 0 && m.kind == markPropose && s.zxids[m.z]:
			first = m.event
		case epoch == 0 && m.kind == markPromise && s.epochs[m.epoch]:
			epoch = m.event
		}
	}
	if first == 0 {
		first = epoch
	}
	if first == 0 {
		return 0
	}
	m := w.latest(first-1, func(m *mark) bool { return m.kind == markEstablish })
	if m == nil {
		return 0
	}
	return m.event
}

// thin leaves the lines that matter most, and of those the newest.
func (s *issue) thin(lines []Line) []Line {
	if len(lines) <= pastMax {
		return lines
	}
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := &lines[order[a]], &lines[order[b]]
		if x.weight != y.weight {
			return x.weight > y.weight
		}
		return x.Event > y.Event
	})
	order = order[:pastMax]
	sort.Ints(order)
	kept := make([]Line, 0, pastMax)
	for _, i := range order {
		kept = append(kept, lines[i])
	}
	return kept
}

// traceLine is an event as the trace has it, without the blanks at its end.
func traceLine(e *trace.Event) string {
	var b strings.Builder
	t := trace.NewText(&b, trace.Header{})
	t.Event(e, 0, nil)
	_ = t.Flush() // a strings.Builder takes everything
	_, line, _ := strings.Cut(b.String(), "\n")
	return strings.TrimRight(line, " \n")
}
