package conform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/conform/trace"
	"zabsim/zab/txn"
)

// Diff is one field that is not as recorded.
type Diff struct {
	Field string // as in "res.stat.pzxid"
	Want  string
	Got   string
}

// comparer collects what differs in one step.
type comparer struct {
	zxids   *Mapping
	allowed allowed // what races let pass in this step
	diffs   []Diff
}

func (c *comparer) add(field, want, got string) {
	if want != got {
		c.diffs = append(c.diffs, Diff{field, want, got})
	}
}

func (c *comparer) zxid(field string, want, got int64) {
	if !c.zxids.Fits(want, got) {
		w, g := whenText(want), whenText(got)
		if w == g {
			w += " (which no transaction of ours stands for)"
		}
		c.diffs = append(c.diffs, Diff{field, w, g})
	}
}

// when compares times told by zxids.
func (c *comparer) when(field string, want, got int64) {
	if want == trace.Other || got == trace.Other {
		c.add(field, whenText(want), whenText(got))
		return
	}
	c.zxid(field, want, got)
}

func whenText(z int64) string {
	if z == trace.Other {
		return "other"
	}
	return strconv.FormatInt(z, 10)
}

// missing is how a field is written that is not there.
const missing = "(nothing)"

// both compares two fields that may be missing.
func both[T any](c *comparer, field string, want, got *T, compare func(want, got T)) {
	switch {
	case want != nil && got != nil:
		compare(*want, *got)
	case want != nil:
		c.add(field, short(*want), missing)
	case got != nil:
		c.add(field, missing, short(*got))
	}
}

// short writes a value so that it fits a line.
func short(v any) string {
	text := ""
	switch v := v.(type) {
	case trace.Text:
		text = "null"
		if !v.Null {
			text = strconv.Quote(v.Value)
		}
	case trace.Data:
		text = "null"
		if !v.Null {
			text = strconv.Quote(v.Bytes())
		}
	case trace.Event:
		text = v.Type
		if v.Type != trace.ConnectionClosed {
			text += " " + strconv.Quote(v.Path)
		}
		if v.State != "" {
			text += " " + v.State
		}
	case string:
		text = v
	default:
		text = fmt.Sprintf("%+v", v)
	}
	const most = 160
	if len(text) > most {
		text = text[:most] + fmt.Sprintf("... (%d bytes)", len(text))
	}
	return text
}

func (c *comparer) number(field string, want, got *int64) {
	both(c, field, want, got, func(w, g int64) { c.add(field, whenText(w), whenText(g)) })
}

func (c *comparer) text(field string, want, got *trace.Text) {
	both(c, field, want, got, func(w, g trace.Text) { c.add(field, short(w), short(g)) })
}

// data compares what is there, not how short it is written.
func (c *comparer) data(field string, want, got *trace.Data) {
	both(c, field, want, got, func(w, g trace.Data) {
		if w.Null != g.Null || w.Bytes() != g.Bytes() {
			c.add(field, short(w), short(g))
		}
	})
}

// set compares lists whose order carries no meaning; nil is a field that is missing.
func (c *comparer) set(field string, want, got []string) {
	if want == nil || got == nil {
		if (want == nil) != (got == nil) {
			c.add(field, listText(want), listText(got))
		}
		return
	}
	w, g := slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))
	c.add(field, listText(w), listText(g))
}

func listText(list []string) string {
	if list == nil {
		return missing
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, " ") + "]"
}

func (c *comparer) stat(field string, want, got *trace.Stat) {
	both(c, field, want, got, func(w, g trace.Stat) {
		c.zxid(field+".czxid", w.Czxid, g.Czxid)
		c.zxid(field+".mzxid", w.Mzxid, g.Mzxid)
		c.zxid(field+".pzxid", w.Pzxid, g.Pzxid)
		c.when(field+".ctime", w.CTime, g.CTime)
		c.when(field+".mtime", w.MTime, g.MTime)
		c.number(field+".version", &w.Version, &g.Version)
		c.number(field+".cversion", &w.Cversion, &g.Cversion)
		c.number(field+".aversion", &w.Aversion, &g.Aversion)
		c.add(field+".ephemeralOwner", w.Owner, g.Owner)
		c.number(field+".dataLength", &w.DataLength, &g.DataLength)
		c.number(field+".numChildren", &w.NumChildren, &g.NumChildren)
	})
}

func (c *comparer) acl(field string, want, got []txn.ACL) {
	switch {
	case want == nil && got == nil || c.allowed.sameACL(want, got):
	default:
		c.add(field, aclText(want), aclText(got))
	}
}

func aclText(list []txn.ACL) string {
	if list == nil {
		return missing
	}
	var words []string
	for _, a := range list {
		words = append(words, a.Scheme+":"+a.ID.ID+":"+strconv.Itoa(int(a.Perms)))
	}
	return "[" + strings.Join(words, " ") + "]"
}

// reply compares two answers.
func (c *comparer) reply(field string, want, got *trace.Reply) {
	c.add(field+".err", want.Err, got.Err)
	if want.Err != got.Err {
		return // all else follows from it
	}
	both(c, field+".zxid", want.Zxid, got.Zxid, func(w, g int64) { c.zxid(field+".zxid", w, g) })
	c.text(field+".path", want.Path, got.Path)
	c.data(field+".data", want.Data, got.Data)
	c.stat(field+".stat", want.Stat, got.Stat)
	c.set(field+".children", want.Children, got.Children)
	c.set(field+".ephemerals", want.Ephemerals, got.Ephemerals)
	c.set(field+".who", want.Who, got.Who)
	c.acl(field+".acl", want.ACL, got.ACL)
	c.number(field+".number", want.Number, got.Number)
	c.number(field+".code", want.Code, got.Code)
	c.number(field+".timeout", want.Timeout, got.Timeout)
	c.text(field+".session", want.Session, got.Session)
	flag := func(name string, want, got *bool) {
		both(c, field+"."+name, want, got, func(w, g bool) { c.add(field+"."+name, strconv.FormatBool(w), strconv.FormatBool(g)) })
	}
	flag("closed", want.Closed, got.Closed)
	flag("gone", want.Gone, got.Gone)
	flag("emptyBody", &want.EmptyBody, &got.EmptyBody)
	c.members(field+".results", want.Results, got.Results)
	c.stream(field+".stream", want.Stream, got.Stream)
}

