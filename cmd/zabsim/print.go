package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"zabsim/scenarios"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// faultsShown is how many lines of faults a configuration may fill.
const faultsShown = 8

// printConfig says what is about to run.
func printConfig(w io.Writer, x *subject, p *plan.Plan, zoo *zooFile) {
	fmt.Fprintf(w, "zabsim run of %s, seed %d\n", p.Scenario, p.Seed)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-10s "+format+"\n", append([]any{name}, args...)...)
	}
	if x != nil && x.path != "" {
		row("file", "%s", x.path)
	}
	if x != nil && x.Claim != "" {
		row("claim", "%s", x.Claim)
	}
	row("ensemble", "%s, %s, %s", plural(p.Quorum.All().Len(), "server"), quorumText(&p.Quorum), plural(p.Clients, "client"))
	row("time", "%s simulated, then everything is healed and a write must commit", plan.FormatDuration(p.For))
	row("limits", "tickTime %s, initLimit %d, syncLimit %d, commitLogCount %d, session time-out %s",
		plan.FormatDuration(p.TickTime), p.InitLimit, p.SyncLimit, p.CommitLogCount, plan.FormatDuration(p.SessionTimeout))
	printOptions(row, p)
	if text := mediumText(p); text != "" {
		row("medium", "%s", text)
	}
	if zoo != nil {
		row("zoo.cfg", "%s", zoo.name)
		if len(zoo.cfg.Ignored) > 0 {
			row("", "without effect here: %s", strings.Join(zoo.cfg.Ignored, ", "))
		}
	}
	row("load", "%s", loadText(p))
	if len(p.Decisions) > 0 {
		row("decisions", "%d", len(p.Decisions))
	}
	printFaults(row, p)
	if p.Bugs == (bug.Set{}) {
		row("bugs", "none: the correct protocol")
	} else {
		row("bugs", "%s", strings.ReplaceAll(bug.Names(p.Bugs), ",", ", "))
	}
}

