package reports

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// timePlot is the body of a chart over the run's time: a strip that names the
// faults, and below it the data with the faults shaded behind.
type timePlot struct {
	rec   *recording
	y     func(a *plot.Axis) // sets the range, ticks and label of the vertical axis
	layer []plot.Plotter
	empty string // said in the middle when there is nothing to draw
	plain bool   // no grid: the data are lanes
}

func (tp *timePlot) draw(c draw.Canvas) {
	strip := faultStrip(tp.rec)
	c.Max.Y = strip.draw(c)
	p := newPlot()
	unit := unitFor(tp.rec.end)
	p.X.Min, p.X.Max = 0, tp.rec.end.Seconds()
	p.X.Tick.Marker = timeTicks{unit}
	p.X.Label.Text = "simulated time (" + unit.name + ")"
	tp.y(&p.Y)
	p.Add(bands{strip})
	if !tp.plain {
		grid := plotter.NewGrid()
		grid.Horizontal, grid.Vertical = line(0.5, colorGrid), line(0.5, colorGrid)
		p.Add(grid)
	}
	p.Add(tp.layer...)
	area := alignPlot(p, c)
	p.Draw(area)
	if tp.empty != "" {
		apology(p.DataCanvas(area), tp.empty)
	}
}

// newPlot returns a plot in the house style, without head and legend.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = text.Plain{Fonts: fonts}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		label, tick := a.Label.TextStyle, a.Tick.Label // their alignments depend on the axis
		a.Label.TextStyle = aligned(textStyle(sizeLabel, colorInk), label.XAlign, label.YAlign)
		a.Tick.Label = aligned(textStyle(sizeTick, colorInk), tick.XAlign, tick.YAlign)
		a.LineStyle = line(0.7, colorFrame)
		a.Tick.LineStyle = line(0.7, colorFrame)
		a.Tick.Length = 4
		a.Label.Padding = 4
		a.Padding = 0
	}
	p.Y.Tick.Label.YAlign = -0.66 // gonum puts these labels a descent too high
	return p
}

// alignPlot crops the canvas so that the data begin and end at the common margins,
// whatever room the axes and their labels take.
func alignPlot(p *plot.Plot, c draw.Canvas) draw.Canvas {
	left, right := c.Min.X+marginLeft, c.Max.X-marginRight
	area := c
	for range 8 { // each round moves the edges by what is missing; three are enough
		data := p.DataCanvas(area)
		area.Min.X += left - data.Min.X
		area.Max.X += right - data.Max.X
	}
	return area
}

// timeUnit is how times are written along an axis.
type timeUnit struct {
	name    string
	seconds float64
}

// unitFor picks the unit in which a run's length is a number that people can grasp.
func unitFor(length time.Duration) timeUnit {
	switch {
	case length < 10*time.Millisecond:
		return timeUnit{"µs", 1e-6}
	case length < 5*time.Second:
		return timeUnit{"ms", 1e-3}
	case length < 10*time.Minute:
		return timeUnit{"s", 1}
	case length < 5*time.Hour:
		return timeUnit{"min", 60}
	}
	return timeUnit{"h", 3600}
}

// timeTicks marks round numbers of a unit; the axis itself is in seconds.
type timeTicks struct{ unit timeUnit }

// Ticks implements plot.Ticker.
func (t timeTicks) Ticks(from, until float64) []plot.Tick {
	return roundTicks(from, until, t.unit.seconds, 12)
}

// roundTicks marks multiples of 1, 2 or 5 times a power of ten, at most so many.
func roundTicks(from, until, unit float64, most int) []plot.Tick {
	step := roundStep((until - from) / unit / float64(most))
	var list []plot.Tick
	for n := math.Ceil(from / unit / step); n*step*unit <= until*(1+1e-9); n++ {
		v := n * step
		label := strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
		if v >= 1000 {
			label = grouped(int(math.Round(v)))
		}
		list = append(list, plot.Tick{Value: v * unit, Label: label})
	}
	return list
}

// roundStep returns the smallest of 1, 2, 5, 10, ... (and their tenths) that is not below least.
func roundStep(least float64) float64 {
	if !(least > 0) {
		return 1
	}
	step := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range [...]float64{1, 2, 5} {
		if f*step >= least*(1-1e-9) {
			return f * step
		}
	}
	return 10 * step
}

// countAxis is a vertical axis from zero, with a tenth of air above the highest value.
func countAxis(highest float64, label string) func(*plot.Axis) {
	return func(a *plot.Axis) {
		a.Min, a.Max = 0, math.Max(highest*1.1, 1)
		a.Label.Text = label
		a.Tick.Marker = plot.TickerFunc(func(from, until float64) []plot.Tick { return roundTicks(from, until, 1, 8) })
	}
}

// latencyAxis is a logarithmic axis of seconds around the given values, at least two decades long.
func latencyAxis(least, most float64, label string) func(*plot.Axis) {
	return func(a *plot.Axis) {
		lo := math.Floor(math.Log10(math.Max(least, latencyFloor)) + 1e-9)
		hi := math.Ceil(math.Log10(math.Max(most, latencyFloor)) - 1e-9)
		if hi-lo < 2 {
			hi = lo + 2
		}
		a.Min, a.Max = math.Pow(10, lo), math.Pow(10, hi)
		a.Scale = plot.LogScale{}
		a.Label.Text = label
		a.Tick.Marker = latencyTicks{int(lo), int(hi)}
	}
}

// latencyFloor stands for latencies that are too small for a logarithm: in a
// simulation an operation may take no time.
const latencyFloor = 1e-6

// latencyTicks labels each decade and marks the steps within it.
type latencyTicks struct{ lo, hi int }

// Ticks implements plot.Ticker.
func (t latencyTicks) Ticks(float64, float64) []plot.Tick {
	var list []plot.Tick
	for e := t.lo; e <= t.hi; e++ {
		at := math.Pow(10, float64(e))
		list = append(list, plot.Tick{Value: at, Label: decade(e)})
		for m := 2.0; m < 10 && e < t.hi; m++ {
			list = append(list, plot.Tick{Value: m * at})
		}
	}
	return list
}

// decade writes ten to a power of seconds: "10 ms".
func decade(e int) string {
	unit := "µs"
	switch {
	case e >= 0:
		unit = "s"
	case e >= -3:
		unit, e = "ms", e+3
	default:
		e += 6
	}
	return strconv.FormatFloat(math.Pow(10, float64(e)), 'f', -1, 64) + " " + unit
}

// xOf returns where a time lies between the margins of a canvas.
func xOf(c *draw.Canvas, rec *recording, at time.Duration) vg.Length {
	left, right := c.Min.X+marginLeft, c.Max.X-marginRight
	return left + (right-left)*vg.Length(at.Seconds()/rec.end.Seconds())
}
