package tidy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// leaves know nothing of the protocol's machines. All code may use them, except
// where a row below says less.
var leaves = []string{
	"zab/zxid", "zab/quorum", "zab/host", "zab/bug", "zab/txn", "zab/acl",
	"internal/fp", "internal/keyed", "internal/nearest",
}

// graph says what each package may import from this module, outside its tests.
// The first row that matches a package is its row.
var graph = []struct {
	pkg string
	may []string
}{
	// Leaves.
	{"zab/zxid", nil},
	{"zab/quorum", nil},
	{"zab/host", nil},
	{"zab/bug", []string{"internal/nearest"}},
	{"zab/txn", []string{"internal/fp", "zab/zxid"}},
	{"zab/acl", []string{"zab/txn"}},
	{"internal/fp", nil},
	{"internal/keyed", nil},
	{"internal/nearest", nil},
	{"internal/zoocfg", []string{"zab/quorum", "internal/nearest"}},

	// The protocol: election below zab, and the tree beside it.
	{"election", leaves},
	{"zab", with(leaves, "election")},
	{"tree", with(leaves, "tree/btree", "tree/watch", "tree/zpath")},
	{"tree/btree", nil},
	{"tree/zpath", nil},
	{"tree/register", leaves},
	{"tree/watch", leaves},

	// Pure bytes and values.
	{"internal/jute", nil},
	{"zab/wire", with(leaves, "internal/jute", "zab")},
	{"election/wire", with(leaves, "internal/jute", "election")},
	{"tree/wire", with(leaves, "internal/jute", "tree")},

	// The world.
	{"sim/client", nil},
	{"sim/coroutine", []string{"sim/client", "internal/fp"}},
	{"sim/coroutine/vet", nil}, // reads source text
	{"sim/cnxn", with(leaves, "zab", "sim/client")},
	{"sim/trace", leaves},
	{"sim/plan", leaves},
	{"sim/invariant", with(leaves, "zab")},
	{"sim", with(leaves, "zab", "election", "tree", "tree/register", "sim/client", "sim/cnxn", "sim/coroutine", "sim/trace", "sim/plan",
		"sim/invariant", "linearizability/history")},
	{"sim/story", with(leaves, "zab", "election", "sim/client", "sim", "sim/plan", "sim/trace", "sim/invariant")},
	{"sim/explore/path", with(leaves, "sim", "sim/explore", "sim/invariant", "sim/story", "sim/trace", "zab")},
	{"sim/explore", with(leaves, "zab", "sim/client", "sim", "sim/plan", "sim/trace", "sim/invariant")},
	{"sim/shrink", with(leaves, "zab", "sim/client", "sim", "sim/plan", "sim/trace", "sim/invariant")},
	{"faults", with(leaves, "sim", "sim/plan")},

	// The judge of histories. It has its own sequential specification: never tree.
	{"linearizability/history", leaves},
	{"linearizability/reference", []string{"internal/fp", "zab/bug", "zab/txn", "zab/zxid"}},
	{"linearizability", with(leaves, "linearizability/history", "linearizability/reference")},

	// What people run.
	{"internal/failover", with(leaves, "sim/trace", "linearizability/history")}, // measured by scenarios, drawn by reports
	{"scenarios/spec", with(leaves, "sim", "sim/plan", "faults")},
	{"scenarios/file/decode", with(leaves, "sim/plan", "faults", "scenarios/spec")},
	{"scenarios", with(leaves, "sim/...", "faults", "linearizability/...", "internal/failover", "internal/zoocfg", "scenarios/recipes",
		"scenarios/spec", "scenarios/file/decode")},
	{"scenarios/file", []string{"scenarios"}},
	{"scenarios/explain", with(leaves, "scenarios", "sim/...", "linearizability/...", "zab", "election")},
	{"scenarios/fuzz", with(leaves, "scenarios", "sim/...", "faults", "linearizability/...")},
	{"scenarios/fuzz/corpus", with(leaves, "scenarios", "scenarios/fuzz", "sim/shrink", "sim/plan")},
	{"scenarios/hunts", with(leaves, "faults", "scenarios", "scenarios/fuzz", "sim/...", "zab", "tree", "linearizability/reference", "internal/conform/...", "internal/fuzzysnap")},
	{"scenarios/recipes", []string{"sim/client"}},
	{"scenarios/recipes/zkadapter", []string{"sim/client"}},
	{"internal/runfolder", nil},
	{"internal/statecheck", nil}, // for tests
	{"reports", []string{"sim/trace", "sim/plan", "linearizability/...", "internal/failover", "internal/runfolder", "zab/quorum"}}, // reads run folders, never runs anything
	{"reports/ci", nil},                // a campaign fills plain data
	{"reports/schema", nil},            // text
	{"internal/conform/trace", leaves}, // reads recordings of a real ZooKeeper
	{"internal/conform", with(leaves, "internal/conform/trace", "zab", "election", "tree", "tree/register", "sim/cnxn", "sim", "sim/plan")},
	{"internal/fuzzysnap", with(leaves, "zab", "tree")}, // drives the tree and recovery, for hunts
	{"internal/live", with(leaves, "zab/...", "election/...", "tree/...", "internal/jute")},
	{"internal/mutants", []string{"internal/fp", "internal/keyed", "internal/mutants/hunt"}},
	{"internal/mutants/hunt", with(leaves, "zab", "tree", "scenarios", "scenarios/fuzz", "sim", "sim/explore", "sim/plan", "internal/conform", "internal/conform/trace")},
	{"internal/mutants/pick", nil}, // what changed copies of the protocol import
	{"internal/mutants/child", []string{"internal/mutants/hunt", "internal/mutants/pick"}},
	{"internal/mutants/cmd", []string{"internal/mutants"}},
	{"internal/tidy", nil},
	{"cmd/zabsim", []string{"..."}},
}

