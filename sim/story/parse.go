package story

import (
	"fmt"
	"strconv"
	"strings"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/zab"
	"zabsim/zab/quorum"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// parseServer reads "n2" or "2".
func parseServer(text string) (quorum.ServerID, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "n"), 10, 8)
	if err != nil || n < 1 || n > quorum.Max {
		return 0, fmt.Errorf("%q is no server: write n1 to n%d", text, quorum.Max)
	}
	return quorum.ServerID(n), nil
}

// endpoint reads "n2" or "c1".
func (s *stage) endpoint(text string) (sim.Endpoint, error) {
	if digits, ok := strings.CutPrefix(text, "c"); ok {
		n, err := s.clientNumber(digits)
		return sim.ClientEnd(n), err
	}
	id, err := s.server(text)
	return sim.Endpoint(id), err
}

func (s *stage) clientNumber(text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n < 1 || int(n) >= len(s.clients) {
		return 0, fmt.Errorf("there is no client %q, they are 1 to %d; world clients=N makes more", text, len(s.clients)-1)
	}
	return int(n), nil
}

// link reads "n1>n2".
func (s *stage) link(text string) (from, to sim.Endpoint, err error) {
	a, b, ok := strings.Cut(text, ">")
	if !ok {
		return 0, 0, fmt.Errorf("%q is no link: write n1>n2", text)
	}
	if from, err = s.endpoint(a); err != nil {
		return 0, 0, err
	}
	if to, err = s.endpoint(b); err != nil {
		return 0, 0, err
	}
	if from == to {
		return 0, 0, fmt.Errorf("%q: a link has two ends", text)
	}
	return from, to, nil
}

// planes are the names of the planes by number.
var planes = [...]string{zab.PlaneElection: "election", zab.PlaneQuorum: "quorum", zab.PlaneClient: "client"}

func parsePlane(text string) (zab.Plane, bool) {
	for i, name := range planes {
		if name == text {
			return zab.Plane(i), true
		}
	}
	return 0, false
}

// place reads "n2.sync".
func (s *stage) place(text string) (id quorum.ServerID, lane string, err error) {
	who, lane, ok := strings.Cut(text, ".")
	if !ok || lane == "" {
		return 0, "", fmt.Errorf("%q is no place in a server: write n2.sync", text)
	}
	id, err = s.server(who)
	return id, lane, err
}

// parseZxid reads "1.3".
func parseZxid(text string) (zxid.Zxid, error) {
	epoch, counter, ok := strings.Cut(text, ".")
	e, err := strconv.ParseUint(epoch, 10, 32)
	c, err2 := strconv.ParseUint(counter, 10, 32)
	if !ok || err != nil || err2 != nil {
		return 0, fmt.Errorf("%q is no zxid: write epoch.counter, like 1.3", text)
	}
	return zxid.Make(zxid.Epoch(e), uint32(c)), nil
}

// parseHistory reads "none" or "1.1..1.3,2.1" and returns it in normal form.
func parseHistory(text string) (string, error) {
	if text == "none" {
		return text, nil
	}
	var list []zxid.Zxid
	for _, part := range strings.Split(text, ",") {
		from, to, _ := strings.Cut(part, "..")
		if to == "" {
			to = from
		}
		a, err := parseZxid(from)
		if err != nil {
			return "", err
		}
		b, err := parseZxid(to)
		if err != nil {
			return "", err
		}
		if a.Epoch() != b.Epoch() || b < a || b-a > 1000 || len(list) > 0 && a <= list[len(list)-1] {
			return "", fmt.Errorf("%q is no history: write none, or ascending zxids like 1.1..1.3,2.1", text)
		}
		for ; a <= b; a++ {
			list = append(list, a)
		}
	}
	return history(list), nil
}

// history writes zxids as "1.1..1.3,2.1".
func history(list []zxid.Zxid) string {
	if len(list) == 0 {
		return "none"
	}
	var b strings.Builder
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(list[i].String())
		if j > i {
			b.WriteString(".." + list[j].String())
		}
		i = j + 1
	}
	return b.String()
}

func transaction(t *txn.Txn) string {
	if t.Op == txn.OpError {
		return "error " + t.Err.String()
	}
	return t.Op.String() + " " + t.Path + "=" + t.Data
}

// option splits "keep=2" and tells whether it is one of known.
func option(text string, known ...string) (key, value string, err error) {
	key, value, ok := strings.Cut(text, "=")
	if !ok || !contains(known, key) {
		return "", "", fmt.Errorf("unknown option %q%s; known are %s", text, nearest.Hint(key, known), strings.Join(known, "=, ")+"=")
	}
	return key, value, nil
}

// count reads a number from low to high.
func count(what, text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s %q: must be a number from %d to %d", what, text, low, high)
	}
	return n, nil
}
