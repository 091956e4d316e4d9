package explore

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// room returns n zeroed bytes that the garbage collector knows nothing of, in huge
// pages if the system has them; nil if there is no memory left.
func room(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	_ = syscall.Madvise(b, hugePages) // without them it is slower
	return b
}

// hugePages is MADV_HUGEPAGE.
const hugePages = 14

// giveBack frees what room returned.
func giveBack(b []byte) { _ = syscall.Munmap(b) }

// FreeMemory returns how many bytes the system has to give, as far as it says so.
func FreeMemory() uint64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return usualMemory
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		var kib uint64
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return usualMemory
}
