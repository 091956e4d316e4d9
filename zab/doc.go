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
//	lane        thread                   waits for
//	peer        QuorumPeer               packets of the leader, its own disk operation
//	fle         QuorumPeer in LOOKING    notifications in its inbox
//	sync        SyncRequestProcessor     proposals to append; fsync
//	commit      CommitProcessor, Final   commits to apply, syncs to complete
//	prep        PrepRequestProcessor     requests to validate (leader)
//	h1 .. h8    LearnerHandler           packets of one learner (leader)
//
// Lanes have queues of their own: a packet that arrives only restarts the read
// time-out and waits in the inbox of its thread. Runnable names the lanes that
// have work; Drain runs them all, which is grain atomic.
//
// The files follow the protocol: leader.go, handler.go and syncmode.go hold the
// leader's side, learner.go and learnersync.go the follower's, pipeline.go the
// processors, role.go the end of a role, image.go recovery. Comments name the
// Java method or the JIRA issue.
//
// Not built yet: observers, reconfiguration, sessions beyond a number, snapshots
// while transactions go on, log rolling and purging, and lanes as choices of
// their own.
//
// The package imports election and leaves only: it broadcasts transactions
// through txn.StateMachine and never sees a tree.
package zab
