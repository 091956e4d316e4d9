package reports

import (
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/linearizability/history"
)

const dotRadius = 1.9

// latencyRawChart shows every operation at the time when it was asked for: how long
// its client waited, what came of it (colour) and what it was (shape).
func latencyRawChart(rec *recording) *chart {
	d := &dots{rec: rec}
	least, most := math.Inf(1), 0.0
	for i := range rec.ops {
		if rec.ops[i].Outcome != history.Pending {
			v := latency(&rec.ops[i]).Seconds()
			least, most = math.Min(least, v), math.Max(most, v)
		}
	}
	if most == 0 {
		least, most = 1e-3, 1
	}
	pending := rec.count(history.Pending)
	tp := &timePlot{rec: rec, empty: rec.noOps, layer: []plot.Plotter{d}, y: latencyAxis(least, most, "latency")}
	more := []string{plural(len(rec.ops), "operation") + ", by time of request"}
	if pending > 0 {
		more = append(more, grouped(pending)+" never ended and are not drawn")
	}
	return &chart{name: "latency-raw", title: "Latency of every operation", note: rec.note(more...),
		keys: rec.opKeys(), height: pageHeight, body: tp.draw}
}

// latency is how long a client waited, whatever came of it.
func latency(op *history.Op) time.Duration { return time.Duration(op.Ended - op.Invoke) }

// count returns how many operations have an outcome.
func (rec *recording) count(o history.Outcome) int {
	n := 0
	for i := range rec.ops {
		if rec.ops[i].Outcome == o {
			n++
		}
	}
	return n
}

// kinds lists the kinds of operations that occur, in their own order.
func (rec *recording) kinds() []history.Kind {
	var seen [math.MaxUint8 + 1]bool
	for i := range rec.ops {
		seen[rec.ops[i].Kind] = true
	}
	var list []history.Kind
	for k, ok := range seen {
		if ok {
			list = append(list, history.Kind(k))
		}
	}
	return list
}

// opKeys explains the colours of outcomes with their numbers, then the shapes that occur.
func (rec *recording) opKeys() []key {
	if len(rec.ops) == 0 {
		return nil
	}
	var keys []key
	for _, o := range outcomes {
		keys = append(keys, key{label: o.name + " (" + grouped(rec.count(o.outcome)) + ")", mark: boxMark(o.color)})
	}
	for i, k := range rec.kinds() {
		keys = append(keys, key{label: k.String(), mark: glyphMark(glyph(k, colorInk, 3)), gap: i == 0})
	}
	return keys
}

// dots draws one mark for each operation that ended.
type dots struct{ rec *recording }

// A mark that lies within a grain of another of its kind and colour is not drawn
// again: the eye cannot tell, and the file's size is bounded by the paper's and not
// by the run's. A batch of marks makes one path.
const (
	dotGrain = vg.Length(1)
	dotBatch = 256
)

// place is a square of one grain.
type place struct{ x, y int }

// Plot implements plot.Plotter.
func (d *dots) Plot(c draw.Canvas, p *plot.Plot) {
	for _, o := range outcomes {
		clr := o.color
		if o.outcome == history.Ok {
			clr = mix(clr, colorPaper, 20) // there are many: let the others stand out
		}
		for _, k := range d.rec.kinds() {
			d.series(c, p, o.outcome, glyph(k, clr, dotRadius), k)
		}
	}
}

// series draws the operations of one kind and outcome.
func (d *dots) series(c draw.Canvas, p *plot.Plot, o history.Outcome, sty draw.GlyphStyle, k history.Kind) {
	drawn := map[place]bool{} // only asked for membership
	sh := shapeOf(k)
	var batch vg.Path
	marks := 0
	flush := func() {
		if marks > 0 {
			sh.paint(&c, batch, sty)
			batch, marks = batch[:0], 0
		}
	}
	for i := range d.rec.ops {
		op := &d.rec.ops[i]
		if op.Outcome != o || op.Kind != k {
			continue
		}
		at := vg.Point{
			X: c.X(p.X.Norm(time.Duration(op.Invoke).Seconds())),
			Y: c.Y(p.Y.Norm(math.Max(latency(op).Seconds(), latencyFloor))),
		}
		here := place{int(at.X / dotGrain), int(at.Y / dotGrain)}
		if drawn[here] {
			continue
		}
		drawn[here] = true
		sh.outline(&batch, at, sty.Radius)
		if marks++; marks == dotBatch {
			flush()
		}
	}
	flush()
}
