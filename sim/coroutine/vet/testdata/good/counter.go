// Package good uses what recipes may use.
package good

import (
	"maps"
	"slices"
	"time"

	"zabsim/sim/client"
)

var limits = map[string]int{"a": 1} // read only

const pause = 10 * time.Millisecond

// Run is fine: a local map, sorted keys, durations, spawned tasks.
func Run(c client.Client) {
	seen := map[string]bool{}
	total := 0
	task := c.Spawn("tick", func(c client.Client) {
		total++
		c.Sleep(pause)
	})
	names, _, _ := c.Children("/")
	for _, name := range names {
		seen[name] = limits[name] > 0
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		c.Note("seen", name)
	}
	c.WaitTimeout(time.Second, task)
	time := total // shadows the package; no clock
	_ = time
}
