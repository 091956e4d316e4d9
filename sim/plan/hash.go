package plan

import (
	"zabsim/internal/fp"
	"zabsim/zab/bug"
)

// configSalt says that a fold is over a plan's configuration.
const configSalt = 0x706c616e // "plan"

// ConfigHash names what is run, whatever the seed: all of p but its note, its seed,
// its decisions and its result. Run folders carry its upper 8 hex digits. Folders
// outlive releases, so the order of the words here must not change.
func (p *Plan) ConfigHash() uint64 {
	h := fp.New(configSalt).String(p.Scenario)
	h = h.Word(uint64(p.Quorum.Voters)).Word(uint64(p.Quorum.Observers)).Bool(p.Quorum.Grouped)
	if p.Quorum.Grouped {
		for id := range p.Quorum.Group {
			h = h.Word(uint64(p.Quorum.Group[id])).Word(uint64(p.Quorum.Weights[id]))
		}
	}
	h = h.Word(uint64(p.Clients)).Word(uint64(p.For)).Word(uint64(p.TickTime))
	h = h.Word(uint64(p.InitLimit)).Word(uint64(p.SyncLimit)).Word(uint64(p.CommitLogCount)).
		Word(uint64(p.NotifyMax)).Word(uint64(p.NetSlow)).Word(uint64(p.DiskSlow))
	h = h.Word(uint64(p.SessionTimeout))
	h = h.String(bug.Names(p.Bugs)) // a name outlives its bit
	h = h.Word(uint64(len(p.Ops)))
	for i := range p.Ops {
		o := &p.Ops[i]
		h = h.Word(uint64(o.Client)).Word(uint64(o.Number)).Word(uint64(o.Wait))
		h = h.Word(uint64(o.Kind)).String(o.Key).String(o.Value)
	}
	h = h.Word(uint64(len(p.Faults)))
	for i := range p.Faults {
		f := &p.Faults[i]
		h = h.Word(uint64(f.At)).Word(uint64(f.For)).String(f.Name).Word(uint64(len(f.Args)))
		for _, arg := range f.Args {
			h = h.String(arg)
		}
	}
	return uint64(p.foldOptions(h).Done())
}

// foldOptions adds the knobs that came after the format, each under its name and
// only where it is not the default, so that older plans keep their hash.
func (p *Plan) foldOptions(h fp.Hash) fp.Hash {
	for _, o := range []struct {
		name string
		n    int
	}{
		{"grain", int(p.Grain)}, {"snapCount", p.SnapCount}, {"snapRetain", p.SnapRetain},
		{"snapshotSizeFactor", p.SnapshotSizeFactor}, {"threadSlow", p.ThreadSlow},
		{"counterMax", p.CounterMax},
	} {
		if o.n != 0 {
			h = h.String(o.name).Word(uint64(int64(o.n)))
		}
	}
	for i := range p.Programs {
		x := &p.Programs[i]
		h = h.String("program").Word(uint64(x.Client)).String(x.Name).Word(uint64(len(x.Args)))
		for _, arg := range x.Args {
			h = h.String(arg)
		}
	}
	if p.Unsafe {
		h = h.String("unsafe")
	}
	for _, name := range p.Excuse {
		h = h.String("excuse").String(name)
	}
	return h
}
