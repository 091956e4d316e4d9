package zoocfg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/quorum"
)

// maxWeight keeps sums of weights far from overflowing.
const maxWeight = 1_000_000

// wrongID is said of every server id that is no number or out of range.
var wrongID = fmt.Sprintf("server ids from 1 to %d are wanted: at most %d servers are in one ensemble here",
	quorum.Max, quorum.Max)

// group is a group line.
type group struct {
	entry
	id      uint64
	members quorum.Set
}

// serverID reads a server id; 0 means that it is wrong.
func serverID(text string) quorum.ServerID {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil || n > quorum.Max {
		return 0
	}
	return quorum.ServerID(n)
}

func (p *parser) serverLine(e entry, member string) string {
	id := serverID(member)
	if id == 0 {
		return wrongID
	}
	if old := p.server[id].line; old != 0 {
		return fmt.Sprintf("server %d is already in line %d", id, old)
	}
	observer, ok := address(e.value)
	if !ok {
		return "host:port:port[:participant|:observer][;client port] is wanted"
	}
	p.server[id] = e
	if observer {
		p.observers = p.observers.With(id)
	}
	return ""
}

// address checks the value of a server line and finds the role in it. Hosts and
// ports lead nowhere in a simulation, so only their shape is looked at, and the
// part after the semicolon, where clients connect, not at all. Since 3.6 one
// server may have several addresses, separated by '|' (ZOOKEEPER-3188).
func address(value string) (observer, ok bool) {
	servers, _, _ := strings.Cut(value, ";")
	for _, a := range strings.Split(servers, "|") {
		host, rest, found := cutHost(strings.TrimSpace(a))
		parts := strings.Split(rest, ":")
		if !found || host == "" || len(parts) < 2 || len(parts) > 3 {
			return false, false
		}
		for _, port := range parts[:2] {
			if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
				return false, false
			}
		}
		if len(parts) == 3 {
			role := strings.ToLower(parts[2])
			if role != "observer" && role != "participant" {
				return false, false
			}
			observer = observer || role == "observer"
		}
	}
	return observer, true
}

// cutHost splits "host:rest". An IPv6 address stands in brackets.
func cutHost(a string) (host, rest string, ok bool) {
	if strings.HasPrefix(a, "[") {
		return strings.Cut(a[1:], "]:")
	}
	return strings.Cut(a, ":")
}

func (p *parser) groupLine(e entry, name string) string {
	id, err := strconv.ParseUint(name, 10, 63)
	if err != nil {
		return "group.N with a whole number N is wanted"
	}
	g := group{entry: e, id: id}
	for _, text := range strings.Split(e.value, ":") {
		id := serverID(strings.TrimSpace(text))
		if id == 0 {
			return wrongID + `, separated by ":"`
		}
		for _, other := range append(p.groups, g) {
			if other.members.Has(id) {
				return fmt.Sprintf("server %d is already in group %d", id, other.id)
			}
		}
		g.members = g.members.With(id)
	}
	for _, other := range p.groups {
		if other.id == g.id {
			return fmt.Sprintf("group %d is already in line %d", g.id, other.line)
		}
	}
	p.groups = append(p.groups, g)
	return ""
}

func (p *parser) weightLine(e entry, member string) string {
	id := serverID(member)
	if id == 0 {
		return wrongID
	}
	if old := p.weight[id].line; old != 0 {
		return fmt.Sprintf("the weight of server %d is already in line %d", id, old)
	}
	n, err := strconv.ParseUint(e.value, 10, 32)
	if err != nil || n > maxWeight {
		return fmt.Sprintf("a whole number from 0 to %d is wanted", maxWeight)
	}
	p.weight[id], p.weights[id] = e, uint32(n)
	return ""
}

// quorum joins server, group and weight lines.
func (p *parser) quorum() (*quorum.Config, *Error) {
	c := &quorum.Config{Observers: p.observers}
	for id := quorum.ServerID(1); id <= quorum.Max; id++ {
		if p.server[id].line != 0 && !p.observers.Has(id) {
			c.Voters = c.Voters.With(id)
		}
	}
	switch {
	case c.All() == 0 && p.dynamic:
		return nil, &Error{Reason: "no server line: they are in the file that dynamicConfigFile names, " +
			"append its lines to this file"}
	case c.All() == 0:
		return nil, &Error{Reason: "no server line: a standalone server has no ensemble to simulate"}
	case c.Voters == 0:
		return nil, &Error{Reason: "all servers are observers: nobody can vote"}
	}
	if err := p.checkWeights(c); err != nil {
		return nil, err
	}
	if len(p.groups) == 0 {
		return c, nil
	}
	return c, p.fillGroups(c)
}

// checkWeights wants the servers of weight lines to be voters. Without groups
// ZooKeeper refuses weights too ("Server 1 is not in a group").
func (p *parser) checkWeights(c *quorum.Config) *Error {
	for id, e := range p.weight {
		switch id := quorum.ServerID(id); {
		case e.line == 0:
		case !c.All().Has(id):
			return e.fail(fmt.Sprintf("there is no server %d", id))
		case !c.Voters.Has(id):
			return e.fail(fmt.Sprintf("server %d is an observer and has no weight", id))
		case len(p.groups) == 0:
			return e.fail("weights are wanted only where there are groups")
		}
	}
	return nil
}

// fillGroups sets the hierarchical part of c. Groups are numbered from 1 in the
// order of their ids, which may be any numbers.
func (p *parser) fillGroups(c *quorum.Config) *Error {
	slices.SortFunc(p.groups, func(a, b group) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	c.Grouped = true
	for k, g := range p.groups {
		for rest := g.members; rest != 0; rest = rest.Without(rest.First()) {
			switch id := rest.First(); {
			case !c.All().Has(id):
				return g.fail(fmt.Sprintf("there is no server %d", id))
			case !c.Voters.Has(id):
				return g.fail(fmt.Sprintf("server %d is an observer and belongs to no group", id))
			default:
				c.Group[id] = uint8(k + 1) // groups are disjoint, so there are at most 8
			}
		}
	}
	var total uint32
	for rest := c.Voters; rest != 0; rest = rest.Without(rest.First()) {
		id := rest.First()
		if c.Group[id] == 0 {
			return p.server[id].fail(fmt.Sprintf("server %d is in no group: every voter has to be in one", id))
		}
		c.Weights[id] = 1 // ZooKeeper's default
		if p.weight[id].line != 0 {
			c.Weights[id] = p.weights[id]
		}
		total += c.Weights[id]
	}
	if total == 0 {
		return &Error{Reason: "all weights are 0: no servers could ever form a quorum"}
	}
	return nil
}
