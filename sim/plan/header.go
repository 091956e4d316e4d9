package plan

import (
	"errors"
	"fmt"
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
	{word: "scenario", example: "scenario leader-crash"},
	{word: "seed", example: "seed 7"},
	{word: "servers", example: "servers 5"},
	{word: "observers", example: "observers 4,5", optional: true},
	{word: "group", example: "group 1 1,2,3", optional: true, many: true},
	{word: "weight", example: "weight 4 2", optional: true, many: true},
	{word: "clients", example: "clients 5"},
	{word: "for", example: "for 60s"},
	{word: "tickTime", example: "tickTime 2s"},
	{word: "initLimit", example: "initLimit 10"},
	{word: "syncLimit", example: "syncLimit 5"},
	{word: "commitLogCount", example: "commitLogCount 500"},
	{word: "sessionTimeout", example: "sessionTimeout 10s"},
	{word: "maxNotificationInterval", example: "maxNotificationInterval 5s", optional: true},
	{word: "netSlow", example: "netSlow 4", optional: true},
	{word: "diskSlow", example: "diskSlow 16", optional: true},
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
	switch args := words[1:]; {
	case name == "bugs" && len(args) > 0:
		return p.readBugs(args)
	case name == "group" && len(args) == 2:
		return p.readGroup(args[0].text, args[1].text)
	case name == "weight" && len(args) == 2:
		return p.readWeight(args[0].text, args[1].text)
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
	default:
		return p.readTime(name, arg)
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

// servers reads a list such as "1,2,3".
func servers(text string) (quorum.Set, error) {
	var s quorum.Set
	for part := range strings.SplitSeq(text, ",") {
		n, err := number(part, 1, MaxServers)
		if err != nil {
			return 0, fmt.Errorf("%s: write servers as in 1,2,3: %w", text, err)
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

func (p *parser) readGroup(group, members string) error {
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
		q.Group[id] = uint8(g)
	}
	return nil
}

func (p *parser) readWeight(server, weight string) error {
	id, err := number(server, 1, MaxServers)
	if err != nil {
		return fmt.Errorf("weight: %w", err)
	}
	w, err := strconv.ParseUint(weight, 10, 32)
	if err != nil {
		return fmt.Errorf("weight of server %d: %q is no whole number below 2^32", id, weight)
	}
	if p.weighted.Has(quorum.ServerID(id)) {
		return fmt.Errorf("weight of server %d: a line above has said it", id)
	}
	p.weighted = p.weighted.With(quorum.ServerID(id))
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
	for rest := q.Voters &^ p.weighted; rest != 0; rest = rest.Without(rest.First()) {
		q.Weights[rest.First()] = 1
	}
}
