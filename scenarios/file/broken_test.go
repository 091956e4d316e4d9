package file_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/file"
	"zabsim/scenarios/file/decode"
)

const head = "name: x\nfor: 60s\n"

// broken are files with one mistake each, and what must be said about it: place and
// reason. schema says that the schema refuses it, too.
var broken = []struct {
	text   string
	want   string
	schema bool
}{
	{"", `1:1: the file is empty`, false},
	{"# nothing\n", `1:1: the file is empty`, false},
	{"---\n", `1:1: the file is empty`, false},
	{"- a\n", `1:1: a scenario: keys and values are wanted`, true},
	{"steady\n", `1:1: a scenario: keys and values are wanted`, true},
	{"name: x\nfor: 60s\n---\nname: y\nfor: 1s\n", `4:1: a second document begins here`, false},
	{"for: 60s\n", `1:1: name is missing: add a line such as "name: my-scenario"`, true},
	{"name: x\n", `1:1: for is missing: add a line such as "for: 60s"`, true},
	{"name: X y\nfor: 60s\n", `1:7: name "X y": write small letters`, true},
	{"name: latest\nfor: 60s\n", `1:7: name "latest"`, false},
	{"name:\nfor: 60s\n", `1:1: name has no value`, true},
	{head + "fautls: []\n", `3:1: unknown key "fautls" in a scenario, did you mean "faults"?`, true},
	{head + "name: y\n", `3:1: this is no YAML: mapping key "name" already defined at [1:1]`, false},
	{head + "claim: [a\n", `this is no YAML: `, false},
	{head + "claim: &a b\n", `3:8: anchors (&x) and aliases (*x) are not read here`, false},
	{head + "claim: !!str b\n", `3:8: tags (!x) are not read here`, false},
	{head + "ensemble:\n  <<: {servers: 3}\n", `4:3: << merges are not read here`, false},
	{"name: x\nfor: 60\n", `2:6: for: "60" is no duration: write a number with one of the units h, m, s, ms, us, ns, such as "12.5ms", or several with the larger first, such as "1m30s", did you mean "60s"?`, true},
	{"name: x\nfor: 1d\n", `2:6: for: "1d" is no duration`, true},
	{"name: x\nfor: 30s1m\n", `2:6: for: "30s1m" is no duration`, false},
	{"name: x\nfor: 28h\n", `2:6: for 28h: write 1s to 100000s`, false},
	{"name: x\nfor: 30s\nfaults:\n  - {at: 15s, fault: ring, for: 1s}\n  - {at: 45s, fault: ring}\n", `5:10: at 45s: this fault never begins, the scenario ends at 30s`, false},
	{"faults:\n  - {at: 1m, fault: ring}\n" + head, `2:10: at 60s: this fault never begins`, false},
	{head + "faults:\n  - {from: 60s, until: 90s, every: 1s, rounds: [[{fault: ring}]]}\n", `4:12: from 60s: these rounds never begin, the scenario ends at 60s`, false},
	{head + "faults:\n  - {from: 50s, until: 59s, every: 1s, rounds: [[{at: 10s, fault: ring}]]}\n", `4:55: at 10s after 50s: this fault never begins`, false},
	{"name: x\nfor: 10ms\n", `2:6: for 10ms: write 1s to 100000s`, false},
	{"name: x\nfor: 200000s\n", `2:6: for 200000s: write 1s to 100000s`, false},
	{head + "ensemble: {tickTme: 2s}\n", `3:12: unknown key "tickTme" in ensemble, did you mean "tickTime"?`, true},
	{head + "ensemble: {servers: 9}\n", `3:21: servers: "9" is no whole number from 1 to 8`, true},
	{head + "ensemble: {servers: three}\n", `3:21: servers: "three" is no whole number from 1 to 8`, true},
	{head + "ensemble: {servers: 3, observers: 3}\n", `3:35: nobody votes`, false},
	{head + "ensemble: {observers: spar}\n", `3:23: unknown number of observers "spar", did you mean "spare"?`, true},
	{head + "ensemble: {initLimit: 20000}\n", `3:23: initLimit 20000: write 1 to 10000 ticks`, true},
	{head + "ensemble: {snapRetain: 1}\n", `3:24: snapRetain 1: write 3 to`, true},
	{head + "ensemble: {netSlow: 0}\n", `3:21: netSlow: "0" is no whole number from 1`, true},
	{head + "ensemble: {snapshotSizeFactor: 0}\n", `3:32: snapshotSizeFactor: "0" is no whole number`, true},
	{head + "ensemble: {grain: thread}\n", `3:19: unknown grain "thread", did you mean "threads"?`, true},
	{head + "ensemble: {servers: 3, least: 4}\n", `3:31: x makes sense with 4 servers or more, not with 3`, false},
	{head + "ensemble: {groups: {1: [n1, n2]}}\n", `3:20: voter 3 is in no group`, false},
	{head + "ensemble: {groups: {a: rest}}\n", `3:21: group "a": write a number from 1 to 8`, true},
	{head + "ensemble: {groups: {1: al}}\n", `3:24: "al" names no servers, did you mean "all"?`, false},
	{head + "ensemble: {groups: {1: rest, 2: first}, weights: {frist: 2}}\n", `3:51: "frist" names no servers, did you mean "first"?`, false},
	{head + "ensemble: {groups: {1: rest}, weights: {all: 0}}\n", `no quorum is possible`, false},
	{head + "ensemble: {sets: {leader: all}}\n", `3:19: leader has a meaning already`, false},
	{head + "ensemble: {sets: {a: b, b: all}}\n", `3:22: "b" names no servers`, false},
	{head + "workload: {interval: 10us}\n", `3:22: interval 10us: write 1ms to`, false},
	{head + "workload: {interval: 1ms, clients: 64}\n", `3:22: that is about 3840000 operations in 60s`, false},
	{head + "workload: {rate: 50}\n", `3:18: rate: "50" is no rate`, true},
	{head + "workload: {rate: 50/s, interval: 1s}\n", `rate and interval say the same`, false},
	{head + "workload: {mix: {get: 0}}\n", `mix: all shares are 0`, false},
	{head + "workload: {mix: {put: 1}}\n", `3:18: unknown key "put" in mix`, true},
	{head + "workload: {keys: 0}\n", `3:18: keys: "0" is no whole number`, true},
	{head + "workload: {lulls: [{from: 1s, burst: 2s}]}\n", `a lull needs from, burst and until`, true},
	{head + "workload: {lulls: [{from: 3s, burst: 2s, until: 9s}]}\n", `a lull begins after`, false},
	{head + "workload: {programs: [{recipe: lok}]}\n", `3:32: unknown recipe "lok", did you mean "lock"?`, true},
	{head + "workload: {programs: [{recipe: lock, with: {ruonds: 2}}]}\n", `3:23: lock: there is no argument "ruonds", did you mean "rounds"?`, false},
	{head + "workload: {programs: [{recipe: lock, with: {rounds: x}}]}\n", `lock: rounds=x: want a number`, false},
	{head + "workload: {programs: []}\n", `programs: there is none`, true},
	{head + "faults: swarn\n", `3:9: unknown way to choose faults "swarn", did you mean "swarm"?`, true},
	{head + "faults: {swarm: {gap: 5s}}\n", `3:23: gap: "5s" is no range of times: write one such as 200ms..5s`, true},
	{head + "faults: {swarm: {gap: 5s..1s}}\n", `3:23: gap: "5s..1s": write the smaller time first`, false},
	{head + "faults: {swarm: {kinds: [crsh]}}\n", `3:26: unknown fault "crsh", did you mean "crash"?`, true},
	{head + "faults:\n  - {fault: crash, target: leader}\n", `4:5: at is missing`, true},
	{head + "faults:\n  - {at: 1s, target: leader}\n", `4:5: fault is missing`, true},
	{head + "faults:\n  - {at: 1s, fault: crsh, target: leader}\n", `4:21: unknown fault "crsh", did you mean "crash"?`, true},
	{head + "faults:\n  - {at: 1s, fault: crash, target: leadr, keep: some}\n", `4:36: "leadr" is no target, did you mean "leader"?`, false},
	{head + "faults:\n  - {at: 1s, fault: crash, target: al, keep: some}\n", `4:36: "al" is no target; a server (n1) or one of leader, follower, any is wanted, did you mean "all"?`, false},
	{head + "faults:\n  - {at: 1s, fault: crash, target: n6, keep: some}\n", `4:36: there is no server n6`, false},
	{head + "faults:\n  - {at: 1s, fault: crash, target: group 1, keep: some}\n", `4:36: crash group 1: in this ensemble that is nobody`, false},
	{head + "faults:\n  - {at: 1s, fault: crash, target: leader, kep: some}\n", `4:44: unknown key "kep" in a fault, did you mean "keep"?`, true},
	{head + "faults:\n  - {at: 1s, fault: isolate, target: leader, keep: some}\n", `isolate takes no "keep=some"`, false},
	{head + "faults:\n  - {at: 1s, fault: hangup, target: c9}\n", `4:37: there is no client c9`, false},
	{head + "faults:\n  - {at: 1s, fault: lying-fsync, target: n1, for: 5s}\n", `lying-fsync breaks what ZooKeeper demands of a disk`, false},
	{head + "faults:\n  - {at: 1s, for: 5s, fault: crash, target: n1, keep: some}\n  - {at: 3s, for: 5s, fault: pause, target: n1}\n", `5:45: pause n1 at 3s: crash holds n1 from 1s until 6s`, false},
	{head + "faults:\n  - {until: 9s, every: 1s, rounds: []}\n", `rounds: no round has a fault`, false},
	{head + "faults:\n  - {every: 1s, rounds: [[{fault: ring}]]}\n", `until is missing`, true},
	{head + "faults:\n  - {until: 9000s, every: 1ms, rounds: [[{fault: ring}]]}\n", `these are more than 10000 faults`, false},
	{head + "faults:\n  - {until: 9s, every: 1s, pair: [a], rounds: [[{fault: ring}]]}\n", `pair: write two names`, true},
	{head + "faults:\n  - {until: 9s, every: 1s, pair: [a, b], rounds: [[{fault: cut, target: a>c}]]}\n", `4:73: `, false},
	{head + "unsafe: yes\n", `3:9: unsafe: "yes" is neither true nor false`, true},
	{head + "excuse: [agreement]\n", `3:9: excuse without unsafe`, false},
	{head + "unsafe: true\nexcuse: [agremeent]\n", `4:10: unknown check "agremeent", did you mean "agreement"?`, false},
	{head + "expect: {reach: [second-leadr]}\n", `3:18: unknown property to reach "second-leadr", did you mean "second-leader"?`, false},
	{head + "expect: {hold: [total-oder]}\n", `3:17: unknown property "total-oder", did you mean "total-order"?`, false},
	{head + "expect: {hold: []}\n", `3:16: hold: there is no property`, false},
	{head + "expect: {thresholds: [p99(failovr) < 4s]}\n", `3:23: p99: unknown thing to measure "failovr", did you mean "failover"?`, true},
	{head + "expect: {thresholds: [p98(failover) < 4s]}\n", `3:23: unknown measure "p98", did you mean "p90"?`, true},
	{head + "expect: {thresholds: [p99(failover) < 4]}\n", `"4" is no time to compare p99(failover) with`, true},
	{head + "expect: {thresholds: [count(ops) >= 3s]}\n", `"3s" is no number to compare a count with`, true},
	{head + "expect: {thresholds: [fast]}\n", `3:23: "fast" is no threshold: write one such as`, true},
	{head + "expect: {thresholds: [p99(op) = 1s]}\n", `equality is no threshold`, true},
	{head + "faults:\n  - {at: 3s, fault: crash, target: leader, keep: soem}\n", `4:50: keep=soem, did you mean "some"?`, false},
	{head + "faults:\n  - {at: 3s, keep: soem, fault: crash, target: all}\n", `4:20: keep=soem`, false},
	{head + "faults:\n  - {at: 3s, fault: refuse, target: [all], plane: elction}\n", `4:51: plane=elction, did you mean`, false},
	{head + "faults:\n  - {at: 3s, fault: drift, target: n1, rate: 3}\n", `4:46: rate=3: a whole number from 500`, false},
	{head + "faults:\n  - {at: 3s, fault: slow, target: n1-n2, by: 1}\n", `4:46: by=1: `, false},
	{head + "faults:\n  - {at: 3s, fault: step, target: n1, by: 5}\n", `4:43: by=5: a time in whole milliseconds`, false},
	{head + "faults:\n  - {at: 3s, fault: step, target: n1}\n", `4:21: by=: a time in whole milliseconds`, false},
	{head + "faults:\n  - {at: 3s, fault: midsync, after: 9, hit: dsk}\n", `4:45: hit=dsk`, false},
	{head + "faults:\n  - {at: 3s, fault: midwrite, after: 2000}\n", `4:38: after=2000`, false},
	{head + "unsafe: true\nfaults:\n  - {at: 3s, fault: lost-file, target: n1, file: lgo}\n", `5:50: file=lgo`, false},
	{head + "faults:\n  - {at: 3s, fault: isolate, target: leader, keep: some}\n", `4:46: isolate takes no "keep=some"`, false},
	{head + "faults:\n  - {at: 3s, fault: slow, target: n1-n2, rate: 1000}\n", `4:42: slow takes no option "rate"`, false},
	{head + "faults:\n  - {at: 3s, fault: crash, target: leader, by: 2}\n", `4:44: crash takes keep=all, keep=some or keep=none, not "by=2"`, false},
	{head + "faults:\n  - {at: 3s, fault: hangup, target: c1, for: 3s}\n", `4:41: hangup is over at once`, false},
	{head + "faults:\n  - {at: 3s, fault: cut, target: [n1>n2, n2>n8]}\n", `4:42: there is no server n8`, false},
	{head + "faults:\n  - {at: 3s, fault: cut, target: [n1>n2, n2>x]}\n", `4:42: "n2>x" is no link`, false},
	{head + "faults:\n  - {until: 9s, every: 1s, rounds: [[{fault: crash, target: all, for: 1s}]], keep: [none, soem]}\n", `4:91: keep=soem`, false},
	{head + "faults:\n  - {at: 1s, fault: crash, target: n2, keep: some}\n  - {at: 3s, fault: pause, target: n2}\n", `until 60s (line 4); let`, false},
	{head + "faults:\n  - {at: 1s, fault: lying-fsync, target: n1, for: 5s}\n", `4:21: lying-fsync breaks what ZooKeeper demands of a disk; this scenario does not allow it: add the line "unsafe: true"`, false},
	{head + "faults:\n  - {swarm: {gap: 1s..5s}}\n", `4:6: swarm stands in place of the list of faults, not in it: write "faults: swarm", or`, true},
	{head + "faults:\n  - swarm\n", `4:5: swarm stands in place of the list of faults`, true},
	{head + "faults: [swarm]\n", `3:10: swarm stands in place of the list of faults`, true},
	{head + "claim: a\xff\n", `3:9: the byte 0xff is no UTF-8`, false},
	{head + "# \u00e4\xc3\n", `3:4: the byte 0xc3 is no UTF-8`, false},
	{"\xff\xfen\x00a\x00", `1:1: the byte 0xff is no UTF-8`, false},
	{head + "claim: a \x1b[31mred\n", `3:10: this is the control character U+001B`, false},
	{head + "claim: a\u009bb\n", `3:9: this is the control character U+009B`, false},
	{head + "claim: a\u202eb\n", `3:9: this is the control character U+202E`, false},
	{head + `claim: "a \e[31mred"` + "\n", `3:8: claim: it has the control character U+001B`, false},
	{head + `workload: {programs: [{recipe: lock, with: {root: "/a\x07"}}]}` + "\n", `3:51: root: it has the control character U+0007`, false},
	{head + `"\e": a` + "\n", `3:1: this key: it has the control character U+001B`, false},
	{head + "claim: " + strings.Repeat("[", 100_000), `3:107: this is nested more than 100 deep`, false},
	{head + strings.Repeat("- ", 100_000), `3:201: this is nested more than 100 deep`, false},
	{head + "faults: [" + strings.Repeat("- ", 50_000), `this is nested more than 100 deep`, false},
	{head + strings.Repeat("? ", 100_000), `3:201: this is nested more than 100 deep`, false},
	{head + "claim: " + strings.Repeat("&a ", 100_000), `tags (!x) and anchors (&x) are not read here`, false},
	{head + many(20_000, "k%d: v\n"), `these are more than 1000 keys`, false},
	{head + "claim: {" + many(20_000, "k%d: v, ") + "}", `these are more than 1000 keys`, false},
	{head + "claim: \"" + strings.Repeat("\t", 200_000) + "\"\n", `1:1: the file has more than 10000 tabs`, false},
	{head + "# " + strings.Repeat("x", 1<<20), `1:1: the file is too long: a scenario has at most 1048576 bytes`, false},
	{head + "claim: {a: b}\n", `3:8: claim: one word or a text is wanted`, true},
}

