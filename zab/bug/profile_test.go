package bug

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each switch with the spans of known releases that had it, both ends included.
// Written down apart from the registry, so that the rule of affects is tested
// with the rows.
var spans = map[Switch][][2]string{
	FlatVoteOrder:            {{"3.4.0", "3.4.3"}},
	AckNewLeaderBeforeLog:    {{"3.4.10", "3.4.14"}, {"3.5.3", "3.5.9"}, {"3.6.0", "3.6.2"}},
	EpochBeforeHistory:       {{"3.4.10", "3.4.14"}, {"3.5.3", "3.8.4"}, {"3.9.0", "3.9.1"}},
	RetainNoFastForward:      {{"3.4.10", "3.4.11"}, {"3.5.3", "3.5.3"}},
	AsyncCommitSync:          {{"3.4.10", "3.4.14"}, {"3.5.3", "3.9.2"}},
	KeepPartialSnap:          {{"3.4.10", "3.4.14"}, {"3.5.3", "3.5.9"}, {"3.6.0", "3.6.2"}},
	CommitAfterNewLeader:     {{"3.5.10", "3.5.10"}, {"3.6.3", "3.9.2"}},
	AsyncLogThenAck:          {{"3.5.10", "3.5.10"}, {"3.6.3", "3.8.4"}, {"3.9.0", "3.9.1"}},
	AckProposalFirst:         {{"3.5.10", "3.5.10"}, {"3.6.3", "3.8.4"}, {"3.9.0", "3.9.1"}},
	FastForwardBeforeDrain:   {{"3.4.12", "3.4.14"}, {"3.5.4", "3.9.2"}},
	SyncSkipsCommittedLog:    {{"3.4.10", "3.4.14"}, {"3.5.3", "3.9.3"}},
	NoTruncInWindow:          nil, // older
	SingleLeadingVote:        nil, // older
	StrictLateJoin:           {{"3.4.0", "3.4.5"}},
	LeaderNotInQuorum:        nil, // never released
	CountObservers:           {{"3.4.0", "3.4.3"}},
	EpochFromLastZxid:        nil, // older
	KeepPartialTrunc:         {{"3.4.10", "3.4.14"}, {"3.5.3", "3.10.0"}},
	DirtyLeaderSnapshot:      {{"3.4.0", "3.4.5"}, {"3.5.0", "3.10.0"}},
	DiscoveryCountsObservers: {{"3.4.0", "3.4.12"}, {"3.5.0", "3.5.3"}},
	ZxidRollover:             {{"3.4.0", "3.4.3"}},

	RacyForwarding:     nil, // older
	TruncOffset:        nil, // older
	LastProposedUnset:  {{"3.4.0", "3.4.0"}},
	EpochAtUpToDate:    nil, // never released
	EpochMemoryFirst:   {{"3.4.0", "3.5.7"}, {"3.6.0", "3.6.2"}},
	LeaderInWrongSet:   {{"3.4.0", "3.5.10"}},
	ZxidBeforeQuorum:   nil, // older
	SnapKeepsLogTail:   {{"3.4.0", "3.4.14"}},
	HoleInLog:          {{"3.5.0", "3.10.0"}},
	GapBeforeWindow:    {{"3.5.0", "3.5.10"}},
	TrustEmptySnapshot: {{"3.4.0", "3.5.2"}},
	StrictEpochCheck:   {{"3.4.0", "3.4.5"}, {"3.5.0", "3.10.0"}},
	AcceptorDies:       {{"3.4.0", "3.10.0"}},
	TruncByWindow:      {{"3.4.0", "3.10.0"}},
	KeepsOldAcks:       {{"3.4.0", "3.10.0"}},

	LoneCheckUnanswered:    {{"3.4.0", "3.8.4"}, {"3.9.0", "3.9.2"}},
	TTLOpcodeWithoutTTL:    {{"3.5.3", "3.10.0"}},
	MalformedQuotaKills:    {{"3.4.0", "3.10.0"}},
	BadPasswordKicks:       {{"3.4.0", "3.10.0"}},
	ExistsUnchecked:        {{"3.4.0", "3.8.3"}, {"3.9.0", "3.9.1"}},
	VersionMinusOne:        {{"3.4.0", "3.9.5"}},
	IPv4Only:               {{"3.4.0", "3.9.3"}},
	MultiCreatePlain:       {{"3.5.0", "3.7.1"}, {"3.8.0", "3.8.1"}},
	DeleteContainerMisread: {{"3.5.1", "3.8.6"}},

	OneShotReplacesPersistent: {{"3.6.0", "3.8.6"}},
	RecursiveInChildTable:     {{"3.6.0", "3.8.6"}},
	CheckWatchesOfAnybody:     {{"3.6.0", "3.8.6"}},
	RemoveWatchesByTable:      {{"3.6.0", "3.8.6"}},
	EventWithoutZxid:          {{"3.4.0", "3.8.6"}},
	EventsIgnoreACL:           {{"3.4.0", "3.8.3"}, {"3.9.0", "3.9.1"}},
}

func TestProfileOfEachRelease(t *testing.T) {
	assert.Len(t, spans, len(All()))
	for _, version := range Releases() {
		got, err := Profile(version)
		require.NoError(t, err, version)
		r := mustRelease(version)
		want := Set{}
		for b, list := range spans {
			for _, span := range list {
				from, to := mustRelease(span[0]), mustRelease(span[1])
				if slices.Compare(from[:], r[:]) <= 0 && slices.Compare(r[:], to[:]) <= 0 {
					want = want.With(b)
				}
			}
		}
		assert.Equal(t, Names(want), Names(got), version)
	}
}

