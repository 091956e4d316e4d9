package scenarios

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/scenarios/spec"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

const planHashFile = "testdata/planhashes.txt"

// planVariants are what a caller may ask for that moves faults, load or roles.
func planVariants(servers int) []Options {
	weighed := *quorum.Majority(servers)
	weighed.Grouped = true
	for id := 1; id <= servers; id++ {
		weighed.Group[id], weighed.Weights[id] = uint8(1+id%3), uint32(1+id%2)
	}
	observed := *quorum.Majority(servers)
	if servers > 1 {
		observed.Voters = quorum.Range(servers - 1 - servers/4)
		observed.Observers = quorum.Range(servers) &^ observed.Voters
	}
	return []Options{
		{Servers: servers}, {Servers: servers, For: 37 * host.Second}, {Quorum: &observed, Clients: 3}, {Quorum: &weighed, For: 123456 * host.Millisecond},
	}
}

// planHash folds the plans of some seeds.
func planHash(t *testing.T, s *Scenario, o Options) string {
	sum := sha256.New()
	var b bytes.Buffer
	for seed := uint64(1); seed <= 3; seed++ {
		b.Reset()
		require.NoError(t, s.Plan(seed, o).Write(&b))
		sum.Write(b.Bytes())
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:6])
}

// TestGoldenPlans: each scenario makes the same plans as ever, byte for byte, for
// every number of servers that it fits: seeds 1 to 3; as it is, with another length,
// with observers, and with weighed groups and a longer time. Columns are in this order;
// a hyphen stands where its timetable speaks of somebody who is not there.
func TestGoldenPlans(t *testing.T) {
	var lines []string
	for _, s := range All() {
		for servers := 1; servers <= quorum.Max; servers++ {
			if s.Fits(servers) != nil {
				continue
			}
			line := fmt.Sprintf("%-18s %d", s.Name, servers)
			for i, o := range planVariants(servers) {
				p := s.Plan(1, o)
				nobody := spec.Minority(&p.Quorum, false) == 0 && (s.Name == "minority-partition" || s.Name == "lying-disk")
				if nobody || s.Name == "observers" && i == 3 {
					line += " -"
					continue
				}
				line += " " + planHash(t, &s, o)
			}
			lines = append(lines, line)
		}
	}
	got := "# Hashes of plans. A change here is a change of what old seeds mean: say why in the commit.\n" + strings.Join(lines, "\n") + "\n"
	if *rewrite {
		require.NoError(t, os.WriteFile(planHashFile, []byte(got), 0o644))
	}
	want, err := os.ReadFile(planHashFile)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}
