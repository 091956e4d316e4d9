package tree

import "zabsim/zab/txn"

// checkQuota tells whether a change of bytes and nodes below path stays within the
// hard limits (ZooKeeperServer.checkQuota, protocol fact 11.7). It reads the
// applied tree, so that writes that are announced may overshoot. Soft limits are
// for ZooKeeper's log alone. MarshallingError if limits or usage can't be read.
func (t *Tree) checkQuota(path string, bytes, count int64) txn.Code {
	if !t.cfg.EnforceQuota {
		return txn.OK
	}
	prefix := t.quotaPrefix(path)
	if prefix == "" {
		return txn.OK
	}
	limits, ok := t.readStats(limitPath(prefix))
	if !ok {
		return txn.MarshallingError
	}
	checkCount := count != 0 && (limits.count() > -1 || limits.countHard() > -1)
	checkBytes := bytes != 0 && (limits.bytes() > -1 || limits.bytesHard() > -1)
	if !checkCount && !checkBytes || t.find(statPath(prefix)) == nil {
		return txn.OK
	}
	usage, ok := t.readStats(statPath(prefix))
	switch {
	case !ok:
		return txn.MarshallingError
	case checkCount && limits.countHard() > -1 && usage.count()+count > limits.countHard(),
		checkBytes && limits.bytesHard() > -1 && usage.bytes()+bytes > limits.bytesHard():
		return txn.QuotaExceeded
	}
	return txn.OK
}

// readStats reads the text of a quota's node, which the caller has found.
func (t *Tree) readStats(path string) (stats, bool) {
	n := t.find(path)
	if n == nil || n.null {
		return stats{}, false
	}
	return parseStats(n.data)
}
