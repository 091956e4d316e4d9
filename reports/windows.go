package reports

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/linearizability/history"
)

// How many windows a run is cut into: as many as leave windowCrowd operations in
// each on average, so that a quantile means something, within these limits.
const (
	windowsLeast = 12
	windowsMost  = 100
	windowCrowd  = 20
)

// window returns a round length.
func (rec *recording) window() time.Duration {
	n := min(max(len(rec.ops)/windowCrowd, windowsLeast), windowsMost)
	step := roundStep(rec.end.Seconds() / float64(n))
	return max(time.Duration(math.Round(step*1e9)), 1)
}

// windowText writes a window's length for people.
func windowText(w time.Duration) string {
	if w >= time.Second {
		return strconv.FormatFloat(w.Seconds(), 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(float64(w)/1e6, 'f', -1, 64) + " ms"
}

// middle returns the time in the middle of a window, for drawing.
func (rec *recording) middle(n int, window time.Duration) time.Duration {
	from := time.Duration(n) * window
	return (from + min(from+window, rec.end)) / 2
}

// windowCount returns how many windows there are; the last may be shorter.
func (rec *recording) windowCount(window time.Duration) int {
	return int((rec.end + window - 1) / window)
}

// latencyQuantilesChart shows how long clients waited, window by window: the median,
// two high quantiles and the worst.
func latencyQuantilesChart(rec *recording) *chart {
	window := rec.window()
	cells := make([][]float64, rec.windowCount(window))
	for i := range rec.ops {
		op := &rec.ops[i]
		if op.Outcome != history.Pending {
			n := min(int(time.Duration(op.Invoke)/window), len(cells)-1)
			cells[n] = append(cells[n], math.Max(latency(op).Seconds(), latencyFloor))
		}
	}
	least, most := math.Inf(1), 0.0
	names := [...]string{"p50", "p95", "p99", "max"}
	shares := [...]float64{0.50, 0.95, 0.99, 1}
	var series [len(names)]curve
	for n, values := range cells {
		if len(values) == 0 {
			for q := range series {
				series[q].cut()
			}
			continue
		}
		slices.Sort(values)
		for q, share := range shares {
			v := quantile(values, share)
			series[q].add(rec.middle(n, window), v)
			least, most = math.Min(least, v), math.Max(most, v)
		}
	}
	if most == 0 {
		least, most = 1e-3, 1
	}
	tp := &timePlot{rec: rec, empty: rec.noOps, y: latencyAxis(least, most, "latency")}
	ch := &chart{name: "latency-quantiles", title: "Latency quantiles", height: pageHeight, body: tp.draw,
		note: rec.note("windows of " + windowText(window) + ", by time of request, all operations that ended")}
	for q := range series {
		series[q].color = colorQuantiles[q]
		series[q].width = 1.1 + 0.3*float64(q)                     // so that lines which agree show as one with a rim
		tp.layer = append([]plot.Plotter{&series[q]}, tp.layer...) // the worst lies lowest
		if len(rec.ops) > 0 {
			ch.keys = append(ch.keys, key{label: names[q], mark: lineMark(line(1.8, colorQuantiles[q]))})
		}
	}
	return ch
}

// quantile returns the value of nearest rank of a sorted list: one that occurred.
func quantile(sorted []float64, share float64) float64 {
	rank := int(math.Ceil(share*float64(len(sorted)) - 1e-9))
	return sorted[max(rank, 1)-1]
}

// rateChart shows how many operations ended per second, by kind and outcome.
func rateChart(rec *recording) *chart {
	window := rec.window()
	windows := rec.windowCount(window)
	kinds := rec.kinds()
	tp := &timePlot{rec: rec, empty: rec.noOps}
	highest := 0.0
	for _, o := range outcomes {
		for _, k := range kinds {
			counts := make([]int, windows)
			total := 0
			for i := range rec.ops {
				if op := &rec.ops[i]; op.Kind == k && op.Outcome == o.outcome {
					counts[min(int(time.Duration(op.Ended)/window), windows-1)]++
					total++
				}
			}
			if total == 0 {
				continue
			}
			s := &curve{color: o.color, width: 1.3, glyph: shapeOf(k)}
			for n, count := range counts {
				length := min(window, rec.end-time.Duration(n)*window)
				rate := float64(count) / max(length, window/2).Seconds() // a stump at the end must not look like a peak
				s.add(rec.middle(n, window), rate)
				highest = math.Max(highest, rate)
			}
			tp.layer = append(tp.layer, s)
		}
	}
	tp.y = countAxis(highest, "operations per second")
	return &chart{name: "rate", title: "Rate of operations", height: pageHeight, body: tp.draw, keys: rec.opKeys(),
		note: rec.note("windows of " + windowText(window) + ", by time of completion")}
}

// curve is a line over time that may have gaps.
type curve struct {
	color  color.NRGBA
	width  float64
	glyph  draw.GlyphDrawer // marks the points that are not zero; nil marks only those without neighbours
	pieces [][]point
}

type point struct {
	at    time.Duration
	value float64
}

func (s *curve) add(at time.Duration, value float64) {
	if len(s.pieces) == 0 {
		s.cut()
	}
	last := &s.pieces[len(s.pieces)-1]
	*last = append(*last, point{at, value})
}

// cut begins a new piece: nothing is known in between.
func (s *curve) cut() {
	if n := len(s.pieces); n == 0 || len(s.pieces[n-1]) > 0 {
		s.pieces = append(s.pieces, nil)
	}
}

// Plot implements plot.Plotter.
func (s *curve) Plot(c draw.Canvas, p *plot.Plot) {
	for _, piece := range s.pieces {
		pts := make([]vg.Point, len(piece))
		for i, pt := range piece {
			pts[i] = vg.Point{X: c.X(p.X.Norm(pt.at.Seconds())), Y: c.Y(p.Y.Norm(pt.value))}
		}
		if len(pts) > 1 {
			c.StrokeLines(line(s.width, s.color), pts)
		}
		for i, pt := range pts {
			switch {
			case s.glyph == nil && len(pts) == 1:
				c.DrawGlyphNoClip(draw.GlyphStyle{Color: s.color, Radius: 1.7, Shape: shape{false, round}}, pt)
			case s.glyph != nil && piece[i].value > 0:
				c.DrawGlyphNoClip(draw.GlyphStyle{Color: s.color, Radius: 1.8, Shape: s.glyph}, pt)
			}
		}
	}
}
