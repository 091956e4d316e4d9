package reports

import (
	"image/color"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zabsim/internal/failover"
	"zabsim/zab/quorum"
)

// role is what a server is at a time, as a reader of the ribbon tells it.
type role struct {
	name    string // its state, or "down"
	serving bool
	epoch   int64
}

// span is a time in which a server's role did not change.
type span struct {
	from, until time.Duration
	role        role
}

// roleColors are the ribbon's colours in the order of the legend.
var roleColors = [...]struct {
	name  string
	color color.NRGBA
}{
	{"LEADING", colorLeading}, {"FOLLOWING", colorFollowing}, {"OBSERVING", colorObserving},
	{"LOOKING", colorLooking}, {"down", colorDown},
}

// lighten is how pale a server is that has found its role and doesn't serve yet, part of 100.
const lighten = 60

// color returns how a role is painted.
func (r role) color() color.NRGBA {
	for _, rc := range roleColors {
		if rc.name != r.name {
			continue
		}
		if !r.serving && r.name != "LOOKING" && r.name != "down" {
			return mix(rc.color, colorPaper, lighten)
		}
		return rc.color
	}
	return colorFault
}

func roleOf(s failover.Status) role {
	if !s.Up {
		return role{name: "down"}
	}
	epoch := s.Current
	if epoch == 0 && s.Serving {
		epoch = s.Epoch
	}
	return role{name: s.State, serving: s.Serving, epoch: epoch}
}

// spans cuts a server's time into roles. A server that was never heard of was down.
func (rec *recording) spans(id quorum.ServerID) []span {
	list := []span{{role: role{name: "down"}}}
	for _, m := range rec.moments {
		if m.Server != id {
			continue
		}
		last := &list[len(list)-1]
		next := roleOf(m.Status)
		if next == last.role {
			continue
		}
		last.until = m.At
		if last.from == m.At {
			list = list[:len(list)-1] // it took no time
		}
		list = append(list, span{from: m.At, role: next})
	}
	list[len(list)-1].until = rec.end
	return list
}

// rolesChart is the ribbon: one lane per server.
func rolesChart(rec *recording) *chart {
	n := max(rec.servers(), 1)
	tp := &timePlot{rec: rec, empty: rec.noEvents, plain: true}
	tp.y = func(a *plot.Axis) {
		a.Min, a.Max = 0.4, float64(n)+0.6
		a.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
		a.Tick.Length = 0
		var names plot.ConstantTicks
		for id := 1; id <= n; id++ {
			names = append(names, plot.Tick{Value: float64(id), Label: "n" + strconv.Itoa(id)})
		}
		a.Tick.Marker = names
	}
	ch := &chart{name: "roles", title: "Roles of the servers", height: vg.Length(108 + 28*n + 13*len(faultStrip(rec).rows)),
		note: rec.note("numbers in the ribbon are epochs"), body: tp.draw}
	if len(rec.moments) == 0 {
		ch.height = pageHeight / 2
		return ch
	}
	tp.layer = append(tp.layer, &ribbon{rec: rec, lanes: n})
	seen := map[string]bool{} // only asked for membership
	for id := 1; id <= n; id++ {
		for _, s := range rec.spans(quorum.ServerID(id)) {
			seen[s.role.name] = true
		}
	}
	for _, rc := range roleColors {
		if seen[rc.name] {
			ch.keys = append(ch.keys, key{label: rc.name, mark: boxMark(rc.color)})
		}
	}
	ch.keys = append(ch.keys, key{label: "pale: not serving yet", gap: true, mark: paleMark})
	return ch
}

// paleMark shows two pale roles in one box.
func paleMark(c draw.Canvas) {
	mid := c.Center().X
	fillRect(c, mix(colorLeading, colorPaper, lighten), c.Min.X, c.Min.Y, mid, c.Max.Y)
	fillRect(c, mix(colorFollowing, colorPaper, lighten), mid, c.Min.Y, c.Max.X, c.Max.Y)
}

// ribbon draws the lanes.
type ribbon struct {
	rec   *recording
	lanes int
}

// Plot implements plot.Plotter.
func (r *ribbon) Plot(c draw.Canvas, p *plot.Plot) {
	half := min((c.Max.Y-c.Min.Y)/vg.Length(r.lanes)*0.36, 11)
	x := func(at time.Duration) vg.Length { return c.X(p.X.Norm(at.Seconds())) }
	for id := 1; id <= r.lanes; id++ {
		y := c.Y(p.Y.Norm(float64(id)))
		spans := r.rec.spans(quorum.ServerID(id))
		for i := 0; i < len(spans); {
			from, clr := spans[i].from, spans[i].role.color()
			for ; i < len(spans) && spans[i].role.color() == clr; i++ { // a seam between equal colours would show
			}
			// A role that lasts less than a hair is still worth a hair; what follows covers the rest.
			x1 := min(max(x(spans[i-1].until), x(from)+0.8), c.Max.X)
			fillRect(c, clr, x(from), y-half, x1, y+half)
		}
		r.epochs(c, x, y, spans)
	}
}

// epochs prints a server's epoch where it begins, if there is room before the next role.
func (r *ribbon) epochs(c draw.Canvas, x func(time.Duration) vg.Length, y vg.Length, spans []span) {
	printed := int64(0)
	for _, s := range spans {
		if s.role.epoch == 0 || s.role.name == "LOOKING" || s.role.name == "down" {
			if s.role.name == "down" {
				printed = 0 // say it again when the server is back
			}
			continue
		}
		sty := aligned(boldStyle(sizeSmall+0.5, inkOn(s.role.color())), text.XLeft, text.YCenter)
		txt := strconv.FormatInt(s.role.epoch, 10)
		if s.role.epoch == printed || sty.Width(txt)+6 > x(s.until)-x(s.from) {
			continue
		}
		printed = s.role.epoch
		c.FillText(sty, vg.Point{X: x(s.from) + 4, Y: y + 1}, txt)
	}
}
