package plan

import (
	"io"
	"strconv"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// magic begins the first line; the format's number ends it.
const magic = "zabsim plan"

// Write writes p as text that Parse reads back. Equal plans give equal bytes.
// Nothing is written if Check finds fault with p.
func (p *Plan) Write(w io.Writer) error {
	if err := p.Check(); err != nil {
		return err
	}
	b := append(make([]byte, 0, 64*(16+len(p.Ops)+len(p.Faults)+len(p.Decisions))), magic...)
	b = append(strconv.AppendInt(append(b, ' '), Format, 10), '\n')
	b = p.Note.append(b)
	b = p.appendHeader(b)
	b = p.appendPrograms(b)
	b = p.appendOps(b)
	b = p.appendFaults(b)
	b = p.appendDecisions(b)
	b = p.Expect.append(b)
	_, err := w.Write(append(b, "end\n"...))
	return err
}

func (p *Plan) appendHeader(b []byte) []byte {
	b = append(appendWord(append(b, "scenario "...), p.Scenario), '\n')
	b = append(strconv.AppendUint(append(b, "seed "...), p.Seed, 10), '\n')
	b = appendQuorum(b, &p.Quorum)
	if p.Grain != GrainAtomic {
		b = append(append(append(b, "grain "...), p.Grain.String()...), '\n')
	}
	b = appendInt(b, "clients ", p.Clients)
	b = appendTime(b, "for ", p.For)
	b = appendTime(b, "tickTime ", p.TickTime)
	b = appendInt(b, "initLimit ", p.InitLimit)
	b = appendInt(b, "syncLimit ", p.SyncLimit)
	b = appendInt(b, "commitLogCount ", p.CommitLogCount)
	b = appendKnob(b, "snapCount ", p.SnapCount)
	b = appendKnob(b, "snapRetain ", p.SnapRetain)
	b = appendSizeFactor(b, p.SnapshotSizeFactor)
	b = appendKnob(b, "counterMax ", p.CounterMax)
	b = appendTime(b, "sessionTimeout ", p.SessionTimeout)
	if p.NotifyMax != 0 {
		b = appendTime(b, "maxNotificationInterval ", p.NotifyMax)
	}
	b = appendKnob(b, "netSlow ", p.NetSlow)
	b = appendKnob(b, "diskSlow ", p.DiskSlow)
	b = appendKnob(b, "threadSlow ", p.ThreadSlow)
	if p.Unsafe {
		b = append(b, "unsafe yes\n"...)
	}
	if len(p.Excuse) > 0 {
		b = append(append(append(b, "excuse "...), strings.Join(p.Excuse, ",")...), '\n')
	}
	if p.Bugs != (bug.Set{}) {
		b = append(append(append(b, "bugs "...), bug.Names(p.Bugs)...), '\n')
	}
	return append(b, '\n')
}

func appendInt(b []byte, name string, n int) []byte {
	return append(strconv.AppendInt(append(b, name...), int64(n), 10), '\n')
}

// appendKnob writes a knob that is left out at 0, which stands for the default.
func appendKnob(b []byte, name string, n int) []byte {
	if n == 0 {
		return b
	}
	return appendInt(b, name, n)
}

func appendSizeFactor(b []byte, percent int) []byte {
	switch percent {
	case FactorUnlimited:
		return append(b, "snapshotSizeFactor unlimited\n"...)
	case FactorOff:
		return append(b, "snapshotSizeFactor off\n"...)
	}
	return appendKnob(b, "snapshotSizeFactor ", percent)
}

func appendTime(b []byte, name string, d host.Duration) []byte {
	return append(AppendDuration(append(b, name...), d), '\n')
}

// appendQuorum writes the servers, and what is special about some of them. A
// voter weighs 1 unless a line says otherwise, as in zoo.cfg.
func appendQuorum(b []byte, c *quorum.Config) []byte {
	b = appendInt(b, "servers ", c.All().Len())
	if c.Observers != 0 {
		b = append(appendIDs(append(b, "observers "...), c.Observers), '\n')
	}
	if !c.Grouped {
		return b
	}
	for g := 1; g <= quorum.Max; g++ {
		if members := membersOf(c, g); members != 0 {
			b = append(strconv.AppendInt(append(b, "group "...), int64(g), 10), ' ')
			b = append(appendIDs(b, members), '\n')
		}
	}
	for rest := c.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); c.Weights[id] != 1 {
			b = append(strconv.AppendInt(append(b, "weight "...), int64(id), 10), ' ')
			b = append(strconv.AppendUint(b, uint64(c.Weights[id]), 10), '\n')
		}
	}
	return b
}

