package mutants

import (
	"context"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/mutants/hunt"
)

const snippet = `package zab

func (s *Server) f(out *Effects, n int) bool {
	if s.cfg.Bugs.Has(bug.X) && n > 1 {
		s.wrong() // of the zoo
	}
	if n < 1 || s.cfg.Bugs.Has(bug.Y) && n > 2 {
		return true
	}
	s.stage = 1
	out.send(n)
	out.stopTimer(T, func() int { n++; return 1 }())
	out.probe(Probe{})
	s.illegal(1, out)
	for n >= 2 && ok {
		n--
	}
	return n <= 3
}

func (s *Server) String() string { s.x = 1; return "" }
`

func keys(sites []Site) (list []string) {
	for i := range sites {
		_, key, _ := strings.Cut(sites[i].Key(), " | ")
		list = append(list, key)
	}
	return list
}

// TestFind: each operator finds its sites, and none in what is of the zoo, in what only
// tells the checkers something, and in names.
func TestFind(t *testing.T) {
	sites, err := Find(map[string]string{"zab/a.go": snippet})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"Server.f | negate | n < 1 || s.cfg.Bugs.Has(bug.Y) && n > 2",
		"Server.f | negate | n < 1",
		"Server.f | shift | n < 1",
		"Server.f | drop | return true",
		"Server.f | drop | s.stage = 1",
		"Server.f | drop | out.send(n)",
		"Server.f | drop | out.stopTimer(T, func() int { n++; return 1 }())",
		"Server.f | swap | out.send(n); out.stopTimer(T, func() int { n++; return 1 }())",
		"Server.f | drop | n++",
		"Server.f | negate | n >= 2 && ok",
		"Server.f | negate | n >= 2",
		"Server.f | negate | ok",
		"Server.f | shift | n >= 2",
		"Server.f | drop | n--",
		"Server.f | negate | n <= 3",
		"Server.f | shift | n <= 3",
	}, keys(sites))
	for i := range sites {
		if sites[i].Text == "s.stage = 1" {
			assert.Equal(t, 10, sites[i].Line)
		}
	}
}

// TestRewrite: what is written is Go, on the same lines, with each site's number where
// it belongs.
func TestRewrite(t *testing.T) {
	text := "package zab\n\nfunc f(out *Effects, a, b int) {\n\tif a+1 < b && a > 2 {\n\t\tout.x(a)\n\t\tout.y()\n\t}\n}\n"
	sites, err := Find(map[string]string{"zab/a.go": text})
	require.NoError(t, err)
	out, err := Rewrite(map[string]string{"zab/a.go": text}, sites, func(i int) bool { return sites[i].Text == "a > 2" && sites[i].Op == Negate })
	require.NoError(t, err)
	got := out["zab/a.go"]
	_, err = parser.ParseFile(token.NewFileSet(), "a.go", got, 0)
	require.NoError(t, err, got)
	assert.Equal(t, strings.Count(text, "\n"), strings.Count(got, "\n"))
	n := func(op Operator, text string) int {
		for i := range sites {
			if sites[i].Op == op && sites[i].Text == text {
				return i
			}
		}
		t.Fatalf("no %s %s in %v", op, text, keys(sites))
		return 0
	}
	const want = "package zab; import \"zabsim/internal/mutants/pick\"\n\nfunc f(out *Effects, a, b int) {\n" +
		"\tif ((((pick.Less($2, a+1 , b)) != pick.Is($1)) && !pick.LessEq($3, a , 2)) != pick.Is($0)) {\n" +
		"\t\tif pick.Is($5) { out.y() }; if !pick.Is($4) { out.x(a) }\n\t\tif !pick.Is($5) { if !pick.Is($6) { out.y() } }\n\t}\n}\n"
	assert.Equal(t, strings.NewReplacer("$0", itoa(n(Negate, "a+1 < b && a > 2")), "$1", itoa(n(Negate, "a+1 < b")), "$2", itoa(n(Shift, "a+1 < b")),
		"$3", itoa(n(Shift, "a > 2")), "$4", itoa(n(Drop, "out.x(a)")), "$5", itoa(n(Swap, "out.x(a); out.y()")), "$6", itoa(n(Drop, "out.y()"))).Replace(want), got)
}

func itoa(n int) string { return string(rune('0' + n)) }

// TestTheProtocolHasSites: of all operators, in all files that are changed, each with a
// key of its own.
func TestTheProtocolHasSites(t *testing.T) {
	texts, sites := protocol(t)
	ops, files, names := map[Operator]int{}, map[string]bool{}, map[string]bool{}
	for i := range sites {
		ops[sites[i].Op]++
		files[sites[i].File] = true
		assert.False(t, names[sites[i].Key()], sites[i].Key())
		names[sites[i].Key()] = true
	}
	for op, least := range map[Operator]int{Negate: 500, Shift: 80, Drop: 800, Swap: 20} {
		assert.Greater(t, ops[op], least, op)
	}
	for _, f := range []string{"zab/leader.go", "zab/learnersync.go", "election/look.go", "zab/quorum/quorum.go"} {
		assert.True(t, files[f], f)
	}
	for _, x := range Excluded {
		assert.NotContains(t, texts, x.File)
		_, err := os.Stat(filepath.Join("../..", x.File))
		assert.NoError(t, err, "what is excluded must exist")
	}
}

