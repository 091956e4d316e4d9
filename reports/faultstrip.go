package reports

import (
	"image/color"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// stripRows is how many kinds of faults get a row of their own, as in Jepsen's plots.
const stripRows = 8

// thinnest is the width of a fault that takes no time.
const thinnest = vg.Length(1.5)

// strip is the list of faults above the data: a row for each kind, its name in the
// left margin where nothing can cover it, a bar for each time that it acts.
type strip struct {
	rec  *recording
	rows []stripRow
}

type stripRow struct {
	name   string
	color  color.NRGBA
	faults []int // indices into Run.Faults
}

// faultStrip sorts the faults by kind, in the order in which the kinds first act.
// Kinds beyond the last row share it.
func faultStrip(rec *recording) *strip {
	s := &strip{rec: rec}
	order := make([]int, len(rec.run.Faults))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(rec.run.Faults[a].AtNS-rec.run.Faults[b].AtNS, -1), 1)) })
	var others []string
	for _, i := range order {
		name := rec.run.Faults[i].Name
		at := slices.IndexFunc(s.rows, func(r stripRow) bool { return r.name == name })
		switch {
		case at >= 0:
		case len(s.rows) < stripRows:
			s.rows = append(s.rows, stripRow{name: name, color: faultColor(rec, i)})
			at = len(s.rows) - 1
		default:
			at = stripRows - 1
			if !slices.Contains(others, name) {
				others = append(others, name)
			}
		}
		s.rows[at].faults = append(s.rows[at].faults, i)
	}
	if len(others) > 0 {
		s.rows[stripRows-1].name += " + " + strconv.Itoa(len(others)) + " kinds"
	}
	return s
}

// faultColor is the colour that the fault's definition chose.
func faultColor(rec *recording, i int) color.NRGBA {
	if c, ok := parseColor(rec.run.Faults[i].Color); ok {
		return c
	}
	return colorFault
}

// draw paints the strip at the top of the canvas and returns where it ends.
func (s *strip) draw(c draw.Canvas) vg.Length {
	const row, bar = vg.Length(13), vg.Length(9)
	y := c.Max.Y
	for _, r := range s.rows {
		y -= row
		middle := y + row/2
		sty := aligned(textStyle(sizeSmall+0.5, mix(r.color, colorInk, 55)), text.XRight, text.YCenter)
		c.FillText(sty, vg.Point{X: c.Min.X + marginLeft - 6, Y: middle + 1}, fit(sty, r.name, marginLeft-14))
		s.bars(c, r, middle-bar/2, middle+bar/2)
		s.targets(c, r, middle)
	}
	if len(s.rows) > 0 {
		y -= 3
	}
	return y
}

// bars draws when the faults of a row act. Where one begins while another acts, a
// thin line tells them apart.
func (s *strip) bars(c draw.Canvas, r stripRow, y0, y1 vg.Length) {
	last := c.Min.X
	for _, i := range r.faults {
		from, until := s.rec.faultSpan(&s.rec.run.Faults[i])
		x0, x1 := xOf(&c, s.rec, from), xOf(&c, s.rec, until)
		x1 = max(x1, x0+thinnest)
		fillRect(c, faultColor(s.rec, i), x0, y0, x1, y1)
		if x0 < last {
			c.StrokeLine2(line(0.5, colorPaper), x0, y0, x0, y1)
		}
		last = max(last, x1)
	}
}

// targets writes whom each fault hits into its bar, or beside it, or not at all if
// something else is there.
func (s *strip) targets(c draw.Canvas, r stripRow, middle vg.Length) {
	sty := aligned(textStyle(sizeSmall-0.5, colorInk), text.XLeft, text.YCenter)
	last := c.Min.X // where the bars and words so far end
	for n, i := range r.faults {
		from, until := s.rec.faultSpan(&s.rec.run.Faults[i])
		x0, x1 := xOf(&c, s.rec, from), xOf(&c, s.rec, until)
		x1 = max(x1, x0+thinnest)
		next := c.Max.X - 2
		if n+1 < len(r.faults) {
			begin, _ := s.rec.faultSpan(&s.rec.run.Faults[r.faults[n+1]])
			next = xOf(&c, s.rec, begin)
		}
		txt := s.rec.run.Faults[i].Target
		width := sty.Width(txt)
		switch {
		case txt == "":
		case width+6 <= min(x1, next)-x0:
			sty.Color = inkOn(faultColor(s.rec, i))
			c.FillText(sty, vg.Point{X: x0 + 3, Y: middle + 0.5}, txt)
		case last <= x1 && x1+3+width <= next-3:
			sty.Color = colorInk
			c.FillText(sty, vg.Point{X: x1 + 3, Y: middle + 0.5}, txt)
		}
		last = max(last, x1)
	}
}

// bands shades the times of faults behind the data, once where faults of one kind
// act together.
type bands struct{ strip *strip }

// edgesMost is how many faults have their beginnings marked by a line; more of them
// would hide the data.
const edgesMost = 24

// Plot implements plot.Plotter.
func (b bands) Plot(c draw.Canvas, p *plot.Plot) {
	rec := b.strip.rec
	x := func(at time.Duration) vg.Length { return c.X(p.X.Norm(at.Seconds())) }
	for _, r := range b.strip.rows {
		done := c.Min.X // this row is shaded up to here
		for _, i := range r.faults {
			from, until := rec.faultSpan(&rec.run.Faults[i])
			x0, x1 := x(from), min(max(x(until), x(from)+thinnest), c.Max.X)
			if x1 > done {
				fillRect(c, fade(faultColor(rec, i), alphaBand), max(x0, done), c.Min.Y, x1, c.Max.Y)
				done = x1
			}
			if len(rec.run.Faults) <= edgesMost {
				c.StrokeLine2(line(0.6, fade(faultColor(rec, i), alphaEdge)), x0, c.Min.Y, x0, c.Max.Y)
			}
		}
	}
}

func fillRect(c draw.Canvas, clr color.Color, x0, y0, x1, y1 vg.Length) {
	c.SetColor(clr)
	c.Fill(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path())
}
