package tree

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/acl"
	"zabsim/zab/bug"
	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// script plays lines of testdata/recorded.txt, requests and what ZooKeeper 3.8.0
// answered to each:
//
//	s1 create "/a" data="d" acl="1:world:anyone" flags=1 => OK path="/a"
//	s1 multi | delete "/a" | check "/b" => OK | error OK | error NONODE
//
// "s1&" sends the request and does not wait: it is validated before the next one,
// and applied after the last. A list that is not given is that of everybody,
// data=null is no data. Versions are the version, cversion and aversion of the Stat.
type script struct {
	tree     *Tree
	next     zxid.Zxid
	sessions []string
	ids      map[string][]txn.ID
	sent     []sent
}

type sent struct {
	line, want string
	r          *txn.Request
	x          *txn.Txn
}

func newScript(t *testing.T, head string) *script {
	bugs, err := bug.Profile("3.8.0")
	require.NoError(t, err)
	return &script{ids: map[string][]txn.ID{}, tree: New(&Config{
		Bugs: bugs, EnforceQuota: strings.Contains(head, "enforce-quota"),
		ExtendedTypes: !strings.Contains(head, "no-extended-types"), SuperDigest: acl.DigestOf("super:pw"),
	})}
}

// words splits at spaces outside quotes.
func words(text string) (list []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end, quoted := 0, false
		for ; end < len(text) && (quoted || text[end] != ' '); end++ {
			switch text[end] {
			case '"':
				quoted = !quoted
			case '\\':
				end++
			}
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}

func unquote(text string) string {
	s, err := strconv.Unquote(text)
	if err != nil {
		panic(text)
	}
	return s
}

var opsByName = func() map[string]txn.Op {
	m := map[string]txn.Op{"close": txn.OpCloseSession}
	for o := txn.Op(-11); o < txn.OpWhoAmI; o++ {
		m[o.String()] = o
	}
	m["whoAmI"] = txn.OpWhoAmI
	return m
}()

func parseList(text string) []txn.ACL {
	list := []txn.ACL{}
	for _, part := range strings.Split(text, ",") {
		if f := strings.SplitN(part, ":", 3); len(f) == 3 {
			perms, _ := strconv.Atoi(f[0])
			list = append(list, txn.ACL{Perms: int32(perms), ID: txn.ID{Scheme: f[1], ID: f[2]}})
		}
	}
	return list
}

func parseRequest(w []string) *txn.Request {
	r := &txn.Request{Op: opsByName[w[0]], Version: txn.AnyVersion, Path: unquote(w[1])}
	if r.Op == txn.OpCheckWatches || r.Op == txn.OpRemoveWatches {
		r.Flags = 3
	}
	for _, arg := range w[2:] {
		key, val, _ := strings.Cut(arg, "=")
		n, _ := strconv.ParseInt(val, 10, 64)
		switch key {
		case "data":
			if r.Null = val == "null"; !r.Null {
				r.Data = unquote(val)
			}
		case "acl":
			r.More = &txn.RequestMore{ACL: parseList(unquote(val))}
		case "version":
			r.Version = int32(n)
		case "flags", "type", "mode":
			r.Flags = int32(n)
		case "ttl":
			r.TTL = n
		case "watch":
			r.Watch = true
		}
	}
	if r.Op == txn.OpSetACL && r.More == nil {
		r.More = &txn.RequestMore{ACL: acl.Open}
	}
	return r
}

// run plays one line.
func (s *script) run(t *testing.T, line string) {
	ask, want, _ := strings.Cut(line, " => ")
	members := strings.Split(ask, " | ")
	w := words(members[0])
	who, wait := w[0], !strings.HasSuffix(w[0], "&")
	who = strings.TrimSuffix(who, "&")
	if !slices.Contains(s.sessions, who) {
		s.sessions = append(s.sessions, who)
	}
	session := 0x100000000000001 + txn.SessionID(slices.Index(s.sessions, who))
	switch w[1] {
	case "connect", "reconnect":
		s.ids[who] = []txn.ID{{Scheme: acl.IP, ID: unquote(w[2])}}
		if w[1] == "connect" {
			s.send(&txn.Request{Op: txn.OpCreateSession, Session: session, Timeout: 30000}, line, want)
			s.answers(t)
		}
		return
	case "addAuth":
		credentials := strings.TrimPrefix(w[3], "data=")
		null := credentials == "null"
		if !null {
			credentials = unquote(credentials)
		}
		ids, code := acl.Authenticate(unquote(w[2]), credentials, null, s.ids[who][0].ID, s.tree.cfg.SuperDigest)
		assert.Equal(t, want, code.String(), line)
		for _, id := range ids {
			if !slices.Contains(s.ids[who], id) {
				s.ids[who] = append(slices.Clone(s.ids[who]), id)
			}
		}
		return
	}
	r := &txn.Request{Op: opsByName[w[1]]}
	if r.Op == txn.OpMulti || r.Op == txn.OpMultiRead {
		r.More = &txn.RequestMore{}
		for _, m := range members[1:] {
			r.More.Ops = append(r.More.Ops, *parseRequest(words(m)))
		}
	} else {
		r = parseRequest(w[1:])
	}
	r.Session, r.Auth = session, s.ids[who]
	s.send(r, line, want)
	if wait {
		s.answers(t)
	}
}

func (s *script) send(r *txn.Request, line, want string) {
	e := sent{line: line, want: want, r: r}
	if r.Op.IsUpdate() {
		s.next++
		e.x = s.tree.Prep(r, txn.SessionCheck{}, s.next, int64(s.next))
	}
	s.sent = append(s.sent, e)
}

func (s *script) answers(t *testing.T) {
	for _, e := range s.sent {
		var got txn.Result
		if e.x != nil {
			got = s.tree.Apply(e.x)
		} else {
			got = s.tree.Read(e.r, txn.Watcher(e.r.Session&0xff))
		}
		if e.want == "NO_REPLY" {
			assert.Equal(t, txn.OK, got.Err, e.line)
			continue
		}
		parts := strings.Split(e.want, " | ")
		check(t, e.line, parts[0], &got)
		if len(parts) > 1 && assert.Len(t, got.More.Results, len(parts)-1, e.line) {
			for i := range got.More.Results {
				checkMember(t, e.line, parts[i+1], &got.More.Results[i])
			}
		}
	}
	s.sent = s.sent[:0]
	assert.Empty(t, s.tree.pending.list)
}

func checkMember(t *testing.T, line, want string, got *txn.Result) {
	kind, rest, _ := strings.Cut(want, " ")
	op := got.Op
	if op == txn.OpCreateTTL || op == txn.OpCreateContainer {
		op = txn.OpCreate2
	}
	assert.Equal(t, kind, op.String(), line)
	if kind != "error" {
		rest = "OK " + rest
	}
	check(t, line, rest, got)
}

// check compares a result with its text.
func check(t *testing.T, line, want string, got *txn.Result) {
	t.Helper()
	w := words(want)
	assert.Equal(t, w[0], got.Err.String(), line)
	more := got.More
	if more == nil {
		more = &txn.ResultMore{}
	}
	for _, arg := range w[1:] {
		key, val, _ := strings.Cut(arg, "=")
		is := ""
		switch key {
		case "path":
			is = strconv.Quote(more.Path)
		case "data":
			if is = strconv.Quote(got.Data); got.Null {
				is = "null"
			}
		case "names":
			is = strconv.Quote(strings.Join(more.Names, ","))
		case "number":
			is = strconv.Itoa(int(more.Number))
		case "who":
			var who []string
			for _, id := range more.IDs {
				who = append(who, id.Scheme+":"+id.ID)
			}
			slices.Sort(who)
			is = strconv.Quote(strings.Join(who, ","))
		case "acl":
			assert.ElementsMatch(t, parseList(unquote(val)), more.ACL, line)
			continue
		case "versions":
			is = fmt.Sprintf("%d/%d/%d", got.Stat.Version, got.Stat.Cversion, got.Stat.Aversion)
		}
		if key != "versions" && val != "null" && val[0] == '"' {
			val, is = unquote(val), unquote(is)
		}
		assert.Equal(t, val, is, "%s: %s", line, key)
	}
}

// Goal: every answer of ZooKeeper 3.8.0 to the scripts of requests in testdata.
func TestRecorded(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.txt")
	require.NoError(t, err)
	for _, part := range strings.Split(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(part), "\n")
		head := strings.TrimPrefix(lines[0], "# ")
		t.Run(strings.Fields(head)[0], func(t *testing.T) {
			s := newScript(t, head)
			for _, line := range lines[1:] {
				s.run(t, line)
			}
		})
	}
}
