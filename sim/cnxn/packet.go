package cnxn

import (
	"zabsim/internal/fp"
	"zabsim/sim/client"
	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// packet is a request under way (ClientCnxn.Packet).
type packet struct {
	req     *txn.Request // immutable; it gets its number when it is sent
	tag     uint32
	watcher Watcher     // to be registered, or removed
	table   uint8       // 1 + the table to register in; 0: none
	removes WatcherType // 0: nothing
	local   bool        // the removal needs no server
	quiet   bool        // nobody waits for it
	call    client.Op   // what a Submit asked for; OpNone: it was an Ask
}

func (p *packet) fold(h fp.Hash) fp.Hash {
	return h.Word(uint64(p.req.Hash())).Word(uint64(p.tag)<<32 | uint64(p.watcher)).
		Word(uint64(p.table) | uint64(p.removes)<<8 | uint64(p.call)<<32).Bool(p.local).Bool(p.quiet)
}

// post sends a request, or queues it until there is a connection
// (ClientCnxn.queuePacket). The request is p's own.
func (c *Client) post(p packet, out *Out) {
	if !c.Alive() || c.closing || c.phase == phaseDead {
		c.finish(&p, &txn.Result{Err: c.lossCode()}, 0, false, out)
		return
	}
	if p.req.Op == txn.OpCloseSession {
		c.closing = true
	}
	if c.phase == phaseConnected && len(c.queue) == 0 {
		c.sendNow(p, out)
		return
	}
	p.req.Seal()
	c.queue = append(c.queue, p)
	if c.closing && c.phase == phaseNew {
		c.end(client.Closed, false, out)
	}
}

// sendNow numbers and sends a request that nobody else holds.
func (c *Client) sendNow(p packet, out *Out) {
	if c.xid == 1<<31-2 { // ClientCnxn.getXid skips from the largest int to 1
		c.xid = 0
	}
	c.xid++
	p.req.Cxid, p.req.Session = c.xid, c.session
	p.req.Seal()
	c.pending = append(c.pending, p)
	c.transmit(zab.ClientMsg{Kind: zab.ClientRequest, Session: c.session, Req: p.req}, out)
}

// sendQueue sends what waited for the connection.
func (c *Client) sendQueue(out *Out) {
	for i := range c.queue {
		p := c.queue[i]
		if p.req.Op == txn.OpAuth {
			c.sendAuth(identity{p.req.Path, p.req.Data}, out)
			continue
		}
		own := *p.req // copies of the client share the one in the queue
		p.req = &own
		c.sendNow(p, out)
	}
	clear(c.queue)
	c.queue = c.queue[:0]
}

// lossCode is the code of requests that can't be answered (conLossPacket).
func (c *Client) lossCode() txn.Code {
	switch c.state {
	case client.AuthFailed:
		return txn.AuthFailed
	case client.Closed, client.Expired:
		return txn.SessionExpired
	}
	return txn.ConnectionLoss
}

// flush ends what was sent, and with all what was not.
func (c *Client) flush(all bool, code txn.Code, out *Out) {
	r := txn.Result{Err: code}
	for i := range c.pending {
		c.finish(&c.pending[i], &r, 0, true, out)
	}
	clear(c.pending)
	c.pending = c.pending[:0]
	kept := c.queue[:0]
	for i := range c.queue {
		switch p := &c.queue[i]; {
		case all:
			c.finish(p, &r, 0, false, out)
		case p.req.Op != txn.OpAuth: // the next connection sends all identities
			kept = append(kept, *p)
		}
	}
	clear(c.queue[len(kept):])
	c.queue = kept
}

// finish ends a request: watches are registered or removed, and who waits is told
// (ClientCnxn.finishPacket). r is not changed.
func (c *Client) finish(p *packet, r *txn.Result, z zxid.Zxid, sent bool, out *Out) {
	registered := false
	if p.table != 0 {
		registered = c.register(p, r.Err)
	}
	code := r.Err
	if p.removes != 0 {
		code = c.deregister(p, code, out)
	}
	if p.quiet {
		return
	}
	out.complete(Completion{Tag: p.tag, Sent: sent, Code: code, Op: p.req.Op, Cxid: p.req.Cxid, Zxid: z, Result: *r, Req: p.req})
	d := &out.done[len(out.done)-1]
	c.report(p, d)
	if p.call != client.OpNone {
		d.Response = c.response(p, d, registered)
	}
}

// report turns the code of a reply into that of the API, and server's paths into
// the client's.
func (c *Client) report(p *packet, d *Completion) {
	r := &d.Result
	switch p.req.Op {
	case txn.OpExists:
		if d.Code == txn.NoNode {
			d.Code = txn.OK
		}
	case txn.OpCloseSession:
		d.Code = txn.OK // ZooKeeper.close is content with any end
	case txn.OpMulti:
		if d.Code == txn.OK && r.More != nil {
			d.Code = firstError(r.More.Results)
		}
		if c.cfg.StripMulti && c.rooted() && r.More != nil {
			c.stripMulti(r)
		}
	}
	if p.req.Op.IsCreate() && c.rooted() && r.More != nil {
		more := *r.More
		more.Path, _ = c.strip(more.Path)
		r.More = &more
	}
}

func firstError(results []txn.Result) txn.Code {
	for i := range results {
		if results[i].Err != txn.OK {
			return results[i].Err
		}
	}
	return txn.OK
}

// stripMulti works on copies, since results are shared.
func (c *Client) stripMulti(r *txn.Result) {
	more := *r.More
	more.Results = append([]txn.Result(nil), more.Results...)
	for i := range more.Results {
		if m := more.Results[i].More; m != nil && m.Path != "" {
			own := *m
			own.Path, _ = c.strip(own.Path)
			more.Results[i].More = &own
		}
	}
	r.More = &more
}

// register keeps the watcher of a request that succeeded; an exists or addWatch
// may also find nothing (WatchRegistration.shouldAddWatch).
func (c *Client) register(p *packet, err txn.Code) bool {
	t := tableID(p.table - 1)
	switch {
	case err == txn.OK:
	case err == txn.NoNode && p.req.Op == txn.OpExists:
		t = existTable
	case err == txn.NoNode && p.req.Op == txn.OpAddWatch:
	default:
		return false
	}
	c.watches.add(t, watch{p.req.Path, p.watcher})
	return true
}

// deregister removes watchers and tells them, and returns the code that the removal
// ends with (WatchDeregistration.unregister).
func (c *Client) deregister(p *packet, err txn.Code, out *Out) txn.Code {
	path := p.req.Path
	if !c.watches.has(path, p.watcher, p.removes) {
		return txn.NoWatcher
	}
	if !p.local && err != txn.OK {
		return err
	}
	state := client.Connected
	if err == txn.SessionExpired || err == txn.ConnectionLoss {
		state = client.Suspended
	}
	for _, group := range removal {
		from := len(out.watchers)
		for _, t := range group.tables {
			if p.removes.covers(t) {
				out.watchers = c.watches.take(out.watchers, t, path, p.watcher)
			}
		}
		if len(out.watchers) > from {
			c.tell(client.Event{Type: group.event, State: state, Path: path}, from, out)
		}
	}
	return txn.OK
}
