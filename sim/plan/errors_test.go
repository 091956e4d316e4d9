package plan

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
	"zabsim/zab/quorum"
)

// Each mistake is one replacement in the example; the answer names the file,
// the line and what would be right.
func TestErrorsSayWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		// The frame.
		{"end\n", "", `plan.txt: cut off after line 23: the last line must be "end"`},
		{"\nend\n", "\nen", `plan.txt: cut off after line 24: the last line must be "end"`},
		{"plan 1", "plan 2", "plan.txt:1: format 2, this zabsim reads format 1"},
		{"plan 1", "trace 1", `plan.txt:1: this is no plan: its first line must be "zabsim plan 1"`},
		{"end\n", "end\n\nseed 8", `plan.txt:26: nothing may follow the line "end"`},
		{"verdict=violated check=leadership-1", "verdict=passed\nseed 8", `plan.txt:24: only "end" may follow the line "expect"`},
		// The header.
		{"seed 7\n", "", `plan.txt:23: the plan has no line "seed": add one, such as "seed 7"`},
		{"seed 7", "sed 7", `plan.txt:3: unknown word "sed", did you mean "seed"?`},
		{"seed 7", "seed 7\nseed 8", `plan.txt:4: seed stands already on line 3: take one of them away`},
		{"seed 7", "seed -1", `plan.txt:3: seed: "-1" is no whole number below 2^64`},
		{"seed 7", "seed 7 #mine", `plan.txt:3: write one like "seed 7"; a comment has a blank after its #`},
		{"scenario leader-crash", `scenario ""`, `plan.txt:2: the scenario has no name`},
		{"servers 5", "servers 9", `plan.txt:4: servers: "9" is no whole number from 1 to 8`},
		{"servers 5", "servers five", `plan.txt:4: servers: "five" is no whole number from 1 to 8`},
		{"clients 5", "clients 65", `plan.txt:5: clients: "65" is no whole number from 0 to 64`},
		{"for 60s", "for 60", `plan.txt:6: for: "60" is no duration: write a number with one of the units`},
		{"for 60s", "for -1s", `plan.txt:6: for -1s: write 0s to 100000s`},
		{"tickTime 2s", "tickTime 0s", `plan.txt:7: tickTime 0s: write 1ns to 100000s`},
		{"initLimit 10", "initLimit 0", `plan.txt:8: initLimit: "0" is no whole number from 1 to 10000`},
		{"bugs follower.epoch-before-history", "bugs follower.epoch-before-histry",
			`plan.txt:12: unknown bug "follower.epoch-before-histry", did you mean "follower.epoch-before-history"?`},
		{"bugs follower.epoch-before-history", `bugs ""`, `plan.txt:12: no bug is named: take the line away`},
		// Notes.
		{"seed 7", "seed 7\nwhy a deposed leader", `plan.txt:4: write one like why "a deposed leader went on committing"`},
		{"seed 7", "seed 7\nwhy \" \"", `plan.txt:4: why: it says nothing: fill it in, or leave the line out`},
		{"seed 7", "seed 7\nwhy a\nwhy b", `plan.txt:5: why stands already on line 4: take one of them away`},
		{"seed 7", "seed 7\nreach a,,b", `plan.txt:4: reach a,,b: write names of sometimes-properties with commas between them`},
		{"seed 7", "seed 7\nreach a,a", `plan.txt:4: reach a,a: a is there twice`},
		{"seed 7", "seed 7\nscenarioHash 1a2b", `plan.txt:4: scenarioHash: "1a2b": write 16 hexadecimal digits, or leave the line out`},
		// Programs.
		{"seed 7", "seed 7\nprogram c6 lock", `plan.txt:4: program c6: there is no client 6 of 5`},
		{"seed 7", "seed 7\nprogram n1 lock", `plan.txt:4: program: "n1" is no client: write one like "program c1 lock root=/lock rounds=20"`},
		{"seed 7", "seed 7\nprogram c5", `plan.txt:4: write one like "program c1 lock root=/lock rounds=20"`},
		{"seed 7", "seed 7\nprogram c5 lock fast", `plan.txt:4: program c5 lock: "fast" is no argument: write name=value`},
		{"seed 7", "seed 7\nprogram c5 lock\nprogram c5 lock", `plan.txt:5: program c5 is there twice: a client runs one`},
		{"seed 7", "seed 7\nprogram c1 lock", `plan.txt:4: program c1: the client has operations, too: take the program or the op lines away`},
		// Observers, groups and weights.
		{"servers 5", "servers 5\nobservers 6", `plan.txt:5: observers: there is no server 6 of 5`},
		{"servers 5", "servers 5\nobservers 1,2,3,4,5", `plan.txt:5: nobody votes: at least one server must not be an observer`},
		{"servers 5", "servers 5\nobservers 4 5", `plan.txt:5: write one like "observers 4,5"`},
		{"servers 5", "servers 5\nobservers 4,4", `plan.txt:5: observers: 4,4: server 4 is there twice`},
		{"servers 5", "servers 5\ngroup 1 1,2,3", `plan.txt:5: voter 4 is in no group from 1 to 8`},
		{"servers 5", "servers 5\ngroup 1 1,2,3\ngroup 2 3,4,5", `plan.txt:6: group 2: server 3 is already in group 1`},
		{"servers 5", "servers 5\ngroup 1 1,2,1", `plan.txt:5: group 1: 1,2,1: server 1 is there twice`},
		{"servers 5", "servers 5\ngroup 1 1,2,3\ngroup 2 4,5,6", `plan.txt:6: group: there is no server 6 of 5`},
		{"servers 5", "servers 5\nobservers 5\ngroup 1 1,2\ngroup 2 3,4,5", `plan.txt:7: group: server 5 observes, so it is in no group`},
		{"servers 5", "servers 5\nobservers 5\ngroup 1 1,2,3,4\nweight 5 0", `plan.txt:7: weight: server 5 observes, so it has no weight`},
		{"servers 5", "servers 5\ngroup 1 1,2,3,4,5\nweight 7 0", `plan.txt:6: weight: there is no server 7 of 5`},
		{"servers 5", "servers 5\nweight 4 2", `plan.txt:5: weight of server 4: without groups of all voters it does not count`},
		{"servers 5", "servers 5\nweight 4 0", `plan.txt:5: weight of server 4: without groups of all voters it does not count`},
		{"servers 5", "servers 5\ngroup 1 1,2,3,4,5\nweight 1 2\nweight 1 3", `plan.txt:7: weight of server 1: line 6 has said it`},
		{"servers 5", "servers 5\ngroup 1 1,2,3,4,5\nweight 1 1000001", `plan.txt:6: weight of server 1: "1000001" is no whole number from 0 to 1000000`},
		{"servers 5", "servers 5\ngroup 1 1,2,3,4,5\nweight 5 0\nweight 4 0\nweight 3 0\nweight 2 0\nweight 1 0",
			`plan.txt:10: no quorum is possible: all weights are 0, give one to at least one voter`},
		// Threads, snapshots, and what may break a promise.
		{"servers 5", "servers 5\ngrain fine", `plan.txt:5: grain: unknown grain "fine": write one of atomic, threads`},
		{"servers 5", "servers 5\ngrain thread", `plan.txt:5: grain: unknown grain "thread", did you mean "threads"?`},
		{"servers 5", "servers 5\nsnapCount 1", `plan.txt:5: snapCount: "1" is no whole number from 2 to 2147483647`},
		{"servers 5", "servers 5\nsnapCount 0", `plan.txt:5: snapCount: "0" is no whole number from 2 to 2147483647`},
		{"servers 5", "servers 5\nsnapRetain 2", `plan.txt:5: snapRetain: "2" is no whole number from 3 to 2147483647`},
		{"servers 5", "servers 5\nsnapRetain 3 4", `plan.txt:5: write one like "snapRetain 3"`},
		{"servers 5", "servers 5\nsnapshotSizeFactor 0", `plan.txt:5: snapshotSizeFactor: "0" is no whole number from 1 to 10000 percent, and neither unlimited nor off`},
		{"servers 5", "servers 5\nsnapshotSizeFactor -1", `plan.txt:5: snapshotSizeFactor: "-1" is no whole number from 1 to 10000 percent`},
		{"servers 5", "servers 5\nthreadSlow 0", `plan.txt:5: threadSlow: "0" is no whole number from 1 to 10000`},
		{"servers 5", "servers 5\nunsafe no", `plan.txt:5: unsafe: "no": write "unsafe yes", or leave the line out`},
		{"servers 5", "servers 5\nunsafe", `plan.txt:5: write one like "unsafe yes"`},
		{"servers 5", "servers 5\nexcuse total-order", `plan.txt:5: excuse without unsafe: only faults beyond what a disk may do excuse`},
		{"servers 5", "servers 5\nunsafe yes\nexcuse total-order,", `plan.txt:6: excuse total-order,: write names of checks with commas`},
		{"servers 5", "servers 5\nunsafe yes\nexcuse a,b,a", `plan.txt:6: excuse a,b,a: a is there twice`},
		{"servers 5", "servers 5\nunsafe yes\nexcuse a, b", `plan.txt:6: write one like "excuse committed-survives,total-order"`},
		{"servers 5", "servers 5\nunsafe yes\nexcuse \"a b\"", `plan.txt:6: excuse a b: write names of checks with commas`},
		// Operations.
		{"c1#2 wait", "c1#3 wait", `plan.txt:15: op c1#3 follows c1#1: number it c1#2`},
		{"c1#2 wait", "c1#1 wait", `plan.txt:15: op c1#1 is there twice: the second may be c1#2`},
		{"c2#1 wait", "c2#3 wait", `plan.txt:17: op c2#2 is its client's first: number it c2#1`},
		{"c2#2 wait", "c7#1 wait", `plan.txt:17: op c7#1: there is no client 7 of 5`},
		{"c2#2 wait", "n2#2 wait", `plan.txt:17: "n2#2" is no operation: write client and number, such as c1#2`},
		{"sync-get", "sync-got", `plan.txt:17: unknown operation "sync-got", did you mean "sync-get"?`},
		{"get /r1", "get /r1 x", `plan.txt:15: write one key and nothing more after get`},
		{"set /r0 c1-1", "set /r0", `plan.txt:14: write one key and one value after set`},
		{"wait 25ms", "wait -25ms", `plan.txt:15: op c1#2 wait -25ms: write 0s to 100000s`},
		{"wait 25ms", "after 25ms", `plan.txt:15: op c1#2: write its wait next, such as "wait 12.5ms"`},
		{"/r1", `""`, `plan.txt:15: op c1#2 get: the key is empty`},
		{"/r1", `"/r1`, `plan.txt:15: "/r1: the quote does not end`},
		{"/r1", `"/r1"x`, `plan.txt:15: "/r1"x: a blank must follow the closing quote`},
		{"/r1", `/"r1"`, `plan.txt:15: /"r1": a quote stands around the whole word or not at all`},
		// Faults.
		{"crash leader", "crahs leader", `plan.txt:18: unknown fault "crahs", did you mean "crash"?`},
		{"crash leader", "fire leader", `plan.txt:18: unknown fault "fire": write one of crash, cut, skew`},
		{"crash leader", "crash n7", `plan.txt:18: crash: there is no server n7 of 5: write n1 to n5`},
		{"for 8s", "for 0s", `plan.txt:18: fault crash for 0s has no effect: leave "for" away`},
		{"for 8s", "for", `plan.txt:18: fault crash: a duration must follow for, such as "for 8s"`},
		{"for 8s", "for 8s now", `plan.txt:18: fault crash: for and its duration must end the line`},
		{"fault 20s", "fault soon", `plan.txt:18: fault: "soon" is no duration`},
		{"fault 20s crash leader keep=some for 8s", "fault 20s", `plan.txt:18: write one like "fault 20s crash leader for 8s"`},
		// Decisions.
		{"target = n5", "target = n6", `plan.txt:20: decide isolate@20s target = n6: there is no server n6 of 5`},
		{"crash n5#1", "crash n9#1", `plan.txt:21: decide crash n9#1 keep = 2: there is no server n9 of 5`},
		{"target = n5", "target n5", `plan.txt:20: write one like "decide isolate@20s target = n5"`},
		{"target = n5", `"target" = n5`, `plan.txt:20: decide: take the quotes off "target"`},
		{"target = n5", "#target = n5", `plan.txt:20: decide "isolate@20s #target": a key is made of words without quotes`},
		{"decide crash n5#1 keep", "decide isolate@20s target", `plan.txt:21: decide isolate@20s target = 2: it is already n5 on line 20`},
		// The result.
		{"events=123456", "event=123456", `plan.txt:23: unknown name "event", did you mean "events"?`},
		{"events=123456", "events=many", `plan.txt:23: events=many: write a whole number below 2^64`},
		{"events=123456", "", `plan.txt:23: expect: events= is missing`},
		{"events=123456", "events=1 events=2", `plan.txt:23: events is there twice`},
		{"events=123456", "123456", `plan.txt:23: write name=value, without blanks or quotes`},
		{"=0123456789abcdef", "=123", `plan.txt:23: fingerprint=123: write 16 hexadecimal digits`},
		{"violated", "violatd", `plan.txt:23: unknown verdict "violatd", did you mean "violated"?`},
	} {
		_, err := parse(strings.Replace(example, c.old, c.new, 1))
		if assert.ErrorContains(t, err, c.want, "%s -> %s", c.old, c.new) {
			assert.True(t, strings.HasPrefix(err.Error(), c.want), "%v", err)
		}
	}
}

