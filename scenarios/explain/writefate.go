package explain

import "fmt"

func (e *Explanation) writeFate(p *printer) {
	f := e.Fate
	if f == nil {
		return
	}
	p.head("From when on it was inevitable")
	if f.Used == 0 && f.Any.Exhausted {
		p.prose("  ", fmt.Sprintf("That is not known, but that it had happened at #%d: one event is judged by %d re-rolls, and the budget allows fewer, "+
			"so that none was made.", e.Shown, f.Rolls))
		return
	}
	if f.This != nil {
		f.This.write(p, f.Rolls, e.Shown, "break this check "+f.Where)
	}
	if f.This == nil || f.Any != *f.This {
		f.Any.write(p, f.Rolls, e.Shown, "break this check sooner or later, somewhere")
	}
	p.prose("  ", fmt.Sprintf("A re-roll is the same run up to and with that event; then everything is drawn anew: when messages arrive, "+
		"how long disks take, whom faults hit, what a crash leaves. This rests on %s re-rolls.", number(uint64(f.Used))))
}

// write tells one point of no return.
func (t *Turn) write(p *printer, rolls int, shown uint64, what string) {
	before := ""
	if t.Open > 0 {
		before = fmt.Sprintf("; from #%d on, %d of %d", t.Open, t.Fails, rolls)
	}
	switch {
	case t.From <= 1:
		p.prose("  ", fmt.Sprintf("From the start: all %d re-rolls of the whole run %s. With these faults and this load there was no way out.", rolls, what))
		return
	case t.Exhausted && t.From == shown: // nothing was rolled
		p.prose("  ", fmt.Sprintf("Whether from an event before #%d on all re-rolls %s is not known. The budget was spent before one was judged.", shown, what))
		return
	case t.Exhausted:
		p.prose("  ", fmt.Sprintf("At the latest from #%d on all %d re-rolls %s%s. The budget was spent before the first such event was known.", t.From, rolls, what, before))
	case t.From == shown:
		p.prose("  ", fmt.Sprintf("Not before it happened at #%d: of %d re-rolls from #%d on, %d %s.", t.From, rolls, t.Open, t.Fails, what))
		return
	default:
		p.prose("  ", fmt.Sprintf("From #%d on all %d re-rolls %s%s.", t.From, rolls, what, before))
	}
	if t.Line != "" {
		p.line("%s", t.Line)
	}
}