func protocol(t *testing.T) (map[string]string, []Site) {
	texts, err := ReadSources("../..")
	require.NoError(t, err)
	sites, err := Find(texts)
	require.NoError(t, err)
	return texts, sites
}

// TestSample: a seed draws the same again, and what comes or goes elsewhere moves nothing.
func TestSample(t *testing.T) {
	_, sites := protocol(t)
	names := func(list []Site, seed uint64) map[string]bool {
		m := map[string]bool{}
		for _, i := range Sample(list, seed, 100) {
			m[list[i].Key()] = true
		}
		return m
	}
	a := names(sites, 1)
	assert.Len(t, a, 100)
	assert.Equal(t, a, names(sites, 1))
	assert.NotEqual(t, a, names(sites, 2))
	less := names(sites[10:], 1)
	same := 0
	for k := range less {
		if a[k] {
			same++
		}
	}
	assert.GreaterOrEqual(t, same, 90)
	assert.Len(t, Sample(sites[:5], 1, 100), 5)
}

// TestFixedMutants: one file's mutants compile, and some that must be caught are, each
// in its own way; the right code is not.
func TestFixedMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	texts, _ := protocol(t)
	few := map[string]string{}
	for _, f := range []string{"zab/leader.go", "zab/logwriter.go", "zab/local.go", "zab/snapper.go", "zab/image.go"} {
		few[f] = texts[f]
	}
	texts = few
	sites, err := Find(texts)
	require.NoError(t, err)
	b, err := Build("../..", t.TempDir(), texts, sites)
	require.NoError(t, err)
	assert.Empty(t, b.Left)
	m := &Measured{Sites: sites, Config: Config{Root: "../..", Events: 100_000, States: 1000, Seed: 1, Stall: 2e9, Wall: 60e9}}
	right, err := m.try(context.Background(), b, -1, "")
	require.NoError(t, err)
	require.Nil(t, right.Catch)
	assert.NotZero(t, right.Runs)
	assert.NotZero(t, right.States)
	for key, want := range map[string]struct {
		kind  hunt.Kind
		check string // "": any
	}{
		"zab/leader.go | Server.newLeaderAck | drop | s.establish(out)":                                                     {hunt.NoProgress, ""},
		"zab/leader.go | Server.processAck | negate | s.cfg.Quorum.Contains(l.outstanding[0].acks)":                         {hunt.Violated, ""},
		"zab/leader.go | Server.processAck | shift | len(l.outstanding) > 0":                                                {hunt.Panicked, ""},
		"zab/logwriter.go | Server.runSync | shift | len(l.acks) > 0":                                                       {hunt.Panicked, ""},
		"zab/leader.go | Server.epochAck | negate | epoch > l.summaryEpoch || epoch == l.summaryEpoch && z > l.summaryZxid": {hunt.NoProgress, ""},
		// What no scenario drives.
		"zab/local.go | Server.upgrade | negate | !s.cfg.LocalSessionsUpgrade":         {hunt.Violated, "reference"},
		"zab/snapper.go | Server.countAppend | drop | l.sinceRoll, l.rollAfter = 0, 0": {hunt.Violated, "files"},
		"zab/snapper.go | DropAfter | negate | s.Last <= z":                            {hunt.Violated, "recovery"},
	} {
		at := -1
		for i := range sites {
			if sites[i].Key() == key {
				at = i
			}
		}
		if !assert.GreaterOrEqual(t, at, 0, key) {
			continue
		}
		got, err := m.try(context.Background(), b, at, "")
		require.NoError(t, err)
		if assert.NotNil(t, got.Catch, key) {
			assert.Equal(t, want.kind, got.Catch.Kind, "%s: %v", key, got.Catch)
			assert.Contains(t, got.Catch.Check, want.check, key)
			t.Logf("%s: %v", key, got.Catch)
		}
	}
}

// TestBlame: what does not compile is left out, and what the compiler says of code that
// is not ours to leave out is an error.
func TestBlame(t *testing.T) {
	b := &Binary{Left: map[int]string{}}
	changed := map[string]string{"zab/a.go": "package zab\nx := pick.Less(7, a , b) != pick.Is(8)\n"}
	assert.True(t, b.blame("# zabsim/zab\nzab/a.go:2:5: mismatched types\n", "/x", changed))
	assert.Equal(t, map[int]string{7: "mismatched types", 8: "mismatched types"}, b.Left)
	assert.False(t, b.blame("zab/a.go:2:5: mismatched types\n", "/x", changed))
	assert.False(t, b.blame("zab/b.go:2:5: mismatched types\nzab/a.go:1:1: no\n", "/x", changed))
	assert.True(t, (&Binary{Left: map[int]string{}}).blame("/x/zab/a.go:2:5: what\n", "/x", changed))
}

// TestRightCodeMustPass: the list of judgments says nothing if right code is caught.
func TestRightCodeMustPass(t *testing.T) {
	m := &Measured{Tried: map[string]*Tried{}, Config: Config{Log: t.Logf}}
	_, err := m.try(context.Background(), &Binary{Path: filepath.Join(t.TempDir(), "none")}, -1, "")
	assert.Error(t, err)
}
