package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"zabsim/internal/nearest"
	"zabsim/scenarios/recipes"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/sim/plan"
)

// Recipe is a program that a plan may name for a client, and how runs with it are
// judged.
type Recipe struct {
	Name string
	Doc  string
	Args []RecipeArg
	// Checks are the names of what Judge decides.
	Checks []string
	// Sights are names of what a run may show, beside the sometimes-properties.
	Sights []string

	build func(a *args) *client.Program
	// judge compares what clients said with what servers committed.
	judge func(run *recipeRun) []Check
}

// RecipeArg is an argument of a recipe, written name=value.
type RecipeArg struct{ Name, Default, Doc string }

// Recipes returns all recipes that a plan may name.
func Recipes() []Recipe {
	return []Recipe{
		{
			Name: "lock", Doc: "takes a lock, writes with its fencing token, releases it, some rounds long",
			Args: []RecipeArg{{"root", "/lock", "the lock's node"}, {"rounds", "20", "how often"}, {"hold", "400ms", "how long each time"}},
			build: func(a *args) *client.Program {
				return recipes.LockProgram(a.text("root"), a.number("rounds"), a.time("hold"))
			},
			Checks: []string{lockBelief, lockFencing, lockProgress},
			Sights: []string{holderDied},
			judge:  judgeLock,
		},
		{
			Name: "config-writer", Doc: "sets two values of a group to the same number, in one multi, again and again",
			Args: []RecipeArg{{"root", "/config", "the configuration"}, {"group", "g", "the group's name"}, {"writes", "50", "how often"}, {"rest", "500ms", "pause after each"}},
			build: func(a *args) *client.Program {
				return recipes.ConfigWriterProgram(a.text("root"), a.text("group"), a.number("writes"), a.time("rest"))
			},
			Checks: []string{configWhole, writerProgress},
			judge:  judgeConfigWriter,
		},
		{
			Name: "config-reader", Doc: "keeps a cache of a configuration and tells each change of it",
			Args: []RecipeArg{{"root", "/config", "the configuration"}, {"during", "60s", "how long"}},
			build: func(a *args) *client.Program {
				return recipes.ConfigReaderProgram(a.text("root"), a.time("during"))
			},
			Checks: []string{cacheTrue, cacheWhole, cacheForward, cacheConverges, readerProgress},
			judge:  judgeConfigReader,
		},
		{
			Name: "presence", Doc: "announces itself by an ephemeral node and watches who else is there",
			Args: []RecipeArg{{"root", "/members", "where"}, {"every", "3s", "how often it writes its node"}},
			build: func(a *args) *client.Program {
				return recipes.PresenceProgram(a.text("root"), a.time("every"))
			},
			Checks: []string{sessionLives, sessionEnds, membersConverge, membersProgress},
			Sights: []string{sessionExpired, sessionMoved},
			judge:  judgePresence,
		},
		{
			Name: "churn", Doc: "deletes nodes with their children and makes them again, some rounds long",
			Args: []RecipeArg{
				{"root", "/churn", "where"}, {"nodes", "4", "how many of them"}, {"rounds", "200", "how often"}, {"rest", "100ms", "about the pause after each"},
			},
			build: func(a *args) *client.Program {
				return recipes.ChurnProgram(a.text("root"), a.number("nodes"), a.number("rounds"), a.time("rest"))
			},
			Checks: []string{churnProgress},
			judge:  judgeChurn,
		},
	}
}

// LookupRecipe finds a recipe by name.
func LookupRecipe(name string) (*Recipe, error) {
	var known []string
	for _, r := range Recipes() {
		if r.Name == name {
			return &r, nil
		}
		known = append(known, r.Name)
	}
	return nil, fmt.Errorf("unknown recipe %q%s", name, nearest.Hint(name, known))
}

// args reads the arguments of a program line.
type args struct {
	recipe *Recipe
	line   *plan.Program
	err    error
}

func (a *args) text(name string) string {
	for _, known := range a.recipe.Args {
		if known.Name != name {
			continue
		}
		if v := a.line.Arg(name); v != "" {
			return v
		}
		return known.Default
	}
	panic("scenarios: " + a.recipe.Name + " has no argument " + name)
}

func (a *args) wrong(name, want string) {
	if a.err == nil {
		a.err = fmt.Errorf("program c%d %s: %s=%s: want %s", a.line.Client, a.line.Name, name, a.text(name), want)
	}
}

func (a *args) number(name string) int {
	n, err := strconv.Atoi(a.text(name))
	if err != nil || n < 1 || n > 1_000_000 {
		a.wrong(name, "a number from 1 to 1000000")
	}
	return n
}

func (a *args) time(name string) time.Duration {
	d, err := plan.ParseDuration(a.text(name))
	if err != nil || d <= 0 {
		a.wrong(name, "a time such as 400ms")
	}
	return time.Duration(d)
}

// program makes the program of a line.
func program(line *plan.Program) (*client.Program, *Recipe, error) {
	r, err := LookupRecipe(line.Name)
	if err != nil {
		return nil, nil, fmt.Errorf("program c%d: %w", line.Client, err)
	}
	var known []string
	for _, a := range r.Args {
		known = append(known, a.Name)
	}
	for _, arg := range line.Args {
		name, _, _ := strings.Cut(arg, "=")
		if line.Arg(name) == "" {
			return nil, nil, fmt.Errorf("program c%d %s: %s has no value", line.Client, line.Name, arg)
		}
		if !contains(known, name) {
			return nil, nil, fmt.Errorf("program c%d %s: there is no argument %q%s", line.Client, line.Name, name, nearest.Hint(name, known))
		}
	}
	a := &args{recipe: r, line: line}
	if root := line.Arg("root"); root != "" && root[0] != '/' {
		a.wrong("root", "a path, which begins with /")
	}
	p := r.build(a)
	return p, r, a.err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// CheckPrograms returns the first program line of p that can't be run and an error
// that says what would be right.
func CheckPrograms(p *plan.Plan) (line int, err error) {
	for i := range p.Programs {
		if _, _, err := program(&p.Programs[i]); err != nil {
			return p.Programs[i].Line, err
		}
	}
	return 0, nil
}

// programs makes the programs of a plan, by client.
func programs(p *plan.Plan) ([]*client.Program, error) {
	if len(p.Programs) == 0 {
		return nil, nil
	}
	list := make([]*client.Program, p.Clients+1)
	for i := range p.Programs {
		made, _, err := program(&p.Programs[i])
		if err != nil {
			return nil, err
		}
		list[p.Programs[i].Client] = made
	}
	return list, nil
}

// recipes judges a run by the checks of its recipes.
func (o *Outcome) recipes(p *plan.Plan, r *sim.Runner) {
	done := map[string]bool{}
	for i := range p.Programs {
		recipe, err := LookupRecipe(p.Programs[i].Name)
		if err != nil || done[recipe.Name] {
			continue
		}
		done[recipe.Name] = true
		run := &recipeRun{plan: p, run: r, truth: r.History.Truth}
		for k := range p.Programs {
			if p.Programs[k].Name == recipe.Name {
				run.lines = append(run.lines, &args{recipe: recipe, line: &p.Programs[k]})
			}
		}
		o.Checks = append(o.Checks, recipe.judge(run)...)
		o.Missed = append(o.Missed, run.missed...)
		o.sights = append(o.sights, run.seen...)
	}
	if err := r.RecipeErr(); err != nil {
		o.Checks = append(o.Checks, Check{Name: "recipe", Verdict: Violated, Detail: err.Error()})
	}
}
