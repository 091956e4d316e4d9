package decode

import (
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// weightMax is the most that a server may weigh.
const weightMax = 1_000_000

func (d *decoder) ensembleFields() []field {
	s := d.s
	count := func(key string, at *int, least, most int) field {
		return field{key, func(n ast.Node) {
			d.at[key] = n
			*at = d.number(n, key, least, most)
		}}
	}
	length := func(key string, at *host.Duration) field {
		return field{key, func(n ast.Node) {
			d.at[key] = n
			*at = d.time(n, key, host.Millisecond)
		}}
	}
	return []field{
		count("servers", &s.Servers, 1, plan.MaxServers),
		count("least", &s.Least, 1, plan.MaxServers),
		{"observers", d.observers},
		{"groups", d.groups},
		{"weights", d.weights},
		{"sets", d.sets},
		{"grain", func(n ast.Node) {
			if d.oneOf(n, "grain", []string{plan.GrainAtomic.String(), plan.GrainThreads.String()}) == plan.GrainThreads.String() {
				s.Grain = plan.GrainThreads
			}
		}},
		length("tickTime", &s.TickTime),
		count("initLimit", &s.InitLimit, 1, math.MaxInt32),
		count("syncLimit", &s.SyncLimit, 1, math.MaxInt32),
		count("commitLogCount", &s.CommitLogCount, 1, math.MaxInt32),
		count("snapCount", &s.SnapCount, 1, math.MaxInt32),
		count("snapRetain", &s.SnapRetain, 1, math.MaxInt32),
		{"snapshotSizeFactor", func(n ast.Node) {
			factor, err := plan.ParseSizeFactor(d.text(n, "snapshotSizeFactor"))
			if err != nil {
				d.fail(n, "snapshotSizeFactor: %v", err)
			}
			s.SnapshotSizeFactor = factor
		}},
		count("counterMax", &s.CounterMax, 1, math.MaxInt32),
		length("maxNotificationInterval", &s.NotifyMax),
		length("sessionTimeout", &s.SessionTimeout),
		count("netSlow", &s.NetSlow, 1, math.MaxInt32),
		count("diskSlow", &s.DiskSlow, 1, math.MaxInt32),
		count("threadSlow", &s.ThreadSlow, 1, math.MaxInt32),
	}
}

// spareWord asks for as many observers as SpareObservers.
const spareWord = "spare"

func (d *decoder) observers(n ast.Node) {
	d.at["observers"], d.at["nobody"] = n, n // "nobody votes"
	if _, word := n.(*ast.StringNode); word {
		d.oneOf(n, "number of observers", []string{spareWord})
		d.s.Observers = spec.SpareObservers
		return
	}
	d.s.Observers = d.number(n, "observers", 0, plan.MaxServers-1)
}

// groups reads "1: rest" or "2: [n3, n4]".
func (d *decoder) groups(n ast.Node) {
	d.at["group"], d.at["voter"], d.at["weight"], d.at["no"] = n, n, n, n // "voter 3 is in no group", "no quorum is possible"
	pairs, _ := d.pairs(n, "groups")
	for _, pair := range pairs {
		text := d.key(pair)
		number, err := strconv.Atoi(text)
		if d.err == nil && (err != nil || number < 1 || number > quorum.Max) {
			d.fail(pair.Key, "group %q: write a number from 1 to %d", text, quorum.Max)
		}
		if d.err != nil || !d.value(pair, "group "+text) {
			return
		}
		if slices.ContainsFunc(d.s.Groups, func(g spec.Group) bool { return g.Number == number }) {
			d.fail(pair.Key, "group %d stands there twice: take one of them away", number)
		}
		g := spec.Group{Number: number, Servers: d.servers(pair.Value, "group "+text)}
		if g.Servers != "rest" {
			d.members(pair.Value, &spec.Scenario{}, g.Servers)
		}
		d.s.Groups = append(d.s.Groups, g)
	}
	if len(pairs) == 0 {
		d.fail(n, "groups: there is none; take the key away, or write lines such as \"1: [n1, n2]\"")
	}
}

func (d *decoder) weights(n ast.Node) {
	d.at["weight"], d.at["no"] = n, n
	pairs, _ := d.pairs(n, "weights")
	for _, pair := range pairs {
		who := d.key(pair)
		if d.err != nil || !d.value(pair, who) {
			return
		}
		if slices.ContainsFunc(d.s.Weights, func(w spec.Weight) bool { return w.Servers == who }) {
			d.fail(pair.Key, "%s stands there twice: take one of them away", who)
		}
		d.members(pair.Key, &spec.Scenario{}, who)
		d.s.Weights = append(d.s.Weights, spec.Weight{Servers: who, Weight: d.number(pair.Value, "weight of "+who, 0, weightMax)})
	}
}

// servers returns an expression for servers; a list is joined with commas.
func (d *decoder) servers(n ast.Node, what string) string {
	text := ""
	for i, word := range d.reader.words(n, what) {
		if i > 0 {
			text += ", "
		}
		text += word
	}
	return text
}

// taken are words that mean something else where servers are named.
var taken = regexp.MustCompile(`^(all|voters|observers?|(lowest|highest)-minority|first|last|last-.*|group|rest|except|of|leader|follower|any|any-client|[nc][0-9]+)$`)

func (d *decoder) sets(n ast.Node) {
	pairs, _ := d.pairs(n, "sets")
	for _, pair := range pairs {
		name := d.key(pair)
		switch {
		case d.err != nil:
			return
		case !nameText.MatchString(name):
			d.fail(pair.Key, "set %q: write small letters, digits and hyphens, a letter first", name)
		case taken.MatchString(name):
			d.fail(pair.Key, "%s has a meaning already: choose another name for the set", name)
		case slices.ContainsFunc(d.s.Sets, func(x spec.Set) bool { return x.Name == name }):
			d.fail(pair.Key, "%s stands there twice: take one of them away", name)
		}
		if d.err != nil || !d.value(pair, name) {
			return
		}
		x := spec.Set{Name: name, Servers: d.servers(pair.Value, name)}
		d.members(pair.Value, d.s, x.Servers)
		d.s.Sets = append(d.s.Sets, x)
	}
}

// members checks an expression for servers as far as no ensemble is known: in the
// largest, every server is there.
func (d *decoder) members(n ast.Node, s *spec.Scenario, text string) {
	if _, err := s.Members(quorum.Majority(quorum.Max), text); err != nil {
		d.fail(n, "%v", err)
	}
}
