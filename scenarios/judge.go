package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// recipeRun is a finished run as the judge of one recipe sees it.
type recipeRun struct {
	plan  *plan.Plan
	run   *sim.Runner
	truth []*txn.Txn // what servers committed, in order
	lines []*args    // the program lines with this recipe
	seen  []string   // what the recipe was in the run for: see Recipe.Sights
	// missed says what kept the judge from judging: the run is vacuous.
	missed []string
}

// mine tells whether a client runs the recipe with this root.
func (x *recipeRun) mine(c int, root string) bool {
	for _, a := range x.lines {
		if a.line.Client == c && a.text("root") == root {
			return true
		}
	}
	return false
}

// roots returns the different roots of the recipe's lines, in order of client.
func (x *recipeRun) roots() []string {
	var list []string
	for _, a := range x.lines {
		if root := a.text("root"); !contains(list, root) {
			list = append(list, root)
		}
	}
	return list
}

func (x *recipeRun) saw(name string) {
	if !contains(x.seen, name) {
		x.seen = append(x.seen, name)
	}
}

// each calls f for every transaction that changed something, the members of a multi
// one by one. All members have the zxid of the multi.
func (x *recipeRun) each(f func(t *txn.Txn)) {
	for _, t := range x.truth {
		switch {
		case t.Op == txn.OpError:
		case t.Op != txn.OpMulti:
			f(t)
		case t.More != nil && !failed(t.More.Ops):
			for i := range t.More.Ops {
				member := t.More.Ops[i]
				member.Zxid, member.Session = t.Zxid, t.Session
				f(&member)
			}
		}
	}
}

func failed(members []txn.Txn) bool {
	for i := range members {
		if members[i].Op == txn.OpError {
			return true
		}
	}
	return false
}

// below returns the name of path if it is a child of root.
func below(root, path string) (name string, ok bool) {
	name, ok = strings.CutPrefix(path, root+"/")
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// owners maps the sessions that recipes had to their clients.
func (x *recipeRun) owners() map[txn.SessionID]int {
	owners := map[txn.SessionID]int{}
	for i := range x.run.History.Calls {
		if c := &x.run.History.Calls[i]; c.Req != nil && c.Req.Session != 0 {
			owners[c.Req.Session] = c.Client
		}
	}
	return owners
}

// verdict makes the check of a name out of the first complaint.
type verdict struct {
	name   string
	kind   Verdict
	detail string
}

func (v *verdict) complain(format string, args ...any) {
	if v.detail == "" {
		v.detail = fmt.Sprintf(format, args...)
	}
}

func (v *verdict) check() Check {
	c := Check{Name: v.name, Verdict: Passed}
	if v.detail != "" {
		c.Verdict, c.Detail = Violated, v.detail
		if v.kind != "" {
			c.Verdict = v.kind
		}
	}
	return c
}

// field returns the number behind name= in the words of a note.
func field(words []string, name string) (int64, bool) {
	for _, w := range words {
		if text, ok := strings.CutPrefix(w, name+"="); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

func zxidOf(text string) zxid.Zxid {
	n, _ := strconv.ParseInt(text, 10, 64)
	return zxid.Zxid(n)
}

// done tells whether a client has said that it came to its end.
func (x *recipeRun) done(c int) bool {
	for i := range x.run.Notes {
		if n := &x.run.Notes[i]; n.Client == c && n.Word == "done" {
			return true
		}
	}
	return false
}

// stopped returns why a client's recipe gave up, "" if it did not.
func (x *recipeRun) stopped(c int) string {
	for i := range x.run.Notes {
		if n := &x.run.Notes[i]; n.Client == c && (n.Word == "stopped" || n.Word == "cache stopped") {
			return n.Detail
		}
	}
	return ""
}

// progress complains of clients that did not come to their end.
func (x *recipeRun) progress(v *verdict) {
	for _, a := range x.lines {
		c := a.line.Client
		switch why := x.stopped(c); {
		case why != "":
			v.complain("c%d gave up: %s", c, why)
		case !x.done(c):
			v.complain("c%d did not come to the end of its program", c)
		}
	}
}

// quiet is how long before its end a run must be calm for caches and views to be
// compared with what is true.
const quiet = 5 * host.Second
