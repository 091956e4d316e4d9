package bug

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
)

// Info documents a switch.
type Info struct {
	Switch Switch
	Name   string   // canonical dotted name: place, then deviation
	JIRA   []string // issues that describe this bug, each an alias of Name
	Doc    string   // what the buggy code does and how that hurts
	Breaks []string // names of the invariants that can notice, the first to notice first
	// Tree marks a switch of the data model and the sessions: it is hunted by
	// comparing the tree with the reference model (Breaks says "reference"), or with
	// what its own snapshot and log give, not by runs of an ensemble.
	Tree bool
	// From and Fixed say which releases had the bug, at most one entry each per
	// release line (3.4, 3.5, ...): the first release of the line that has it,
	// and the first that no longer does. A line with an entry in Fixed alone had
	// it from its start; a line without entries does as the next lower line with
	// one did at its end. Without From, no release ever had the bug; without
	// Fixed, every later one has it.
	From, Fixed []string
}

// inOrder puts each row at the index of its switch, in whatever order the lists are. A
// test finds a constant without a row.
func inOrder(lists ...[]Info) []Info {
	var all []Info
	for _, list := range lists {
		for _, i := range list {
			for len(all) <= int(i.Switch) {
				all = append(all, Info{})
			}
			all[i.Switch] = i
		}
	}
	return all
}

// All returns the registry in the order of the constants. The caller must not
// change it.
func All() []Info { return registry }

// Info returns the documentation of b, the zero Info if b is not registered.
func (b Switch) Info() Info {
	if int(b) < len(registry) {
		return registry[b]
	}
	return Info{}
}

// String returns the canonical name.
func (b Switch) String() string {
	if n := b.Info().Name; n != "" {
		return n
	}
	return "bug-" + strconv.Itoa(int(b))
}

// Lookup finds a switch by its canonical name or by a JIRA issue, which may be
// written ZOOKEEPER-1419 or ZK-1419. Case does not matter.
func Lookup(name string) (Switch, error) { return lookup(registry, name) }

func lookup(infos []Info, name string) (Switch, error) {
	var found []Info
	var known []string
	want := canonical(name)
	for _, i := range infos {
		names := append([]string{i.Name}, i.JIRA...)
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, want) }) {
			found = append(found, i)
		}
		known = append(known, names...)
	}
	switch len(found) {
	case 1:
		return found[0].Switch, nil
	case 0:
		if n, ok := LookupNotBuilt(name); ok {
			return 0, fmt.Errorf("bug %q (%s) is not built: %s", name, n.Name, n.Why)
		}
		return 0, fmt.Errorf("unknown bug %q%s", name, nearest.Hint(want, known))
	}
	candidates := make([]string, len(found))
	for k, i := range found {
		candidates[k] = i.Name
	}
	return 0, fmt.Errorf("bug %q is ambiguous, it stands for each of %s", name, strings.Join(candidates, ", "))
}

// canonical spells out the ZK- that people write for ZOOKEEPER-.
func canonical(name string) string {
	const short = "zk-"
	name = strings.TrimSpace(name)
	if len(name) > len(short) && strings.EqualFold(name[:len(short)], short) {
		return "ZOOKEEPER-" + name[len(short):]
	}
	return name
}

// Names returns the canonical names of the switches in s, separated by commas
// and in the order of the alphabet, so that adding a switch never reorders a
// stored plan. Parse reads it back.
func Names(s Set) string {
	var names []string
	for b := range Switch(len(s) * 64) {
		if s.Has(b) {
			names = append(names, b.String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// Parse reads a comma separated list of names or JIRA issues. An empty list is
// the correct protocol.
func Parse(csv string) (Set, error) {
	var s Set
	if strings.TrimSpace(csv) == "" {
		return s, nil
	}
	for _, name := range strings.Split(csv, ",") {
		if strings.TrimSpace(name) == "" {
			return Set{}, fmt.Errorf("bugs %q: a name between two commas is missing", csv)
		}
		b, err := Lookup(strings.TrimSpace(name))
		if err != nil {
			return Set{}, err
		}
		s = s.With(b)
	}
	return s, nil
}
