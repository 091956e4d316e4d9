package explore

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/fp"
)

// far tells fingerprints apart whose first words are equal.
func prints(i uint64, wide bool) finger {
	if wide {
		return finger{word(i / 2), word(i)}
	}
	return finger{near: word(i)} // word 0 is fingerprint 0
}

// Goal: what went in is there and nothing else, also after the table has grown.
func TestVisited(t *testing.T) {
	for _, wide := range []bool{false, true} {
		v := newVisited(0, wide)
		defer v.close()
		n := (v.mask + 1) / fullDen * fullNum
		for i := range n {
			require.True(t, v.insert(prints(i, wide)))
		}
		assert.False(t, v.full(n))
		assert.True(t, v.full(n+1))
		require.True(t, v.grow(4*n))
		assert.False(t, v.full(4*n))
		for i := range n {
			require.False(t, v.insert(prints(i, wide)), i)
		}
		for i := n; i < 2*n; i++ {
			require.True(t, v.insert(prints(i, wide)))
		}
		left := uint64(0)
		v.each(func(near, far uint64) { left++ })
		assert.Equal(t, 2*n, left)
	}
}

// Goal: growing in place loses nothing around the end of the table, where a run of
// slots goes on at the first one. Method: fingerprints that all want the last few
// slots, some of which move up.
func TestVisitedGrowsAroundItsEnd(t *testing.T) {
	for _, wide := range []bool{false, true} {
		v := newVisited(0, wide)
		defer v.close()
		size := v.mask + 1
		var all []finger
		for i := range uint64(300) {
			at := size - 1 - i%7
			all = append(all, finger{fp.Hash(at + size*(i+1)), fp.Hash(i)}, finger{fp.Hash(i%5 + size*(i+1)), fp.Hash(i)})
		}
		for _, p := range all {
			require.True(t, v.insert(p))
		}
		require.True(t, v.grow(3*size))
		for _, p := range all {
			require.False(t, v.insert(p))
		}
		left := 0
		v.each(func(near, far uint64) { left++ })
		assert.Equal(t, len(all), left)
	}
}

// Goal: of several workers with the same state exactly one is told that it is new.
func TestVisitedAtOnce(t *testing.T) {
	for _, wide := range []bool{false, true} {
		v := newVisited(0, wide)
		defer v.close()
		var fresh [4]int
		var done sync.WaitGroup
		for k := range fresh {
			done.Add(1)
			go func() {
				defer done.Done()
				for i := range uint64(100_000) {
					if v.insert(prints(i, wide)) {
						fresh[k]++
					}
				}
			}()
		}
		done.Wait()
		assert.Equal(t, 100_000, fresh[0]+fresh[1]+fresh[2]+fresh[3])
	}
}
