package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"zabsim/internal/nearest"
	"zabsim/reports/schema"
)

func newSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [NAME]",
		Short: "Print the JSON schema of a file that zabsim writes",
		Long: "List the JSON schemas of what zabsim writes for programs, or print the one that is named. A schema of\n" +
			"JSON lines describes one line. They are files in reports/schema, too.",
		Example: "  zabsim schema\n  zabsim schema run > run.schema.json",
		Args:    atMost(1, "one name"),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := schema.All()
			if err != nil {
				return internal(err)
			}
			var names []string
			for _, s := range list {
				switch names = append(names, s.Name); {
				case len(args) == 0:
					fmt.Fprintf(a.out, "%-8s  %-14s  %s\n", s.Name, s.Of, s.Doc)
				case s.Name == args[0]:
					fmt.Fprint(a.out, s.Text)
					return nil
				}
			}
			if len(args) == 1 {
				return usage("unknown schema %q%s; zabsim schema lists them", args[0], nearest.Hint(args[0], names))
			}
			return nil
		},
	}
}
