package faults_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"zabsim/faults"
	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/zxid"
)

// narrator is a sink that tells a run in few lines: what faults do, whom servers
// follow and when they serve, and how much was committed in between.
type narrator struct {
	r     *sim.Runner
	show  *regexp.Regexp // further lines; nil: none
	most  int            // of them in a row; 0: as many as there are
	times bool
	until host.Time
	lines []string

	told    int       // further lines since the last line of another kind
	links   []string  // that one fault cuts or heals at once
	linksAt host.Time // when
	verb    string    // cut or heal
	state   map[trace.Node]string
	epoch   map[trace.Node]string
	leader  map[trace.Node]string
	writing map[quorum.ServerID][]string // disk operations under way before this step
	logged  map[quorum.ServerID]zxid.Zxid
	high    zxid.Zxid // committed by a leader
	commits uint32    // since the last line
}

// faultVerbs are what only a fault, or who dies of one, does.
var faultVerbs = []string{"crash", "start", "cut", "heal", "pause", "resume", "slow", "refuse", "accept", "clock", "disk", "fails", "reset", "freeze", "thaw", "hangup"}

// narrate runs p, and looks before each step at what servers write, so that a crash
// can say what it has interrupted.
func narrate(p *plan.Plan, s *staging) *narrator {
	n := &narrator{until: host.Time(cmp.Or(s.until, showUntil)), most: s.most, times: s.times, epoch: map[trace.Node]string{}, leader: map[trace.Node]string{}, state: map[trace.Node]string{}}
	if s.show != "" {
		n.show = regexp.MustCompile(s.show)
	}
	n.r = sim.NewRunner(p, sim.Config{Kinds: faults.All(), Sink: n})
	defer n.r.Close()
	for more := true; more; more = n.r.Step() {
		n.look()
	}
	n.flush()
	if n.commits > 0 {
		n.lines = append(n.lines, strings.Repeat(" ", 13)+counted(n.commits, "write")+" committed by "+plan.FormatDuration(storyEnd))
	}
	return n
}

func (n *narrator) look() {
	n.writing, n.logged = map[quorum.ServerID][]string{}, map[quorum.ServerID]zxid.Zxid{}
	var e trace.Event
	for _, c := range n.r.World.Enabled(nil, sim.SearchOptions{}) {
		if c.Kind == sim.ChoiceDisk {
			n.r.World.Describe(c, &e)
			n.writing[c.Node] = append(n.writing[c.Node], e.Verb+" "+e.Detail)
		}
	}
	for id, s := range n.r.World.Servers {
		if s != nil {
			n.logged[quorum.ServerID(id)] = s.Status().LastLogged
		}
	}
}

// Event implements trace.Sink.
func (n *narrator) Event(e *trace.Event, _ fp.Hash, deltas []trace.Delta) {
	switch {
	case e.At >= host.Time(storyEnd):
		return // the second act heals everything: another story
	case e.At < host.Time(storyFrom):
		n.roleOfEach(deltas)
		return
	case len(n.lines) == 0:
		n.opening()
	}
	if e.Verb == "cut" || e.Verb == "heal" {
		n.link(e)
		return
	}
	n.flush() // before this event's commits are counted
	switch {
	case slices.Contains(faultVerbs, e.Verb):
		n.line(e.At, e.Node.String(), n.fault(e))
		n.told = 0
	case n.show != nil && e.At >= host.Time(showFrom) && e.At < n.until:
		n.further(e)
	}
	roles := n.roleOfEach(deltas)
	for node, text := range roles {
		if text != "" && e.Verb != "crash" && e.Verb != "start" { // a new process knows nothing of its last role
			n.line(e.At, trace.Node(node).String(), text)
			n.told = 0
		}
	}
}

// opening tells in one line what comes before the story.
func (n *narrator) opening() {
	var said []string
	for node := trace.Node(1); node <= quorum.Max; node++ {
		if n.epoch[node] != "" && n.state[node] == "LEADING" {
			said = append([]string{fmt.Sprintf("%v leads epoch %s", node, n.epoch[node])}, said...)
		} else if n.state[node] != "" {
			said = append(said, node.String()+" is "+n.state[node])
		}
	}
	n.lines = append(n.lines, fmt.Sprintf("     before  %s, %s committed", strings.Join(said, ", "), counted(n.commits, "write")))
	n.commits = 0
}

// link gathers the links that are cut or healed at once into one line.
func (n *narrator) link(e *trace.Event) {
	if n.verb != e.Verb || n.linksAt != e.At {
		n.flush()
	}
	n.verb, n.linksAt = e.Verb, e.At
	from, to := e.Node.String(), strings.TrimPrefix(e.Detail, "to ")
	if i := slices.Index(n.links, to+">"+from); i >= 0 {
		n.links[i] = min(from, to) + "-" + max(from, to)
		return
	}
	n.links = append(n.links, from+">"+to)
}

