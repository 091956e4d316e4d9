package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/sim/plan"
)

func newScenarios(a *app) *cobra.Command {
	var names, asJSON bool
	cmd := &cobra.Command{
		Use:   "scenarios",
		Short: "List what can be run, and what each run claims",
		Args:  atMost(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			switch {
			case asJSON:
				return a.scenariosJSON()
			case names:
				for _, name := range scenarios.Names() {
					fmt.Fprintln(a.out, name)
				}
			default:
				a.scenariosText()
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&names, "names", false, "print only the names, one per line")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	a.fromEnvironment(cmd, "names", "json")
	return cmd
}

func (a *app) scenariosText() {
	width := 0
	for _, name := range scenarios.Names() {
		width = max(width, len(name))
	}
	for _, s := range scenarios.All() {
		fmt.Fprintf(a.out, "%-*s  %6s  %s\n", width, s.Name, plan.FormatDuration(s.For), s.Claim)
	}
	fmt.Fprintf(a.out, "\nzabsim run without a name runs %s.\n", scenarios.Default)
}

// scenarioJSON is an element of zabsim scenarios --json.
type scenarioJSON struct {
	Name      string   `json:"name"`
	Claim     string   `json:"claim"`
	ForNS     int64    `json:"for_ns"`
	Default   bool     `json:"default"`
	Least     int      `json:"servers_min"`
	Observers int      `json:"observers"` // of the usual number of servers
	Clients   int      `json:"clients"`
	Swarm     bool     `json:"swarm"`  // the seed draws the faults
	Unsafe    bool     `json:"unsafe"` // has faults beyond what a disk may do
	Excuse    []string `json:"excuse"` // checks that these may break
	Reach     []string `json:"reach"`  // what a run must reach, or it is vacuous
}

func (a *app) scenariosJSON() error {
	list := []scenarioJSON{}
	for _, s := range scenarios.All() {
		p := s.Plan(1, scenarios.Options{Servers: scenarios.DefaultServers})
		list = append(list, scenarioJSON{
			Name: s.Name, Claim: s.Claim, ForNS: int64(s.For), Default: s.Name == scenarios.Default, Least: max(s.Least, 1),
			Observers: p.Quorum.Observers.Len(), Clients: p.Clients, Swarm: s.Swarm, Unsafe: s.Unsafe,
			Excuse: append([]string{}, s.Excuse...), Reach: append([]string{}, s.Reach...),
		})
	}
	return a.printJSON(list)
}

// printJSON prints one indented value.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
