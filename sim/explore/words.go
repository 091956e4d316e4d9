package explore

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/zxid"
)

// Word is one thing that a model says of itself: a name, which is also that of a
// flag of zabsim explore, and a value.
type Word struct{ Name, Value string }

// The words of a model, in the order in which they are written. Set reads what Get
// writes; a value that Get leaves empty is the default and is not written.
var words = []wordRow{
	number("servers", func(m *Model) *int { return &m.Servers }),
	number("observers", func(m *Model) *int { return &m.Observers }),
	number("txns", func(m *Model) *int { return &m.Writes }),
	number("crashes", func(m *Model) *int { return &m.Crashes }),
	number("restarts", func(m *Model) *int { return &m.Restarts }),
	number("reboots", func(m *Model) *int { return &m.Reboots }),
	number("cuts", func(m *Model) *int { return &m.Cuts }),
	number("timeouts", func(m *Model) *int { return &m.Timeouts }),
	number("rounds", func(m *Model) *int { return &m.Rounds }),
	number("counter-max", func(m *Model) *int { return &m.CounterMax }),
	choice("grain", []string{"atomic", "threads"}, func(m *Model) int { return int(m.Grain) }, func(m *Model, i int) { m.Grain = plan.Grain(i) }),
	choice("election", electionNames[:], func(m *Model) int { return int(m.Election) }, func(m *Model, i int) { m.Election = Election(i) }),
	choice("tree", treeNames, func(m *Model) int { return index(m.Znodes) }, func(m *Model, i int) { m.Znodes = i == 1 }),
	choice("stages", stageNames, func(m *Model) int { return index(m.Options.EveryStage) }, func(m *Model, i int) { m.Options.EveryStage = i == 1 }),
	choice("fsync", fsyncNames, func(m *Model) int { return index(m.Options.DurableAtOnce) }, func(m *Model, i int) { m.Options.DurableAtOnce = i == 1 }),
	{"disks", func(m *Model) string { return writeDisks(m.Disks) }, func(m *Model, v string) (err error) { m.Disks, err = readDisks(v); return err }},
	{"scenario", func(m *Model) string { return m.Scenario }, func(m *Model, v string) error { m.Scenario = v; return nil }},
	{"bug", func(m *Model) string { return bug.Names(m.Bugs) }, func(m *Model, v string) (err error) { m.Bugs, err = bug.Parse(v); return err }},
}

var (
	treeNames  = []string{"register", "znodes"}
	stageNames = []string{"most", "every"}
	fsyncNames = []string{"later", "at-once"}
)

// writeDisks writes "1:1.1,2:1.1": currentEpoch and last zxid of n1, then of n2.
func writeDisks(list []sim.FirstDisk) string {
	var texts []string
	for _, d := range list {
		texts = append(texts, strconv.Itoa(int(d.Epoch))+":"+d.Last.String())
	}
	return strings.Join(texts, ",")
}

func readDisks(text string) ([]sim.FirstDisk, error) {
	var list []sim.FirstDisk
	for _, t := range strings.Split(text, ",") {
		var epoch, of, counter uint32
		if _, err := fmt.Sscanf(t+"|", "%d:%d.%d|", &epoch, &of, &counter); err != nil || of > epoch {
			return nil, fmt.Errorf("disks %q: want currentEpoch:zxid for each server, as in 1:1.1,2:1.1,1:1.1, and no zxid of a later epoch", t)
		}
		list = append(list, sim.FirstDisk{Epoch: zxid.Epoch(epoch), Last: zxid.Make(zxid.Epoch(of), counter)})
	}
	return list, nil
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

type wordRow struct {
	name string
	get  func(m *Model) string
	set  func(m *Model, value string) error
}

func number(name string, of func(m *Model) *int) wordRow {
	return wordRow{name,
		func(m *Model) string {
			if *of(m) == 0 {
				return ""
			}
			return strconv.Itoa(*of(m))
		},
		func(m *Model, value string) error {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 || n > budgetMax {
				return fmt.Errorf("%s %q: want a whole number from 0 to %d", name, value, budgetMax)
			}
			*of(m) = n
			return nil
		}}
}

func choice(name string, values []string, get func(m *Model) int, set func(m *Model, i int)) wordRow {
	return wordRow{name,
		func(m *Model) string {
			if get(m) == 0 {
				return ""
			}
			return values[get(m)]
		},
		func(m *Model, value string) error {
			for i, v := range values {
				if v == value {
					set(m, i)
					return nil
				}
			}
			return fmt.Errorf("%s %q: want %s%s", name, value, strings.Join(values, " or "), nearest.Hint(value, values))
		}}
}

// Words says what a model is, without its prefix and without what is as by default.
func (m *Model) Words() []Word {
	var list []Word
	for _, w := range words {
		if v := w.get(m); v != "" {
			list = append(list, Word{w.name, v})
		}
	}
	return list
}

// String writes the words as flags of zabsim explore: "--servers 3 --txns 2".
func (m *Model) String() string {
	var b strings.Builder
	for i, w := range m.Words() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("--" + w.Name + " " + w.Value)
	}
	return b.String()
}

// Set reads one word. The error says what would be right.
func (m *Model) Set(name, value string) error {
	for _, w := range words {
		if w.name == name {
			return w.set(m, value)
		}
	}
	return fmt.Errorf("unknown word %q%s", name, nearest.Hint(name, WordNames()))
}

// WordNames lists the names of all words.
func WordNames() []string {
	var names []string
	for _, w := range words {
		names = append(names, w.name)
	}
	return names
}

// WordValues lists what a word may be, nil where it is a number or a name.
func WordValues(name string) []string {
	switch name {
	case "grain":
		return []string{"atomic", "threads"}
	case "election":
		return electionNames[:]
	case "tree":
		return treeNames
	case "stages":
		return stageNames
	case "fsync":
		return fsyncNames
	}
	return nil
}

// InWords writes what a model is for people, without its bugs:
// "2 servers, 1 write, 1 crash, 1 restart, threads".
func (m *Model) InWords() string {
	list := []string{count(m.Servers, "server")}
	for _, w := range []struct {
		n    int
		what string
	}{
		{m.Observers, "observer"}, {m.Writes, "write"}, {m.Crashes, "crash"}, {m.Restarts, "restart"}, {m.Reboots, "reboot"},
		{m.Timeouts, "time-out"}, {m.Cuts, "cut"}, {m.Rounds, "round"},
	} {
		if w.n > 0 {
			list = append(list, count(w.n, w.what))
		}
	}
	for _, w := range []struct {
		is   bool
		text string
	}{
		{m.CounterMax > 0, "a counter of at most " + strconv.Itoa(m.CounterMax)},
		{m.Znodes, "znodes"},
		{m.Options.DurableAtOnce, "durable at once"},
		{m.Grain == plan.GrainThreads, "threads"},
		{m.Election == ElectionFLE, "real elections"},
		{m.Election == ElectionOnly, "elections alone"},
		{m.Scenario != "", "from " + m.Scenario},
		{len(m.Disks) > 0, "disks of " + m.value("disks")},
		{m.Options.EveryStage, "every stage of an epoch file"},
	} {
		if w.is {
			list = append(list, w.text)
		}
	}
	return strings.Join(list, ", ")
}

// value returns the word of that name, "" if it is as by default.
func (m *Model) value(name string) string {
	for _, w := range m.Words() {
		if w.Name == name {
			return w.Value
		}
	}
	return ""
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "sh"):
		what += "es"
	default:
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
