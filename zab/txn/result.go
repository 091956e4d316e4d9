package txn

import (
	"zabsim/internal/fp"
	"zabsim/zab/zxid"
)

// Stat is what ZooKeeper keeps beside a node's data, as clients see it (protocol
// fact 11.2).
type Stat struct {
	Czxid, Mzxid, Pzxid         zxid.Zxid
	Ctime, Mtime                int64 // milliseconds on the leader's clock
	EphemeralOwner              SessionID
	Version, Cversion, Aversion int32
	DataLength, NumChildren     int32
}

// Result is the answer to a request, apart from the header.
type Result struct {
	Err  Code
	Op   Op   // of a multi's member: its operation, or OpError
	Null bool // Data is null, which is not empty
	Stat Stat
	Data string
	More *ResultMore // nil if nothing of it is used
}

// ResultMore is what few results have.
type ResultMore struct {
	Path    string   // create*: the name given
	Names   []string // getChildren*, getEphemerals: sorted
	ACL     []ACL    // getACL
	IDs     []ID     // whoAmI
	Number  int32    // getAllChildrenNumber
	Results []Result // multi, multiRead
}

// Hash names the result.
func (r *Result) Hash() fp.Hash {
	s := &r.Stat
	h := fp.New(0x7273).Word(uint64(uint8(r.Err))<<8 | uint64(uint8(r.Op))).Bool(r.Null).
		Word(uint64(s.Czxid)).Word(uint64(s.Mzxid)).Word(uint64(s.Pzxid)).Word(uint64(s.Ctime)).Word(uint64(s.Mtime)).
		Word(uint64(s.EphemeralOwner)).Word(uint64(uint32(s.Version))<<32 | uint64(uint32(s.Cversion))).
		Word(uint64(uint32(s.Aversion))<<32 | uint64(uint32(s.DataLength))).Word(uint64(uint32(s.NumChildren))).String(r.Data)
	return h.Bool(r.More != nil).Word(uint64(r.More.hash())).Done()
}

func (m *ResultMore) hash() fp.Hash {
	if m == nil {
		return 0
	}
	h := hashStrings(HashACL(fp.New(0x7274).String(m.Path), m.ACL), m.Names).Word(uint64(uint32(m.Number))).Word(uint64(len(m.IDs)))
	for _, id := range m.IDs {
		h = h.String(id.Scheme).String(id.ID)
	}
	h = h.Word(uint64(len(m.Results)))
	for i := range m.Results {
		h = h.Word(uint64(m.Results[i].Hash()))
	}
	return h.Done()
}
