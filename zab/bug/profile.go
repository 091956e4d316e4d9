package bug

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// Newest names the last known release: in a Profile, and in a command line.
const Newest = "newest"

// lines are the known releases: of each line, the largest patch number. 3.10.0
// is the development head. The first is the first with Zab 1.0: before it there
// was no discovery phase, and no set of switches makes this protocol that one.
var lines = []release{{3, 4, 14}, {3, 5, 10}, {3, 6, 4}, {3, 7, 2}, {3, 8, 6}, {3, 9, 5}, {3, 10, 0}}

// release is a ZooKeeper version: major, minor, patch.
type release [3]int

// String writes "3.5.3".
func (r release) String() string {
	return strconv.Itoa(r[0]) + "." + strconv.Itoa(r[1]) + "." + strconv.Itoa(r[2])
}

// line orders the release lines.
func (r release) line() int { return r[0]<<16 | r[1] }

// sameLine tells whether r and s differ in the patch number at most.
func (r release) sameLine(s release) bool { return r.line() == s.line() }

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
	if r, ok := parseRelease(name); ok && r.line() < lines[0].line() {
		return Set{}, fmt.Errorf("ZooKeeper %s spoke another protocol: Zab 1.0, which this is, came with %s", name, known[0])
	}
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

// affects tells whether release r had the bug. The entries of r's own line
// decide; a line without any is as the nearest lower line with one was at its end.
func affects(i Info, r release) bool {
	line, found := release{}, false
	for _, s := range releasesOf(i) {
		if s.line() <= r.line() && (!found || s.line() > line.line()) {
			line, found = s, true
		}
	}
	if !found {
		return false
	}
	if !line.sameLine(r) {
		r = release{line[0], line[1], math.MaxInt}
	}
	from, started := entry(i.From, r)
	fixed, ended := entry(i.Fixed, r)
	return (!started || from[2] <= r[2]) && (!ended || r[2] < fixed[2])
}

// entry returns the release of r's line among texts.
func entry(texts []string, r release) (release, bool) {
	for _, text := range texts {
		if s := mustRelease(text); s.sameLine(r) {
			return s, true
		}
	}
	return release{}, false
}

func releasesOf(i Info) []release {
	var all []release
	for _, text := range slices.Concat(i.From, i.Fixed) {
		all = append(all, mustRelease(text))
	}
	return all
}

// mustRelease is for the registry's own texts.
func mustRelease(text string) release {
	r, ok := parseRelease(text)
	if !ok {
		panic("bug: the registry has no version but " + strconv.Quote(text))
	}
	return r
}

// Open tells whether the newest known release has the bug.
func (i Info) Open() bool { return affects(i, lines[len(lines)-1]) }

// Had says in words which of the known releases had the bug, such as
// "3.4.10-3.4.11, 3.5.3", "up to 3.4.5" or "3.5.0 and later".
func (i Info) Had() string {
	if len(i.From) == 0 {
		return "no release"
	}
	var spans []string
	known := Releases()
	old := mustRelease(i.From[0]).line() < lines[0].line()
	for k := 0; k < len(known); k++ {
		if !affects(i, mustRelease(known[k])) {
			continue
		}
		first := k
		for k+1 < len(known) && affects(i, mustRelease(known[k+1])) {
			k++
		}
		switch {
		case k == len(known)-1:
			spans = append(spans, known[first]+" and later")
		case first == 0 && old:
			spans = append(spans, "up to "+known[k])
		case first == k:
			spans = append(spans, known[k])
		default:
			spans = append(spans, known[first]+"-"+known[k])
		}
	}
	if len(spans) == 0 {
		return "before " + known[0]
	}
	return strings.Join(spans, ", ")
}
