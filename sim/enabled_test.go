package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/keyed"
	"zabsim/sim/client"
	"zabsim/tree/register"
	"zabsim/zab"
	"zabsim/zab/quorum"
)

// searchWorld returns a world of n servers that were started, one client that
// writes twice, and a budget.
func searchWorld(t *testing.T, n int, b Budget) *World {
	t.Helper()
	script, err := client.NewScript(client.ScriptOp{Kind: client.ScriptSet, Key: "/r", Value: "1"},
		client.ScriptOp{Kind: client.ScriptSet, Key: "/r", Value: "2"})
	require.NoError(t, err)
	w := NewWorld(NewSearchSetup(&SearchConfig{Quorum: quorum.Majority(n), Scripts: []*client.Script{script}}))
	for id := 1; id <= n; id++ {
		w.Apply(Choice{Kind: ChoiceRestart, Node: quorum.ServerID(id)})
	}
	w.Budget = b
	return w
}

// walk applies random choices of a search and shows each list of them to f.
func walk(t *testing.T, f func(w *World, choices []Choice, next Choice)) {
	rng := keyed.New(1).Stream("test.walk")
	for seed := range uint64(60) {
		w := searchWorld(t, 1+int(seed)%4, Budget{Crashes: 2, Restarts: 2, Timeouts: 2, Reboots: 1, Cuts: 2})
		for step := range uint64(150) {
			choices := w.Enabled(nil, SearchOptions{EveryStage: seed%2 == 0})
			if len(choices) == 0 {
				break
			}
			c := choices[rng.Key2(seed, step).Below(uint64(len(choices)))]
			f(w, choices, c)
			w.Apply(c)
		}
	}
}

// Goal: the list is a function of the world, in canonical order, without repeats;
// budgets are paid and never overdrawn; all that can be offered is.
func TestEnabledIsCanonical(t *testing.T) {
	var offered [len(choiceNames)]int
	var timers uint32
	walk(t, func(w *World, choices []Choice, next Choice) {
		for i, c := range choices {
			offered[c.Kind]++
			if i > 0 {
				require.LessOrEqual(t, choices[i-1].Kind, c.Kind)
				require.NotContains(t, choices[:i], c)
			}
		}
		for _, c := range choices {
			if c.Kind == ChoiceTimer {
				timers |= 1 << c.Alt
				require.Equal(t, zab.TimerID(c.Alt) != zab.TimerConnect || !w.Servers[c.Node].Pausing(), !w.freeTimer(c.Node, zab.TimerID(c.Alt)))
			}
		}
		var clone World
		w.CloneInto(&clone)
		require.Equal(t, w.Fingerprint(), clone.Fingerprint())
		before := w.Budget
		clone.Apply(next)
		after := clone.Budget
		require.LessOrEqual(t, after.Crashes, before.Crashes)
		require.LessOrEqual(t, after.Restarts, before.Restarts)
		require.LessOrEqual(t, after.Timeouts, before.Timeouts)
		switch next.Kind {
		case ChoiceCrash:
			require.Equal(t, before.Crashes-1, after.Crashes)
		case ChoiceRestart:
			require.Equal(t, before.Restarts-1, after.Restarts)
		case ChoiceReboot:
			require.Equal(t, before.Reboots-1, after.Reboots)
		case ChoiceBreak:
			require.Equal(t, before.Cuts-1, after.Cuts)
		case ChoiceTimer:
		default:
			require.Equal(t, before, after)
		}
	})
	for _, k := range []ChoiceKind{ChoiceDeliver, ChoiceConnect, ChoiceTimer, ChoiceDisk, ChoiceClient, ChoiceCrash, ChoiceRestart, ChoiceBreak, ChoiceElect, ChoiceReboot} {
		assert.NotZero(t, offered[k], "%v", k)
	}
	for _, timer := range []zab.TimerID{zab.TimerInit, zab.TimerRead, zab.TimerConnect, zab.TimerHandler + 1} {
		assert.NotZero(t, timers&(1<<timer), "%v", timer)
	}
	assert.Zero(t, offered[ChoiceCut]+offered[ChoiceHeal]+offered[ChoiceNone])
}

// Goal: a slot says what it connects, and the other way round.
func TestSlotsAreNamedByTheirEnds(t *testing.T) {
	for n := 1; n <= quorum.Max; n++ {
		w := searchWorld(t, n, Budget{})
		s := w.Setup()
		require.Len(t, w.Conns, s.Slots())
		for slot := 0; slot < s.Slots(); slot += generations {
			p, a, b := s.SlotEnds(slot)
			assert.NotEqual(t, a, b)
			w.Conns = make([]Conn, s.Slots())
			assert.Equal(t, slot, w.fixedSlot(a, b, p))
			w.Conns[slot].State = ConnOpen
			assert.Equal(t, slot+1, w.fixedSlot(a, b, p), "the next generation")
			p2, a2, b2 := s.SlotEnds(slot + 1)
			assert.Equal(t, []any{p, a, b}, []any{p2, a2, b2})
		}
	}
}

// Goal: crashes that leave a temporary epoch file behind need not be searched.
// Method: recovery reads the same from the three disks. When it begins to read
// temporary files, this fails, and SearchOptions must be changed.
func TestTemporaryEpochFilesAreNotRead(t *testing.T) {
	for _, kind := range []zab.DiskKind{zab.DiskAcceptedEpoch, zab.DiskCurrentEpoch} {
		var boots []zab.Boot
		for _, stage := range []uint8{StageNone, StageTorn, StageTemp} {
			d := NewDisk(zab.NewSnapshot(0, 0, 0, register.New().Clone()))
			d.accepted.epoch, d.current.epoch = 3, 2
			d.start(&zab.DiskOp{Kind: kind, Token: zab.TokenPeer, Epoch: 4})
			d.crash(Outcome{Stage: stage})
			boot, err := zab.Recover(d.Image(false))
			require.NoError(t, err)
			boots = append(boots, boot)
		}
		assert.Equal(t, boots[0], boots[1])
		assert.Equal(t, boots[0], boots[2])
	}
}
