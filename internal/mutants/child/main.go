//go:build mutants

// Command child is one mutant at a time. Package mutants builds it, with changed copies
// of the protocol packages in place of the right ones, and starts it once per mutant.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"zabsim/internal/mutants/hunt"
	"zabsim/internal/mutants/pick"
)

var (
	index    = flag.Int("mutant", pick.None, "the number of the site that is changed; -1: none")
	events   = flag.Uint64("events", 5_000_000, "events of fuzz")
	states   = flag.Uint64("states", 1_000_000, "states of search")
	seed     = flag.Uint64("seed", 1, "of the runs")
	baseline = flag.String("baseline", "", "the report of right code, a file")
	stall    = flag.Duration("stall", 10*time.Second, "for so long a step may take")
	wall     = flag.Duration("wall", 2*time.Minute, "and for so long all of them")
	records  = flag.String("recordings", "", "the folder of recordings")
	memory   = flag.Uint64("memory", 2<<30, "and so many bytes of heap")
)

func main() {
	flag.Parse()
	debug.SetGCPercent(400)
	var base *hunt.Report
	if *baseline != "" {
		text, err := os.ReadFile(*baseline)
		if err == nil {
			err = json.Unmarshal(text, &base)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(70)
		}
	}
	pick.Index = *index
	go watch()
	write(hunt.Try(hunt.Budget{Events: *events, States: *states, Seed: *seed, Recordings: *records}, base))
}

// answer is what the parent reads.
type answer struct {
	*hunt.Report
	Hits uint64 `json:"hits"`
}

func write(r *hunt.Report) {
	_ = json.NewEncoder(os.Stdout).Encode(answer{r, pick.Hits}) // a closed pipe has no reader to tell
}

// watch ends the process if a step does not end, or takes all memory: no budget in steps
// can. A search is one step here, and a recording another.
func watch() {
	last, since, begin := hunt.Beat.Load(), time.Now(), time.Now()
	for range time.Tick(200 * time.Millisecond) {
		var m runtime.MemStats
		if runtime.ReadMemStats(&m); m.HeapAlloc > *memory {
			caught(hunt.Memory, fmt.Sprintf("more than %d MiB", *memory>>20))
		}
		if now := hunt.Beat.Load(); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > hunt.Patience(*stall) {
			caught(hunt.Hung, fmt.Sprintf("no step within %v", hunt.Patience(*stall)))
		}
		if time.Since(begin) > *wall {
			caught(hunt.Hung, fmt.Sprintf("not done within %v", *wall))
		}
	}
}

func caught(k hunt.Kind, what string) {
	write(&hunt.Report{Catch: &hunt.Catch{Kind: k, By: "watch", Check: what}})
	os.Exit(0)
}
