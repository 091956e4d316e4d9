package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/zab/bug"
)

// bugsFlags is what zabsim bugs was asked for.
type bugsFlags struct {
	as             bug.Set
	json, markdown bool
}

func newBugs(a *app) *cobra.Command {
	f := &bugsFlags{}
	release := &bugsValue{set: &f.as, parse: parseRelease, typ: "VERSION"}
	cmd := &cobra.Command{
		Use:   "bugs [NAME]...",
		Short: "List the historical bugs that can be switched on",
		Long: "List the historical ZooKeeper bugs that zabsim run --bug switches on, by name or by JIRA issue,\n" +
			"one a line: the name, the issue, and the releases that had it. With names or issues, tell all\n" +
			"about these. --as VERSION lists what zabsim run --as VERSION switches on together.",
		ValidArgsFunction: cobra.FixedCompletions(bugNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := pickBugs(args, f.as, len(release.texts) > 0)
			switch {
			case err != nil:
				return err
			case f.json:
				return a.bugsJSON(list)
			case f.markdown:
				a.bugsMarkdown(list)
			case len(args) > 0:
				a.bugsInFull(list)
			default:
				a.bugsInLines(list)
				a.notBuiltInLines(len(release.texts) > 0)
			}
			return nil
		},
	}
	cmd.Flags().Var(release, "as", "only the bugs that a ZooKeeper release had, such as 3.6.2")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON array")
	cmd.Flags().BoolVar(&f.markdown, "markdown", false, "print the page zab/bug/README.md")
	a.fromEnvironment(cmd, "as", "json", "markdown")
	complete(cmd, "as", append(bug.Releases(), bug.Newest))
	cmd.AddCommand(newBugsRun(a))
	return cmd
}

// pickBugs returns the bugs that were named, or all of them, and of those only
// what a release had if that was asked.
func pickBugs(names []string, as bug.Set, released bool) ([]bug.Info, error) {
	named := bug.Set{}
	for _, name := range names {
		b, err := bug.Lookup(name)
		if err != nil {
			return nil, usage("%v; zabsim bugs lists them", err)
		}
		named = named.With(b)
	}
	var list []bug.Info
	for _, i := range bug.All() {
		if (len(names) == 0 || named.Has(i.Switch)) && (!released || as.Has(i.Switch)) {
			list = append(list, i)
		}
	}
	return list, nil
}

func (a *app) bugsInLines(list []bug.Info) {
	names, issues := 0, 0
	for _, i := range list {
		names, issues = max(names, len(i.Name)), max(issues, len(shortIssues(i)))
	}
	for _, i := range list {
		fmt.Fprintf(a.out, "%-*s  %-*s  %s\n", names, i.Name, issues, shortIssues(i), i.Had())
	}
	switch len(list) {
	case 0:
		fmt.Fprintln(a.out, "none of the known bugs")
	case 1:
		fmt.Fprintln(a.out, "\nzabsim bugs NAME tells all about a bug.")
	default:
		fmt.Fprintf(a.out, "\n%d bugs. zabsim bugs NAME tells all about one.\n", len(list))
	}
}

// notBuiltInLines tells what is known beyond the list. Nobody has looked which releases
// had it: under a release's name it is what the newest one has.
func (a *app) notBuiltInLines(released bool) {
	list := slices.Clone(bug.NotBuiltYet())
	heading := "Known, but not built:"
	if released {
		list = slices.DeleteFunc(list, func(n bug.NotBuilt) bool { return !n.Open })
		heading = "Known and open in the newest release, but not built:"
	}
	names, issues := 0, 0
	for _, n := range list {
		names, issues = max(names, len(n.Name)), max(issues, len(n.JIRA[0]))
	}
	fmt.Fprintf(a.out, "\n%s\n", heading)
	for _, n := range list {
		fmt.Fprintf(a.out, "%-*s  %-*s  %s\n", names, n.Name, issues, n.JIRA[0], n.Why)
	}
}

// shortIssues writes further issues by their number: ZOOKEEPER-335, 1081, 1082. Of some
// bugs no report was found.
func shortIssues(i bug.Info) string {
	if len(i.JIRA) == 0 {
		return "never reported"
	}
	short := []string{i.JIRA[0]}
	for _, more := range i.JIRA[1:] {
		short = append(short, strings.TrimPrefix(more, "ZOOKEEPER-"))
	}
	return strings.Join(short, ", ")
}

func (a *app) bugsInFull(list []bug.Info) {
	if len(list) == 0 {
		fmt.Fprintln(a.out, "the release had none of these")
	}
	for k, i := range list {
		if k > 0 {
			fmt.Fprintln(a.out)
		}
		fmt.Fprintln(a.out, strings.TrimRight(i.Name+"  "+strings.Join(i.JIRA, ", "), " "))
		fmt.Fprintf(a.out, "  releases  %s\n", i.Had())
		fmt.Fprintf(a.out, "  fixed in  %s\n", fixedIn(i))
		fmt.Fprintf(a.out, "  breaks    %s\n", strings.Join(i.Breaks, ", "))
		for _, line := range wrap(i.Doc, 90) {
			fmt.Fprintf(a.out, "  %s\n", line)
		}
	}
}

func fixedIn(i bug.Info) string {
	switch {
	case len(i.Fixed) == 0:
		return "none, it is open"
	case i.Open():
		return strings.Join(i.Fixed, ", ") + " alone, it is open in later lines"
	}
	return strings.Join(i.Fixed, ", ")
}

// bugJSON is an element of zabsim bugs --json.
type bugJSON struct {
	Name   string   `json:"name"`
	JIRA   []string `json:"jira"`
	Doc    string   `json:"doc"`
	Breaks []string `json:"breaks"`
	From   []string `json:"from"`  // empty: no release had it
	Fixed  []string `json:"fixed"` // empty: the bug is open
}

func (a *app) bugsJSON(infos []bug.Info) error {
	list := []bugJSON{}
	for _, i := range infos {
		list = append(list, bugJSON{i.Name, i.JIRA, i.Doc, i.Breaks, orEmpty(i.From), orEmpty(i.Fixed)})
	}
	return a.printJSON(list)
}

// orEmpty keeps null out of JSON.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// bugNames lists what --bug takes, for completion.
func bugNames() []string {
	var names []string
	for _, i := range bug.All() {
		names = append(append(names, i.Name), i.JIRA...)
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
