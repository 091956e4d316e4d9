package bug

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// Newest names the last known release: in a Profile, and in a command line.
const Newest = "newest"

// lines are the known releases: of each line, the largest patch number. 3.10.0
// is the development head.
var lines = []release{{3, 4, 14}, {3, 5, 10}, {3, 6, 4}, {3, 7, 2}, {3, 8, 6}, {3, 9, 5}, {3, 10, 0}}

// release is a ZooKeeper version: major, minor, patch.
type release [3]int

// String writes "3.5.3".
func (r release) String() string {
	return strconv.Itoa(r[0]) + "." + strconv.Itoa(r[1]) + "." + strconv.Itoa(r[2])
}

// sameLine tells whether r and s differ in the patch number at most.
func (r release) sameLine(s release) bool { return r[0] == s[0] && r[1] == s[1] }

// parseRelease reads "3.5.3".
func parseRelease(text string) (release, bool) {
	var r release
	parts := strings.Split(text, ".")
	if len(parts) != len(r) {
		return r, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return r, false
		}
		r[i] = n
	}
	return r, true
}

// Releases returns the known versions, oldest first.
func Releases() []string {
	var all []string
	for _, last := range lines {
		for patch := range last[2] + 1 {
			all = append(all, release{last[0], last[1], patch}.String())
		}
	}
	return all
}

// LastOfLines returns the last known version of each release line, oldest first.
func LastOfLines() []string {
	var all []string
	for _, last := range lines {
		all = append(all, last.String())
	}
	return all
}

// hint suggests a known version: for a patch number beyond the last of its line
// that last one, else the nearest in spelling.
func hint(name string, known []string) string {
	if r, ok := parseRelease(name); ok {
		for _, last := range lines {
			if last.sameLine(r) {
				return `, did you mean "` + last.String() + `"?`
			}
		}
	}
	return nearest.Hint(name, append(known, Newest))
}

// Profile returns the switches that a release had, so that a run can behave as
// that release did. Version is one of Releases, with or without -alpha or -beta
// as in 3.5.3-beta, or Newest.
//
// Two switches of one profile may sit in the same branch of the code: the
// release had both bugs, and the more harmful one shows.
func Profile(version string) (Set, error) {
	known := Releases()
	name := strings.TrimSpace(version)
	if name == Newest {
		name = known[len(known)-1]
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "-alpha"), "-beta")
	if !slices.Contains(known, name) {
		return Set{}, fmt.Errorf("unknown ZooKeeper version %q%s", version, hint(name, known))
	}
	r, _ := parseRelease(name)
	var s Set
	for _, i := range registry {
		if affects(i, r) {
			s = s.With(i.Switch)
		}
	}
	return s, nil
}

// affects tells whether release r had the bug.
func affects(i Info, r release) bool { return reached(i.From, r) && !reached(i.Fixed, r) }

// reached tells whether a change that came with the given releases is in r. The
// entry of r's own line decides; without one, r inherited from the next lower
// line that has an entry, and is later than all of that line.
func reached(since []string, r release) bool {
	for _, text := range since {
		if s := mustRelease(text); s.sameLine(r) {
			return s[2] <= r[2]
		}
	}
	for _, text := range since {
		if s := mustRelease(text); slices.Compare(s[:], r[:]) < 0 {
			return true
		}
	}
	return false
}

// mustRelease is for the registry's own texts.
func mustRelease(text string) release {
	r, ok := parseRelease(text)
	if !ok {
		panic("bug: the registry has no version but " + strconv.Quote(text))
	}
	return r
}
