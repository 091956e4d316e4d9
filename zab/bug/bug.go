// Package bug holds the switches that turn historical ZooKeeper bugs on.
//
// A switch is a constant, a branch beside the right code that reads
// Set.Has(bug.X), and a row in the registry that says what goes wrong and which
// invariant must notice. A run stores its Set in the plan; people name switches
// by the dotted name or by the JIRA issue (Lookup, Parse), or ask for all that
// a release had (Profile).
//
// The package imports nothing of the protocol, and the protocol reads nothing
// of it but Set and the constants.
package bug

// Set is a set of switches. The zero value is the correct protocol.
type Set [2]uint64

// Switch is one historical bug.
type Switch uint8

// The switches. Each is documented in the registry under its name. A Set is
// stored as bits: append, do not reorder.
const (
	FlatVoteOrder             Switch = iota // fle.flat-vote-order, ZOOKEEPER-1419
	AckNewLeaderBeforeLog                   // follower.ack-nl-before-log, ZOOKEEPER-3911
	EpochBeforeHistory                      // follower.epoch-before-history, ZOOKEEPER-4643
	RetainNoFastForward                     // db.retain-no-fastforward, ZOOKEEPER-2845
	AsyncCommitSync                         // follower.async-commit-sync, ZOOKEEPER-3023
	KeepPartialSnap                         // sync.keep-partial-snap, ZOOKEEPER-3642
	CommitAfterNewLeader                    // follower.commit-after-nl, ZOOKEEPER-4394
	AsyncLogThenAck                         // follower.async-log-then-ack, ZOOKEEPER-4646
	AckProposalFirst                        // follower.ack-proposal-first, ZOOKEEPER-4685
	FastForwardBeforeDrain                  // follower.fastforward-before-drain, ZOOKEEPER-4712
	SyncSkipsCommittedLog                   // follower.sync-skips-committedlog, ZOOKEEPER-4925
	NoTruncInWindow                         // sync.no-trunc-in-window, ZOOKEEPER-1154
	SingleLeadingVote                       // fle.single-leading-vote, ZOOKEEPER-975
	StrictLateJoin                          // fle.strict-late-join, ZOOKEEPER-1805
	LeaderNotInQuorum                       // discovery.leader-not-in-quorum, ZOOKEEPER-1270
	CountObservers                          // quorumcheck.count-observers, ZOOKEEPER-1294
	EpochFromLastZxid                       // epoch.from-last-zxid, ZOOKEEPER-335
	KeepPartialTrunc                        // sync.keep-partial-trunc, ZOOKEEPER-5094
	DirtyLeaderSnapshot                     // snap.dirty-leader-snapshot, ZOOKEEPER-4837
	DiscoveryCountsObservers                // discovery.count-observers, ZOOKEEPER-2959
	ZxidRollover                            // zxid.rollover, ZOOKEEPER-1277
	LoneCheckUnanswered                     // request.lone-check-unanswered, ZOOKEEPER-2623
	TTLOpcodeWithoutTTL                     // request.ttl-opcode-without-ttl
	MalformedQuotaKills                     // quota.malformed-kills
	OneShotReplacesPersistent               // watch.one-shot-replaces-persistent, ZOOKEEPER-4466
	BadPasswordKicks                        // session.bad-password-kicks
	RecursiveInChildTable                   // watch.recursive-in-child-table
	CheckWatchesOfAnybody                   // watch.check-sees-others
	RemoveWatchesByTable                    // watch.remove-by-table, ZOOKEEPER-4471
	EventWithoutZxid                        // watch.event-without-zxid, ZOOKEEPER-4655
	EventsIgnoreACL                         // watch.events-ignore-acl, ZOOKEEPER-4799
	ExistsUnchecked                         // acl.exists-unchecked, ZOOKEEPER-2590
	VersionMinusOne                         // version.minus-one, ZOOKEEPER-4743
	IPv4Only                                // acl.ipv4-only, ZOOKEEPER-4240
	MultiCreatePlain                        // multi.create-plain, ZOOKEEPER-4026
	DeleteContainerMisread                  // request.delete-container-misread, ZOOKEEPER-4573

	// Of the data tree, its snapshots and replay, the sessions and the watches:
	// sections C and D of the zoo. Their rows are snapRows.
	CversionByIncrement       // tree.cversion-by-increment, ZOOKEEPER-1046
	ReplayMissingParentFatal  // tree.replay-missing-parent-fatal, ZOOKEEPER-1573
	MultiRollbackForgetsPrior // multi.rollback-forgets-parent, ZOOKEEPER-1624
	CloseWithoutPaths         // tree.close-without-paths, ZOOKEEPER-3145
	DeleteLeavesPzxid         // tree.delete-leaves-pzxid, ZOOKEEPER-3125
	ReplayTurnsBack           // tree.replay-turns-back, ZOOKEEPER-3249
	ACLMissingOnReplay        // tree.acl-missing-on-replay, ZOOKEEPER-4846
	ACLNumbersReissued        // tree.acl-numbers-reissued, ZOOKEEPER-4689
	ExistsByMap               // tree.exists-by-map
	CreateAfterClose          // session.create-after-close, ZOOKEEPER-1208
	UpgradeDangling           // session.upgrade-dangling, ZOOKEEPER-3471
	DeadConnectionWatch       // watch.dead-connection, ZOOKEEPER-1382
	CloseTooBig               // session.close-too-big, ZOOKEEPER-4306

	// More of the protocol, of elections and of recovery: rows_zoo.go.
	RacyForwarding     // sync.racy-forwarding, ZOOKEEPER-962
	TruncOffset        // log.trunc-offset, ZOOKEEPER-1156
	LastProposedUnset  // leader.lastproposed-unset, ZOOKEEPER-1319
	EpochAtUpToDate    // follower.epoch-at-uptodate, ZOOKEEPER-1282
	EpochMemoryFirst   // epoch.memory-before-file, ZOOKEEPER-2307
	LeaderInWrongSet   // fle.checkleader-wrong-set, ZOOKEEPER-3537
	ZxidBeforeQuorum   // leader.zxid-before-quorum, ZOOKEEPER-790
	SnapKeepsLogTail   // sync.snap-keeps-log-tail, ZOOKEEPER-2832
	HoleInLog          // sync.txnlog-hole, ZOOKEEPER-2846
	GapBeforeWindow    // sync.txnlog-gap, ZOOKEEPER-2418
	TrustEmptySnapshot // boot.trust-empty-snapshot, ZOOKEEPER-2325
	StrictEpochCheck   // boot.strict-epoch-check, ZOOKEEPER-2354
	AcceptorDies       // leader.acceptor-dies, ZOOKEEPER-4203
	TruncByWindow      // sync.trunc-by-window
	KeepsOldAcks       // leader.keeps-old-acks

	switchCount
)

// Has tells whether b is switched on.
func (s Set) Has(b Switch) bool { return s[b>>6]&(1<<(b&63)) != 0 }

// With returns s with b switched on.
func (s Set) With(b Switch) Set {
	s[b>>6] |= 1 << (b & 63)
	return s
}

// Without returns s with b switched off: a build of a release may have a fix that
// the release has not.
func (s Set) Without(b Switch) Set {
	s[b>>6] &^= 1 << (b & 63)
	return s
}
