package reports

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/zxid"
)

func historyTime(d time.Duration) host.Time { return host.Time(d) }

func failoversOf(t *testing.T, f *fixture) []Failover {
	t.Helper()
	list, err := Failovers(f.folder(t))
	require.NoError(t, err)
	for i := range list {
		last := list[i].At
		for _, ph := range list[i].Phases() {
			assert.Equal(t, last, ph.From, "phases join")
			assert.GreaterOrEqual(t, ph.Until, ph.From, "phases last")
			last = ph.Until
		}
	}
	return list
}

// write adds one successful write to the history.
func (f *fixture) write(asked, answered time.Duration, epoch int64) {
	f.ops = append(f.ops, history.Op{Client: len(f.ops), Kind: history.Set, Key: "/r0", Outcome: history.Ok,
		Invoke: host.Time(asked), Ended: host.Time(answered), Zxid: zxid.Make(zxid.Epoch(epoch), uint32(len(f.ops)+1))})
}

// three is an ensemble of three that n3 leads in epoch 1 from 336 ms on.
func three() *fixture {
	f := newFixture(3, 1, 60*sec)
	f.look(0, "n1", "n2", "n3")
	f.elect(200*ms, 1, "n3", "n1", "n2")
	return f
}

// Goal: each step of a crash of the leader is found at its time. A follower's crash in
// between is no fail-over, and the first election is none.
func TestCrashOfLeaderIsTakenApart(t *testing.T) {
	f := three()
	f.fault("crash", "n1", "", 5*sec, 6*sec)
	f.at(5*sec, "n1", facts{"up": false})
	f.look(6*sec, "n1")
	f.follow(6*sec+100*ms, 1, "n3", "n1")
	f.fault("crash", "n3", "", 10*sec, 30*sec)
	f.at(10*sec, "n3", facts{"up": false})
	f.look(10*sec+9*ms, "n1", "n2")
	f.elect(10*sec+441*ms, 2, "n2", "n1")
	f.write(9*sec, 10*sec+590*ms, 2)         // asked before the fault
	f.write(10*sec-1, 10*sec+ms, 1)          // the same, and answered by the old leader
	f.write(10*sec+ms, 10*sec+620*ms, 2)     // the one
	f.write(10*sec+500*ms, 10*sec+700*ms, 2) // later
	assert.Equal(t, []Failover{{From: "n3", To: "n2", Epoch: 2, Fault: "crash n3", Elections: 1, At: 10 * sec,
		Looking: 10*sec + 9*ms, Elected: 10*sec + 441*ms, Discovered: 10*sec + 483*ms, Synchronized: 10*sec + 577*ms,
		Committed: 10*sec + 581*ms, Written: 10*sec + 620*ms}}, failoversOf(t, f))
}

// Goal: a leader that hangs is detected by time-out, and the clock starts at the fault. What
// still got through in the old epoch, and what the old leader does when it wakes up, doesn't count.
func TestHangOfLeaderStartsAtTheFault(t *testing.T) {
	f := three()
	f.fault("slow-disk", "n1", "", 9*sec, 20*sec)
	f.fault("pause", "n3", "", 10*sec, 13*sec)
	f.look(11*sec, "n1", "n2")
	f.elect(11*sec+220*ms, 2, "n1", "n2")
	f.look(13*sec, "n3")
	f.follow(13*sec+300*ms, 2, "n1", "n3")
	f.write(10*sec, 10*sec+ms, 1)
	f.write(10*sec, 12*sec, 2)
	list := failoversOf(t, f)
	require.Len(t, list, 1)
	assert.Equal(t, "pause n3", list[0].Fault)
	assert.Equal(t, 10*sec, list[0].At)
	assert.Equal(t, 11*sec, list[0].Looking)
	assert.Equal(t, 12*sec, list[0].Written)
}

// Goal: what happens to clients is no reason for a fail-over, though it is the nearest fault.
func TestFaultsOfClientsAreNotBlamed(t *testing.T) {
	f := three()
	f.fault("slow-disk", "n1", "", 9*sec, 20*sec)
	f.fault("freeze", "c3", "", 10*sec, 13*sec)
	f.fault("hangup", "any-client", "", 11*sec, 11*sec)
	f.look(11*sec, "n1", "n2")
	f.elect(11*sec+220*ms, 2, "n1", "n2")
	list := failoversOf(t, f)
	require.Len(t, list, 1)
	assert.Equal(t, "slow-disk n1", list[0].Fault)
}

