package tidy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A rule that can't fail proves nothing: each is run on small bad repositories
// and must find exactly what is wrong with them.
type bad struct {
	name  string
	files map[string]string
	want  []string // substrings, one per finding, in the order of whats
}

func run(t *testing.T, rule func(*repo) []finding, cases []bad) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := whats(rule(newRepo(c.files)))
			if !assert.Len(t, got, len(c.want), "%v", got) {
				return
			}
			for i := range c.want {
				assert.Contains(t, got[i], c.want[i])
			}
		})
	}
}

func one(path, text string) map[string]string { return map[string]string{path: text} }

func TestParsedRule(t *testing.T) {
	run(t, parsed, []bad{
		{"good", one("zab/a.go", "package zab"), nil},
		{"broken", one("zab/a.go", "package zab\nfunc {"), []string{"zab/a.go: does not parse"}},
		{"broken test", one("zab/a_test.go", "package zab\nfunc {"), []string{"zab/a_test.go: does not parse"}},
		{"test data may be broken", one("zab/testdata/a.go", "func {"), nil},
	})
}

func TestImportsRule(t *testing.T) {
	run(t, imports, []bad{
		{"allowed", one("zab/a.go", "package zab\nimport (\n\"fmt\"\n\"zabsim/election\"\n\"zabsim/zab/zxid\"\n)"), nil},
		{"trunk imports tree", one("zab/a.go", "package zab\n\nimport \"zabsim/tree\""),
			[]string{"zab/a.go:3: zab must not import tree: it may import zab/zxid, "}},
		{"leaf imports trunk", one("zab/zxid/a.go", "package zxid\nimport \"zabsim/zab\""),
			[]string{"zab/zxid must not import zab: it may import nothing of this module"}},
		{"the judge imports the tree", one("linearizability/a.go", "package linearizability\nimport \"zabsim/tree\""),
			[]string{"linearizability must not import tree"}},
		{"a reader of runs runs", one("reports/a.go", "package reports\nimport \"zabsim/sim\"\nimport \"zabsim/sim/plan\""),
			[]string{"reports must not import sim:"}},
		{"below a pattern", one("scenarios/a.go", "package scenarios\nimport \"zabsim/sim/story\"\nimport \"zabsim/simx\""),
			[]string{"must not import simx"}},
		{"the command may", one("cmd/zabsim/a.go", "package main\nimport \"zabsim/zab\"\nimport \"github.com/spf13/cobra\""), nil},
		{"tests are free", one("zab/a_test.go", "package zab\nimport \"zabsim/tree\""), nil},
		{"no row", one("zab/extra/a.go", "package extra"), []string{"zab/extra: this package has no row in the import table"}},
		{"no row at the root", one("a.go", "package zabsim"), []string{".: this package has no row"}},
		{"test library", one("zab/a.go", "package zab\nimport \"pgregory.net/rapid\""), []string{"pgregory.net/rapid is for tests only"}},
		{"away from home", one("sim/a.go", "package sim\nimport \"github.com/anishathalye/porcupine\""),
			[]string{"porcupine has its home in linearizability: use it through that package"}},
		{"at home, deeper", one("reports/a.go", "package reports\nimport \"gonum.org/v1/plot/vg\""), nil},
		{"homeless", one("sim/a.go", "package sim\nimport \"example.com/x\""), []string{"example.com/x is a new dependency"}},
		{"broken file, good imports", one("zab/a.go", "package zab\nimport \"zabsim/tree\"\nfunc {"), []string{"must not import tree"}},
	})
}

func TestGraphRows(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range graph {
		assert.False(t, seen[g.pkg], "%s has two rows", g.pkg)
		seen[g.pkg] = true
		assert.NotContains(t, g.may, g.pkg)
	}
	for _, l := range leaves {
		assert.True(t, seen[l], "%s has no row", l)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"sim", "sim", true}, {"sim", "sim/plan", false}, {"sim/...", "sim", true}, {"sim/...", "sim/a/b", true},
		{"sim/...", "simx", false}, {"...", "anything", true}, {"os/...", "os", true}, {"os/...", "os/exec", true},
	} {
		assert.Equal(t, c.want, match(c.pattern, c.path), "%s %s", c.pattern, c.path)
	}
}

