// Package election is ZooKeeper's fast leader election with its threads and
// sockets removed: FastLeaderElection.java (FLE) and QuorumCnxManager.java.
//
// Its one central type is Machine, the election part of one server. The role
// side calls LookForLeader; the machine exchanges notifications with its peers
// and ends with OutDecide. A settled machine goes on answering the servers that
// still look.
//
// Three Java threads became three kinds of calls. The receiver thread is
// Receive: it filters, answers and queues. The lookForLeader loop is the lane
// Run, one message of the inbox per call, and the time-out of its poll is
// TimerPoll. The connection manager is Opened, Closed, DialFailed and the dial
// timers. Everything to be done comes back as Out values in program order.
//
// Rules for the driver:
//   - Execute Outs in order. OutSetTimer replaces a running timer of that id,
//     stopping one that does not run is harmless.
//   - Call Run while Runnable. TimerPoll may fire while the inbox holds a
//     message; it then means nothing, because Java's poll would have returned
//     that message.
//   - A connection delivers in order. Its acceptor must see Opened even if the
//     dialer has closed by then: a smaller sid dials only to be dialed back.
//   - OutDial ends in Opened or DialFailed, or the machine gives it up with an
//     OutClose that has a Peer and no Conn; nothing of it may be reported then.
//   - Two Machines assigned by = share one inbox. Use CloneInto.
//
// What was left out: message formats below version 2, reconfiguration, the
// two-server oracle, the optional limit of ZOOKEEPER-3109, and the blocking
// of the one sender thread by a slow connect. A zxid of -1 does not exist here.
//
// The package never imports a clock, a network, randomness or a package above
// it. It allocates only while the inbox and the list of Outs find their size.
package election
