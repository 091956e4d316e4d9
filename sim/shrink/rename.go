package shrink

import (
	"slices"
	"strconv"
	"strings"

	"zabsim/sim/plan"
	"zabsim/zab/quorum"
)

// names maps numbers of servers or clients to new ones; 0 is for one that is gone.
type names func(n int) int

// rename gives the servers (letter n) or clients (letter c) that text names their new
// names, and tells whether all of them are still there. A name stands between
// characters that are no letters and no digits: "n1>n3", "crash n2#1 outcome".
func rename(text string, letter byte, to names) (string, bool) {
	var b strings.Builder
	whole := true
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && alphanumeric(text[end]) {
			end++
		}
		if end == i {
			b.WriteByte(text[i])
			i++
			continue
		}
		word := text[i:end]
		if n, err := strconv.Atoi(word[1:]); err == nil && word[0] == letter && n > 0 {
			whole = whole && to(n) > 0
			word = word[:1] + strconv.Itoa(to(n))
		}
		b.WriteString(word)
		i = end
	}
	return b.String(), whole
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// renameFault gives what a fault hits its new names; false if nothing of it is left.
// Of a list of servers or links those go that are gone.
func renameFault(f plan.Fault, letter byte, to names) (plan.Fault, bool) {
	var args []string
	hit, left := false, false
	for _, a := range f.Args {
		var parts []string
		for part := range strings.SplitSeq(a, ",") {
			now, whole := rename(part, letter, to)
			if whole {
				parts = append(parts, now)
			}
			hit = hit || !whole
			left = left || whole && now != rest(now)
		}
		if len(parts) > 0 {
			args = append(args, strings.Join(parts, ","))
		}
	}
	f.Args = args
	return f, !hit || left
}

// rest is an argument without what names nothing: an option, or a word.
func rest(arg string) string {
	if strings.Contains(arg, "=") || !strings.ContainsAny(arg, "0123456789") {
		return arg
	}
	return ""
}

// renameAll applies new names to the faults and decisions of p. What names only what
// is gone goes, too.
func renameAll(p *plan.Plan, letter byte, to names) *plan.Plan {
	c := *p
	c.Faults = nil
	index := make([]int, len(p.Faults))
	for i, f := range p.Faults {
		index[i] = -1
		if f, ok := renameFault(f, letter, to); ok {
			index[i] = len(c.Faults)
			c.Faults = append(c.Faults, f)
		}
	}
	c.Decisions = nil
	for _, d := range renamed(p, &c, func(i int) int { return index[i] }) {
		name, whole := rename(d.Key, letter, to)
		value, there := rename(d.Value, letter, to)
		if whole && there {
			d.Key, d.Value = name, value
			c.Decisions = append(c.Decisions, d)
		}
	}
	return &c
}

// faultKeys returns the identity of each fault in decisions, as sim gives it: name
// and time, and a number if there are several.
func faultKeys(p *plan.Plan) []string {
	keys := make([]string, len(p.Faults))
	for k := range p.Faults {
		f := &p.Faults[k]
		same := 1
		for i := range k {
			if p.Faults[i].Name == f.Name && p.Faults[i].At == f.At {
				same++
			}
		}
		keys[k] = f.Name + "@" + plan.FormatDuration(f.At)
		if same > 1 {
			keys[k] += "/" + strconv.Itoa(same)
		}
	}
	return keys
}

// renamed returns the decisions of p for c, in which fault i has become fault to(i),
// or none if that is negative.
func renamed(p, c *plan.Plan, to func(i int) int) []plan.Decision {
	old, now := faultKeys(p), faultKeys(c)
	var list []plan.Decision
	for _, d := range p.Decisions {
		owner, what, _ := strings.Cut(d.Key, " ")
		i := slices.Index(old, owner)
		switch {
		case i < 0:
		case to(i) < 0:
			continue
		default:
			d.Key = now[to(i)] + " " + what
		}
		list = append(list, d)
	}
	return list
}

// withoutClient takes client n out; those behind it move up.
func withoutClient(p *plan.Plan, n int) *plan.Plan {
	to := func(c int) int {
		switch {
		case c < n:
			return c
		case c == n:
			return 0
		}
		return c - 1
	}
	c := renameAll(filterOps(p, func(i int) bool { return p.Ops[i].Client != n }), 'c', to)
	c.Clients--
	for i := range c.Ops {
		c.Ops[i].Client = to(c.Ops[i].Client)
	}
	c.Programs = nil
	for _, x := range p.Programs {
		if x.Client != n {
			x.Client = to(x.Client)
			c.Programs = append(c.Programs, x)
		}
	}
	return c
}

// dropServers takes servers out, the last first, which are the observers. A fault that
// hits one goes with it, or hits another one.
func (s *shrinker) dropServers() {
	for n := s.best.Quorum.All().Len(); n > 0 && !s.over; n-- {
		if s.best.Quorum.All().Len() == 1 {
			return
		}
		if !s.tryHard(s.valid(withoutServer(s.best, n, 0))) {
			s.try(s.valid(withoutServer(s.best, n, s.best.Quorum.All().Len()-1)))
		}
	}
}

// withoutServer takes server n out; those behind it move up. Who named it names server
// heir instead, or nobody if that is 0.
func withoutServer(p *plan.Plan, n, heir int) *plan.Plan {
	c := renameAll(p, 'n', func(id int) int {
		switch {
		case id < n:
			return id
		case id == n:
			return heir
		}
		return id - 1
	})
	q := &c.Quorum
	q.Voters, q.Observers = squeeze(q.Voters, n), squeeze(q.Observers, n)
	copy(q.Group[n:], q.Group[n+1:])
	copy(q.Weights[n:], q.Weights[n+1:])
	q.Group[len(q.Group)-1], q.Weights[len(q.Weights)-1] = 0, 0
	return c
}

// squeeze takes server n out of a set, and moves those behind it up.
func squeeze(set quorum.Set, n int) quorum.Set {
	low := set & quorum.Range(n-1)
	return low | set>>n<<(n-1)
}

// valid drops the faults and decisions that p can't have: after a change of the
// ensemble some say nothing, or contradict others.
func (s *shrinker) valid(p *plan.Plan) *plan.Plan {
	if s.o.Check(p) == nil {
		return p
	}
	faults, decisions := p.Faults, p.Decisions
	c := *p
	c.Faults, c.Decisions = nil, nil
	for _, f := range faults {
		c.Faults = append(slices.Clip(c.Faults), f)
		if s.o.Check(&c) != nil {
			c.Faults = c.Faults[:len(c.Faults)-1]
		}
	}
	for _, d := range decisions {
		c.Decisions = append(slices.Clip(c.Decisions), d)
		if s.o.Check(&c) != nil {
			c.Decisions = c.Decisions[:len(c.Decisions)-1]
		}
	}
	return &c
}
