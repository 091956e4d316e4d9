package scenarios

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"zabsim/internal/keyed"
	"zabsim/internal/nearest"
	"zabsim/scenarios/file/decode"
	"zabsim/scenarios/spec"
	"zabsim/sim/invariant"
	"zabsim/sim/plan"
)

// A scenario, what it consists of, and what a caller may change of it.
type (
	// Scenario is a situation that can be run under any seed; see scenarios/spec.
	Scenario = spec.Scenario
	// Options are what a caller sets instead of the scenario; zero fields leave it be.
	Options = spec.Options
	// Mix are the shares of the operations that clients draw.
	Mix = spec.Mix
	// Lull is a stretch without operations, with one burst in it.
	Lull = spec.Lull
	// Threshold is a bound on what a run is measured to do, such as p99(failover) < 4s.
	Threshold = spec.Threshold
)

// Values of Options that say none where 0 says nothing.
const (
	NoObservers = spec.NoObservers
	NoClients   = spec.NoClients
)

// Defaults of an ensemble: ZooKeeper's sample configuration.
const (
	DefaultServers        = spec.DefaultServers
	DefaultClients        = spec.DefaultClients
	DefaultTickTime       = spec.DefaultTickTime
	DefaultInitLimit      = spec.DefaultInitLimit
	DefaultSyncLimit      = spec.DefaultSyncLimit
	DefaultCommitLogCount = spec.DefaultCommitLogCount
	DefaultSessionTimeout = spec.DefaultSessionTimeout
)

// FileSizeMax is how many bytes a scenario file may have.
const FileSizeMax = decode.SizeMax

// Default is the scenario of a run that names none.
const Default = "leader-crash"

// names are the built-in scenarios in the order in which they are listed: each is a
// file of builtin.
var names = []string{
	"steady", "leader-crash", "rolling-restart", "leader-partition", "cold-start",
	"minority-partition", "flaky-links", "deposed-leader", "hung-leader", "lagging-follower",
	"restart-storm", "disk-trouble", "observers", "weights", "lying-disk", "chaos",
	"session-expiry", "session-move", "distributed-lock", "config-centre",
	"fuzzy-snapshots",
}

//go:embed builtin/*.yaml
var files embed.FS

// builtin reads the files once. One that can't be read is our mistake.
var builtin = sync.OnceValue(func() []Scenario {
	var list []Scenario
	for _, name := range names {
		s, err := Parse(name+".yaml", []byte(text(name)))
		if err != nil {
			panic("scenarios: " + err.Error())
		}
		s.File = "" // it is known by its name
		list = append(list, *s)
	}
	return list
})

func text(name string) string {
	b, err := files.ReadFile("builtin/" + name + ".yaml")
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	return string(b)
}

// All returns every built-in scenario. Callers share what they refer to and change
// nothing of it.
func All() []Scenario {
	list := slices.Clone(builtin())
	for i := range list {
		s := &list[i]
		s.Reach, s.Excuse = slices.Clone(s.Reach), slices.Clone(s.Excuse)
	}
	return list
}

// Names returns the names of all built-in scenarios.
func Names() []string { return slices.Clone(names) }

// Lookup finds a built-in scenario by name.
func Lookup(name string) (*Scenario, error) {
	if i := slices.Index(names, name); i >= 0 {
		return &All()[i], nil
	}
	return nil, fmt.Errorf("unknown scenario %q%s", name, nearest.Hint(name, names))
}

// Text returns the file of a built-in scenario.
func Text(name string) (string, error) {
	if _, err := Lookup(name); err != nil {
		return "", err
	}
	return text(name), nil
}

// Parse reads the text of a scenario file. The name is for messages: an error names
// file, line and column, shows the line, and says what would be right.
func Parse(name string, text []byte) (*Scenario, error) {
	return decode.Parse(name, text, words())
}

// words are what scenario files may name.
var words = sync.OnceValue(func() *decode.Words {
	w := &decode.Words{Excusable: CheckNames(), Program: func(line *plan.Program) error {
		p := *line
		p.Client = 1
		_, _, err := program(&p)
		if err != nil {
			return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "program c1 "))
		}
		return nil
	}}
	w.IsTime = isTimeArg
	w.Checks = slices.Clone(w.Excusable)
	for _, c := range invariant.Sometimes() {
		w.Reachable = append(w.Reachable, c.Name)
	}
	for _, r := range Recipes() {
		w.Recipes = append(w.Recipes, r.Name)
		w.Checks = append(w.Checks, r.Checks...)
		w.Reachable = append(w.Reachable, r.Sights...)
	}
	return w
})

// isTimeArg tells whether an argument of a recipe is a duration: then its default is one.
func isTimeArg(recipe, arg string) bool {
	r, err := LookupRecipe(recipe)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(r.Args, func(a RecipeArg) bool {
		_, err := plan.ParseDuration(a.Default)
		return a.Name == arg && err == nil
	})
}

// DrawKnobs draws the knobs of p's servers from the seed, as a swarm does: what o sets
// stays.
func DrawKnobs(p *plan.Plan, o Options, d keyed.Stream) { spec.DrawKnobs(p, o, d) }

// SettingsOf returns how runs of s are judged, besides its plan.
func SettingsOf(s *Scenario) Settings {
	return Settings{Reach: s.Reach, Hold: s.Hold, Thresholds: s.Thresholds}
}
