package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"zabsim": main})
}

// TestScripts runs the command as people do, one script per topic. The scripts
// have three words of their own:
//
//	exits CODE zabsim ...    the command ends with this exit code
//	nothing-new              since the last look, no file came into being
//	edit FILE OLD NEW        replaces the first OLD in a file
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "nothing-new": nothingNew, "edit": edit,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Values[seenKey{}] = files(e.WorkDir)
			return nil
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// seenKey is where a script keeps the files that it has looked at.
type seenKey struct{}

// nothingNew fails if there is a file or folder that was not there at the last
// look; with ! it takes a look.
func nothingNew(ts *testscript.TestScript, neg bool, _ []string) {
	now := files(ts.Getenv("WORK"))
	seen, _ := ts.Value(seenKey{}).(map[string]bool)
	for path := range now {
		if !seen[path] && !neg {
			ts.Fatalf("left behind: %s", path)
		}
		seen[path] = true
	}
}

// files lists everything below dir.
func files(dir string) map[string]bool {
	list := map[string]bool{}
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		list[path] = true
		return err
	})
	return list
}

func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}
