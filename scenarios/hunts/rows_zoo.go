package hunts

import (
	"zabsim/scenarios"
	"zabsim/sim/explore"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
)

// unsafe are disks that lose and forget. They break promises of a server without bugs,
// too, so that only seeds count under which it keeps them.
var unsafe = scenarios.Options{Unsafe: true}

// slowDisks take a second for what others do in milliseconds.
var slowDisks = scenarios.Options{DiskSlow: 400, TickTime: 2 * host.Second}

// zooRows are the hunts of more of the protocol's bugs, of elections and of recovery.
var zooRows = []Hunt{
	{Switch: bug.RacyForwarding, Random: chaos(stalls, 1000, 1000),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 2, Grain: plan.GrainThreads}}},
	{Switch: bug.TruncOffset, Random: chaos(plain, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 3, Reboots: 2}}},
	{Switch: bug.LastProposedUnset, Random: chaos(plain, 211, 500),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}}},
	{Switch: bug.EpochAtUpToDate, Random: chaos(plain, 1, 100),
		Search: &Search{Model: explore.Model{Servers: 2}}},
	{Switch: bug.EpochMemoryFirst, Random: chaos(plain, 1, 200),
		Unsearched: "it takes a disk that refuses a write, and no search has such disks"},
	{Switch: bug.LeaderInWrongSet, Random: chaos(plain, 171, 500),
		Unsearched: "3 million states of elections alone (3 servers, 2 rounds, 1 reboot) do not show it"},
	{Switch: bug.ZxidBeforeQuorum, Random: chaos(plain, 571, 1000),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 2, Timeouts: 1, Scenario: "leftover"}}},
	{Switch: bug.SnapKeepsLogTail, Random: chaos(plain, 1, 500),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}}},
	{Switch: bug.HoleInLog, Random: chaos(plain, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 3, Reboots: 1, Scenario: "stale"}}},
	{Switch: bug.GapBeforeWindow, Random: chaos(plain, 415, 1500),
		Unsearched: "it takes a snapshot in the middle of many writes; from behind, 5 writes, 1 crash and threads do not show it"},
	{Switch: bug.TrustEmptySnapshot, Random: chaos(unsafe, 203, 500),
		Unsearched: "it takes a snapshot that is damaged, and no search damages files"},
	{Switch: bug.StrictEpochCheck, Random: chaos(plain, 1, 200),
		Search: &Search{Model: explore.Model{Servers: 3, Writes: 1, Crashes: 1, Restarts: 1, Scenario: "serving"}}},
	{Switch: bug.AcceptorDies, Random: &Random{Scenario: "chaos", Options: stalls, From: 9440, Seeds: 500, Rare: true},
		Unsearched: "a server stays out while a quorum serves, and only a clock says that it does so for too long"},
	{Switch: bug.TruncByWindow, Random: chaos(threads, 491, 1000),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Timeouts: 1, Grain: plan.GrainThreads}}},
	{Switch: bug.KeepsOldAcks, Random: chaos(slowDisks, 51, 500),
		Search: &Search{Model: explore.Model{Servers: 2, Writes: 1, Crashes: 1, Restarts: 1}}},
}