// Goal: a leader that loses its followers is lost with the one that made the quorum, and
// nobody may take over until one is back. A new crash of the same server begins a new row.
func TestLossOfQuorumCounts(t *testing.T) {
	f := three()
	f.fault("crash", "n1", "", 5*sec, 20*sec)
	f.at(5*sec, "n1", facts{"up": false})
	f.fault("crash", "n2", "", 8*sec, 0)
	f.at(8*sec, "n2", facts{"up": false})
	f.look(8*sec+600*ms, "n3")
	f.look(20*sec, "n1")
	f.elect(20*sec+250*ms, 2, "n3", "n1")
	f.fault("crash", "n1", "", 40*sec, 0)
	f.at(40*sec, "n1", facts{"up": false})
	f.look(40*sec+600*ms, "n3")
	list := failoversOf(t, f)
	require.Len(t, list, 2)
	assert.Equal(t, "crash n2", list[0].Fault)
	assert.Equal(t, []string{"n3", "n3"}, []string{list[0].From, list[0].To})
	assert.Equal(t, []time.Duration{8 * sec, 8*sec + 600*ms, 20*sec + 250*ms}, []time.Duration{list[0].At, list[0].Looking, list[0].Elected})
	assert.Equal(t, Never, list[0].Written, "no history, no write")
	assert.Equal(t, Failover{From: "n3", Fault: "crash n1", At: 40 * sec, Looking: 40*sec + 600*ms, Elected: Never,
		Discovered: Never, Synchronized: Never, Committed: Never, Written: Never}, list[1])
	assert.Len(t, list[1].Phases(), 1)
	assert.False(t, list[1].Complete())
}

// Goal: leaders that give up before they serve lengthen the election and are counted.
func TestElectionsThatCameToNothingAreCounted(t *testing.T) {
	list := failoversOf(t, storm(5))
	require.Len(t, list, 5)
	assert.Equal(t, []int{1, 1, 2, 1, 0}, []int{list[0].Elections, list[1].Elections, list[2].Elections, list[3].Elections, list[4].Elections})
	assert.Equal(t, "", list[4].To)
}

// Goal: no injected fault, no blame, and the clock starts when the quorum was gone. A fault
// long healed is not to blame either.
func TestSpontaneousLossBlamesNobody(t *testing.T) {
	f := three()
	f.fault("slow-disk", "n1", "", sec, 2*sec)
	f.look(30*sec, "n3", "n1", "n2")
	f.elect(30*sec+250*ms, 2, "n1", "n2", "n3")
	list := failoversOf(t, f)
	require.Len(t, list, 1)
	assert.Equal(t, "", list[0].Fault)
	assert.Equal(t, 30*sec, list[0].At)
}

// Goal: weights decide who is missed. With 3 votes of 5 at the leader, two followers are not.
func TestWeightsDecideWhatAQuorumIs(t *testing.T) {
	f := three()
	f.run.Config.Weights = []int{1, 1, 3}
	f.look(30*sec, "n1", "n2")
	assert.Empty(t, failoversOf(t, f))
	f.run.Config.Groups = [][]int{{3}, {1}, {2}}
	assert.Len(t, failoversOf(t, f), 1, "one group of three is no quorum")
}

// Goal: the two fail-overs of the minute that the charts are looked at with.
func TestFailoversOfTheMinute(t *testing.T) {
	list := failoversOf(t, minute())
	require.Len(t, list, 2)
	assert.Equal(t, []string{"crash n5", "partition n4|n1,n2,n3,n5"}, []string{list[0].Fault, list[1].Fault})
	assert.Equal(t, 9*ms, list[0].Looking-list[0].At)
	assert.Equal(t, 1002*ms, list[1].Looking-list[1].At)
	assert.True(t, list[0].Complete() && list[1].Complete())
}

// Goal: a leader that comes back at once and is elected again has been lost all the same.
// Its followers cannot return to the reign that ended, so the clock starts at the crash.
func TestLeaderThatReturnsWasLost(t *testing.T) {
	f := three()
	f.fault("slow-disk", "n3", "", 9*sec, 0)
	f.fault("crash", "n3", "", 10*sec, 10*sec+50*ms)
	f.at(10*sec, "n3", facts{"up": false})
	f.look(10*sec+2*ms, "n1", "n2")
	f.look(10*sec+50*ms, "n3")
	f.elect(10*sec+300*ms, 2, "n3", "n1", "n2")
	f.at(20*sec, "n3", facts{"up": false})
	f.look(20*sec+2*ms, "n1", "n2")
	list := failoversOf(t, f)
	require.Len(t, list, 2)
	assert.Equal(t, []string{"n3", "n3", "crash n3"}, []string{list[0].From, list[0].To, list[0].Fault})
	assert.Equal(t, []time.Duration{10 * sec, 10*sec + 2*ms, 10*sec + 300*ms}, []time.Duration{list[0].At, list[0].Looking, list[0].Elected})
	assert.Equal(t, "n3 went down", list[1].Fault, "a fault of long ago didn't take it down")
	assert.Equal(t, 20*sec, list[1].At)
}

// Goal: where nobody survives, detection lasts until the first is back.
func TestDetectionAfterTotalLoss(t *testing.T) {
	f := three()
	for _, s := range []string{"n1", "n2", "n3"} {
		f.fault("crash", s, "", 10*sec, 14*sec)
		f.at(10*sec, s, facts{"up": false})
	}
	f.look(14*sec, "n1", "n2", "n3")
	f.elect(14*sec+200*ms, 2, "n3", "n1", "n2")
	list := failoversOf(t, f)
	require.Len(t, list, 1)
	assert.Equal(t, "crash n3", list[0].Fault)
	assert.Equal(t, []time.Duration{10 * sec, 14 * sec}, []time.Duration{list[0].At, list[0].Looking})
}
