// Package story plays golden stories: text files of commands, each followed by a
// line of dashes and everything that happened. A story shows one thing that is easy
// to get wrong, in a world that a reader can follow to the last packet.
//
//	go test ./sim/story             checks that every story is still true
//	go test ./sim/story -rewrite    rewrites them, so that git shows what changed
//
// Run is the one entry. It drives a sim.World without time and without chance: what
// the story does not name is done by a fixed policy, and every step is judged by
// all invariants. A violation shows in the story, and fails it unless the story
// says that it expects it.
//
//	world servers=3 [observers=4] [weights=1,1,0] [groups=1,1,2] [clients=1]
//	      [grain=threads] [election=fle] [commitLogCount=2] [snapshotSizeFactor=-1] [bug=NAME]
//	again [bug=NAME]       a world like the last one, with other options, and everything
//	                       quietly done once more that stood in one block with world
//	start 1 2 3            the processes start; restart is the same word
//	crash n2 [keep=N|all] [torn] [stage=none|torn|temp|renamed]
//	                       keep: unsynced log records that survive; torn: half of the next
//	                       one, too; stage: how far the peer thread's file got; without
//	                       these nothing survives
//	elect 3 with 1 2       an oracle lets them decide for n3, or join it if it leads
//	deliver n1>n2 [N | all | until WORD] [election|quorum|client]
//	connect n2>n1          a dial is answered
//	run n2.sync            a lane takes one turn (grain=threads)
//	disk n2.sync           a disk operation of this lane becomes durable
//	fail n2.peer           or fails
//	timer n1.tick [N]      a timer fires, N times; timer c1.ping and c1.read-timeout
//	cut n1 n2, cut n1>n2, heal, heal n1 n2, break n1-n2
//	client 1 set /a=1 via n2     also get /a, sync-get /a, cas /a=1 version=0
//	run until quiet        the policy goes on until only time could change anything
//	run until CONDITION    or until something holds; then polls of elections fire as well
//	run quietly until ...  without the events, with a line that says who leads whom
//	run at most 500 until ...
//	quietly COMMAND        without any reaction but violations: for what only sets the scene
//	hold n1>n2 [at WORD]   the policy leaves a link alone, or stops where WORD is next
//	hold n2.sync [at WORD] the same for a lane, its disk operation, or a timer
//	release ..., release all
//	votes n2 1.1 e2, n3 1.1 e1
//	                       which of these votes beat which: leader, zxid, currentEpoch
//	status                 a line for each server: role, epochs accepted/current on disk, log;
//	                       of a leader in DISCOVERY whom it counts in connectingFollowers and
//	                       electingFollowers, in SYNCHRONIZATION whose ACK of NEWLEADER
//	expect CONDITION, expect not CONDITION, expect violation NAME, expect no violation
//
// A condition is one of: leader; n1 leads 2; n2 follows n1; n2 down; n2 LOOKING, or
// another state or phase; n2 finalizing; n2 log 1.1..1.3; n2 durable none; n2
// applied 1.1; n1 committed 1.1; n1 proposed 1.1; n2 accepted 1; n2 current 1 (both
// on disk); n2 round 1; n2 votes n3; n2 counts {1,3}; client 1 done; client 1 told
// OK; and for run n2 saw WORD, which is true of the event that just happened. WORD
// is the verb of an event or the beginning of its detail: NEWLEADER, fsync,
// currentEpoch, closed.
//
// The policy takes the first choice of World.Enabled that is not held and no timer:
// deliveries, answers to dials, disks, lanes, clients. When there is none, a server
// that has counted a quorum decides; else a learner dials again; else a looking
// server's poll ends. Before quiet there are no decisions and polls. Crashes, cuts,
// other timers and oracle elections are left to the story.
//
// Not built yet: snapCount, and the faults of package faults.
package story
