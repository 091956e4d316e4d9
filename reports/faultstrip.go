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
		for n, i := range r.faults {
			from, until := s.rec.faultSpan(&s.rec.run.Faults[i])
			x0, x1 := xOf(&c, s.rec, from), xOf(&c, s.rec, until)
			x1 = max(x1, x0+thinnest)
			fillRect(c, faultColor(s.rec, i), x0, middle-bar/2, x1, middle+bar/2)
			room := c.Max.X - 2
			if n+1 < len(r.faults) {
				next, _ := s.rec.faultSpan(&s.rec.run.Faults[r.faults[n+1]])
				room = xOf(&c, s.rec, next) - 3
			}
			s.target(c, i, x0, x1, room, middle)
		}
	}
	if len(s.rows) > 0 {
		y -= 3
	}
	return y
}

// target writes whom a fault hits into its bar, or beside it, or not at all.
func (s *strip) target(c draw.Canvas, i int, x0, x1, room, middle vg.Length) {
	txt := s.rec.run.Faults[i].Target
	sty := aligned(textStyle(sizeSmall-0.5, colorInk), text.XLeft, text.YCenter)
	switch width := sty.Width(txt); {
	case txt == "":
	case width+6 <= x1-x0:
		sty.Color = inkOn(faultColor(s.rec, i))
		c.FillText(sty, vg.Point{X: x0 + 3, Y: middle + 0.5}, txt)
	case x1+3+width <= room:
		c.FillText(sty, vg.Point{X: x1 + 3, Y: middle + 0.5}, txt)
	}
}

// bands shades the times of faults behind the data.
type bands struct{ rec *recording }

// Plot implements plot.Plotter.
func (b bands) Plot(c draw.Canvas, p *plot.Plot) {
	x := func(at time.Duration) vg.Length { return c.X(p.X.Norm(at.Seconds())) }
	for i := range b.rec.run.Faults {
		from, until := b.rec.faultSpan(&b.rec.run.Faults[i])
		clr := faultColor(b.rec, i)
		x0, x1 := x(from), max(x(until), x(from)+thinnest)
		fillRect(c, fade(clr, alphaBand), x0, c.Min.Y, min(x1, c.Max.X), c.Max.Y)
		c.StrokeLine2(line(0.6, fade(clr, alphaDot)), x0, c.Min.Y, x0, c.Max.Y)
	}
}

func fillRect(c draw.Canvas, clr color.Color, x0, y0, x1, y1 vg.Length) {
	c.SetColor(clr)
	c.Fill(vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}.Path())
}
