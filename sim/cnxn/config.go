package cnxn

import "zabsim/zab/host"

// Config is what a client is told at start. It is shared and never changes.
type Config struct {
	// Servers is how many servers the client knows. They are called 0 to Servers-1;
	// the host shuffles the list (StaticHostProvider) and knows who is who.
	Servers int
	// TimeoutMillis is the session time-out that the client asks for.
	TimeoutMillis int32
	// Chroot is put before all paths: "/app". Empty or "/": none.
	Chroot string
	// Addr is the client's address, as servers see it.
	Addr string
	// KeepQueued lets requests that were not sent survive the loss of a connection.
	// The Java client ends them with ConnectionLoss.
	KeepQueued bool
	// NoLocalExpiry leaves it to servers to say that a session has expired. Without,
	// a client that heard nothing for 4/3 of the time-out declares it so itself
	// (ZOOKEEPER-4508).
	NoLocalExpiry bool
	// NoWatchReset is zookeeper.disableAutoWatchReset: watches are not set again on a
	// new connection, and one-shot watches end with the old one.
	NoWatchReset bool
	// SessionEvents tells all watchers of changes of the session, as the Java client
	// does. Without, Out has them as states only.
	SessionEvents bool
	// StripMulti takes the chroot off the paths in the results of a multi. The Java
	// client leaves them as the server sends them.
	StripMulti bool
}

const (
	// spinDelay is the pause after a full round of servers (SendThread.run).
	spinDelay = host.Second
	// cleanupDelay follows each connection (ClientCnxnSocketNIO.cleanup).
	cleanupDelay = 100 * host.Millisecond
	// dialJitter bounds the random pause before each dial but the first ones
	// (SendThread.startConnect).
	dialJitter = host.Second
	// pingMargin is the second by which a ping comes early, once a second is over.
	pingMargin = host.Second
	// pingMax is the longest silence of a client (MAX_SEND_PING_INTERVAL).
	pingMax = 10 * host.Second
	// watchesMax is about how many bytes of paths one setWatches carries
	// (SET_WATCHES_MAX_LENGTH).
	watchesMax = 128 * 1024
)

// ReadTimeout is the silence of a server after which a client with a session
// time-out of so many milliseconds drops the connection: two thirds.
func ReadTimeout(timeoutMillis int32) host.Duration {
	return host.Duration(int64(timeoutMillis)*2/3) * host.Millisecond
}

// ConnectTimeout is how long a client waits for one of its servers: for TCP, and
// then again for the answer to its ConnectRequest.
func ConnectTimeout(timeoutMillis int32, servers int) host.Duration {
	return host.Duration(int(timeoutMillis)/max(servers, 1)) * host.Millisecond
}

// ExpireTimeout is the silence after which a client gives its session up: four
// thirds of the time-out (ZOOKEEPER-4508).
func ExpireTimeout(timeoutMillis int32) host.Duration {
	return host.Duration(int64(timeoutMillis)*4/3) * host.Millisecond
}

// PingInterval is how long a client sends nothing before it sends a ping: half
// the read time-out, a second less if a second has passed by then, and at most ten
// seconds. The Java client applies the last two rules only when something wakes
// it, so that its ping may be later, but never after half the read time-out.
func PingInterval(timeoutMillis int32) host.Duration {
	half := ReadTimeout(timeoutMillis) / 2
	if half > pingMargin {
		half = max(half-pingMargin, pingMargin)
	}
	return min(half, pingMax)
}
