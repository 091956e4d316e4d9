package tree

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// withQuota has limits and usage for "/app" and "/app/in".
func withQuota(cfg *Config) *Tree {
	s := New(cfg)
	for _, path := range []string{"/app", "/app/in", "/app/in/x", quotaPath + "/app", limitPath("/app"), statPath("/app"),
		quotaPath + "/app/in", limitPath("/app/in"), statPath("/app/in")} {
		data := "data"
		if isUsage(path) {
			data = "count=77,bytes=77"
		}
		s.Apply(&txn.Txn{Op: txn.OpCreate, Path: path, Data: data, ParentCversion: -1, Zxid: 2})
	}
	return s
}

func (t *Tree) used(prefix string) string { return t.find(statPath(prefix)).data }

// Goal: usage is counted as DataTree does: all below at first, then what changes
// under the longest prefix.
func TestUsage(t *testing.T) {
	s := withQuota(&Config{})
	assert.Equal(t, "count=3,bytes=12", s.used("/app"))
	assert.Equal(t, "count=2,bytes=8", s.used("/app/in"))
	s.Apply(&txn.Txn{Op: txn.OpCreate, Path: "/app/new", Data: "123", ParentCversion: -1, Zxid: 3})
	s.Apply(&txn.Txn{Op: txn.OpSetData, Path: "/app/in/x", Data: "1", Zxid: 3})
	assert.Equal(t, "count=4,bytes=15", s.used("/app"))
	assert.Equal(t, "count=2,bytes=5", s.used("/app/in"))
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: "/app/in/x", Zxid: 3})
	s.Apply(&txn.Txn{Op: txn.OpSetData, Path: "/app", Null: true, Zxid: 3})
	assert.Equal(t, "count=4,bytes=11", s.used("/app"))
	assert.Equal(t, "count=1,bytes=4", s.used("/app/in"))
	for path, want := range map[string]string{"/app": "/app", "/app/in/x/y": "/app/in", "/app/i": "/app", "/ap": "", "/": "", "": "", "/apple": ""} {
		assert.Equal(t, want, s.quotaPrefix(path), path)
	}
	s.Apply(&txn.Txn{Op: txn.OpDelete, Path: limitPath("/app"), Zxid: 3})
	assert.Equal(t, "", s.quotaPrefix("/app"))
	s.sound(t)

	d := s.Dump()
	for d.Next(s) {
	}
	loaded := d.State().(*Tree)
	assert.Equal(t, "count=1,bytes=4", loaded.used("/app/in"))
	assert.Equal(t, "count=4,bytes=11", loaded.used("/app"), "has no limits any more")
	assert.Equal(t, s.Digest(), loaded.Digest())
	loaded.sound(t)
}

func TestMalformedUsage(t *testing.T) {
	garbage := &txn.Txn{Op: txn.OpSetData, Path: statPath("/app"), Data: "garbage", Zxid: 3}
	more := &txn.Txn{Op: txn.OpSetData, Path: "/app", Data: "1", Zxid: 4}
	s := withQuota(&Config{})
	s.Apply(garbage)
	assert.Equal(t, txn.OK, s.Apply(more).Err)
	assert.Equal(t, "garbage", s.used("/app"))
	assert.Empty(t, s.Crashed())

	s = withQuota(&Config{Bugs: bug.Set{}.With(bug.MalformedQuotaKills)})
	s.Apply(garbage)
	assert.Empty(t, s.Crashed())
	before := s.Fingerprint()
	assert.Equal(t, txn.SystemError, s.Apply(more).Err)
	assert.NotEmpty(t, s.Crashed())
	assert.NotEqual(t, before, s.Fingerprint())
}

// TestStats: what StatsTrack reads and writes.
func TestStats(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "count=-1,bytes=-1",
		",":                    "count=-1,bytes=-1",
		"count=4,bytes=20":     "count=4,bytes=20",
		"bytes=20;count=4;;":   "count=4,bytes=20",
		"count=4,,bytes==5":    "count=4,bytes=-1",
		"bytes=5=6":            "count=-1,bytes=5",
		"a=1,countHardLimit=2": "count=-1,bytes=-1=;a=1;countHardLimit=2",
		"count=-1,bytes=-1=;byteHardLimit=20;countHardLimit=2": "count=-1,bytes=-1=;byteHardLimit=20;countHardLimit=2",
		"count=+3":        "count=3,bytes=-1",
		"count=1,count=2": "count=2,bytes=-1",
		"=5":              "count=-1,bytes=-1=;=5",
	} {
		s, ok := parseStats(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, s.String(), text)
	}
	for _, text := range []string{"garbage", "count", "count=", "=", ",count=1", "count=x", "count= 1", "count=99999999999999999999"} {
		_, ok := parseStats(text)
		assert.False(t, ok, text)
	}
	s, _ := parseStats("count=1,bytes=2=;byteHardLimit=3;countHardLimit=4")
	assert.Equal(t, []int64{1, 2, 3, 4}, []int64{s.count(), s.bytes(), s.bytesHard(), s.countHard()})
}
