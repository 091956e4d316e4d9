package reference

import (
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/bug"
	"zabsim/zab/txn"
)

// The permissions (ZooDefs.Perms).
const (
	permRead   = 1
	permWrite  = 2
	permCreate = 4
	permDelete = 8
	permAdmin  = 16
	allPerms   = 31
)

// allowed tells whether one of perms is granted to one of ids
// (ZooKeeperServer.checkACL). A list that is empty grants all.
func allowed(acl []txn.ACL, perms int32, ids []txn.ID) bool {
	if len(acl) == 0 {
		return true
	}
	for _, id := range ids {
		if id.Scheme == "super" {
			return true
		}
	}
	for _, a := range acl {
		if a.Perms&perms == 0 {
			continue
		}
		if a.ID == (txn.ID{Scheme: "world", ID: "anyone"}) {
			return true
		}
		for _, id := range ids {
			if id.Scheme != a.Scheme {
				continue
			}
			if a.Scheme == "digest" && id.ID == a.ID.ID || a.Scheme == "ip" && inNet(id.ID, a.ID.ID) {
				return true
			}
		}
	}
	return false
}

// expand returns the list that is stored for one that a client sent: without what is
// there twice, and with who asks in the place of scheme auth
// (PrepRequestProcessor.fixupACL). It is false if the list is empty or not valid.
func (s *step) expand(asked []txn.ACL, ids []txn.ID) ([]txn.ACL, bool) {
	var acl []txn.ACL
	for i, a := range asked {
		if slices.Contains(asked[:i], a) {
			continue
		}
		ok := false
		switch a.Scheme {
		case "world":
			ok = a.ID.ID == "anyone"
		case "digest":
			ok = isUser(a.ID.ID)
		case "ip":
			_, _, ok = parseNet(a.ID.ID)
			if s.cfg.Bugs.Has(bug.IPv4Only) && strings.Contains(a.ID.ID, ":") {
				ok = false
			}
		case "auth":
			// An address is no proof of who somebody is.
			for _, id := range ids {
				if id.Scheme == "digest" {
					ok = true
					acl = append(acl, txn.ACL{Perms: a.Perms, ID: id})
				}
			}
			if ok {
				continue
			}
		}
		if !ok {
			return nil, false
		}
		acl = append(acl, a)
	}
	return acl, len(acl) > 0
}

// isUser tells whether text splits at colons into two, as Java splits: empty parts at
// the end don't count.
func isUser(id string) bool {
	return len(strings.Split(strings.TrimRight(id, ":"), ":")) == 2
}

// parseNet reads an address with an optional "/bits" behind it
// (IPAuthenticationProvider.isValid).
func parseNet(text string) (addr []byte, bits int, ok bool) {
	host, tail, slash := strings.Cut(text, "/")
	addr = parseAddr(host)
	bits = len(addr) * 8
	if slash {
		n, err := strconv.ParseInt(tail, 10, 32)
		if err != nil || n < 0 || int(n) > bits {
			return nil, 0, false
		}
		bits = int(n)
	}
	return addr, bits, addr != nil
}

// parseAddr returns four bytes, sixteen, or nil.
func parseAddr(text string) []byte {
	if strings.Contains(text, ":") {
		return parseV6(text)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return nil
	}
	var addr []byte
	for _, p := range parts {
		n, err := strconv.ParseInt(p, 10, 32)
		if err != nil || n < 0 || n > 255 {
			return nil
		}
		addr = append(addr, byte(n))
	}
	return addr
}

func parseV6(text string) []byte {
	halves := strings.Split(text, "::")
	if len(halves) > 2 {
		return nil
	}
	var parts [2][]byte
	for i, half := range halves {
		if half == "" && len(halves) == 2 {
			continue
		}
		for _, group := range strings.Split(half, ":") {
			n, err := strconv.ParseInt(group, 16, 32)
			if err != nil || len(group) > 4 {
				return nil
			}
			parts[i] = append(parts[i], byte(n>>8), byte(n))
		}
	}
	gap := 16 - len(parts[0]) - len(parts[1])
	if len(halves) == 1 && gap != 0 || len(halves) == 2 && gap <= 0 {
		return nil
	}
	return slices.Concat(parts[0], make([]byte, gap), parts[1])
}

// inNet tells whether an address is in a network.
func inNet(addr, network string) bool {
	net, bits, ok := parseNet(network)
	a := parseAddr(addr)
	if !ok || len(a) != len(net) {
		return false
	}
	for i := range bits {
		mask := byte(0x80) >> (i % 8)
		if (a[i/8]^net[i/8])&mask != 0 {
			return false
		}
	}
	return true
}

// Authenticate returns the identities that a connection from an address has after an
// addAuth, which are those it had and the new ones; false if it fails, which closes the
// connection. A connection starts with its address: scheme ip.
func (m *Model) Authenticate(ids []txn.ID, addr, scheme, auth string) ([]txn.ID, bool) {
	ids = slices.Clone(ids)
	add := func(id txn.ID) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch scheme {
	case "ip":
		add(txn.ID{Scheme: "ip", ID: addr})
		return ids, true
	case "digest":
		user, _, _ := strings.Cut(auth, ":")
		sum := sha1.Sum([]byte(auth))
		digest := user + ":" + base64.StdEncoding.EncodeToString(sum[:])
		if digest == m.cfg.SuperDigest {
			add(txn.ID{Scheme: "super"})
		}
		add(txn.ID{Scheme: "digest", ID: digest})
		return ids, true
	}
	return ids, false
}
