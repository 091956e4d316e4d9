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
	return (&txn.Txn{Zxid: zxid.Make(e, n), Session: 1, Cxid: n, Op: txn.OpSetData, Path: "/r", Data: "v", Version: int32(n)}).Seal()
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
		"bugs: of the configuration, never changes",
		"empty: of the setup, never changes",
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
		"msgs[].Packet: does not count on the election plane; TestMessageHashIsComplete of package zab has the others",
		"msgs[].Client: does not count on the election plane; TestMessageHashIsComplete of package zab has the others")
}

func TestClientStateIsComplete(t *testing.T) {
	script, err := client.NewScript(
		client.ScriptOp{Kind: client.ScriptCAS, Key: "/a", Version: client.LastSeen},
		client.ScriptOp{Kind: client.ScriptGet, Key: "/a"})
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() any {
		return &Client{script: script.Start(), busy: true, started: true, server: 1, sessions: 5, synced: 6}
	}
	statecheck.Fields(t, fresh,
		func(src any) any { c := new(Client); src.(*Client).CloneInto(c); return c },
		func(s any) uint64 { return uint64(s.(*Client).Fingerprint()) },
		"script.script: the script is configuration, the same for all worlds of a search",
		"lib: package cnxn has a test of it",
		"recipe: TestRecipeStateIsComplete has it")
}

func TestRecipeStateIsComplete(t *testing.T) {
	program := &client.Program{Name: "r"}
	fresh := func() any {
		state := coroutine.State{Name: "c1", Program: program}
		state.Answer(client.Response{Number: 1})
		events := func() []client.Event { return []client.Event{{Type: 1, State: 2, Path: "/a", Zxid: 3}, {Type: 2}} }
		return &Client{recipe: &recipe{state: state,
			tasks: []taskRun{{name: "main", call: client.Call{Op: client.OpSleep}, slot: 1}, {name: "child", slot: 2, sent: true, watch: 1}},
			flags: []bool{true, false}, draws: 3, session: client.Connected,
			watches: []watchRun{{stream: true, live: true, events: events()}, {once: true, events: events()}}}}
	}
	statecheck.Fields(t, fresh,
		func(src any) any { c := &Client{recipe: &recipe{}}; src.(*Client).CloneInto(c); return c },
		func(s any) uint64 { return uint64(s.(*Client).Fingerprint()) },
		"script: is not run",
		"lib: package cnxn has a test of it",
		"*client.Program: a program is configuration, named by its name",
		"*coroutine.node: a history is immutable and named by its last hash",
		"recipe.tasks[].call: what a task asks for follows from the program and its history",
		"recipe.err: follows from the program and its history, too")
}