func (n *narrator) flush() {
	if links := n.links; len(links) > 0 {
		n.links = nil
		n.line(n.linksAt, "links", n.verb+" "+strings.Join(links, " "))
		n.told = 0
	}
}

// further tells an event that only this story is about.
func (n *narrator) further(e *trace.Event) {
	who := e.Node.String()
	if e.Lane != "" {
		who += "." + e.Lane
	}
	text := strings.TrimSpace(e.Verb + " " + e.Detail)
	plain := strings.Contains(text, "client") && !strings.Contains(n.show.String(), "client")
	if plain || !n.show.MatchString(who+" "+text) || n.most > 0 && n.told >= n.most {
		return
	}
	n.told++
	if e.Verb == "fsync" {
		text += n.about(quorum.ServerID(e.Node))
	}
	n.line(e.At, e.Node.String(), text)
}

// about tells how a log that was fsynced compares with what is committed, or with the
// true time.
func (n *narrator) about(id quorum.ServerID) string {
	if !n.times {
		return fmt.Sprintf("; committed is %v", n.high)
	}
	log := n.r.World.Servers[id].Log()
	last := log.At(log.Len() - 1).Txn
	ms := (last.WallNano - n.r.World.Setup().WallNano) / int64(host.Millisecond)
	return fmt.Sprintf("; the time field of %v says %dms", last.Zxid, ms)
}

// fault tells what a fault did.
func (n *narrator) fault(e *trace.Event) string {
	id := quorum.ServerID(e.Node)
	text := strings.TrimSpace(e.Verb + " " + e.Detail)
	switch e.Verb {
	case "clock", "disk":
		return e.Verb + ": " + e.Detail
	case "crash":
		text = e.Verb + ": " + e.Detail
		if w := n.writing[id]; len(w) > 0 {
			text += "; under way was " + strings.Join(w, ", ")
		}
		text += fmt.Sprintf("; the log had reached %v", n.logged[id])
	case "slow":
		if pace, ok := strings.CutSuffix(text, " by 1"); ok {
			return pace + " no more"
		}
	case "start":
		s := n.r.World.Servers[id]
		if s == nil {
			return fmt.Sprintf("start: refuses, %v", n.r.World.Refusal)
		}
		st := s.Status()
		text += fmt.Sprintf(": the log ends at %v, acceptedEpoch %d, currentEpoch %d", st.LastLogged, st.AcceptedEpoch, st.CurrentEpoch)
	}
	return text
}

// roleOfEach returns for each server what has changed in its role, "" if nothing has.
func (n *narrator) roleOfEach(deltas []trace.Delta) (texts [quorum.Slots]string) {
	for node := trace.Node(1); node <= quorum.Max; node++ {
		texts[node] = n.role(node, deltas)
	}
	return texts
}

func (n *narrator) role(node trace.Node, deltas []trace.Delta) string {
	var said []string
	changed, serves := false, false
	for _, d := range deltas {
		if d.Node != node {
			continue
		}
		value := strings.Trim(d.Value, `"`)
		switch d.Key {
		case "state":
			changed, n.state[node] = true, value
		case "leader":
			n.leader[node] = value
		case "epoch":
			n.epoch[node] = value
		case "committed":
			n.committed(value)
		case "serving":
			if serves = value == "true"; !serves {
				said = append(said, "serves no more")
			}
		}
	}
	if changed && n.state[node] == "FOLLOWING" {
		n.state[node] += " " + n.leader[node]
	}
	if changed {
		said = append(said, n.state[node])
	}
	if serves {
		said = append(said, "serves, epoch "+n.epoch[node])
	}
	return strings.Join(said, ", ")
}

// committed counts what leaders commit.
func (n *narrator) committed(text string) {
	z, old := zxidOf(text), n.high
	if z <= old {
		return
	}
	n.high = z
	n.commits += z.Counter()
	if z.Epoch() == old.Epoch() {
		n.commits -= old.Counter()
	}
}

func zxidOf(text string) zxid.Zxid {
	epoch, counter, _ := strings.Cut(text, ".")
	e, errE := strconv.ParseUint(epoch, 10, 32)
	c, errC := strconv.ParseUint(counter, 10, 32)
	if errE != nil || errC != nil {
		panic("no zxid: " + text)
	}
	return zxid.Make(zxid.Epoch(e), uint32(c))
}

func (n *narrator) line(at host.Time, who, text string) {
	n.flush()
	if n.commits > 0 {
		n.lines = append(n.lines, strings.Repeat(" ", 13)+counted(n.commits, "write")+" committed")
		n.commits = 0
	}
	us := int64(at) / 1000
	n.lines = append(n.lines, fmt.Sprintf("%6d.%dms  %-5s  %s", us/1000, us/100%10, who, text))
}

func counted(n uint32, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
