package zab

import (
	"slices"

	"zabsim/internal/fp"
	"zabsim/zab/host"
	"zabsim/zab/txn"
)

// owner is what may speak for a session: on a leader the handler of the learner that
// the client is on, named by its connection, so that a learner that comes back is
// another owner (LearnerHandler.java, Request.setOwner); ownerSelf for its own
// clients. 0 is nobody yet.
type owner host.ConnID

const ownerSelf = ^owner(0)

// ownerOf returns who speaks for the session of p; 0 for what the server asks itself.
func (s *Server) ownerOf(p *prepared) owner {
	switch {
	case p.conn == 0:
		return 0
	case p.from == s.cfg.ID:
		return ownerSelf
	}
	return owner(p.conn)
}

// session is what the tracker knows of a session.
type session struct {
	id       txn.SessionID
	timeout  int32 // milliseconds
	closing  bool  // closeSession was validated: nothing more is taken from it
	owner    owner
	deadline host.Time // the end of its bucket
}

// tracker is SessionTrackerImpl: on a leader or a standalone server it knows all
// sessions, the server that each one's client is on, and when it expires.
type tracker struct {
	list []session // by id
}

func (t *tracker) find(id txn.SessionID) (int, bool) {
	lo, hi := 0, len(t.list)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.list[mid].id < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(t.list) && t.list[lo].id == id
}

// track adds a session, or touches one that is there: SessionTrackerImpl.trackSession.
func (t *tracker) track(id txn.SessionID, timeout int32, deadline host.Time) *session {
	i, ok := t.find(id)
	if !ok {
		t.list = append(t.list, session{})
		copy(t.list[i+1:], t.list[i:])
		t.list[i] = session{id: id}
	}
	s := &t.list[i]
	if !s.closing {
		s.timeout, s.deadline = timeout, deadline
	}
	return s
}

// touch gives a session its full time-out again; false if there is no such session
// or if it is closing.
func (t *tracker) touch(id txn.SessionID, timeout int32, deadline host.Time) bool {
	i, ok := t.find(id)
	if !ok || t.list[i].closing {
		return false
	}
	t.list[i].timeout, t.list[i].deadline = timeout, deadline
	return true
}

// has is isTrackingSession: a session that is closing is there, too.
func (t *tracker) has(id txn.SessionID) bool {
	_, ok := t.find(id)
	return ok
}

// check is SessionTrackerImpl.checkSession: whether owner may speak for the session.
// Who speaks first for a session without an owner becomes it.
func (t *tracker) check(id txn.SessionID, owner owner) txn.Code {
	i, ok := t.find(id)
	switch {
	case !ok:
		return txn.UnknownSession
	case t.list[i].closing:
		return txn.SessionExpired
	case t.list[i].owner == 0:
		t.list[i].owner = owner
	case t.list[i].owner != owner:
		return txn.SessionMoved
	}
	return txn.OK
}

func (t *tracker) setOwner(id txn.SessionID, owner owner) {
	if i, ok := t.find(id); ok {
		t.list[i].owner = owner
	}
}

func (t *tracker) setClosing(id txn.SessionID) {
	if i, ok := t.find(id); ok {
		t.list[i].closing = true
	}
}

func (t *tracker) remove(id txn.SessionID) {
	if i, ok := t.find(id); ok {
		t.list = append(t.list[:i], t.list[i+1:]...)
	}
}

func (t *tracker) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(len(t.list)))
	for i := range t.list {
		s := &t.list[i]
		h = h.Word(uint64(s.id)).Word(uint64(uint32(s.timeout)) | flags(s.closing)<<32).Word(uint64(s.owner)).Word(uint64(s.deadline))
	}
	return h
}

// deadline is ExpiryQueue.update: the end of the bucket of one tick in which a
// session expires that is touched now (protocol fact 9.2).
func (s *Server) deadline(timeoutMillis int32) host.Time {
	if s.cfg.Timeless {
		return 0
	}
	tick := host.Time(s.cfg.TickTime)
	at := s.now.Add(host.Duration(timeoutMillis) * host.Millisecond)
	return (at/tick + 1) * tick
}

