package conform

import (
	"fmt"
	"slices"
	"strconv"

	"zabsim/internal/conform/trace"
)

// replayClient runs the steps of a trace above the client library and compares.
func replayClient(t *trace.Trace, sys System, zxids *Mapping, o Options, r *Result) {
	p := newClientPlayer(sys)
	for i := range t.Client {
		st := &t.Client[i]
		res, calls, err := p.play(st)
		r.Steps++
		r.Operations += 1 + len(st.Args.Ops)
		c := &comparer{zxids: zxids}
		if err != nil {
			c.add("res", "the step to be possible", err.Error())
		} else {
			c.clientRes(&st.Res, &res)
			c.clientCalls(st.Events, calls)
		}
		for _, d := range c.diffs {
			r.Mismatches = append(r.Mismatches, Mismatch{Step: i, Line: st.Line, Session: st.Client, Op: st.Op, Diff: d})
		}
		if len(c.diffs) > 0 && !o.KeepGoing {
			return
		}
	}
}

func (c *comparer) clientRes(want, got *trace.ClientRes) {
	c.add("res.err", want.Err, got.Err)
	c.add("res.exception", want.Exception, got.Exception)
	c.add("res.message", want.Message, got.Message)
	if len(c.diffs) > 0 {
		return // all else follows from it
	}
	c.add("res.results", listText(orEmpty(want.Results)), listText(orEmpty(got.Results)))
	c.number("res.timeout", want.Timeout, got.Timeout)
	both(c, "res.reconnected", want.Reconnected, got.Reconnected, func(w, g bool) {
		c.add("res.reconnected", strconv.FormatBool(w), strconv.FormatBool(g))
	})
	both(c, "res.value", want.Value, got.Value, func(w, g trace.ClientValue) {
		both(c, "res.value", w.Text, g.Text, func(w, g string) { c.add("res.value", strconv.Quote(w), strconv.Quote(g)) })
		if w.List != nil && g.List != nil && want.Results == nil && isClasses(w.List) {
			c.add("res.value", listText(w.List), listText(g.List))
		} else {
			c.set("res.value", w.List, g.List)
		}
		c.data("res.value.data", w.Data, g.Data)
		c.stat("res.value.stat", w.Stat, g.Stat)
		c.add("res.value.stat", strconv.FormatBool(w.NoStat), strconv.FormatBool(g.NoStat))
	})
}

// isClasses tells whether a list is that of a multi's results, which has an order.
func isClasses(list []string) bool {
	return len(list) > 0 && slices.IndexFunc(list, func(s string) bool { return len(s) < 6 || s[len(s)-6:] != "Result" }) < 0
}

func (c *comparer) clientCalls(want, got []trace.ClientDelivery) {
	find := func(list []trace.ClientDelivery, name string) []trace.ClientEvent {
		for i := range list {
			if list[i].Client == name {
				return list[i].Events
			}
		}
		return nil
	}
	var names []string
	for _, d := range append(slices.Clone(want), got...) {
		if !slices.Contains(names, d.Client) {
			names = append(names, d.Client)
		}
	}
	text := func(list []trace.ClientEvent, i int) string {
		if i >= len(list) {
			return missing
		}
		e := list[i]
		return fmt.Sprintf("%s called with %s %s %s", e.Watcher, e.Type, e.State, short(e.Path))
	}
	for _, name := range names {
		w, g := find(want, name), find(got, name)
		for i := range max(len(w), len(g)) {
			if text(w, i) != text(g, i) {
				c.add(fmt.Sprintf("events.%s.%d", name, i), text(w, i), text(g, i))
				break
			}
		}
	}
}
