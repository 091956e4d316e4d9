package reference

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// The generators draw requests for a small tree, so that they meet: most paths are
// those of nodes that are there, or one below.

var (
	names    = []string{"a", "b", "c"}
	oddPaths = []string{
		"", "/", "//", "a", "a/b", "/a/", "//a", "/a//b", "/.", "/a/..", "/a/./b", "/...", "/a.b", "/a\x00b", "/\x07", "/a\u0085",
		"/\ud7ff", "/\ue000", "/\ufff0", "/\U0001F600", "/\xff", "/zookeeper", "/zookeeper/config", "/zookeeper/quota", "/zookeeper/x",
	}
	quotaTops  = []string{"/a", "/a/b", "/b", "/zookeeper"}
	quotaTexts = []string{
		"count=2,bytes=8", "count=3,bytes=20=;byteHardLimit=12;countHardLimit=4", "count=-1,bytes=-1=;countHardLimit=3",
		"byteHardLimit=5", "count=0,bytes=0", "garbage", "count=", "", ",count=1", "count==7", "bytes=3;;count=+4,",
	}
	users   = []string{"u1:p1", "u2:p2", "super:pw"}
	digests = []string{"u1:fpT/y03U+EjItKZOSLGvjnJlyng=", "u2:RXFy9Fd2bZr5kkOT33xajfgiKZ8=", "super:" + superHash}
)

// drawPath draws where a request goes.
func drawPath(t *rapid.T, m *Model) string {
	switch n := rapid.IntRange(0, 19).Draw(t, "where"); {
	case n < 11:
		return m.nodes[rapid.IntRange(0, len(m.nodes)-1).Draw(t, "node")].path
	case n < 17:
		return join(drawParent(t, m), rapid.SampledFrom(names).Draw(t, "name"))
	case n < 19:
		return quotaRoot + rapid.SampledFrom(quotaTops).Draw(t, "top") +
			rapid.SampledFrom([]string{"", limitsName, statsName}).Draw(t, "quota")
	}
	return rapid.SampledFrom(oddPaths).Draw(t, "odd")
}

func drawParent(t *rapid.T, m *Model) string {
	p := m.nodes[rapid.IntRange(0, len(m.nodes)-1).Draw(t, "parent")].path
	if strings.Count(p, "/") > 3 {
		return "/"
	}
	return p
}

func join(top, name string) string {
	if top == "/" {
		return "/" + name
	}
	return top + "/" + name
}

func drawData(t *rapid.T, r *txn.Request) {
	if strings.HasPrefix(r.Path, quotaRoot+"/") {
		r.Data = rapid.SampledFrom(quotaTexts).Draw(t, "text")
		return
	}
	r.Data = rapid.SampledFrom([]string{"", "x", "0123456789"}).Draw(t, "data")
	r.Null = r.Data == "" && rapid.Bool().Draw(t, "null")
}

// goodACLs are lists with which some can do something and others can't.
var goodACLs = [][]txn.ACL{
	{{Perms: 31, ID: txn.ID{Scheme: "auth"}}},
	{{Perms: 31, ID: txn.ID{Scheme: "digest", ID: digests[0]}}, {Perms: 1, ID: txn.ID{Scheme: "world", ID: "anyone"}}},
	{{Perms: 30, ID: txn.ID{Scheme: "world", ID: "anyone"}}, {Perms: 1, ID: txn.ID{Scheme: "digest", ID: digests[1]}}},
	{{Perms: 15, ID: txn.ID{Scheme: "world", ID: "anyone"}}, {Perms: 16, ID: txn.ID{Scheme: "digest", ID: digests[0]}}},
	{{Perms: 1, ID: txn.ID{Scheme: "ip", ID: "127.0.0.2/31"}}, {Perms: 30, ID: txn.ID{Scheme: "ip", ID: "127.0.0.0/30"}}},
}

