package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"zabsim/internal/runfolder"
	"zabsim/linearizability/history"
	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// recording is a run folder as the charts need it.
type recording struct {
	run     *runfolder.Run
	voters  *quorum.Config
	end     time.Duration // of everything; never zero
	moments []moment      // changes of servers, in the order of events
	ops     []history.Op

	noEvents string // why there are no moments, for an empty chart
	noOps    string // why there are no operations
}

// moment is the status of one server after an event that changed it.
type moment struct {
	at     time.Duration
	server quorum.ServerID
	status status
}

// status is what the charts want to know of a server.
type status struct {
	up        bool
	told      bool   // somebody said whether it is up; without that, who has a state is
	state     string // LOOKING, FOLLOWING, LEADING, OBSERVING
	phase     string // ELECTION, DISCOVERY, SYNCHRONIZATION, BROADCAST
	serving   bool
	leader    string // "n3"
	current   int64  // currentEpoch
	epoch     int64  // of the leader that it is or follows
	committed string // zxid: "2.4"
}

// apply sets the fact that a delta names. Facts that no chart shows are passed over.
func (s *status) apply(d *trace.Delta) error {
	var dst any
	switch d.Key {
	case "up":
		dst, s.told = &s.up, true
	case "state":
		s.up = s.up || !s.told
		dst = &s.state
	case "phase":
		dst = &s.phase
	case "serving":
		dst = &s.serving
	case "leader":
		dst = &s.leader
	case "current":
		dst = &s.current
	case "epoch":
		dst = &s.epoch
	case "committed":
		dst = &s.committed
	default:
		return nil
	}
	if err := json.Unmarshal([]byte(d.Value), dst); err != nil {
		return fmt.Errorf("%q of %s: %w", d.Key, d.Node, err)
	}
	return nil
}

// load reads what the charts need. A recording or a history that is not there is
// no error; one that cannot be understood is.
func load(folder *runfolder.Folder) (*recording, error) {
	rec := &recording{run: folder.Run, voters: votersOf(&folder.Run.Config), end: time.Duration(folder.Run.SimulatedNS)}
	err := withFile(folder, runfolder.EventsFile, &rec.noEvents, rec.readEvents)
	if err != nil {
		return nil, err
	}
	if err := withFile(folder, runfolder.HistoryFile, &rec.noOps, rec.readHistory); err != nil {
		return nil, err
	}
	for i := range rec.ops {
		rec.end = max(rec.end, time.Duration(rec.ops[i].Invoke))
		if rec.ops[i].Outcome != history.Pending {
			rec.end = max(rec.end, time.Duration(rec.ops[i].Ended))
		}
	}
	for _, f := range rec.run.Faults {
		rec.end = max(rec.end, time.Duration(f.AtNS))
	}
	if rec.end <= 0 {
		rec.end = time.Second
	}
	return rec, nil
}

// withFile hands a file of the folder to read, or sets missing if there is none.
func withFile(folder *runfolder.Folder, name string, missing *string, read func(io.Reader) error) error {
	f, err := folder.File(name)
	if errors.Is(err, fs.ErrNotExist) {
		*missing = "this run folder has no " + name
		return nil
	}
	if err != nil {
		return fmt.Errorf("draw %s: %w", folder.Path, err)
	}
	if err := errors.Join(read(f), f.Close()); err != nil {
		return fmt.Errorf("draw %s: %s: %w", folder.Path, name, err)
	}
	return nil
}

func (rec *recording) readHistory(r io.Reader) error {
	h, err := history.ReadJSON(r)
	if err != nil {
		return err
	}
	rec.ops = h.Ops
	if len(h.Ops) == 0 {
		rec.noOps = "no client asked for anything in this run"
	}
	return nil
}

// readEvents keeps the changes of servers and passes everything else over.
func (rec *recording) readEvents(r io.Reader) error {
	events, err := trace.Read(r)
	if err != nil {
		return err
	}
	var now [quorum.Max + 1]status
	for id := range now {
		now[id] = status{state: "LOOKING", phase: "ELECTION"} // as servers begin: a recording names changes only
	}
	for event, err := range events.Events() {
		if err != nil {
			return err
		}
		rec.end = max(rec.end, time.Duration(event.At))
		if err := rec.keep(event, &now); err != nil {
			return fmt.Errorf("event %d: %w", event.ID, err)
		}
	}
	if len(rec.moments) == 0 {
		rec.noEvents = "no server changed its state in this run"
	}
	return nil
}

// keep notes the new status of each server that an event changed.
func (rec *recording) keep(event *trace.Record, now *[quorum.Max + 1]status) error {
	var changed quorum.Set
	for i := range event.Deltas {
		d := &event.Deltas[i]
		if d.Node == 0 || d.Node > quorum.Max {
			continue
		}
		if err := now[d.Node].apply(d); err != nil {
			return err
		}
		changed = changed.With(quorum.ServerID(d.Node))
	}
	for ; changed != 0; changed = changed.Without(changed.First()) {
		id := changed.First()
		rec.moments = append(rec.moments, moment{time.Duration(event.At), id, now[id]})
	}
	return nil
}

// votersOf builds the quorum rule that the run used.
func votersOf(c *runfolder.Config) *quorum.Config {
	n := min(max(c.Servers, 0), quorum.Max)
	q := quorum.Majority(n)
	for _, id := range c.Observers {
		if id >= 1 && id <= n {
			q.Voters = q.Voters.Without(quorum.ServerID(id))
			q.Observers = q.Observers.With(quorum.ServerID(id))
		}
	}
	if len(c.Groups) == 0 && len(c.Weights) == 0 {
		return q
	}
	q.Grouped = true
	for id := 1; id <= n; id++ {
		q.Weights[id], q.Group[id] = 1, 1
		if id <= len(c.Weights) {
			q.Weights[id] = uint32(max(c.Weights[id-1], 0))
		}
	}
	for g, ids := range c.Groups {
		for _, id := range ids {
			if id >= 1 && id <= n {
				q.Group[id] = uint8(min(g+1, quorum.Max))
			}
		}
	}
	return q
}

// servers returns how many lanes a chart of servers needs.
func (rec *recording) servers() int {
	n := min(rec.run.Config.Servers, quorum.Max)
	for _, m := range rec.moments {
		n = max(n, int(m.server))
	}
	return n
}

// parseZxid reads "2.4"; what is no zxid gives 0, 0.
func parseZxid(text string) (epoch, counter int64) {
	a, b, ok := strings.Cut(text, ".")
	if !ok {
		return 0, 0
	}
	epoch, err1 := strconv.ParseInt(a, 10, 64)
	counter, err2 := strconv.ParseInt(b, 10, 64)
	if err1 != nil || err2 != nil {
		return 0, 0
	}
	return epoch, counter
}

// faultSpan returns when a fault acts; one that was never healed lasts to the end.
func (rec *recording) faultSpan(f *runfolder.Fault) (from, until time.Duration) {
	from, until = time.Duration(f.AtNS), time.Duration(f.UntilNS)
	if until == 0 {
		until = rec.end
	}
	return from, max(from, min(until, rec.end))
}
