package main

import (
	"fmt"
	"strings"

	"zabsim/zab/bug"
)

const (
	bugsPage = `# The bugs that can be switched on

Each was in ZooKeeper's source, nearly each in a release. Here each is a constant in [bug.go](bug.go), a branch
beside the right code, and a row in one of rows*.go. ` + "`zabsim run --bug NAME`" + ` switches one on, by its name or
its issue, and ` + "`zabsim run --as VERSION`" + ` those of a release. The releases are those whose source has the bug.
[TRACK.md](TRACK.md) says by what each is caught, and how soon.

One of them was never reported and has a page of its own: [FUZZY-ORPHAN](fuzzy-orphan.md).

This page is written by ` + "`go run ./cmd/zabsim bugs --markdown`" + `; a test compares the two.

| Switch | Issues | Releases | Noticed first by |
| --- | --- | --- | --- |
`
	jiraPage = "https://issues.apache.org/jira/browse/"
)

// bugsMarkdown prints a table of the bugs, and then what each does.
func (a *app) bugsMarkdown(list []bug.Info) {
	fmt.Fprint(a.out, bugsPage)
	for _, i := range list {
		fmt.Fprintf(a.out, "| [%s](#%s) | %s | %s | %s |\n", i.Name, strings.ReplaceAll(i.Name, ".", ""), links(i.JIRA), i.Had(), i.Breaks[0])
	}
	for _, i := range list {
		fmt.Fprintf(a.out, "\n## %s\n\n", i.Name)
		for _, line := range wrap(i.Doc, 118) {
			fmt.Fprintln(a.out, line)
		}
		fmt.Fprintf(a.out, "\nFixed in: %s. Noticed by: %s.\n", fixedIn(i), strings.Join(i.Breaks, ", "))
	}
	fmt.Fprint(a.out, "\n## Not built\n\nKnown, but not to be switched on.\n")
	for _, n := range bug.NotBuiltYet() {
		fmt.Fprintf(a.out, "\n**%s** (%s)\n\n", n.Name, links(n.JIRA))
		for _, line := range wrap(n.Doc+" Not built: "+n.Why+".", 118) {
			fmt.Fprintln(a.out, line)
		}
	}
}

func links(issues []string) string {
	var list []string
	for _, issue := range issues {
		list = append(list, "["+strings.TrimPrefix(issue, "ZOOKEEPER-")+"]("+jiraPage+issue+")")
	}
	return strings.Join(list, ", ")
}
