package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// headerWord is a word that begins a line of the header.
type headerWord struct {
	word, example  string
	optional, many bool
}

// header has the words in the order in which Write uses them.
var header = []headerWord{
	{word: "why", example: `why "a deposed leader went on committing"`, optional: true},
	{word: "origin", example: `origin "chaos, seed 7"`, optional: true},
	{word: "signature", example: `signature "total-order < commit apply"`, optional: true},
	{word: "reach", example: "reach sync-trunc,crash-at-truncate", optional: true},
	{word: "scenarioHash", example: "scenarioHash 0123456789abcdef", optional: true},
	{word: "scenario", example: "scenario leader-crash"},
	{word: "seed", example: "seed 7"},
	{word: "servers", example: "servers 5"},
	{word: "observers", example: "observers 4,5", optional: true},
	{word: "group", example: "group 1 1,2,3", optional: true, many: true},
	{word: "weight", example: "weight 4 2", optional: true, many: true},
	{word: "grain", example: "grain threads", optional: true},
	{word: "clients", example: "clients 5"},
	{word: "for", example: "for 60s"},
	{word: "tickTime", example: "tickTime 2s"},
	{word: "initLimit", example: "initLimit 10"},
	{word: "syncLimit", example: "syncLimit 5"},
	{word: "commitLogCount", example: "commitLogCount 500"},
	{word: "snapCount", example: "snapCount 5", optional: true},
	{word: "snapRetain", example: "snapRetain 3", optional: true},
	{word: "snapshotSizeFactor", example: "snapshotSizeFactor 33", optional: true},
	{word: "counterMax", example: "counterMax 100", optional: true},
	{word: "sessionTimeout", example: "sessionTimeout 10s"},
	{word: "maxNotificationInterval", example: "maxNotificationInterval 5s", optional: true},
	{word: "netSlow", example: "netSlow 4", optional: true},
	{word: "diskSlow", example: "diskSlow 16", optional: true},
	{word: "threadSlow", example: "threadSlow 10", optional: true},
	{word: "unsafe", example: "unsafe yes", optional: true},
	{word: "excuse", example: "excuse committed-survives,total-order", optional: true},
	{word: "bugs", example: "bugs follower.epoch-before-history", optional: true},
}

func headerIndex(name string) int {
	return slices.IndexFunc(header, func(h headerWord) bool { return h.word == name })
}

