package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Packages are those that are changed: the protocol.
var Packages = []string{"election", "zab", "zab/quorum"}

// Excluded are their files that are not, with the reason.
var Excluded = []struct{ File, Why string }{
	{"zab/state.go", "copies and fingerprints of a server, for searches; a test with reflection looks after them"},
	{"zab/ahead.go", "words of traces"},
	{"zab/ballot.go", "what stories ask"},
	{"election/ballot.go", "what stories ask"},
	{"zab/status.go", "what a server shows"},
	{"zab/facts.go", "what a server shows"},
	{"zab/api.go", "types, and their names"},
}

// silent are functions that are not changed: they name, copy and print, or answer
// nobody but a trace. HandOver is a bug of the zoo.
func silent(name string) bool {
	name = name[strings.LastIndexByte(name, '.')+1:]
	lower := strings.ToLower(name)
	return slices.Contains([]string{"String", "Error", "Hash", "Fingerprint", "Ahead", "illegal", "handOver"}, name) ||
		strings.HasPrefix(lower, "fold") || strings.HasSuffix(lower, "cloneinto") || strings.HasSuffix(lower, "copyinto")
}

// ReadSources returns the text of all files that are changed, by path from root.
func ReadSources(root string) (map[string]string, error) {
	texts := map[string]string{}
	for _, p := range Packages {
		names, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(p)))
		if err != nil {
			return nil, fmt.Errorf("%s is not the root of the repository: %w", root, err)
		}
		for _, n := range names {
			file := path.Join(p, n.Name())
			if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || excluded(file) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
			if err != nil {
				return nil, err
			}
			texts[file] = string(text)
		}
	}
	return texts, nil
}

func excluded(file string) bool {
	for _, x := range Excluded {
		if x.File == file {
			return true
		}
	}
	return false
}

// Find returns the sites of files, in the order of their paths and places.
func Find(texts map[string]string) ([]Site, error) {
	var files []string
	for f := range texts {
		files = append(files, f)
	}
	slices.Sort(files)
	var sites []Site
	for _, f := range files {
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, f, texts[f], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		x := finder{file: f, text: texts[f], fset: fset}
		for _, d := range parsed.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				x.function(fn)
			}
		}
		sites = append(sites, x.sites...)
	}
	seen := map[string]int{}
	for i := range sites {
		key := sites[i].Key()
		sites[i].Nth = seen[key]
		seen[key]++
	}
	return sites, nil
}

// finder walks one file.
type finder struct {
	file, text string
	fset       *token.FileSet
	fn         string
	sites      []Site
}

func (x *finder) function(fn *ast.FuncDecl) {
	x.fn = fn.Name.Name
	if fn.Recv != nil {
		x.fn = receiver(fn.Recv.List[0].Type) + "." + x.fn
	}
	if !silent(x.fn) {
		x.block(fn.Body.List, false)
	}
}

// receiver names the type that a method belongs to.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return "?"
}

// block looks at statements one after the other. After tells whether the function goes
// on behind the last of them.
func (x *finder) block(list []ast.Stmt, after bool) {
	for i, s := range list {
		goesOn := after || i+1 < len(list)
		x.stmt(s, goesOn)
		x.drop(s, goesOn)
		if i+1 < len(list) && effect(s) && effect(list[i+1]) {
			x.swap(s, list[i+1])
		}
	}
}

// stmt looks into a statement.
func (x *finder) stmt(s ast.Stmt, after bool) {
	switch s := s.(type) {
	case *ast.BlockStmt:
		x.block(s.List, after)
	case *ast.IfStmt:
		x.ifStmt(s, after)
	case *ast.ForStmt:
		x.inits(s.Init, s.Post)
		x.condition(s.Cond)
		x.block(s.Body.List, true)
	case *ast.RangeStmt:
		x.expr(s.X)
		x.block(s.Body.List, true)
	case *ast.SwitchStmt:
		x.inits(s.Init)
		x.expr(s.Tag)
		for _, c := range s.Body.List {
			c := c.(*ast.CaseClause)
			if len(c.List) == 1 && zoo(c.List[0]) {
				continue
			}
			for _, e := range c.List {
				if s.Tag == nil {
					x.condition(e)
				}
			}
			x.block(c.Body, after)
		}
	case *ast.LabeledStmt:
		x.stmt(s.Stmt, after)
	default:
		x.exprs(s)
	}
}

// ifStmt leaves out what is behind a switch of the zoo: those have hunts of their own,
// and with all switches off nothing runs it.
func (x *finder) ifStmt(s *ast.IfStmt, after bool) {
	x.inits(s.Init)
	x.condition(s.Cond)
	if !zoo(s.Cond) {
		x.block(s.Body.List, after)
	}
	if s.Else != nil {
		x.stmt(s.Else, after)
	}
}

func (x *finder) inits(list ...ast.Stmt) {
	for _, s := range list {
		if s != nil {
			x.exprs(s)
		}
	}
}

// exprs looks at the expressions of a simple statement.
func (x *finder) exprs(s ast.Stmt) {
	if reports(s) {
		return
	}
	ast.Inspect(s, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if ok {
			x.expr(e)
			return false
		}
		return true
	})
	if r, ok := s.(*ast.ReturnStmt); ok {
		for _, e := range r.Results {
			if _, operands := logical(e); !operands && truth(e) {
				x.negate(e)
			}
		}
	}
}

// expr looks for operands of && and || and for comparisons, anywhere below e.
func (x *finder) expr(e ast.Expr) {
	if e == nil {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			x.block(n.Body.List, false)
			return false
		case *ast.BinaryExpr:
			x.comparison(n)
			if b, ok := logical(n); ok {
				if zoo(b) || b.Op == token.LOR && (unzoo(b.X) || unzoo(b.Y)) {
					return false // with all switches off nothing looks at it, or at the rest of it
				}
				x.operands(b)
			}
		}
		return true
	})
}

// operands negates the sides of && or ||. One beside a switch of the zoo is all that
// decides: to negate it is to negate the whole.
func (x *finder) operands(b *ast.BinaryExpr) {
	for _, side := range []ast.Expr{b.X, b.Y} {
		if _, more := logical(side); !more && !toggle(side) && !toggle(b.X) && !toggle(b.Y) {
			x.negate(side)
		}
	}
}

// condition looks at the whole of a condition, then into it.
func (x *finder) condition(e ast.Expr) {
	if e == nil {
		return
	}
	if !toggle(e) && !zoo(e) {
		x.negate(e)
	}
	x.expr(e)
}

func (x *finder) add(n ast.Node, op Operator, text string, edits ...edit) {
	x.sites = append(x.sites, Site{File: x.file, Line: x.fset.Position(n.Pos()).Line, Func: x.fn, Op: op, Text: oneLine(text), edits: edits})
}

func (x *finder) at(p token.Pos) int { return x.fset.Position(p).Offset }

func (x *finder) source(n ast.Node) string { return x.text[x.at(n.Pos()):x.at(n.End())] }