// drawACL draws an access list, nil most of the time.
func drawACL(t *rapid.T) *txn.RequestMore {
	switch n := rapid.IntRange(0, 8).Draw(t, "acl"); {
	case n < 5:
		return nil
	case n < 8:
		return &txn.RequestMore{ACL: rapid.SampledFrom(goodACLs).Draw(t, "good")}
	}
	one := rapid.Custom(func(t *rapid.T) txn.ACL {
		perms := rapid.SampledFrom([]int32{31, 31, 1, 2, 4, 8, 16, 30, 15, 0, -1}).Draw(t, "perms")
		scheme := rapid.SampledFrom([]string{"world", "world", "auth", "digest", "digest", "ip", "super", ""}).Draw(t, "scheme")
		id := ""
		switch scheme {
		case "world":
			id = rapid.SampledFrom([]string{"anyone", "anyone", "anyone", "someone"}).Draw(t, "id")
		case "digest":
			id = rapid.SampledFrom(append(digests, "u1", ":", "u1:", ":x", "a:b:", "a:b:c")).Draw(t, "id")
		case "ip":
			id = rapid.SampledFrom([]string{
				"127.0.0.1", "127.0.0.2", "127.0.0.0/24", "127.0.0.3/31", "0.0.0.0/0", "1.2.3", "1.2.3.256", "127.0.0.1/33", "::1", "::/0",
				"1::2::3", "fe80:0:0:0:0:0:0:1/64", "+1.2.3.4", "1.2.3.4/", "x",
			}).Draw(t, "id")
		}
		return txn.ACL{Perms: perms, ID: txn.ID{Scheme: scheme, ID: id}}
	})
	return &txn.RequestMore{ACL: rapid.SliceOfN(one, 0, 3).Draw(t, "list")}
}

func drawVersion(t *rapid.T) int32 {
	return rapid.SampledFrom([]int32{-1, -1, -1, 0, 0, 1, 2, -2}).Draw(t, "version")
}

var creates = []txn.Op{txn.OpCreate, txn.OpCreate, txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer}

// drawChange draws what may be a member of a multi.
func drawChange(t *rapid.T, m *Model) txn.Request {
	ops := append(slices.Clone(creates), txn.OpDelete, txn.OpDelete, txn.OpDelete, txn.OpSetData, txn.OpSetData, txn.OpCheck)
	r := txn.Request{Op: rapid.SampledFrom(ops).Draw(t, "op")}
	if !r.Op.IsCreate() {
		r.Path, r.Version = drawPath(t, m), drawVersion(t)
		if r.Op == txn.OpSetData {
			drawData(t, &r)
		}
		return r
	}
	r.Path = drawPath(t, m)
	if rapid.IntRange(0, 3).Draw(t, "fresh") > 0 {
		r.Path = join(drawParent(t, m), rapid.SampledFrom([]string{"a", "b", "c", "s-", ""}).Draw(t, "name"))
	}
	drawData(t, &r)
	r.More = drawACL(t)
	switch r.Op {
	case txn.OpCreateTTL:
		r.Flags = rapid.SampledFrom([]int32{5, 5, 6, 6, 0, 1, 4}).Draw(t, "mode")
		r.TTL = rapid.SampledFrom([]int64{1, 5, 100, 1<<40 - 1, 1 << 40, 0, -1}).Draw(t, "ttl")
	case txn.OpCreateContainer:
		// An ephemeral container is a contradiction that a multi, before it is applied, sees
		// otherwise than after.
		r.Flags = rapid.SampledFrom([]int32{4, 4, 0, 2}).Draw(t, "mode")
	default:
		r.Flags = rapid.SampledFrom([]int32{0, 0, 0, 1, 1, 2, 3, 4, 5, 7, -1}).Draw(t, "mode")
	}
	return r
}