func TestFilesThatAreNoPlan(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# nothing\n"} {
		_, err := parse(text)
		assert.EqualError(t, err, `plan.txt:1: the file is empty: its first line must be "zabsim plan 1"`)
	}
	_, err := Parse("plan.txt", iotest.ErrReader(io.ErrClosedPipe), nil)
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

// Write refuses what Parse would refuse, and then writes nothing.
func TestWriteRefusesWhatCannotBeRead(t *testing.T) {
	for want, spoil := range map[string]func(*Plan){
		"plan: the scenario has no name":                   func(p *Plan) { p.Scenario = "" },
		"plan: clients -1: write 0 to 64":                  func(p *Plan) { p.Clients = -1 },
		"plan: initLimit 0: write 1 to 10000 ticks":        func(p *Plan) { p.InitLimit = 0 },
		"plan: syncLimit 10001: write 1 to 10000 ticks":    func(p *Plan) { p.SyncLimit = 10_001 },
		"plan: commitLogCount 0: write 1 to 2147483647":    func(p *Plan) { p.CommitLogCount = 0 },
		"plan: bugs bug-99: not all of them":               func(p *Plan) { p.Bugs = bug.Set{}.With(99) },
		"plan: {3} both vote and observe":                  func(p *Plan) { p.Quorum.Observers = quorum.Of(3) },
		"plan: the servers are {1,3}: number them 1 to 2":  func(p *Plan) { p.Quorum.Voters = quorum.Of(1, 3) },
		"plan: voter 1 is in no group from 1 to 8":         func(p *Plan) { p.Quorum.Grouped = true },
		"plan: no quorum is possible: all weights are 0":   weightless,
		"plan: nobody votes":                               func(p *Plan) { p.Quorum.Voters, p.Quorum.Observers = 0, p.Quorum.Voters },
		"plan: group: server 5 observes":                   func(p *Plan) { weigh(p, 1); observe(p, 5) },
		"plan: weight 4294967295 of server 1: write 0 to":  func(p *Plan) { weigh(p, 1<<32-1) },
		"plan: weight: there is no server 7 of 5":          func(p *Plan) { weigh(p, 1); p.Quorum.Weights[7] = 1 },
		"plan: group of server 2: without groups of all":   func(p *Plan) { p.Quorum.Group[2] = 1 },
		"plan: grain 2: write atomic or threads":           func(p *Plan) { p.Grain = 2 },
		"plan: snapCount 1: write 2 to 2147483647, or":     func(p *Plan) { p.SnapCount = 1 },
		"plan: snapRetain -3: write 3 to 2147483647, or":   func(p *Plan) { p.SnapRetain = -3 },
		"plan: snapshotSizeFactor -3: write 1 to 10000":    func(p *Plan) { p.SnapshotSizeFactor = -3 },
		"plan: threadSlow 10001: write 1 to 10000, or":     func(p *Plan) { p.ThreadSlow = 10_001 },
		"plan: netSlow 1: write 2 to 1000, or leave":       func(p *Plan) { p.NetSlow = 1 },
		"plan: diskSlow 1001: write 2 to 1000, or leave":   func(p *Plan) { p.DiskSlow = 1001 },
		"plan: excuse without unsafe: only":                func(p *Plan) { p.Excuse = []string{"total-order"} },
		"plan: excuse a,b: write names of checks":          func(p *Plan) { p.Unsafe, p.Excuse = true, []string{"a,b"} },
		"plan: excuse : write names of checks":             func(p *Plan) { p.Unsafe, p.Excuse = true, []string{""} },
		"plan: op c1#1 follows c2#2: order them by client": func(p *Plan) { p.Ops = append(p.Ops, p.Ops[0]) },
		"plan: op c1#1: 9 is no kind of operation":         func(p *Plan) { p.Ops[0].Kind = 9 },
		"plan: op c1#2 get: a read has no value, but":      func(p *Plan) { p.Ops[1].Value = "x" },
		"plan: fault at -1ns: write 0s to 100000s":         func(p *Plan) { p.Faults[0].At = -1 },
		"plan: fault at 1ns follows one at 20s: order":     func(p *Plan) { p.Faults[1].At = 1 },
		"plan: fault cut for -1ns: write 1ns":              func(p *Plan) { p.Faults[1].For = -1 },
		"plan: fault at 20s: the name is empty":            func(p *Plan) { p.Faults[0].Name = "" },
		`plan: decide "a  b": a key is made of words`:      func(p *Plan) { p.Decisions[0].Key = "a  b" },
		`plan: unknown verdict "": write one of passed`:    func(p *Plan) { p.Expect.Verdict = "" },
		`plan: check "a b": write one word without quotes`: func(p *Plan) { p.Expect.Check = "a b" },
	} {
		p, err := parse(example)
		require.NoError(t, err)
		spoil(p)
		var b bytes.Buffer
		assert.ErrorContains(t, p.Write(&b), want)
		assert.Empty(t, b.String())
	}
}

