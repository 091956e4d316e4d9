package coroutine

import (
	"fmt"
	"reflect"

	"zabsim/sim/client"
)

// Verify replays s twice, side by side, and returns an error at the first step
// where the two ask for different things: such a recipe is not a function of its
// responses, because it looks at a global, a clock or the order of a map. An error
// of the recipe itself is not Verify's business if both runs agree on it.
func Verify(s *State) error {
	var one, two Cache
	defer one.Close()
	defer two.Close()
	prefix := State{Name: s.Name, Program: s.Program}
	responses := s.History.Responses()
	for i := 0; ; i++ {
		a, _, errA := one.Resume(0, &prefix)
		b, _, errB := two.Resume(0, &prefix)
		if err := compare(a, b, errA, errB); err != nil {
			return fmt.Errorf("recipe %s, client %s, after %d responses: not deterministic: %w",
				s.Program.Name, s.Name, i, err)
		}
		if i == len(responses) || errA != nil {
			return nil
		}
		prefix.Answer(*responses[i])
	}
}

func compare(a, b []client.Call, errA, errB error) error {
	if (errA == nil) != (errB == nil) || errA != nil && errA.Error() != errB.Error() {
		return fmt.Errorf("one run ended with %v, the other with %v", errA, errB)
	}
	if len(a) != len(b) {
		return fmt.Errorf("one run has %d tasks, the other %d", len(a), len(b))
	}
	for i := range a {
		if !reflect.DeepEqual(a[i], b[i]) {
			return fmt.Errorf("task %d asks for %+v, then for %+v", i, a[i], b[i])
		}
	}
	return nil
}
