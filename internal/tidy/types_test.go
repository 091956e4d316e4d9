package tidy

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"path"
	"strings"
)

// checked is a package with the types of its expressions. Code that is broken
// has types where it can; err is its first mistake.
type checked struct {
	pkg  *types.Package
	info *types.Info
	err  error
}

// library reads the standard library from source, once for all repos: it needs
// no compiled packages and no network.
var (
	libraryFset = token.NewFileSet()
	library     = importer.ForCompiler(libraryFset, "source", nil)
)

// check types a package of the repo.
func (r *repo) check(p *pkg) *checked {
	if c := r.types[p.path]; c != nil {
		return c
	}
	c := &checked{info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Uses:  map[*ast.Ident]types.Object{},
	}}
	c.pkg = types.NewPackage(module+"/"+p.path, path.Base(p.path))
	r.types[p.path] = c // before the work is done: a cycle ends here
	conf := types.Config{
		Importer: r,
		Error: func(err error) {
			if c.err == nil {
				c.err = err
			}
		},
	}
	var files []*ast.File
	for _, f := range p.files {
		if f.ast != nil && built(f) {
			files = append(files, f.ast)
		}
	}
	name := module + "/" + p.path
	if done, _ := conf.Check(name, r.fset, files, c.info); done != nil {
		c.pkg = done
	}
	return c
}

// built tells whether a file belongs to this platform's build.
func built(f *file) bool {
	ctx := build.Default
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.text)), nil }
	ok, err := ctx.MatchFile(path.Dir(f.path), path.Base(f.path))
	return ok || err != nil
}

// Import is types.Importer: our packages from the repo, the rest from the
// standard library. What can't be had is an empty package; the type errors that
// follow are reported once.
func (r *repo) Import(name string) (*types.Package, error) {
	if own, ok := strings.CutPrefix(name, module+"/"); ok {
		for _, p := range r.packages {
			if p.path == own {
				return r.check(p).pkg, nil
			}
		}
	} else if first, _, _ := strings.Cut(name, "/"); !strings.Contains(first, ".") {
		if p, err := library.Import(name); err == nil {
			return p, nil
		}
	}
	empty := types.NewPackage(name, path.Base(name))
	empty.MarkComplete()
	return empty, nil
}

// isMap tells whether a range over t has no order. A type parameter counts when
// one of its types does.
func isMap(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Map:
		return true
	case *types.Interface:
		for i := range u.NumEmbeddeds() {
			e := u.EmbeddedType(i)
			if union, ok := e.(*types.Union); ok {
				for k := range union.Len() {
					if isMap(union.Term(k).Type()) {
						return true
					}
				}
			} else if isMap(e) {
				return true
			}
		}
	}
	return false
}

// isFloat tells whether t is a floating point or complex type.
func isFloat(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}