// readHeader takes one line of the header, or what was meant to be any line.
func (p *parser) readHeader(number int, words []word) error {
	name := words[0].text
	i := headerIndex(name)
	if i < 0 || words[0].quoted {
		known := slices.Clone(others)
		for _, h := range header {
			known = append(known, h.word)
		}
		return unknown("word", name, known)
	}
	if p.seen[i] > 0 && !header[i].many {
		return fmt.Errorf("%s stands already on line %d: take one of them away", name, p.seen[i])
	}
	if p.seen[i] == 0 {
		p.seen[i] = number
	}
	example := `one like "` + header[i].example + `"`
	if strings.Contains(header[i].example, `"`) {
		example = "one like " + header[i].example
	}
	switch args := words[1:]; {
	case name == "bugs" && len(args) > 0:
		return p.readBugs(args)
	case name == "group" && len(args) == 2:
		return p.readGroup(number, args[0].text, args[1].text)
	case name == "weight" && len(args) == 2:
		return p.readWeight(number, args[0].text, args[1].text)
	case len(args) != 1 || header[i].many:
		return want(words, example)
	default:
		if err := p.readKnob(name, args[0].text); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
}

// readKnob takes a header line with one argument.
func (p *parser) readKnob(name, arg string) (err error) {
	q := &p.plan
	switch name {
	case "scenario":
		q.Scenario = arg
	case "seed":
		if q.Seed, err = strconv.ParseUint(arg, 10, 64); err != nil {
			return fmt.Errorf("%q is no whole number below 2^64", arg)
		}
	case "servers":
		p.servers, err = number(arg, 1, MaxServers)
	case "observers":
		q.Quorum.Observers, err = servers(arg)
	case "clients":
		q.Clients, err = number(arg, 0, MaxClients)
	case "initLimit":
		q.InitLimit, err = number(arg, 1, maxTicks)
	case "syncLimit":
		q.SyncLimit, err = number(arg, 1, maxTicks)
	case "commitLogCount":
		q.CommitLogCount, err = number(arg, 1, 1<<31-1)
	case "netSlow":
		q.NetSlow, err = number(arg, 2, maxSlow)
	case "diskSlow":
		q.DiskSlow, err = number(arg, 2, maxSlow)
	case "for", "tickTime", "sessionTimeout", "maxNotificationInterval":
		return p.readTime(name, arg)
	case "why", "origin", "signature", "reach", "scenarioHash":
		return q.Note.read(name, arg)
	default:
		return q.readOption(name, arg)
	}
	return err
}

// readOption takes a header line that most plans leave out.
func (q *Plan) readOption(name, arg string) (err error) {
	switch name {
	case "grain":
		q.Grain, err = ParseGrain(arg)
	case "snapCount":
		q.SnapCount, err = number(arg, minSnapCount, math.MaxInt32)
	case "snapRetain":
		q.SnapRetain, err = number(arg, minSnapRetain, math.MaxInt32)
	case "snapshotSizeFactor":
		q.SnapshotSizeFactor, err = ParseSizeFactor(arg)
	case "counterMax":
		q.CounterMax, err = number(arg, minCounterMax, math.MaxInt32)
	case "threadSlow":
		q.ThreadSlow, err = number(arg, 1, maxThreadSlow)
	case "unsafe":
		if q.Unsafe = arg == "yes"; !q.Unsafe {
			return fmt.Errorf("%q: write \"unsafe yes\", or leave the line out", arg)
		}
	case "excuse":
		q.Excuse = strings.Split(arg, ",")
	}
	return err
}

func (p *parser) readTime(name, arg string) error {
	d, err := ParseDuration(arg)
	switch name {
	case "for":
		p.plan.For = d
	case "tickTime":
		p.plan.TickTime = d
	case "sessionTimeout":
		p.plan.SessionTimeout = d
	case "maxNotificationInterval":
		p.plan.NotifyMax = d
	}
	return err
}

// number reads a whole number from least to most.
func number(text string, least, most int) (int, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || int(n) < least || int(n) > most {
		return 0, fmt.Errorf("%q is no whole number from %d to %d", text, least, most)
	}
	return int(n), nil
}

// ParseGrain reads "atomic" or "threads".
func ParseGrain(text string) (Grain, error) {
	for _, g := range []Grain{GrainAtomic, GrainThreads} {
		if text == g.String() {
			return g, nil
		}
	}
	return 0, unknown("grain", text, []string{GrainAtomic.String(), GrainThreads.String()})
}

// ParseSizeFactor reads a percentage, "unlimited" or "off".
func ParseSizeFactor(text string) (int, error) {
	switch text {
	case "unlimited":
		return FactorUnlimited, nil
	case "off":
		return FactorOff, nil
	}
	n, err := number(text, 1, maxSizeFactor)
	if err != nil {
		return 0, fmt.Errorf("%w percent, and neither unlimited nor off", err)
	}
	return n, nil
}

// servers reads a list such as "1,2,3".
func servers(text string) (quorum.Set, error) {
	var s quorum.Set
	for part := range strings.SplitSeq(text, ",") {
		n, err := number(part, 1, MaxServers)
		if err != nil {
			return 0, fmt.Errorf("%s: write servers as in 1,2,3: %w", text, err)
		}
		if s.Has(quorum.ServerID(n)) {
			return 0, fmt.Errorf("%s: server %d is there twice", text, n)
		}
		s = s.With(quorum.ServerID(n))
	}
	return s, nil
}

func (p *parser) readBugs(args []word) (err error) {
	var names []string
	for _, w := range args {
		names = append(names, w.text)
	}
	p.plan.Bugs, err = bug.Parse(strings.Join(names, " "))
	if err == nil && p.plan.Bugs == (bug.Set{}) {
		return errors.New("no bug is named: take the line away")
	}
	return err
}

func (p *parser) readGroup(line int, group, members string) error {
	g, err := number(group, 1, quorum.Max)
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	set, err := servers(members)
	if err != nil {
		return fmt.Errorf("group %d: %w", g, err)
	}
	q := &p.plan.Quorum
	q.Grouped = true
	for rest := set; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if q.Group[id] != 0 {
			return fmt.Errorf("group %d: server %d is already in group %d", g, id, q.Group[id])
		}
		q.Group[id], p.groupLines[id] = uint8(g), line
	}
	return nil
}

func (p *parser) readWeight(line int, server, weight string) error {
	id, err := number(server, 1, MaxServers)
	if err != nil {
		return fmt.Errorf("weight: %w", err)
	}
	w, err := number(weight, 0, maxWeight)
	if err != nil {
		return fmt.Errorf("weight of server %d: %w", id, err)
	}
	if said := p.weightLines[id]; said != 0 {
		return fmt.Errorf("weight of server %d: line %d has said it: take one of them away", id, said)
	}
	p.weightLines[id] = line
	p.plan.Quorum.Weights[id] = uint32(w)
	return nil
}

// completeQuorum gives the servers that nothing was said about their default:
// they vote, and if there are groups they weigh 1. Servers beyond the last stay
// as they are, for Check to find.
func (p *parser) completeQuorum() {
	q := &p.plan.Quorum
	q.Voters = quorum.Range(p.servers) &^ q.Observers
	if !q.Grouped {
		return
	}
	for rest := q.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); p.weightLines[id] == 0 {
			q.Weights[id] = 1
		}
	}
}

// checkWeightLines finds a line that says a weight, even 0, where none counts.
func (p *parser) checkWeightLines() *problem {
	q := &p.plan.Quorum
	for id := range quorum.ServerID(quorum.Slots) {
		switch {
		case p.weightLines[id] == 0 || q.Grouped && q.Voters.Has(id):
		case !q.All().Has(id):
			return wrong("weight", int(id), "weight: there is no server %d of %d", id, p.servers)
		case q.Observers.Has(id):
			return wrong("weight", int(id), "weight: server %d observes, so it has no weight", id)
		default:
			return wrong("weight", int(id), "weight of server %d: without groups of all voters it does not count: "+
				"write group lines, or take it away", id)
		}
	}
	return nil
}
