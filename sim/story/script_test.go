package story

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scene is a world with a leader, to which a command is added.
const scene = "world servers=3\nquietly start 1 2 3\nquietly elect 3 with 1 2\nquietly run until quiet\n"

// Goal: what is wrong with a script is said with its line and with what would be
// right, and nothing panics.
func TestStoryErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"start 1", "x.txt:1: start: there is no world yet; the first command must be like: world servers=3"},
		{"again bug=ZOOKEEPER-3911", "x.txt:1: again: there was no world yet"},
		{"expect n1 log none\nagain bug=ZOOKEEPER-2", `x.txt:6: world: unknown bug "ZOOKEEPER-2"`},
		{"world", "x.txt:1: world: how many servers? usage: world servers=3"},
		{"# c\n\nworld servers=9", `x.txt:3: world: servers "9": must be a number from 1 to 8`},
		{"world server=3", `unknown option "server=3", did you mean "servers"?`},
		{"world servers=3 bug=ZOOKEEPER-1", `unknown bug "ZOOKEEPER-1"`},
		{"world servers=3 grain=thread", `grain "thread": atomic or threads`},
		{"world servers=3 election=raft", `election "raft": oracle or fle`},
		{"world servers=3 observers=3", "observers={3}: servers 1 to 3 vote"},
		{"world servers=3 weights=1,1", "one number for each of the voters {1,2,3}"},
		{"world servers=3 groups=1,0,1", "groups are numbered 1 to 8"},
		{"delivr n1>n2", `x.txt:5: unknown command "delivr", did you mean "deliver"?`},
		{"start", "usage: start 1 2 3"},
		{"start 1", "n1 runs already: crash it first"},
		{"start n4", "there is no server n4, the servers are {1,2,3}"},
		{"start n9", `"n9" is no server: write n1 to n8`},
		{"crash n1 keep=3", `keep "3": must be a number from 0 to 0: so many records of n1 are not synced`},
		{"crash n1 stage=tem", `stage "tem", did you mean "temp"?`},
		{"crash n1 stage=temp", "the peer thread of n1 writes nothing at the moment"},
		{"crash n1\ncrash n1", "x.txt:6: crash: n1 does not run: start it first"},
		{"elect 1 with 2", "n1 is not LOOKING: it is FOLLOWING"},
		{"elect 1 2", "usage: elect 3 with 1 2"},
		{"crash n3\ncrash n1\nstart 1\nelect 1", "{1} is no quorum of {1,2,3}"},
		{"client 1 set /a=1 via n3\nrun until quiet\ncrash n3\nrun until quiet\nstart 3\ncrash n1\nelect 3 with 2\nrun until quiet\n" +
			"crash n2\ncrash n3\nstart 1 3\nelect 1 with 3", "elect: the vote of n3 beats that of n1, no election of {1,3} ends so; it is:\nn1 LOOKING"},
		{"crash n1 torn", "torn: of 0 records that are not synced 0 survive, and none is left to be torn"},
		{"timer c1.ping", "client 1 is not connected"},
		{"timer c1.tick", `a client has no timer "tick": its timers are ping and read-timeout`},
		{"deliver n1>n2", "n1>n2: after 0 messages nothing more is on its way on the quorum plane"},
		{"deliver n1-n2", `"n1-n2" is no link: write n1>n2`},
		{"deliver n1>n1", "a link has two ends"},
		{"deliver n3>n1 until COMIT", "0 messages arrived on the quorum plane, and no COMIT was among them"},
		{"connect n1>n2", "n1>n2: nobody dials there on the quorum plane"},
		{"run n1.sync", "n1.sync: lanes take turns of their own only in a world with grain=threads"},
		{"run until n1 LOKING", `"n1 LOKING" is no condition, did you mean "LOOKING"?`},
		{"run until", "usage: run n2.LANE | run [quietly]"},
		{"run until n1 LOOKING", "nothing more is possible, and still not: n1 LOOKING; it is:\nn1 FOLLOWING n3 in BROADCAST"},
		{"hold n3>n1\nclient 1 set /a=1 via n1\nrun until client 1 done", "still not: client 1 done (held: n3>n1); it is:"},
		{"run at most 0 until leader", `at most "0": must be a number from 1 to 20000`},
		{"disk n1.sync", "no disk operation of n1.sync is under way"},
		{"timer n1.poll", `no timer "poll" of n1 runs; those that run: read`},
		{"hold n1.synk", `there is no lane or timer "synk", did you mean "sync"?`},
		{"hold n1", `"n1" is neither a link like n1>n2 nor a lane like n2.sync of servers {1,2,3}`},
		{"hold n1>n2\nhold n1>n2", "n1>n2 is held already"},
		{"hold n1>n2 at PING\nrelease n1>n2", "n1>n2 is not held (held: n1>n2 at PING)"},
		{"cut n1 n2\ncut n1>n2", "the link n1>n2 is cut already"},
		{"heal n1 n2", "the link n1>n2 is not cut"},
		{"cut n1>c1", "links to clients can't be cut"},
		{"break n1-n2", "n1-n2 have no connection on the quorum plane"},
		{"client 2 get /a via n1", `there is no client "2", they are 1 to 1; world clients=N makes more`},
		{"client 1 get /a", "where does it go? add: via n1"},
		{"client 1 put /a=1 via n1", `unknown operation "put"`},
		{"client 1 set /a via n1", "writes have a value, /a=1, and reads have none, /a"},
		{"client 1 set a=1 via n1", `key "a" is no path`},
		{"client 1 cas /a=1 via n1", `unknown option "via"`},
		{"expect n1 LOOKING", "n1 LOOKING: it does not hold; it is:\nn1 FOLLOWING"},
		{"expect not n1 FOLLOWING", "n1 FOLLOWING: it holds"},
		{"expect n1 log 1.2..1.1", "is no history: write none, or ascending zxids like 1.1..1.3,2.1"},
		{"expect n1 log 1", `"1" is no zxid: write epoch.counter, like 1.3`},
		{"expect n1 saw ACK", "only run can wait for an event"},
		{"expect violation leader-completenes", `there is no invariant "leader-completenes", did you mean "leader-completeness"?`},
		{"expect violation leader-completeness", "leader-completeness is not violated"},
		{"status now", "usage: status"},
	} {
		text := c.text
		if !strings.HasPrefix(text, "world") && !strings.HasPrefix(text, "#") && !strings.Contains(c.want, "no world") {
			text = scene + text
		}
		got, err := Run("x.txt", text)
		if assert.Error(t, err, "%s\n%s", c.text, got) {
			assert.Contains(t, err.Error(), c.want, c.text)
			assert.True(t, strings.HasPrefix(err.Error(), "x.txt:"), err.Error())
		}
	}
}

