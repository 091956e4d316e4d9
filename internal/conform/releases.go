package conform

import (
	"strings"

	"zabsim/internal/conform/trace"
	"zabsim/zab/bug"
)

// patches are builds of a release that carry a later fix. The recordings beside
// this package come from one: Debian's 3.8.0 withholds watch events from who may
// not READ (CVE-2024-23944).
var patches = []struct {
	build string // in the header's server
	fixed bug.Switch
}{
	{"3.8.0-11+deb12u2", bug.EventsIgnoreACL},
}

// bugsOf is the set of a release, without what the build that was recorded had fixed.
func bugsOf(t *trace.Trace, release bug.Set) bug.Set {
	for _, p := range patches {
		if strings.Contains(t.Server, p.build) {
			release = release.Without(p.fixed)
		}
	}
	return release
}
