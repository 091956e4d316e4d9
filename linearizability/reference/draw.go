package reference

import (
	"slices"
	"strings"

	"zabsim/zab/txn"
	"zabsim/zab/zxid"
)

// Draw is where the requests of a comparison come from: random numbers, or what a
// property test wants to shrink.
type Draw interface {
	// Int returns a number between lo and hi, both included. The label says what for.
	Int(lo, hi int, label string) int
}

func pick[T any](d Draw, list []T, label string) T { return list[d.Int(0, len(list)-1, label)] }

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
func drawPath(d Draw, m *Model) string {
	switch n := d.Int(0, 19, "where"); {
	case n < 11:
		return m.nodes[d.Int(0, len(m.nodes)-1, "node")].path
	case n < 17:
		return join(drawParent(d, m), pick(d, names, "name"))
	case n < 19:
		return quotaRoot + pick(d, quotaTops, "top") +
			pick(d, []string{"", limitsName, statsName}, "quota")
	}
	return pick(d, oddPaths, "odd")
}

func drawParent(d Draw, m *Model) string {
	p := m.nodes[d.Int(0, len(m.nodes)-1, "parent")].path
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

func drawData(d Draw, r *txn.Request) {
	if strings.HasPrefix(r.Path, quotaRoot+"/") {
		r.Data = pick(d, quotaTexts, "text")
		return
	}
	r.Data = pick(d, []string{"", "x", "0123456789"}, "data")
	r.Null = r.Data == "" && (d.Int(0, 1, "null") == 1)
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
func drawACL(d Draw) *txn.RequestMore {
	switch n := d.Int(0, 8, "acl"); {
	case n < 5:
		return nil
	case n < 8:
		return &txn.RequestMore{ACL: pick(d, goodACLs, "good")}
	}
	more := &txn.RequestMore{}
	for range d.Int(0, 3, "list") {
		more.ACL = append(more.ACL, drawOddACL(d))
	}
	return more
}

// drawOddACL draws an entry that may be none.
func drawOddACL(d Draw) txn.ACL {
	perms := pick(d, []int32{31, 31, 1, 2, 4, 8, 16, 30, 15, 0, -1}, "perms")
	scheme := pick(d, []string{"world", "world", "auth", "digest", "digest", "ip", "super", ""}, "scheme")
	id := ""
	switch scheme {
	case "world":
		id = pick(d, []string{"anyone", "anyone", "anyone", "someone"}, "id")
	case "digest":
		id = pick(d, append(digests, "u1", ":", "u1:", ":x", "a:b:", "a:b:c"), "id")
	case "ip":
		id = pick(d, []string{
			"127.0.0.1", "127.0.0.2", "127.0.0.0/24", "127.0.0.3/31", "0.0.0.0/0", "1.2.3", "1.2.3.256", "127.0.0.1/33", "::1", "::/0",
			"1::2::3", "fe80:0:0:0:0:0:0:1/64", "+1.2.3.4", "1.2.3.4/", "x",
		}, "id")
	}
	return txn.ACL{Perms: perms, ID: txn.ID{Scheme: scheme, ID: id}}
}

func drawVersion(d Draw) int32 {
	return pick(d, []int32{-1, -1, -1, 0, 0, 1, 2, -2}, "version")
}

var creates = []txn.Op{txn.OpCreate, txn.OpCreate, txn.OpCreate, txn.OpCreate2, txn.OpCreateTTL, txn.OpCreateContainer}

// drawChange draws what may be a member of a multi.
func drawChange(d Draw, m *Model) txn.Request {
	ops := append(slices.Clone(creates), txn.OpDelete, txn.OpDelete, txn.OpDelete, txn.OpSetData, txn.OpSetData, txn.OpCheck)
	r := txn.Request{Op: pick(d, ops, "op")}
	if !r.Op.IsCreate() {
		r.Path, r.Version = drawPath(d, m), drawVersion(d)
		if r.Op == txn.OpSetData {
			drawData(d, &r)
		}
		return r
	}
	r.Path = drawPath(d, m)
	if d.Int(0, 3, "fresh") > 0 {
		r.Path = join(drawParent(d, m), pick(d, []string{"a", "b", "c", "s-", ""}, "name"))
	}
	drawData(d, &r)
	r.More = drawACL(d)
	switch r.Op {
	case txn.OpCreateTTL:
		r.Flags = pick(d, []int32{5, 5, 6, 6, 0, 1, 4}, "mode")
		r.TTL = pick(d, []int64{1, 5, 100, 1<<40 - 1, 1 << 40, 0, -1}, "ttl")
	case txn.OpCreateContainer:
		// An ephemeral container is a contradiction that a multi, before it is applied, sees
		// otherwise than after.
		r.Flags = pick(d, []int32{4, 4, 0, 2}, "mode")
	default:
		r.Flags = pick(d, []int32{0, 0, 0, 1, 1, 2, 3, 4, 5, 7, -1}, "mode")
	}
	return r
}

// drawUpdate draws a request that takes a zxid.
func drawUpdate(d Draw, m *Model) *txn.Request {
	r := &txn.Request{}
	switch n := d.Int(0, 29, "update"); {
	case n < 19:
		*r = drawChange(d, m)
	case n < 24:
		r.Op, r.More = txn.OpMulti, &txn.RequestMore{}
		for range d.Int(0, 4, "members") {
			r.More.Ops = append(r.More.Ops, drawChange(d, m))
		}
	case n < 27:
		r.Op, r.Path, r.Version, r.More = txn.OpSetACL, drawPath(d, m), drawVersion(d), drawACL(d)
		if r.More == nil {
			r.More = &txn.RequestMore{ACL: anyone(allPerms)}
		}
	case n < 28:
		r.Op, r.Path = txn.OpDeleteContainer, drawPath(d, m)
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
func drawRead(d Draw, m *Model, z zxid.Zxid) *txn.Request {
	r := &txn.Request{Op: pick(d, reads, "read"), Path: drawPath(d, m)}
	if len(m.watches) > 0 && d.Int(0, 3, "watched") == 0 {
		r.Path = pick(d, m.watches, "watch").path // where two kinds may meet
	}
	switch r.Op {
	case txn.OpAddWatch:
		r.Flags = pick(d, []int32{0, 1, 1, 0, 1, 0, 1, 2}, "mode")
	case txn.OpCheckWatches, txn.OpRemoveWatches:
		r.Flags = pick(d, []int32{1, 2, 3, 3, 1, 2, 3, 0}, "type")
		if len(m.watches) > 0 && d.Int(0, 3, "there") > 0 {
			r.Path = pick(d, m.watches, "watch").path
		}
	case txn.OpGetEphemerals:
		r.Path = pick(d, []string{"", " ", "/", " / ", "/a", "/a/", "a", "/b"}, "prefix")
	case txn.OpMultiRead:
		r.More = &txn.RequestMore{}
		for range d.Int(0, 3, "members") {
			op := pick(d, []txn.Op{txn.OpGetData, txn.OpGetChildren}, "op")
			r.More.Ops = append(r.More.Ops, txn.Request{Op: op, Path: drawPath(d, m), Watch: (d.Int(0, 1, "w") == 1)})
		}
	case txn.OpSetWatches, txn.OpSetWatches2:
		list := func(name string) (paths []string) {
			for range d.Int(0, 2, name) {
				paths = append(paths, drawPath(d, m))
			}
			return paths
		}
		w := &txn.WatchLists{
			Relative: zxid.Zxid(d.Int(0, int(z), "relative")), Data: list("data"), Exist: list("exist"), Child: list("child"),
		}
		if r.Op == txn.OpSetWatches2 {
			w.Persistent, w.Recursives = list("persistent"), list("recursive")
		}
		r.More = &txn.RequestMore{Watches: w}
	default:
		r.Watch = (d.Int(0, 1, "leave") == 1)
	}
	return r
}
