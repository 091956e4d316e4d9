package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/faults"
	"zabsim/internal/nearest"
	"zabsim/sim"
)

func newFaults(a *app) *cobra.Command {
	var names, asJSON bool
	cmd := &cobra.Command{
		Use:   "faults [NAME]...",
		Short: "List the faults that a plan can have, and what must survive each",
		Long: "List the kinds of faults, one a line. With names, tell all about these: what happens, and what a correct\n" +
			"ensemble still promises meanwhile. An unsafe fault breaks what ZooKeeper demands of a disk: only a plan\n" +
			"with the line \"unsafe yes\" may have it, and its line \"excuse\" names the promises that may break.",
		ValidArgsFunction: cobra.FixedCompletions(faultNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := pickFaults(args)
			switch {
			case err != nil:
				return err
			case asJSON:
				return a.faultsJSON(list)
			case names:
				for i := range list {
					fmt.Fprintln(a.out, list[i].Name)
				}
			case len(args) > 0:
				a.faultsInFull(list)
			default:
				a.faultsInLines(list)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&names, "names", false, "print only the names, one per line")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	a.fromEnvironment(cmd, "names", "json")
	return cmd
}

func faultNames() []string { return faults.Vocabulary{}.FaultNames() }

// pickFaults returns the kinds that were named, or all of them.
func pickFaults(names []string) ([]sim.FaultKind, error) {
	if len(names) == 0 {
		return faults.All(), nil
	}
	var list []sim.FaultKind
	for _, name := range names {
		n := len(list)
		for _, k := range faults.All() {
			if k.Name == name {
				list = append(list, k)
			}
		}
		if len(list) == n {
			return nil, usage("unknown fault %q%s; zabsim faults lists them", name, nearest.Hint(name, faultNames()))
		}
	}
	return list, nil
}

// firstPart is the text up to its first semicolon: what happens, without the rest.
func firstPart(text string) string {
	head, _, _ := strings.Cut(text, ";")
	return head
}

func (a *app) faultsInLines(list []sim.FaultKind) {
	width := 0
	for i := range list {
		width = max(width, len(list[i].Name))
	}
	for i := range list {
		k := &list[i]
		for n, line := range wrap(unsafely(k)+firstPart(k.Doc), 100-width) {
			name := k.Name
			if n > 0 {
				name = ""
			}
			fmt.Fprintf(a.out, "%-*s  %s\n", width, name, line)
		}
	}
	fmt.Fprintf(a.out, "\n%s. zabsim faults NAME tells all about one.\n", plural(len(list), "kind"))
}

func unsafely(k *sim.FaultKind) string {
	if k.Unsafe {
		return "(unsafe) "
	}
	return ""
}

func (a *app) faultsInFull(list []sim.FaultKind) {
	for i := range list {
		k := &list[i]
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintln(a.out, k.Name)
		for _, part := range []struct{ head, text string }{
			{"what", k.Doc}, {"survives", k.Survive}, {"lasts", lasts(k)}, {"allowed", allowed(k)}, {"colour", k.Color},
		} {
			for n, line := range wrap(part.text, 88) {
				head := part.head
				if n > 0 {
					head = ""
				}
				fmt.Fprintf(a.out, "  %-8s  %s\n", head, line)
			}
		}
	}
}

func lasts(k *sim.FaultKind) string {
	switch {
	case k.Instant:
		return "it is over at once"
	case k.Waits:
		return "from when it strikes, as long as the plan says"
	}
	return "as long as the plan says"
}

func allowed(k *sim.FaultKind) string {
	if k.Unsafe {
		return "only in a plan with the line \"unsafe yes\""
	}
	return "in every plan"
}

// faultJSON is an element of zabsim faults --json.
type faultJSON struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Survive string `json:"survive"`
	Color   string `json:"color"`
	Instant bool   `json:"instant"` // it takes no time
	Waits   bool   `json:"waits"`   // for an event that it strikes in
	Unsafe  bool   `json:"unsafe"`
}

func (a *app) faultsJSON(kinds []sim.FaultKind) error {
	list := []faultJSON{}
	for i := range kinds {
		k := &kinds[i]
		list = append(list, faultJSON{k.Name, k.Doc, k.Survive, k.Color, k.Instant, k.Waits, k.Unsafe})
	}
	return a.printJSON(list)
}
