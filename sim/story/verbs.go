package story

import (
	"errors"
	"fmt"

	"zabsim/internal/nearest"
	"zabsim/sim"
	"zabsim/sim/client"
	"zabsim/zab/quorum"
)

// verb is a command.
type verb struct {
	name, usage string
	do          func(s *stage, args []string) error
}

// verbs is a function, so that it may speak of what speaks of it.
func verbs() []verb {
	return []verb{
		{"start", "start 1 2 3", start},
		{"restart", "restart n2", start},
		{"crash", "crash n2 [keep=N|all] [torn] [stage=none|torn|temp|renamed]", crash},
		{"elect", "elect 3 with 1 2", elect},
		{"run", "run n2.LANE | run [quietly] [at most N] until quiet|CONDITION", run},
		{"deliver", "deliver n1>n2 [N | all | until WORD] [election|quorum|client]", deliver},
		{"connect", "connect n2>n1 [election|quorum|client]", connect},
		{"disk", "disk n2.sync|n2.peer", disk},
		{"fail", "fail n2.peer", failDisk},
		{"timer", "timer n1.NAME [N] | timer c1.ping | timer c1.read-timeout", timer},
		{"hold", "hold n1>n2 [election|quorum|client] [at WORD] | hold n2.LANE [at WORD]", addHold},
		{"release", "release all | release as it was held", release},
		{"cut", "cut n1 n2 | cut n1>n2", cut},
		{"heal", "heal | heal n1 n2 | heal n1>n2", heal},
		{"break", "break n1-n2 [election|quorum|client]", breakConn},
		{"client", "client 1 set /a=1 | get /a | sync-get /a | cas /a=1 version=N, each with via n2", ask},
		{"votes", "votes n2 1.1 e2, n3 1.1 e1", votes},
		{"status", "status", printStatus},
		{"expect", "expect [not] CONDITION | expect violation NAME | expect no violation", expect},
	}
}

func findVerb(name string) (verb, error) {
	var names []string
	for _, v := range verbs() {
		if v.name == name {
			return v, nil
		}
		names = append(names, v.name)
	}
	return verb{}, fmt.Errorf("unknown command %q%s", name, nearest.Hint(name, append(names, "world", "again", "quietly")))
}

// wrong is the error for arguments that make no sense.
func wrong(name string) error {
	v, _ := findVerb(name)
	return fmt.Errorf("usage: %s", v.usage)
}

func start(s *stage, args []string) error {
	if len(args) == 0 {
		return wrong("start")
	}
	for _, arg := range args {
		id, err := s.server(arg)
		switch {
		case err != nil:
			return err
		case s.w.Servers[id] != nil:
			return fmt.Errorf("%s runs already: crash it first", id)
		}
		s.state[id] = id.String() + " is LOOKING in ELECTION" // goes without saying
		s.apply(sim.Choice{Kind: sim.ChoiceRestart, Node: id})
	}
	return nil
}

// stages are the names of how far the writing of a file got, by number.
var stages = []string{sim.StageNone: "none", sim.StageTorn: "torn", sim.StageTemp: "temp", sim.StageRenamed: "renamed"}

func crash(s *stage, args []string) error {
	if len(args) == 0 {
		return wrong("crash")
	}
	id, err := s.running(args[0])
	if err != nil {
		return err
	}
	var o sim.Outcome
	left := ""
	tail := s.w.Disks[id].Tail()
	for _, arg := range args[1:] {
		if arg == "torn" {
			o.Torn = true
			continue
		}
		key, value, err := option(arg, "keep", "stage")
		if err != nil {
			return err
		}
		switch {
		case key == "keep" && value == "all":
			o.Keep = uint16(tail)
		case key == "keep":
			n, err := count("keep", value, 0, tail)
			if err != nil {
				return fmt.Errorf("%w: so many records of %s are not synced", err, id)
			}
			o.Keep = uint16(n)
		default:
			if o.Stage, err = s.parseStage(id, value); err != nil {
				return err
			}
			left = stagesLeave[o.Stage]
		}
	}
	if o.Torn && int(o.Keep) >= tail {
		return fmt.Errorf("torn: of %d records that are not synced %d survive, and none is left to be torn", tail, o.Keep)
	}
	s.apply(sim.Choice{Kind: sim.ChoiceCrash, Node: id, Arg: o.Word()})
	if left != "" {
		s.tell(indent + left)
	}
	s.state[id] = ""
	return nil
}

// stagesLeave says what that means for the file that the peer thread was writing.
var stagesLeave = []string{
	sim.StageNone:    "nothing of the file under way is there",
	sim.StageTorn:    "a piece of a temporary file is left",
	sim.StageTemp:    "a whole temporary file is left, which was not renamed",
	sim.StageRenamed: "the file under way was renamed, and is there",
}

