package main

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"zabsim/internal/zoocfg"
	"zabsim/scenarios"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// zooFile is a real ensemble's configuration, as far as a run uses it.
type zooFile struct {
	name, text string
	cfg        *zoocfg.Config
}

// readZooFile reads a zoo.cfg and refuses what can't be simulated yet.
func readZooFile(name string) (*zooFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, readable(name, err)
	}
	z := &zooFile{name: name, text: string(text)}
	if z.cfg, err = zoocfg.Parse(name, z.text); err != nil {
		return nil, usage("%w%s", err, remedy(err))
	}
	all := z.cfg.Quorum.All()
	if gap := all &^ quorum.Range(all.Len()); gap != 0 {
		return nil, usage("%sthe servers are %v, with a gap before %d: number them 1 to %d, in group and weight lines, too",
			z.place(serverKey(gap.First())), all, gap.First(), all.Len())
	}
	return z, nil
}

func serverKey(id quorum.ServerID) string { return "server." + strconv.Itoa(int(id)) }

// remedy ends a message about a line that is missing with the line to add.
func remedy(err error) string {
	var e *zoocfg.Error
	if !errors.As(err, &e) || e.Line != 0 {
		return ""
	}
	for _, m := range []struct{ missing, add string }{
		{"no server line: a standalone", "server.1=host1:2888:3888"},
		{"initLimit is missing", "initLimit=10"},
		{"syncLimit is missing", "syncLimit=5"},
	} {
		if strings.HasPrefix(e.Reason, m.missing) {
			return "; add a line such as " + m.add
		}
	}
	return ""
}

// place finds the line that sets a key in a file that was understood, for a
// message.
func (z *zooFile) place(key string) string {
	for i, line := range strings.Split(z.text, "\n") {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), key)
		if ok && rest != "" && strings.ContainsAny(rest[:1], "=: \t") {
			return z.name + ":" + strconv.Itoa(i+1) + ": "
		}
	}
	return z.name + ": "
}

// blame finds the line behind a plan's complaint, which begins with what it is
// about.
func (z *zooFile) blame(complaint string) string {
	switch word, _, _ := strings.Cut(complaint, " "); word {
	case "tickTime", "initLimit", "syncLimit", "commitLogCount", "snapCount", "snapshotSizeFactor":
		return z.place(word)
	case "snapRetain":
		return z.place("autopurge.snapRetainCount")
	case "sessionTimeout": // a number of ticks
		return z.place("tickTime")
	}
	return z.name + ": "
}

// options puts what the file says into o, except for what is set there.
func (z *zooFile) options(o *scenarios.Options) {
	c := z.cfg
	o.Quorum = c.Quorum
	if o.TickTime == 0 {
		o.TickTime = host.Duration(c.TickTimeMillis) * host.Millisecond
	}
	for _, n := range []struct {
		at   *int
		file int
	}{
		{&o.InitLimit, c.InitLimit}, {&o.SyncLimit, c.SyncLimit}, {&o.CommitLogCount, c.CommitLogCount},
		{&o.SnapCount, c.SnapCount}, {&o.SnapRetain, c.SnapRetain}, {&o.SnapshotSizeFactor, c.SnapshotSizeFactor},
	} {
		if *n.at == 0 {
			*n.at = n.file
		}
	}
}
