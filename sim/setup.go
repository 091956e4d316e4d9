package sim

import (
	"fmt"

	"zabsim/internal/keyed"
	"zabsim/linearizability/history"
	"zabsim/sim/client"
	"zabsim/sim/plan"
	"zabsim/tree/register"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// The client side's time limits. Java sleeps up to a second before each
// reconnect (ClientCnxn.SendThread.startConnect).
const (
	clientConnectTimeout = 2 * host.Second
	clientRetryMax       = host.Second
	proberRetryMax       = 200 * host.Millisecond
	// wallNano is the wall clock at time 0: a fixed day, for txn headers only.
	wallNano = 1_700_000_000_000_000_000
)

// newSetup turns a plan into what a world is told.
func newSetup(p *plan.Plan) *Setup {
	q := p.Quorum
	s := &Setup{
		Quorum: &q, SessionTimeout: p.SessionTimeout, ClientConnectTimeout: clientConnectTimeout,
		ClientRetryMax: clientRetryMax, WallNano: wallNano, Grain: p.Grain,
		Initial: zab.NewSnapshot(0, 0, 0, register.New().Clone()),
	}
	for rest := q.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		c := zab.DefaultConfig(id, &q)
		c.TickTime, c.InitLimit, c.SyncLimit = p.TickTime, p.InitLimit, p.SyncLimit
		c.CommitLogCount, c.SnapCount, c.SnapRetain = p.CommitLogCount, or(p.SnapCount, snapCount), p.SnapRetain
		c.SnapshotSizeFactor = sizeFactor(p.SnapshotSizeFactor)
		c.CounterMax, c.Bugs = uint32(p.CounterMax), p.Bugs
		c.Election.Bugs = p.Bugs
		if p.NotifyMax > 0 {
			c.Election.NotifyMax = max(p.NotifyMax, c.Election.NotifyMin)
		}
		s.Configs[id] = &c
	}
	s.Scripts = make([]*client.Script, p.Clients+2)
	s.Offsets = make([]uint8, p.Clients+2)
	offset := keyed.New(p.Seed).Stream("client.order")
	ops := make([][]client.ScriptOp, p.Clients+2)
	for i := range p.Ops {
		op := &p.Ops[i]
		ops[op.Client] = append(ops[op.Client], scriptOp(op))
	}
	ops[p.Clients+1] = proberOps()
	for i := 1; i < len(s.Scripts); i++ {
		script, err := client.NewScript(ops[i]...)
		if err != nil {
			panic(fmt.Sprintf("sim: plan passed its checks but client %d's script does not: %v", i, err))
		}
		s.Scripts[i] = script
		s.Offsets[i] = uint8(offset.Key(uint64(i)).Below(uint64(q.All().Len())))
	}
	return s
}

// Defaults of ZooKeeper: snapCount, and snapshotSizeFactor in percent.
const (
	snapCount          = 100_000
	snapshotSizeFactor = 33
)

// sizeFactor turns the plan's word into the server's.
func sizeFactor(percent int) int {
	switch percent {
	case plan.FactorUnlimited:
		return 0
	case plan.FactorOff:
		return -1
	}
	return or(percent, snapshotSizeFactor)
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// proberTries is how many writes the second act may lose before it gives up.
const proberTries = 400

// proberOps is the script of the client that demands progress in the second act.
func proberOps() []client.ScriptOp {
	ops := make([]client.ScriptOp, proberTries)
	for i := range ops {
		ops[i] = client.ScriptOp{Kind: client.ScriptSet, Key: "/zabsim/progress", Value: "healed"}
	}
	return ops
}

func scriptOp(op *plan.Op) client.ScriptOp {
	s := client.ScriptOp{Key: op.Key, Value: op.Value}
	switch op.Kind {
	case plan.OpGet:
		s.Kind = client.ScriptGet
	case plan.OpSyncGet:
		s.Kind = client.ScriptSyncGet
	case plan.OpSet:
		s.Kind = client.ScriptSet
	case plan.OpCAS:
		s.Kind, s.Version = client.ScriptCAS, client.LastSeen
	}
	return s
}

func historyKind(k client.ScriptKind) history.Kind {
	switch k {
	case client.ScriptGet:
		return history.Get
	case client.ScriptSyncGet:
		return history.SyncGet
	case client.ScriptSet:
		return history.Set
	}
	return history.CAS
}

func isWrite(k client.ScriptKind) bool { return k == client.ScriptSet || k == client.ScriptCAS }

func (r *Runner) prepareClients() {
	n := len(r.World.Clients)
	r.clients = make([]clientRun, n)
	r.acts = make([][]alarm, n)
	for i := range r.clients {
		r.clients[i].open = -1
		r.acts[i] = make([]alarm, actCount)
	}
	r.History.Ops = make([]history.Op, 0, len(r.plan.Ops))
	for i := range r.plan.Ops {
		op := &r.plan.Ops[i]
		if r.World.setup.program(op.Client) == nil {
			c := &r.clients[op.Client]
			c.waits = append(c.waits, op.Wait)
		}
	}
}

// CoreOf draws a minimal quorum: taking any server out of it leaves none.
func CoreOf(q *quorum.Config, d keyed.Draw) quorum.Set { return coreOf(q, q.Voters, d) }

// coreOf draws a minimal quorum among the members of a quorum.
func coreOf(q *quorum.Config, core quorum.Set, d keyed.Draw) quorum.Set {
	for range 2 * quorum.Max {
		d = d.Next()
		id := quorum.ServerID(1 + d.Below(quorum.Max))
		if core.Has(id) && q.Contains(core.Without(id)) {
			core = core.Without(id)
		}
	}
	for rest := core; rest != 0; rest = rest.Without(rest.First()) {
		if q.Contains(core.Without(rest.First())) {
			core = core.Without(rest.First())
		}
	}
	return core
}
