package conform

import (
	"errors"
	"fmt"

	"zabsim/internal/conform/trace"
	"zabsim/zab/bug"
)

// Options say how traces are replayed.
type Options struct {
	Bugs      bug.Set // what the release that was recorded had
	Servers   int     // 1: a standalone server
	KeepGoing bool    // go on behind a mismatch
	Machine   Machine // makes the empty state of a server
}

// Mismatch is a step that did not go as recorded, with one field that shows it.
type Mismatch struct {
	Step    int // of the trace; its number of steps for the final state
	Line    int // of the file
	Session string
	Op      string
	Diff
}

// Result is what became of one trace.
type Result struct {
	Trace      *trace.Trace
	Steps      int // that were replayed
	Operations int // the same, with those inside of multis and pipelines
	Mismatches []Mismatch
	Skipped    string // why the trace was not replayed, "" if it was
	Raced      string // why it was not replayed to its end, "" if it was
}

// Passed tells whether the trace was replayed and came out as recorded.
func (r *Result) Passed() bool { return r.Skipped == "" && len(r.Mismatches) == 0 }

// ErrNotBuilt says that a way to replay traces is not there.
var ErrNotBuilt = errors.New("not built yet")

// Run replays t. An error says that it could not be replayed at all.
func Run(t *trace.Trace, o Options) (*Result, error) {
	r := &Result{Trace: t}
	if o.Servers > 1 {
		if r.Skipped = onlyStandalone(t); r.Skipped != "" {
			return r, nil
		}
	}
	sys, zxids, err := system(t, o)
	if err != nil {
		return nil, err
	}
	if t.Level == trace.JavaClient {
		replayClient(t, sys, zxids, o, r)
	} else {
		replay(t, sys, zxids, o, r)
	}
	return r, nil
}

// system starts what t is replayed against.
func system(t *trace.Trace, o Options) (System, *Mapping, error) {
	if o.Servers > 1 {
		sys, err := NewEnsemble(o.Servers, t, bugsOf(t, o.Bugs), o.Machine)
		if t.Level == trace.JavaClient {
			return sys, Guessing(), err
		}
		return sys, Rising(), err
	}
	sys, err := NewStandalone(t.Settings, bugsOf(t, o.Bugs), o.Machine)
	return sys, Identity(), err
}

// replay runs the steps of t on sys and compares.
func replay(t *trace.Trace, sys System, zxids *Mapping, o Options, r *Result) {
	p := newPlayer(sys, zxids)
	authACL := false
	for i := range t.Steps {
		st := &t.Steps[i]
		authACL = authACL || hasAuthACL(&st.Op)
		got, err := p.play(st)
		r.Steps++
		r.Operations += 1 + inner(st.Op.Ops)
		c := &comparer{zxids: zxids, allowed: races(st, t.Settings.EnforceQuota, authACL)}
		if err != nil {
			c.add("res", "the step to be possible", err.Error())
		} else {
			c.step(st, got)
		}
		if len(c.diffs) == 0 {
			continue
		}
		if c.allowed.ends != "" {
			r.Raced = fmt.Sprintf("step %d is a race in ZooKeeper: %s", st.Index, c.allowed.ends)
			return
		}
		for _, d := range c.diffs {
			r.Mismatches = append(r.Mismatches, Mismatch{Step: i, Line: st.Line, Session: st.Session, Op: st.Op.Name, Diff: d})
		}
		if !o.KeepGoing || err != nil {
			return
		}
	}
	if t.Final == nil {
		return
	}
	c := &comparer{zxids: zxids, allowed: allowed{authACL: authACL}}
	c.final(t.Final, p)
	for _, d := range c.diffs {
		r.Mismatches = append(r.Mismatches, Mismatch{Step: len(t.Steps), Line: t.Final.Line, Session: trace.Harness, Op: "final", Diff: d})
	}
}

// step compares all that a step caused.
func (c *comparer) step(st *trace.Step, got *observed) {
	c.txns(st.Txns, pairContainers(st.Txns, got.txns, c.zxids))
	c.reply("res", &st.Reply, &got.reply)
	want, have := st.Events, got.events
	if st.Op.Name == "expire" || st.Op.Name == "expireByTimeout" {
		want, have = withoutExpiring(want, st.Session), withoutExpiring(have, st.Session)
	}
	c.events(want, have)
	if st.Op.IsRequest() && st.Op.Name != "pipeline" && st.Reply.Err == got.reply.Err {
		w, g := int64(st.OwnBefore), int64(got.ownBefore)
		c.number("ownBefore", &w, &g)
	}
}

// inner counts the operations inside of a multi or pipeline.
func inner(ops []trace.Op) int {
	n := len(ops)
	for i := range ops {
		n += inner(ops[i].Ops)
	}
	return n
}