// startTracker lets every session that the database knows live for its full
// time-out from now on: a new leader knows nothing of the time before.
func (s *Server) startTracker(out *Effects) {
	s.sessions.list = s.sessions.list[:0]
	if !s.cfg.Sessions {
		return
	}
	s.sm.Sessions(func(id txn.SessionID, timeout int32) bool {
		s.sessions.track(id, timeout, s.deadline(timeout))
		return true
	})
	s.armExpiry(out)
	if s.cfg.ContainerCheck > 0 {
		out.setTimer(TimerContainer, s.cfg.ContainerCheck)
	}
}

func (s *Server) stopTracker(out *Effects) {
	s.sessions.list = s.sessions.list[:0]
	if !s.cfg.Sessions {
		return
	}
	out.stopTimer(TimerSession)
	if s.cfg.ContainerCheck > 0 {
		out.stopTimer(TimerContainer)
	}
}

// armExpiry sets the timer of the expiry thread to the end of the bucket under way.
func (s *Server) armExpiry(out *Effects) {
	if s.cfg.Timeless {
		return
	}
	tick := host.Time(s.cfg.TickTime)
	out.setTimer(TimerSession, max(((s.now/tick+1)*tick).Sub(s.now), expiryPause))
}

// expiryPause is the least that the expiry thread waits: its timer may come early by
// a clock that is slow, and Java counts milliseconds.
const expiryPause = host.Millisecond

// due returns the sessions of the oldest bucket that has come to its end; none if
// there is no such bucket.
func (t *tracker) due(now host.Time) (bucket host.Time, any bool) {
	for i := range t.list {
		e := &t.list[i]
		if !e.closing && e.deadline <= now && (!any || e.deadline < bucket) {
			bucket, any = e.deadline, true
		}
	}
	return bucket, any
}

// expireBuckets is a turn of SessionTrackerImpl.run: one bucket after the other, if
// the thread is late. Sessions of one bucket go by ascending id, where Java has the
// order of a set.
func (s *Server) expireBuckets(out *Effects) {
	if !s.leads() && !s.hasLocal() {
		return
	}
	if s.hasLocal() {
		s.expireLocal(out)
	}
	for bucket, any := s.sessions.due(s.now); any; bucket, any = s.sessions.due(s.now) {
		for i := range s.sessions.list {
			if e := &s.sessions.list[i]; !e.closing && e.deadline == bucket {
				s.expire(e)
			}
		}
	}
	s.armExpiry(out)
}

// expire is ZooKeeperServer.expire: the session takes no more requests, and its
// closeSession goes the way of all updates.
func (s *Server) expire(e *session) {
	e.closing = true
	s.prep = append(s.prep, prepared{req: &txn.Request{Session: e.id, Op: txn.OpCloseSession}})
}

func (s *Server) expireNow(id txn.SessionID) {
	if i, ok := s.sessions.find(id); ok && s.leads() && !s.sessions.list[i].closing {
		s.expire(&s.sessions.list[i])
	}
}

// checkContainers is one pass of ContainerManager: each candidate is deleted by a
// request of nobody, validated again in its turn.
func (s *Server) checkContainers(maxNeverUsedMillis int64) {
	if !s.leads() {
		return
	}
	for _, path := range s.sm.Expired(s.wall, maxNeverUsedMillis) {
		s.prep = append(s.prep, prepared{req: &txn.Request{Op: txn.OpDeleteContainer, Path: path}})
	}
}

// touch tells the tracker that a client of this server lives, or notes it for the
// next PING to the leader, who alone knows whether it does (LeaderSessionTracker and
// LearnerSessionTracker.touchSession).
func (s *Server) touch(id txn.SessionID, timeout int32) bool {
	switch {
	case !s.cfg.Sessions:
		return true
	case s.hasLocal() && s.local.touch(id, timeout, s.deadline(timeout)):
		return true
	case s.leads():
		return s.sessions.touch(id, timeout, s.deadline(timeout))
	case s.hasLocal() && !s.isGlobal(id) && !slices.Contains(s.upgrading, id):
		return false
	}
	s.touched.add(Touch{id, timeout})
	return true
}

