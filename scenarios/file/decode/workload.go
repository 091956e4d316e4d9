package decode

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"zabsim/scenarios/spec"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// The workload where a file says nothing.
const (
	usualInterval = 100 * host.Millisecond
	usualKeys     = 3
)

var usualMix = spec.Mix{Set: 50, CAS: 15, Get: 20, SyncGet: 15}

// Limits of a workload, which keep a plan in memory.
const (
	keyspaceMax = 1_000_000
	rateMax     = 1_000_000
	shareMax    = 1_000_000
	opsMax      = 1_000_000
)

func (d *decoder) workload(n ast.Node) {
	s := d.s
	d.mapping(n, "workload", d.workloadFields())
	if s.Interval != 0 && s.Rate != 0 {
		d.fail(d.at["rate"], "rate and interval say the same: take one of them away")
	}
	if s.Interval == 0 && s.Rate == 0 && len(s.Programs) == 0 {
		s.Interval = usualInterval
	}
	if s.Interval == 0 && s.Rate == 0 { // programs alone
		return
	}
	if s.Mix == (spec.Mix{}) {
		s.Mix = usualMix
	}
	if s.Keys == 0 {
		s.Keys = usualKeys
	}
}

func (d *decoder) workloadFields() []field {
	s := d.s
	return []field{
		{"clients", func(n ast.Node) {
			d.at["clients"] = n
			if s.Clients = d.number(n, "clients", 0, plan.MaxClients); s.Clients == 0 {
				s.Clients = spec.NoClients
			}
		}},
		{"interval", func(n ast.Node) {
			d.at["interval"] = n
			s.Interval = d.time(n, "interval", host.Millisecond)
		}},
		{"rate", d.rate},
		{"mix", func(n ast.Node) {
			d.mapping(n, "mix", d.mixFields())
			if s.Mix.Sum() == 0 {
				d.fail(n, "mix: all shares are 0: write what clients do, such as {set: 50, get: 50}")
			}
		}},
		{"keys", func(n ast.Node) { s.Keys = d.number(n, "keys", 1, keyspaceMax) }},
		{"lulls", d.lulls},
		{"programs", d.readPrograms},
	}
}

// rate reads "50/s".
func (d *decoder) rate(n ast.Node) {
	d.at["rate"] = n
	text := d.text(n, "rate")
	digits, ok := strings.CutSuffix(text, "/s")
	v, err := strconv.Atoi(strings.TrimSpace(digits))
	if !ok || err != nil || v < 1 || v > rateMax {
		d.fail(n, "rate: %q is no rate: write how many operations all clients together start in a second, such as 50/s, at most %d/s", text, rateMax)
		return
	}
	d.s.Rate = v
}

func (d *decoder) mixFields() []field {
	share := func(key string, at *uint64) field {
		return field{key, func(n ast.Node) { *at = uint64(d.number(n, key, 0, shareMax)) }}
	}
	m := &d.s.Mix
	return []field{share("set", &m.Set), share("cas", &m.CAS), share("get", &m.Get), share("sync-get", &m.SyncGet)}
}

func (d *decoder) lulls(n ast.Node) {
	last := host.Duration(0)
	for _, v := range d.list(n, "lulls") {
		var l spec.Lull
		seen := d.mapping(v, "a lull", d.lullFields(&l))
		switch {
		case d.err != nil:
			return
		case len(seen) < 3:
			d.fail(v, "a lull needs from, burst and until")
		case l.From < last || l.Burst < l.From || l.Until < l.Burst+host.Second:
			d.fail(v, "a lull begins after the one before it, its burst is in it, and it ends at least a second later: from <= burst, burst + 1s <= until")
		}
		last = l.Until
		d.s.Lulls = append(d.s.Lulls, l)
	}
}

func (d *decoder) lullFields(l *spec.Lull) []field {
	if l == nil {
		l = &spec.Lull{}
	}
	at := func(key string, to *host.Duration) field {
		return field{key, func(n ast.Node) { *to = d.time(n, key, 0) }}
	}
	return []field{at("from", &l.From), at("burst", &l.Burst), at("until", &l.Until)}
}

// readPrograms reads what clients run. Without a number of clients there are as many
// as programs.
func (d *decoder) readPrograms(n ast.Node) {
	for _, v := range d.list(n, "programs") {
		line, clients := plan.Program{}, 1
		seen := d.mapping(v, "a program", d.programFields(&line, &clients))
		if d.err == nil && line.Name == "" {
			d.fail(v, "a program needs its recipe, such as \"recipe: lock\"; zabsim recipes lists them (seen: %s)", strings.Join(seen, ", "))
		}
		for i, arg := range line.Args { // as plans, which hold it, can read it
			if name, value, _ := strings.Cut(arg, "="); d.words.IsTime(line.Name, name) {
				line.Args[i] = name + "=" + spec.PlanTime(value)
			}
		}
		for range clients {
			d.s.Programs = append(d.s.Programs, line)
			d.programs = append(d.programs, v)
		}
	}
	d.at["program"] = n
	if len(d.s.Programs) == 0 {
		d.fail(n, "programs: there is none: take the key away, or write one such as {recipe: lock, clients: 5}")
	}
	if len(d.s.Programs) > plan.MaxClients {
		d.fail(n, "programs for %d clients: at most %d are possible", len(d.s.Programs), plan.MaxClients)
	}
}

func (d *decoder) programFields(line *plan.Program, clients *int) []field {
	return []field{
		{"recipe", func(n ast.Node) { line.Name = d.oneOf(n, "recipe", d.words.Recipes) }},
		{"clients", func(n ast.Node) { *clients = d.number(n, "clients", 1, plan.MaxClients) }},
		{"with", func(n ast.Node) {
			pairs, _ := d.pairs(n, "with")
			for _, pair := range pairs {
				key := d.key(pair)
				if d.err != nil || !d.value(pair, key) {
					return
				}
				if line.Arg(key) != "" {
					d.fail(pair.Key, "%s stands there twice: take one of them away", key)
				}
				line.Args = append(line.Args, key+"="+d.text(pair.Value, key))
			}
		}},
	}
}

// load looks at the workload as a whole: who runs it, and whether it fits into memory.
func (d *decoder) load() {
	s := d.s
	if s.Clients == 0 && len(s.Programs) > 0 {
		s.Clients = len(s.Programs)
	}
	clients := int64(max(s.Clients, 0))
	if s.Clients == 0 {
		clients = spec.DefaultClients
	}
	n, ops := d.at["interval"], int64(0)
	switch {
	case s.Rate > 0:
		n, ops = d.at["rate"], int64(s.For/host.Second)*int64(s.Rate)
	case s.Interval > 0:
		ops = clients * int64(s.For/s.Interval)
	}
	if ops > opsMax {
		if n == nil {
			n = d.root
		}
		d.fail(n, "that is about %d operations in %s: at most %d are possible", ops, plan.FormatDuration(s.For), opsMax)
	}
}
