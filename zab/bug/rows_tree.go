package bug

// treeRows are the switches of the data model, the request pipeline and the
// sessions, in the order of their constants.
var treeRows = []Info{
	{
		Switch: LoneCheckUnanswered,
		Name:   "request.lone-check-unanswered",
		JIRA:   []string{"ZOOKEEPER-2623"},
		Doc: "A check that is sent alone, outside a multi, is validated, logged and takes a zxid. If it succeeds " +
			"nobody answers it, and the log record can't be read back: the server does not start again on that log.",
		Breaks: []string{"reference"},
		Tree:   true,
		From:   []string{"3.4.0", "3.9.0"},
		Fixed:  []string{"3.8.5", "3.9.3"},
	},
	{
		Switch: TTLOpcodeWithoutTTL,
		Name:   "request.ttl-opcode-without-ttl",
		Doc: "createTTL with a mode that has no time to live and a ttl of -1 passes the checks, and the record can't " +
			"be made from it: an error that nobody expects ends the server.",
		Breaks: []string{"reference"},
		Tree:   true,
		From:   []string{"3.5.3"},
	},
	{
		Switch: MalformedQuotaKills,
		Name:   "quota.malformed-kills",
		Doc: "Text in zookeeper_stats that is no usage makes the next write below that quota throw inside apply, " +
			"which ends the server, and each one that applies the same transaction.",
		Breaks: []string{"reference"},
		Tree:   true,
		From:   []string{"3.0.0"},
	},
	{
		Switch: OneShotReplacesPersistent,
		Name:   "watch.one-shot-replaces-persistent",
		JIRA:   []string{"ZOOKEEPER-4466"},
		Doc: "A server keeps one mode for each connection and path: a one-shot watch on a path where the connection " +
			"has a persistent watch replaces it, so that the next event is the last. So do a persistent and a " +
			"recursive watch replace each other.",
		Breaks: []string{"reference"},
		Tree:   true,
		// WatcherModeManager.setWatcherMode.
		From:  []string{"3.6.0"},
		Fixed: []string{"3.9.0"},
	},
	{
		Switch: BadPasswordKicks,
		Name:   "session.bad-password-kicks",
		Doc: "A connection that resumes a session has the session's old connection closed before its password is " +
			"compared: whoever knows a session's id can disconnect it.",
		Breaks: []string{"reference"},
		Tree:   true,
		From:   []string{"3.0.0"},
	},
	{
		Switch: RecursiveInChildTable,
		Name:   "watch.recursive-in-child-table",
		Doc: "A recursive watch is in the child table, too. Taking it out by the type of data watches, or a one-shot " +
			"data watch in its place, leaves that half: of what is below its path it then hears of deletions alone.",
		Breaks: []string{"reference"},
		Tree:   true,
		// DataTree.addWatch. The change that ended it is that of ZOOKEEPER-4466.
		From:  []string{"3.6.0"},
		Fixed: []string{"3.9.0"},
	},
	{
		Switch: CheckWatchesOfAnybody,
		Name:   "watch.check-sees-others",
		Doc: "checkWatches answers that there is a watch if any connection has one on that path. A client that asks " +
			"about its own is told OK where it has none. A path that does not begin with / is not understood.",
		Breaks: []string{"reference"},
		Tree:   true,
		// WatchManager.containsWatcher. The change that ended it is that of ZOOKEEPER-4466.
		From:  []string{"3.6.0"},
		Fixed: []string{"3.9.0"},
	},
	{
		Switch: RemoveWatchesByTable,
		Name:   "watch.remove-by-table",
		JIRA:   []string{"ZOOKEEPER-4471", "ZOOKEEPER-4472"},
		Doc: "removeWatches and checkWatches of type Children or Data mean all that is in that table: taking out a " +
			"one-shot watch of children ends the child events of a persistent watch. There are no types for " +
			"persistent watches: 4 and 5 are not understood.",
		Breaks: []string{"reference"},
		Tree:   true,
		// DataTree.removeWatch, Watcher.WatcherType. Persistent watches came with 3.6.0.
		From:  []string{"3.6.0"},
		Fixed: []string{"3.9.0"},
	},
	{
		Switch: EventWithoutZxid,
		Name:   "watch.event-without-zxid",
		JIRA:   []string{"ZOOKEEPER-4655"},
		Doc: "The header of a watch event does not say which transaction triggered it, but -1. A client can't tell " +
			"whether what it reads next is newer.",
		Breaks: []string{"reference"},
		Tree:   true,
		// NIOServerCnxn.process.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.9.0"},
	},
	{
		Switch: EventsIgnoreACL,
		Name:   "watch.events-ignore-acl",
		JIRA:   []string{"ZOOKEEPER-4799"},
		Doc: "Watch events are not withheld from who may not READ the node (CVE-2024-23944): a watch on a node that " +
			"one can't read tells its paths, and when it changes.",
		Breaks: []string{"reference"},
		Tree:   true,
		// WatchManager.triggerWatch, ServerCnxn.process. Distributions have the fix in older
		// releases: Debian's 3.8.0 that made the recordings withholds events.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.8.4", "3.9.2"},
	},
	{
		Switch: ExistsUnchecked,
		Name:   "acl.exists-unchecked",
		JIRA:   []string{"ZOOKEEPER-2590"},
		Doc: "exists looks at no access list: who may not READ a node is told that it is there, and its Stat, and may " +
			"leave a watch on it.",
		Breaks: []string{"reference"},
		Tree:   true,
		// FinalRequestProcessor.processRequest.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.8.4", "3.9.2"},
	},
	{
		Switch: VersionMinusOne,
		Name:   "version.minus-one",
		JIRA:   []string{"ZOOKEEPER-4743"},
		Doc: "The version of a node that has been written 2^32 - 1 times is -1, which means any version in a request: " +
			"a client that has read it can't make its update conditional.",
		Breaks: []string{"reference"},
		Tree:   true,
		// PrepRequestProcessor.checkAndIncVersion.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.10.0"},
	},
	{
		Switch: IPv4Only,
		Name:   "acl.ipv4-only",
		JIRA:   []string{"ZOOKEEPER-4240"},
		Doc:    "Access lists take no IPv6 address: a create or setACL with one in it is an invalid list.",
		Breaks: []string{"reference"},
		Tree:   true,
		// IPAuthenticationProvider.addr2Bytes.
		From:  []string{"3.0.0"},
		Fixed: []string{"3.9.4"},
	},
	{
		Switch: MultiCreatePlain,
		Name:   "multi.create-plain",
		JIRA:   []string{"ZOOKEEPER-4026"},
		Doc: "A create2 within a multi is taken for a create, and answered without a Stat; so is a createContainer whose " +
			"mode is not that of a container, which makes a plain node. A mode that is not there fails that member, " +
			"not the multi.",
		Breaks: []string{"reference"},
		Tree:   true,
		// MultiOperationRecord.deserialize.
		From:  []string{"3.5.0", "3.8.0"},
		Fixed: []string{"3.7.2", "3.8.2"},
	},
	{
		Switch: DeleteContainerMisread,
		Name:   "request.delete-container-misread",
		JIRA:   []string{"ZOOKEEPER-4573"},
		Doc: "The path of a deleteContainer that a client sends is read together with its length, and is never " +
			"valid. Releases without this delete any empty node that is not ephemeral, and ask for no permission.",
		Breaks: []string{"reference"},
		Tree:   true,
		// PrepRequestProcessor.pRequest2Txn.
		From:  []string{"3.5.1"},
		Fixed: []string{"3.9.0"},
	},
}
