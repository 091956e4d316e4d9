package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
)

// pure are the packages whose every run must be a function of its inputs.
var pure = []string{
	"sim", "sim/client", "sim/cnxn", "sim/coroutine", "sim/plan", "sim/trace", "sim/invariant", "sim/story",
	"zab/...", "election/...", "tree/...", "faults", "linearizability/history", "linearizability/reference", "scenarios/spec",
}

// durationHome may import time for Duration and its units: recipes are ordinary
// Go and say 5 * time.Second.
const durationHome = "sim/client"

// exceptions are the one place where a ban does not hold. A blocking client is a
// coroutine, and one that swallows its stop can only be ended by Goexit, on a
// goroutine that is waited for.
var exceptions = map[string][]string{
	"sim/coroutine": {"iter.Pull", "iter.Pull2", "go statement", "chan type", "import of runtime"},
}

// bannedImports are packages that bring the outside world in, or an order that
// differs between runs, with what to use instead.
var bannedImports = []struct{ path, instead string }{
	{"time", "take host.Time from the input, and host.Duration"},
	{"os/...", "take text or bytes; a driver reads and writes files"},
	{"syscall", "take text or bytes; a driver reads and writes files"},
	{"net/...", "emit effects (Dial, Send) and take inputs"},
	{"math/rand/...", "use internal/keyed: a draw has a stream and a key"},
	{"crypto/rand", "use internal/keyed: a draw has a stream and a key"},
	{"hash/maphash", "use internal/fp: maphash has a new seed in every process"},
	{"sync/...", "a world belongs to one goroutine; drivers share nothing but immutable values"},
	{"runtime/...", "no behaviour may depend on the process; a driver measures"},
	{"unsafe", "fold fields one by one with internal/fp; padding makes equal states differ"},
	{"maps", "keep a sorted slice, or an array by id"},
}

// Replacements for syntax.
const (
	insteadOfGo     = "make it a lane of the server or a choice of the world"
	insteadOfSelect = "make each case an input; the driver picks"
	insteadOfChan   = "append to a slice of the value; who reads it is a choice"
	insteadOfMap    = "keep a sorted slice, or an array by id"
	insteadOfFloat  = "use integers; a chance is num of den (keyed.Draw.Chance)"
	insteadOfPull   = "use sim/coroutine"
	insteadOfTime   = "of package time only Duration and its units are allowed here; time passes in the world (Client.Sleep, Client.Now)"
)

// bans is the rule of what pure packages must not use.
func bans(r *repo) []finding {
	var found []finding
	for _, p := range r.packages {
		if !matchAny(pure, p.path) {
			continue
		}
		c := r.check(p)
		if c.err != nil {
			found = append(found, finding{p.path, "does not type-check, so ranges over maps and floats may be missed: " + c.err.Error()})
		}
		for _, f := range p.files {
			if f.ast == nil {
				continue
			}
			b := banner{repo: r, pkg: p.path, info: c.info, seen: map[string]bool{}}
			ast.Inspect(f.ast, b.node)
			found = append(found, b.found...)
		}
	}
	return found
}

// banner walks one file.
type banner struct {
	repo  *repo
	pkg   string
	info  *types.Info
	seen  map[string]bool // one finding of a kind per line is enough
	found []finding
}

func (b *banner) report(n ast.Node, what, instead string) {
	if slices.Contains(exceptions[b.pkg], what) {
		return
	}
	f := finding{b.repo.at(n.Pos()), what + ": " + instead}
	if !b.seen[f.String()] {
		b.seen[f.String()] = true
		b.found = append(b.found, f)
	}
}

func (b *banner) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		b.importSpec(n)
		return false
	case *ast.GoStmt:
		b.report(n, "go statement", insteadOfGo)
	case *ast.SelectStmt:
		b.report(n, "select", insteadOfSelect)
	case *ast.ChanType:
		b.report(n, "chan type", insteadOfChan)
	case *ast.RangeStmt:
		if t := b.info.TypeOf(n.X); t != nil && isMap(t) {
			b.report(n, "range over map", insteadOfMap)
		}
	case *ast.BasicLit:
		if n.Kind == token.FLOAT || n.Kind == token.IMAG {
			b.report(n, "float literal", insteadOfFloat)
		}
		return false
	case *ast.SelectorExpr:
		b.selector(n)
	}
	if x, ok := n.(ast.Expr); ok && isFloat(b.info.TypeOf(x)) {
		b.report(n, "float", insteadOfFloat)
	}
	return true
}

func (b *banner) importSpec(n *ast.ImportSpec) {
	name, _ := strconv.Unquote(n.Path.Value)
	if name == "time" && b.pkg == durationHome {
		return // selector looks at each use
	}
	for _, ban := range bannedImports {
		if match(ban.path, name) {
			b.report(n, fmt.Sprintf("import of %s", name), ban.instead)
		}
	}
}

// selector judges pkg.Name where the package itself is allowed.
func (b *banner) selector(n *ast.SelectorExpr) {
	obj := b.info.Uses[n.Sel]
	if obj == nil || obj.Pkg() == nil {
		return
	}
	switch from := obj.Pkg().Path(); {
	case from == "time" && b.pkg == durationHome:
		// Methods of a Duration are fine: they hang on a value.
		x, isIdent := n.X.(*ast.Ident)
		if _, isPkg := b.info.Uses[x].(*types.PkgName); !isIdent || !isPkg {
			return
		}
		if t, ok := obj.Type().(*types.Named); !ok || t.Obj().Name() != "Duration" {
			b.report(n, "time."+obj.Name(), insteadOfTime)
		}
	case from == "iter" && (obj.Name() == "Pull" || obj.Name() == "Pull2"):
		b.report(n, "iter."+obj.Name(), insteadOfPull)
	}
}
