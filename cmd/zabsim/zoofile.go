package main

import (
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
	name string
	cfg  *zoocfg.Config
}

// readZooFile reads a zoo.cfg and refuses what can't be simulated yet.
func readZooFile(name string) (*zooFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, readable(name, err)
	}
	cfg, err := zoocfg.Parse(name, string(text))
	if err != nil {
		return nil, usage("%w", err)
	}
	if o := cfg.Quorum.Observers; o != 0 {
		return nil, usage("%s%s is an observer, and observers are not built yet: take it out, the others vote the same without it",
			place(name, string(text), o.First()), o.First())
	}
	return &zooFile{name, cfg}, nil
}

// place finds the line of a server in a file that was understood, for a message.
func place(name, text string, id quorum.ServerID) string {
	key := "server." + strconv.Itoa(int(id))
	for i, line := range strings.Split(text, "\n") {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), key)
		if ok && rest != "" && strings.ContainsAny(rest[:1], "=: \t") {
			return name + ":" + strconv.Itoa(i+1) + ": "
		}
	}
	return name + ": "
}

// options puts what the file says into o.
func (z *zooFile) options(o *scenarios.Options) {
	o.Quorum = z.cfg.Quorum
	o.TickTime = host.Duration(z.cfg.TickTimeMillis) * host.Millisecond
	o.InitLimit, o.SyncLimit = z.cfg.InitLimit, z.cfg.SyncLimit
}
