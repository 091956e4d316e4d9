package sim

import (
	"testing"

	"zabsim/election"
	"zabsim/internal/statecheck"
	"zabsim/sim/client"
	"zabsim/sim/coroutine"
	"zabsim/tree/register"
	"zabsim/zab"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Goal: a field that is forgotten in a fingerprint or shared by a copy is a red
// test. statecheck changes every field of every component, one at a time.

func testTxn(e zxid.Epoch, n uint32) *txn.Txn {
	return (&txn.Txn{Zxid: zxid.Make(e, n), Session: 1, Cxid: n, Op: txn.OpSet, Path: "/r", Data: "v", Version: int32(n)}).Seal()
}

func testSnapshot(z zxid.Zxid) *zab.Snapshot {
	return zab.NewSnapshot(z, z, 7, register.New().Clone())
}

func TestDiskStateIsComplete(t *testing.T) {
	fresh := func() any {
		d := NewDisk(testSnapshot(0))
		d.snaps = append(d.snaps, testSnapshot(5))
		for n := uint32(1); n <= 3; n++ {
			d.log.Append(testTxn(1, n))
		}
		d.synced, d.torn, d.flushing, d.flushTo, d.busy = 1, true, true, 2, true
		d.accepted = epochFile{present: true, epoch: 4, temp: tempWhole, tempIs: 5}
		d.current = epochFile{present: true, epoch: 3, temp: tempTorn, tempIs: 4}
		d.snapping, d.snapOp = true, zab.DiskOp{Kind: zab.DiskSnapshot, Token: zab.TokenSnap, Epoch: 3, Zxid: 8, Txn: testTxn(2, 2), Snap: testSnapshot(8)}
		d.harm = harm{harmed: true, lying: true, solid: 7, rotten: 2}
		d.op = zab.DiskOp{Kind: zab.DiskSnapshot, Token: zab.TokenPeer, Epoch: 2, Zxid: 9, Txn: testTxn(2, 1), Snap: testSnapshot(9)}
		return d
	}
	statecheck.Fields(t, fresh,
		func(src any) any { d := new(Disk); src.(*Disk).CloneInto(d); return d },
		func(s any) uint64 { return uint64(s.(*Disk).Fingerprint()) },
		"*zab.Snapshot: a snapshot is immutable and named by its checksum",
		"*txn.Txn: a transaction is immutable and named by its hash",
		"log.entries: a log is named by the chain of its last entry; zab's own test changes its parts")
}

func TestQueueStateIsComplete(t *testing.T) {
	fresh := func() any {
		q := &Queue{fin: true}
		q.push(&zab.Msg{Plane: zab.PlaneElection, Note: election.Note{Vote: election.Vote{Leader: 1, Zxid: 2, PeerEpoch: 3, Round: 4}, State: election.Leading}})
		q.push(&zab.Msg{Plane: zab.PlaneElection, Note: election.Note{Vote: election.Vote{Leader: 2, Zxid: 2, PeerEpoch: 3, Round: 4}, State: election.Following}})
		return q
	}
	statecheck.Fields(t, fresh,
		func(src any) any { q := new(Queue); src.(*Queue).CloneInto(q); return q },
		func(s any) uint64 { return uint64(s.(*Queue).Fingerprint()) },
		"head: where the first message stands in the backing array says nothing",
		"msgs[].Plane: changes which part of the message counts",
		"msgs[].Packet: does not count on the election plane; TestMessageHashIsComplete has the others",
		"msgs[].Client: does not count on the election plane; TestMessageHashIsComplete has the others")
}

func TestMessageHashIsComplete(t *testing.T) {
	hash := func(s any) uint64 { return uint64(s.(*zab.Msg).Hash()) }
	clone := func(src any) any { m := *src.(*zab.Msg); return &m }
	statecheck.Fields(t, func() any {
		return &zab.Msg{Plane: zab.PlaneQuorum, Packet: zab.Packet{Type: zab.Proposal, NeedSnap: true, Epoch: 3, Zxid: 4,
			Txn: testTxn(1, 1), Req: &txn.Request{Session: 1, Cxid: 2, Op: txn.OpSet, Version: 3, Path: "/r", Data: "v"}, Snap: testSnapshot(3)}}
	}, clone, hash,
		"*txn.Txn: a transaction is immutable and named by its hash",
		"*txn.Request: a request is immutable",
		"*zab.Snapshot: a snapshot is immutable and named by its checksum",
		"Plane: changes which part of the message counts",
		"Note: does not count on this plane",
		"Client: does not count on this plane")
	statecheck.Fields(t, func() any {
		return &zab.Msg{Plane: zab.PlaneClient, Client: zab.ClientMsg{Kind: zab.ClientReply, Op: txn.OpGet, Cxid: 2, Session: 3, Zxid: 4,
			Req:    &txn.Request{Session: 1, Cxid: 2, Op: txn.OpSet, Version: 3, Path: "/r", Data: "v"},
			Result: txn.Result{Err: txn.BadVersion, Version: 5, Mzxid: 6, Data: "x"}}}
	}, clone, hash,
		"*txn.Request: a request is immutable",
		"Plane: changes which part of the message counts",
		"Note: does not count on this plane",
		"Packet: does not count on this plane")
}

func TestClientStateIsComplete(t *testing.T) {
	script, err := client.NewScript(
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/a", Version: client.LastSeen},
		client.ScriptOp{Kind: client.ScriptGet, Key: "/a"})
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() any {
		return &Client{script: script.Start(), state: clientConnected, busy: true, started: true, next: 2, cxid: 3, conn: 4, server: 1, seen: 5, synced: 6}
	}
	statecheck.Fields(t, fresh,
		func(src any) any { c := new(Client); src.(*Client).CloneInto(c); return c },
		func(s any) uint64 { return uint64(s.(*Client).Fingerprint()) },
		"script.script: the script is configuration, the same for all worlds of a search",
		"recipe: TestRecipeStateIsComplete has it")
}

func TestRecipeStateIsComplete(t *testing.T) {
	program := &client.Program{Name: "r"}
	fresh := func() any {
		state := coroutine.State{Name: "c1", Program: program}
		state.Answer(client.Response{Number: 1})
		return &Client{state: clientConnected, recipe: &recipe{state: state,
			tasks: []taskRun{{name: "main", call: client.Call{Op: client.OpSleep}, slot: 1}, {name: "child", slot: 2}},
			queue: []uint32{0, 1}, flags: []bool{true, false}, draws: 3, session: client.Connected,
			changes: []client.State{client.Connected, client.Suspended}, streams: []uint32{1, 2}}}
	}
	statecheck.Fields(t, fresh,
		func(src any) any { c := &Client{recipe: &recipe{}}; src.(*Client).CloneInto(c); return c },
		func(s any) uint64 { return uint64(s.(*Client).Fingerprint()) },
		"script: is not run",
		"*client.Program: a program is configuration, named by its name",
		"*coroutine.node: a history is immutable and named by its last hash",
		"recipe.tasks[].call: what a task asks for follows from the program and its history",
		"recipe.err: follows from the program and its history, too")
}
