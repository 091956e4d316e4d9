package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/scenarios"
	"zabsim/sim/plan"
)

func newRecipes(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "recipes [NAME]...",
		Short: "List the recipes that clients of a plan can run, and how each is judged",
		Long: "List the recipes that a plan can give to a client, as in \"program c1 lock root=/lock rounds=20\". With names,\n" +
			"tell their arguments and the checks by which a run with them is judged.",
		RunE: func(_ *cobra.Command, args []string) error {
			list := scenarios.Recipes()
			if len(args) > 0 {
				list = list[:0:0]
				for _, name := range args {
					r, err := scenarios.LookupRecipe(name)
					if err != nil {
						return usage("%w", err)
					}
					list = append(list, *r)
				}
			}
			switch {
			case asJSON:
				return a.recipesJSON(list)
			case len(args) > 0:
				a.recipesInFull(list)
			default:
				width := 0
				for _, r := range list {
					width = max(width, len(r.Name))
				}
				for _, r := range list {
					fmt.Fprintf(a.out, "%-*s  %s\n", width, r.Name, r.Doc)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	a.fromEnvironment(cmd, "json")
	return cmd
}

func (a *app) recipesInFull(list []scenarios.Recipe) {
	for k, r := range list {
		if k > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintf(a.out, "%s  %s\n", r.Name, r.Doc)
		for _, arg := range r.Args {
			fmt.Fprintf(a.out, "  %-8s  %s; %s\n", arg.Name, arg.Doc, arg.Default)
		}
		fmt.Fprintf(a.out, "  checks    %s\n", strings.Join(r.Checks, ", "))
		if len(r.Sights) > 0 {
			fmt.Fprintf(a.out, "  sights    %s\n", strings.Join(r.Sights, ", "))
		}
	}
}

// recipeJSON is an element of zabsim recipes --json.
type recipeJSON struct {
	Name   string          `json:"name"`
	Doc    string          `json:"doc"`
	Args   []recipeArgJSON `json:"args"`
	Checks []string        `json:"checks"`
	Sights []string        `json:"sights"`
}

type recipeArgJSON struct {
	Name    string `json:"name"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

func (a *app) recipesJSON(list []scenarios.Recipe) error {
	out := make([]recipeJSON, 0, len(list))
	for _, r := range list {
		j := recipeJSON{Name: r.Name, Doc: r.Doc, Args: []recipeArgJSON{}, Checks: r.Checks, Sights: append([]string{}, r.Sights...)}
		for _, arg := range r.Args {
			j.Args = append(j.Args, recipeArgJSON{arg.Name, arg.Default, arg.Doc})
		}
		out = append(out, j)
	}
	return a.printJSON(out)
}

// loadText says what clients do.
func loadText(p *plan.Plan) string {
	var parts []string
	if len(p.Ops) > 0 || len(p.Programs) == 0 {
		parts = append(parts, plural(len(p.Ops), "operation"))
	}
	var names []string
	count := map[string]int{}
	for i := range p.Programs {
		name := p.Programs[i].Name
		if count[name] == 0 {
			names = append(names, name)
		}
		count[name]++
	}
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d x recipe %s", count[name], name))
	}
	return strings.Join(parts, ", ")
}
