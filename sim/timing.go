package sim

import (
	"zabsim/internal/keyed"
	"zabsim/sim/plan"
	"zabsim/zab"
	"zabsim/zab/host"
)

// medium draws how long things take. Every draw is keyed by what it belongs to:
// the k-th packet of the j-th connection between two ends, the k-th fsync of a
// server. Links differ: each direction has a latency of its own for the whole run.
type medium struct {
	delay, dial, fsync, file, snap, tie, retry, crash, link, lane keyed.Stream

	netSlow, diskSlow host.Duration // factors
	threadSlow        host.Duration // in milliseconds, see turn

	ends  int
	base  []host.Duration // by from*ends+to
	dials [][3]uint32     // connections made so far, by from*ends+to and plane
}

// The medium of a local network with ordinary disks.
const (
	linkMin   = 120 * host.Microsecond
	linkMax   = 600 * host.Microsecond
	fsyncMin  = 200 * host.Microsecond
	fsyncMax  = 12 * host.Millisecond
	fileMin   = 500 * host.Microsecond // temp, fsync, rename
	fileMax   = 20 * host.Millisecond
	refuseMax = 2 * host.Millisecond
	laneMin   = 2 * host.Microsecond // until a thread that has work runs
	laneMax   = 80 * host.Microsecond
)

func newMedium(p *plan.Plan, ends int) medium {
	rng := keyed.New(p.Seed)
	m := medium{
		netSlow: host.Duration(max(p.NetSlow, 1)), diskSlow: host.Duration(max(p.DiskSlow, 1)),
		threadSlow: host.Duration(p.ThreadSlow), lane: rng.Stream("thread.lane"),
		delay: rng.Stream("net.delay"), dial: rng.Stream("net.dial"), link: rng.Stream("net.link"),
		fsync: rng.Stream("disk.fsync"), file: rng.Stream("disk.file"), snap: rng.Stream("disk.snap"), tie: rng.Stream("sim.tie"),
		retry: rng.Stream("client.retry"), crash: rng.Stream("disk.crash"), ends: ends,
		base: make([]host.Duration, ends*ends), dials: make([][3]uint32, ends*ends),
	}
	for i := range m.base {
		m.base[i] = host.Duration(m.link.Key2(uint64(i/ends), uint64(i%ends)).Between(int64(linkMin), int64(linkMax))) * m.netSlow
	}
	return m
}

func (m *medium) pair(from, to Endpoint) int { return int(from)*m.ends + int(to) }

// packet returns the delay of the k-th packet on a connection.
func (m *medium) packet(from, to Endpoint, conn, k uint64) host.Duration {
	b := m.base[m.pair(from, to)]
	return b + host.Duration(m.delay.Key2(conn, k).Skewed(0, int64(4*b)))
}

// connection numbers a new connection and returns its key and the time until the
// dial is answered: one round trip.
func (m *medium) connection(c *Conn) (key uint64, after host.Duration) {
	p, back := m.pair(c.A, c.B), m.pair(c.B, c.A)
	n := &m.dials[p][c.Plane]
	*n++
	key = uint64(c.A)<<48 | uint64(c.B)<<40 | uint64(c.Plane)<<32 | uint64(*n)
	jitter := host.Duration(m.dial.Key(key).Skewed(0, int64(refuseMax)))
	return key, m.base[p] + m.base[back] + jitter*m.netSlow
}

// disk returns how long the k-th operation of a server on token takes.
func (m *medium) disk(node uint64, t zab.Token, k uint64) host.Duration {
	switch t {
	case zab.TokenFlush:
		return m.diskSlow * host.Duration(m.fsync.Key2(node, k).Skewed(int64(fsyncMin), int64(fsyncMax)))
	case zab.TokenSnap:
		return m.diskSlow * host.Duration(m.snap.Key2(node, k).Skewed(int64(fileMin), int64(fileMax)))
	}
	return m.diskSlow * host.Duration(m.file.Key2(node, k).Skewed(int64(fileMin), int64(fileMax)))
}