// The newest release has the bugs that are open.
func TestProfileOfTheNewest(t *testing.T) {
	open := "boot.strict-epoch-check,leader.acceptor-dies,leader.keeps-old-acks,quota.malformed-kills," +
		"request.ttl-opcode-without-ttl,session.bad-password-kicks,session.close-too-big,snap.dirty-leader-snapshot,sync.keep-partial-trunc," +
		"sync.trunc-by-window,sync.txnlog-hole,tree.acl-numbers-reissued,tree.exists-by-map"
	for _, version := range []string{"newest", " newest ", "3.10.0"} {
		got, err := Profile(version)
		require.NoError(t, err, version)
		assert.Equal(t, open, Names(got), version)
	}
	last, err := Profile("3.9.5")
	require.NoError(t, err)
	assert.Equal(t, open+",version.minus-one", Names(last))
	plain, err := Profile("3.5.3")
	require.NoError(t, err)
	beta, err := Profile("3.5.3-beta")
	require.NoError(t, err)
	assert.Equal(t, plain, beta)
}

func TestProfileErrors(t *testing.T) {
	for version, want := range map[string]string{
		"3.5.33": `unknown ZooKeeper version "3.5.33", did you mean "3.5.10"?`,
		"3.6.9":  `unknown ZooKeeper version "3.6.9", did you mean "3.6.4"?`,
		"3.11.0": `unknown ZooKeeper version "3.11.0", did you mean "3.10.0"?`,
		"3.4.15": `unknown ZooKeeper version "3.4.15", did you mean "3.4.14"?`,
		"latest": `unknown ZooKeeper version "latest", did you mean "newest"?`,
		"3.3.6":  `ZooKeeper 3.3.6 spoke another protocol: Zab 1.0, which this is, came with 3.4.0`,
		"etcd":   `unknown ZooKeeper version "etcd"`,
		"":       `unknown ZooKeeper version ""`,
	} {
		_, err := Profile(version)
		assert.EqualError(t, err, want)
	}
}

func TestReleasesAreOldestFirst(t *testing.T) {
	all := Releases()
	assert.Equal(t, "3.4.0", all[0])
	assert.Equal(t, "3.10.0", all[len(all)-1])
	assert.Subset(t, all, LastOfLines())
	assert.Len(t, all, 15+11+5+3+7+6+1)
	for _, v := range all {
		r, ok := parseRelease(v)
		require.True(t, ok, v)
		assert.Equal(t, v, r.String())
	}
}

// What a line does not say itself it has from the next lower line that says
// something.
func TestAffectsFollowsReleaseLines(t *testing.T) {
	for _, c := range []struct {
		name        string
		from, fixed []string
		want        map[string]bool
	}{
		{"came in patches, went in patches", []string{"3.5.2", "3.6.1"}, []string{"3.5.10", "3.6.3", "3.7.0"}, map[string]bool{
			"3.4.14": false, "3.5.1": false, "3.5.2": true, "3.5.9": true, "3.5.10": false,
			"3.6.0": false, "3.6.1": true, "3.6.3": false, "3.7.0": false, "3.9.0": false,
		}},
		{"a line says only when it was fixed", []string{"3.4.10"}, []string{"3.8.5", "3.9.2"}, map[string]bool{
			"3.4.9": false, "3.4.10": true, "3.5.0": true, "3.7.2": true, "3.8.4": true, "3.8.5": false,
			"3.9.0": true, "3.9.1": true, "3.9.2": false, "3.10.0": false,
		}},
		{"fixed in one line alone", []string{"3.0.0", "3.5.0"}, []string{"3.4.6"}, map[string]bool{
			"3.4.5": true, "3.4.6": false, "3.5.0": true, "3.10.0": true,
		}},
		{"open", []string{"3.6.0"}, nil, map[string]bool{"3.5.10": false, "3.6.0": true, "3.10.0": true}},
		{"never released", nil, []string{"3.4.0"}, map[string]bool{"3.4.0": false, "3.10.0": false}},
		{"gone before the first known", []string{"3.0.0"}, []string{"3.3.4", "3.4.0"}, map[string]bool{"3.4.0": false, "3.9.0": false}},
		{"nothing is known", nil, nil, map[string]bool{"3.4.0": false}},
	} {
		for version, want := range c.want {
			assert.Equal(t, want, affects(Info{From: c.from, Fixed: c.fixed}, mustRelease(version)), "%s: %s", c.name, version)
		}
	}
}

func TestBadReleases(t *testing.T) {
	assert.Panics(t, func() { mustRelease("3.5") })
	for _, bad := range []string{"3", "3.5.x", "3.5.-1", "3.5.1.1"} {
		_, ok := parseRelease(bad)
		assert.False(t, ok, bad)
	}
}

func TestHadInWords(t *testing.T) {
	for b, want := range map[Switch]string{
		RetainNoFastForward:  "3.4.10-3.4.11, 3.5.3",
		EpochBeforeHistory:   "3.4.10-3.4.14, 3.5.3-3.8.4, 3.9.0-3.9.1",
		CommitAfterNewLeader: "3.5.10, 3.6.3-3.9.2",
		FlatVoteOrder:        "3.4.0-3.4.3",
		StrictLateJoin:       "up to 3.4.5",
		DirtyLeaderSnapshot:  "up to 3.4.5, 3.5.0 and later",
		KeepPartialTrunc:     "3.4.10-3.4.14, 3.5.3 and later",
		SingleLeadingVote:    "before 3.4.0",
		LeaderNotInQuorum:    "no release",
	} {
		assert.Equal(t, want, b.Info().Had(), b.String())
		assert.Equal(t, strings.HasSuffix(want, "and later"), b.Info().Open(), b.String())
	}
}
