package explore

import (
	"fmt"
	"os"
	"runtime/pprof"
	"strconv"
	"syscall"
	"testing"
	"time"

	"zabsim/zab/bug"
)

func TestQuick(t *testing.T) {
	get := func(k string) int { n, _ := strconv.Atoi(os.Getenv(k)); return n }
	cfg := Config{Servers: get("N"), Writes: get("W"), Crashes: get("C"), Restarts: get("R"), Timeouts: get("T"), MaxStates: uint64(get("MAX")), MaxDepth: get("D"), Workers: get("WORKERS"), Memo: get("NOMEMO") == 0}
	if b := os.Getenv("BUG"); b != "" {
		cfg.Bugs, _ = bug.Parse(b)
		fmt.Println(cfg.Bugs)
	}
	if get("REF") > 0 {
		t0 := time.Now()
		r := Reference(cfg)
		fmt.Println("ref ", r.String(), time.Since(t0), r.Seen.Names())
	}
	if f := os.Getenv("PROF"); f != "" {
		out, _ := os.Create(f)
		pprof.StartCPUProfile(out)
		defer pprof.StopCPUProfile()
	}
	t0 := time.Now()
	r := Run(cfg)
	d := time.Since(t0)
	for _, c := range r.Path {
		fmt.Println("  ", c)
	}
	if len(r.Path) > 0 {
		fmt.Println(Replay(cfg, r.Path))
	}
	var ru syscall.Rusage
	syscall.Getrusage(0, &ru)
	fmt.Printf("cpu %.2fs\n", float64(ru.Utime.Nano()+ru.Stime.Nano())/1e9)
	fmt.Println("run ", r.String(), d, r.Seen.Names())
	fmt.Printf("%.0f states/s %.0f transitions/s; kinds %+v work %+v B/state %.0f\n", float64(r.States)/d.Seconds(), float64(r.Transitions)/d.Seconds(), r.Kinds, r.Work, float64(r.Work.Bytes)/float64(r.States))
}
