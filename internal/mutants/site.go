package mutants

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"zabsim/internal/fp"
	"zabsim/internal/keyed"
)

// Operator is a way to change code mechanically.
type Operator string

// The operators.
const (
	Negate Operator = "negate" // a condition, or one side of && and ||
	Shift  Operator = "shift"  // < to <=, <= to <, > to >=, >= to >
	Drop   Operator = "drop"   // a call, an assignment, a return where the function goes on
	Swap   Operator = "swap"   // two effects, one after the other
)

// Operators lists them in the order of the report.
var Operators = []Operator{Negate, Shift, Drop, Swap}

// Site is one place in the protocol packages and one way to change it: a mutant.
type Site struct {
	File string // from the root of the repository, with slashes
	Line int
	Func string // "Server.propose", "popFront"
	Op   Operator
	Text string // what is changed, on one line
	Nth  int    // among equal ones of a function, from 0

	edits []edit
}

// edit replaces len bytes at an offset of the file. Of edits at one place those with a
// smaller rank come first.
type edit struct {
	at, len, rank int
	text          string // with one %d for the number of the site, or without
}

// Key names a site in a way that survives edits elsewhere: by what it says and by where
// it is, without a line.
func (s *Site) Key() string {
	key := fmt.Sprintf("%s | %s | %s | %s", s.File, s.Func, s.Op, s.Text)
	if s.Nth > 0 {
		key += fmt.Sprintf(" | %d", s.Nth+1)
	}
	return key
}

// Package is the directory of the site's file.
func (s *Site) Package() string { return path.Dir(s.File) }

// String writes "zab/leader.go:12: drop l.stage = leadIdle".
func (s *Site) String() string { return fmt.Sprintf("%s:%d: %s %s", s.File, s.Line, s.Op, s.Text) }

// Sample draws n of the sites by a seed, in the order in which they were drawn. Each site
// has a number that depends on the seed and on its key alone, and the smallest are taken:
// code that comes or goes elsewhere changes nothing else of a sample. Fewer than n sites
// are all taken.
func Sample(sites []Site, seed uint64, n int) []int {
	stream := keyed.New(seed).Stream("mutants.draw")
	type drawn struct {
		site int
		by   uint64
	}
	list := make([]drawn, len(sites))
	for i := range sites {
		name := uint64(fp.New(0x4D55).String(sites[i].Key()).Done())
		list[i] = drawn{i, stream.Key(name).Uint64()}
	}
	slices.SortFunc(list, func(a, b drawn) int { return cmp.Or(cmp.Compare(a.by, b.by), cmp.Compare(a.site, b.site)) })
	picked := make([]int, min(n, len(list)))
	for i := range picked {
		picked[i] = list[i].site
	}
	return picked
}

// oneLine is source text without line breaks, tabs and comments.
func oneLine(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		b.WriteString(line)
		b.WriteByte(' ')
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