// many writes a line with a number so many times.
func many(n int, line string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

// Goal: whatever is wrong is told with its place, and with what would be right.
// Method: one mistake after the other in a file that is good.
func TestBrokenFiles(t *testing.T) {
	_, err := file.Parse("x.yaml", []byte(head))
	require.NoError(t, err, "without the mistake")
	for _, b := range broken {
		s, err := file.Parse("x.yaml", []byte(b.text))
		if !assert.Error(t, err, b.text) {
			continue
		}
		assert.Nil(t, s)
		var e *decode.Error
		require.True(t, errors.As(err, &e))
		assert.Contains(t, err.Error(), b.want, b.text)
		assert.True(t, strings.HasPrefix(err.Error(), "x.yaml:"))
	}
}

// TestTheLineIsShown: with a mark below the column.
func TestTheLineIsShown(t *testing.T) {
	_, err := file.Parse("x.yaml", []byte(head+"workload:\n  mix: {put: 1}\n"))
	assert.EqualError(t, err, `x.yaml:4:9: unknown key "put" in mix, did you mean "set"?; it may have set, cas, get, sync-get
   4 |   mix: {put: 1}
     |         ^`)
}

// FuzzParse: no text makes the parser panic, a refusal names a place, and what is
// accepted makes plans that can be run.
func FuzzParse(f *testing.F) {
	f.Add(good)
	for _, b := range broken {
		f.Add(b.text)
	}
	for _, text := range builtins() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 20_000 {
			t.Skip("long texts say nothing more, slowly")
		}
		s, err := file.Parse("x.yaml", []byte(text))
		if err != nil {
			var e *decode.Error
			require.True(t, errors.As(err, &e))
			require.True(t, e.Line > 0 && e.Column > 0 && e.Reason != "", err.Error())
			return
		}
		checkAccepted(t, s)
	})
}
