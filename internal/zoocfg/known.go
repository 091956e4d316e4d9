package zoocfg

import (
	"slices"
	"strings"
)

// knownKeys are keys of ZooKeeper's administrator's guide and of
// QuorumPeerConfig that a simulation has no use for.
var knownKeys = []string{
	// Files and ports.
	"dataDir", "dataLogDir", "clientPort", "clientPortAddress", "clientPortListenBacklog",
	"secureClientPort", "secureClientPortAddress", "observerMasterPort", "electionAlg",
	"quorumListenOnAllIPs", "electionPortBindRetry", "portUnification", "tcpKeepAlive", "clientTcpKeepAlive",
	// Membership and roles.
	"dynamicConfigFile", "standaloneEnabled", "reconfigEnabled", "version", "oraclePath", "syncEnabled",
	"leaderServes", "connectToLearnerMasterLimit", "cnxTimeout", "quorumCnxnTimeoutMs", "maxTimeToWaitForEpoch",
	"maxConcurrentDiffSyncs", "maxConcurrentSnapSyncs", "initialize", "ensembleAuthName",
	// Sessions and clients.
	"minSessionTimeout", "maxSessionTimeout", "localSessionsEnabled", "localSessionsUpgradingEnabled",
	"maxClientCnxns", "maxCnxns", "allowSaslFailedClients", "sessionRequireClientSASLAuth",
	"requireClientAuthScheme", "jaasLoginRenew", "skipACL", "enableEagerACLCheck", "superUser", "authProvider",
	// Log, snapshots, data.
	"preAllocSize", "snapSizeLimitInKb", "txnLogSizeLimitInKb", "forceSync",
	"maxBatchSize", "flushDelay", "maxWriteQueuePollTime", "extendedTypesEnabled",
	"emulate353TTLNodes", "enforceQuota", "globalOutstandingLimit", "traceFile",
	// Throttling, caches, watches.
	"requestThrottleLimit", "requestThrottleStallTime", "requestThrottleDropStale", "requestStaleLatencyCheck",
	"requestStaleConnectionCheck", "throttledOpWaitTime", "advancedFlowControlEnabled", "largeRequestMaxBytes",
	"largeRequestThreshold", "connectionMaxTokens", "connectionTokenFillTime", "connectionTokenFillCount",
	"connectionFreezeTime", "connectionDropIncrease", "connectionDropDecrease", "connectionDecreaseRatio",
	"maxResponseCacheSize", "maxGetChildrenResponseCacheSize", "bitHashCacheSize", "watchManagerName",
	"watcherCleanThreadsNum", "watcherCleanIntervalInSeconds", "watcherCleanThreshold",
	"maxInProcessingDeadWatchers",
	// Security and servers.
	"sslQuorum", "sslQuorumReloadCertFiles", "fips-mode", "serverCnxnFactory", "hostProvider",
}

// knownPrefixes are families of keys. ZooKeeper sets every key that it doesn't
// know itself as a system property with "zookeeper." before it; some files
// spell that out.
var knownPrefixes = []string{
	"4lw.", "admin.", "audit.", "authProvider.", "autopurge.", "client.", "commitProcessor.", "db.", "digest.",
	"DigestAuthenticationProvider.", "enforce.auth.", "fastleader.", "follower.", "fsync.",
	"IPAuthenticationProvider.", "jute.", "jvm.pause.", "kerberos.", "leader.", "learner.", "messageTracker.",
	"metricsProvider.", "multiAddress.", "netty.", "nio.", "observer.", "outstandingHandshake.", "quorum.",
	"readonlymode.", "request_throttler.", "security.", "serializeLastProcessedZxid.", "snapshot.", "ssl.",
	"sslQuorum.", "X509AuthenticationProvider.", "znode.container.", "zookeeper.", "connection_throttle_",
}

// suggestions are what a misspelled key may have meant.
var suggestions = append([]string{
	"tickTime", "initLimit", "syncLimit", "server.N", "group.N", "weight.N", "peerType", "commitLogCount", "snapCount",
	"snapshotSizeFactor", "autopurge.snapRetainCount", "autopurge.purgeInterval", "4lw.commands.whitelist",
	"metricsProvider.className",
	"admin.enableServer", "admin.serverPort",
}, knownKeys...)

// isKnown tells whether ZooKeeper knows a key that we have no use for.
func isKnown(key string) bool {
	return slices.Contains(knownKeys, key) ||
		slices.ContainsFunc(knownPrefixes, func(p string) bool { return len(key) > len(p) && strings.HasPrefix(key, p) })
}
