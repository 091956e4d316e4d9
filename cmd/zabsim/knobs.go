package main

import (
	"fmt"
	"math"
	"strconv"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/zab/host"
)

// knob is a setting of the ensemble that flags, and the lines that repeat a run,
// know under one name. Its word is the one of plans and of zoo.cfg.
type knob struct {
	flag, word, doc string
	value           func(o *scenarios.Options) flagValue // a flag that writes to o
	same            func(a, b *plan.Plan) bool
	set             func(o *scenarios.Options, p *plan.Plan) // makes o give what p has
	text            func(p *plan.Plan) string
}

// flagValue is cobra's interface of a flag's value.
type flagValue interface {
	Set(text string) error
	String() string
	Type() string
}

// knobs returns them in the order of the help.
func knobs() []knob {
	return []knob{
		grainKnob(),
		timeKnob("tick-time", "tickTime", "ZooKeeper's tickTime",
			func(o *scenarios.Options) *host.Duration { return &o.TickTime }, func(p *plan.Plan) host.Duration { return p.TickTime }),
		countKnob("init-limit", "initLimit", "ZooKeeper's initLimit, in ticks", 1, 10_000,
			func(o *scenarios.Options) *int { return &o.InitLimit }, func(p *plan.Plan) int { return p.InitLimit }),
		countKnob("sync-limit", "syncLimit", "ZooKeeper's syncLimit, in ticks", 1, 10_000,
			func(o *scenarios.Options) *int { return &o.SyncLimit }, func(p *plan.Plan) int { return p.SyncLimit }),
		countKnob("commit-log-count", "commitLogCount", "how many transactions a server keeps in memory for others", 1, math.MaxInt32,
			func(o *scenarios.Options) *int { return &o.CommitLogCount }, func(p *plan.Plan) int { return p.CommitLogCount }),
		countKnob("snap-count", "snapCount", "a snapshot after half of to all of so many transactions", 2, math.MaxInt32,
			func(o *scenarios.Options) *int { return &o.SnapCount }, func(p *plan.Plan) int { return p.SnapCount }),
		countKnob("snap-retain", "snapRetain", "purge all but so many snapshots and what they need", 3, math.MaxInt32,
			func(o *scenarios.Options) *int { return &o.SnapRetain }, func(p *plan.Plan) int { return p.SnapRetain }),
		factorKnob(),
		countKnob("counter-max", "counterMax", "a leader steps down when the counter of its zxids would get there", 3, math.MaxInt32,
			func(o *scenarios.Options) *int { return &o.CounterMax }, func(p *plan.Plan) int { return p.CounterMax }),
		countKnob("thread-slow", "threadSlow", "at grain threads, how many milliseconds a thread may wait for its turn", 1, 10_000,
			func(o *scenarios.Options) *int { return &o.ThreadSlow }, func(p *plan.Plan) int { return p.ThreadSlow }),
		countKnob("net-slow", "netSlow", "so many times the latency of a local network", 2, 1_000,
			func(o *scenarios.Options) *int { return &o.NetSlow }, func(p *plan.Plan) int { return p.NetSlow }),
		countKnob("disk-slow", "diskSlow", "so many times the latency of ordinary disks", 2, 1_000,
			func(o *scenarios.Options) *int { return &o.DiskSlow }, func(p *plan.Plan) int { return p.DiskSlow }),
	}
}

func countKnob(flag, word, doc string, least, most int, at func(*scenarios.Options) *int, get func(*plan.Plan) int) knob {
	return knob{
		flag: flag, word: word, doc: doc,
		value: func(o *scenarios.Options) flagValue { return &knobValue{at(o), least, most} },
		same:  func(a, b *plan.Plan) bool { return get(a) == get(b) },
		set:   func(o *scenarios.Options, p *plan.Plan) { *at(o) = get(p) },
		text:  func(p *plan.Plan) string { return strconv.Itoa(get(p)) },
	}
}

func timeKnob(flag, word, doc string, at func(*scenarios.Options) *host.Duration, get func(*plan.Plan) host.Duration) knob {
	return knob{
		flag: flag, word: word, doc: doc,
		value: func(o *scenarios.Options) flagValue { return &shortTime{(*timeValue)(at(o))} },
		same:  func(a, b *plan.Plan) bool { return get(a) == get(b) },
		set:   func(o *scenarios.Options, p *plan.Plan) { *at(o) = get(p) },
		text:  func(p *plan.Plan) string { return plan.FormatDuration(get(p)) },
	}
}

