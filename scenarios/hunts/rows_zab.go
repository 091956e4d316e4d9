package hunts

import (
	"zabsim/scenarios"
	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// Options of random hunts.
var (
	plain   = scenarios.Options{}
	threads = scenarios.Options{Grain: plan.GrainThreads}
	// Threads that stall for some milliseconds, now and then.
	stalls = scenarios.Options{Grain: plan.GrainThreads, ThreadSlow: 10, TickTime: 200 * host.Millisecond}
)

// truncs has a leader that cuts what is committed, which is excused: then commits come
// between TRUNC and NEWLEADER more than once in a long time. afterTrunc breaks the
// connection there. Luck alone has not shown ZOOKEEPER-5094 in 3,000 seeds.
var (
	truncs = scenarios.Options{Grain: plan.GrainThreads, ThreadSlow: 1000, TickTime: 2 * host.Second,
		Bugs: bug.Set{}.With(bug.TruncByWindow), Excuse: []string{"committed-log-durability", "committed-survives"}}
	afterTrunc = &plan.Fault{At: 7802 * host.Millisecond, Name: "midsync", Args: []string{"after=3", "hit=reset"}, For: 2 * host.Second}
)

// zabRows are the hunts of the protocol's bugs.
var zabRows = []Hunt{
	{Switch: bug.FlatVoteOrder, Random: chaos(plain, 51, 500),
		Search:    &Search{Model: explore.Model{Servers: 2, Crashes: 1, Restarts: 1, Election: explore.ElectionFLE}},
		Published: []Published{{"SandTable", "4 min", 41, 7_625_160, "an election property", sandTable}}},
	{Switch: bug.AckNewLeaderBeforeLog, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1}},
		Published: []Published{
			{"TLC", "42 s", 14, 286_286, "leaderLogCompleteness", tlaSpec},
			{"TLC", "13 min 13 s", 18, 8_677_945, "monotonicRead", tlaSpec},
		}},
	{Switch: bug.EpochBeforeHistory, Random: chaos(plain, 41, 500),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 1, Reboots: 2, Scenario: "serving"}},
		Published: []Published{
			{"Remix", "17 s", 21, 208_018, "I-8", remix},
			{"TLC", "1 min 9 s", 16, 847_683, "leaderLogCompleteness", testSpec},
			{"TLC", "7 min", 18, 4_850_702, "committedLogDurability", testSpec},
			{"TLC", "1 h 26 min", 21, 46_947_214, "monotonicRead", testSpec},
		}},
	{Switch: bug.RetainNoFastForward, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}},
		Published: []Published{
			{"TLC", "12 s", 10, 6_347, "processConsistency", tlaSpec},
			{"TLC", "18 s", 11, 17_146, "proposalConsistent", tlaSpec},
		}},
	{Switch: bug.AsyncCommitSync, Random: chaos(plain, 1, 100),
		Search:    &Search{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1}},
		Published: []Published{{"Remix", "11 s", 13, 78_892, "I-11", remix}}},
	{Switch: bug.KeepPartialSnap, Random: chaos(threads, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1, Timeouts: 1}}},
	{Switch: bug.CommitAfterNewLeader, Random: chaos(plain, 1, 100),
		Search:    &Search{Model: explore.Model{Servers: 3, Writes: 1}},
		Published: []Published{{"Remix", "9 s", 20, 14_264, "I-14", remix}}},
	{Switch: bug.AsyncLogThenAck, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 2, Crashes: 1, Restarts: 1}},
		Published: []Published{
			{"Remix", "1 min 49 s", 21, 2_880_498, "I-8", remix},
			{"TLC", "26 s", 14, 188_076, "one of three", testSpec},
			{"TLC", "11 min 59 s", 19, 8_108_586, "the last of three", testSpec},
		}},
	{Switch: bug.AckProposalFirst, Random: chaos(stalls, 171, 2000),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Timeouts: 1, Grain: plan.GrainThreads}},
		Published: []Published{
			{"Remix", "10 s", 12, 67_418, "I-12", remix},
			{"TLC", "20 s", 14, 75_833, "messageLegal", testSpec},
		}},
	{Switch: bug.FastForwardBeforeDrain, Random: chaos(plain, 1, 100),
		Search:    &Search{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1, Grain: plan.GrainThreads}},
		Published: []Published{{"Remix", "11 s", 13, 73_293, "I-10", remix}}},
	{Switch: bug.SyncSkipsCommittedLog, Random: chaos(plain, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 2, Reboots: 1, Scenario: "rejoin"}}},
	{Switch: bug.NoTruncInWindow, Random: chaos(plain, 1, 500),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 3, Scenario: "leftover"}}},
	{Switch: bug.SingleLeadingVote, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 3, Election: explore.ElectionOnly}}},
	{Switch: bug.StrictLateJoin, Random: chaos(plain, 521, 2000),
		Unsearched: "a server stays out while a quorum serves, and only a clock says that it does so for too long"},
	{Switch: bug.LeaderNotInQuorum, Random: chaos(stalls, 51, 2000),
		Search: &Search{Model: explore.Model{Servers: 3, Grain: plan.GrainThreads}}},
	{Switch: bug.CountObservers, Random: chaos(plain, 91, 500),
		Unsearched: "it takes real elections with an observer, and those are not built in a search"},
	{Switch: bug.EpochFromLastZxid, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 0, Crashes: 1, Restarts: 1}}},
	{Switch: bug.KeepPartialTrunc, Random: &Random{Scenario: "chaos", Options: truncs, From: 235, Seeds: 1, Rare: true, Fault: afterTrunc},
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 3, Crashes: 1, Grain: plan.GrainThreads, Scenario: "stale"}}},
	{Switch: bug.DirtyLeaderSnapshot, Random: chaos(plain, 91, 500),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 3, Reboots: 1, Scenario: "leftover"}}},
	{Switch: bug.DiscoveryCountsObservers, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2, Observers: 1}}},
	{Switch: bug.ZxidRollover, Random: chaos(plain, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 3, CounterMax: 3}}},
}