// body wraps statements into a file of a pure package.
func body(imports, statements string) map[string]string {
	text := "package zab\n"
	for _, i := range strings.Fields(imports) {
		text += "import \"" + i + "\"\n"
	}
	return one("zab/a.go", text+"func f() {\n"+statements+"\n}\n")
}

func TestBansSyntax(t *testing.T) {
	run(t, bans, []bad{
		{"good", body("slices", "for range 3 {}\nslices.Sort([]int{2, 1})"), nil},
		{"go", body("", "go f()"), []string{"zab/a.go:3: go statement: make it a lane of the server"}},
		{"select", body("", "select {}"), []string{"select: make each case an input"}},
		{"chan", body("", "var c chan int\n_ = c"), []string{"zab/a.go:3: chan type: append to a slice"}},
		{"chan in a signature", one("zab/a.go", "package zab\nfunc f(c <-chan int)"), []string{"chan type"}},
		{"map range", body("", "m := map[int]int{}\nfor range m {}"), []string{"zab/a.go:4: range over map: keep a sorted slice"}},
		{"map look-up is fine", body("", "m := map[int]int{}\n_ = m[1]\ndelete(m, 1)"), nil},
		{"range over a named map", one("zab/a.go", "package zab\ntype m map[int]int\nfunc f(x m) { for range x {} }"),
			[]string{"range over map"}},
		{"range over a type parameter", one("zab/a.go", "package zab\nfunc f[M ~map[int]int](x M) { for range x {} }"),
			[]string{"range over map"}},
		{"range over another package's map", map[string]string{
			"zab/a.go":   "package zab\nimport \"zabsim/zab/b\"\nfunc f() { for range b.M() {} }",
			"zab/b/b.go": "package b\nfunc M() map[int]int { return nil }",
		}, []string{"zab/a.go:3: range over map"}},
		{"float literal", body("", "_ = 1.5"), []string{"float literal: use integers"}},
		{"integer written as float", body("", "const n int = 1e6\n_ = n"), []string{"zab/a.go:3: float literal"}},
		{"float type", one("zab/a.go", "package zab\ntype x struct{ f float32 }"), []string{"float: use integers"}},
		{"hidden float", body("math", "x := 4\n_ = math.Sqrt(float64(x))"), []string{"zab/a.go:5: float"}},
		{"complex", body("", "_ = 1i"), []string{"float literal"}},
		{"coroutine", body("iter", "next, _ := iter.Pull(func(func(int) bool) {})\n_ = next"), []string{"zab/a.go:4: iter.Pull: use sim/coroutine"}},
		{"coroutine at home", one("sim/coroutine/a.go",
			"package coroutine\nimport \"iter\"\nfunc F(s iter.Seq[int]) { iter.Pull(s); go F(s) }"), nil},
		{"not everything is allowed there", one("sim/coroutine/a.go", "package coroutine\nimport _ \"time\""), []string{"import of time"}},
		{"drivers may", one("sim/explore/a.go", "package explore\nimport \"time\"\nfunc f() { go f(); time.Now() }"), nil},
		{"tests may", one("zab/a_test.go", "package zab\nimport \"time\"\nvar x = 1.5"), nil},
		{"broken types", body("", "g()"), []string{"zab: does not type-check, so ranges over maps and floats may be missed: "}},
		{"broken file", one("zab/a.go", "package zab\nfunc f() { go f() }\nfunc {"), []string{"go statement"}},
	})
}

func TestBansImports(t *testing.T) {
	for path, instead := range map[string]string{
		"time": "take host.Time", "os": "take text or bytes", "os/exec": "take text or bytes", "net": "emit effects",
		"net/http": "emit effects", "math/rand": "use internal/keyed", "math/rand/v2": "use internal/keyed",
		"sync": "one goroutine", "sync/atomic": "one goroutine", "runtime": "no behaviour", "unsafe": "internal/fp",
		"maps": "keep a sorted slice", "crypto/rand": "use internal/keyed", "hash/maphash": "use internal/fp",
		"syscall": "take text or bytes", "runtime/debug": "no behaviour",
	} {
		// Types don't matter here, and net would need a long look.
		for _, pkg := range []string{"sim", "zab/wire", "faults", "tree/register", "linearizability/history"} {
			b := banner{repo: newRepo(one(pkg+"/a.go", "package p\nimport _ \""+path+"\"")), pkg: pkg, seen: map[string]bool{}}
			b.importSpec(b.repo.packages[0].files[0].ast.Imports[0])
			if assert.Len(t, b.found, 1, path) {
				assert.Contains(t, b.found[0].String(), pkg+"/a.go:2: import of "+path+": ")
				assert.Contains(t, b.found[0].String(), instead)
			}
		}
	}
}

