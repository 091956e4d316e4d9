package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"zabsim/zab/host"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// lineMax bounds a line of a history file in bytes.
const lineMax = 4 << 20

// header is the first line. Files of other writers carry more; it is ignored.
type header struct {
	History *string `json:"history"`
	Format  int     `json:"format"`
	Writer  string  `json:"writer"`
	Preset  bool    `json:"preset"`
	Ghost   bool    `json:"ghost"`
}

// line is any other line. Fields that a line may lack are pointers where zero
// and absent differ.
type line struct {
	I        int             `json:"i"`
	T        *int64          `json:"t"`
	P        json.RawMessage `json:"p"`
	Type     string          `json:"type"`
	F        string          `json:"f"`
	K        string          `json:"k"`
	V        *string         `json:"v"`
	Ver      *int32          `json:"ver"`
	Version  *int32          `json:"version"`
	Czxid    uint64          `json:"czxid"`
	Mzxid    uint64          `json:"mzxid"`
	Zxid     uint64          `json:"zxid"`
	SyncZxid uint64          `json:"syncZxid"`
	Server   quorum.ServerID `json:"server"`
	Session  *uint64         `json:"session"`
	Err      string          `json:"err"`
	Deposed  bool            `json:"deposed"`
	Event    string          `json:"event"`
	Leader   int             `json:"leader"`
	extra
}

// reader holds what is needed to pair the lines.
type reader struct {
	h     *History
	ours  bool        // written by us: p is the client
	open  map[int]int // operation that each process waits for
	asks  map[int]int // process that waits, of each client
	now   host.Time
	wrote bool // any line read so far
}

// ReadJSON reads what WriteJSON wrote, or a history recorded from a real
// ensemble. An error names the line and says what would have been right.
func ReadJSON(r io.Reader) (*History, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, lineMax)
	rd := reader{h: &History{}, open: map[int]int{}, asks: map[int]int{}}
	number := 0
	for lines.Scan() {
		number++
		text := bytes.TrimSpace(lines.Bytes())
		var err error
		switch {
		case number == 1:
			err = rd.header(text)
		case len(text) > 0:
			err = rd.line(text)
		}
		if err != nil {
			return nil, fmt.Errorf("history: line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("history: line %d: %w (a line has at most %d bytes)", number+1, err, lineMax)
	}
	if number == 0 {
		return nil, errors.New(`history: line 1: the file is empty; want a header: {"history":"name","format":1,...}`)
	}
	return rd.h, nil
}

func (rd *reader) header(text []byte) error {
	var hd header
	if err := json.Unmarshal(text, &hd); err != nil {
		return fmt.Errorf(`%w; want a header: {"history":"name","format":1,...}`, err)
	}
	if hd.History == nil {
		return errors.New(`no "history" field; the first line must be a header: {"history":"name","format":1,...}`)
	}
	if hd.Format != 1 {
		return fmt.Errorf("format %d; this reader knows format 1", hd.Format)
	}
	rd.h.Name, rd.h.Preset, rd.h.Ghost, rd.ours = *hd.History, hd.Preset, hd.Ghost, hd.Writer == writer
	return nil
}

func (rd *reader) line(text []byte) error {
	var l line
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return fmt.Errorf("%w; want one event: {\"i\":..,\"t\":..,\"p\":..,\"type\":..,\"f\":..,..}", err)
	}
	if dec.More() {
		return errors.New("more than one JSON value; want one event per line")
	}
	if l.extra.take(rd.h) {
		return nil
	}
	if l.T == nil {
		return errors.New(`no "t"; want nanoseconds since the start`)
	}
	now := host.Time(*l.T)
	if now == Never {
		return fmt.Errorf("t %d is the time that stands for never; want nanoseconds since the start", now)
	}
	if rd.wrote && now < rd.now {
		return fmt.Errorf("t %d is before the previous line's %d; lines must be in time order", now, rd.now)
	}
	rd.now, rd.wrote = now, true
	if l.Type == "info" && (l.F == "session" || bytes.HasPrefix(l.P, []byte{'"'})) {
		return nil // a session's news or a fault
	}
	var p int
	if err := json.Unmarshal(l.P, &p); err != nil {
		return fmt.Errorf("p %s is no process; want a number (or a name, of an info line)", l.P)
	}
	kind, err := parseKind(l.F)
	if err != nil {
		return err
	}
	if l.Type == "invoke" {
		return rd.invoke(&l, p, kind)
	}
	return rd.end(&l, p, kind)
}