func membersOf(c *quorum.Config, group int) quorum.Set {
	var s quorum.Set
	for rest := c.Voters; rest != 0; rest = rest.Without(rest.First()) {
		if id := rest.First(); int(c.Group[id]) == group {
			s = s.With(id)
		}
	}
	return s
}

// appendIDs appends a set as "1,2,3".
func appendIDs(b []byte, s quorum.Set) []byte {
	for rest := s; rest != 0; rest = rest.Without(rest.First()) {
		if rest != s {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(rest.First()), 10)
	}
	return b
}

// opWords are the words for kinds of operations, in their order.
var opWords = []string{OpGet: "get", OpSyncGet: "sync-get", OpSet: "set", OpCAS: "cas"}

// String returns the word for k in a plan.
func (k OpKind) String() string {
	if k.valid() {
		return opWords[k]
	}
	return "op-" + strconv.Itoa(int(k))
}

// Writes tells whether an operation of kind k has a value.
func (k OpKind) Writes() bool { return k == OpSet || k == OpCAS }

func (k OpKind) valid() bool { return k > 0 && int(k) < len(opWords) }

func (p *Plan) appendOps(b []byte) []byte {
	for i := range p.Ops {
		o := &p.Ops[i]
		b = o.appendID(append(b, "op "...))
		b = AppendDuration(append(b, " wait "...), o.Wait)
		b = append(append(append(b, ' '), opWords[o.Kind]...), ' ')
		b = appendWord(b, o.Key)
		if o.Kind.Writes() {
			b = appendWord(append(b, ' '), o.Value)
		}
		b = append(b, '\n')
	}
	return b
}

// appendID appends "c1#2".
func (o *Op) appendID(b []byte) []byte {
	b = strconv.AppendInt(append(b, 'c'), int64(o.Client), 10)
	return strconv.AppendInt(append(b, '#'), int64(o.Number), 10)
}

func (p *Plan) appendFaults(b []byte) []byte {
	for i := range p.Faults {
		f := &p.Faults[i]
		b = append(AppendDuration(append(b, "fault "...), f.At), ' ')
		b = appendWord(b, f.Name)
		for _, arg := range f.Args {
			b = append(b, ' ')
			if arg == "for" { // a target of that name is not the keyword
				b = strconv.AppendQuote(b, arg)
			} else {
				b = appendWord(b, arg)
			}
		}
		if f.For > 0 {
			b = AppendDuration(append(b, " for "...), f.For)
		}
		b = append(b, '\n')
	}
	return b
}

func (p *Plan) appendDecisions(b []byte) []byte {
	for i := range p.Decisions {
		d := &p.Decisions[i]
		b = append(append(append(b, "decide "...), d.Key...), " = "...)
		b = append(appendWord(b, d.Value), '\n')
	}
	return b
}

func (e *Expect) append(b []byte) []byte {
	if *e == (Expect{}) {
		return b
	}
	b = strconv.AppendUint(append(b, "\nexpect events="...), e.Events, 10)
	b = appendHex(append(b, " fingerprint="...), e.Fingerprint)
	b = append(append(b, " verdict="...), e.Verdict...)
	if e.Check != "" {
		b = append(append(b, " check="...), e.Check...)
	}
	return append(b, '\n')
}

// appendHex appends 16 digits.
func appendHex(b []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[n>>shift&15])
	}
	return b
}
