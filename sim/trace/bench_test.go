package trace

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/internal/fp"
	"zabsim/zab/host"
)

var benchEvent = Event{57, 51, host.Time(12_340_000), 2, "sync", "fsync", "log<=2.4"}

var benchDeltas = []Delta{{2, "state", `"LEADING"`}, {2, "phase", `"DISCOVERY"`}}

// A run must not slow down by collecting garbage of its trace.
func TestSinksDoNotAllocate(t *testing.T) {
	text, j := NewText(io.Discard, storyHeader), NewJSONL(io.Discard, storyHeader)
	both := Multi(text, j)
	var f Fold
	got := testing.AllocsPerRun(10_000, func() {
		both.Event(&benchEvent, f.Add(benchEvent.At, 57, 51), benchDeltas)
	})
	assert.Zero(t, got)
}

func BenchmarkText(b *testing.B) {
	b.ReportAllocs()
	s := NewText(io.Discard, storyHeader)
	for b.Loop() {
		s.Event(&benchEvent, 1, nil)
	}
}

func BenchmarkJSONL(b *testing.B) {
	b.ReportAllocs()
	s := NewJSONL(io.Discard, storyHeader)
	for b.Loop() {
		s.Event(&benchEvent, 1, nil)
	}
}

func BenchmarkJSONLWithDeltas(b *testing.B) {
	b.ReportAllocs()
	s := NewJSONL(io.Discard, storyHeader)
	for b.Loop() {
		s.Event(&benchEvent, 1, benchDeltas)
	}
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	var f Fold
	at, sum := host.Time(0), fp.Hash(0)
	for b.Loop() {
		at++
		sum += f.Add(at, 57, 51)
	}
	if sum == 0 {
		b.Fatal("the sum must be used")
	}
}
