package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"unicode/utf8"

	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// writer is the header's mark of our own files: there, p is the client itself.
const writer = "zabsim"

// WriteJSON writes the history as JSON lines. Equal histories give equal bytes.
// Events come in time order; at one instant invocations precede returns, except
// that a client's return precedes its next invocation.
func (h *History) WriteJSON(w io.Writer) error {
	for i := range h.Ops {
		if err := h.Ops[i].writable(); err != nil {
			return fmt.Errorf("history: operation %d (%s): %w", i, &h.Ops[i], err)
		}
		if i > 0 && h.Ops[i].Invoke < h.Ops[i-1].Invoke {
			return fmt.Errorf("history: operation %d (%s) begins before the one recorded before it", i, &h.Ops[i])
		}
	}
	b := h.appendHeader(nil)
	for n, e := range h.events() {
		b = append(b, `{"i":`...)
		b = strconv.AppendInt(b, int64(n), 10)
		if e.ended {
			b = h.Ops[e.op].appendEnd(b)
		} else {
			b = h.Ops[e.op].appendInvoke(b)
		}
		b = append(b, "}\n"...)
		if len(b) > 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b, err := h.appendExtra(b)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// writable says what would not survive the way through a file.
func (o *Op) writable() error {
	switch {
	case o.Kind >= kinds:
		return errors.New("its kind has no name")
	case !utf8.ValidString(o.Key) || !utf8.ValidString(o.Value):
		return errors.New("its key or value is not UTF-8")
	case o.Outcome != Pending && o.Ended < o.Invoke:
		return errors.New("it ends before it begins")
	}
	return nil
}

func (h *History) appendHeader(b []byte) []byte {
	n := h.Counts()
	b = appendString(append(b, `{"history":`...), h.Name)
	b = append(b, `,"format":1,"writer":"`+writer+`","preset":`...)
	b = strconv.AppendBool(b, h.Preset)
	b = strconv.AppendBool(append(b, `,"ghost":`...), h.Ghost)
	b = appendInt(b, "invocations", int64(len(h.Ops)))
	b = appendInt(b, "ok", int64(n[Ok]))
	b = appendInt(b, "fail", int64(n[Fail]))
	b = appendInt(b, "unknown", int64(n[Unknown]))
	b = appendInt(b, "pending", int64(n[Pending]))
	return append(b, "}\n"...)
}

// event is one line: an operation's beginning or its end.
type event struct {
	op    int
	ended bool
}

// events returns all lines in their order.
func (h *History) events() []event {
	ends := make([]int, 0, len(h.Ops)) // ended operations by time, then index
	for i := range h.Ops {
		if h.Ops[i].Outcome != Pending {
			ends = append(ends, i)
		}
	}
	sort.SliceStable(ends, func(a, b int) bool { return h.Ops[ends[a]].Ended < h.Ops[ends[b]].Ended })

	list := make([]event, 0, 2*len(h.Ops))
	done := make([]bool, len(h.Ops))
	flush := func(next int, before host.Time) int { // ends strictly before a time
		for ; next < len(ends) && h.Ops[ends[next]].Ended < before; next++ {
			if !done[ends[next]] {
				list = append(list, event{ends[next], true})
			}
		}
		return next
	}
	next := 0
	for i := range h.Ops {
		now := h.Ops[i].Invoke
		next = flush(next, now)
		for j := next; j < len(ends) && h.Ops[ends[j]].Ended == now; j++ {
			if e := ends[j]; e < i && !done[e] && h.Ops[e].Client == h.Ops[i].Client {
				list, done[e] = append(list, event{e, true}), true
			}
		}
		list = append(list, event{i, false})
	}
	flush(next, Never)
	return list
}

// appendCommon writes the fields that both lines of an operation have.
func (o *Op) appendCommon(b []byte, at host.Time, typ string) []byte {
	b = appendInt(b, "t", int64(at))
	b = appendInt(b, "p", int64(o.Client))
	b = append(append(append(b, `,"type":"`...), typ...), `","f":"`...)
	b = append(append(b, o.Kind.String()...), `","k":`...)
	return appendString(b, o.Key)
}

func (o *Op) appendInvoke(b []byte) []byte {
	b = o.appendCommon(b, o.Invoke, "invoke")
	if o.Kind.Writes() {
		b = appendString(append(b, `,"v":`...), o.Value)
	}
	if o.Kind.Conditional() {
		b = appendInt(b, "ver", int64(o.Expect))
	}
	if o.Server != 0 {
		b = appendInt(b, "server", int64(o.Server))
	}
	return appendUint(b, "session", o.Session)
}

func (o *Op) appendEnd(b []byte) []byte {
	b = o.appendCommon(b, o.Ended, o.Outcome.String())
	if o.Outcome == Ok && o.Kind.IsRead() {
		b = appendString(append(b, `,"v":`...), o.Value)
	}
	if o.Err != txn.OK || o.Outcome != Ok {
		b = appendString(append(b, `,"err":`...), o.Err.String())
	}
	if o.SyncZxid != 0 {
		b = appendUint(b, "syncZxid", uint64(o.SyncZxid))
	}
	if o.Mzxid != 0 {
		b = appendUint(b, "mzxid", uint64(o.Mzxid))
	}
	if o.Version != 0 || o.Outcome == Ok && !o.Kind.Removes() {
		b = appendInt(b, "version", int64(o.Version))
	}
	if o.Zxid != 0 {
		b = appendUint(b, "zxid", uint64(o.Zxid))
	}
	if o.Server != 0 {
		b = appendInt(b, "server", int64(o.Server))
	}
	if o.Deposed {
		b = append(b, `,"deposed":true`...)
	}
	return b
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, `,"`...), name...), `":`...)
}

func appendInt(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(appendName(b, name), n, 10)
}

func appendUint(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(appendName(b, name), n, 10)
}

// appendString writes a JSON string. Most values are plain letters and digits.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, err := json.Marshal(s)
			if err != nil {
				panic("history: a string has no JSON form: " + err.Error())
			}
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