// mediumText says what is slower than usual, and nothing of the rest.
func mediumText(p *plan.Plan) string {
	var parts []string
	if p.NetSlow > 1 {
		parts = append(parts, fmt.Sprintf("network %d times slower", p.NetSlow))
	}
	if p.DiskSlow > 1 {
		parts = append(parts, fmt.Sprintf("disks %d times slower", p.DiskSlow))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + " than usual"
}

// printOptions says what is not as ZooKeeper has it by default.
func printOptions(row func(name, format string, args ...any), p *plan.Plan) {
	if p.Grain == plan.GrainThreads {
		text := "each thread of a server has turns of its own"
		if p.ThreadSlow != 0 {
			text += fmt.Sprintf(", and may wait %d ms for one", p.ThreadSlow)
		}
		row("threads", "%s", text)
	}
	var parts []string
	if p.SnapCount != 0 {
		parts = append(parts, fmt.Sprintf("snapCount %d", p.SnapCount))
	}
	if p.CounterMax != 0 {
		parts = append(parts, fmt.Sprintf("counterMax %d", p.CounterMax))
	}
	if p.SnapRetain != 0 {
		parts = append(parts, fmt.Sprintf("snapRetain %d", p.SnapRetain))
	}
	if p.SnapshotSizeFactor != 0 {
		text := factorText(p.SnapshotSizeFactor)
		if p.SnapshotSizeFactor > 0 {
			text += " %"
		}
		parts = append(parts, "snapshotSizeFactor "+text)
	}
	if len(parts) > 0 {
		row("snapshots", "%s", strings.Join(parts, ", "))
	}
	if p.Unsafe {
		row("unsafe", "faults may do to a disk what ZooKeeper can't bear; excused: %s", orNone(p.Excuse))
	}
}

func printFaults(row func(name, format string, args ...any), p *plan.Plan) {
	if len(p.Faults) == 0 {
		row("faults", "none")
	}
	name := "faults"
	for i, f := range p.Faults {
		if i == faultsShown-1 && len(p.Faults) > faultsShown {
			row("", "and %d more", len(p.Faults)-i)
			return
		}
		length := "until the end"
		if f.For > 0 {
			length = "for " + plan.FormatDuration(f.For)
		}
		row(name, "at %-7s %s %s", plan.FormatDuration(f.At), strings.Join(append([]string{f.Name}, f.Args...), " "), length)
		name = ""
	}
}

// quorumText says who must agree.
func quorumText(q *quorum.Config) string {
	whose := ""
	if q.Observers != 0 {
		whose = " of the others"
	}
	if !q.Grouped {
		return observersText(q.Observers) + "a majority" + whose + " decides"
	}
	var parts []string
	for g := 1; g <= quorum.Max; g++ {
		members := group(q, g)
		if members == 0 {
			continue
		}
		var names []string
		for rest := members; rest != 0; rest = rest.Without(rest.First()) {
			name := rest.First().String()
			if weight := q.Weights[rest.First()]; weight != 1 {
				name += "×" + strconv.Itoa(int(weight))
			}
			names = append(names, name)
		}
		parts = append(parts, "{"+strings.Join(names, " ")+"}")
	}
	return observersText(q.Observers) + "a majority of the groups " + strings.Join(parts, " ") + " decides"
}

func observersText(s quorum.Set) string {
	if s == 0 {
		return ""
	}
	var names []string
	for rest := s; rest != 0; rest = rest.Without(rest.First()) {
		names = append(names, rest.First().String())
	}
	if len(names) == 1 {
		return names[0] + " observes, "
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last] + " observe, "
}

// printResult says what came of it.
func printResult(w io.Writer, o *scenarios.Outcome, res *result) {
	fmt.Fprintf(w, "\nverdict: %s\n", o.Verdict)
	printChecks(w, o)
	n := &res.run.Counts
	fmt.Fprintf(w, "\ncounts\n")
	fmt.Fprintf(w, "  %s in %s simulated: %s, %s, %s\n", plural(int(n.Events), "event"), host.Duration(res.run.SimulatedNS),
		plural(int(n.Messages), "message"), plural(int(n.Commits), "transaction")+" committed", plural(int(n.Epochs), "epoch"))
	fmt.Fprintf(w, "  %s: %s ok, %s failed, %s unknown\n", plural(int(n.Operations), "operation"),
		grouped(int(n.OK)), grouped(int(n.Failed)), grouped(int(n.Unknown)))
	fmt.Fprintf(w, "  %d of %s began\n", len(res.run.Faults), plural(len(o.Plan.Faults), "fault"))
	fmt.Fprintf(w, "  reached: %s\n", orNone(o.Reached))
	fmt.Fprintf(w, "  fingerprint %s\n", res.run.Fingerprint)
	printFailovers(w, res.failovers)
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// reopened is the invariant that is judged where a role ends, at restarts and at
// the end, and not at every step.
const reopened = "reopen-equals-memory"

// printChecks groups what passed and tells the rest.
func printChecks(w io.Writer, o *scenarios.Outcome) {
	steps, history := 0, 0
	disk, progress := false, false
	for _, c := range o.Checks {
		if c.Verdict != scenarios.Passed {
			fmt.Fprintf(w, "  %-11s %s: %s\n", c.Verdict, c.Name, c.Detail)
			continue
		}
		switch known, ok := invariant.Lookup(c.Name); {
		case scenarios.IsThreshold(c.Name):
			fmt.Fprintf(w, "  %-11s %s: %s\n", c.Verdict, c.Name, c.Detail)
		case !ok:
			history++
		case known.Kind == invariant.KindEventually:
			progress = true
		case c.Name == reopened:
			disk = true
		default:
			steps++
		}
	}
	if len(o.Missed) > 0 {
		fmt.Fprintf(w, "  %-11s never reached: %s\n", scenarios.Vacuous, strings.Join(o.Missed, ", "))
	}
	var passed []string
	for _, p := range []struct {
		any  bool
		text string
	}{
		{steps > 0, plural(steps, "invariant") + " at every step"},
		{disk, "memory against disk"},
		{progress, "progress after healing"},
		{history > 0, plural(history, "check") + " of what the clients saw"},
	} {
		if p.any {
			passed = append(passed, p.text)
		}
	}
	fmt.Fprintf(w, "  %-11s %s\n", scenarios.Passed, orNone(passed))
}

// printFailovers is a table of how long each phase took.
func printFailovers(w io.Writer, list []failover) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w, "\nfail-overs, phases in milliseconds")
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  at\tcause\tleader\tepoch\tdetection\telection\tdiscovery\tsync\tcommit\twrite\ttotal")
	for i := range list {
		f := &list[i]
		cause, to, epoch := shortCause(f.Fault), f.To, strconv.FormatInt(f.Epoch, 10)
		if cause == "" {
			cause = "quorum lost"
		}
		if to == "" {
			to, epoch = "nobody", "-"
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s -> %s\t%s", host.Duration(f.At), cause, f.From, to, epoch)
		phases := f.Phases()
		for k := range phaseCount {
			if k < len(phases) {
				fmt.Fprintf(tw, "\t%s", millis(phases[k].Until-phases[k].From))
			} else {
				fmt.Fprint(tw, "\t-")
			}
		}
		total := "-"
		if f.Complete() {
			total = millis(f.Written - f.At)
		}
		fmt.Fprintf(tw, "\t%s\n", total)
	}
	_ = tw.Flush() // as Fprintf: standard output has nobody to tell
}

// shortCause keeps the table narrow where a fault has many links.
func shortCause(fault string) string {
	words := strings.Fields(fault)
	if len(words) <= 3 {
		return fault
	}
	return fmt.Sprintf("%s %s and %d more", words[0], words[1], len(words)-2)
}

// phaseCount is how many phases a complete fail-over has: the columns of the table.
const phaseCount = 6

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)) }

// printEnd ends the output: where everything is, and a line to paste.
func printEnd(w io.Writer, folder, repro string) {
	if folder != "" {
		fmt.Fprintf(w, "\nrun folder: %s\n", folder)
	}
	fmt.Fprintf(w, "\nrepeat it with\n%s\n", repro)
}

// plural writes a number and a noun: "12,034 operations".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// grouped writes a number with a comma between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && n > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
