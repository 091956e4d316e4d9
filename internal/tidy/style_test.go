package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// Limits of code outside of tests. The aim is lower: files of 100 to 400 lines,
// functions of a screen.
const (
	maxFileLines = 500
	maxFuncLines = 80
)

// sizes is the rule of how long files and functions may be.
func sizes(r *repo) []finding {
	var found []finding
	for _, p := range r.packages {
		for _, f := range p.files {
			if n := strings.Count(f.text, "\n"); n > maxFileLines {
				found = append(found, finding{f.path, fmt.Sprintf("%d lines, at most %d: split it by idea", n, maxFileLines)})
			}
			if f.ast == nil {
				continue
			}
			for _, d := range f.ast.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				n := r.fset.Position(fn.End()).Line - r.fset.Position(fn.Pos()).Line + 1
				if n > maxFuncLines {
					found = append(found, finding{r.at(fn.Pos()), fmt.Sprintf(
						"func %s has %d lines, at most %d: keep the switch, move the cases to helpers", fn.Name.Name, n, maxFuncLines)})
				}
			}
		}
	}
	return found
}

// docs is the rule that packages and exported things are explained.
func docs(r *repo) []finding {
	var found []finding
	for _, p := range r.packages {
		explained := false
		for _, f := range p.files {
			if f.ast == nil {
				continue
			}
			explained = explained || f.ast.Doc != nil
			for _, d := range f.ast.Decls {
				for _, name := range undocumented(d) {
					found = append(found, finding{r.at(name.Pos()), name.Name + " is exported and has no doc comment: say what it promises"})
				}
			}
		}
		if !explained {
			found = append(found, finding{p.path, "no package comment: say what it is for, its central type and its rules"})
		}
	}
	return found
}

// undocumented returns the exported names of a declaration that nothing
// explains. Constants and variables may share the comment of their group.
func undocumented(d ast.Decl) []*ast.Ident {
	var names []*ast.Ident
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && (d.Recv == nil || ast.IsExported(receiver(d.Recv.List[0].Type))) {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
					names = append(names, s.Name)
				}
			case *ast.ValueSpec:
				if s.Doc == nil && s.Comment == nil && d.Doc == nil {
					names = append(names, s.Names...)
				}
			}
		}
	}
	var exported []*ast.Ident
	for _, n := range names {
		if n.IsExported() {
			exported = append(exported, n)
		}
	}
	return exported
}

// receiver names the type that a method belongs to.
func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.ParenExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.IndexListExpr:
		return receiver(x.X)
	}
	return token.ILLEGAL.String()
}

// words that belong to somebody's machine or network and not into a repository
// that others clone. They are glued together so that this file passes.
var words = []struct{ text, instead string }{
	{"/wo" + "rk/", "write paths relative to the repository"},
	{"proxy.golang" + ".org", "the Go command knows its proxy"},
	{"sum.golang" + ".org", "the Go command knows its checksum database"},
	{"deb.debian" + ".org", "the system knows its package source"},
	{"registry.npmjs" + ".org", "the page's script has no packages"},
	{"pypi" + ".org", "nothing here comes from there"},
}

// strangers is the rule against those words, in every file.
func strangers(r *repo) []finding {
	var found []finding
	for _, f := range r.files {
		for i, line := range strings.Split(f.text, "\n") {
			for _, w := range words {
				if strings.Contains(line, w.text) {
					found = append(found, finding{fmt.Sprintf("%s:%d", f.path, i+1), fmt.Sprintf("%q: %s", w.text, w.instead)})
				}
			}
		}
	}
	return found
}
