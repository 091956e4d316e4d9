package explore

import "fmt"

// End says why a search ended.
type End uint8

// The ends. But for the first two, what was not visited may hold anything.
const (
	EndComplete  End = iota // every reachable state was visited
	EndViolation            // a promise was broken; its level was visited to the end, unless Stop or memory cut it
	EndStates               // MaxStates
	EndDepth                // MaxDepth
	EndMemory               // MaxMemory, or the system has no more
	EndStopped              // Stop
	EndDisk                 // a checkpoint could not be written: Err says why
	EndRefused              // nothing was searched: Err says why
)

var endNames = [...]string{"complete", "violation", "budget of states spent", "budget of depth spent", "memory spent", "stopped", "checkpoint not written", "refused"}

// String returns the end in words.
func (e End) String() string { return endNames[e] }

// size writes a number of bytes as people do.
func size(n uint64) string {
	for _, u := range []struct {
		name string
		of   uint64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.of {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.of), u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// usualMemory is what a machine is taken to have that does not say.
const usualMemory = 4 << 30
