package reports

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"zabsim/internal/runfolder"
)

// charts lists every chart, in the order in which a report shows them.
func charts(rec *recording) []*chart {
	return []*chart{rolesChart(rec), latencyRawChart(rec), latencyQuantilesChart(rec), rateChart(rec), failoverChart(rec)}
}

// Draw writes every chart of a run into dir, which is made if it is missing, as SVG
// and PNG, and returns the paths of the files.
func Draw(folder *runfolder.Folder, dir string) ([]string, error) {
	rec, err := load(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("draw charts: %w", err)
	}
	var paths []string
	for _, ch := range charts(rec) {
		for _, format := range []struct {
			ext   string
			write func(io.Writer) error
		}{{".svg", ch.svg}, {".png", ch.png}} {
			path := filepath.Join(dir, ch.name+format.ext)
			var b bytes.Buffer
			if err := format.write(&b); err != nil {
				return paths, fmt.Errorf("draw %s: %w", path, err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				return paths, fmt.Errorf("draw charts: %w", err)
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// note is the grey line that says which run a chart shows, and what else there is to know.
func (rec *recording) note(more ...string) string {
	r := rec.run
	parts := []string{r.Scenario + ", seed " + strconv.FormatUint(r.Seed, 10),
		plural(r.Config.Servers, "server") + ", " + plural(r.Config.Clients, "client")}
	if len(r.Config.Bugs) > 0 {
		parts = append(parts, "bugs: "+strings.Join(r.Config.Bugs, ", "))
	}
	return strings.Join(append(parts, more...), "  ·  ")
}

// plural writes a number with thousands apart and a noun: "12 034 operations".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

func grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
