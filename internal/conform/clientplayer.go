package conform

import (
	"fmt"

	"zabsim/internal/conform/trace"
	"zabsim/sim/cnxn"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// handle is one client library in use.
type handle struct {
	name    string
	java    *cnxn.Java
	backoff host.Duration // until it dials again; -1: it does not
	known   bool          // its session has a label
	result  *trace.ClientRes
}

// clientPlayer executes the steps of a trace above the client library.
type clientPlayer struct {
	sys     System
	handles []*handle
	conns   []*handle // by ConnID
	see     observer
	tag     uint32
	calls   []trace.ClientDelivery
	out     cnxn.Out
}

func newClientPlayer(sys System) *clientPlayer {
	return &clientPlayer{sys: sys, see: observer{times: map[int64]int64{}}}
}

func (p *clientPlayer) handle(name string) *handle {
	for _, h := range p.handles {
		if h.name == name {
			return h
		}
	}
	return nil
}

// play executes one step.
func (p *clientPlayer) play(st *trace.ClientStep) (trace.ClientRes, []trace.ClientDelivery, error) {
	p.calls = nil
	h := p.handle(st.Client)
	switch {
	case st.Op == "open":
		h = p.open(st)
	case h == nil:
		return trace.ClientRes{}, nil, fmt.Errorf("the handle %s was never opened", st.Client)
	case st.Op == "expire":
		p.sys.Expire(h.java.Client.Session())
		h.result = &trace.ClientRes{}
	case st.Op == "serverDropsConnection":
		p.sys.Drop(h.java.Client.Conn())
		h.result = &trace.ClientRes{}
	case cnxn.IsJavaOp(st.Op):
		p.call(h, st)
	default:
		return trace.ClientRes{}, nil, fmt.Errorf("the client library has no operation %s", st.Op)
	}
	p.settle()
	if st.Op == "serverDropsConnection" {
		again := h.java.Client.Connected()
		h.result.Reconnected = &again
	}
	if st.Op == "open" {
		granted := int64(h.java.Client.TimeoutMillis())
		h.result = &trace.ClientRes{Err: txn.ConnectionLoss.String()}
		if h.java.Client.Connected() {
			h.result = &trace.ClientRes{Err: txn.OK.String(), Timeout: &granted}
		}
	}
	defer p.barrier()
	if h.result == nil {
		return trace.ClientRes{}, p.calls, fmt.Errorf("the call of %s never returned", st.Op)
	}
	return *h.result, p.calls, nil
}

// barrier is what shows the recorder that all of a step has arrived: a request of
// every handle. It leaves its mark: each library has seen the last zxid when the
// next step begins, which it tells the server when it comes back.
func (p *clientPlayer) barrier() {
	root := "/"
	for _, h := range p.handles {
		if !h.java.Client.Connected() {
			continue
		}
		result := h.result
		p.tag++
		p.out.Reset()
		if h.java.Do(p.tag, "sync", &cnxn.JavaArgs{Path: &root}, &p.out) == nil {
			p.perform(h)
			p.settle()
		}
		h.result = result
	}
}

func (p *clientPlayer) open(st *trace.ClientStep) *handle {
	h := &handle{name: st.Client, backoff: -1}
	h.java = cnxn.NewJava(&cnxn.Config{Servers: 1, TimeoutMillis: st.Args.Timeout, Chroot: st.Args.Chroot, Addr: "127.0.0.1"})
	p.handles = append(p.handles, h)
	p.out.Reset()
	h.java.Client.Start(&p.out)
	p.perform(h)
	return h
}

// call calls a method of the library.
func (p *clientPlayer) call(h *handle, st *trace.ClientStep) {
	a := &st.Args
	args := cnxn.JavaArgs{Mode: a.Mode, ACL: a.ACL, Version: a.Version, Type: a.Type, Local: a.Local, Scheme: a.Scheme, Auth: a.Auth,
		Path: pointer(a.Path), Watch: pointer(a.Watch)}
	if !a.Data.Null {
		data := a.Data.Bytes()
		args.Data = &data
	}
	if a.ACLName == "creator" { // ZooDefs.Ids.CREATOR_ALL_ACL
		args.ACL = []txn.ACL{{Perms: 31, ID: txn.ID{Scheme: "auth"}}}
	}
	for i := range a.Ops {
		empty := ""
		args.Ops = append(args.Ops, cnxn.JavaOp{Type: a.Ops[i].Type,
			JavaArgs: cnxn.JavaArgs{Path: &a.Ops[i].Path, Data: &empty, Version: txn.AnyVersion}})
	}
	p.tag++
	h.result = nil
	p.out.Reset()
	if e := h.java.Do(p.tag, st.Op, &args, &p.out); e != nil {
		h.result = &trace.ClientRes{Exception: e.Class, Message: e.Message}
		return
	}
	p.perform(h)
}

func pointer(t trace.Text) *string {
	if t.Null {
		return nil
	}
	return &t.Value
}

// settle delivers what the server says until nobody has anything left to do.
// Libraries without a connection dial again.
func (p *clientPlayer) settle() {
	for {
		list := append([]Happening(nil), p.sys.Take()...)
		for i := range list {
			p.deliver(&list[i])
		}
		if len(list) > 0 {
			continue
		}
		var next *handle
		for _, h := range p.handles {
			if h.backoff >= 0 && (next == nil || h.backoff < next.backoff) {
				next = h
			}
		}
		if next == nil {
			return
		}
		p.sys.Sleep(next.backoff)
		next.backoff = -1
		p.out.Reset()
		next.java.Client.TimerFired(cnxn.TimerBackoff, &p.out)
		p.perform(next)
	}
}

func (p *clientPlayer) deliver(e *Happening) {
	if e.Txn != nil {
		p.see.applied(e.Txn)
		return
	}
	if int(e.Conn) >= len(p.conns) || p.conns[e.Conn] == nil {
		return
	}
	h := p.conns[e.Conn]
	p.out.Reset()
	if e.Closed {
		p.conns[e.Conn] = nil
		h.java.Client.ConnClosed(e.Conn, &p.out)
	} else {
		h.java.Client.Received(e.Conn, e.Msg, &p.out)
	}
	p.perform(h)
}

// perform carries out what a library wants. What it answers to that comes behind.
func (p *clientPlayer) perform(h *handle) {
	c := &h.java.Client
	if id := c.Session(); id != 0 && !h.known {
		h.known = true
		p.see.labels = append(p.see.labels, label{id, h.name})
	}
	out := p.out
	p.out = cnxn.Out{}
	for i := range out.Effects {
		e := &out.Effects[i]
		switch e.Kind {
		case cnxn.Dial:
			p.dial(h)
		case cnxn.Send:
			p.sys.Send(e.Conn, []zab.ClientMsg{*out.Msg(e)})
		case cnxn.Close:
			p.conns[e.Conn] = nil
			p.sys.HangUp(e.Conn)
		case cnxn.SetTimer:
			if e.Timer == cnxn.TimerBackoff {
				h.backoff = e.After
			}
		case cnxn.StopTimer:
			if e.Timer == cnxn.TimerBackoff {
				h.backoff = -1
			}
		case cnxn.Complete:
			if d := out.Completion(e); d.Tag == p.tag {
				h.result = p.returned(h, d)
			}
		case cnxn.Notify:
			p.notify(h, out.Event(e))
		}
	}
}

func (p *clientPlayer) dial(h *handle) {
	c, ok := p.sys.Dial(h.name)
	p.out.Reset()
	if ok {
		for int(c) >= len(p.conns) {
			p.conns = append(p.conns, nil)
		}
		p.conns[c] = h
		h.java.Client.DialDone(c, &p.out)
	} else {
		h.java.Client.DialFailed(&p.out)
	}
	p.perform(h)
}

func (p *clientPlayer) notify(h *handle, e *cnxn.Event) {
	for _, call := range h.java.Calls(e) {
		i := 0
		for i < len(p.calls) && p.calls[i].Client != h.name {
			i++
		}
		if i == len(p.calls) {
			p.calls = append(p.calls, trace.ClientDelivery{Client: h.name})
		}
		p.calls[i].Events = append(p.calls[i].Events, trace.ClientEvent{Watcher: call.Watcher, Type: call.Type, State: call.State,
			Path: trace.Text{Null: call.Type == "None", Value: call.Path}})
	}
}

// returned is what a call returned, as recordings have it.
func (p *clientPlayer) returned(h *handle, d *cnxn.Completion) *trace.ClientRes {
	j := h.java.Result(d)
	r := &trace.ClientRes{Err: j.Err}
	if d.Op == txn.OpMulti || d.Op == txn.OpMultiRead {
		if d.Code == txn.OK {
			r.Value = &trace.ClientValue{List: j.Multi}
		} else {
			r.Results = j.Multi
		}
		return r
	}
	if d.Code != txn.OK {
		return r
	}
	switch {
	case d.Op.IsCreate():
		r.Value = &trace.ClientValue{Text: &j.Path}
	case d.Op == txn.OpExists:
		r.Value = &trace.ClientValue{NoStat: j.Stat == nil}
	case d.Op == txn.OpGetData:
		r.Value = &trace.ClientValue{Data: &trace.Data{Null: j.Data == nil}}
		if j.Data != nil {
			r.Value.Data.Text = *j.Data
		}
	case d.Op == txn.OpSetData || d.Op == txn.OpSetACL:
		r.Value = &trace.ClientValue{}
	case d.Op == txn.OpGetChildren || d.Op == txn.OpGetEphemerals:
		r.Value = &trace.ClientValue{List: orEmpty(j.Names)}
	}
	if r.Value != nil && j.Stat != nil {
		s := p.see.stat(j.Stat)
		s.CTime, s.MTime = 0, 0 // left out at this level
		r.Value.Stat = s
	}
	return r
}
