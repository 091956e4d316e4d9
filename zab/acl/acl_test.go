package acl

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"zabsim/zab/txn"
)

const (
	u1 = "u1:fpT/y03U+EjItKZOSLGvjnJlyng="
	u2 = "u2:o9NxcCGDPOlcV7JVhmKHOf5ctVE="
)

func one(perms int32, scheme, id string) txn.ACL {
	return txn.ACL{Perms: perms, ID: txn.ID{Scheme: scheme, ID: id}}
}

// The recordings hand-acl-addauth-failures and hand-acl-ip-scheme.
func TestAuthenticate(t *testing.T) {
	const super = "super:ftWqaTKCrqIX/MpjGlK+e4y9YEk="
	digest := func(id string) []txn.ID { return []txn.ID{{Scheme: Digest, ID: id}} }
	for _, c := range []struct {
		scheme, credentials string
		null                bool
		want                []txn.ID
	}{
		{"digest", "u1:p1", false, digest(u1)},
		{"digest", "u2:p2", false, digest(u2)},
		{"digest", "u:p:q", false, digest("u:VIgTKUjc2iscZoJn2UUrdGNNgW4=")},
		{"digest", "", false, digest(":2jmj7l5rSw0yVb/vlWAYkK/YBwk=")},
		{"digest", "nocolon", false, digest(DigestOf("nocolon"))},
		{"digest", "", true, nil},
		{"nope", "x", false, nil},
		{"world", "anyone", false, nil},
		{"super", "pw", false, nil},
		{"", "", false, nil},
		{"ip", "x", false, []txn.ID{{Scheme: IP, ID: "127.0.0.2"}}},
		{"ip", "", true, []txn.ID{{Scheme: IP, ID: "127.0.0.2"}}},
	} {
		got, code := Authenticate(c.scheme, c.credentials, c.null, "127.0.0.2", super)
		assert.Equal(t, c.want, got, c)
		assert.Equal(t, c.want == nil, code == txn.AuthFailed, c)
	}
	ids, code := Authenticate(Digest, "super:pw", false, "", DigestOf("super:pw"))
	assert.Equal(t, txn.OK, code)
	assert.Equal(t, []txn.ID{{Scheme: Super}, {Scheme: Digest, ID: DigestOf("super:pw")}}, ids)
	ids, _ = Authenticate(Digest, "super:no", false, "", DigestOf("super:pw"))
	assert.Len(t, ids, 1)
}

func TestUser(t *testing.T) {
	for want, id := range map[string]txn.ID{
		"u1":        {Scheme: Digest, ID: u1},
		"127.0.0.1": {Scheme: IP, ID: "127.0.0.1"},
		"":          {Scheme: Super, ID: "who"},
	} {
		assert.Equal(t, want, User(id))
	}
}

// The recording hand-acl-ip-scheme, and addresses of version 6 as the newest reads
// them.
func TestAllowsAddresses(t *testing.T) {
	for _, c := range []struct {
		net, addr string
		want      bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.2", "127.0.0.1", false},
		{"127.0.0.0/24", "127.0.0.2", true},
		{"127.0.0.0/24", "127.9.0.1", false},
		{"127.0.0.0/8", "127.9.0.1", true},
		{"9.9.9.9/0", "127.9.0.1", true},
		{"128.0.0.0/1", "200.1.1.1", true},
		{"128.0.0.0/1", "127.1.1.1", false},
		{"10.255.0.0/12", "10.241.0.1", true},
		{"10.255.0.0/12", "10.239.0.1", false},
		{"::1", "0:0:0:0:0:0:0:1", true},
		{"fe80::/10", "febf::7", true},
		{"fe80::/10", "fec0::7", false},
		{"::/0", "1.2.3.4", false},
		{"1.2.3.4/33", "1.2.3.4", false},
		{"1.2.3.4", "x", false},
	} {
		got := Allows([]txn.ACL{one(Read, IP, c.net)}, Read, []txn.ID{{Scheme: IP, ID: c.addr}})
		assert.Equal(t, c.want, got, "%s in %s", c.addr, c.net)
	}
}

func TestAllows(t *testing.T) {
	me := []txn.ID{{Scheme: IP, ID: "127.0.0.1"}, {Scheme: Digest, ID: u1}}
	for _, c := range []struct {
		list []txn.ACL
		perm int32
		want bool
	}{
		{nil, Admin, true},
		{Open, Admin, true},
		{[]txn.ACL{one(Read, World, "anyone")}, Read, true},
		{[]txn.ACL{one(Read, World, "anyone")}, Write, false},
		{[]txn.ACL{one(Read, World, "anyone")}, Read | Admin, true},
		{[]txn.ACL{one(0, World, "anyone")}, Read, false},
		{[]txn.ACL{one(64, World, "anyone")}, Read, false},
		{[]txn.ACL{one(-1, World, "anyone")}, Delete, true},
		{[]txn.ACL{one(All, World, "everyone")}, Read, false},
		{[]txn.ACL{one(All, Digest, u2)}, Read, false},
		{[]txn.ACL{one(All, Digest, u2), one(Write, Digest, u1)}, Write, true},
		{[]txn.ACL{one(All, Digest, u2), one(Write, Digest, u1)}, Read, false},
		{[]txn.ACL{one(All, "nope", u1)}, Read, false},
	} {
		assert.Equal(t, c.want, Allows(c.list, c.perm, me), c)
	}
	assert.True(t, Allows([]txn.ACL{one(0, Digest, u2)}, Admin, []txn.ID{{Scheme: Super}}))
	assert.False(t, Allows([]txn.ACL{one(All, "nope", "a")}, Read, []txn.ID{{Scheme: "nope", ID: "a"}}))
}

