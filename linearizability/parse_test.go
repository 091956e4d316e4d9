package linearizability

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"zabsim/linearizability/history"
	"zabsim/zab/host"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// parseOps reads the tests' own notation, one operation a line in order of
// invocation. Nodes exist from the start, and the recorder has ghost knowledge.
//
//	client[@session] kind key [value] [if=N] -> outcome name=N... [from-to]
//
// The outcome is ok, unknown, an error, the value read, or nothing for the empty value.
func parseOps(t testing.TB, text string) *history.History {
	t.Helper()
	h := &history.History{Preset: true, Ghost: true}
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		op, err := parseOp(line)
		require.NoError(t, err, line)
		h.Ops = append(h.Ops, op)
	}
	return h
}

func parseOp(line string) (op history.Op, err error) {
	asked, answered, _ := strings.Cut(line, " -> ")
	w := strings.Fields(asked)
	who, session, named := strings.Cut(w[0], "@")
	if op.Client, err = strconv.Atoi(who); err != nil {
		return op, err
	}
	op.Session = uint64(op.Client)
	if named {
		if op.Session, err = strconv.ParseUint(session, 0, 64); err != nil {
			return op, err
		}
	}
	for k := history.Get; k <= history.CDelete; k++ {
		if k.String() == w[1] {
			op.Kind = k
		}
	}
	op.Key = w[2]
	if op.Kind.Writes() {
		op.Value = w[3]
	}
	op.Outcome = history.Ok
	for _, f := range append(w[3:], strings.Fields(answered)...) {
		if err = parseField(&op, f); err != nil {
			return op, err
		}
	}
	if op.Kind.Writes() && op.Outcome == history.Ok && op.Mzxid == 0 {
		op.Mzxid = op.Zxid
	}
	if op.Outcome == history.Unknown {
		op.Return = history.Never
	}
	return op, nil
}

func parseField(op *history.Op, f string) error {
	name, num, isNum := strings.Cut(f, "=")
	n, err := strconv.Atoi(num)
	switch {
	case isNum && err != nil:
		return err
	case name == "if":
		op.Expect = int32(n)
	case name == "version":
		op.Version = int32(n)
	case name == "zxid":
		op.Zxid = zxid.Zxid(n)
	case name == "mzxid":
		op.Mzxid = zxid.Zxid(n)
	case name == "sync":
		op.SyncZxid = zxid.Zxid(n)
	case isNum:
		return fmt.Errorf("unknown field %q", f)
	case f[0] == '[':
		var from, to int64
		_, err := fmt.Sscanf(f, "[%d-%d]", &from, &to)
		op.Invoke, op.Return, op.Ended = host.Time(from), host.Time(to), host.Time(to)
		return err
	case f == "ok":
	case f == "unknown":
		op.Outcome = history.Unknown
	case f == "BADVERSION":
		op.Outcome, op.Err = history.Fail, txn.BadVersion
	case f == "NONODE":
		op.Outcome, op.Err = history.Fail, txn.NoNode
	case op.Kind.IsRead():
		op.Value = f
	}
	return nil
}