func weightless(p *Plan) { weigh(p, 0) }

// weigh puts all five servers into one group, with this weight each.
func weigh(p *Plan, weight uint32) {
	p.Quorum.Grouped = true
	for id := 1; id <= 5; id++ {
		p.Quorum.Group[id], p.Quorum.Weights[id] = 1, weight
	}
}

func observe(p *Plan, id quorum.ServerID) {
	p.Quorum.Voters, p.Quorum.Observers = p.Quorum.Voters.Without(id), p.Quorum.Observers.With(id)
}

func TestWriteReportsTheWriter(t *testing.T) {
	p, err := parse(example)
	require.NoError(t, err)
	assert.Error(t, p.Write(broken{}))
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// Whatever the bytes, Parse returns, names the file in its error, and what it
// accepts can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add(strings.Replace(example, "servers 5", "servers 5\nobservers 5\ngroup 1 1,2\ngroup 8 3,4\nweight 1 0", 1))
	f.Add(strings.Replace(example, "/r1", `"a b\xff"`, 1))
	f.Add(strings.Replace(example, "clients 5", options+"clients 5", 1))
	f.Add("zabsim plan 1\nend")
	f.Add("zabsim plan 1\nop c1#1 wait")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parse(text)
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "plan.txt:"), "%v", err)
			return
		}
		first := write(t, p)
		again, err := parse(first)
		require.NoError(t, err, first)
		assert.Equal(t, first, write(t, again))
	})
}
