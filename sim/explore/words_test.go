package explore

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/zxid"
)

// Goal: a model's words say all of it, and it can be made again from them. Method: set
// each field, but for the prefix, which is steps and no word.
func TestWordsSayTheWholeModel(t *testing.T) {
	whole := Model{
		Servers: 3, Observers: 1, Writes: 2, Crashes: 3, Restarts: 4, Reboots: 5, Cuts: 6, Timeouts: 7, Rounds: 8, Election: ElectionOnly,
		Znodes: true, Grain: plan.GrainThreads, Bugs: bug.Set{}.With(bug.FlatVoteOrder), CounterMax: 9, Scenario: "serving",
		Disks:   []sim.FirstDisk{{Epoch: 2, Last: zxid.Make(1, 3)}, {}},
		Options: sim.SearchOptions{EveryStage: true, DurableAtOnce: true},
	}
	v := reflect.ValueOf(whole)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "Prefix" {
			assert.False(t, v.Field(i).IsZero(), "%s: set it here, and give it a word", name)
		}
	}
	var again Model
	for _, w := range whole.Words() {
		require.NoError(t, again.Set(w.Name, w.Value))
	}
	assert.Equal(t, whole, again)
	assert.Empty(t, (&Model{}).Words())
	assert.Len(t, whole.Words(), len(words))
}

// Goal: a model in few words.
func TestModelInWords(t *testing.T) {
	m := Model{Servers: 3, Writes: 2, Crashes: 2, Restarts: 1, Grain: plan.GrainThreads, Scenario: "rejoin", Election: ElectionOnly, Cuts: 1}
	assert.Equal(t, "3 servers, 2 writes, 2 crashes, 1 restart, 1 cut, threads, elections alone, from rejoin", m.InWords())
	m = Model{Servers: 2, Election: ElectionOnly, Disks: []sim.FirstDisk{{Epoch: 2, Last: zxid.Make(1, 1)}, {Epoch: 1}}, Options: sim.SearchOptions{EveryStage: true}}
	assert.Equal(t, "2 servers, elections alone, disks of 2:1.1,1:0.0, every stage of an epoch file", m.InWords())
	assert.Equal(t, "1 server", (&Model{Servers: 1}).InWords())
}
