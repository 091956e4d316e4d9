// Package zoocfg reads the configuration file of a real ZooKeeper ensemble, so
// that a run can have the members, the quorum rule and the time limits that
// somebody has in production.
//
// The central function is Parse. It takes text and does no I/O. Keys that have
// no meaning in a simulation (ports, directories, TLS) are listed and not
// judged; keys that no ZooKeeper knows are errors, because a typing error that
// passes in silence makes the run answer another question.
//
// Source: Q/QuorumPeerConfig.java and Q/flexible/QuorumHierarchical.java. Parse
// is stricter in what it reads: server ids end at 8, a key is set once (there the
// last line wins), observers have no weight, and some weight is above 0.
package zoocfg

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/zab/quorum"
)

// Config is what a simulation takes from the file.
type Config struct {
	TickTimeMillis int
	InitLimit      int // ticks that a server may take to join a new leader
	SyncLimit      int // ticks of silence after which leader and follower part
	Quorum         *quorum.Config
	// The rest is 0 where the file is silent, which stands for ZooKeeper's default.
	CommitLogCount     int
	SnapCount          int
	SnapRetain         int      // autopurge.snapRetainCount, if autopurge.purgeInterval purges at all
	SnapshotSizeFactor int      // in percent; FactorUnlimited or FactorOff
	Ignored            []string // keys that were understood but have no effect, in the file's order
}

// defaultTickTime is QuorumPeer's; the two limits have no default.
const defaultTickTime = 3000

// Values of Config.SnapshotSizeFactor that are no percentage. Plans use the same.
const (
	FactorUnlimited = -1
	FactorOff       = -2
)

// Error says what is wrong with which line.
type Error struct {
	File   string
	Line   int    // 0 when no single line is to blame
	Text   string // the line, without the spaces around it
	Reason string
}

// Error writes `zoo.cfg:12: "initLimit=ten": a whole number above 0 is wanted`.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return e.File + ":" + strconv.Itoa(e.Line) + ": " + strconv.Quote(shorten(e.Text)) + ": " + e.Reason
}

// shorten keeps a message on a screen: real files have endless TLS lists.
func shorten(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}

// Parse reads the text of a configuration file. The name of the file is used in
// errors only, which are of type *Error.
func Parse(file, text string) (*Config, error) {
	p := parser{cfg: &Config{TickTimeMillis: defaultTickTime}}
	if err := p.parse(text); err != nil {
		err.File = file
		return nil, err
	}
	return p.cfg, nil
}

// parser collects the lines in any order, as a properties file has none, and
// judges them together at the end.
type parser struct {
	cfg *Config

	tick, init, sync entry // the lines that set the three numbers
	peerType         entry
	options          [optionCount]entry
	purgeHours       int
	server           [quorum.Slots]entry
	observers        quorum.Set
	groups           []group
	weight           [quorum.Slots]entry
	weights          [quorum.Slots]uint32
	dynamic          bool // dynamicConfigFile was there
}

func (p *parser) parse(text string) *Error {
	entries, err := split(text)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if reason := p.line(e); reason != "" {
			return e.fail(reason)
		}
	}
	if err := p.limits(); err != nil {
		return err
	}
	if p.cfg.Quorum, err = p.quorum(); err != nil {
		return err
	}
	p.purge()
	return p.checkPeerType()
}

// line takes one line in; it returns what is wrong with it.
func (p *parser) line(e entry) string {
	family, member, dotted := strings.Cut(e.key, ".")
	switch {
	case e.key == "tickTime":
		return p.number(e, &p.tick, &p.cfg.TickTimeMillis)
	case e.key == "initLimit":
		return p.number(e, &p.init, &p.cfg.InitLimit)
	case e.key == "syncLimit":
		return p.number(e, &p.sync, &p.cfg.SyncLimit)
	case e.key == "peerType":
		return p.peerTypeLine(e)
	case optionOf(e.key) >= 0:
		return p.option(e, optionOf(e.key))
	case dotted && family == "server":
		return p.serverLine(e, member)
	case dotted && family == "group":
		return p.groupLine(e, member)
	case dotted && family == "weight":
		return p.weightLine(e, member)
	case isKnown(e.key):
		p.dynamic = p.dynamic || e.key == "dynamicConfigFile"
		p.ignore(e.key)
		return ""
	}
	return "unknown key " + strconv.Quote(shorten(e.key)) + nearest.Hint(e.key, suggestions)
}

func (p *parser) ignore(key string) {
	for _, k := range p.cfg.Ignored {
		if k == key {
			return
		}
	}
	p.cfg.Ignored = append(p.cfg.Ignored, key)
}

// number reads a whole number above 0 into dst; seen remembers its line.
func (p *parser) number(e entry, seen *entry, dst *int) string {
	if seen.line != 0 {
		return fmt.Sprintf("%s is already set in line %d", e.key, seen.line)
	}
	n, err := strconv.ParseInt(e.value, 10, 32)
	if err != nil || n <= 0 {
		return "a whole number above 0 is wanted"
	}
	*seen, *dst = e, int(n)
	return ""
}

// limits checks the three numbers together. ZooKeeper multiplies them as 32-bit
// integers to get time-outs in milliseconds; a product that overflows there
// would be a negative time-out.
func (p *parser) limits() *Error {
	for _, l := range []struct {
		key   string
		line  entry
		ticks int
	}{{"initLimit", p.init, p.cfg.InitLimit}, {"syncLimit", p.sync, p.cfg.SyncLimit}} {
		if l.line.line == 0 {
			return &Error{Reason: l.key + " is missing: ZooKeeper has no default for it"}
		}
		if int64(l.ticks)*int64(p.cfg.TickTimeMillis) > math.MaxInt32 {
			return l.line.fail(fmt.Sprintf("times tickTime (%d ms) this is more than 2^31 ms", p.cfg.TickTimeMillis))
		}
	}
	return nil
}
