package zoocfg

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The keys with a default that a simulation has a use for.
const (
	optCommitLogCount = iota
	optSnapCount
	optSnapshotSizeFactor
	optSnapRetainCount
	optPurgeInterval
	optionCount
)

var optionKeys = [optionCount]string{
	"commitLogCount", "snapCount", "snapshotSizeFactor", "autopurge.snapRetainCount", "autopurge.purgeInterval",
}

// optionOf finds a key among them, -1 if it is none.
func optionOf(key string) int { return slices.Index(optionKeys[:], key) }

// What ZooKeeper raises smaller numbers to: ZooKeeperServer.getSnapCount, and
// QuorumPeerConfig.parseProperties with MIN_SNAP_RETAIN_COUNT, which is also what
// stands when nothing is said.
const (
	snapCountLeast  = 2
	snapRetainLeast = 3
)

// option takes in a line that sets one of them; it returns what is wrong with it.
func (p *parser) option(e entry, opt int) string {
	if old := p.options[opt].line; old != 0 {
		return fmt.Sprintf("%s is already set in line %d", e.key, old)
	}
	p.options[opt] = e
	if opt == optSnapshotSizeFactor {
		return p.sizeFactor(e)
	}
	least := 1
	if opt == optPurgeInterval {
		least = 0
	}
	n, err := strconv.ParseInt(e.value, 10, 32)
	if err != nil || int(n) < least {
		if least == 0 {
			return "a whole number of hours is wanted, or 0 for no purge"
		}
		return "a whole number above 0 is wanted"
	}
	switch opt {
	case optCommitLogCount:
		p.cfg.CommitLogCount = int(n)
	case optSnapCount:
		p.cfg.SnapCount = max(int(n), snapCountLeast)
	case optSnapRetainCount:
		p.cfg.SnapRetain = int(n)
		p.ignore(e.key) // unless there is a purge
	case optPurgeInterval:
		p.purgeHours = int(n)
	}
	return ""
}

// sizeFactor reads a part of the snapshot's size, such as 0.33. 0 sets no limit, and
// a negative one turns the log on disk off as a source for learners
// (ZKDatabase.calculateTxnLogSizeLimit, LearnerHandler.syncFollower).
func (p *parser) sizeFactor(e entry) string {
	const most = 100
	f, err := strconv.ParseFloat(e.value, 64)
	switch {
	case err != nil || math.IsNaN(f) || f > most:
		return fmt.Sprintf("a number such as 0.33 is wanted, at most %d", most)
	case f < 0:
		p.cfg.SnapshotSizeFactor = FactorOff
	case f == 0:
		p.cfg.SnapshotSizeFactor = FactorUnlimited
	default:
		p.cfg.SnapshotSizeFactor = max(int(math.Round(100*f)), 1)
	}
	return ""
}

// purge drops the count of a purge that never runs: without an interval there is
// none. Here it runs after each snapshot, whatever the interval.
func (p *parser) purge() {
	key := optionKeys[optSnapRetainCount]
	if p.purgeHours == 0 {
		p.cfg.SnapRetain = 0
		return
	}
	p.cfg.SnapRetain = max(p.cfg.SnapRetain, snapRetainLeast)
	if i := slices.Index(p.cfg.Ignored, key); i >= 0 {
		p.cfg.Ignored = slices.Delete(p.cfg.Ignored, i, i+1)
	}
	if len(p.cfg.Ignored) == 0 {
		p.cfg.Ignored = nil
	}
}

func (p *parser) peerTypeLine(e entry) string {
	if p.peerType.line != 0 {
		return fmt.Sprintf("peerType is already set in line %d", p.peerType.line)
	}
	p.peerType = e
	if v := strings.ToLower(e.value); v != "participant" && v != "observer" {
		return "participant or observer is wanted"
	}
	return ""
}

// checkPeerType wants the server of a file with peerType=observer among the
// observers. Which server that is no key says; ZooKeeper asks the file myid, and
// goes by the server lines if the two contradict each other
// (QuorumPeerConfig.setupPeerType).
func (p *parser) checkPeerType() *Error {
	if strings.EqualFold(p.peerType.value, "observer") && p.observers == 0 {
		return p.peerType.fail("no server line ends in :observer, and these decide: say it there, too")
	}
	return nil
}
