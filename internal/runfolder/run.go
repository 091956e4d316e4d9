package runfolder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Format is the version of run.json that this package writes and reads.
const Format = 1

// Run says what was run and what came of it. It is the schema of run.json.
type Run struct {
	Format      int         `json:"format"`
	Scenario    string      `json:"scenario"`
	Seed        uint64      `json:"seed"`
	Config      Config      `json:"config"`
	Verdict     Verdict     `json:"verdict"`
	Exit        int         `json:"exit"`
	Checks      []Check     `json:"checks"`
	Counts      Counts      `json:"counts"`
	Sometimes   []Sometimes `json:"sometimes"`
	Faults      []Fault     `json:"faults"`
	Fingerprint string      `json:"fingerprint"` // 16 hexadecimal digits
	SimulatedNS int64       `json:"simulated_ns"`
	Repro       string      `json:"repro"` // one line for a shell
}

// Verdict is the outcome of a run or of one check.
type Verdict string

// The verdicts. A single check is never vacuous, and only a check is excused.
const (
	Passed     Verdict = "passed"
	Violated   Verdict = "violated"
	Unknown    Verdict = "unknown"     // the budget was spent and nothing failed
	Vacuous    Verdict = "vacuous"     // nothing was there to check
	NoProgress Verdict = "no-progress" // safe, but stuck after all faults were healed
	Threshold  Verdict = "threshold"   // safe, but slower or smaller than the scenario's thresholds allow
	Excused    Verdict = "excused"     // broken, as the plan allows its unsafe faults to do
)

// Config is the effective configuration, after all defaults and draws.
type Config struct {
	Servers        int     `json:"servers"`             // voters and observers
	Observers      []int   `json:"observers,omitempty"` // ids of the servers that don't vote
	Groups         [][]int `json:"groups,omitempty"`    // ids by group, of a hierarchical quorum
	Weights        []int   `json:"weights,omitempty"`   // of servers 1, 2, ...; absent means 1 each
	Clients        int     `json:"clients"`
	ForNS          int64   `json:"for_ns"`
	TickTimeNS     int64   `json:"tick_time_ns"`
	InitLimit      int     `json:"init_limit"`
	SyncLimit      int     `json:"sync_limit"`
	CommitLogCount int     `json:"commit_log_count"`
	NotifyMaxNS    int64   `json:"max_notification_interval_ns,omitempty"` // absent: ZooKeeper's 60 s
	NetSlow        int     `json:"net_slow,omitempty"`                     // factors on every latency
	DiskSlow       int     `json:"disk_slow,omitempty"`
	// What is absent here is as ZooKeeper has it by default, or off.
	Grain              string   `json:"grain,omitempty"` // threads; absent: atomic
	SnapCount          int      `json:"snap_count,omitempty"`
	SnapRetain         int      `json:"snap_retain,omitempty"`
	SnapshotSizeFactor string   `json:"snapshot_size_factor,omitempty"` // in percent, unlimited or off
	CounterMax         int      `json:"counter_max,omitempty"`
	ThreadSlow         int      `json:"thread_slow_ms,omitempty"`
	Unsafe             bool     `json:"unsafe,omitempty"`
	Excuse             []string `json:"excuse,omitempty"` // checks that may break
	Bugs               []string `json:"bugs"`
}

// Check is one property and its verdict.
type Check struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
}

// Counts says how much happened.
type Counts struct {
	Events     int64 `json:"events"`
	Elections  int64 `json:"elections"` // that ended with a serving leader
	Epochs     int64 `json:"epochs"`
	Operations int64 `json:"operations"`
	OK         int64 `json:"ok"`
	Failed     int64 `json:"failed"`
	Unknown    int64 `json:"unknown"`
	Crashes    int64 `json:"crashes"`
	Restarts   int64 `json:"restarts"`
	Messages   int64 `json:"messages"`
	Commits    int64 `json:"commits"`
}

// Sometimes is a property that a good campaign sees hold at least once.
type Sometimes struct {
	Name string `json:"name"`
	Seen bool   `json:"seen"`
}

// Fault is one injected fault. A fault that ends when it begins has no length; one
// with UntilNS 0 was never healed.
type Fault struct {
	Name    string `json:"name"`
	Target  string `json:"target"` // for people; servers by name: "n3", "n1,n2|n3"
	AtNS    int64  `json:"at_ns"`
	UntilNS int64  `json:"until_ns"`
	Color   string `json:"color"` // "#8C6BB1"
}

// Encode writes the run as indented JSON that ends with a newline. Equal runs give
// equal bytes: fields stand in the order of the struct and lists are never null.
func (r *Run) Encode(w io.Writer) error {
	out := *r
	out.Format = Format
	out.Config.Bugs = orEmpty(r.Config.Bugs)
	out.Checks = orEmpty(r.Checks)
	out.Sometimes = orEmpty(r.Sometimes)
	out.Faults = orEmpty(r.Faults)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&out); err != nil {
		return fmt.Errorf("encode run.json: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Decode reads what Encode wrote. Fields that it does not know are an error: they
// come from a later version, and ignoring them would misreport the run.
func Decode(r io.Reader) (*Run, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("run.json: %w", err)
	}
	if head.Format != Format {
		return nil, fmt.Errorf("run.json: format %d; this version reads format %d", head.Format, Format)
	}
	run := &Run{}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(run); err != nil {
		return nil, fmt.Errorf("run.json: %w", err)
	}
	return run, nil
}
