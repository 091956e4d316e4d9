package tree

import (
	"slices"
	"strconv"
	"strings"
)

// Keys of limits and usage.
const (
	keyCount     = "count"
	keyBytes     = "bytes"
	keyCountHard = "countHardLimit"
	keyBytesHard = "byteHardLimit"
)

// stats is the text of a zookeeper_limits or zookeeper_stats (StatsTrack): numbers
// by key, in no order.
type stats struct{ pairs []statPair }

type statPair struct {
	key string
	val int64
}

// get returns the number of a key, -1 if it has none.
func (s *stats) get(key string) int64 {
	for i := range s.pairs {
		if s.pairs[i].key == key {
			return s.pairs[i].val
		}
	}
	return -1
}

func (s *stats) set(key string, val int64) {
	for i := range s.pairs {
		if s.pairs[i].key == key {
			s.pairs[i].val = val
			return
		}
	}
	s.pairs = append(s.pairs, statPair{key, val})
}

func (s *stats) count() int64     { return s.get(keyCount) }
func (s *stats) bytes() int64     { return s.get(keyBytes) }
func (s *stats) countHard() int64 { return s.get(keyCountHard) }
func (s *stats) bytesHard() int64 { return s.get(keyBytesHard) }

// parseStats reads "count=1,bytes=2=;countHardLimit=3": pairs between commas and
// semicolons, of which only the first two parts between equals signs count. An
// empty number is -1. False if ZooKeeper's parser would throw.
func parseStats(text string) (s stats, ok bool) {
	text = strings.TrimRight(text, ",;") // Java's split drops empty strings at the end
	for text != "" {
		pair := text
		if i := strings.IndexAny(text, ",;"); i >= 0 {
			pair, text = text[:i], strings.TrimLeft(text[i:], ",;")
		} else {
			text = ""
		}
		key, rest, found := strings.Cut(pair, "=")
		if !found || strings.Trim(rest, "=") == "" {
			return stats{}, false // no second part
		}
		number, _, _ := strings.Cut(rest, "=")
		val := int64(-1)
		if number != "" {
			v, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return stats{}, false
			}
			val = v
		}
		s.set(key, val)
	}
	return s, true
}

// String writes the text as StatsTrack.toString does: the count first, then the
// bytes, then all others by name. The equals sign behind the bytes makes releases
// before 3.5 skip the rest.
func (s *stats) String() string {
	b := make([]byte, 0, 64)
	b = append(b, keyCount+"="...)
	b = strconv.AppendInt(b, s.count(), 10)
	b = append(b, ","+keyBytes+"="...)
	b = strconv.AppendInt(b, s.bytes(), 10)
	slices.SortFunc(s.pairs, func(x, y statPair) int { return strings.Compare(x.key, y.key) })
	first := true
	for _, p := range s.pairs {
		if p.key == keyCount || p.key == keyBytes {
			continue
		}
		if first {
			b = append(b, '=')
			first = false
		}
		b = append(append(append(b, ';'), p.key...), '=')
		b = strconv.AppendInt(b, p.val, 10)
	}
	return string(b)
}
