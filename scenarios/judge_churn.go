package scenarios

// churnProgress is all that the recipe churn promises: what it is for is told by the
// checks of the servers. How many rounds there is time for depends on the crashes and
// on how slow the servers are, so a client that is not done is none to complain of;
// one that gave up is.
const churnProgress = "churn-progress"

func judgeChurn(x *recipeRun) []Check {
	progress := &verdict{name: churnProgress, kind: NoProgress}
	for _, a := range x.lines {
		if why := x.stopped(a.line.Client); why != "" {
			progress.complain("c%d gave up: %s", a.line.Client, why)
		}
	}
	return []Check{progress.check()}
}
