// Package bad uses what recipes must not use. A trailing comment names the
// finding that the line must give.
package bad

import (
	"math/rand/v2" // want import of math/rand/v2
	"sync"         // want import of sync
	clock "time"

	"zabsim/sim/client"
)

var runs int

type guarded struct {
	mu    sync.Mutex
	ready chan bool // want channel
}

// Run breaks the rules one by one.
func Run(c client.Client) {
	g := guarded{ready: make(chan bool)} // want channel
	go c.Sleep(clock.Second)             // want go statement
	clock.Sleep(clock.Second)            // want time.Sleep
	select {                             // want select
	case <-g.ready: // want channel
	case <-clock.After(clock.Second): // want channel, time.After
	}
	timer := clock.NewTimer(clock.Duration(rand.Int64())) // want time.NewTimer
	timer.Stop()
	for range g.ready { // want channel
	}
	g.ready <- true                            // want channel
	for name := range map[string]int{"a": 1} { // want range over a map
		c.Note("name", name)
	}
	runs++                             // want package variable runs
	count(&runs)                       // want package variable runs
	c.Note("at", clock.Now().String()) // want time.Now
}

func count(n *int) { *n++ }
