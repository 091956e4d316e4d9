package client

import "time"

// Client is one ZooKeeper session, and the time, luck and company that a recipe
// may use. Methods block. Errors are values of type Code, so err == ErrNoNode
// and errors.Is both work; the one exception is NotBuilt, for errors.Is only.
type Client interface {
	// Name returns the client's name, unique in its run: "c2".
	Name() string

	// Create makes a node and returns its name, which differs from path if mode is
	// sequential. Without an ACL everybody may do everything.
	Create(path, data string, mode CreateMode, acl ...ACL) (name string, err error)
	// CreateTTL is Create for the two modes with a time to live.
	CreateTTL(path, data string, mode CreateMode, ttl time.Duration, acl ...ACL) (name string, err error)
	// CreateStat is Create that also returns the new node's Stat (create2).
	CreateStat(path, data string, mode CreateMode, acl ...ACL) (name string, stat Stat, err error)
	// Delete removes a node without children if its version matches.
	Delete(path string, version int32) error
	// Exists tells whether a node is there. That it is not is no error.
	Exists(path string) (found bool, stat Stat, err error)
	// ExistsW is Exists with a one-shot watch, also on a node that is not there.
	ExistsW(path string) (found bool, stat Stat, w Watch, err error)
	// Get returns the data of a node. Empty and absent data are the same.
	Get(path string) (data string, stat Stat, err error)
	// GetW is Get with a one-shot watch, which is set only without an error.
	GetW(path string) (data string, stat Stat, w Watch, err error)
	// Set replaces the data whatever the version.
	Set(path, data string) (Stat, error)
	// CompareAndSet replaces the data if the version matches, else ErrBadVersion.
	CompareAndSet(path, data string, version int32) (Stat, error)
	// Children returns the names, not paths, of the children in no promised order.
	// The slice belongs to the caller.
	Children(path string) (names []string, stat Stat, err error)
	// ChildrenW is Children with a one-shot watch, which is set only without an error.
	ChildrenW(path string) (names []string, stat Stat, w Watch, err error)
	// Multi does all operations or none. After a failure err is the code of the first
	// operation that failed, and the results hold OK before it and
	// ErrRuntimeInconsistency behind it.
	Multi(ops ...MultiOp) ([]MultiResult, error)
	// Sync lets this session's server catch up with the leader.
	Sync(path string) error
	// GetACL returns the access list of a node.
	GetACL(path string) ([]ACL, Stat, error)
	// SetACL replaces the access list if the aversion matches.
	SetACL(path string, aversion int32, acl ...ACL) (Stat, error)
	// AddAuth adds an identity to the session: AddAuth("digest", "user:password").
	AddAuth(scheme, auth string) error

	// AddWatch sets a persistent watch.
	AddWatch(path string, mode WatchMode) (Watch, error)
	// RemoveWatch ends a watch; its queued events can still be taken. ErrNoWatcher
	// if it has ended already.
	RemoveWatch(w Watch) error
	// SessionEvents returns a new stream of the session's state changes from now on.
	// It outlives the session, so that a recovery with NewSession is seen as well.
	SessionEvents() Watch
	// Next waits for the next event of a watch and takes it. A watch that has ended
	// gives EventNotWatching at once, every time.
	Next(w Watch) Event

	// Session returns what the client knows about its session.
	Session() Session
	// NewSession replaces a session that is Expired or Closed. Nothing else does:
	// until then operations fail with ErrSessionExpired or ErrClosing. It blocks
	// until connected; on a living session it is ErrInvalidState.
	NewSession() error
	// Close ends the session and its ephemeral nodes. The state is Closed afterwards,
	// even when the reply was lost and only a time-out will remove the nodes.
	Close() error

	// Sleep blocks for d on the client's own clock.
	Sleep(d time.Duration)
	// Now reads the client's own clock, which has no known origin, may be skewed, and
	// never goes back.
	Now() time.Duration
	// Rand returns a number in [0, n). It panics if n is not positive.
	Rand(n int) int
	// Note tells the world what the recipe believes: Note("acquired", path). Checkers
	// and traces read it; ZooKeeper never sees it.
	Note(word, detail string)

	// Spawn starts a task. The caller goes on first; the task begins when the caller
	// makes its next call or ends. The program is over when all its tasks are, main
	// being no exception.
	Spawn(name string, run func(Client)) Task
	// Wait blocks until at least one of them is ready and returns the index of one
	// that is; when several are, which one is the host's choice. With none it blocks
	// for good.
	Wait(on ...Waitable) int
	// WaitTimeout is Wait for at most d; it returns -1 if none became ready. With d = 0
	// it only looks.
	WaitTimeout(d time.Duration, on ...Waitable) int
	// NewFlag makes a flag, with which one task tells others something once.
	NewFlag() Flag
	// Raise raises a flag for good.
	Raise(f Flag)
}

// Program is a named recipe. Run is main, the first task. It must behave the same
// each time it is told the same, so it keeps its state in local variables.
type Program struct {
	Name string
	Doc  string
	Run  func(Client)
}

// Port is what a host implements for each task; New makes a Client of it.
type Port interface {
	// Name returns the client's name.
	Name() string
	// Do asks and waits for the answer. The host owns call and what it points to;
	// the caller only reads the answer. A host that stops the task does not return.
	Do(call Call) *Response
	// Spawn performs the call OpSpawn: it starts a task under a Port of its own.
	Spawn(name string, run func(Client)) Task
}
