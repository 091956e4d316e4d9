package plan

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// Limits of a plan.
const (
	MaxServers = quorum.Max
	MaxClients = 64
	maxTicks   = 10_000
	maxSlow    = 1_000
	maxTime    = 100_000 * host.Second // keeps sums and maxTicks ticks below the end of time

	// ZooKeeperServer.getSnapCount and DatadirCleanupManager raise less to these.
	minSnapCount  = 2
	minSnapRetain = 3
	minCounterMax = 3 // two transactions, and then another epoch

	maxSizeFactor = 10_000
	maxThreadSlow = 10_000
	maxWeight     = 1_000_000 // sums stay far below 2^32
)

// Verdicts are the results that a run can have.
var verdicts = []string{"passed", "violated", "unknown", "vacuous", "no-progress", "threshold"}

// problem is something wrong with a plan. It stands in a line that begins with
// word; index counts those lines where there are several, and names the server in
// lines of groups and weights.
type problem struct {
	word  string
	index int
	text  string
}

func wrong(word string, index int, format string, args ...any) *problem {
	return &problem{word, index, fmt.Sprintf(format, args...)}
}

// Check returns an error if p can't be written or run, and says what would be
// right. It does not judge names of faults and their targets: Parse does.
func (p *Plan) Check() error {
	if w := p.check(); w != nil {
		return errors.New("plan: " + w.text)
	}
	return nil
}

func (p *Plan) check() *problem {
	return cmp.Or(p.Note.check(), p.checkQuorum(), p.checkKnobs(), p.checkOptions(), p.checkExcuse(), p.checkTimes(), p.checkOps(), p.checkPrograms(),
		p.checkFaults(), p.checkDecisions(), p.checkExpect())
}

func (p *Plan) checkKnobs() *problem {
	switch {
	case p.Scenario == "":
		return wrong("scenario", 0, "the scenario has no name")
	case p.Clients < 0 || p.Clients > MaxClients:
		return wrong("clients", 0, "clients %d: write 0 to %d", p.Clients, MaxClients)
	case p.InitLimit < 1 || p.InitLimit > maxTicks:
		return wrong("initLimit", 0, "initLimit %d: write 1 to %d ticks", p.InitLimit, maxTicks)
	case p.SyncLimit < 1 || p.SyncLimit > maxTicks:
		return wrong("syncLimit", 0, "syncLimit %d: write 1 to %d ticks", p.SyncLimit, maxTicks)
	case p.CommitLogCount < 1 || p.CommitLogCount > math.MaxInt32:
		return wrong("commitLogCount", 0, "commitLogCount %d: write 1 to %d", p.CommitLogCount, math.MaxInt32)
	}
	if known, err := bug.Parse(bug.Names(p.Bugs)); err != nil || known != p.Bugs {
		return wrong("bugs", 0, "bugs %s: not all of them are registered", bug.Names(p.Bugs))
	}
	return nil
}

// checkOptions looks at the knobs that most plans leave at 0, the default.
func (p *Plan) checkOptions() *problem {
	if p.Grain > GrainThreads {
		return wrong("grain", 0, "grain %d: write atomic or threads", p.Grain)
	}
	for _, k := range []struct {
		word           string
		n, least, most int
	}{
		{"snapCount", p.SnapCount, minSnapCount, math.MaxInt32}, {"snapRetain", p.SnapRetain, minSnapRetain, math.MaxInt32},
		{"counterMax", p.CounterMax, minCounterMax, math.MaxInt32},
		{"threadSlow", p.ThreadSlow, 1, maxThreadSlow}, {"netSlow", p.NetSlow, 2, maxSlow}, {"diskSlow", p.DiskSlow, 2, maxSlow},
	} {
		if k.n != 0 && (k.n < k.least || k.n > k.most) {
			return wrong(k.word, 0, "%s %d: write %d to %d, or leave the line out", k.word, k.n, k.least, k.most)
		}
	}
	if f := p.SnapshotSizeFactor; f < FactorOff || f > maxSizeFactor {
		return wrong("snapshotSizeFactor", 0, "snapshotSizeFactor %d: write 1 to %d percent, unlimited or off", f, maxSizeFactor)
	}
	return nil
}

