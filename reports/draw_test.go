package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"zabsim/internal/runfolder"
	"zabsim/linearizability/history"
)

var (
	rewrite = flag.Bool("rewrite", false, "write the golden files anew")
	look    = flag.String("look", "", "draw the fixtures into this folder, to be looked at")
)

// svgOf returns one chart of a fixture.
func svgOf(t *testing.T, f *fixture, name string) string {
	t.Helper()
	rec, err := load(f.folder(t))
	require.NoError(t, err)
	for _, ch := range charts(rec) {
		if ch.name == name {
			var b bytes.Buffer
			require.NoError(t, ch.svg(&b))
			return b.String()
		}
	}
	t.Fatalf("no chart is called %s", name)
	return ""
}

// Goal: pictures change only on purpose. The small fixture has an observer, a crash and
// two epochs; after a look at the new picture, go test ./reports -rewrite.
func TestGoldenCharts(t *testing.T) {
	for _, name := range []string{"roles", "failover"} {
		got := svgOf(t, small(), name)
		path := filepath.Join("testdata", name+".svg")
		if *rewrite {
			require.NoError(t, os.MkdirAll("testdata", 0o777))
			require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, string(want) == got, "%s differs from the drawing; look at both, then -rewrite", path)
	}
}

// Goal: equal folders give equal bytes, and every file is there and well formed.
func TestDrawIsDeterministic(t *testing.T) {
	folder := minute().folder(t)
	first, second := t.TempDir(), t.TempDir()
	paths, err := Draw(folder, first)
	require.NoError(t, err)
	again, err := Draw(folder, second)
	require.NoError(t, err)
	require.Len(t, again, len(paths))
	var names []string
	for i := range paths {
		a, err := os.ReadFile(paths[i])
		require.NoError(t, err)
		b, err := os.ReadFile(again[i])
		require.NoError(t, err)
		assert.True(t, bytes.Equal(a, b), "%s and %s differ", paths[i], again[i])
		names = append(names, filepath.Base(paths[i]))
		if filepath.Ext(paths[i]) == ".svg" {
			wellFormed(t, string(a))
		} else {
			assert.True(t, bytes.HasPrefix(a, []byte("\x89PNG")))
		}
	}
	assert.Equal(t, []string{"roles.svg", "roles.png", "latency-raw.svg", "latency-raw.png", "latency-quantiles.svg",
		"latency-quantiles.png", "rate.svg", "rate.png", "failover.svg", "failover.png"}, names)
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

// Goal: a run without data is drawn and says what was missing; it is no error.
func TestEmptyRunSaysSo(t *testing.T) {
	bare := newFixture(3, 0, 60*sec)
	for name, want := range map[string]string{
		"latency-raw": "no history.jsonl", "latency-quantiles": "no history.jsonl", "rate": "no history.jsonl",
		"roles": "no events.jsonl.zst", "failover": "no events.jsonl.zst",
	} {
		assert.Contains(t, svgOf(t, bare, name), "this run folder has "+want, name)
	}
	quiet := newFixture(3, 0, 0)
	quiet.ops = []history.Op{}
	quiet.look(0, "n1", "n2", "n3")
	assert.Contains(t, svgOf(t, quiet, "rate"), "no client asked for anything")
	assert.Contains(t, svgOf(t, quiet, "failover"), "no serving leader was lost")

	quiet.events = []fixtureEvent{{Node: "n1", Verb: "step"}}
	assert.Contains(t, svgOf(t, quiet, "roles"), "no server changed its state")
	waiting := newFixture(1, 1, sec)
	waiting.ops = []history.Op{{Client: 1, Kind: history.Get, Key: "/r0"}}
	assert.Contains(t, svgOf(t, waiting, "latency-raw"), "1 never ended")
}

// Goal: equal times stand under each other in all charts over time, whatever their labels need.
func TestTimeChartsShareTheirMargins(t *testing.T) {
	for _, f := range []*fixture{minute(), small()} {
		rec, err := load(f.folder(t))
		require.NoError(t, err)
		axis := map[string]int{} // the line that is the horizontal axis, by its ends
		for _, ch := range charts(rec)[:4] {
			var got recorder.Canvas
			ch.paint(draw.NewCanvas(&got, pageWidth, ch.height))
			for _, action := range got.Actions {
				s, ok := action.(*recorder.Stroke)
				if !ok || len(s.Path) != 2 {
					continue
				}
				if a, b := s.Path[0].Pos, s.Path[1].Pos; near(float64(a.X), float64(marginLeft)) &&
					near(float64(b.X), float64(pageWidth-marginRight)) && a.Y == b.Y {
					axis[ch.name]++
				}
			}
		}
		for _, ch := range charts(rec)[:4] {
			assert.Positive(t, axis[ch.name], ch.name)
		}
	}
}

func near(a, b float64) bool { return a-b < 0.01 && b-a < 0.01 }

// Goal: what people write into names and targets cannot break the picture or cover the data.
func TestNamesAreEscapedAndShortened(t *testing.T) {
	f := small()
	f.fault(strings.Repeat("very-", 20)+"long<fault>", `n1<n2 & "n3"`, "red", 100*ms, 0)
	svg := svgOf(t, f, "rate")
	wellFormed(t, svg)
	assert.Contains(t, svg, "very-very-")
	assert.NotContains(t, svg, "long&lt;fault")
	assert.Contains(t, svg, "n1&lt;n2 &amp;")
	assert.Contains(t, svg, "#CCCCCC", "a fault without a colour is grey")
}

// Goal: a file's size is bounded by the paper's, not by the run's.
func TestManyOperationsMakeNoHugeFile(t *testing.T) {
	f := newFixture(1, 1, 10*sec)
	for i := range 100_000 {
		at := time.Duration(i) * 100 * time.Microsecond
		f.ops = append(f.ops, history.Op{Client: i, Session: uint64(i), Kind: history.Set, Key: "/r0",
			Outcome: history.Ok, Invoke: historyTime(at), Ended: historyTime(at + time.Duration(1+i%7)*ms)})
	}
	assert.Less(t, len(svgOf(t, f, "latency-raw")), 500_000)
}

// Goal: a recording that cannot be understood is an error that names the file and the line.
func TestBadRecordingNamesLine(t *testing.T) {
	const header = `{"zabsim-events":1}` + "\n"
	for text, want := range map[string]string{
		`{"history":"x"}`: "events.jsonl.zst: line 1: ",
		header + `{"id":1,"verb":"x","node":"n2","t":1,"delta":{"n2":{"up":"yes"}}}`: `event 1: "up" of n2: `,
		header + `{"id":1,"t":`: "line 2: ",
	} {
		w, err := runfolder.Create(t.TempDir(), "bad", 1, 1)
		require.NoError(t, err)
		require.NoError(t, w.WriteRun(&runfolder.Run{}))
		out, err := w.File(runfolder.EventsFile)
		require.NoError(t, err)
		_, err = io.WriteString(out, text)
		require.NoError(t, err)
		require.NoError(t, out.Close())
		path, err := w.Commit()
		require.NoError(t, err)
		folder, err := runfolder.Open(path)
		require.NoError(t, err)
		_, err = Draw(folder, t.TempDir())
		assert.ErrorContains(t, err, want)
	}
}

// Goal: numbers on axes and bars are round and in the unit that people would choose.
func TestNumbersAreWrittenForPeople(t *testing.T) {
	assert.Equal(t, []string{"0", "0.42", "7.3", "441", "10", "1.0", "10,005"}, []string{millis(0), millis(420 * time.Microsecond),
		millis(7300 * time.Microsecond), millis(441 * ms), millis(9990 * time.Microsecond), millis(999 * time.Microsecond), millis(10005 * ms)})
	assert.Equal(t, []string{"10 µs", "1 ms", "100 ms", "10 s"}, []string{decade(-5), decade(-3), decade(-1), decade(1)})
	for least, want := range map[float64]float64{0.03: 0.05, 0.5: 0.5, 0.6: 1, 3: 5, 7: 10, 0: 1} {
		assert.InDelta(t, want, roundStep(least), 1e-12, "step for %v", least)
	}
	assert.Equal(t, []float64{3, 10, 10, 10}, []float64{quantile([]float64{1, 2, 3, 4, 10}, 0.5),
		quantile([]float64{1, 2, 3, 4, 10}, 0.95), quantile([]float64{1, 2, 3, 4, 10}, 1), quantile([]float64{10}, 0.5)})
	assert.Equal(t, "-1,234", grouped(-1234))
	for length, want := range map[time.Duration]string{ms: "µs", 2 * sec: "ms", time.Minute: "s", time.Hour: "min", 9 * time.Hour: "h"} {
		assert.Equal(t, want, unitFor(length).name)
	}
}

// Goal: a recording names only what changed, and a server begins by looking for a leader.
func TestFreshServerLooksForALeader(t *testing.T) {
	f := newFixture(1, 0, 10*sec)
	f.at(sec, "n1", facts{"round": 1, "up": true})
	f.at(2*sec, "n1", facts{"state": "LEADING", "phase": "DISCOVERY"})
	f.at(3*sec, "n1", facts{"up": false})
	rec, err := load(f.folder(t))
	require.NoError(t, err)
	assert.Equal(t, []span{{0, sec, role{name: "down"}}, {sec, 2 * sec, role{name: "LOOKING"}},
		{2 * sec, 3 * sec, role{name: "LEADING"}}, {3 * sec, 10 * sec, role{name: "down"}}}, rec.spans(1))
}

// Goal: somebody can look at what the tests draw: go test ./reports -run Look -look /tmp/look.
func TestLook(t *testing.T) {
	if *look == "" {
		t.Skip("no -look folder")
	}
	for name, f := range map[string]*fixture{"minute": minute(), "small": small(), "storm": storm(24), "storm5": storm(5),
		"kinds": everyKind(), "empty": newFixture(3, 0, 60*sec)} {
		_, err := Draw(f.folder(t), filepath.Join(*look, name))
		require.NoError(t, err)
	}
}