func (c *comparer) members(field string, want, got []trace.Member) {
	if (want == nil) != (got == nil) || len(want) != len(got) {
		c.add(field, countText(len(want), want == nil), countText(len(got), got == nil))
		return
	}
	for i := range want {
		w, g, f := &want[i], &got[i], fmt.Sprintf("%s.%d", field, i)
		if w.Type != g.Type {
			c.add(f+".type", w.Type, g.Type)
			continue
		}
		c.add(f+".err", w.Err, g.Err)
		if w.Err == g.Err {
			c.add(f+".hdrErr", w.HdrErr, g.HdrErr)
		}
		c.text(f+".path", w.Path, g.Path)
		c.data(f+".data", w.Data, g.Data)
		c.stat(f+".stat", w.Stat, g.Stat)
		c.set(f+".children", w.Children, g.Children)
	}
}

func countText(n int, none bool) string {
	if none {
		return missing
	}
	return strconv.Itoa(n) + " of them"
}

// stream compares what came back of a pipeline.
func (c *comparer) stream(field string, want, got []trace.Item) {
	want, got = c.allowed.orderStream(heard(want)), c.allowed.orderStream(heard(got))
	for i := range max(len(want), len(got)) {
		f := fmt.Sprintf("%s.%d", field, i)
		switch {
		case i >= len(want):
			c.add(f, missing, itemText(&got[i]))
			return
		case i >= len(got):
			c.add(f, itemText(&want[i]), missing)
			return
		}
	}
	for i := range want {
		w, g, f := &want[i], &got[i], fmt.Sprintf("%s.%d", field, i)
		switch {
		case w.Event != nil && g.Event != nil:
			c.add(f+".event", short(*w.Event), short(*g.Event))
		case w.Event != nil || g.Event != nil || w.Index != g.Index:
			c.add(f, itemText(w), itemText(g))
			return // what follows is only shifted
		default:
			c.reply(f+".res", &w.Reply, &g.Reply)
		}
	}
}

// heard leaves replies out that never came.
func heard(list []trace.Item) []trace.Item {
	var kept []trace.Item
	for _, i := range list {
		if i.Event != nil || i.Reply.Err != trace.NoReply && i.Reply.Err != trace.ClosedCode {
			kept = append(kept, i)
		}
	}
	return kept
}

func itemText(i *trace.Item) string {
	if i.Event != nil {
		return "event " + short(*i.Event)
	}
	return fmt.Sprintf("reply to operation %d: %s", i.Index, i.Reply.Err)
}

// events compares what arrived at the sessions besides their replies.
func (c *comparer) events(want, got []trace.Delivery) {
	var sessions []string
	for _, list := range [][]trace.Delivery{want, got} {
		for i := range list {
			if !slices.Contains(sessions, list[i].Session) {
				sessions = append(sessions, list[i].Session)
			}
		}
	}
	for _, s := range sessions {
		w, g := c.allowed.order(at(want, s)), c.allowed.order(at(got, s))
		for i := range max(len(w), len(g)) {
			f := fmt.Sprintf("events.%s.%d", s, i)
			we, ge := missing, missing
			if i < len(w) {
				we = short(w[i])
			}
			if i < len(g) {
				ge = short(g[i])
			}
			if we != ge {
				c.add(f, we, ge)
				break
			}
		}
	}
}

// txns compares what was applied. It comes before all else of a step, because the
// mapping of zxids learns from it.
func (c *comparer) txns(want, got []trace.Txn) {
	for i := range max(len(want), len(got)) {
		f := fmt.Sprintf("txns.%d", i)
		switch {
		case i >= len(want):
			c.add(f, missing, txnText(&got[i]))
			return
		case i >= len(got):
			c.add(f, txnText(&want[i]), missing)
			return
		}
		if !c.zxids.Learn(want[i].Zxid, got[i].Zxid) {
			c.add(f+".zxid", whenText(want[i].Zxid), whenText(got[i].Zxid))
		}
		c.add(f+".s", want[i].Session, got[i].Session)
		c.txn(f, &want[i], &got[i])
	}
}

func (c *comparer) txn(field string, want, got *trace.Txn) {
	if want.Type != got.Type {
		c.add(field+".type", txnText(want), txnText(got))
		return
	}
	c.add(field+".path", want.Path, got.Path)
	c.add(field+".of", want.Of, got.Of)
	c.add(field+".err", want.Err, got.Err)
	c.set(field+".deleted", want.Deleted, got.Deleted)
	if len(want.Ops) != len(got.Ops) {
		c.add(field+".ops", countText(len(want.Ops), false), countText(len(got.Ops), false))
		return
	}
	for i := range want.Ops {
		c.txn(fmt.Sprintf("%s.ops.%d", field, i), &want.Ops[i], &got.Ops[i])
	}
}

func txnText(t *trace.Txn) string {
	text := t.Type
	if t.Path != "" {
		text += " " + strconv.Quote(t.Path)
	}
	if t.Err != "" {
		text += " " + t.Err
	}
	return text
}
