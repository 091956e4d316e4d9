package fuzz

import (
	"bytes"
	"fmt"

	"zabsim/scenarios"
	"zabsim/sim/plan"
	"zabsim/sim/trace"
)

// differs says how two runs of p are not the same, "" if they are. Then it runs both
// once more with a trace: the first event that differs is shown if they part again.
func differs(p *plan.Plan, a, b *scenarios.Outcome, set scenarios.Settings) string {
	if a.Plan.Expect == b.Plan.Expect {
		return ""
	}
	text := fmt.Sprintf("two runs of one plan differ: %s, and %s", ended(a), ended(b))
	line, was, is, err := trace.Compare(traced(p, set), traced(p, set))
	switch {
	case err != nil:
		return text + "; " + err.Error()
	case line == 0:
		return text + "; two more runs, with traces, were equal"
	}
	return text + fmt.Sprintf("\n  first difference, line %d of the trace\n    one run:     %s\n    the second:  %s", line, was, is)
}

func ended(o *scenarios.Outcome) string {
	e := o.Plan.Expect
	return fmt.Sprintf("%d events, fingerprint %016x, %s", e.Events, e.Fingerprint, e.Verdict)
}

func traced(p *plan.Plan, set scenarios.Settings) *bytes.Buffer {
	var b bytes.Buffer
	text := trace.NewText(&b, trace.Header{Scenario: p.Scenario, Servers: p.Quorum.All().Len(), Clients: p.Clients, Seed: p.Seed})
	set.Sink = text
	o := execute(p, set)
	_ = text.Finish(nil, o.Run.Fingerprint()) // a buffer takes all
	return &b
}