func with(base []string, more ...string) []string { return append(slices.Clone(base), more...) }

// homes says which packages may import a module from elsewhere, outside of
// tests. A dependency with one home can be replaced.
var homes = []struct {
	module string
	in     []string
}{
	{"github.com/stretchr/testify", nil}, // tests only, as the next five
	{"pgregory.net/rapid", nil},
	{"github.com/cockroachdb/datadriven", nil},
	{"github.com/rogpeppe/go-internal", nil},
	{"github.com/google/go-cmp", nil},
	{"github.com/santhosh-tekuri/jsonschema/v6", nil},
	{"github.com/anishathalye/porcupine", []string{"linearizability"}},
	{"gonum.org/v1", []string{"reports"}},
	{"github.com/HdrHistogram/hdrhistogram-go", []string{"reports", "scenarios/fuzz"}},
	{"github.com/klauspost/compress", []string{"internal/runfolder"}},
	{"github.com/zeebo/xxh3", []string{"scenarios", "reports", "cmd/zabsim"}},
	{"github.com/goccy/go-yaml", []string{"scenarios/file/decode"}},
	{"github.com/go-zookeeper/zk", []string{"scenarios/recipes/zkadapter"}},
	{"github.com/spf13/cobra", []string{"cmd/zabsim"}},
	{"github.com/schollz/progressbar", []string{"cmd/zabsim"}},
	{"charm.land", []string{"cmd/zabsim"}},
}

// imports is the rule of the import graph.
func imports(r *repo) []finding {
	var found []finding
	for _, p := range r.packages {
		row := slices.IndexFunc(graph, func(g struct {
			pkg string
			may []string
		}) bool {
			return match(g.pkg, p.path)
		})
		if row < 0 {
			found = append(found, finding{p.path, "this package has no row in the import table: decide in " +
				"internal/tidy/graph_test.go what it may import, from whom it is used, and whether it is pure"})
			continue
		}
		for _, f := range p.files {
			if f.ast == nil {
				continue
			}
			for _, spec := range f.ast.Imports {
				target, _ := strconv.Unquote(spec.Path.Value)
				if what := judge(p.path, graph[row].may, target); what != "" {
					found = append(found, finding{r.at(spec.Pos()), what})
				}
			}
		}
	}
	return found
}

// judge says what is wrong with one import of package p, or nothing.
func judge(p string, may []string, target string) string {
	if own, ok := strings.CutPrefix(target, module+"/"); ok {
		if matchAny(may, own) {
			return ""
		}
		allowed := "nothing of this module"
		if len(may) > 0 {
			allowed = strings.Join(may, ", ")
		}
		return fmt.Sprintf("%s must not import %s: it may import %s", p, own, allowed)
	}
	if first, _, _ := strings.Cut(target, "/"); !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for _, h := range homes {
		if target != h.module && !strings.HasPrefix(target, h.module+"/") {
			continue
		}
		switch {
		case matchAny(h.in, p):
			return ""
		case len(h.in) == 0:
			return fmt.Sprintf("%s is for tests only", h.module)
		default:
			return fmt.Sprintf("%s has its home in %s: use it through that package", h.module, strings.Join(h.in, ", "))
		}
	}
	return target + " is a new dependency: give it one home in internal/tidy/graph_test.go"
}
