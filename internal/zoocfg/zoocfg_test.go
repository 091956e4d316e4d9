package zoocfg

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/zab/quorum"
)

const head = "initLimit=10\nsyncLimit=5\n"

// The file that a distribution ships, with comments and all the rest.
const sample = `# The number of milliseconds of each tick
tickTime=2000
# The number of ticks that the initial
# synchronization phase can take
initLimit=10
syncLimit = 5
dataDir=/var/lib/zookeeper
clientPort 2181

! the other kind of comment
#maxClientCnxns=60
autopurge.snapRetainCount=3
autopurge.purgeInterval:1
4lw.commands.whitelist=stat, ruok, conf, isro
metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider
standaloneEnabled=false
admin.enableServer=false
zookeeper.snapCount=1000
dataDir=/again
server.1=zoo1:2888:3888;2181
server.2=zoo2:2888:3888:participant;0.0.0.0:2181
server.3=[2001:db8::3]:2888:3888
server.4=zoo4:2888:3888|zoo4b:2889:3889:observer;2181
`

func TestParseRealFile(t *testing.T) {
	want := &Config{
		TickTimeMillis: 2000, InitLimit: 10, SyncLimit: 5,
		Quorum: &quorum.Config{Voters: quorum.Range(3), Observers: quorum.Of(4)}, SnapRetain: 3,
		Ignored: []string{"dataDir", "clientPort",
			"4lw.commands.whitelist", "metricsProvider.className", "standaloneEnabled", "admin.enableServer",
			"zookeeper.snapCount"},
	}
	for name, text := range map[string]string{
		"unix":    sample,
		"windows": strings.ReplaceAll(sample, "\n", "\r\n"),
		"old mac": strings.ReplaceAll(sample, "\n", "\r"),
		"no end":  strings.TrimSpace(sample),
		"indent":  strings.ReplaceAll(sample, "\n", "\n \t"),
	} {
		got, err := Parse("zoo.cfg", text)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestTickTimeHasZooKeepersDefault(t *testing.T) {
	got, err := Parse("zoo.cfg", head+"server.1=a:1:2\n")
	require.NoError(t, err)
	assert.Equal(t, 3000, got.TickTimeMillis)
	assert.Nil(t, got.Ignored)
	assert.False(t, got.Quorum.Grouped)
}

// Java's rules for properties: a backslash joins lines and hides separators.
func TestEscapesAndContinuedLines(t *testing.T) {
	got, err := Parse("zoo.cfg", "init\\\n   Limit=\\\n 1\\\n 0\nsync\\u004cimit : 5\n"+
		`server.1=host\:2888\:3888`+"\n"+`dataDir=C:\\zookeeper\\`+"\n"+`ssl.trust\=ed=\t`+"\nserver.2=b:1:2\\")
	require.NoError(t, err)
	assert.Equal(t, 10, got.InitLimit)
	assert.Equal(t, quorum.Of(1, 2), got.Quorum.Voters)
	assert.Equal(t, []string{"dataDir", "ssl.trust=ed"}, got.Ignored)
}

// What has a default in ZooKeeper is 0 unless a line sets it; too small numbers are
// raised where ZooKeeper raises them.
func TestSnapshotsAndLogs(t *testing.T) {
	const base = head + "server.1=a:1:2\n"
	for text, want := range map[string]Config{
		"":                                  {},
		"commitLogCount=20\nsnapCount=1000": {CommitLogCount: 20, SnapCount: 1000},
		"snapCount=1":                       {SnapCount: 2},
		"snapshotSizeFactor=0.5":            {SnapshotSizeFactor: 50},
		"snapshotSizeFactor=0.001":          {SnapshotSizeFactor: 1},
		"snapshotSizeFactor=100":            {SnapshotSizeFactor: 10_000},
		"snapshotSizeFactor=0":              {SnapshotSizeFactor: FactorUnlimited},
		"snapshotSizeFactor=-1":             {SnapshotSizeFactor: FactorOff},
		"autopurge.purgeInterval=24":        {SnapRetain: 3},
		"autopurge.purgeInterval=24\nautopurge.snapRetainCount=2": {SnapRetain: 3},
		"autopurge.snapRetainCount=7\nautopurge.purgeInterval=1":  {SnapRetain: 7},
		"autopurge.snapRetainCount=7\nautopurge.purgeInterval=0":  {Ignored: []string{"autopurge.snapRetainCount"}},
		"dataDir=/x\nautopurge.snapRetainCount=7\nclientPort=1":   {Ignored: []string{"dataDir", "autopurge.snapRetainCount", "clientPort"}},
	} {
		got, err := Parse("zoo.cfg", base+text)
		require.NoError(t, err, text)
		want.TickTimeMillis, want.InitLimit, want.SyncLimit, want.Quorum = 3000, 10, 5, quorum.Majority(1)
		assert.Equal(t, &want, got, text)
	}
}

// peerType speaks of one server, and the server lines decide who votes.
func TestPeerType(t *testing.T) {
	for _, text := range []string{five + "peerType=observer", five + "peerType=participant", head + "server.1=a:1:2\npeerType=Participant"} {
		got, err := Parse("zoo.cfg", text)
		require.NoError(t, err)
		assert.Nil(t, got.Ignored)
	}
}

const five = head + "server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2\nserver.5=e:1:2:observer\n"

func TestGroupsAndWeights(t *testing.T) {
	got, err := Parse("zoo.cfg", "weight.3=7\nweight.2=0\n"+"group.20=3:4\n"+five+"group.3=2:1\n")
	require.NoError(t, err)
	want := &quorum.Config{Voters: quorum.Range(4), Observers: quorum.Of(5), Grouped: true}
	want.Group = [quorum.Slots]uint8{0, 1, 1, 2, 2}
	want.Weights = [quorum.Slots]uint32{0, 1, 0, 7, 1}
	assert.Equal(t, want, got.Quorum)
	assert.True(t, got.Quorum.Contains(quorum.Of(1, 3)))
	assert.False(t, got.Quorum.Contains(quorum.Of(2, 3, 4)))
}

// Each text is wrong in one way; the message names the line and what is wanted.
func TestParseErrors(t *testing.T) {
	const ids = ": server ids from 1 to 8 are wanted: at most 8 servers are in one ensemble here"
	const addr = ": host:port:port[:participant|:observer][;client port] is wanted"
	for text, want := range map[string]string{
		// Numbers.
		"tickTime=0\ninitLimit=ten\n":                `zoo.cfg:1: "tickTime=0": a whole number above 0 is wanted`,
		"\n\n  initLimit = ten \n":                   `zoo.cfg:3: "initLimit = ten": a whole number above 0 is wanted`,
		"syncLimit=-5":                               `zoo.cfg:1: "syncLimit=-5": a whole number above 0 is wanted`,
		"syncLimit":                                  `zoo.cfg:1: "syncLimit": a whole number above 0 is wanted`,
		"tickTime=2000 # ms":                         `zoo.cfg:1: "tickTime=2000 # ms": a whole number above 0 is wanted`,
		"tickTime=2147483648":                        `zoo.cfg:1: "tickTime=2147483648": a whole number above 0 is wanted`,
		head + "syncLimit=6":                         `zoo.cfg:3: "syncLimit=6": syncLimit is already set in line 2`,
		head + "tickTime=300000000\n":                `zoo.cfg:1: "initLimit=10": times tickTime (300000000 ms) this is more than 2^31 ms`,
		"syncLimit=1":                                `zoo.cfg: initLimit is missing: ZooKeeper has no default for it`,
		"initLimit=1":                                `zoo.cfg: syncLimit is missing: ZooKeeper has no default for it`,
		"":                                           `zoo.cfg: initLimit is missing: ZooKeeper has no default for it`,
		"snapCount=0":                                `zoo.cfg:1: "snapCount=0": a whole number above 0 is wanted`,
		"commitLogCount=x":                           `zoo.cfg:1: "commitLogCount=x": a whole number above 0 is wanted`,
		"snapCount=5\nsnapCount=6":                   `zoo.cfg:2: "snapCount=6": snapCount is already set in line 1`,
		"autopurge.purgeInterval=-1":                 `zoo.cfg:1: "autopurge.purgeInterval=-1": a whole number of hours is wanted, or 0 for no purge`,
		"snapshotSizeFactor=33%":                     `zoo.cfg:1: "snapshotSizeFactor=33%": a number such as 0.33 is wanted, at most 100`,
		"snapshotSizeFactor=101":                     `zoo.cfg:1: "snapshotSizeFactor=101": a number such as 0.33 is wanted, at most 100`,
		"snapshotSizeFactor=NaN":                     `zoo.cfg:1: "snapshotSizeFactor=NaN": a number such as 0.33 is wanted, at most 100`,
		"peerType=voter":                             `zoo.cfg:1: "peerType=voter": participant or observer is wanted`,
		"peerType=observer\npeerType=observer":       `zoo.cfg:2: "peerType=observer": peerType is already set in line 1`,
		head + "server.1=a:1:2\npeerType = observer": `zoo.cfg:4: "peerType = observer": no server line ends in :observer, and these decide: say it there, too`,
		// Keys.
		"tickTme=2000":        `zoo.cfg:1: "tickTme=2000": unknown key "tickTme", did you mean "tickTime"?`,
		"inItlimit=1":         `zoo.cfg:1: "inItlimit=1": unknown key "inItlimit", did you mean "initLimit"?`,
		"sever.1=a:1:2":       `zoo.cfg:1: "sever.1=a:1:2": unknown key "sever.1", did you mean "server.N"?`,
		"# x\ngreen=yes":      `zoo.cfg:2: "green=yes": unknown key "green"`,
		"snapcount=7":         `zoo.cfg:1: "snapcount=7": unknown key "snapcount", did you mean "snapCount"?`,
		"peertype=observer":   `zoo.cfg:1: "peertype=observer": unknown key "peertype", did you mean "peerType"?`,
		"autopurge.=1":        `zoo.cfg:1: "autopurge.=1": unknown key "autopurge."`,
		"=5":                  `zoo.cfg:1: "=5": key=value is wanted`,
		`dataDir=C:\users\zk`: `zoo.cfg:1: "dataDir=C:\\users\\zk": after \u four hexadecimal digits are wanted`,
		`dataDir=\u12`:        `zoo.cfg:1: "dataDir=\\u12": after \u four hexadecimal digits are wanted`,
		// Servers.
		"server.9=a:1:2":                   `zoo.cfg:1: "server.9=a:1:2"` + ids,
		"server.0=a:1:2":                   `zoo.cfg:1: "server.0=a:1:2"` + ids,
		"server.x=a:1:2":                   `zoo.cfg:1: "server.x=a:1:2"` + ids,
		"server.300=a:1:2":                 `zoo.cfg:1: "server.300=a:1:2"` + ids,
		"server.1=a:1:2\nserver.1=b:1:2":   `zoo.cfg:2: "server.1=b:1:2": server 1 is already in line 1`,
		"server.1=a":                       `zoo.cfg:1: "server.1=a"` + addr,
		"server.1=a:1":                     `zoo.cfg:1: "server.1=a:1"` + addr,
		"server.1=:1:2":                    `zoo.cfg:1: "server.1=:1:2"` + addr,
		"server.1=a:0:2":                   `zoo.cfg:1: "server.1=a:0:2"` + addr,
		"server.1=a:1:65536":               `zoo.cfg:1: "server.1=a:1:65536"` + addr,
		"server.1=a:1:2:voter":             `zoo.cfg:1: "server.1=a:1:2:voter"` + addr,
		"server.1=a:1:2:observer:3":        `zoo.cfg:1: "server.1=a:1:2:observer:3"` + addr,
		"server.1=[::1:1:2":                `zoo.cfg:1: "server.1=[::1:1:2"` + addr,
		"server.1=a:1:2|b":                 `zoo.cfg:1: "server.1=a:1:2|b"` + addr,
		head:                               `zoo.cfg: no server line: a standalone server has no ensemble to simulate`,
		head + "dynamicConfigFile=/x\n":    `zoo.cfg: no server line: they are in the file that dynamicConfigFile names, append its lines to this file`,
		head + "server.1=a:1:2:observer\n": `zoo.cfg: all servers are observers: nobody can vote`,
		// Groups.
		five + "group.1=1:2\ngroup.2=3:1":  `zoo.cfg:9: "group.2=3:1": server 1 is already in group 1`,
		five + "group.1=1:1":               `zoo.cfg:8: "group.1=1:1": server 1 is already in group 1`,
		five + "group.1=1:2\ngroup.1=3:4":  `zoo.cfg:9: "group.1=3:4": group 1 is already in line 8`,
		five + "group.1=1:2\ngroup.01=3:4": `zoo.cfg:9: "group.01=3:4": group 1 is already in line 8`,
		five + "group.1=1:2:3":             `zoo.cfg:6: "server.4=d:1:2": server 4 is in no group: every voter has to be in one`,
		five + "group.1=1:2:3:4:6":         `zoo.cfg:8: "group.1=1:2:3:4:6": there is no server 6`,
		five + "group.1=1:2:3:4:5":         `zoo.cfg:8: "group.1=1:2:3:4:5": server 5 is an observer and belongs to no group`,
		five + "group.1=":                  `zoo.cfg:8: "group.1="` + ids + `, separated by ":"`,
		five + "group.1=1,2":               `zoo.cfg:8: "group.1=1,2"` + ids + `, separated by ":"`,
		five + "group.a=1:2":               `zoo.cfg:8: "group.a=1:2": group.N with a whole number N is wanted`,
		// Weights.
		five + "weight.1=2":                            `zoo.cfg:8: "weight.1=2": weights are wanted only where there are groups`,
		five + "group.1=1:2:3:4\nweight.6=1":           `zoo.cfg:9: "weight.6=1": there is no server 6`,
		five + "group.1=1:2:3:4\nweight.5=1":           `zoo.cfg:9: "weight.5=1": server 5 is an observer and has no weight`,
		five + "group.1=1:2:3:4\nweight.9=1":           `zoo.cfg:9: "weight.9=1"` + ids,
		five + "weight.1=1\nweight.1=1":                `zoo.cfg:9: "weight.1=1": the weight of server 1 is already in line 8`,
		five + "weight.1=-1":                           `zoo.cfg:8: "weight.1=-1": a whole number from 0 to 1000000 is wanted`,
		five + "weight.1=1000001":                      `zoo.cfg:8: "weight.1=1000001": a whole number from 0 to 1000000 is wanted`,
		head + "server.1=a:1:2\ngroup.1=1\nweight.1=0": `zoo.cfg: all weights are 0: no servers could ever form a quorum`,
		"green=" + strings.Repeat("y", 100):            `zoo.cfg:1: "green=` + strings.Repeat("y", 54) + `...": unknown key "green"`,
	} {
		got, err := Parse("zoo.cfg", text)
		assert.EqualError(t, err, want, "%q", text)
		assert.Nil(t, got)
	}
}

func TestErrorsCarryFileAndLine(t *testing.T) {
	_, err := Parse("conf/zoo.cfg", head+"server.9=a:1:2")
	var e *Error
	require.True(t, errors.As(err, &e))
	assert.Equal(t, "conf/zoo.cfg", e.File)
	assert.Equal(t, 3, e.Line)
	assert.Equal(t, "server.9=a:1:2", e.Text)
}

// Whatever a file holds, Parse returns a usable configuration or an error that
// points into the file.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		sample, "", "\\", "\\u", "a\\", "=", ":", " ", "server.1=", "server.1=[", "group.1=:", "weight.=", "!",
		five + "group.1=1:2\ngroup.2=3:4\nweight.1=3\n", "tickTime=\\\n\\\n\\\n5",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("zoo.cfg", text)
		if err != nil {
			var e *Error
			require.True(t, errors.As(err, &e))
			require.NotEmpty(t, e.Reason)
			require.LessOrEqual(t, e.Line, 1+strings.Count(text, "\n")+strings.Count(text, "\r"))
			return
		}
		require.Positive(t, c.TickTimeMillis)
		require.Positive(t, c.InitLimit)
		require.Positive(t, c.SyncLimit)
		require.Zero(t, c.Quorum.Voters&c.Quorum.Observers)
		require.True(t, c.Quorum.Contains(c.Quorum.Voters), "all voters together are no quorum")
	})
}
