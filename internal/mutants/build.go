package mutants

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Binary is a program with all mutants in it.
type Binary struct {
	Path  string
	Stamp string // of its bytes: two binaries with one stamp do the same
	// Left are the sites that do not compile, in order, with what the compiler said.
	Left map[int]string
}

// Build writes changed copies of the texts below dir and builds the child from them and
// from the rest of the repository at root, of which no file changes.
func Build(root, dir string, texts map[string]string, sites []Site) (*Binary, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	b := &Binary{Path: filepath.Join(dir, "child"), Left: map[int]string{}}
	for range 20 { // an error may hide others, behind it or in packages that need this one
		changed, err := Rewrite(texts, sites, func(i int) bool { return b.Left[i] != "" })
		if err != nil {
			return nil, err
		}
		overlay, err := writeOverlay(root, dir, changed)
		if err != nil {
			return nil, err
		}
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "mutants", "-gcflags=zabsim/...=-e", "-overlay", overlay,
			"-o", b.Path, "./internal/mutants/child")
		build.Dir = root
		said, err := build.CombinedOutput()
		if err == nil {
			b.Stamp, err = stamp(b.Path)
			return b, err
		}
		if !b.blame(string(said), dir, changed) {
			return nil, fmt.Errorf("go build: %w\n%s", err, said)
		}
	}
	return nil, fmt.Errorf("after 20 builds there still are mutants that do not compile, the last of them %v", b.Left)
}

func writeOverlay(root, dir string, changed map[string]string) (string, error) {
	replace := map[string]string{}
	for file, text := range changed {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return "", err
		}
		replace[filepath.Join(root, filepath.FromSlash(file))] = path
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o644)
}

var (
	compilerError = regexp.MustCompile(`^(.*\.go):(\d+):(?:\d+:)? (.*)$`)
	siteNumber    = regexp.MustCompile(`pick\.\w+\((\d+)`)
)

// blame leaves out the sites on the lines of which the compiler complains. It reports
// false if there was none to leave out.
func (b *Binary) blame(said, dir string, changed map[string]string) bool {
	found := false
	for line := range strings.Lines(said) {
		m := compilerError.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		name := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(m[1], dir), string(filepath.Separator)))
		text, ok := changed[strings.TrimPrefix(name, "./")]
		if !ok {
			continue
		}
		n, _ := strconv.Atoi(m[2])
		lines := strings.Split(text, "\n")
		if n < 1 || n > len(lines) {
			continue
		}
		for _, s := range siteNumber.FindAllStringSubmatch(lines[n-1], -1) {
			i, _ := strconv.Atoi(s[1])
			if b.Left[i] == "" {
				b.Left[i], found = m[3], true
			}
		}
	}
	return found
}

// Leave returns the indexes of the sites that the binary lacks, in order.
func (b *Binary) Leave() []int {
	var list []int
	for i := range b.Left {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

func stamp(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