// checkExcuse can't know which checks there are: who judges the plan does.
func (p *Plan) checkExcuse() *problem {
	if len(p.Excuse) > 0 && !p.Unsafe {
		return wrong("excuse", 0, "excuse without unsafe: only faults beyond what a disk may do excuse a broken promise; "+
			"add \"unsafe yes\" or take the excuse away")
	}
	for i, name := range p.Excuse {
		switch {
		case !plain(name) || strings.Contains(name, ","):
			return wrong("excuse", 0, "excuse %s: write names of checks with commas between them, and no blanks",
				strings.Join(p.Excuse, ","))
		case slices.Contains(p.Excuse[:i], name):
			return wrong("excuse", 0, "excuse %s: %s is there twice", strings.Join(p.Excuse, ","), name)
		}
	}
	return nil
}

func (p *Plan) checkTimes() *problem {
	for _, c := range []struct {
		word  string
		d     host.Duration
		least host.Duration
	}{
		{"for", p.For, 0}, {"tickTime", p.TickTime, 1}, {"sessionTimeout", p.SessionTimeout, 1},
	} {
		if c.d < c.least || c.d > maxTime {
			return wrong(c.word, 0, "%s %s: write %s to %s", c.word, FormatDuration(c.d),
				FormatDuration(c.least), FormatDuration(maxTime))
		}
	}
	return nil
}

func (p *Plan) checkQuorum() *problem {
	q := &p.Quorum
	switch n := q.All().Len(); {
	case q.Voters&q.Observers != 0:
		return wrong("observers", 0, "%v both vote and observe", q.Voters&q.Observers)
	case q.All() != quorum.Range(n):
		return wrong("servers", 0, "the servers are %v: number them 1 to %d", q.All(), n)
	case q.Voters == 0:
		return wrong("observers", 0, "nobody votes: at least one server must not be an observer")
	}
	for id := range quorum.ServerID(quorum.Slots) {
		if w := checkGroup(q, id); w != nil {
			return w
		}
	}
	if !q.Contains(q.All()) {
		return wrong("weight", int(q.Voters.First()), "no quorum is possible: all weights are 0, give one to at least one voter")
	}
	return nil
}

// checkGroup looks at the group and the weight of one server. A group without any
// weight is right: it does not count as a group (ZOOKEEPER-1698).
func checkGroup(q *quorum.Config, id quorum.ServerID) *problem {
	group, weight := q.Group[id], q.Weights[id]
	word := "group"
	if group == 0 {
		word = "weight"
	}
	switch n := q.All().Len(); {
	case group == 0 && weight == 0 && !(q.Grouped && q.Voters.Has(id)):
	case !q.All().Has(id):
		return wrong(word, int(id), "%s: there is no server %d of %d", word, id, n)
	case q.Observers.Has(id):
		return wrong(word, int(id), "%s: server %d observes, so it is in no group and has no weight", word, id)
	case !q.Grouped:
		return wrong(word, int(id), "%s of server %d: without groups of all voters it does not count: write group lines, or take it away", word, id)
	case group < 1 || group > quorum.Max:
		return wrong("group", int(id), "voter %d is in no group from 1 to %d", id, quorum.Max)
	case weight > maxWeight:
		return wrong("weight", int(id), "weight %d of server %d: write 0 to %d", weight, id, maxWeight)
	}
	return nil
}