func grainKnob() knob {
	return knob{
		flag: "grain", word: "grain",
		doc:   "atomic, or threads: each thread of a server has turns of its own",
		value: func(o *scenarios.Options) flagValue { return (*grainValue)(&o.Grain) },
		same:  func(a, b *plan.Plan) bool { return a.Grain == b.Grain },
		set:   func(o *scenarios.Options, p *plan.Plan) { o.Grain = p.Grain },
		text:  func(p *plan.Plan) string { return p.Grain.String() },
	}
}

func factorKnob() knob {
	return knob{
		flag: "snapshot-size-factor", word: "snapshotSizeFactor",
		doc:   "up to so many percent of a snapshot the log on disk serves learners; or unlimited, or off",
		value: func(o *scenarios.Options) flagValue { return (*factorValue)(&o.SnapshotSizeFactor) },
		same:  func(a, b *plan.Plan) bool { return a.SnapshotSizeFactor == b.SnapshotSizeFactor },
		set:   func(o *scenarios.Options, p *plan.Plan) { o.SnapshotSizeFactor = p.SnapshotSizeFactor },
		text:  func(p *plan.Plan) string { return factorText(p.SnapshotSizeFactor) },
	}
}

func factorText(percent int) string {
	v := factorValue(percent)
	return v.String()
}

// knobValue is a whole number within limits; 0 stands for the scenario's own.
type knobValue struct {
	n           *int
	least, most int
}

// Set reads text.
func (v *knobValue) Set(text string) error {
	c := countValue{least: v.least, most: v.most}
	if err := c.Set(text); err != nil {
		return err
	}
	*v.n = c.n
	return nil
}

// String writes the number, nothing for the scenario's own.
func (v *knobValue) String() string {
	if v.n == nil || *v.n == 0 {
		return ""
	}
	return strconv.Itoa(*v.n)
}

// Type is the placeholder in the help.
func (*knobValue) Type() string { return "N" }

// shortTime is a timeValue of seconds rather than minutes.
type shortTime struct{ *timeValue }

// Type is the placeholder in the help.
func (*shortTime) Type() string { return "2s" }

// grainValue is a grain.
type grainValue plan.Grain

// Set reads text.
func (v *grainValue) Set(text string) error {
	g, err := plan.ParseGrain(text)
	*v = grainValue(g)
	return err
}

// String writes the grain.
func (v *grainValue) String() string { return plan.Grain(*v).String() }

// Type is the placeholder in the help.
func (*grainValue) Type() string { return "GRAIN" }

// factorValue is snapshotSizeFactor in percent; 0 stands for the scenario's own.
type factorValue int

// Set reads text.
func (v *factorValue) Set(text string) error {
	n, err := plan.ParseSizeFactor(text)
	*v = factorValue(n)
	return err
}

// String writes what a plan has, nothing for the scenario's own.
func (v *factorValue) String() string {
	switch *v {
	case 0:
		return ""
	case plan.FactorUnlimited:
		return "unlimited"
	case plan.FactorOff:
		return "off"
	}
	return strconv.Itoa(int(*v))
}

// Type is the placeholder in the help.
func (*factorValue) Type() string { return "PERCENT" }

// clientsValue is how many clients there are: a number, or a multiple of the
// servers, as Jepsen has it: 2n.
type clientsValue struct {
	n     int // unless times
	times int // as many for each server
	said  bool
	shown string
}

// Set reads text.
func (v *clientsValue) Set(text string) error {
	digits, each := text, false
	if n := len(text); n > 0 && text[n-1] == 'n' {
		digits, each = text[:n-1], true
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > plan.MaxClients {
		return fmt.Errorf("want a whole number from 0 to %d, or a multiple of the servers such as 2n", plan.MaxClients)
	}
	*v = clientsValue{n: n, said: true, shown: text}
	if each {
		v.n, v.times = 0, n
	}
	return nil
}

// of returns what Options say for so many servers.
func (v *clientsValue) of(servers int) (int, error) {
	n := v.n + v.times*servers
	switch {
	case !v.said:
		return 0, nil
	case n == 0:
		return scenarios.NoClients, nil
	case n > plan.MaxClients:
		return 0, usage("--clients %s with %d servers is %d: at most %d are possible", v.shown, servers, n, plan.MaxClients)
	}
	return n, nil
}

// String writes what was typed.
func (v *clientsValue) String() string { return v.shown }

// Type is the placeholder in the help.
func (*clientsValue) Type() string { return "N" }
