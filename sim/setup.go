package sim

import (
	"fmt"
	"slices"

	"zabsim/internal/keyed"
	"zabsim/linearizability/history"
	"zabsim/sim/client"
	"zabsim/sim/cnxn"
	"zabsim/sim/plan"
	"zabsim/tree"
	"zabsim/zab"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
)

const (
	// proberRetryMax bounds the pause before each dial of the second act's client.
	proberRetryMax = 200 * host.Millisecond
	// wallNano is the wall clock at time 0: a fixed day, for txn headers only.
	wallNano = 1_700_000_000_000_000_000
)

// newSetup turns a plan into what a world is told.
func newSetup(p *plan.Plan) *Setup {
	q := p.Quorum
	s := &Setup{
		Quorum: &q, SessionTimeout: p.SessionTimeout, WallNano: wallNano, Grain: p.Grain,
	}
	s.Initial = zab.NewSnapshot(0, 0, 0, initialTree(p))
	s.Library = cnxn.Config{Servers: q.All().Len(), TimeoutMillis: int32(p.SessionTimeout / host.Millisecond)}
	for rest := q.All(); rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		c := zab.DefaultConfig(id, &q)
		c.TickTime, c.InitLimit, c.SyncLimit = p.TickTime, p.InitLimit, p.SyncLimit
		c.CommitLogCount, c.SnapCount, c.SnapRetain = p.CommitLogCount, or(p.SnapCount, snapCount), p.SnapRetain
		c.SnapshotSizeFactor = sizeFactor(p.SnapshotSizeFactor)
		c.CounterMax, c.Bugs = uint32(p.CounterMax), p.Bugs
		c.Election.Bugs = p.Bugs
		c.Sessions, c.ContainerCheck, c.MaxBuffer = true, containerCheck, juteMaxBuffer
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

// sessionless makes a setup whose servers keep no sessions.
func (s *Setup) sessionless() {
	s.Sessionless = true
	s.Library = cnxn.Config{Servers: s.Quorum.All().Len(), TimeoutMillis: int32(s.SessionTimeout / host.Millisecond), NoLocalExpiry: true}
}

// initialTree returns the tree that all servers start with: the nodes that scripts
// use are there, and empty.
func initialTree(p *plan.Plan) txn.StateMachine {
	t := tree.New(&tree.Config{Bugs: p.Bugs})
	t.Seed(seeds(p)...)
	return t.Clone()
}

// seeds are the nodes that scripts use, parents before children.
func seeds(p *plan.Plan) []string {
	var list []string
	add := func(key string) {
		for i := 1; i <= len(key); i++ {
			if (i == len(key) || key[i] == '/') && !slices.Contains(list, key[:i]) {
				list = append(list, key[:i])
			}
		}
	}
	for i := range p.Ops {
		if n := len(p.Ops); i == 0 || i < n && p.Ops[i].Key != p.Ops[i-1].Key {
			add(p.Ops[i].Key)
		}
	}
	add(progressKey)
	return list
}

// progressKey is what the second act's client writes.
const progressKey = "/zabsim/progress"

// Defaults of ZooKeeper: snapCount, snapshotSizeFactor in percent,
// znode.container.checkIntervalMs and jute.maxbuffer.
const (
	containerCheck     = 60 * host.Second
	juteMaxBuffer      = 0xfffff
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
		ops[i] = client.ScriptOp{Kind: client.ScriptSet, Key: progressKey, Value: "healed"}
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
	r.freezes = make([]int, n)
	r.parked = make([][]entry, int(ClientEnd(n-1))+1)
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
