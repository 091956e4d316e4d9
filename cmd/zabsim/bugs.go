package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/zab/bug"
)

func newBugs(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bugs",
		Short: "List the historical bugs that can be switched on",
		Long: "List the historical ZooKeeper bugs that zabsim run --bug switches on, by name or by JIRA issue,\n" +
			"and that --as VERSION switches on together.",
		Args: atMost(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return a.bugsJSON()
			}
			for i, b := range bug.All() {
				if i > 0 {
					fmt.Fprintln(a.out)
				}
				fmt.Fprintf(a.out, "%s  %s\n", b.Name, strings.Join(b.JIRA, ", "))
				fmt.Fprintf(a.out, "  releases  from %s, fixed in %s\n", strings.Join(b.From, ", "), strings.Join(b.Fixed, ", "))
				fmt.Fprintf(a.out, "  breaks    %s\n", strings.Join(b.Breaks, ", "))
				for _, line := range wrap(b.Doc, 90) {
					fmt.Fprintf(a.out, "  %s\n", line)
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	a.fromEnvironment(cmd, "json")
	return cmd
}

// bugJSON is an element of zabsim bugs --json.
type bugJSON struct {
	Name   string   `json:"name"`
	JIRA   []string `json:"jira"`
	Doc    string   `json:"doc"`
	Breaks []string `json:"breaks"`
	From   []string `json:"from"`
	Fixed  []string `json:"fixed"`
}

func (a *app) bugsJSON() error {
	list := []bugJSON{}
	for _, b := range bug.All() {
		list = append(list, bugJSON{b.Name, b.JIRA, b.Doc, b.Breaks, b.From, b.Fixed})
	}
	return a.printJSON(list)
}

// bugNames lists what --bug takes, for completion.
func bugNames() []string {
	var names []string
	for _, b := range bug.All() {
		names = append(append(names, b.Name), b.JIRA...)
	}
	return names
}

// wrap breaks text into lines of at most width letters, between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