// sim/client says time.Duration and nothing else of package time.
func TestBansTimeInClients(t *testing.T) {
	client := func(text string) map[string]string {
		return one("sim/client/a.go", "package client\nimport \"time\"\n"+text)
	}
	run(t, bans, []bad{
		{"duration", client("func F(d time.Duration) bool { return d > 5*time.Second && d.Milliseconds() > 1 }"), nil},
		{"clock", client("var x = time.Now()"), []string{"sim/client/a.go:3: time.Now: of package time only Duration"}},
		{"sleep", client("func f() { time.Sleep(time.Second) }"), []string{"time.Sleep"}},
		{"another type", client("var x time.Time"), []string{"time.Time"}},
		{"a float by the back door", client("func f(d time.Duration) { _ = d.Seconds() }"), []string{"sim/client/a.go:3: float"}},
		{"not elsewhere", one("sim/plan/a.go", "package plan\nimport \"time\"\nvar x time.Duration"), []string{"import of time"}},
	})
}

func TestSizesRule(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("//\n", n) }
	fn := func(n int) string { return "package p\nfunc f() {\n" + lines(n-2) + "}\n" }
	run(t, sizes, []bad{
		{"file at the limit", one("p/a.go", "package p\n"+lines(499)), nil},
		{"file above it", one("p/a.go", "package p\n"+lines(500)), []string{"p/a.go: 501 lines, at most 500: split it"}},
		{"func at the limit", one("p/a.go", fn(80)), nil},
		{"func above it", one("p/a.go", fn(81)), []string{"p/a.go:2: func f has 81 lines, at most 80"}},
		{"tests may", one("p/a_test.go", fn(600)), nil},
	})
}

func TestDocsRule(t *testing.T) {
	const head = "// Package p is good.\npackage p\n"
	run(t, docs, []bad{
		{"good", one("p/a.go", head+"// F is.\nfunc F() {}\n// T is.\ntype T int\n// M is.\nfunc (T) M() {}\nvar a, b int\n"), nil},
		{"no package comment", map[string]string{"p/a.go": "package p", "p/b.go": "package p"}, []string{"p: no package comment"}},
		{"in one file", map[string]string{"p/a.go": "package p", "p/b.go": head}, nil},
		{"func", one("p/a.go", head+"func F() {}"), []string{"p/a.go:3: F is exported and has no doc comment"}},
		{"method", one("p/a.go", head+"type t int\n// T is.\ntype T[X any] int\nfunc (t) M() {}\nfunc (*T[X]) N() {}"), []string{"p/a.go:7: N is exported"}},
		{"types in a group", one("p/a.go", head+"// All.\ntype (\n// A is.\nA int\nB int\n)"), []string{"p/a.go:7: B is exported"}},
		{"group of constants", one("p/a.go", head+"// All.\nconst (\nA = 1\nB = 2\n)\nconst (\nC = 1 // is\nD = 2\n)"), []string{"p/a.go:10: D is exported"}},
		{"several at once", one("p/a.go", head+"var A, b, C int"), []string{"A is exported", "C is exported"}},
		{"only tests", one("p/a_test.go", "package p\nfunc F() {}"), nil},
	})
}

func TestWordsRule(t *testing.T) {
	text := "fine\nsee /wo" + "rk/x\n"
	run(t, strangers, []bad{
		{"good", one("README.md", "workplace /worker work/"), nil},
		{"path in prose", one("README.md", text), []string{`README.md:2: "/wo` + `rk/": write paths relative`}},
		{"path in test data", one("a/testdata/x.txt", text), []string{"a/testdata/x.txt:2"}},
		{"hosts", one("ci.sh", "GOPROXY=https://proxy.golang"+".org\nhttp://deb.debian"+".org\nregistry.npmjs"+".org"),
			[]string{"ci.sh:1", "ci.sh:2", "ci.sh:3"}},
	})
}