func (s *stage) parseStage(id quorum.ServerID, value string) (uint8, error) {
	for i, name := range stages {
		if name == value {
			if _, ok := s.find(sim.ChoiceDisk, id, "peer"); !ok && i > 0 {
				return 0, fmt.Errorf("stage=%s: the peer thread of %s writes nothing at the moment", value, id)
			}
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("stage %q%s: none, torn, temp or renamed", value, nearest.Hint(value, stages))
}

// running reads a server that must run.
func (s *stage) running(text string) (quorum.ServerID, error) {
	id, err := s.server(text)
	if err == nil && s.w.Servers[id] == nil {
		err = fmt.Errorf("%s does not run: start it first", id)
	}
	return id, err
}

func addHold(s *stage, args []string) error {
	h, err := s.parseHold(args)
	if err != nil {
		return err
	}
	for i := range s.holds {
		if s.holds[i].text == h.text {
			return fmt.Errorf("%s is held already", h.text)
		}
	}
	s.holds = append(s.holds, h)
	return nil
}

func (s *stage) parseHold(args []string) (h hold, err error) {
	if len(args) == 0 {
		return h, wrong("hold")
	}
	h.plane, h.text = -1, args[0]
	if _, lane, bad := s.place(args[0]); bad == nil {
		if h.who, err = args[0], knownLane(lane); err != nil {
			return h, err
		}
	} else if h.from, h.to, err = s.link(args[0]); err != nil {
		return h, fmt.Errorf("%q is neither a link like n1>n2 nor a lane like n2.sync of servers %s", args[0], s.servers())
	}
	rest := args[1:]
	if len(rest) > 0 && h.who == "" {
		if p, ok := parsePlane(rest[0]); ok {
			h.plane, h.text, rest = int(p), h.text+" "+rest[0], rest[1:]
		}
	}
	if len(rest) == 2 && rest[0] == "at" {
		h.at, h.text, rest = rest[1], h.text+" at "+rest[1], nil
	}
	if len(rest) > 0 {
		return h, wrong("hold")
	}
	return h, nil
}

func release(s *stage, args []string) error {
	if len(args) == 0 {
		return wrong("release")
	}
	if args[0] == "all" {
		s.holds = s.holds[:0]
		return nil
	}
	h, err := s.parseHold(args)
	if err != nil {
		return err
	}
	for i := range s.holds {
		if s.holds[i].text == h.text {
			s.holds = append(s.holds[:i], s.holds[i+1:]...)
			return nil
		}
	}
	return fmt.Errorf("%s is not held%s", h.text, s.holding())
}

func ask(s *stage, args []string) error {
	if len(args) < 3 {
		return wrong("client")
	}
	i, err := s.clientNumber(args[0])
	if err != nil {
		return err
	}
	op, rest, err := parseOp(args[1], args[2], args[3:])
	if err != nil {
		return err
	}
	p := &s.clients[i]
	switch {
	case len(rest) == 2 && rest[0] == "via":
		id, err := s.server(rest[1])
		if err != nil {
			return err
		}
		if at := s.w.Clients[i].Server(); at != 0 && at != id {
			s.apply(sim.Choice{Kind: sim.ChoiceClient, Alt: uint8(sim.ActRead), Arg: uint32(i)}) // it leaves
		}
		p.via = id
	case len(rest) != 0:
		return wrong("client")
	case p.via == 0:
		return errors.New("where does it go? add: via n1")
	}
	if err := s.w.Ask(i, op); err != nil {
		return err
	}
	p.asked++
	return nil
}

func parseOp(kind, what string, rest []string) (op client.ScriptOp, left []string, err error) {
	var hasValue bool
	op.Key, op.Value, hasValue = cutValue(what)
	switch kind {
	case "get":
		op.Kind = client.ScriptGet
	case "sync-get":
		op.Kind = client.ScriptSyncGet
	case "set":
		op.Kind = client.ScriptSet
	case "cas":
		op.Kind = client.ScriptCAS
		if len(rest) == 0 {
			return op, nil, errors.New("cas /a=1 version=N: at which version?")
		}
		_, value, err := option(rest[0], "version")
		if err != nil {
			return op, nil, err
		}
		n, err := count("version", value, 0, 1_000_000)
		if err != nil {
			return op, nil, err
		}
		op.Version, rest = int32(n), rest[1:]
	default:
		return op, nil, fmt.Errorf("unknown operation %q%s: set, get, sync-get or cas", kind, nearest.Hint(kind, []string{"set", "get", "sync-get", "cas"}))
	}
	if writes := op.Kind == client.ScriptSet || op.Kind == client.ScriptCAS; writes != hasValue {
		return op, nil, fmt.Errorf("%s %s: writes have a value, /a=1, and reads have none, /a", kind, what)
	}
	return op, rest, nil
}
