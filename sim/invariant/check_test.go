package invariant

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/bug"
)

func TestEachCheckIsDocumentedAndFound(t *testing.T) {
	var seen Seen
	for _, c := range append(All(), Sometimes()...) {
		assert.Regexp(t, `^[a-z][a-z0-9-]+$`, c.Name)
		assert.Regexp(t, `^(acceptedEpoch|[A-Z]).*\.$`, c.Doc, c.Name)
		assert.NotEmpty(t, c.Source, c.Name)
		assert.NotEmpty(t, c.Kind.String())
		got, ok := Lookup(c.Name)
		require.True(t, ok, c.Name)
		assert.Equal(t, c.Doc, got.Doc, "two checks are called %s", c.Name)
		assert.Equal(t, c.Kind == KindAlways, c.run != nil, c.Name)
		assert.Equal(t, c.Kind == KindAlways, len(c.probes)+len(c.events) > 0, c.Name)
		if c.Kind == KindSometimes {
			assert.Equal(t, []string{c.Name}, c.Bit.Names())
			assert.False(t, seen.Has(c.Bit), c.Name)
			seen |= c.Bit
		}
	}
	_, ok := Lookup("sunshine")
	assert.False(t, ok)
	assert.Len(t, All(), 34)
}

// The bug registry promises which invariants notice.
func TestBugsBreakChecksThatExist(t *testing.T) {
	for _, b := range bug.All() {
		for _, name := range b.Breaks {
			_, ok := Lookup(name)
			assert.True(t, ok || b.Tree, "%s says that it breaks %s", b.Name, name)
		}
	}
}

// Only the first violation of each check is kept, in the order of events.
func TestFirstViolationOfEachCheck(t *testing.T) {
	w, _ := committed(t, 2)
	w.deliver(2, tx(1, 2, "x"), tx(1, 1, "forged"))
	w.deliver(3, tx(1, 1, "forged"), tx(1, 2, "x"))
	assert.Equal(t, []string{"local-primary-order", "integrity"}, w.names())
}

func TestSampleThinsChecksOut(t *testing.T) {
	for sample, want := range []int{1, 1, 1, 1, 0} {
		w := newWorld(t, 3)
		w.Sample = uint32(sample)
		for range 3 {
			w.judge(Event{Kind: EvReopen, Server: 1, Mem: Facts{Digest: 1}})
		}
		assert.Len(t, w.Violations, want, "sample %d", sample)
	}
}
