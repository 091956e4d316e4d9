package reports

import (
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/internal/failover"
)

const (
	failoversMost = 20 // rows of one chart; the rest is named, not drawn
	failoverRow   = vg.Length(50)
	failoverBar   = vg.Length(9) // half of a bar's height
	failoverLeft  = vg.Length(160)
)

// failoverChart shows what each fail-over was made of, one stacked bar each, all
// from the moment of the fault.
func failoverChart(rec *recording) *chart {
	all := rec.failovers()
	shown := all[:min(len(all), failoversMost)]
	note := []string{plural(len(all), "fail-over"), "numbers are milliseconds"}
	if len(all) > len(shown) {
		note = append(note, "the first "+strconv.Itoa(len(shown))+" are drawn")
	}
	ch := &chart{name: "failover", title: "What each fail-over was made of", note: rec.note(note...), height: pageHeight / 2}
	if len(all) == 0 {
		ch.note = rec.note()
		why := "no fail-over: no serving leader was lost in this run"
		if len(rec.moments) == 0 {
			why = rec.noEvents
		}
		ch.body = func(c draw.Canvas) { apology(c, why) }
		return ch
	}
	for i, name := range failover.PhaseNames {
		ch.keys = append(ch.keys, key{label: name, mark: boxMark(colorPhases[i])})
	}
	if slices.ContainsFunc(shown, func(f Failover) bool { return !f.Complete() }) {
		ch.keys = append(ch.keys, key{label: "never reached", mark: boxMark(colorOpen), gap: true})
	}
	ch.height = 118 + failoverRow*vg.Length(len(shown))
	ch.body = func(c draw.Canvas) { drawFailovers(c, rec, shown) }
	return ch
}

func drawFailovers(c draw.Canvas, rec *recording, list []Failover) {
	longest := time.Duration(0)
	for i := range list {
		if phases := list[i].Phases(); len(phases) > 0 {
			longest = max(longest, phases[len(phases)-1].Until-list[i].At)
		}
	}
	if longest == 0 {
		longest = time.Second
	}
	p := newPlot()
	unit := timeUnit{"ms", 1e-3}
	if longest >= 20*time.Second {
		unit = timeUnit{"s", 1}
	}
	room := 1.14 // for the sum behind the longest bar
	if slices.ContainsFunc(list, func(f Failover) bool { return !f.Complete() }) {
		room = 1.36 // for a sentence
	}
	p.X.Min, p.X.Max = 0, longest.Seconds()*room
	p.X.Tick.Marker = plot.TickerFunc(func(from, until float64) []plot.Tick { return roundTicks(from, until, unit.seconds, 10) })
	p.X.Label.Text = "simulated time since the fault (" + unit.name + ")"
	p.Y.Min, p.Y.Max = 0.5, float64(len(list))+0.5
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	grid := plotter.NewGrid()
	grid.Vertical, grid.Horizontal = line(0.5, colorGrid), draw.LineStyle{}
	c.Min.X += failoverLeft - marginLeft // alignPlot adds the common margin
	p.Add(grid, &failoverRows{rec: rec, list: list})
	p.Draw(alignPlot(p, c))
}

// failoverRows draws the bars and their labels.
type failoverRows struct {
	rec  *recording
	list []Failover
}

// Plot implements plot.Plotter.
func (r *failoverRows) Plot(c draw.Canvas, p *plot.Plot) {
	for i := range r.list {
		f := &r.list[i]
		y := c.Y(p.Y.Norm(float64(i+1))) - 5 // room above for the labels of thin segments
		r.caption(c, f, y)
		r.bar(c, p, f, y)
	}
}

// caption writes in the left margin which fail-over a row is.
func (r *failoverRows) caption(c draw.Canvas, f *Failover, y vg.Length) {
	room := failoverLeft - marginRight - 10
	right := c.Min.X - 10
	to := f.To
	if to == "" {
		to = "nobody"
	}
	head := seconds(f.At) + "   " + f.From + " → " + to
	small := f.Fault
	if small == "" {
		small = "no fault explains it"
	}
	if f.Epoch > 0 {
		small = "epoch " + strconv.FormatInt(f.Epoch, 10) + ", " + small
	}
	if f.Elections > 1 {
		small += ", " + strconv.Itoa(f.Elections) + " elections"
	}
	sty := aligned(textStyle(sizeTick, colorInk), text.XRight, text.YCenter)
	c.FillText(sty, vg.Point{X: right, Y: y + 6}, fit(sty, head, room))
	sty = aligned(textStyle(sizeSmall, colorNote), text.XRight, text.YCenter)
	c.FillText(sty, vg.Point{X: right, Y: y - 6}, fit(sty, small, room))
}

