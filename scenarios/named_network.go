package scenarios

import (
	"zabsim/sim/plan"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

func leaderPartition() Scenario {
	return usual("leader-partition", "a leader cut off from all others commits nothing, the rest elects another, and the old one follows when it is back", 70,
		func(*quorum.Config) []plan.Fault {
			return []plan.Fault{during(15*host.Second, 30*host.Second, "isolate", "leader")}
		}).reach("second-leader")
}

// minorityPartition cuts off the lowest voters and then the highest, among whom
// the leader usually is: of equal histories the highest id wins the election.
func minorityPartition() Scenario {
	s := usual("minority-partition", "a minority is cut off and commits nothing while the majority goes on, with a new leader if it must, and all agree when it is back", 75,
		func(q *quorum.Config) []plan.Fault {
			return []plan.Fault{
				apart(10*host.Second, 18*host.Second, minority(q, false)),
				apart(40*host.Second, 20*host.Second, minority(q, true)),
			}
		})
	s.Least = 3
	return s
}

// away is how long an isolated leader stays away: its followers give it up after
// syncLimit ticks, 10 s, and have a new leader before it is back.
const away = 14 * host.Second

// lullAround is the lull in which a leader is isolated. Each client starts one
// write when it is; the leader's own clients leave it a tail that nobody else has.
// Had the new leader committed anything before the old one is back, the old one
// would be sent a snapshot: no leader truncates across an epoch
// (LearnerHandler.queueCommittedProposals). Four seconds before, all stop, so that
// who is behind has caught up.
func lullAround(isolated host.Duration) Lull {
	return Lull{From: isolated - 4*host.Second, Burst: isolated, Until: isolated + away + 11*host.Second}
}

// patient is a session time-out that outlasts the lull: a deposed leader would
// otherwise tell clients that their sessions are over, and the new ones that they
// ask for elsewhere are transactions.
const patient = 30 * host.Second

// laggingFollower keeps 200 transactions in memory, some six seconds of its load.
func laggingFollower() Scenario {
	first, second := 10*host.Second, 45*host.Second
	s := usual("lagging-follower", "servers that come back are synchronized by DIFF, TRUNC or SNAP, as it fits what they missed, and serve the same history", 115,
		func(*quorum.Config) []plan.Fault {
			return []plan.Fault{
				during(first, away, "isolate", "leader"), // TRUNC
				during(second, away, "isolate", "leader"),
				during(75*host.Second, host.Second, "crash", "follower", "keep=all"),    // DIFF
				during(85*host.Second, 20*host.Second, "crash", "follower", "keep=all"), // SNAP
			}
		}).crowd(30).reach("sync-diff", "sync-trunc", "sync-snap", "late-joiner", "snapshot", "purge")
	s.Lulls = []Lull{lullAround(first), lullAround(second)}
	s.SessionTimeout = patient
	s.CommitLogCount, s.SnapCount, s.SnapRetain = 200, 100, 3
	s.Least = 3
	return s
}

// deposedLeader does it three times, with a leader that was deposed before among
// the followers.
func deposedLeader() Scenario {
	times := []host.Duration{10 * host.Second, 45 * host.Second, 80 * host.Second}
	s := usual("deposed-leader", "an isolated leader goes on answering reads and taking writes that it can't commit, and truncates them when it is back", 115,
		func(*quorum.Config) []plan.Fault {
			var list []plan.Fault
			for _, at := range times {
				list = append(list, during(at, away, "isolate", "leader"))
			}
			return list
		}).crowd(20).reach("second-leader", "two-leaders-at-once", "sync-trunc")
	for _, at := range times {
		s.Lulls = append(s.Lulls, lullAround(at))
	}
	s.SessionTimeout = patient
	s.Least = 3
	return s
}
