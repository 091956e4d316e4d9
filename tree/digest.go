package tree

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"zabsim/internal/fp"
	"zabsim/zab/txn"
)

// Slots of the digest's sum.
const (
	slotNode = iota
	slotSession
	slotUsage
	slotOrphan
)

// Digest implements txn.StateMachine: all nodes with their access lists, and the
// sessions. Which children a node has follows from the paths, and from those of
// orphans, which nobody lists. The data of
// zookeeper_stats is left out: a server that loads a snapshot counts it anew.
func (t *Tree) Digest() fp.Hash { return t.digest.Hash() }

// TreeDigest is ZooKeeper's own digest of version 2 (DigestCalculator, fact 13.7),
// which covers neither access lists nor sessions nor what is below /zookeeper.
func (t *Tree) TreeDigest() uint64 { return t.treeDigest }

// Fingerprint implements txn.StateMachine.
func (t *Tree) Fingerprint() fp.Hash {
	h := fp.New(0x7A74).Word(uint64(t.digest)).Word(uint64(t.usage)).Bool(t.dead)
	h = t.numbers.fold(h)
	return t.hashHooks(h).Done()
}

// isUsage tells whether a path is that of a zookeeper_stats.
func isUsage(path string) bool {
	return strings.HasPrefix(path, quotaPath+"/") && strings.HasSuffix(path, "/"+statName)
}

func isLimit(path string) bool {
	return strings.HasPrefix(path, quotaPath+"/") && strings.HasSuffix(path, "/"+limitName)
}

// enter counts a new node in all sums.
func (t *Tree) enter(path string, n *node) {
	t.count++
	t.bytes += int64(len(path) + len(n.data))
	if isLimit(path) {
		t.limits++
	}
	if isUsage(path) {
		t.usage = t.usage.Add(slotUsage, usageHash(path, n))
	}
	if n.owner != 0 {
		t.index(path, n)
	}
	t.add(path, n)
}

// leave is the opposite of enter.
func (t *Tree) leave(path string, n *node) {
	t.count--
	t.bytes -= int64(len(path) + len(n.data))
	if isLimit(path) {
		t.limits--
	}
	if isUsage(path) {
		t.usage = t.usage.Sub(slotUsage, usageHash(path, n))
	}
	if n.owner != 0 {
		t.unindex(path, n)
	}
	t.digest = t.digest.Sub(slotNode, n.hash)
	t.treeDigest -= uint64(n.crc)
}

// fill replaces the data of a node. Who calls it calls rehash, too.
func (t *Tree) fill(path string, n *node, data string, null bool) {
	use := isUsage(path)
	if use {
		t.usage = t.usage.Sub(slotUsage, usageHash(path, n))
	}
	t.bytes += int64(len(data) - len(n.data))
	n.data, n.null = data, null
	if use {
		t.usage = t.usage.Add(slotUsage, usageHash(path, n))
	}
}

func usageHash(path string, n *node) fp.Hash {
	return fp.New(0x7A75).String(path).String(n.data).Bool(n.null)
}

// rehash puts a node's new part of the digests in the place of the old one.
func (t *Tree) rehash(path string, n *node) {
	t.digest = t.digest.Sub(slotNode, n.hash)
	t.treeDigest -= uint64(n.crc)
	t.add(path, n)
}

func (t *Tree) add(path string, n *node) {
	if path == "/" { // one of the root's two names (DigestCalculator.calculateDigest)
		path = ""
	}
	n.hash = n.digest(path)
	n.crc = t.crcOf(path, n)
	t.digest = t.digest.Add(slotNode, n.hash)
	t.treeDigest += uint64(n.crc)
}

// digest computes a node's part of Digest.
func (n *node) digest(path string) fp.Hash {
	h := fp.New(0x7A6E).String(path)
	if !isUsage(path) {
		h = h.String(n.data).Bool(n.null)
	}
	return h.Word(uint64(n.czxid)).Word(uint64(n.mzxid)).Word(uint64(n.pzxid)).
		Word(uint64(n.ctime)).Word(uint64(n.mtime)).Word(n.owner).
		Word(uint64(uint32(n.version))<<32 | uint64(uint32(n.cversion))).
		Word(uint64(uint32(n.aversion))).Word(uint64(n.access.hash))
}

// crcOf computes a node's part of TreeDigest (DigestCalculator.calculateDigest).
func (t *Tree) crcOf(path string, n *node) uint32 {
	if strings.HasPrefix(path, procPath+"/") {
		return 0
	}
	buf := t.scratch[:0]
	crc := uint32(0)
	for _, s := range [2]string{path, n.data} {
		for len(buf)+len(s) > len(t.scratch) {
			k := len(t.scratch) - len(buf)
			crc = crc32.Update(crc, crc32.IEEETable, append(buf, s[:k]...))
			buf, s = buf[:0], s[k:]
		}
		buf = append(buf, s...)
	}
	if len(buf)+60 > len(t.scratch) {
		crc, buf = crc32.Update(crc, crc32.IEEETable, buf), buf[:0]
	}
	be := binary.BigEndian
	buf = be.AppendUint64(buf, uint64(n.czxid))
	buf = be.AppendUint64(buf, uint64(n.mzxid))
	buf = be.AppendUint64(buf, uint64(n.pzxid))
	buf = be.AppendUint64(buf, uint64(n.ctime))
	buf = be.AppendUint64(buf, uint64(n.mtime))
	buf = be.AppendUint32(buf, uint32(n.version))
	buf = be.AppendUint32(buf, uint32(n.cversion))
	buf = be.AppendUint32(buf, uint32(n.aversion))
	buf = be.AppendUint64(buf, n.owner)
	return crc32.Update(crc, crc32.IEEETable, buf)
}

func sessionHash(id txn.SessionID, timeout int32) fp.Hash {
	return fp.New(0x7A73).Word(uint64(id)).Word(uint64(uint32(timeout)))
}