// tag is the number of a segment that is too thin to hold it.
type tag struct {
	txt   string
	x     vg.Length // the segment's middle
	left  vg.Length // where the text begins
	width vg.Length
}

func (r *failoverRows) bar(c draw.Canvas, p *plot.Plot, f *Failover, y vg.Length) {
	x := func(at time.Duration) vg.Length { return c.X(p.X.Norm((at - f.At).Seconds())) }
	sty := aligned(textStyle(sizeTick, colorInk), text.XCenter, text.YCenter)
	end := c.Min.X
	var thin []tag
	phases := f.Phases()
	for i, ph := range phases {
		x0, x1 := x(ph.From), x(ph.Until)
		fillRect(c, colorPhases[i], x0, y-failoverBar, x1, y+failoverBar)
		end = x1
		txt := millis(ph.Until - ph.From)
		if width := sty.Width(txt); width+6 <= x1-x0 {
			sty.Color = inkOn(colorPhases[i])
			c.FillText(sty, vg.Point{X: (x0 + x1) / 2, Y: y + 0.5}, txt)
		} else {
			thin = append(thin, tag{txt: txt, x: (x0 + x1) / 2, width: width})
		}
	}
	r.tags(c, thin, y)
	behind := aligned(boldStyle(sizeTick, colorInk), text.XLeft, text.YCenter)
	if f.Complete() {
		c.FillText(behind, vg.Point{X: end + 6, Y: y + 0.5}, millis(f.Written-f.At)+" ms")
		return
	}
	fillRect(c, colorOpen, end, y-failoverBar, c.Max.X, y+failoverBar)
	missing := aligned(textStyle(sizeTick, colorInk), text.XLeft, text.YCenter)
	c.FillText(missing, vg.Point{X: end + 6, Y: y + 0.5}, fit(missing, "no "+phaseEnd[len(phases)], c.Max.X-end-9))
}

// phaseEnd names what the end of each phase would have been.
var phaseEnd = [len(failover.PhaseNames)]string{"server looked for a leader", "new leader", "quorum in the new epoch",
	"quorum in step", "commit in this epoch", "client write in this epoch"}

// tags writes the numbers of thin segments above the bar, apart from each other,
// each tied to its segment.
func (r *failoverRows) tags(c draw.Canvas, thin []tag, y vg.Length) {
	const gap = 5
	for i := range thin { // from the left: each as near to its segment as the one before allows
		t := &thin[i]
		t.left = max(t.x-t.width/2, c.Min.X)
		if i > 0 {
			t.left = max(t.left, thin[i-1].left+thin[i-1].width+gap)
		}
	}
	limit := c.Max.X
	for i := len(thin) - 1; i >= 0; i-- { // and back from the right edge
		t := &thin[i]
		t.left = min(t.left, limit-t.width)
		limit = t.left - gap
	}
	sty := aligned(textStyle(sizeSmall+0.5, colorInk), text.XLeft, text.YBottom)
	for _, t := range thin {
		c.FillText(sty, vg.Point{X: t.left, Y: y + failoverBar + 7}, t.txt)
		c.StrokeLine2(line(0.5, colorFrame), t.left+t.width/2, y+failoverBar+6.5, t.x, y+failoverBar+0.5)
	}
}

// millis writes milliseconds with as many digits as people compare: "0.42", "7.3", "441".
func millis(d time.Duration) string {
	v := float64(d) / 1e6
	switch {
	case v == 0:
		return "0"
	case v < 0.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 9.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return grouped(int(math.Round(v)))
}

// seconds writes a point in time with milliseconds: "20.004 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(math.Round(d.Seconds()*1e3)/1e3, 'f', 3, 64) + " s"
}
