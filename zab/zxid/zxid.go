// Package zxid holds ZooKeeper's transaction identifiers and epochs.
//
// Source: S/util/ZxidUtils.java. The high 32 bits are the epoch of the leader
// that proposed the transaction, the low 32 bits count within that epoch.
package zxid

import "strconv"

// Zxid identifies a transaction. Zxids order as plain integers, so the epoch
// dominates. (e,0) names the start of epoch e and is never a log record.
type Zxid uint64

// Epoch numbers the reign of one leader.
type Epoch uint32

// NoEpoch stands for the -1 that a learner puts in ACKEPOCH when it had already
// accepted the leader's epoch: not compared, not counted.
const NoEpoch Epoch = 1<<32 - 1

// CounterMax is the counter that must never be proposed: a leader that would
// need it shuts down and a new epoch begins (ZOOKEEPER-1277).
const CounterMax uint32 = 1<<32 - 1

// Make joins an epoch and a counter.
func Make(e Epoch, counter uint32) Zxid { return Zxid(e)<<32 | Zxid(counter) }

// Epoch returns the high half.
func (z Zxid) Epoch() Epoch { return Epoch(z >> 32) }

// Counter returns the low half.
func (z Zxid) Counter() uint32 { return uint32(z) }

// String writes "epoch.counter" in decimal: 2.17.
func (z Zxid) String() string { return string(z.Append(nil)) }

// Append writes the text form to dst.
func (z Zxid) Append(dst []byte) []byte {
	dst = strconv.AppendUint(dst, uint64(z.Epoch()), 10)
	dst = append(dst, '.')
	return strconv.AppendUint(dst, uint64(z.Counter()), 10)
}
