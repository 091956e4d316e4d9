package reports

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/linearizability/history"
)

// shape is the mark of a kind of operation. It is a gonum glyph, and can also add
// itself to a longer path: thousands of marks in one path make a file that is
// several times smaller than one path each.
type shape struct {
	stroked bool // else filled
	outline func(p *vg.Path, at vg.Point, r vg.Length)
}

// shapes are the marks: reads are hollow, writes solid, removals crossed.
var shapes = map[history.Kind]shape{
	history.Get:     {true, round},
	history.SyncGet: {true, square},
	history.Set:     {false, round},
	history.CAS:     {false, square},
	history.Create:  {false, triangle},
	history.Delete:  {true, cross},
	history.CDelete: {true, plus},
}

// shapeOf returns the mark of a kind; one that is new gets a disc until it has its own.
func shapeOf(k history.Kind) shape {
	if s, ok := shapes[k]; ok {
		return s
	}
	return shape{false, round}
}

// strokeWidth is the pen of hollow marks.
const strokeWidth = 0.6

// DrawGlyph implements draw.GlyphDrawer.
func (s shape) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	var p vg.Path
	s.outline(&p, at, sty.Radius)
	s.paint(c, p, sty)
}

// paint draws a path of one or many marks.
func (s shape) paint(c *draw.Canvas, p vg.Path, sty draw.GlyphStyle) {
	if s.stroked {
		c.SetLineStyle(line(strokeWidth, sty.Color))
		c.Stroke(p)
		return
	}
	c.SetColor(sty.Color)
	c.Fill(p)
}

// corner returns a point off the middle, in parts of the radius.
func corner(at vg.Point, r vg.Length, dx, dy float64) vg.Point {
	return vg.Point{X: at.X + r*vg.Length(dx), Y: at.Y + r*vg.Length(dy)}
}

func round(p *vg.Path, at vg.Point, r vg.Length) {
	p.Move(corner(at, r, 1, 0))
	p.Arc(at, r, 0, 2*math.Pi)
	p.Close()
}

func square(p *vg.Path, at vg.Point, r vg.Length) {
	p.Move(corner(at, r, -0.9, -0.9))
	p.Line(corner(at, r, 0.9, -0.9))
	p.Line(corner(at, r, 0.9, 0.9))
	p.Line(corner(at, r, -0.9, 0.9))
	p.Close()
}

func triangle(p *vg.Path, at vg.Point, r vg.Length) {
	p.Move(corner(at, r, -1.1, -0.75))
	p.Line(corner(at, r, 1.1, -0.75))
	p.Line(corner(at, r, 0, 1.2))
	p.Close()
}

func cross(p *vg.Path, at vg.Point, r vg.Length) {
	p.Move(corner(at, r, -1, -1))
	p.Line(corner(at, r, 1, 1))
	p.Move(corner(at, r, -1, 1))
	p.Line(corner(at, r, 1, -1))
}

func plus(p *vg.Path, at vg.Point, r vg.Length) {
	p.Move(corner(at, r, -1.3, 0))
	p.Line(corner(at, r, 1.3, 0))
	p.Move(corner(at, r, 0, -1.3))
	p.Line(corner(at, r, 0, 1.3))
}
