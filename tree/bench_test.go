package tree

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// broad returns a tree with n children under "/parent".
func broad(n int, data string) (*Tree, zxid.Zxid) {
	s := New(&Config{})
	z := zxid.Make(1, 1)
	s.Apply(&txn.Txn{Op: txn.OpCreate, Path: "/parent", ParentCversion: 1, Zxid: z})
	for i := range n {
		z++
		s.Apply(&txn.Txn{Op: txn.OpCreate, Path: child(i), Data: data, ParentCversion: int32(i + 1), Zxid: z, WallNano: int64(z)})
	}
	return s, z
}

func child(i int) string { return fmt.Sprintf("/parent/node-%010d", i) }

// mix is half setData, a quarter each create and delete, under one parent.
func mix(n int) []txn.Txn {
	list := make([]txn.Txn, 0, 4*n)
	for i := range n {
		k := i * 7919 % n
		more := child(n + k)
		list = append(list,
			txn.Txn{Op: txn.OpSetData, Path: child(k), Data: "some data", Version: 1},
			txn.Txn{Op: txn.OpCreate, Path: more, Data: "some data", ParentCversion: -1},
			txn.Txn{Op: txn.OpSetData, Path: child((k + 1) % n), Data: "other data", Version: 1},
			txn.Txn{Op: txn.OpDelete, Path: more})
	}
	return list
}

// leaveWatches leaves a few: a one-shot one on each of up to 1,000 nodes that come and go
// elsewhere, a recursive one on another part of the tree, and a persistent one on the
// parent, which hears of every creation and deletion.
func leaveWatches(s *Tree, n int) {
	s.Seed("/elsewhere")
	for i := range min(n, 1000) {
		s.Read(&txn.Request{Op: txn.OpExists, Path: fmt.Sprintf("/elsewhere/node-%d", i), Watch: true}, txn.Watcher(i+1))
	}
	s.Read(&txn.Request{Op: txn.OpAddWatch, Path: "/elsewhere", Flags: 1}, 7)
	s.Read(&txn.Request{Op: txn.OpAddWatch, Path: "/parent", Flags: 0}, 8)
}

// BenchmarkApply: the aim is 1,000,000 a second with 1,000 children and 300,000
// with 100,000, watches registered. Clone is the mix with a clone before each.
func BenchmarkApply(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		for _, name := range []string{"mix", "watched", "setData", "clone"} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				s, z := broad(n, "data")
				list := mix(n)
				if name == "watched" {
					leaveWatches(s, n)
				}
				b.ReportAllocs()
				b.ResetTimer()
				for i := 0; b.Loop(); i++ {
					if name == "clone" {
						sink = s.Clone()
					}
					x := &list[i%len(list)]
					if name == "setData" {
						x = &list[i*4%len(list)]
					}
					z++
					x.Zxid, x.WallNano = z, int64(z)
					s.Apply(x)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "txn/s")
			})
		}
	}
}

func BenchmarkClone(b *testing.B) {
	s, _ := broad(100000, "")
	b.ReportAllocs()
	for b.Loop() {
		sink = s.Clone()
	}
}

var sink txn.StateMachine // keeps a clone from being optimised away

func BenchmarkDump(b *testing.B) {
	s, _ := broad(100000, "")
	b.ReportAllocs()
	for b.Loop() {
		for d := s.Dump(); d.Next(s); {
		}
	}
	b.ReportMetric(float64(b.N)*100000/b.Elapsed().Seconds(), "nodes/s")
}

func BenchmarkFind(b *testing.B) {
	s, _ := broad(1000, "")
	path := child(777)
	for b.Loop() {
		s.find(path)
	}
}

// Goal: a million nodes take at most 350 bytes each, names included. Their paths
// are given by the transactions and counted too, since names are parts of them.
func TestMemory(t *testing.T) {
	const n = 200000 // a fifth: the figure does not depend on it
	if testing.Short() {
		t.Skip()
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	s, _ := broad(n, "")
	flat := float64(heap()-before) / n
	runtime.KeepAlive(s)

	before = heap()
	s = New(&Config{})
	nodes := 0
	for i := range n / 11 { // small directories
		dir := fmt.Sprintf("/dir-%010d", i)
		s.Apply(&txn.Txn{Op: txn.OpCreate, Path: dir, ParentCversion: -1, Zxid: 1})
		for k := range 10 {
			s.Apply(&txn.Txn{Op: txn.OpCreate, Path: fmt.Sprintf("%s/node-%010d", dir, k), ParentCversion: -1, Zxid: 1})
		}
		nodes += 11
	}
	deep := float64(heap()-before) / float64(nodes)
	runtime.KeepAlive(s)
	t.Logf("bytes a node: %.0f under one parent, %.0f in directories of ten", flat, deep)
	require.Less(t, flat, 350.0)
	require.Less(t, deep, 350.0)
}
