package bug

// registry has the Info of Switch i at index i, whichever file its row is in. The release ranges were read
// from apache/zookeeper's release tags, in the method that each row names in its
// comment; where an issue says something else, the comment says why.
var registry = inOrder(ensembleRows, treeRows, snapRows, zooRows)

var ensembleRows = []Info{
	{
		Switch: FlatVoteOrder,
		Name:   "fle.flat-vote-order",
		JIRA:   []string{"ZOOKEEPER-1419"},
		Doc: "Votes are compared by epoch, zxid and server id, but the last clause does not ask for " +
			"equal epochs: with equal zxids the larger id wins even from a lower epoch. Then A beats B and " +
			"B beats A, servers keep adopting each other's vote, and no election ends.",
		Breaks: []string{"vote-rises", "progress-after-heal"},
		// FastLeaderElection.totalOrderPredicate. Before, votes had no epoch.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.4.4", "3.5.0"},
	},
	{
		Switch: AckNewLeaderBeforeLog,
		Name:   "follower.ack-nl-before-log",
		JIRA:   []string{"ZOOKEEPER-3911"},
		Doc: "A follower synchronized by DIFF keeps the leader's history in memory until UPTODATE, but " +
			"acknowledges NEWLEADER at once. The leader counts it, serves what it believes to be on a quorum's " +
			"disks, and a crash of the follower loses committed transactions.",
		Breaks: []string{"no-ack-before-sync", "committed-survives", "leader-completeness"},
		// Learner.syncWithLeader, case NEWLEADER. ZOOKEEPER-2678 dropped the
		// snapshot that made a DIFF durable.
		From:  []string{"3.4.10", "3.5.3", "3.6.0"},
		Fixed: []string{"3.5.10", "3.6.3", "3.7.0"},
	},
	{
		Switch: EpochBeforeHistory,
		Name:   "follower.epoch-before-history",
		JIRA:   []string{"ZOOKEEPER-4643"},
		Doc: "At NEWLEADER a follower writes currentEpoch before the history it was sent is durable. After a " +
			"crash in between it has the new epoch and the old log. Votes compare epochs first, so it wins the " +
			"next election and truncates the servers that have the history.",
		Breaks: []string{"committed-log-durability", "leader-completeness", "committed-survives", "initial-history"},
		From:   []string{"3.4.10", "3.5.3", "3.6.0"}, // as above
		Fixed:  []string{"3.8.5", "3.9.2"},           // with ZOOKEEPER-4785's patch
	},
	{
		Switch: RetainNoFastForward,
		Name:   "db.retain-no-fastforward",
		JIRA:   []string{"ZOOKEEPER-2845"},
		Doc: "A server keeps its tree when a role ends, but does not bring it up to its log: what was logged and " +
			"not committed is on disk and not in memory. It votes and synchronizes with the zxid of its memory, the " +
			"next leader sees no reason to truncate it, and the log keeps transactions that nobody else has. They " +
			"come back at the next restart.",
		Breaks: []string{"reopen-equals-memory", "process-consistency", "prefix-consistency", "initial-history", "equal-digests"},
		// ZooKeeperServer.shutdown, since ZOOKEEPER-2678 kept the tree.
		From:  []string{"3.4.10", "3.5.3"},
		Fixed: []string{"3.4.12", "3.5.4", "3.6.0"},
	},
	{
		Switch: AsyncCommitSync,
		Name:   "follower.async-commit-sync",
		JIRA:   []string{"ZOOKEEPER-3023"},
		Doc: "What a DIFF brings as committed is not applied before UPTODATE: it is queued for the commit " +
			"processor when the follower already serves. For a while a server that counts as synchronized answers " +
			"from a state older than the one its leader was established with.",
		Breaks: []string{"commit-consistency", "initial-history", "history-consistency"},
		// Learner.syncWithLeader, after its loop. Up to 3.4.9 the commits of a DIFF
		// were applied when they came; 3.9.3 applies them at NEWLEADER.
		From:  []string{"3.4.10", "3.5.3", "3.6.0"},
		Fixed: []string{"3.9.3"},
	},
	{
		Switch: KeepPartialSnap,
		Name:   "sync.keep-partial-snap",
		JIRA:   []string{"ZOOKEEPER-3642", "ZOOKEEPER-4225"},
		Doc: "A learner loads the leader's SNAP into memory, and the connection breaks before NEWLEADER has it " +
			"written to disk. The tree is kept, and its zxid is claimed in the next vote and the next ACKEPOCH. A " +
			"DIFF then continues from there in a log that ends far below: a restart loses all in between.",
		Breaks: []string{"reopen-equals-memory", "no-ack-before-sync", "process-consistency", "committed-log-durability",
			"leader-completeness", "equal-digests"},
		// Learner.shutdown and ZooKeeperServer.canShutdown. Before ZOOKEEPER-2678
		// each synchronization ended with a snapshot, which healed it.
		From:  []string{"3.4.10", "3.5.3", "3.6.0"},
		Fixed: []string{"3.5.10", "3.6.3", "3.7.0"},
	},
	{
		Switch: CommitAfterNewLeader,
		Name:   "follower.commit-after-nl",
		JIRA:   []string{"ZOOKEEPER-4394"},
		Doc: "At NEWLEADER a follower hands all proposals of the synchronization to the log, also those that are " +
			"not committed, and empties its list. A COMMIT that comes before UPTODATE looks for its proposal in that " +
			"list: a null pointer ends the role, and a follower that joins while writes are under way drops out.",
		Breaks: []string{"flag-commit", "progress-after-heal"},
		// Learner.syncWithLeader, case COMMIT; the list is emptied since ZOOKEEPER-3911's patch.
		From:  []string{"3.5.10", "3.6.3", "3.7.0"},
		Fixed: []string{"3.9.3"},
	},
	{
		Switch: AsyncLogThenAck,
		Name:   "follower.async-log-then-ack",
		JIRA:   []string{"ZOOKEEPER-4646", "ZOOKEEPER-4785"},
		Doc: "At NEWLEADER a follower hands the history it was sent to its log writer and acknowledges without " +
			"waiting for it. The leader counts the history as stored by a quorum. If the follower crashes before its " +
			"log writer has run, committed transactions are lost.",
		Breaks: []string{"no-ack-before-sync", "leader-completeness", "committed-survives",
			"committed-log-durability"},
		// Learner.syncWithLeader, case NEWLEADER, since ZOOKEEPER-3911's patch.
		From:  []string{"3.5.10", "3.6.3", "3.7.0"},
		Fixed: []string{"3.8.5", "3.9.2"},
	},
	{
		Switch: AckProposalFirst,
		Name:   "follower.ack-proposal-first",
		JIRA:   []string{"ZOOKEEPER-4685"},
		Doc: "The log writer of a follower is at work before the follower has acknowledged NEWLEADER, and its first " +
			"ACK of a proposal may overtake that. The leader takes the first ACK for the one of NEWLEADER, finds " +
			"another zxid and does not count it, nor ever reads the right one. It gives up after initLimit, though " +
			"everybody is healthy.",
		Breaks: []string{"flag-ack", "progress-after-heal"},
		// As above; the leader's part is Leader.waitForNewLeaderAck.
		From:  []string{"3.5.10", "3.6.3", "3.7.0"},
		Fixed: []string{"3.8.5", "3.9.2"},
	},
	{
		Switch: FastForwardBeforeDrain,
		Name:   "follower.fastforward-before-drain",
		JIRA:   []string{"ZOOKEEPER-4712", "ZOOKEEPER-4541"},
		Doc: "When a learner's role ends, the tree is brought up to the log first, and only then, or never, the log " +
			"writer is stopped. What it still writes is on disk and not in memory, so the server votes and " +
			"synchronizes with a zxid below its log: the harm of ZOOKEEPER-2845 by another way.",
		Breaks: []string{"reopen-equals-memory", "process-consistency", "prefix-consistency", "initial-history", "equal-digests"},
		// FollowerZooKeeperServer.shutdown since ZOOKEEPER-2845's patch (the writer
		// stops late) and Learner.shutdown since ZOOKEEPER-3642's (it never stops).
		From:  []string{"3.4.12", "3.5.4", "3.6.0"},
		Fixed: []string{"3.9.3"},
	},
	{
		Switch: SyncSkipsCommittedLog,
		Name:   "follower.sync-skips-committedlog",
		JIRA:   []string{"ZOOKEEPER-4925"},
		Doc: "Transactions that a follower applies during its synchronization are not added to its window of recent " +
			"commits, which has a hole when later ones are. When that follower leads, it sends a DIFF from the window: " +
			"who was below the hole is given what comes after it, and lacks the rest for good.",
		Breaks: []string{"committed-log-durability", "process-consistency", "prefix-consistency", "no-ack-before-sync", "equal-digests"},
		// ZooKeeperServer.processTxn(TxnHeader, Record). The issue says 3.9.3 alone,
		// and that is so for DIFF. After TRUNC, commits went this way in every
		// release since the tree and the window are kept (ZOOKEEPER-2678): from
		// reading, nobody has reported it.
		From:  []string{"3.4.10", "3.5.3", "3.6.0"},
		Fixed: []string{"3.9.4"},
	},
	{
		Switch: NoTruncInWindow,
		Name:   "sync.no-trunc-in-window",
		JIRA:   []string{"ZOOKEEPER-1154"},
		Doc: "A learner whose last zxid lies within the leader's window of recent commits is sent a DIFF, even if " +
			"the leader has no such transaction. What the learner logged alone, and never got committed, stays in " +
			"its tree and its log below the new history.",
		Breaks: []string{"process-consistency", "no-ack-before-sync", "prefix-consistency", "initial-history", "equal-digests", "history-consistency"},
		// LearnerHandler.run (FollowerHandler up to 3.2).
		From:  []string{"3.0.0"},
		Fixed: []string{"3.3.4", "3.4.0"},
	},
	{
		Switch: SingleLeadingVote,
		Name:   "fle.single-leading-vote",
		JIRA:   []string{"ZOOKEEPER-975"},
		Doc: "A server ends its election on one message of its round from somebody who is LEADING, or as soon as it " +
			"has heard from every voter, whatever they vote for. Stale messages make a server that restarts follow " +
			"nobody or lead nobody, and the ensemble is disturbed again and again.",
		Breaks: []string{"quorum-backed-election", "progress-after-heal"},
		// FastLeaderElection.lookForLeader.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.4.0"},
	},
	{
		Switch: StrictLateJoin,
		Name:   "fle.strict-late-join",
		JIRA:   []string{"ZOOKEEPER-1805", "ZOOKEEPER-1732"},
		Doc: "A server that looks for an ensemble at work wants a quorum of votes that are equal in every field. " +
			"Members that were elected or joined at different times name the same leader with different rounds, " +
			"zxids or epochs, no group is a quorum, and the late server never gets in.",
		Breaks: []string{"rejoin-after-heal", "progress-after-heal"},
		// FastLeaderElection.lookForLeader and Vote.equals. Epochs are in votes since
		// 3.4.0; zxid and round had to be equal from the start.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.4.6", "3.5.0"},
	},
	{
		Switch: LeaderNotInQuorum,
		Name:   "discovery.leader-not-in-quorum",
		JIRA:   []string{"ZOOKEEPER-1270"},
		Doc: "The epoch is chosen, and its promises are counted, as soon as any quorum has answered, also one " +
			"without the leader. Handlers run ahead of a leader that has not begun its phase: the acknowledgements " +
			"of NEWLEADER come too early and are dropped, and the leader waits for them until initLimit.",
		Breaks: []string{"leader-in-quorum", "flag-state", "accepted-before-sent", "leadership-2", "progress-after-heal"},
		// Leader.getEpochToPropose, waitForEpochAck. Written for Zab 1.0 and corrected
		// before 3.4.0: no release had it.
		Fixed: []string{"3.4.0"},
	},
	{
		Switch: CountObservers,
		Name:   "quorumcheck.count-observers",
		JIRA:   []string{"ZOOKEEPER-1294", "ZOOKEEPER-1450"},
		Doc: "The leader's check whether it still has a quorum counts every learner that answers, observers " +
			"included, against the majority of the voters. A leader cut off from all its followers is kept in " +
			"office by observers: it can commit nothing, and its reads grow stale.",
		Breaks: []string{"progress-after-heal"},
		// Leader.lead, the loop at its end; 3.3 was the first with observers.
		From:  []string{"3.3.0"},
		Fixed: []string{"3.3.6", "3.4.4", "3.5.0"},
	},
	{
		Switch: EpochFromLastZxid,
		Name:   "epoch.from-last-zxid",
		JIRA:   []string{"ZOOKEEPER-335", "ZOOKEEPER-1081", "ZOOKEEPER-1082"},
		Doc: "A new leader takes the epoch of its own last transaction plus one. Nobody promises that epoch, and " +
			"nobody stores it before a transaction of it is logged. Two leaders in a row that log nothing in common " +
			"use the same epoch, and one zxid then names two different transactions.",
		Breaks: []string{"leadership-2", "accepted-before-sent", "global-primary-order", "prefix-consistency", "equal-digests"},
		// Leader.lead, up to Zab 1.0.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.4.0"},
	},
	{
		Switch: KeepPartialTrunc,
		Name:   "sync.keep-partial-trunc",
		JIRA:   []string{"ZOOKEEPER-5094"},
		Doc: "After TRUNC a learner applies commits in memory only, to be saved by the snapshot at NEWLEADER. If the " +
			"connection breaks before, the tree is kept and claims them in the next vote and the next ACKEPOCH. The " +
			"log continues behind a gap, and the server may be counted for a history that its disk does not have.",
		Breaks: []string{"reopen-equals-memory", "no-ack-before-sync", "process-consistency", "leader-completeness"},
		// Learner.shutdown, which drops the tree for SNAP alone; open in the newest.
		From: []string{"3.4.10", "3.5.3", "3.6.0"},
	},
	{
		Switch: DirtyLeaderSnapshot,
		Name:   "snap.dirty-leader-snapshot",
		JIRA:   []string{"ZOOKEEPER-4837", "ZOOKEEPER-1549", "ZOOKEEPER-1558"},
		Doc: "A server that begins to lead writes a snapshot of its whole tree, the uncommitted tail included. If it " +
			"fails and is told to truncate, the log is cut, but the tree is loaded from that snapshot: the cut " +
			"transactions live on in it, and a zxid that is set by hand hides them.",
		Breaks: []string{"process-consistency", "equal-digests", "reopen-equals-memory", "prefix-consistency"},
		// ZooKeeperServer.loadData and ZKDatabase.truncateLog. ZOOKEEPER-1558 was
		// solved for the 3.4 line alone; open in the newest.
		From:  []string{"3.0.0", "3.5.0"},
		Fixed: []string{"3.4.6"},
	},
	{
		Switch: DiscoveryCountsObservers,
		Name:   "discovery.count-observers",
		JIRA:   []string{"ZOOKEEPER-2959"},
		Doc: "In discovery, observers are put into the sets that must hold a quorum, and the majority rule only " +
			"counts. A leader and an observer can settle on an epoch that a quorum of voters, elsewhere, has already " +
			"given to another leader.",
		Breaks: []string{"voters-only", "leadership-1", "leadership-2"},
		// Leader.getEpochToPropose, waitForEpochAck.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.4.13", "3.5.4", "3.6.0"},
	},
	{
		Switch: ZxidRollover,
		Name:   "zxid.rollover",
		JIRA:   []string{"ZOOKEEPER-1277"},
		Doc: "When the counter of an epoch is used up, the next zxid carries into the epoch: the leader goes on " +
			"under the number of an epoch that nobody gave it and that a later leader will use. A counter of 0 also " +
			"reads as NEWLEADER, so that such a transaction is never committed and the ensemble stands still.",
		Breaks: []string{"flag-proposal", "leadership-2", "global-primary-order", "progress-after-heal"},
		// Leader.propose.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.3.5", "3.4.4", "3.5.0"},
	},
}
