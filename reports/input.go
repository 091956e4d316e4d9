package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"zabsim/internal/failover"
	"zabsim/internal/runfolder"
	"zabsim/linearizability/history"
	"zabsim/sim/trace"
	"zabsim/zab/quorum"
)

// recording is a run folder as the charts need it.
type recording struct {
	run     *runfolder.Run
	voters  *quorum.Config
	end     time.Duration     // of everything; never zero
	moments []failover.Moment // changes of servers, in the order of events
	ops     []history.Op

	noEvents string // why there are no moments, for an empty chart
	noOps    string // why there are no operations
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
	var log failover.Log
	for event, err := range events.Events() {
		if err != nil {
			return err
		}
		rec.end = max(rec.end, time.Duration(event.At))
		if err := log.Add(time.Duration(event.At), event.Deltas); err != nil {
			return fmt.Errorf("event %d: %w", event.ID, err)
		}
	}
	rec.moments = log.Moments
	if len(rec.moments) == 0 {
		rec.noEvents = "no server changed its state in this run"
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
		n = max(n, int(m.Server))
	}
	return n
}

// faultSpan returns when a fault acts; one that was never healed lasts to the end.
func (rec *recording) faultSpan(f *runfolder.Fault) (from, until time.Duration) {
	from, until = time.Duration(f.AtNS), time.Duration(f.UntilNS)
	if until == 0 {
		until = rec.end
	}
	return from, max(from, min(until, rec.end))
}

// Failover is the way from one serving leader to the next.
type Failover = failover.Failover

// Never stands for a step that a fail-over did not reach.
const Never = failover.Never

// Failovers finds every change of the serving leader, and the loss of the last one
// if nobody took over. The first election of a run is none.
func Failovers(folder *runfolder.Folder) ([]Failover, error) {
	rec, err := load(folder)
	if err != nil {
		return nil, err
	}
	return rec.failovers(), nil
}

func (rec *recording) failovers() []Failover {
	c := &rec.run.Config
	in := &failover.Input{Voters: rec.voters, Moments: rec.moments, Ops: rec.ops, End: rec.end,
		Patience: time.Duration(c.TickTimeNS * int64(c.SyncLimit))}
	for i := range rec.run.Faults {
		f := &rec.run.Faults[i]
		from, until := rec.faultSpan(f)
		in.Faults = append(in.Faults, failover.Fault{Name: f.Name, Target: f.Target, At: from, Until: until})
	}
	return failover.Find(in)
}