// Goal: old reactions are replaced, comments and blank lines stay, and a script
// without any reaction gets one for each block.
func TestStoryRewritesReactions(t *testing.T) {
	const fresh = "# about\n\nworld servers=1\nstart 1\n\n# more\nexpect n1 LOOKING\n"
	const played = "# about\n\nworld servers=1\nstart 1\n----\nn1        start\n\n# more\nexpect n1 LOOKING\n----\nok\n"
	stale := strings.Replace(played, "n1        start\n", "what happened before\nand more\n", 1)
	for _, text := range []string{fresh, played, stale} {
		got, err := Run("x.txt", text)
		require.NoError(t, err)
		require.Equal(t, played, got)
	}
}

// Goal: again sets the same scene, with other options and without a word; what comes
// after the first reaction is no part of it.
func TestStorySetsASceneAgain(t *testing.T) {
	got, err := Run("x.txt", scene+"expect n3 leads 1\n\nclient 1 set /a=1 via n3\nquietly run until quiet\n\n"+
		"again grain=threads\nexpect n3 leads 1\nexpect n1 log none\n")
	require.NoError(t, err, got)
	require.True(t, strings.HasSuffix(got, "expect n1 log none\n----\nok\n"), got)
	again, err := Run("x.txt", got)
	require.NoError(t, err)
	require.Equal(t, got, again)
}

// Goal: the stories can fail. A violation that no command expects is an error, and
// the protocol shows: the same script with a bug tells another story.
func TestStoryNoticesBugs(t *testing.T) {
	// n3 has 1.1 and lacks 1.2: it is sent a DIFF.
	const text = "world servers=3\nquietly start 1 2 3\nquietly elect 1 with 2 3\nquietly run until quiet\n" +
		"quietly client 1 set /a=1 via n1\nquietly run until quiet\nquietly crash 3\nquietly client 1 set /a=2\n" +
		"quietly run until quiet\nquietly crash 1\nquietly crash 2\nquietly start 1 3\nquietly elect 1 with 3\n" +
		"run until n1 leads 2\n"
	sound, err := Run("x.txt", text)
	require.NoError(t, err, sound)
	require.Contains(t, sound, "by DIFF")
	buggy, err := Run("x.txt", strings.Replace(text, "servers=3", "servers=3 bug=ZOOKEEPER-3911", 1))
	require.ErrorContains(t, err, "this world ends with a violation that no command expects: no-ack-before-sync: ")
	require.ErrorContains(t, err, "if it is meant, say: expect violation no-ack-before-sync")
	require.Contains(t, buggy, "VIOLATION no-ack-before-sync: ")
	require.NotEqual(t, strings.Replace(buggy, " bug=ZOOKEEPER-3911", "", 1), sound)

	// The next world does not hide it either.
	_, err = Run("x.txt", strings.Replace(text, "servers=3", "servers=3 bug=ZOOKEEPER-3911", 1)+"world servers=1\n")
	require.ErrorContains(t, err, "x.txt:15: this world ends with a violation")
}

// Goal: the moves that no story needs yet work as doc.go says.
func TestStoryMoves(t *testing.T) {
	got, err := Run("x.txt", scene+`client 1 set /a=1 via n3
quietly run until quiet
timer c1.ping
run until quiet

hold n1.sync
client 1 set /a=2
quietly run until quiet
crash n1 torn
restart 1
expect n1 log 1.1
timer c1.read-timeout
run until quiet

world servers=2
quietly start 1 2
quietly elect 2 with 1
connect n1>n2
deliver n1>n2 until FOLLOWERINFO
hold n1.peer
quietly run until quiet
fail n1.peer
expect n1 LOOKING
expect n1 accepted 0
`)
	require.NoError(t, err, got)
	for _, want := range []string{
		"n3        recv    ping <c1 c3\n", "c1        recv    pong at 1.1 <n3 c3\n", "n1        crash   keeps 0 of 1 unsynced, tears the next\n",
		"c1        read-timeout\n", "n2        connect quorum from n1 c1\n", "n1.peer   fails   acceptedEpoch=1\n",
	} {
		assert.Contains(t, got, want)
	}
}
