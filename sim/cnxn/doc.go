// Package cnxn is ZooKeeper's client library as a plain value without I/O: the
// session, the connection, the requests under way and the watches of one client.
//
//	c := cnxn.New(&cfg)
//	c.Start(&out)               // out: Dial server 0
//	c.DialDone(conn, &out)      // out: Send a ConnectRequest
//	c.Received(conn, &msg, &out)
//	c.Submit(&call, tag, watcher, &out)
//
// The central type is Client. Its methods are the inputs; what it wants done is
// appended to an Out, which the host performs in order. The host owns the time
// and the luck: a timer is a kind and a duration, some with a jitter to draw.
//
// # Three doors
//
//   - Client.Submit takes a client.Call, as recipes make them, and completes with a
//     client.Response.
//   - Client.Ask takes an Ask, which is one method of ZooKeeper's Java API: any
//     operation, a Watcher by identity, and refusals as Java exceptions.
//   - Java takes operations by name and calls watchers by name, for recordings of
//     the Java client.
//
// # What happens to a request when the connection goes
//
// A request is either sent or still queued, and Completion.Sent tells which.
// (ClientCnxn.SendThread.cleanup and conLossPacket.)
//
//   - Sent: it completes with ConnectionLoss and its outcome is unknown (protocol
//     fact 10). If the session ends with the connection the code is SessionExpired,
//     or AuthFailed; the outcome is unknown all the same.
//   - Queued: it completes with the same code, and certainly has no effect. That
//     holds also for what is submitted between two connections: it waits for the
//     end of the dial under way, and completes with ConnectionLoss if that fails.
//   - With Config.KeepQueued what is queued survives, and goes out on the next
//     connection.
//   - Submitted after the session's end: completes at once, with SessionExpired or
//     AuthFailed. Submitted behind a close: ConnectionLoss.
//
// Sources: ClientCnxn.java, ClientCnxnSocketNIO.java, ZooKeeper.java,
// ZKWatchManager.java, WatchDeregistration.java, client/HostConnectionManager.java,
// client/Chroot.java and common/PathUtils.java; protocol facts 10 and 12.
package cnxn
