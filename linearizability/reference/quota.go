package reference

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zabsim/zab/txn"
)

const (
	quotaRoot  = "/zookeeper/quota"
	limitsName = "/zookeeper_limits"
	statsName  = "/zookeeper_stats"
)

// quotaOf returns the longest path at or above one that has a quota. The root never has
// (DataTree.getMaxPrefixWithQuota).
func (m *Model) quotaOf(path string) (string, bool) {
	for ; path != "/"; path = parent(path) {
		if m.find(quotaRoot+path+limitsName) != nil {
			return path, true
		}
	}
	return "", false
}

// amounts is the text of a limits or stats node: pairs of a name and a number
// (StatsTrack).
type amounts []amount

type amount struct {
	name  string
	value int64
}

// get returns a number; -1 if there is none.
func (a amounts) get(name string) int64 {
	for _, pair := range a {
		if pair.name == name {
			return pair.value
		}
	}
	return -1
}

// parseAmounts reads "count=1,bytes=2=;countHardLimit=3". Java's split leaves out empty
// parts at the end; a pair without a value is a mistake.
func parseAmounts(n *node) (amounts, bool) {
	var all amounts
	if n.null {
		return nil, false
	}
	text := strings.TrimRight(n.data, ",;")
	for text != "" {
		i := strings.IndexAny(text, ",;")
		pair, rest := text, ""
		if i >= 0 {
			pair, rest = text[:i], strings.TrimLeft(text[i:], ",;")
		}
		text = rest
		parts := strings.Split(strings.TrimRight(pair, "="), "=")
		if len(parts) < 2 {
			return nil, false
		}
		if parts[1] == "" {
			parts[1] = "-1"
		}
		v, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return nil, false
		}
		all = all.with(parts[0], v)
	}
	return all, true
}

func (a amounts) with(name string, value int64) amounts {
	a = slices.DeleteFunc(slices.Clone(a), func(p amount) bool { return p.name == name })
	return append(a, amount{name, value})
}

// text writes count and bytes first, for old readers, and the others by name.
func (a amounts) text() string {
	text := fmt.Sprintf("count=%d,bytes=%d", a.get("count"), a.get("bytes"))
	others := slices.DeleteFunc(slices.Clone(a), func(p amount) bool { return p.name == "count" || p.name == "bytes" })
	slices.SortFunc(others, func(x, y amount) int { return strings.Compare(x.name, y.name) })
	for i, p := range others {
		if i == 0 {
			text += "="
		}
		text += fmt.Sprintf(";%s=%d", p.name, p.value)
	}
	return text
}

// checkQuota tells whether a change is within the hard limits (fact 11.7); soft ones
// are only written about in ZooKeeper's log. Text that can't be read is an error that
// the server reports as one of marshalling.
func (m *Model) checkQuota(path string, bytes, count int64) txn.Code {
	if !m.cfg.EnforceQuota {
		return txn.OK
	}
	prefix, ok := m.quotaOf(path)
	if !ok {
		return txn.OK
	}
	limits, ok := parseAmounts(m.find(quotaRoot + prefix + limitsName))
	if !ok {
		return txn.MarshallingError
	}
	checkCount := count != 0 && (limits.get("count") > -1 || limits.get("countHardLimit") > -1)
	checkBytes := bytes != 0 && (limits.get("bytes") > -1 || limits.get("byteHardLimit") > -1)
	stats := m.find(quotaRoot + prefix + statsName)
	if !checkCount && !checkBytes || stats == nil {
		return txn.OK
	}
	used, ok := parseAmounts(stats)
	if !ok {
		return txn.MarshallingError
	}
	hardCount, hardBytes := limits.get("countHardLimit"), limits.get("byteHardLimit")
	if checkCount && hardCount > -1 && used.get("count")+count > hardCount ||
		checkBytes && hardBytes > -1 && used.get("bytes")+bytes > hardBytes {
		return txn.QuotaExceeded
	}
	return txn.OK
}

// useQuota adds to what is used of the quota of a path. It changes the data of a node
// and nothing else of it, and no watch sees it. Text that is no usage stays what it is
// (bug.MalformedQuotaKills says what real servers do).
func (m *Model) useQuota(path string, bytes, count int64) {
	prefix, ok := m.quotaOf(path)
	if !ok {
		return
	}
	stats := m.find(quotaRoot + prefix + statsName)
	if stats == nil {
		return
	}
	if used, ok := parseAmounts(stats); ok {
		used = used.with("count", used.get("count")+count).with("bytes", used.get("bytes")+bytes)
		stats.data = used.text()
	}
}

// countQuotaFromNow sets the usage in a stats node that was just made: the subtree with
// its top.
func (m *Model) countQuotaFromNow(path string) {
	prefix, ok := strings.CutSuffix(path, statsName)
	if !ok || prefix != quotaRoot && !strings.HasPrefix(prefix, quotaRoot+"/") {
		return
	}
	prefix = prefix[len(quotaRoot):]
	var bytes, count int64
	for i := range m.nodes {
		n := &m.nodes[i]
		if prefix == "" || n.path == prefix || strings.HasPrefix(n.path, prefix+"/") {
			bytes += int64(len(n.data))
			count++
		}
	}
	m.find(path).data = amounts{{"count", count}, {"bytes", bytes}}.text()
	m.find(path).null = false
}
