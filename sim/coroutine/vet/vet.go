package vet

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// Finding is one line that a recipe must not have.
type Finding struct {
	File string // as in the file system that was read
	Line int
	Text string // what is wrong and what to use instead
}

// String writes file, line and text, as compilers do.
func (f Finding) String() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// Error is what CheckSource returns for sources that can be read.
type Error struct{ Findings []Finding }

// Error lists all findings, one per line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// bannedImports holds packages of which a recipe can use nothing, by path or by
// first elements of a path, and what to say.
var bannedImports = []struct{ path, instead string }{
	{"sync", "tasks of one client never run at the same moment; use Flag and Wait"},
	{"math/rand", "use Client.Rand"},
	{"crypto/rand", "use Client.Rand"},
	{"hash/maphash", "it is seeded anew in every process"},
	{"context", "use Flag and WaitTimeout"},
	{"runtime", "a recipe sees no scheduler"},
	{"os", "a recipe sees no process; use Note"},
	{"net", "use the Client"},
	{"log", "use Note"},
	{"testing", "a recipe is no test"},
	{"unsafe", "addresses differ between runs"},
	{"iter", "coroutines belong to the runtime"},
}

// timeInstead says what to use for the functions and types of package time that
// look at a clock. The rest, Duration and its units, is plain arithmetic.
var timeInstead = map[string]string{
	"Sleep": "Client.Sleep", "Now": "Client.Now", "Since": "Client.Now", "Until": "Client.Now",
	"After": "Client.WaitTimeout", "AfterFunc": "Client.Spawn and Sleep", "Tick": "Client.Spawn and Sleep",
	"NewTimer": "Client.WaitTimeout", "NewTicker": "Client.Spawn and Sleep",
	"Timer": "Client.WaitTimeout", "Ticker": "Client.Spawn and Sleep",
}

// CheckSource reads the Go files of dir, without tests and subdirectories, and
// returns nil, an *Error with all findings, or the error of reading or parsing.
// An empty dir is an error: a check of nothing passes too easily.
func CheckSource(fsys fs.FS, dir string) error {
	names, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	c := checker{fset: token.NewFileSet()}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(c.fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		c.files = append(c.files, file)
	}
	if len(c.files) == 0 {
		return fmt.Errorf("vet: no Go files in %s", dir)
	}
	c.check()
	if len(c.findings) == 0 {
		return nil
	}
	sort.Slice(c.findings, func(i, j int) bool {
		a, b := c.findings[i], c.findings[j]
		return a.File < b.File || a.File == b.File && (a.Line < b.Line || a.Line == b.Line && a.Text < b.Text)
	})
	return &Error{c.findings}
}

type checker struct {
	fset     *token.FileSet
	files    []*ast.File
	pkg      *types.Package
	info     types.Info
	findings []Finding
}

func (c *checker) check() {
	c.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{},
		Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	// Other packages can't be found, which is an error to the type checker and
	// fine for us: types that are written here are known all the same.
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	c.pkg, _ = config.Check("recipes", c.fset, c.files, &c.info)
	for _, file := range c.files {
		for _, spec := range file.Imports {
			c.imported(spec)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			c.node(n)
			return true
		})
	}
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not looked up") }

func (c *checker) report(at ast.Node, format string, args ...any) {
	p := c.fset.Position(at.Pos())
	f := Finding{p.Filename, p.Line, fmt.Sprintf(format, args...)}
	for _, old := range c.findings {
		if old == f {
			return // a channel type inside of a send, say
		}
	}
	c.findings = append(c.findings, f)
}

func (c *checker) imported(spec *ast.ImportSpec) {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return
	}
	for _, ban := range bannedImports {
		if name == ban.path || strings.HasPrefix(name, ban.path+"/") {
			c.report(spec, "import of %s: %s", name, ban.instead)
		}
	}
	if name == "time" && spec.Name != nil && spec.Name.Name == "." {
		c.report(spec, "dot import of time: import it by name")
	}
}
