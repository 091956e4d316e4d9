package mutants

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// Verdict is what a person found about a survivor.
type Verdict string

// The verdicts.
const (
	// Equivalent: nobody can tell the mutant from the right code.
	Equivalent Verdict = "equivalent"
	// Legal: it does something else, later or more often, that breaks no promise that
	// ZooKeeper makes: retries, time-outs, what is sent twice. No check may call it wrong.
	Legal Verdict = "legal"
	// Hole: it is wrong, and our checks or drivers do not see it.
	Hole Verdict = "hole"
	// Open: nobody has looked.
	Open Verdict = "open"
)

// Judgment is a verdict with its reason.
type Judgment struct {
	Verdict Verdict
	Why     string
}

// ReadJudgments reads the judgments by key. The file has the key of a site on a line, and
// under it, indented, the verdict, a colon and the reason, which may go on.
func ReadJudgments(path string) (map[string]Judgment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseJudgments(path, f)
}

func parseJudgments(path string, r io.Reader) (map[string]Judgment, error) {
	list := map[string]Judgment{}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	key := ""
	for n := 1; scan.Scan(); n++ {
		line := scan.Text()
		text := strings.TrimSpace(line)
		j, known := list[key]
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case text == strings.TrimRight(line, " "):
			if key != "" && !known {
				return nil, fmt.Errorf("%s:%d: the key above has no verdict", path, n)
			}
			if _, again := list[text]; again {
				return nil, fmt.Errorf("%s:%d: %s is judged twice", path, n, text)
			}
			key = text
		case key == "":
			return nil, fmt.Errorf("%s:%d: a verdict without the key of a mutant above it", path, n)
		case known:
			j.Why += " " + text
			list[key] = j
		default:
			verdict, why, ok := strings.Cut(text, ":")
			if v := Verdict(verdict); !ok || v != Equivalent && v != Legal && v != Hole || strings.TrimSpace(why) == "" {
				return nil, fmt.Errorf("%s:%d: %q: write equivalent, legal or hole, a colon, and the reason", path, n, text)
			}
			list[key] = Judgment{Verdict(verdict), strings.TrimSpace(why)}
		}
	}
	if _, known := list[key]; key != "" && !known {
		return nil, fmt.Errorf("%s: the last key has no verdict", path)
	}
	return list, scan.Err()
}
