package explain

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Write tells the difference in words; a and b name the runs.
func (d *Difference) Write(w io.Writer, a, b string) error {
	p := &printer{w: w}
	d.writePlans(p, a, b)
	if d.Equal {
		p.head("The runs are equal: %s events, all the same.", number(d.Events[0]))
		return p.err
	}
	p.head("The runs part at event %d", max(d.Events[0], d.Events[1]))
	for _, line := range d.Before {
		p.line("  %s", line)
	}
	if d.A != "" || d.B != "" {
		p.line("A %s", ended(d.A))
		p.line("B %s", ended(d.B))
	}
	switch {
	case d.A == "" && d.B == "":
		p.prose("  ", fmt.Sprintf("No event and no fact of a server tells them apart, but the fingerprints do, from #%d on.", d.Hidden))
	case d.A == d.B:
		p.prose("  ", "The two events read the same, but what they did differs.")
	}
	if len(d.States) == 0 {
		p.head("The servers do not differ there.")
		return p.err
	}
	p.head("How the servers differ there")
	if p.err != nil {
		return p.err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  \t\tA\tB")
	last := ""
	for _, s := range d.States {
		name := s.Server
		if name == last {
			name = ""
		}
		last = s.Server
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", name, s.Fact, s.A, s.B)
	}
	return tw.Flush()
}

func ended(line string) string {
	if line == "" {
		return "(has ended)"
	}
	return line
}