func parseKind(f string) (Kind, error) {
	for k, name := range kindNames {
		if name == f {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("unknown f %q; want one of %s", f, strings.Join(kindNames[:], ", "))
}

func (rd *reader) invoke(l *line, p int, kind Kind) error {
	client := rd.client(p)
	if q, busy := rd.asks[client]; busy {
		return fmt.Errorf("process %d still waits for %q; want its ok, fail or info first", q, rd.h.Ops[rd.open[q]].Kind)
	}
	if l.K == "" {
		return errors.New(`no "k"; want the node's path`)
	}
	op := Op{Client: client, Kind: kind, Key: l.K, Invoke: rd.now, Server: l.Server}
	if kind.Writes() {
		if l.V == nil {
			return fmt.Errorf(`no "v"; a %s must say the value that it writes`, kind)
		}
		op.Value = *l.V
	}
	if kind.Conditional() {
		if l.Ver == nil {
			return fmt.Errorf(`no "ver"; a %s must say the version that it asks for`, kind)
		}
		op.Expect = *l.Ver
	}
	op.Session = uint64(op.Client + 2) // recorded histories name no session: a client keeps its own (set-up is client -1)
	if l.Session != nil {
		op.Session = *l.Session
	}
	rd.open[p], rd.asks[client] = rd.h.Invoke(op), p
	return nil
}

func (rd *reader) end(l *line, p int, kind Kind) error {
	outcome := Pending
	for o := Ok; o <= Unknown; o++ {
		if o.String() == l.Type {
			outcome = o
		}
	}
	if outcome == Pending {
		return fmt.Errorf("unknown type %q; want invoke, ok, fail or info", l.Type)
	}
	i, busy := rd.open[p]
	if !busy {
		return fmt.Errorf("%s of process %d, which waits for nothing; want an invoke first", l.Type, p)
	}
	op := &rd.h.Ops[i]
	if op.Kind != kind || op.Key != l.K {
		return fmt.Errorf("%s of %s %s, but process %d waits for %s %s", l.Type, kind, l.K, p, op.Kind, op.Key)
	}
	r := Reply{Outcome: outcome, Zxid: zxid.Zxid(l.Zxid), SyncZxid: zxid.Zxid(l.SyncZxid),
		Mzxid: zxid.Zxid(l.Mzxid), Server: l.Server, Deposed: l.Deposed}
	if l.Err != "" || outcome != Ok {
		code, ok := parseErr(l.Err)
		if !ok && !(outcome == Unknown && l.Err == "OK") {
			return fmt.Errorf("unknown err %q; want one of %s", l.Err, errNames())
		}
		r.Err = code
	}
	if l.Version != nil {
		r.Version = *l.Version
	} else if outcome == Ok && !kind.Removes() {
		return fmt.Errorf(`no "version"; the ok of a %s must say it`, kind)
	}
	if outcome == Ok && kind.IsRead() {
		if l.V == nil {
			return fmt.Errorf(`no "v"; the ok of a %s must say the value read`, kind)
		}
		r.Value = *l.V
	}
	delete(rd.open, p)
	delete(rd.asks, rd.client(p))
	rd.h.Complete(i, rd.now, r)
	return nil
}

// client maps a process to its client. In recorded histories a client goes on
// as p+100 after an unknown outcome; p 901 and up are the final readers.
func (rd *reader) client(p int) int {
	if rd.ours || p < 0 || p > 900 {
		return p
	}
	return p % 100
}

func errNames() string {
	codes := txn.Codes()[1:] // OK is no error
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = c.String()
	}
	return strings.Join(names, ", ")
}