// sessionApplied is ZooKeeperServer.processTxnForSessionEvents. A new session is in
// the leader's tracker since Prep. Every learner, wherever the client is, says once
// that the session lives (LearnerSessionTracker.commitSession, removeSession).
func (s *Server) sessionApplied(t *txn.Txn) {
	if !s.cfg.Sessions {
		return
	}
	switch t.Op {
	case txn.OpCreateSession:
		s.upgraded(t.Session)
		if !s.leads() {
			s.touched.add(Touch{t.Session, t.Timeout})
		}
	case txn.OpCloseSession:
		if s.leads() {
			s.sessions.remove(t.Session)
		} else {
			s.touched.remove(t.Session)
		}
	}
}

// newSessionID is SessionTrackerImpl.initializeNextSessionId and its counter: the
// server in the top byte, then the clock, then a number. It is the clock that only
// rises (Time.currentElapsedTime): by one that is set back, a server that restarts
// would give a number twice.
func (s *Server) newSessionID() txn.SessionID {
	if s.nextSession == 0 {
		millis := uint64(s.now) / uint64(host.Millisecond)
		s.nextSession = txn.SessionID(s.cfg.ID)<<56 | txn.SessionID(millis<<24>>8)&^(0xFF<<56)
	}
	if s.nextSession == 0 {
		s.nextSession = 1 // a standalone server at time zero: 0 means no session
	}
	id := s.nextSession
	s.nextSession++
	return id
}

// superSecret is ZooKeeperServer.superSecret. It is no secret.
const superSecret = 0xB3415C00

// Password returns the password of a session: 16 bytes out of Java's random
// generator, seeded with the session (ZooKeeperServer.generatePasswd).
func Password(id txn.SessionID) string {
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	var p [16]byte
	seed := (uint64(id) ^ superSecret ^ multiplier) & mask
	for i := 0; i < len(p); i += 4 {
		seed = (seed*multiplier + 0xB) & mask
		word := uint32(seed >> 16)
		p[i], p[i+1], p[i+2], p[i+3] = byte(word), byte(word>>8), byte(word>>16), byte(word>>24)
	}
	return string(p[:])
}

// Touch says that a session was heard of, and its time-out in milliseconds.
type Touch struct {
	Session txn.SessionID
	Timeout int32
}

// touchesFew is how many touches a PING carries without an allocation.
const touchesFew = 3

// Touches is the touch table of a PING reply. It is copied like a value; More is
// never changed once it was sent.
type Touches struct {
	N    int32
	Few  [touchesFew]Touch
	More []Touch
}

func (t *Touches) add(e Touch) {
	for i := range min(int(t.N), touchesFew) {
		if t.Few[i].Session == e.Session {
			t.Few[i] = e
			return
		}
	}
	if t.N < touchesFew {
		t.Few[t.N] = e
		t.N++
		return
	}
	for i := range t.More {
		if t.More[i].Session == e.Session {
			t.More[i] = e
			return
		}
	}
	t.More = append(t.More, e)
	t.N++
}

// remove takes a session out. The last entry takes its place in Few.
func (t *Touches) remove(id txn.SessionID) {
	for i := range t.More {
		if t.More[i].Session == id {
			t.More = removeAt(t.More, i)
			t.N--
			return
		}
	}
	for i := range min(int(t.N), touchesFew) {
		if t.Few[i].Session != id {
			continue
		}
		t.N--
		if last := len(t.More) - 1; last >= 0 {
			t.Few[i] = t.More[last]
			t.More = removeAt(t.More, last)
			return
		}
		t.Few[i], t.Few[t.N] = t.Few[t.N], Touch{}
		return
	}
}

func (t *Touches) each(f func(Touch)) {
	for i := range min(int(t.N), touchesFew) {
		f(t.Few[i])
	}
	for _, e := range t.More {
		f(e)
	}
}

func (t *Touches) fold(h fp.Hash) fp.Hash {
	h = h.Word(uint64(t.N))
	for _, e := range t.Few {
		h = h.Word(uint64(e.Session)).Word(uint64(uint32(e.Timeout)))
	}
	for _, e := range t.More {
		h = h.Word(uint64(e.Session)).Word(uint64(uint32(e.Timeout)))
	}
	return h
}

// containerTimer is the timer of ContainerManager.
func (s *Server) containerTimer(out *Effects) {
	if !s.leads() {
		return
	}
	s.checkContainers(s.cfg.ContainerUnusedMillis)
	out.setTimer(TimerContainer, s.cfg.ContainerCheck)
}
