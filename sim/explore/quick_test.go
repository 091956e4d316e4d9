package explore

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestQuickRef(t *testing.T) {
	get := func(k string) int { n, _ := strconv.Atoi(os.Getenv(k)); return n }
	cfg := Config{Servers: get("N"), Writes: get("W"), Crashes: get("C"), Restarts: get("R"), Timeouts: get("T"), MaxStates: uint64(get("MAX")), MaxDepth: get("D")}
	t0 := time.Now()
	r := Reference(cfg)
	fmt.Println(r.String(), time.Since(t0), r.Seen.Names())
	fmt.Println(r.PerDepth)
}