// drawUpdate draws a request that takes a zxid.
func drawUpdate(t *rapid.T, m *Model) *txn.Request {
	r := &txn.Request{}
	switch n := rapid.IntRange(0, 29).Draw(t, "update"); {
	case n < 19:
		*r = drawChange(t, m)
		for r.Op == txn.OpCheck { // nobody sends it alone
			*r = drawChange(t, m)
		}
	case n < 24:
		r.Op, r.More = txn.OpMulti, &txn.RequestMore{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			r.More.Ops = append(r.More.Ops, drawChange(t, m))
		}
	case n < 27:
		r.Op, r.Path, r.Version, r.More = txn.OpSetACL, drawPath(t, m), drawVersion(t), drawACL(t)
		if r.More == nil {
			r.More = &txn.RequestMore{ACL: anyone(allPerms)}
		}
	case n < 28:
		r.Op, r.Path = txn.OpDeleteContainer, drawPath(t, m)
	case n < 29:
		r.Op = txn.OpCloseSession
	default:
		r.Op = txn.OpReconfig
	}
	return r
}

var reads = []txn.Op{
	txn.OpExists, txn.OpExists, txn.OpExists, txn.OpGetData, txn.OpGetData, txn.OpGetData, txn.OpGetChildren, txn.OpGetChildren,
	txn.OpGetChildren2, txn.OpGetChildren2, txn.OpGetACL, txn.OpGetACL, txn.OpGetAllChildrenNumber, txn.OpGetEphemerals, txn.OpMultiRead,
	txn.OpWhoAmI, txn.OpAddWatch, txn.OpAddWatch, txn.OpAddWatch, txn.OpCheckWatches, txn.OpRemoveWatches, txn.OpRemoveWatches,
	txn.OpSetWatches, txn.OpSetWatches2, txn.OpSync, txn.OpPing,
}

// drawRead draws a request that takes no zxid; z is the last one that was taken.
func drawRead(t *rapid.T, m *Model, z zxid.Zxid) *txn.Request {
	r := &txn.Request{Op: rapid.SampledFrom(reads).Draw(t, "read"), Path: drawPath(t, m)}
	if len(m.watches) > 0 && rapid.IntRange(0, 3).Draw(t, "watched") == 0 {
		r.Path = rapid.SampledFrom(m.watches).Draw(t, "watch").path // where two kinds may meet
	}
	switch r.Op {
	case txn.OpAddWatch:
		r.Flags = rapid.SampledFrom([]int32{0, 1, 1, 0, 1, 0, 1, 2}).Draw(t, "mode")
	case txn.OpCheckWatches, txn.OpRemoveWatches:
		r.Flags = rapid.SampledFrom([]int32{1, 2, 3, 3, 1, 2, 3, 0}).Draw(t, "type")
		if len(m.watches) > 0 && rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			r.Path = rapid.SampledFrom(m.watches).Draw(t, "watch").path
		}
	case txn.OpGetEphemerals:
		r.Path = rapid.SampledFrom([]string{"", " ", "/", " / ", "/a", "/a/", "a", "/b"}).Draw(t, "prefix")
	case txn.OpMultiRead:
		r.More = &txn.RequestMore{}
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			op := rapid.SampledFrom([]txn.Op{txn.OpGetData, txn.OpGetChildren}).Draw(t, "op")
			r.More.Ops = append(r.More.Ops, txn.Request{Op: op, Path: drawPath(t, m), Watch: rapid.Bool().Draw(t, "w")})
		}
	case txn.OpSetWatches, txn.OpSetWatches2:
		list := func(name string) (paths []string) {
			for range rapid.IntRange(0, 2).Draw(t, name) {
				paths = append(paths, drawPath(t, m))
			}
			return paths
		}
		w := &txn.WatchLists{
			Relative: zxid.Zxid(rapid.Uint64Range(0, uint64(z)).Draw(t, "relative")), Data: list("data"), Exist: list("exist"), Child: list("child"),
		}
		if r.Op == txn.OpSetWatches2 {
			w.Persistent, w.Recursives = list("persistent"), list("recursive")
		}
		r.More = &txn.RequestMore{Watches: w}
	default:
		r.Watch = rapid.Bool().Draw(t, "leave")
	}
	return r
}
