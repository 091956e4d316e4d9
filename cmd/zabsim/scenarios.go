package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/scenarios/file"
	"zabsim/sim/plan"
)

func newScenarios(a *app) *cobra.Command {
	var names, asJSON, asYAML, schema bool
	cmd := &cobra.Command{
		Use:   "scenarios [NAME]",
		Short: "List what can be run, and what each run claims",
		Long: "List what can be run, and what each run claims; or only the scenario of a name.\n" +
			"With --yaml, print the file of a scenario: change it, and give it to zabsim run.\n" +
			"With --schema, print the JSON schema of such files, for editors.",
		Example:           "  zabsim scenarios\n  zabsim scenarios leader-crash --yaml > my.yaml\n  zabsim scenarios --schema > scenario.schema.json",
		Args:              atMost(1, "one scenario"),
		ValidArgsFunction: cobra.FixedCompletions(scenarios.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := chosen(args)
			switch {
			case err != nil:
				return err
			case schema:
				fmt.Fprint(a.out, file.Schema)
			case asYAML && len(args) == 0:
				return usage("--yaml prints the file of one scenario: name it, as in zabsim scenarios leader-crash --yaml")
			case asYAML:
				text, err := scenarios.Text(args[0])
				fmt.Fprint(a.out, text)
				return err
			case asJSON:
				return a.scenariosJSON(list)
			case names:
				for _, s := range list {
					fmt.Fprintln(a.out, s.Name)
				}
			default:
				a.scenariosText(list)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&names, "names", false, "print only the names, one per line")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	cmd.Flags().BoolVar(&asYAML, "yaml", false, "print the file of one scenario")
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON schema of scenario files")
	a.fromEnvironment(cmd, "names", "json", "yaml", "schema")
	return cmd
}

// chosen returns the built-in scenario that an argument names, or all.
func chosen(args []string) ([]scenarios.Scenario, error) {
	if len(args) == 0 {
		return scenarios.All(), nil
	}
	s, err := scenarios.Lookup(args[0])
	if err != nil {
		return nil, usage("%w; see zabsim scenarios", err)
	}
	return []scenarios.Scenario{*s}, nil
}

func (a *app) scenariosText(list []scenarios.Scenario) {
	width := 0
	for _, name := range scenarios.Names() {
		width = max(width, len(name))
	}
	for _, s := range list {
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

func (a *app) scenariosJSON(all []scenarios.Scenario) error {
	list := []scenarioJSON{}
	for _, s := range all {
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
