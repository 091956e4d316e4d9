package watch

import (
	"fmt"
	"testing"

	"zabsim/zab/txn"
)

const benchPath = "/app/locks/lock-0000000017"

// elsewhere returns tables with n one-shot watches in each table, of 100
// connections.
func elsewhere(n int) *Tables {
	var w Tables
	for i := range n {
		w.Add(fmt.Sprintf("/app/nodes/node-%010d", i), txn.Watcher(1+i%100), Data)
		w.Add(fmt.Sprintf("/app/nodes/node-%010d", i), txn.Watcher(1+i%100), Children)
	}
	return &w
}

func bench(b *testing.B, w *Tables) {
	b.Run("set", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			w.NodeDataChanged(benchPath, nil, 1)
			w.events = w.events[:0]
		}
	})
	b.Run("create", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			w.NodeCreated(benchPath, nil, nil, 1)
			w.events = w.events[:0]
		}
	})
	b.Run("delete", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			w.NodeDeleted(benchPath, nil, nil, 1)
			w.events = w.events[:0]
		}
	})
}

func BenchmarkNone(b *testing.B)      { bench(b, &Tables{}) }
func BenchmarkElsewhere(b *testing.B) { bench(b, elsewhere(10_000)) }

func BenchmarkRecursiveAtRoot(b *testing.B) {
	var w Tables
	w.AddPersistent("/", 1, true)
	bench(b, &w)
}

func BenchmarkRecursiveAtRootAndElsewhere(b *testing.B) {
	w := elsewhere(10_000)
	w.AddPersistent("/", 1, true)
	bench(b, w)
}

func benchOneShot(b *testing.B, w *Tables) {
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.Add(benchPath, 7, Data)
		w.NodeDataChanged(benchPath, nil, 1)
		w.ResetEvents()
	}
}

func BenchmarkOneShot(b *testing.B)          { benchOneShot(b, &Tables{}) }
func BenchmarkOneShotElsewhere(b *testing.B) { benchOneShot(b, elsewhere(10_000)) }

func BenchmarkCloneAndOneShot(b *testing.B) {
	w, c := elsewhere(10_000), &Tables{}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.CloneInto(c)
		c.Add(benchPath, 7, Data)
	}
}

func BenchmarkUnwatchNobody(b *testing.B) {
	w := elsewhere(10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		w.Unwatch(1000)
	}
}
