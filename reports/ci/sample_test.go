package ci

// sample is a campaign with one of everything: a finding that was shrunk, one that was
// not, unknown and vacuous properties, an excused one, a stale entry, and texts that
// each format must escape.
func sample() *Report {
	return &Report{
		Tool: "v0.5", Command: "go run ./cmd/zabsim fuzz leader-crash steady --runs 400x --seed 1", Profile: "pr", Shard: "1/2", Seed: 1, Runs: 400,
		Counts: map[string]int{"passed": 385, "violated": 12, "unknown": 2, "vacuous": 1},
		Suites: []Suite{
			{Scenario: "leader-crash", File: "scenarios/file/leader-crash.yaml", Runs: 200,
				Counts: map[string]int{"passed": 188, "violated": 12},
				Cases: []Case{
					{Property: "integrity", Verdict: "passed"},
					{Property: "committed_survives", Verdict: "violated", Findings: []int{0}},
				}},
			{Scenario: "steady", Runs: 200, Counts: map[string]int{"passed": 197, "unknown": 2, "vacuous": 1},
				Cases: []Case{
					{Property: "linearizable", Verdict: "unknown", Findings: []int{1}},
					{Property: "watches", Verdict: "vacuous", Detail: "no run set a watch"},
					{Property: "reopen", Verdict: "excused", Detail: "the plan is unsafe"},
				}},
		},
		Findings: []Finding{
			{Scenario: "leader-crash", Property: "committed_survives", Signature: "committed_survives < sync fsync < peer recv", Verdict: "violated",
				Violation: "1.80 \"a|b\" <was> committed & is gone:\n100% of n3, `n4` ]]> lost it\x1b\x00\xed\xa0\x80",
				Seed:      42, Count: 12, Repro: "go run ./cmd/zabsim replay --verify 'runs/findings/a b/plan.txt'", Plan: "runs/findings/a b/plan.txt",
				Trace: []string{"  1.000ms  #1  n1  start", "  2.000ms  #2  n2  recv  ACK ``` 1.80  <- #1"}, File: "runs/findings/a b,c:d/plan.txt", Line: 7,
				EventsBefore: 12345, EventsAfter: 210, FaultsBefore: 4, FaultsAfter: 1, OpsBefore: 300, OpsAfter: 6, ServersBefore: 5, ServersAfter: 3,
				Kept: []string{"fault 3s crash leader: without it nothing fails"}},
			{Scenario: "steady", Property: "linearizable", Signature: "linearizable", Verdict: "unknown", Violation: "the budget of 1000000 steps was spent on key /r1",
				Seed: 9, Count: 2, Repro: "go run ./cmd/zabsim run steady --seed 9"},
		},
		Coverage: Coverage{Sometimes: []Hits{{"leader_crashed", 200}, {"trunc_sent", 0}}, Transitions: []Hits{{"FOLLOWING/BROADCAST PROPOSAL", 400}}, Marks: 812, NewAt: 377},
		Corpus:   Corpus{Replayed: 9, Stale: []string{"ZOOKEEPER-2845-a"}},
		Doubles:  Doubles{Runs: 20},
		Exit:     1,
	}
}
