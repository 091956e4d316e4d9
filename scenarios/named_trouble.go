package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// flakyLinks never takes more than two links at a time, so that a quorum can nearly
// always be reached, by somebody.
func flakyLinks() Scenario {
	return usual("flaky-links", "links that lose a direction, slow down, swallow what is sent or reset their connections cost fail-overs, and nothing acknowledged", 70,
		func(q *quorum.Config) []plan.Fault {
			n := q.All().Len()
			var list []plan.Fault
			at := 6 * host.Second
			for i := 0; at < 62*host.Second; i, at = i+1, at+4*host.Second {
				a := quorum.ServerID(1 + i%n).String()
				b := quorum.ServerID(1 + (i+1)%n).String()
				switch i % 5 {
				case 0:
					list = append(list, plan.Fault{At: at, Name: "reset", Args: []string{a + "-" + b}})
				case 1:
					list = append(list, during(at, 6*host.Second, "cut", a+">"+b))
				case 2:
					list = append(list, during(at, 8*host.Second, "slow", a+"-"+b, "by=200"))
				case 3:
					list = append(list, during(at, 12*host.Second, "blackhole", b+">"+a))
				case 4:
					list = append(list, plan.Fault{At: at, Name: "reset", Args: []string{a + "-" + b, "after=30"}})
				}
			}
			return list
		}).atLeast(3)
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

// lyingDisk breaks what ZooKeeper demands of a disk, on one server. What was reported
// durable there is not, so that a commit may rest on fewer disks than a quorum; as
// long as no other server fails in that moment, the clients do not notice. A server
// whose log can't be read stays down until somebody mends it.
func lyingDisk() Scenario {
	s := usual("lying-disk", "one disk lies about its fsyncs, loses its tail and then its log; commits rest on fewer disks than they should, and still no client is told anything wrong while the others live", 60,
		func(q *quorum.Config) []plan.Fault {
			last := q.Voters
			for last.Len() > 1 {
				last = last.Without(last.First())
			}
			n := last.First().String()
			return []plan.Fault{
				during(10*host.Second, 10*host.Second, "lying-fsync", n),
				during(14*host.Second, 2*host.Second, "crash", n, "keep=none"),
				during(30*host.Second, 4*host.Second, "corrupt", n, "file=log"),
			}
		}).reach("crash").atLeast(3)
	s.Unsafe = true
	s.Excuse = []string{"committed-survives", "no-ack-before-sync", "epochs", "disk-opens", "rejoin-after-heal"}
	return s
}
