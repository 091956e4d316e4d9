// Package acl decides who may do what: it matches the identities of a connection
// against access lists, makes identities from credentials, and checks the lists
// that clients send (protocol facts 11.6). It knows the schemes that a ZooKeeper
// server has without configuration: world, auth, digest and ip, and super, which
// passes everywhere and can't be in a list.
package acl

import (
	"crypto/sha1" //nolint:gosec // it is what the digest scheme says
	"encoding/base64"
	"strings"

	"zabsim/zab/txn"
)

// The permissions (ZooDefs.Perms).
const (
	Read   int32 = 1
	Write  int32 = 2
	Create int32 = 4
	Delete int32 = 8
	Admin  int32 = 16
	All    int32 = 31
)

// The schemes.
const (
	World  = "world"
	Auth   = "auth"
	Digest = "digest"
	IP     = "ip"
	Super  = "super"
)

// Anyone is the grantee that everybody is.
var Anyone = txn.ID{Scheme: World, ID: "anyone"}

// Open is the list that lets everybody do everything. Nobody may change it.
var Open = []txn.ACL{{Perms: All, ID: Anyone}}

// Allows tells whether the list grants one of the permissions in perm to somebody
// with the given identities. The address of a connection is among them, under the
// scheme ip. An empty list grants everything (ZooKeeperServer.checkACL).
func Allows(list []txn.ACL, perm int32, ids []txn.ID) bool {
	if len(list) == 0 {
		return true
	}
	for i := range ids {
		if ids[i].Scheme == Super {
			return true
		}
	}
	for i := range list {
		if list[i].Perms&perm == 0 {
			continue
		}
		if list[i].ID == Anyone {
			return true
		}
		for k := range ids {
			if matches(ids[k], list[i].ID) {
				return true
			}
		}
	}
	return false
}

// matches tells whether an identity is who the grantee names
// (AuthenticationProvider.matches).
func matches(id, grantee txn.ID) bool {
	if id.Scheme != grantee.Scheme {
		return false
	}
	switch id.Scheme {
	case Digest:
		return id.ID == grantee.ID
	case IP:
		return matchesIP(id.ID, grantee.ID)
	}
	return false
}

// Authenticate returns the identities that credentials of a connection from addr
// stand for, AuthFailed if there is no such scheme. Null says that the packet had
// no credentials at all, which is not the same as empty ones. superDigest is
// "super:" and the base64 of a digest; who knows what makes it passes everywhere,
// "" is nobody (DigestAuthenticationProvider, IPAuthenticationProvider).
func Authenticate(scheme, credentials string, null bool, addr, superDigest string) ([]txn.ID, txn.Code) {
	switch {
	case scheme == IP:
		return []txn.ID{{Scheme: IP, ID: addr}}, txn.OK
	case scheme == Digest && !null:
		id := txn.ID{Scheme: Digest, ID: DigestOf(credentials)}
		if superDigest != "" && id.ID == superDigest {
			return []txn.ID{{Scheme: Super}, id}, txn.OK
		}
		return []txn.ID{id}, txn.OK
	}
	return nil, txn.AuthFailed
}

// DigestOf turns "user:password" into "user:" and the base64 of the SHA-1 of the
// whole (DigestAuthenticationProvider.generateDigest). Without a colon all of it is
// the user.
func DigestOf(credentials string) string {
	user, _, _ := strings.Cut(credentials, ":")
	sum := sha1.Sum([]byte(credentials)) //nolint:gosec // see the import
	return user + ":" + base64.StdEncoding.EncodeToString(sum[:])
}

// User returns what whoAmI shows of an identity: the user's name of a digest, the
// address of an ip, nothing of any other (AuthUtil.getUser).
func User(id txn.ID) string {
	switch id.Scheme {
	case Digest:
		user, _, _ := strings.Cut(id.ID, ":")
		return user
	case IP:
		return id.ID
	}
	return ""
}

// Fix checks the list of a create or setACL and returns what is stored: without
// duplicates, and with the caller's authenticated identities in place of auth. The
// order stays. InvalidACL if the list is empty, names a scheme that is not there or
// a grantee that the scheme can't have, or says auth for a caller who is nobody.
// With noIPv6 the ip scheme takes IPv4 alone, as up to ZOOKEEPER-4240
// (PrepRequestProcessor.fixupACL).
func Fix(list []txn.ACL, ids []txn.ID, noIPv6 bool) ([]txn.ACL, txn.Code) {
	if len(list) == 0 {
		return nil, txn.InvalidACL
	}
	keep := true
	for i := range list {
		a := &list[i]
		switch {
		case before(list, i):
			keep = false
		case a.ID == Anyone:
		case a.Scheme == Auth:
			keep = false
		case !valid(a.ID, noIPv6):
			return nil, txn.InvalidACL
		}
	}
	if keep {
		return list, txn.OK
	}
	return expand(list, ids)
}

// expand drops duplicates and puts identities in place of auth.
func expand(list []txn.ACL, ids []txn.ID) ([]txn.ACL, txn.Code) {
	fixed := make([]txn.ACL, 0, len(list)+len(ids))
	for i, a := range list {
		if before(list, i) {
			continue
		}
		if a.Scheme != Auth {
			fixed = append(fixed, a)
			continue
		}
		n := len(fixed)
		for _, id := range ids {
			if id.Scheme == Digest { // an address is no proof of who one is
				fixed = append(fixed, txn.ACL{Perms: a.Perms, ID: id})
			}
		}
		if len(fixed) == n {
			return nil, txn.InvalidACL
		}
	}
	return fixed, txn.OK
}

// before tells whether entry i is also further in front.
func before(list []txn.ACL, i int) bool {
	for k := range i {
		if list[k] == list[i] {
			return true
		}
	}
	return false
}

// valid tells whether the grantee's scheme takes it (AuthenticationProvider.isValid).
func valid(id txn.ID, noIPv6 bool) bool {
	switch id.Scheme {
	case Digest:
		// Java's split drops empty parts at the end, so "u:x:" has two.
		return strings.Count(strings.TrimRight(id.ID, ":"), ":") == 1
	case IP:
		if noIPv6 && strings.Contains(id.ID, ":") {
			return false
		}
		_, _, ok := parseNet(id.ID)
		return ok
	}
	return false
}

// Masked returns the list as it is shown to who may READ but not ADMIN: without the
// digests (FinalRequestProcessor, getACL). The list itself stays as it is.
func Masked(list []txn.ACL) []txn.ACL {
	shown := make([]txn.ACL, len(list))
	copy(shown, list)
	for i := range shown {
		if shown[i].Scheme == Digest {
			shown[i].ID.ID = maskDigest(shown[i].ID.ID)
		}
	}
	return shown
}

// maskDigest is the regular expression ":.*" with ":x" put in its place.
func maskDigest(id string) string {
	user, _, found := strings.Cut(id, ":")
	if !found {
		return id
	}
	return user + ":x"
}
