package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// flakyLinks never takes more than two links at a time, so that a quorum can nearly
// always be reached, by somebody. Every round of the five troubles goes to other
// pairs of servers.
func flakyLinks() Scenario {
	return usual("flaky-links", "links that lose a direction, slow down, swallow what is sent or reset their connections cost connections, at worst a fail-over, and nothing acknowledged", 70,
		func(q *quorum.Config) []plan.Fault {
			n := q.All().Len()
			var list []plan.Fault
			at := 6 * host.Second
			for i := 0; at < 62*host.Second; i, at = i+1, at+4*host.Second {
				round := i / 5
				first := (i + round) % n
				a := quorum.ServerID(1 + first).String()
				b := quorum.ServerID(1 + (first+1+round%(n-1))%n).String()
				switch i % 5 {
				case 0:
					list = append(list, once(at, "reset", a+"-"+b))
				case 1:
					list = append(list, during(at, 6*host.Second, "cut", a+">"+b))
				case 2:
					list = append(list, during(at, 8*host.Second, "slow", a+"-"+b, "by=200"))
				case 3:
					list = append(list, during(at, 12*host.Second, "blackhole", b+">"+a))
				case 4:
					list = append(list, once(at, "reset", a+"-"+b, "after=30"))
				}
			}
			return list
		}).reach("late-joiner").atLeast(3)
}

func (s Scenario) atLeast(servers int) Scenario {
	s.Least = servers
	return s
}

// hungLeader lets the leader hang for longer than syncLimit ticks (10 s).
func hungLeader() Scenario {
	return usual("hung-leader", "a leader that hangs is replaced, and when it goes on it believes for a moment that it still leads, but commits nothing", 80,
		func(*quorum.Config) []plan.Fault {
			return []plan.Fault{
				during(15*host.Second, 18*host.Second, "pause", "leader"),
				during(50*host.Second, 14*host.Second, "pause", "leader"),
			}
		}).reach("second-leader", "two-leaders-at-once").atLeast(3)
}

// diskTrouble hits one disk at a time, as long as there is a quorum without it.
func diskTrouble() Scenario {
	s := usual("disk-trouble", "disks that are slow, full, refuse a write or tear the last record keep nobody else from serving, and lose nothing acknowledged", 80,
		func(*quorum.Config) []plan.Fault {
			return []plan.Fault{
				during(8*host.Second, 8*host.Second, "slow-disk", "leader", "by=100"),
				during(20*host.Second, 3*host.Second, "disk-error", "follower"),
				during(26*host.Second, 3*host.Second, "torn", "follower"),
				during(34*host.Second, 6*host.Second, "full-disk", "leader"),
				during(46*host.Second, 3*host.Second, "torn", "leader"),
				during(54*host.Second, 6*host.Second, "full-disk", "follower"),
				during(66*host.Second, 4*host.Second, "disk-error", "leader"),
			}
		}).reach("crash", "crash-with-unsynced-tail", "snapshot").atLeast(3)
	s.SnapCount, s.SnapRetain = 100, 3
	return s
}

// lyingDisk breaks what ZooKeeper demands of a disk, on one server. Some voters are
// cut off while the others, a bare quorum, commit; but one of these only says that
// its disk has the transactions. Then they crash, the liar is back first, and with
// those that were cut off it is a quorum that knows nothing of the commits. Crashes
// and partitions alone are survived: cold-start and minority-partition show it. At
// last the liar's log can't be read, and the server stays down until it is mended.
func lyingDisk() Scenario {
	s := usual("lying-disk", "one disk of a bare quorum lies about its fsyncs and loses what was committed, so all promises that rest on disks break and are excused by name, and no others do", 60,
		func(q *quorum.Config) []plan.Fault {
			away := minority(q, false)
			rest := q.Voters &^ away
			for rest.Len() > 1 {
				rest = rest.Without(rest.First())
			}
			liar := rest.First()
			list := []plan.Fault{
				during(6*host.Second, 30*host.Second, "lying-fsync", liar.String()),
				apart(8*host.Second, 12*host.Second, away),
				during(19500*host.Millisecond, 2*host.Second, "crash", liar.String(), "keep=none"),
			}
			list = append(list, crashAll(19500*host.Millisecond, 14*host.Second, q.Voters&^away.With(liar), "keep=all")...)
			return append(list, during(45*host.Second, 4*host.Second, "corrupt", liar.String(), "file=log"))
		}).reach("crash", "second-leader").atLeast(3)
	s.Unsafe = true
	s.Excuse = []string{
		"committed-survives", "leader-completeness", // fewer disks than a quorum hold a commit; who leads next lacks it
		"agreement", "total-order", "prefix-consistency", // and delivers another history
		"linearizable-writes", "read-your-writes", "reads-see-writes", // what clients were told is gone
		"zxid-order", "session-monotonic", // and zxids that they have seen begin again below
	}
	return s
}
