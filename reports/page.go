package reports

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"io"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// chart is one picture: a head that every chart has, and a body that paints itself.
type chart struct {
	name   string // of the files, without extension
	title  string
	note   string // one grey line under the title
	keys   []key  // the legend, above the data, so that it never covers any
	height vg.Length
	body   func(c draw.Canvas) // gets what the head left over
}

// key is one entry of a legend.
type key struct {
	label string
	mark  mark
	gap   bool // a little room before it: another group begins
}

// mark paints the sample of a legend entry into a box.
type mark func(c draw.Canvas)

func boxMark(clr color.Color) mark {
	return func(c draw.Canvas) {
		c.SetColor(clr)
		c.Fill(c.Rectangle.Path())
	}
}

func glyphMark(sty draw.GlyphStyle) mark {
	return func(c draw.Canvas) { c.DrawGlyphNoClip(sty, c.Center()) }
}

func lineMark(sty draw.LineStyle) mark {
	return func(c draw.Canvas) { c.StrokeLine2(sty, c.Min.X-2, c.Center().Y, c.Max.X+2, c.Center().Y) }
}

// paint draws the whole chart.
func (ch *chart) paint(c draw.Canvas) {
	c.SetColor(colorPaper)
	c.Fill(c.Rectangle.Path())
	y := c.Max.Y - marginTop
	y = putLine(c, boldStyle(sizeTitle, colorInk), y, ch.title)
	if ch.note != "" {
		y = putLine(c, textStyle(sizeNote, colorNote), y-3, ch.note)
	}
	y = ch.legend(c, y-6)
	c.Max.Y = y - 6
	c.Min.Y += marginFoot
	ch.body(c)
}

// putLine writes a line of text below y and returns where it ends.
func putLine(c draw.Canvas, sty draw.TextStyle, y vg.Length, txt string) vg.Length {
	height := sty.FontExtents().Ascent
	c.FillText(sty, vg.Point{X: c.Min.X + marginRight, Y: y - height}, fit(sty, txt, c.Max.X-c.Min.X-2*marginRight))
	return y - height - sty.FontExtents().Descent
}

// legend lays the keys out from the left, in as many rows as they need.
func (ch *chart) legend(c draw.Canvas, y vg.Length) vg.Length {
	if len(ch.keys) == 0 {
		return y
	}
	const side, row = vg.Length(8), vg.Length(14)
	sty := aligned(textStyle(sizeLabel, colorInk), text.XLeft, text.YCenter)
	left := c.Min.X + marginRight
	x := left
	y -= row
	for _, k := range ch.keys {
		width := side + 5 + sty.Width(k.label)
		if k.gap && x > left {
			x += 12
		}
		if x > left && x+width > c.Max.X-marginRight {
			x, y = left, y-row
		}
		middle := y + row/2
		box := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: middle - side/2}, Max: vg.Point{X: x + side, Y: middle + side/2}}}
		k.mark(box)
		c.FillText(sty, vg.Point{X: x + side + 5, Y: middle + 1}, k.label)
		x += width + 16
	}
	return y
}

// fit shortens a text to a width, with three dots at its end.
func fit(sty draw.TextStyle, txt string, width vg.Length) string {
	if sty.Width(txt) <= width {
		return txt
	}
	runes := []rune(txt)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; sty.Width(short) <= width {
			return short
		}
	}
	return ""
}

// apology fills a body that has no data.
func apology(c draw.Canvas, why string) {
	sty := aligned(textStyle(11, colorNote), text.XCenter, text.YCenter)
	c.FillText(sty, c.Center(), why)
}

// svg writes the chart as SVG. The same chart gives the same bytes.
func (ch *chart) svg(w io.Writer) error {
	canvas := vgsvg.NewWith(vgsvg.UseWH(pageWidth, ch.height))
	ch.paint(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	// Liberation Sans has the widths of Arial and Helvetica: where it isn't
	// installed, they fit into the same places.
	out := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	title := fmt.Sprintf("xlink\">\n<title>%s</title>", html.EscapeString(ch.title+": "+ch.note))
	out = bytes.Replace(out, []byte("xlink\">"), []byte(title), 1)
	_, err := w.Write(out)
	return err
}

// png writes the chart as pixels.
func (ch *chart) png(w io.Writer) error {
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(pageWidth, ch.height), vgimg.UseDPI(pngDPI))}
	ch.paint(draw.New(canvas))
	_, err := canvas.WriteTo(w)
	return err
}
