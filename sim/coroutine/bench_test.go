package coroutine

import (
	"testing"

	"zabsim/sim/client"
)

var forever = program(func(c client.Client) {
	for {
		c.Get("/n")
	}
})

// BenchmarkSwitch is one response fed to a live coroutine. The history is built
// beforehand, so that appending is not measured.
func BenchmarkSwitch(b *testing.B) {
	var cache Cache
	defer cache.Close()
	states := make([]State, 1, b.N+1)
	states[0] = State{Name: "c1", Program: forever}
	for i := range b.N {
		next := states[i]
		next.Answer(client.Response{Data: "x"})
		states = append(states, next)
	}
	cache.Resume(0, &states[0])
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		cache.Resume(0, &states[i+1])
	}
}

// BenchmarkAnswer is what the world pays for each response.
func BenchmarkAnswer(b *testing.B) {
	s := State{Name: "c1", Program: forever}
	b.ReportAllocs()
	for range b.N {
		s.Answer(client.Response{Data: "x"})
	}
}

// BenchmarkMaterialise starts and stops a coroutine; the second one adds 1,000 past
// responses, so the difference over 1,000 is the cost of each.
func BenchmarkMaterialise(b *testing.B)     { benchMaterialise(b, 0) }
func BenchmarkMaterialise1000(b *testing.B) { benchMaterialise(b, 1000) }

func benchMaterialise(b *testing.B, past int) {
	var cache Cache
	s := State{Name: "c1", Program: forever}
	for range past {
		s.Answer(client.Response{Data: "x"})
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		cache.Resume(0, &s)
		cache.Drop(0)
	}
}

// BenchmarkStopStubborn is the path by Goexit.
func BenchmarkStopStubborn(b *testing.B) {
	var cache Cache
	s := State{Name: "c1", Program: stubborn}
	b.ReportAllocs()
	for range b.N {
		cache.Resume(0, &s)
		cache.Drop(0)
	}
}