// The recording hand-acl-invalid-acls: s0 is nobody, s1 is u1.
func TestFix(t *testing.T) {
	ip := txn.ID{Scheme: IP, ID: "127.0.0.1"}
	nobody, somebody := []txn.ID{ip}, []txn.ID{ip, {Scheme: Digest, ID: u1}}
	mine := []txn.ACL{one(31, Digest, u1)}
	for _, c := range []struct {
		list       []txn.ACL
		nobody, u1 []txn.ACL // nil: InvalidACL
	}{
		{nil, nil, nil},
		{[]txn.ACL{}, nil, nil},
		{[]txn.ACL{one(31, World, "everyone")}, nil, nil},
		{[]txn.ACL{one(31, World, "")}, nil, nil},
		{[]txn.ACL{one(31, Digest, "u1")}, nil, nil},
		{[]txn.ACL{one(31, Digest, "u1:x:y")}, nil, nil},
		{[]txn.ACL{one(31, Digest, "")}, nil, nil},
		{[]txn.ACL{one(31, Digest, ":")}, nil, nil},
		{[]txn.ACL{one(31, Auth, "")}, nil, mine},
		{[]txn.ACL{one(31, Auth, "foo")}, nil, mine},
		{[]txn.ACL{one(31, IP, "127.0.0.1/33")}, nil, nil},
		{[]txn.ACL{one(31, IP, "127.0.0.1/-1")}, nil, nil},
		{[]txn.ACL{one(31, IP, "not-ip")}, nil, nil},
		{[]txn.ACL{one(31, IP, "1.2.3")}, nil, nil},
		{[]txn.ACL{one(31, IP, "1.2.3.256")}, nil, nil},
		{[]txn.ACL{one(31, IP, "1.2.3.4.")}, nil, nil},
		{[]txn.ACL{one(31, IP, "::1")}, nil, nil},
		{[]txn.ACL{one(31, IP, "")}, nil, nil},
		{[]txn.ACL{one(31, "nope", "x")}, nil, nil},
		{[]txn.ACL{one(31, "", "")}, nil, nil},
		{[]txn.ACL{one(31, Super, "x")}, nil, nil},
		{[]txn.ACL{one(31, "sasl", "x")}, nil, nil},
		{[]txn.ACL{one(1, World, "anyone"), one(31, "nope", "x")}, nil, nil},
		{
			[]txn.ACL{one(1, World, "anyone"), one(1, World, "anyone")},
			[]txn.ACL{one(1, World, "anyone")},
			[]txn.ACL{one(1, World, "anyone")},
		},
		{
			[]txn.ACL{one(1, World, "anyone"), one(3, Auth, ""), one(2, IP, "10.0.0.1")},
			nil,
			[]txn.ACL{one(1, World, "anyone"), one(3, Digest, u1), one(2, IP, "10.0.0.1")},
		},
	} {
		for _, who := range []struct {
			ids  []txn.ID
			want []txn.ACL
		}{{nobody, c.nobody}, {somebody, c.u1}} {
			got, code := Fix(c.list, who.ids, true)
			assert.Equal(t, who.want, got, c.list)
			assert.Equal(t, who.want == nil, code == txn.InvalidACL, c.list)
		}
	}
	for _, same := range [][]txn.ACL{
		{one(0, World, "anyone")},
		{one(-1, World, "anyone")},
		{one(31, Digest, u1)},
		{one(31, Digest, "super:x")},
		{one(31, Digest, "u:x:")},
		{one(31, IP, "127.0.0.1/8")},
		{one(1, World, "anyone"), one(2, World, "anyone")},
	} {
		got, code := Fix(same, nobody, true)
		assert.Equal(t, same, got)
		assert.Equal(t, txn.OK, code)
	}
}

// IPv6 grantees are valid in the newest release.
func TestFixTakesIPv6(t *testing.T) {
	for text, want := range map[string]bool{
		"::1": true, "::": true, "1::": true, "1:2:3:4:5:6:7:8": true, "::1/128": true, "fe80::/10": true,
		"::1/129": false, "1:2:3:4:5:6:7": false, "1:2:3:4:5:6:7:8:9": false, "1::2::3": false,
		"1:2:3:4:5:6:7::8": false, "12345::": false, "g::": false, ":": false, ":::": false,
	} {
		_, code := Fix([]txn.ACL{one(1, IP, text)}, nil, false)
		assert.Equal(t, want, code == txn.OK, text)
	}
}

// The recording hand-acl-getacl-masking.
func TestMasked(t *testing.T) {
	list := []txn.ACL{one(31, Digest, u1), one(1, World, "anyone"), one(16, Digest, u2), one(31, IP, "10.0.0.1")}
	assert.Equal(t, []txn.ACL{
		one(31, Digest, "u1:x"), one(1, World, "anyone"), one(16, Digest, "u2:x"), one(31, IP, "10.0.0.1"),
	}, Masked(list))
	assert.Equal(t, u1, list[0].ID.ID)
}

func BenchmarkAllows(b *testing.B) {
	list := []txn.ACL{one(All, Digest, u2), one(Read, IP, "127.0.0.0/8")}
	ids := []txn.ID{{Scheme: IP, ID: "127.0.0.1"}, {Scheme: Digest, ID: u1}}
	b.ReportAllocs()
	for b.Loop() {
		if !Allows(list, Read, ids) {
			b.Fatal("not allowed")
		}
	}
}
