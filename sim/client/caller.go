package client

import (
	"slices"
	"time"
)

// New makes a Client of a Port.
func New(p Port) Client { return caller{p} }

// caller turns methods into Calls, the same for every host. It copies slices both
// ways: recipes sort children in place, and a Response is part of a history that
// is shared between worlds.
type caller struct{ port Port }

func (c caller) Name() string { return c.port.Name() }

// do performs a call and turns its code into an error.
func (c caller) do(call Call) (*Response, error) {
	r := c.port.Do(call)
	switch r.Code {
	case OK:
		return r, nil
	case ErrNotBuilt:
		return r, NotBuilt{call.Op, call.Watch}
	}
	return r, r.Code
}

// must performs a call that can't fail on a host that has it.
func (c caller) must(call Call) *Response {
	r, err := c.do(call)
	if err != nil {
		panic(err)
	}
	return r
}

func (c caller) Create(path, data string, mode CreateMode, acl ...ACL) (string, error) {
	r, err := c.do(Call{Op: OpCreate, Path: path, Data: data, Mode: mode, ACL: orOpen(acl)})
	return r.Data, err
}

func (c caller) CreateTTL(path, data string, mode CreateMode, ttl time.Duration, acl ...ACL) (string, error) {
	r, err := c.do(Call{Op: OpCreateTTL, Path: path, Data: data, Mode: mode, Duration: ttl, ACL: orOpen(acl)})
	return r.Data, err
}

func (c caller) CreateStat(path, data string, mode CreateMode, acl ...ACL) (string, Stat, error) {
	r, err := c.do(Call{Op: OpCreateStat, Path: path, Data: data, Mode: mode, ACL: orOpen(acl)})
	return r.Data, r.Stat, err
}

func (c caller) Delete(path string, version int32) error {
	_, err := c.do(Call{Op: OpDelete, Path: path, Version: version})
	return err
}

func (c caller) Exists(path string) (bool, Stat, error) {
	r, err := c.do(Call{Op: OpExists, Path: path})
	return r.Found, r.Stat, err
}

func (c caller) ExistsW(path string) (bool, Stat, Watch, error) {
	r, err := c.do(Call{Op: OpExists, Path: path, Watch: true})
	return r.Found, r.Stat, Watch{r.ID}, err
}

func (c caller) Get(path string) (string, Stat, error) {
	r, err := c.do(Call{Op: OpGet, Path: path})
	return r.Data, r.Stat, err
}

func (c caller) GetW(path string) (string, Stat, Watch, error) {
	r, err := c.do(Call{Op: OpGet, Path: path, Watch: true})
	return r.Data, r.Stat, Watch{r.ID}, err
}

func (c caller) Set(path, data string) (Stat, error) {
	return c.CompareAndSet(path, data, AnyVersion)
}

func (c caller) CompareAndSet(path, data string, version int32) (Stat, error) {
	r, err := c.do(Call{Op: OpSet, Path: path, Data: data, Version: version})
	return r.Stat, err
}

func (c caller) Children(path string) ([]string, Stat, error) {
	r, err := c.do(Call{Op: OpChildren, Path: path})
	return slices.Clone(r.Names), r.Stat, err
}

func (c caller) ChildrenW(path string) ([]string, Stat, Watch, error) {
	r, err := c.do(Call{Op: OpChildren, Path: path, Watch: true})
	return slices.Clone(r.Names), r.Stat, Watch{r.ID}, err
}

func (c caller) Multi(ops ...MultiOp) ([]MultiResult, error) {
	own := slices.Clone(ops)
	for i := range own {
		own[i].ACL = slices.Clone(own[i].ACL)
	}
	r, err := c.do(Call{Op: OpMulti, Ops: own})
	return slices.Clone(r.Results), err
}

func (c caller) Sync(path string) error {
	_, err := c.do(Call{Op: OpSync, Path: path})
	return err
}

func (c caller) GetACL(path string) ([]ACL, Stat, error) {
	r, err := c.do(Call{Op: OpGetACL, Path: path})
	return slices.Clone(r.ACL), r.Stat, err
}

func (c caller) SetACL(path string, aversion int32, acl ...ACL) (Stat, error) {
	r, err := c.do(Call{Op: OpSetACL, Path: path, Version: aversion, ACL: slices.Clone(acl)})
	return r.Stat, err
}

func (c caller) AddAuth(scheme, auth string) error {
	_, err := c.do(Call{Op: OpAddAuth, Path: scheme, Data: auth})
	return err
}

func (c caller) AddWatch(path string, mode WatchMode) (Watch, error) {
	r, err := c.do(Call{Op: OpAddWatch, Path: path, WatchMode: mode})
	return Watch{r.ID}, err
}

func (c caller) RemoveWatch(w Watch) error {
	_, err := c.do(Call{Op: OpRemoveWatch, ID: w.ID})
	return err
}

func (c caller) SessionEvents() Watch { return Watch{c.must(Call{Op: OpSessionEvents}).ID} }

func (c caller) Next(w Watch) Event { return c.must(Call{Op: OpNext, ID: w.ID}).Event }

func (c caller) Session() Session { return c.must(Call{Op: OpSession}).Session }

func (c caller) NewSession() error {
	_, err := c.do(Call{Op: OpNewSession})
	return err
}

func (c caller) Close() error {
	_, err := c.do(Call{Op: OpClose})
	return err
}

func (c caller) Sleep(d time.Duration) { c.must(Call{Op: OpSleep, Duration: max(d, 0)}) }

func (c caller) Now() time.Duration { return time.Duration(c.must(Call{Op: OpNow}).Number) }

func (c caller) Rand(n int) int {
	if n <= 0 {
		panic("client: Rand needs a positive bound")
	}
	return int(c.must(Call{Op: OpRand, Number: int64(n)}).Number)
}

func (c caller) Note(word, detail string) { c.must(Call{Op: OpNote, Path: word, Data: detail}) }

func (c caller) Spawn(name string, run func(Client)) Task { return c.port.Spawn(name, run) }

func (c caller) Wait(on ...Waitable) int { return c.wait(Forever, on) }

func (c caller) WaitTimeout(d time.Duration, on ...Waitable) int { return c.wait(max(d, 0), on) }

func (c caller) wait(d time.Duration, on []Waitable) int {
	signals := make([]Signal, len(on))
	for i, w := range on {
		signals[i] = w.Signal()
	}
	return int(c.must(Call{Op: OpWait, Duration: d, Signals: signals}).Number)
}

func (c caller) NewFlag() Flag { return Flag{c.must(Call{Op: OpNewFlag}).ID} }

func (c caller) Raise(f Flag) { c.must(Call{Op: OpRaise, ID: f.ID}) }
