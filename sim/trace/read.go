package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"zabsim/zab/host"
)

// Recording is what JSONL has written, open for reading.
type Recording struct {
	Header
	lines *lines
}

// Record is one event of a recording and the facts that changed with it.
type Record struct {
	Event
	Deltas []Delta // in the order of the file
}

// Read reads the header of a recording. Its events are read by Events, one at a
// time, from the same reader.
func Read(r io.Reader) (*Recording, error) {
	rec := &Recording{lines: newLines(r)}
	line, err := rec.lines.next()
	if err != nil && err != io.EOF {
		return nil, err
	}
	h := struct {
		Version  int    `json:"zabsim-events"`
		Scenario string `json:"scenario"`
		Servers  int    `json:"servers"`
		Clients  int    `json:"clients"`
		Seed     uint64 `json:"seed"`
		Bugs     string `json:"bugs"`
	}{}
	if json.Unmarshal(line, &h) != nil || h.Version == 0 {
		return nil, fmt.Errorf(`line 1: this is no recording: its first line must begin with {"zabsim-events":%d`, EventsFormat)
	}
	if h.Version != EventsFormat {
		return nil, fmt.Errorf("line 1: recording format %d, this zabsim reads format %d", h.Version, EventsFormat)
	}
	rec.Header = Header{h.Scenario, h.Servers, h.Clients, h.Seed, h.Bugs}
	return rec, nil
}

// Events reads the events in order. An error names its line and is the last
// element; its record is nil. Events can be walked once, because a recording is
// read as it is walked. Records are fresh: the caller may keep them.
func (r *Recording) Events() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		last := uint64(0)
		for {
			line, err := r.lines.next()
			if err == io.EOF {
				return
			}
			var rec *Record
			if err == nil {
				rec, err = parseRecord(line)
			}
			if err == nil && rec.ID <= last {
				err = fmt.Errorf("event %d follows event %d: ids must rise", rec.ID, last)
			}
			if err != nil {
				yield(nil, fmt.Errorf("line %d: %w", r.lines.number, err))
				return
			}
			last = rec.ID
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func parseRecord(line []byte) (*Record, error) {
	o := struct {
		ID     uint64          `json:"id"`
		T      int64           `json:"t"`
		Node   string          `json:"node"`
		Lane   string          `json:"lane"`
		Verb   string          `json:"verb"`
		Detail string          `json:"detail"`
		Cause  uint64          `json:"cause"`
		Delta  json.RawMessage `json:"delta"`
	}{}
	if err := json.Unmarshal(line, &o); err != nil {
		return nil, fmt.Errorf("this is no event, or the file was cut off here: %w", err)
	}
	node, ok := ParseNode(o.Node)
	switch {
	case !ok:
		return nil, fmt.Errorf("node %q: it must be world, n1 to n8 or c1 and above", o.Node)
	case o.Verb == "":
		return nil, errors.New("the event has no verb")
	}
	rec := &Record{Event: Event{o.ID, o.Cause, host.Time(o.T), node, o.Lane, o.Verb, o.Detail}}
	if o.Delta == nil {
		return rec, nil
	}
	var err error
	rec.Deltas, err = parseDeltas(o.Delta)
	return rec, err
}

// parseDeltas walks {"n2":{"state":"LEADING"}} by hand: unmarshalling it into
// maps would lose the order of its facts.
func parseDeltas(text []byte) ([]Delta, error) {
	var deltas []Delta
	err := fields(text, func(name string, facts json.RawMessage) error {
		node, ok := ParseNode(name)
		if !ok {
			return fmt.Errorf("delta of node %q: it must be world, n1 to n8 or c1 and above", name)
		}
		return fields(facts, func(key string, value json.RawMessage) error {
			deltas = append(deltas, Delta{node, key, string(value)})
			return nil
		})
	})
	return deltas, err
}

// fields calls each with the fields of a JSON object, in their order. The text
// is valid JSON, because it is part of what was unmarshalled.
func fields(text []byte, each func(name string, value json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("delta: %s must be an object", text)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return fmt.Errorf("delta: %w", err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return fmt.Errorf("delta: %w", err)
		}
		if err := each(name.(string), value); err != nil {
			return err
		}
	}
	return nil
}