func (p *Plan) checkOps() *problem {
	last := Op{}
	for i, o := range p.Ops {
		id := string(o.appendID(nil))
		switch {
		case o.Client < 1 || o.Client > p.Clients:
			return wrong("op", i, "op %s: there is no client %d of %d", id, o.Client, p.Clients)
		case o.Client < last.Client:
			return wrong("op", i, "op %s follows %s: order them by client", id, last.appendID(nil))
		case o.Client > last.Client && o.Number != 1:
			return wrong("op", i, "op %s is its client's first: number it c%d#1", id, o.Client)
		case o.Client == last.Client && o.Number == last.Number:
			return wrong("op", i, "op %s is there twice: the second may be c%d#%d", id, o.Client, o.Number+1)
		case o.Client == last.Client && o.Number != last.Number+1:
			return wrong("op", i, "op %s follows %s: number it c%d#%d", id, last.appendID(nil), o.Client, last.Number+1)
		case o.Wait < 0 || o.Wait > maxTime:
			return wrong("op", i, "op %s wait %s: write 0s to %s", id, FormatDuration(o.Wait), FormatDuration(maxTime))
		case !o.Kind.valid():
			return wrong("op", i, "op %s: %d is no kind of operation", id, o.Kind)
		case o.Key == "":
			return wrong("op", i, "op %s %v: the key is empty", id, o.Kind)
		case o.Key[0] != '/':
			return wrong("op", i, "op %s %v: key %q is no path: begin it with /", id, o.Kind, o.Key)
		case o.Value != "" && !o.Kind.Writes():
			return wrong("op", i, "op %s %v: a read has no value, but here is %q", id, o.Kind, o.Value)
		}
		last = o
	}
	return nil
}

func (p *Plan) checkFaults() *problem {
	last := host.Duration(0)
	for i, f := range p.Faults {
		at := FormatDuration(f.At)
		switch {
		case f.At < 0 || f.At > maxTime:
			return wrong("fault", i, "fault at %s: write 0s to %s", at, FormatDuration(maxTime))
		case f.At < last:
			return wrong("fault", i, "fault at %s follows one at %s: order them by time", at, FormatDuration(last))
		case f.For < 0 || f.For > maxTime:
			return wrong("fault", i, "fault %s for %s: write 1ns to %s, or leave it away for a fault that lasts "+
				"until the second act", f.Name, FormatDuration(f.For), FormatDuration(maxTime))
		case f.Name == "":
			return wrong("fault", i, "fault at %s: the name is empty", at)
		}
		last = f.At
	}
	return nil
}

// checkDecisions also looks for a key that is decided twice, with a sorted list
// of indices, which keeps it fast in the long plans of recorded runs.
func (p *Plan) checkDecisions() *problem {
	order := make([]int, len(p.Decisions))
	for i := range p.Decisions {
		order[i] = i
		if w := p.checkDecision(i); w != nil {
			return w
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(p.Decisions[i].Key, p.Decisions[j].Key), i-j)
	})
	for n := 1; n < len(order); n++ {
		first, second := &p.Decisions[order[n-1]], &p.Decisions[order[n]]
		if first.Key != second.Key {
			continue
		}
		where := ""
		if first.Line > 0 {
			where = " on line " + strconv.Itoa(first.Line)
		}
		return wrong("decide", order[n], "decide %s = %s: it is already %s%s", second.Key, second.Value, first.Value, where)
	}
	return nil
}

func (p *Plan) checkDecision(i int) *problem {
	d := &p.Decisions[i]
	for _, w := range strings.Split(d.Key, " ") {
		if !plain(w) {
			return wrong("decide", i, "decide %q: a key is made of words without quotes, with one blank between them", d.Key)
		}
	}
	for _, text := range []string{d.Key, d.Value} {
		if name := p.stranger(text); name != "" {
			return wrong("decide", i, "decide %s = %s: there is no server %s of %d", d.Key, d.Value, name, p.Quorum.All().Len())
		}
	}
	return nil
}

// stranger returns the first name in text that reads like a server's, such as
// "n7" in "cut n1>n7#2", but is none of this ensemble's.
func (p *Plan) stranger(text string) string {
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" #>,", r) }) {
		digits, ok := strings.CutPrefix(name, "n")
		if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
			continue
		}
		if n, err := strconv.Atoi(digits); err != nil || n < 1 || n > p.Quorum.All().Len() {
			return name
		}
	}
	return ""
}

func (p *Plan) checkExpect() *problem {
	e := &p.Expect
	switch {
	case *e == (Expect{}):
	case !slices.Contains(verdicts, e.Verdict):
		return wrong("expect", 0, "%v", unknown("verdict", e.Verdict, verdicts))
	case e.Check != "" && !plain(e.Check):
		return wrong("expect", 0, "check %q: write one word without quotes", e.Check)
	}
	return nil
}
