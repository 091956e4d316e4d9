package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/zab/quorum"
)

// Set is a name for some servers. Servers is what ParseServers reads.
type Set struct{ Name, Servers string }

// baseWords are the sets that every ensemble has; "last-1" and so on, "group 1" and
// names such as n3 come to them.
var baseWords = []string{"all", "voters", "observers", "lowest-minority", "highest-minority", "first", "last"}

// restWord stands for the servers that no other group has.
const restWord = "rest"

// SetWords returns the words that text about servers may begin with, for messages.
func (s *Scenario) SetWords() []string {
	words := append(slices.Clone(baseWords), "group")
	for _, x := range s.Sets {
		words = append(words, x.Name)
	}
	return words
}

// ServersGrammar says in one line what may be written for a set of servers.
const ServersGrammar = "all, voters, observers, first, last, last-1, n2, group 1, lowest-minority, highest-minority or a name of sets; " +
	"several with commas; VOTERS except SOME; first of SOME, last of SOME"

// Members returns the servers that text means in an ensemble, such as "voters except
// n1, last" or "last of observers". Nobody is no error: the ensemble may be too
// small.
func (s *Scenario) Members(q *quorum.Config, text string) (quorum.Set, error) {
	return s.members(q, text, len(s.Sets))
}

// members is Members where only the first so many of s.Sets are known, which keeps
// a set from being told by itself.
func (s *Scenario) members(q *quorum.Config, text string, known int) (quorum.Set, error) {
	text = strings.TrimSpace(text)
	for _, end := range []string{"first", "last"} {
		rest, ok := strings.CutPrefix(text, end+" of ")
		if !ok {
			continue
		}
		set, err := s.members(q, rest, known)
		if err != nil || set == 0 {
			return 0, err
		}
		if end == "first" {
			return quorum.Of(set.First()), nil
		}
		for set.Len() > 1 {
			set = set.Without(set.First())
		}
		return set, nil
	}
	some, without, _ := strings.Cut(text, " except ")
	set, err := s.union(q, some, known)
	if err != nil || without == "" {
		return set, err
	}
	gone, err := s.union(q, without, known)
	return set &^ gone, err
}

func (s *Scenario) union(q *quorum.Config, text string, known int) (quorum.Set, error) {
	var set quorum.Set
	for part := range strings.SplitSeq(text, ",") {
		one, err := s.base(q, strings.TrimSpace(part), known)
		if err != nil {
			return 0, err
		}
		set |= one
	}
	return set, nil
}

func (s *Scenario) base(q *quorum.Config, word string, known int) (quorum.Set, error) {
	all := q.All()
	switch word {
	case "all":
		return all, nil
	case "voters":
		return q.Voters, nil
	case "observers":
		return q.Observers, nil
	case "lowest-minority", "highest-minority":
		return Minority(q, word == "highest-minority"), nil
	case "first":
		return all & quorum.Of(1), nil
	case "last":
		return nth(all, all.Len()), nil
	}
	for i := range s.Sets[:known] {
		if s.Sets[i].Name == word {
			return s.members(q, s.Sets[i].Servers, i)
		}
	}
	if digits, ok := strings.CutPrefix(word, "last-"); ok {
		if n, err := strconv.Atoi(digits); err == nil && n > 0 && n < quorum.Max {
			return nth(all, all.Len()-n), nil
		}
	}
	if digits, ok := strings.CutPrefix(word, "group "); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(digits)); err == nil && n > 0 && n <= quorum.Max {
			return inGroup(q, n), nil
		}
	}
	if id, ok := sim.ParseServer(word); ok {
		if !all.Has(id) {
			return 0, fmt.Errorf("there is no server %s; the ensemble has %d servers, %v", word, all.Len(), all)
		}
		return quorum.Of(id), nil
	}
	return 0, fmt.Errorf("%q names no servers%s; want %s", word, nearest.Hint(word, s.SetWords()), ServersGrammar)
}

func nth(all quorum.Set, n int) quorum.Set {
	if n < 1 {
		return 0
	}
	return all & quorum.Of(quorum.ServerID(n))
}

func inGroup(q *quorum.Config, n int) (set quorum.Set) {
	for rest := q.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if int(q.Group[rest.First()]) == n {
			set = set.With(rest.First())
		}
	}
	return set
}

// Minority returns as many voters as can be missed, the lowest or the highest
// ones: the others are still a quorum.
func Minority(q *quorum.Config, highest bool) quorum.Set {
	var set quorum.Set
	for n := 1; n <= quorum.Max; n++ {
		id := quorum.ServerID(n)
		if highest {
			id = quorum.Max + 1 - id
		}
		if q.Voters.Has(id) && q.Contains(q.Voters&^set.With(id)) {
			set = set.With(id)
		}
	}
	return set
}

// isSet tells whether text speaks of servers in a way that only this package knows,
// rather than in words that a plan may hold.
func (s *Scenario) isSet(text string) bool {
	first, rest := text, ""
	if i := strings.IndexAny(text, ", "); i >= 0 {
		first, rest = text[:i], text[i:]
	}
	switch {
	case slices.Contains(baseWords, first), first == "group", strings.HasPrefix(first, "last-"):
		return true
	case IsServer(first) && (strings.Contains(rest, ",") || strings.HasPrefix(rest, " except ")):
		return true
	}
	return slices.ContainsFunc(s.Sets, func(x Set) bool { return x.Name == first })
}
