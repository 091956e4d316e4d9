package reports

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/internal/failover"
	"zabsim/linearizability/history"
)

// The size of a chart, and where its data lies. Charts over time share both
// margins, so that equal times stand under each other.
const (
	pageWidth   = 10 * vg.Inch
	pageHeight  = 4.5 * vg.Inch
	marginLeft  = vg.Length(92)
	marginRight = vg.Length(18)
	marginTop   = vg.Length(12)
	marginFoot  = vg.Length(8)
	pngDPI      = 150
)

// Sizes of text in points.
const (
	sizeTitle = 13
	sizeLabel = 9.5
	sizeTick  = 9
	sizeNote  = 9
	sizeSmall = 8
)

// Every colour of every chart. Outcomes have Jepsen's: blue, orange, pink.
var (
	colorInk   = hex("#222222")
	colorNote  = hex("#666666")
	colorGrid  = hex("#E4E4E4")
	colorFrame = hex("#888888")
	colorPaper = hex("#FFFFFF")
	colorOpen  = hex("#EDEDED") // a phase that never ended
	colorFault = hex("#CCCCCC") // of a fault that names no colour

	colorOK      = hex("#4A9BE8")
	colorFailed  = hex("#F0128A")
	colorUnknown = hex("#FF9F1C")

	colorLeading   = hex("#1B7A5A")
	colorFollowing = hex("#5B9BD5")
	colorObserving = hex("#9A7FC7")
	colorLooking   = hex("#F2B632")
	colorDown      = hex("#C9C9C9")

	colorQuantiles = [...]color.NRGBA{hex("#7BB661"), hex("#2A9DC4"), hex("#3A4FA0"), hex("#A23B8F")}
	colorPhases    = [len(failover.PhaseNames)]color.NRGBA{hex("#9E9E9E"), hex("#F2B632"), hex("#E07A3F"),
		hex("#8E6BBF"), hex("#2F9E8F"), hex("#27619C")}
)

// Opacity of things that let others shine through.
const (
	alphaBand = 0x38 // a fault behind the data
	alphaEdge = 0xB0
)

// hex reads "#RRGGBB". It is for the constants above; parseColor takes what others wrote.
func hex(text string) color.NRGBA {
	c, ok := parseColor(text)
	if !ok {
		panic("reports: not a colour: " + text)
	}
	return c
}

func parseColor(text string) (color.NRGBA, bool) {
	if len(text) != 7 || text[0] != '#' {
		return color.NRGBA{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	return color.NRGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xFF}, err == nil
}

// fade returns the colour with another opacity.
func fade(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// mix returns the colour on the way to another, part of 100.
func mix(c, to color.NRGBA, part int) color.NRGBA {
	between := func(a, b uint8) uint8 { return uint8((int(a)*(100-part) + int(b)*part) / 100) }
	return color.NRGBA{between(c.R, to.R), between(c.G, to.G), between(c.B, to.B), c.A}
}

// inkOn returns the colour of text that can be read on c.
func inkOn(c color.NRGBA) color.NRGBA {
	if 299*int(c.R)+587*int(c.G)+114*int(c.B) < 140_000 {
		return colorPaper
	}
	return colorInk
}

// fonts are embedded in the program, so a chart looks the same on every machine.
var fonts = font.NewCache(liberation.Collection())

// textStyle is the one place where fonts are chosen.
func textStyle(size float64, c color.Color) draw.TextStyle {
	return draw.TextStyle{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size)},
		XAlign:  text.XLeft,
		YAlign:  text.YBottom,
		Handler: text.Plain{Fonts: fonts},
	}
}

// weightBold is font.WeightBold of golang.org/x/image, which gonum's fonts are
// named by; one number is not worth a dependency of our own.
const weightBold = 3

func boldStyle(size float64, c color.Color) draw.TextStyle {
	sty := textStyle(size, c)
	sty.Font.Weight = weightBold
	return sty
}

// aligned returns the style with another anchor.
func aligned(sty draw.TextStyle, x text.XAlignment, y text.YAlignment) draw.TextStyle {
	sty.XAlign, sty.YAlign = x, y
	return sty
}

func line(width float64, c color.Color) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: vg.Length(width)}
}

// outcomes are the colours and names of outcomes, in the order of drawing: what is
// rare and bad comes last, on top.
var outcomes = [...]struct {
	outcome history.Outcome
	name    string
	color   color.NRGBA
}{
	{history.Ok, "ok", colorOK},
	{history.Fail, "failed", colorFailed},
	{history.Unknown, "unknown", colorUnknown},
}

// glyph returns the mark of an operation.
func glyph(k history.Kind, c color.NRGBA, radius float64) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: vg.Length(radius), Shape: shapeOf(k)}
}
