package bug

// zooRows are more switches of synchronization, elections and recovery, in the order of
// their constants. Releases before 3.4.0 are given as the issues give them.
var zooRows = []Info{
	{
		Switch: RacyForwarding,
		Name:   "sync.racy-forwarding",
		JIRA:   []string{"ZOOKEEPER-962"},
		Doc: "A learner's handler first queues what the learner lacks of the recent commits, and joins it to those that " +
			"hear of everything new in a step of its own. What is committed and applied between the two is in neither: " +
			"the learner goes on behind a gap.",
		Breaks: []string{"process-consistency", "flag-proposal", "history-consistency"},
		// LearnerHandler.run and Leader.startForwarding.
		From:  []string{"3.3.0"},
		Fixed: []string{"3.3.3", "3.4.0"},
	},
	{
		Switch: TruncOffset,
		Name:   "log.trunc-offset",
		JIRA:   []string{"ZOOKEEPER-1156"},
		Doc: "The position at which TRUNC cuts a log file is counted without the bytes before a record, so that the " +
			"record that should be the last one goes as well, unless its file begins with it. The tree is loaded without " +
			"that transaction, and its zxid is then set by hand as if it were there.",
		Breaks: []string{"no-ack-before-sync", "committed-survives", "local-primary-order"},
		// FileTxnLog.truncate.
		From:  []string{"3.3.0"},
		Fixed: []string{"3.3.4", "3.4.0"},
	},
	{
		Switch: LastProposedUnset,
		Name:   "leader.lastproposed-unset",
		JIRA:   []string{"ZOOKEEPER-1319"},
		Doc: "A leader does not set lastProposed when its epoch begins. Until its first proposal that is 0, which is " +
			"also where an empty learner is: the leader takes it for one that is in sync, sends an empty DIFF, and the " +
			"learner never gets the data.",
		Breaks: []string{"no-ack-before-sync", "commit-consistency"},
		// Leader.lead. The statement was lost when Zab 1.0 was merged.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.4.1"},
	},
	{
		Switch: EpochAtUpToDate,
		Name:   "follower.epoch-at-uptodate",
		JIRA:   []string{"ZOOKEEPER-1282"},
		Doc: "A follower writes currentEpoch when UPTODATE comes, not before it acknowledges NEWLEADER. A quorum has " +
			"acknowledged and the leader commits, while disks still name the old epoch: in the next election a server " +
			"without those transactions can win.",
		Breaks: []string{"no-ack-before-sync"},
		// Learner.syncWithLeader. Written for Zab 1.0 and corrected before 3.4.0.
		Fixed: []string{"3.4.0"},
	},
	{
		Switch: EpochMemoryFirst,
		Name:   "epoch.memory-before-file",
		JIRA:   []string{"ZOOKEEPER-2307"},
		Doc: "acceptedEpoch and currentEpoch are set in memory before their files are written. If a write fails, as on a " +
			"full disk, the process goes on with a promise that it has not stored; after a crash it gives the same " +
			"promise to somebody else.",
		Breaks: []string{"epochs"},
		// QuorumPeer.setAcceptedEpoch, setCurrentEpoch.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.5.8", "3.6.3", "3.7.0"},
	},
	{
		Switch: LeaderInWrongSet,
		Name:   "fle.checkleader-wrong-set",
		JIRA:   []string{"ZOOKEEPER-3537"},
		Doc: "A server that hears in its own round that others follow a leader asks for the leader's word not among the " +
			"votes of this round but among all that settled servers ever said in this election. What the leader said in " +
			"an earlier round is enough, and the server follows one that does not lead any more.",
		Breaks: []string{"leader-spoke"},
		// FastLeaderElection.lookForLeader, case LEADING.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.6.0"},
	},
	{
		Switch: ZxidBeforeQuorum,
		Name:   "leader.zxid-before-quorum",
		JIRA:   []string{"ZOOKEEPER-790"},
		Doc: "A leader sets its last zxid to the start of its epoch before a quorum has followed it. If it fails, its " +
			"votes name a zxid that nobody else has, though its history is no longer than theirs: it wins again and " +
			"again, and a leader of the epoch before refuses to take it in.",
		Breaks: []string{"no-ack-before-sync", "process-consistency"},
		// Leader.lead.
		From:  []string{"3.3.0"},
		Fixed: []string{"3.3.2", "3.4.0"},
	},
	{
		Switch: SnapKeepsLogTail,
		Name:   "sync.snap-keeps-log-tail",
		JIRA:   []string{"ZOOKEEPER-2832"},
		Doc: "A leader without recent commits in memory sends SNAP to everybody, also to a learner whose log is longer " +
			"than its own. The learner writes the snapshot and leaves its log as it is: the next load replays the tail, " +
			"which nobody else has, on top of the leader's history.",
		Breaks: []string{"process-consistency", "flag-proposal"},
		// LearnerHandler.run and Learner.syncWithLeader, up to the rewrite as
		// LearnerHandler.syncFollower. Where TRUNC would cross an epoch the newest does
		// so, too, but that tail is older than the snapshot, and is not replayed.
		From:  []string{"3.3.0"},
		Fixed: []string{"3.5.0"},
	},
	{
		Switch: HoleInLog,
		Name:   "sync.txnlog-hole",
		JIRA:   []string{"ZOOKEEPER-2846", "ZOOKEEPER-2099"},
		Doc: "After SNAP a server goes on in its old log, which ends long before the snapshot. Its own start is not " +
			"harmed, for the snapshot covers the hole; but when it leads, it sends a learner that stands before the hole " +
			"a DIFF from that log, which lacks what fell into the hole.",
		Breaks: []string{"process-consistency", "history-consistency"},
		// LearnerHandler.syncFollower, ZKDatabase.getProposalsFromTxnLog; open in the
		// newest, where the learner notices a hole within an epoch that does not come first.
		From: []string{"3.5.0"},
	},
	{
		Switch: GapBeforeWindow,
		Name:   "sync.txnlog-gap",
		JIRA:   []string{"ZOOKEEPER-2418"},
		Doc: "A DIFF from the log on disk goes on with the recent commits in memory, and nobody asks whether the two " +
			"meet. A leader whose own log writer is slow has applied what its log does not have yet: the learner " +
			"is not sent what lies between.",
		Breaks: []string{"process-consistency"},
		// LearnerHandler.syncFollower.
		From:  []string{"3.5.0"},
		Fixed: []string{"3.6.0"},
	},
	{
		Switch: TrustEmptySnapshot,
		Name:   "boot.trust-empty-snapshot",
		JIRA:   []string{"ZOOKEEPER-2325", "ZOOKEEPER-3056"},
		Doc: "A server that finds no whole snapshot takes its database for empty and replays the logs that are left. " +
			"What older logs held is gone, but the last zxid is as high as ever, and nobody sends it again.",
		Breaks: []string{"no-ack-before-sync", "committed-survives", "epochs"},
		// FileTxnSnapLog.restore. Later releases do so only if they are told to trust it.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.5.3"},
	},
	{
		Switch: StrictEpochCheck,
		Name:   "boot.strict-epoch-check",
		JIRA:   []string{"ZOOKEEPER-2354", "ZOOKEEPER-1653"},
		Doc: "A server that crashes between writing the history of a new epoch and the epoch itself does not start again: " +
			"its currentEpoch is below its last zxid, which is taken for damage, unless the crash has left a whole " +
			"temporary file.",
		Breaks: []string{"disk-opens"},
		// QuorumPeer.loadDataBase. 3.4.6 has a file updatingEpoch, which no other line got.
		From:  []string{"3.4.0", "3.5.0"},
		Fixed: []string{"3.4.6"},
	},
	{
		Switch: AcceptorDies,
		Name:   "leader.acceptor-dies",
		JIRA:   []string{"ZOOKEEPER-4203"},
		Doc: "An error on a connection that a leader has just accepted ends the thread that accepts. If that happens " +
			"before the leader serves, the state that would end its role is overwritten when it starts: it leads on, " +
			"and nobody can join it any more.",
		Breaks: []string{"rejoin-after-heal", "progress-after-heal"},
		// Leader.LearnerCnxAcceptor, ZooKeeperServer.setState; open in the newest.
		From: []string{"3.4.0"},
	},
	{
		Switch: TruncByWindow,
		Name:   "sync.trunc-by-window",
		Doc: "A leader lets a learner truncate by what it has applied rather than by what it has committed. A learner " +
			"may hold, and have acknowledged, what was committed on the strength of its own disk and waits to be applied: " +
			"it is cut, and until it is sent again and synced no quorum has it.",
		Breaks: []string{"committed-log-durability", "committed-survives"},
		// LearnerHandler.syncFollower, and run before it: found here by reading, nobody
		// has reported it. Open in the newest.
		From: []string{"3.4.0"},
	},
	{
		Switch: KeepsOldAcks,
		Name:   "leader.keeps-old-acks",
		Doc: "What a learner acknowledged on an earlier connection still counts after it was told to truncate exactly " +
			"that: a proposal can be committed on the strength of a record that is gone.",
		Breaks: []string{"committed-survives"},
		// Leader.processAck: found here by reading, nobody has reported it. Open in the newest.
		From: []string{"3.4.0"},
	},
}
