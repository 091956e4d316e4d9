package hunts

// Published is what others needed to find a bug by checking a specification, or by
// driving an implementation. None of these searched the code that they found it in.
type Published struct {
	Tool   string
	Time   string // as they write it, on their machines
	Depth  int    // 0: not told
	States uint64 // distinct ones if that is told; 0: not told
	Broke  string // the property, by their name
	Source string
}

// The sources.
const (
	remix     = "Remix, EuroSys 2025: TLC on a mixed-grained specification, 3 servers"
	tlaSpec   = "zookeeper-tla-spec: TLC, breadth first, 3 servers, 6 cores"
	testSpec  = "zookeeper-tla-spec, test specification: TLC, breadth first, 3 servers, 6 cores"
	sandTable = "SandTable, EuroSys 2024: specification of 3.4.3"
)
