// Package zab is one ZooKeeper server as a value with its I/O removed.
//
// Server is the central type, Step its only verb: one Input in, a list of
// Effects out, in program order. A step runs to its end, never blocks, looks at
// nothing but its value and its input, and allocates nothing unless it handles a
// transaction. Whoever hosts a server (a simulated world, a search, later real
// sockets) starts the effects in order; the medium decides when they complete.
//
// A server is made of lanes, one for each ZooKeeper thread that matters:
//
//	lane        thread                   a turn
//	peer        QuorumPeer               one packet of the leader, one step of a sync, its own disk operation
//	fle         QuorumPeer in LOOKING    one notification of its inbox
//	sync        SyncRequestProcessor     append a transaction, start the fsync, or send an ACK
//	commit      CommitProcessor, Final   apply a commit, or complete a sync
//	prep        PrepRequestProcessor     validate a request (leader)
//	h1 .. h8    LearnerHandler           one packet of one learner, or a wait that is over (leader)
//	snap        "Snapshot Thread"        copy a part of the tree, write the file, purge
//
// Lanes have queues of their own: a packet that arrives only restarts the read
// time-out and waits in the inbox of its thread. Runnable names the lanes that
// have work. At grain atomic the host calls Drain, which runs them all; at grain
// threads each turn is a choice of its own, so that a crash, a packet or another
// thread may come between any two.
//
// The files follow the protocol: leader.go, handler.go and syncmode.go hold the
// leader's side, learner.go, learnersync.go and newleader.go the follower's and
// observer's, pipeline.go and logwriter.go the processors, snapper.go the snapshot
// thread, role.go the end of a role, image.go recovery. Comments name the Java
// method or the JIRA issue.
//
// Clients come through front.go and leave requests with pipeline.go, or, on a server
// without peers, with standalone.go. sessions.go holds the tracker that a leader keeps
// of all sessions, local.go the sessions that only their server knows. A server that
// is told nothing of sessions (Config.Sessions) takes whatever number a client says.
//
// Not built yet: reconfiguration (answered as where it is disabled), flushDelay (the log writer syncs when its queue is
// empty or full), observer masters, read-only servers, SASL, and the delay
// that an observer waits before it looks for a leader again. A purge follows each
// snapshot instead of the clock.
//
// The package imports election and leaves only: it broadcasts transactions
// through txn.StateMachine, which is the znode tree or, in small searches, a map of
// registers, and never sees which.
package zab
