package acl

import (
	"strconv"
	"strings"
)

// address is an IPv4 or IPv6 address.
type address struct {
	bytes [16]byte
	n     int // how many of bytes count: 4 or 16
}

// matchesIP tells whether an address lies in a net, written "address" or
// "address/bits" (IPAuthenticationProvider.matches).
func matchesIP(addr, net string) bool {
	want, bits, ok := parseNet(net)
	if !ok {
		return false
	}
	got, ok := parseAddress(addr)
	if !ok || got.n != want.n {
		return false
	}
	return got.masked(bits) == want.masked(bits)
}

// parseNet reads "address" or "address/bits".
func parseNet(text string) (a address, bits int, ok bool) {
	text, after, slash := strings.Cut(text, "/")
	if a, ok = parseAddress(text); !ok {
		return a, 0, false
	}
	if !slash {
		return a, a.n * 8, true
	}
	bits, err := strconv.Atoi(after)
	return a, bits, err == nil && bits >= 0 && bits <= a.n*8
}

func parseAddress(text string) (address, bool) {
	if strings.Contains(text, ":") {
		return parseV6(text)
	}
	return parseV4(text)
}

func parseV4(text string) (address, bool) {
	a := address{n: 4}
	for i := range 4 {
		part, rest, dot := strings.Cut(text, ".")
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 || v > 255 || dot != (i < 3) {
			return a, false
		}
		a.bytes[i], text = byte(v), rest
	}
	return a, true
}

// parseV6 reads eight groups, or fewer with one "::" between.
func parseV6(text string) (address, bool) {
	a := address{n: 16}
	head, tail, gap := strings.Cut(text, "::")
	if !gap {
		return a, strings.Count(text, ":") == 7 && a.groups(0, text)
	}
	if strings.Contains(tail, "::") {
		return a, false
	}
	before, after := countGroups(head), countGroups(tail)
	if before+after >= 8 {
		return a, false
	}
	return a, a.groups(0, head) && a.groups(16-2*after, tail)
}

func countGroups(text string) int {
	if text == "" {
		return 0
	}
	return strings.Count(text, ":") + 1
}

// groups reads groups of four hexadecimal digits into the bytes from at on.
func (a *address) groups(at int, text string) bool {
	for range countGroups(text) {
		group, rest, _ := strings.Cut(text, ":")
		v, err := strconv.ParseInt(group, 16, 32)
		if err != nil || len(group) > 4 {
			return false
		}
		a.bytes[at], a.bytes[at+1] = byte(v>>8), byte(v)
		at, text = at+2, rest
	}
	return true
}

// masked returns the address with all but its first bits cleared.
func (a address) masked(bits int) address {
	for i := range a.n {
		switch left := bits - 8*i; {
		case left <= 0:
			a.bytes[i] = 0
		case left < 8:
			a.bytes[i] &= ^byte(0) << (8 - left)
		}
	}
	return a
}
