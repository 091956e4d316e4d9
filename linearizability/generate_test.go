package linearizability

import (
	"fmt"
	"slices"

	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// plan says what a generated history looks like.
type plan struct {
	points, clients, keys int
	overlap               int  // up to how long an operation lasts before and after its point
	unknowns              int  // one operation in so many has an unknown outcome; 0 for none
	lives                 bool // creates and deletes too; nodes start absent
}

// node is a node at one moment.
type node struct {
	exists  bool
	value   string
	version int32
	mzxid   zxid.Zxid
}

// ensemble is a real sequential register with a memory: past holds each key's states by zxid.
type ensemble struct {
	past [][]node
	last zxid.Zxid
}

// generate makes a history that keeps every promise: each operation takes effect
// at one point between its invocation and its return; plain reads see a past
// that is not older than what their session knows.
func generate(p plan, draw func(n int) int) *history.History {
	h := &history.History{Name: "generated", Ghost: true, Preset: !p.lives}
	e := &ensemble{past: make([][]node, p.keys)}
	for k := range e.past {
		e.past[k] = []node{{exists: !p.lives}}
	}
	free := make([]host.Time, p.clients)
	knows := make([]zxid.Zxid, p.clients)
	for n := 1; n <= p.points; n++ {
		now := host.Time(n * 10)
		c := draw(p.clients)
		if free[c] >= now {
			continue
		}
		k := draw(p.keys)
		op := history.Op{Client: c, Session: uint64(c) + 100, Key: fmt.Sprintf("/r%d", k), Server: 1}
		op.Kind = history.Kind(draw(int(history.CAS) + 1))
		if p.lives {
			op.Kind = history.Kind(draw(int(history.CDelete) + 1))
		}
		if op.Kind.Writes() {
			op.Value = fmt.Sprintf("v%d", n)
		}
		cur := e.past[k][e.last]
		if op.Kind.Conditional() {
			op.Expect = max(0, cur.version-int32(draw(2)))
		}
		op.Invoke = max(free[c]+1, now-host.Time(draw(p.overlap)))
		end := now + host.Time(draw(p.overlap))
		open := p.unknowns > 0 && draw(p.unknowns) == 0
		if !open || draw(2) == 0 {
			e.perform(k, &op, knows[c], draw)
		}
		if open {
			lost := history.Op{Client: c, Session: op.Session, Key: op.Key, Kind: op.Kind, Expect: op.Expect,
				Invoke: op.Invoke, Return: history.Never, Outcome: history.Unknown, Err: txn.ConnectionLoss}
			if op.Kind.Writes() {
				lost.Value = op.Value
			}
			op, end = lost, op.Invoke+host.Time(draw(p.overlap))
		} else {
			op.Return = end
			knows[c] = op.Zxid
		}
		op.Ended, free[c] = end, end
		h.Ops = append(h.Ops, op)
	}
	slices.SortStableFunc(h.Ops, func(a, b history.Op) int { return int(a.Invoke - b.Invoke) })
	return h
}

// perform lets an operation take effect now and fills in the answer.
func (e *ensemble) perform(k int, op *history.Op, knows zxid.Zxid, draw func(n int) int) {
	if op.Kind.IsRead() {
		z := e.last
		if op.Kind == history.Get {
			z = knows + zxid.Zxid(draw(int(e.last-knows)+1))
		} else {
			op.SyncZxid = e.last
		}
		s := e.past[k][z]
		op.Zxid = z
		if !s.exists {
			op.Outcome, op.Err = history.Fail, txn.NoNode
			return
		}
		op.Outcome, op.Value, op.Version, op.Mzxid = history.Ok, s.value, s.version, s.mzxid
		return
	}
	s := e.past[k][e.last]
	e.last++
	for i := range e.past {
		e.past[i] = append(e.past[i], e.past[i][e.last-1])
	}
	op.Zxid, op.Outcome = e.last, history.Fail
	switch {
	case op.Kind == history.Create && s.exists:
		op.Err = txn.NodeExists
	case op.Kind != history.Create && !s.exists:
		op.Err = txn.NoNode
	case op.Kind.Conditional() && op.Expect != s.version:
		op.Err = txn.BadVersion
	default:
		op.Outcome = history.Ok
		after := node{exists: !op.Kind.Removes(), value: op.Value, version: s.version + 1, mzxid: e.last}
		switch {
		case op.Kind == history.Create:
			after.version = 0
		case !after.exists:
			after = node{}
		}
		op.Version, op.Mzxid = after.version, after.mzxid
		e.past[k][e.last] = after
	}
}

// lie changes one answer so that it is no longer true, and says what it did; "" if
// the operation says nothing that can be changed.
func lie(h *history.History, i, how int) string {
	op := &h.Ops[i]
	switch {
	case op.Outcome == history.Ok && op.Kind.IsRead() && how == 0:
		op.Value = "never written"
		return "value"
	case op.Outcome == history.Ok && !op.Kind.Removes() && how == 1:
		op.Version++
		return "version"
	case op.Outcome == history.Ok && op.Kind.IsRead() && how == 2:
		for j := range h.Ops {
			if w := &h.Ops[j]; w.Kind.Writes() && w.Key == op.Key && w.Outcome == history.Ok && w.Value != op.Value {
				op.Value = w.Value
				return "other value"
			}
		}
	case op.Outcome == history.Fail && op.Kind.IsWrite() && how == 3:
		op.Outcome, op.Err, op.Version, op.Mzxid = history.Ok, txn.OK, 1, op.Zxid
		return "failure told as success"
	}
	return ""
}
