package sim

import (
	"zabsim/zab/host"
	"zabsim/zab/quorum"
)

// ChoiceKind is the kind of a Choice.
type ChoiceKind uint8

// The choices that a world offers.
const (
	ChoiceNone     ChoiceKind = iota
	ChoiceDeliver             // the head of queue Arg reaches its reader
	ChoiceConnect             // the dial in slot Arg is answered
	ChoiceTimer               // timer Alt of server Node fires
	ChoiceDisk                // disk operation Alt (a zab.Token) of server Node is durable
	ChoiceClient              // client Arg does Alt (a ClientAct)
	ChoiceCrash               // server Node stops; the disk keeps what Outcome says
	ChoiceRestart             // server Node starts again from its disk
	ChoiceCut                 // the link from Node to Alt stops delivering
	ChoiceHeal                // the link from Node to Alt delivers again
	ChoiceBreak               // the connection in slot Arg is reset; end Alt, if not 0, learns of it at once
	ChoiceElect               // an oracle makes Node the leader of set Alt (searches)
	ChoiceLane                // lane Alt (a zab.Lane) of server Node runs once (grain threads)
	ChoiceDiskFail            // disk operation Alt (a zab.Token) of server Node fails
	ChoiceRefuse              // the dial in slot Arg is refused, whatever the server would say
	ChoicePause               // server Node stops as by SIGSTOP: nothing of it happens
	ChoiceResume              // server Node goes on
	ChoiceClock               // the clock of server Node: Alt (a ClockChange) by Arg
	ChoiceDamage              // the disk of server Node: Alt (a Damage) to what Arg says
	ChoiceMedium              // links or disks got another pace: no state, only for the trace
	ChoiceFreeze              // client Arg stands still: nothing of it happens
	ChoiceThaw                // client Arg goes on
	ChoiceReboot              // server Node stops as by ChoiceCrash and starts again at once (searches)
)

var choiceNames = [...]string{"none", "deliver", "connect", "timer", "disk", "client", "crash", "restart", "cut", "heal", "break", "elect", "lane", "diskfail",
	"refuse", "pause", "resume", "clock", "damage", "medium", "freeze", "thaw", "reboot"}

// String returns the kind's name.
func (k ChoiceKind) String() string { return choiceNames[k] }

// Choice is one thing that may happen next. A path through the world is a list
// of choices.
type Choice struct {
	Kind ChoiceKind
	Node quorum.ServerID
	Alt  uint8
	Arg  uint32 // ChoiceCrash, ChoiceReboot: an Outcome
}

// Word packs the choice into one word, for fingerprints.
func (c Choice) Word() uint64 {
	return uint64(c.Kind) | uint64(c.Node)<<8 | uint64(c.Alt)<<16 | uint64(c.Arg)<<32
}

// ChoiceOf reads what Word packs.
func ChoiceOf(w uint64) Choice {
	return Choice{Kind: ChoiceKind(w), Node: quorum.ServerID(w >> 8), Alt: uint8(w >> 16), Arg: uint32(w >> 32)}
}

// Outcome is what a crash leaves of what was not synced.
type Outcome struct {
	Keep  uint16 // records of the log's unsynced tail that survive, capped by its length
	Torn  bool   // the record behind them is half there
	Stage uint8  // how far the operation of the peer thread got, StageNone to StageRenamed
}

// The stages of writing a file by temp, fsync, rename. A snapshot or a truncation
// counts as done at StageRenamed only.
const (
	StageNone    uint8 = iota
	StageTorn          // a piece of the temporary file is there
	StageTemp          // the temporary file is whole, the rename did not happen
	StageRenamed       // done, but nobody was told
)

// Word packs an outcome for Choice.Arg.
func (o Outcome) Word() uint32 {
	w := uint32(o.Keep) | uint32(o.Stage)<<24
	if o.Torn {
		w |= 1 << 16
	}
	return w
}

// OutcomeOf reads what Word packs.
func OutcomeOf(w uint32) Outcome {
	return Outcome{Keep: uint16(w), Torn: w&(1<<16) != 0, Stage: uint8(w >> 24)}
}

// NoticeOp is the kind of a Notice.
type NoticeOp uint8

// The notices. A driver that gives choices a time needs to know when they become
// possible; a search ignores them.
const (
	NoticeQueue   NoticeOp = iota // queue Arg got another message, or its end
	NoticeConnect                 // slot Arg is dialing
	NoticeSet                     // timer Alt of server Node fires After from now
	NoticeStop                    // timer Alt of server Node does not fire
	NoticeDisk                    // disk operation Alt of server Node is under way
	NoticeClient                  // client Arg may do Alt After from now
	NoticeQuiet                   // client Arg does not do Alt
	NoticeClear                   // queue Arg was emptied
	NoticeHeal                    // the link from Node to Alt delivers again
	NoticeCrash                   // server Node is gone: so are its timers, lanes and disk operations
)

// Notice tells a driver what became possible, or impossible, by a choice.
type Notice struct {
	Op    NoticeOp
	Node  quorum.ServerID
	Alt   uint8
	Arg   uint32
	After host.Duration
	// Jitter of a NoticeClient: the driver draws up to so much more.
	Jitter host.Duration
}
