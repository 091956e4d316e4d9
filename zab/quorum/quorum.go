// Package quorum is pure arithmetic on small sets of servers.
//
// Source: Q/flexible/QuorumMaj.java and QuorumHierarchical.java.
package quorum

import (
	"math/bits"
	"strconv"
)

// Max is the largest number of servers in one ensemble.
const Max = 8

// Slots is the length of an array indexed by ServerID; slot 0 stays empty.
const Slots = Max + 1

// ServerID is a server's sid, 1 to Max. Zero means no server.
type ServerID uint8

// String writes "n3".
func (id ServerID) String() string { return "n" + strconv.Itoa(int(id)) }

// Set is a set of servers.
type Set uint8

// Of returns the set of the given servers.
func Of(ids ...ServerID) Set {
	var s Set
	for _, id := range ids {
		s = s.With(id)
	}
	return s
}

// Range returns the set of servers 1 to n.
func Range(n int) Set { return Set(1<<n - 1) }

// With returns s and id.
func (s Set) With(id ServerID) Set { return s | 1<<(id-1) }

// Without returns s without id.
func (s Set) Without(id ServerID) Set { return s &^ (1 << (id - 1)) }

// Has tells whether id is in s. No set has server 0.
func (s Set) Has(id ServerID) bool { return id != 0 && s&(1<<(id-1)) != 0 }

// Len counts the members.
func (s Set) Len() int { return bits.OnesCount8(uint8(s)) }

// First returns the smallest member, 0 of the empty set. Together with Without
// it walks a set in ascending order:
//
//	for rest := s; rest != 0; rest = rest.Without(rest.First()) { ... }
func (s Set) First() ServerID {
	if s == 0 {
		return 0
	}
	return ServerID(bits.TrailingZeros8(uint8(s)) + 1)
}

// String writes "{1,3}".
func (s Set) String() string {
	b := []byte{'{'}
	for rest := s; rest != 0; rest = rest.Without(rest.First()) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(rest.First()), 10)
	}
	return string(append(b, '}'))
}

// Config is the membership of an ensemble and its quorum rule. A Config is
// shared by all servers and never changed once built.
type Config struct {
	Voters    Set
	Observers Set
	// Grouped selects hierarchical quorums: a group is satisfied by more than
	// half of its weight, a quorum satisfies more than half of the groups that
	// have any weight. Otherwise a quorum is a plain majority of Voters.
	Grouped bool
	Group   [Slots]uint8  // group of each voter, 1 to Max; 0 = none
	Weights [Slots]uint32 // weight of each voter; read only when Grouped
}

// Majority returns the plain configuration of n voters, 1 to n.
func Majority(n int) *Config { return &Config{Voters: Range(n)} }

// Weight returns the voting weight of id: 1 under plain majority, 0 for a
// server that is no voter.
func (c *Config) Weight(id ServerID) uint32 {
	switch {
	case !c.Voters.Has(id):
		return 0
	case c.Grouped:
		return c.Weights[id]
	default:
		return 1
	}
}

// All returns voters and observers.
func (c *Config) All() Set { return c.Voters | c.Observers }

// Contains tells whether the voters in s form a quorum. Members of s that are
// no voters do not count (ZOOKEEPER-1294, ZOOKEEPER-2959).
func (c *Config) Contains(s Set) bool {
	s &= c.Voters
	if !c.Grouped {
		return s.Len() > c.Voters.Len()/2
	}
	return c.containsGroups(s)
}

// containsGroups is QuorumHierarchical.containsQuorum. Groups of total weight 0
// do not count as groups (ZOOKEEPER-1698).
func (c *Config) containsGroups(s Set) bool {
	var total, got [Slots]uint32
	for rest := c.Voters; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		total[c.Group[id]] += c.Weights[id]
		if s.Has(id) {
			got[c.Group[id]] += c.Weights[id]
		}
	}
	groups, satisfied := 0, 0
	for g := range total {
		if total[g] == 0 {
			continue
		}
		groups++
		if got[g] > total[g]/2 {
			satisfied++
		}
	}
	return satisfied > groups/2
}
