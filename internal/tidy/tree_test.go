package tidy

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// module is the first element of our import paths.
const module = "zabsim"

// finding is one broken rule.
type finding struct{ where, what string }

// String writes "zab/server.go:12: what".
func (f finding) String() string { return f.where + ": " + f.what }

// file is one file of the repository.
type file struct {
	path string // from the root, with slashes
	text string
	ast  *ast.File // nil unless it is Go; may be partial after a parse error
	err  error     // of the parser
}

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// pkg is one directory with Go files.
type pkg struct {
	path  string  // from the root: "zab/quorum", "." for the root
	files []*file // without tests, in the order of their names
}

// repo is all source text: the repository's, or a snippet's.
type repo struct {
	fset     *token.FileSet
	files    []*file
	packages []*pkg // in the order of their paths
	types    map[string]*checked
}

// newRepo parses texts by path. Files below a testdata directory are text only.
func newRepo(texts map[string]string) *repo {
	r := &repo{fset: token.NewFileSet(), types: map[string]*checked{}}
	byDir := map[string]*pkg{}
	for p, text := range texts {
		f := &file{path: p, text: text}
		r.files = append(r.files, f)
		if !strings.HasSuffix(p, ".go") || strings.Contains("/"+p, "/testdata/") {
			continue
		}
		f.ast, f.err = parser.ParseFile(r.fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if f.isTest() {
			continue
		}
		dir := path.Dir(p)
		if byDir[dir] == nil {
			byDir[dir] = &pkg{path: dir}
			r.packages = append(r.packages, byDir[dir])
		}
		byDir[dir].files = append(byDir[dir].files, f)
	}
	byPath := func(a, b *file) int { return strings.Compare(a.path, b.path) }
	slices.SortFunc(r.files, byPath)
	slices.SortFunc(r.packages, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	for _, p := range r.packages {
		slices.SortFunc(p.files, byPath)
	}
	return r
}

// at writes the place of a node.
func (r *repo) at(pos token.Pos) string {
	p := r.fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// readRepo reads all files that are tracked or could be: what git ignores is
// output, not source.
func readRepo(t *testing.T, root string) *repo {
	t.Helper()
	texts := map[string]string{}
	for _, p := range list(t, root) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p)))
		if os.IsNotExist(err) {
			continue // deleted, but git still knows it
		}
		require.NoError(t, err)
		if !strings.Contains(string(text), "\x00") { // no binaries
			texts[p] = string(text)
		}
	}
	require.Contains(t, texts, "go.mod", "%s is not the root of the module", root)
	return newRepo(texts)
}

// list names the files below root. Outside of a git checkout, as in an unpacked
// archive, everything counts as source.
func list(t *testing.T, root string) []string {
	t.Helper()
	git := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = root
	if out, err := git.Output(); err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	}
	var all []string
	require.NoError(t, filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if rel = filepath.ToSlash(rel); !strings.HasPrefix(rel, ".git/") {
			all = append(all, rel)
		}
		return err
	}))
	return all
}

// match tells whether a package path fits a pattern: a path, or "dir/..." for a
// path and everything below it, or "..." for all.
func match(pattern, p string) bool {
	dir, below := strings.CutSuffix(pattern, "...")
	dir = strings.TrimSuffix(dir, "/")
	return p == dir || below && (dir == "" || strings.HasPrefix(p, dir+"/"))
}

func matchAny(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(pattern, p) })
}

// parsed is the rule that files are Go at all; the other rules do what they can
// with the rest.
func parsed(r *repo) []finding {
	var found []finding
	for _, f := range r.files {
		if f.err != nil {
			found = append(found, finding{f.path, "does not parse, so the rules saw only part of it: " + f.err.Error()})
		}
	}
	return found
}

// whats returns the findings as sorted text, for comparison in tests.
func whats(found []finding) []string {
	out := []string{}
	for _, f := range found {
		out = append(out, f.String())
	}
	sort.Strings(out)
	return out
}
