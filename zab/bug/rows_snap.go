package bug

// snapRows are the switches of the data tree under replay, of the sessions and of the
// watches. A snapshot is taken node by node while transactions go on, and replay of the
// log must make it whole: most of these fail at that.
var snapRows = []Info{
	{
		Switch: CversionByIncrement,
		Name:   "tree.cversion-by-increment",
		JIRA:   []string{"ZOOKEEPER-1046"},
		Doc: "A create adds one to the parent's cversion when it is applied, instead of setting the number that the " +
			"leader computed. Replay over a fuzzy snapshot counts children again that were counted already, servers no " +
			"longer agree about the number of the next sequential node, and after a change of leader it is one that is there.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// DataTree.createNode.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.3.4"},
	},
	{
		Switch: ReplayMissingParentFatal,
		Name:   "tree.replay-missing-parent-fatal",
		JIRA:   []string{"ZOOKEEPER-1573"},
		Doc: "A create that is replayed and whose parent is not there ends the start-up. The parent was deleted later in " +
			"the log, while the snapshot was taken, so that it is in neither: a server with a sound disk does not start again.",
		Breaks: []string{"disk-opens"},
		Tree:   true,
		// FileTxnSnapLog.processTransaction.
		From:  []string{"3.4.1"},
		Fixed: []string{"3.4.6", "3.5.0"},
	},
	{
		Switch: MultiRollbackForgetsPrior,
		Name:   "multi.rollback-forgets-parent",
		JIRA:   []string{"ZOOKEEPER-1624"},
		Doc: "A multi that fails takes back what its members announced, and with it what earlier requests had announced " +
			"about the parents of those members. The next request is validated against parents as they were before: it " +
			"gets the number of a sequential node that is on its way already, or deletes a parent that will have a child.",
		Breaks: []string{"reference"},
		Tree:   true,
		// PrepRequestProcessor.getPendingChanges, rollbackPendingChanges.
		From:  []string{"3.4.0"},
		Fixed: []string{"3.4.6", "3.5.0"},
	},
	{
		Switch: CloseWithoutPaths,
		Name:   "tree.close-without-paths",
		JIRA:   []string{"ZOOKEEPER-3145"},
		Doc: "The transaction that ends a session does not say which nodes go with it: that depends on whose nodes there " +
			"are when it is applied. In a fuzzy snapshot they are gone already, or belong to another session, and replay " +
			"leaves the parent's pzxid and cversion behind: who comes back with an old watch is not told.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// PrepRequestProcessor.pRequest2Txn, DataTree.killSession.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.6.0"},
	},
	{
		Switch: DeleteLeavesPzxid,
		Name:   "tree.delete-leaves-pzxid",
		JIRA:   []string{"ZOOKEEPER-3125"},
		Doc: "Replaying a delete of a node that the fuzzy snapshot lacks leaves the parent's pzxid as it was, and one of " +
			"a node that it has sets it back below what a later create had set. Servers differ in the Stat of the parent.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// DataTree.deleteNode.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.5.5"},
	},
	{
		Switch: ReplayTurnsBack,
		Name:   "tree.replay-turns-back",
		JIRA:   []string{"ZOOKEEPER-3249"},
		Doc: "A create sets the parent's cversion and pzxid even if they are ahead of it, and only a create of the oldest kind " +
			"still raises them over a node that is there. Replay makes a node again that was deleted before its turn in the fuzzy " +
			"snapshot, turns its parent back, and finds the nodes in place that had raised it: the next sequential node there " +
			"gets a number that was given before.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// DataTree.createNode, processTxn. Before create2 came, each create raised them again.
		From:  []string{"3.5.0"},
		Fixed: []string{"3.6.0"},
	},
	{
		Switch: ACLMissingOnReplay,
		Name:   "tree.acl-missing-on-replay",
		JIRA:   []string{"ZOOKEEPER-4846", "ZOOKEEPER-3306"},
		Doc: "A snapshot holds the table of access lists first and the nodes later: a node made in between names a list " +
			"that the table lacks. Replay finds the node in place and leaves it so. Whoever asks for its list meets an " +
			"error that nobody expects: the node can't be used, and since 3.8.4 deleting it ends the start-up.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// DataTree.createNode. Both patches made it rarer; that of ZOOKEEPER-4846 ended it.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.8.5", "3.9.4"},
	},
	{
		Switch: ACLNumbersReissued,
		Name:   "tree.acl-numbers-reissued",
		JIRA:   []string{"ZOOKEEPER-4689"},
		Doc: "After loading a fuzzy snapshot the numbers of access lists go on behind the highest in its table, though " +
			"some nodes already name higher ones. Replay gives such a number to another list. When the node gets its own " +
			"list, or is deleted, a use of the wrong list is counted off; the list is forgotten while other nodes have it, " +
			"and nobody can use those any more.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// ReferenceCountedACLCache.deserialize, addUsage, removeUsage.
		From: []string{"3.4.9", "3.5.2"},
	},
	{
		Switch: ExistsByMap,
		Name:   "tree.exists-by-map",
		Doc: "FUZZY-ORPHAN, see zab/bug/fuzzy-orphan.md. A create looks for the node in the map of all paths and no longer " +
			"among the names of the parent, and a delete leaves in that map what is below the node. Over a fuzzy snapshot " +
			"that has a child of a node that was deleted and made again, replay finds the child in place and never names " +
			"it in its parent: it can be read and not listed, and the parent can be deleted.",
		Breaks: []string{"reopen-equals-memory"},
		Tree:   true,
		// DataTree.createNode, with ZOOKEEPER-4846's patch.
		From: []string{"3.8.5", "3.9.4"},
	},
	{
		Switch: CreateAfterClose,
		Name:   "session.create-after-close",
		JIRA:   []string{"ZOOKEEPER-1208"},
		Doc: "A session that is being closed is still one that may ask until its closeSession is applied. A create of an " +
			"ephemeral node that is validated in between makes a node after its session has ended, which nobody deletes.",
		Breaks: []string{"tree-ephemerals"},
		Tree:   true,
		// PrepRequestProcessor.pRequest, SessionTrackerImpl.checkSession.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.3.4"},
	},
	{
		Switch: UpgradeDangling,
		Name:   "session.upgrade-dangling",
		JIRA:   []string{"ZOOKEEPER-3471"},
		Doc: "A local session that is being closed still takes requests. A create of an ephemeral node makes it a session " +
			"of the ensemble, whose end nobody asks for: the closeSession ended the local one. The node stays until the " +
			"session times out, if it does.",
		Breaks: []string{"tree-ephemerals"},
		Tree:   true,
		// QuorumZooKeeperServer.checkUpgradeSession.
		From:  []string{"3.5.0"},
		Fixed: []string{"3.6.0"},
	},
	{
		Switch: DeadConnectionWatch,
		Name:   "watch.dead-connection",
		JIRA:   []string{"ZOOKEEPER-1382"},
		Doc: "A read that waits behind a write of its session is answered when the write is, even if the connection has " +
			"gone: it leaves a watch for a connection that is not there. Nothing takes that watch away.",
		Breaks: []string{"flag-state"},
		Tree:   true,
		// FinalRequestProcessor.processRequest, NIOServerCnxn.close.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.4.6", "3.5.0"},
	},
	{
		Switch: CloseTooBig,
		Name:   "session.close-too-big",
		JIRA:   []string{"ZOOKEEPER-4306"},
		Doc: "The transaction that ends a session lists its nodes, however many, and a learner reads no packet above " +
			"jute.maxbuffer: each follower leaves the leader that proposes it. The next leader ends the same session in the " +
			"same way, and the ensemble stands still. Without the switch the limit is one of what clients send.",
		Breaks: []string{"progress-after-heal"},
		Tree:   true,
		// BinaryInputArchive.checkLength; the list came with ZOOKEEPER-3145's patch.
		From: []string{"3.6.0"},
	},
}
