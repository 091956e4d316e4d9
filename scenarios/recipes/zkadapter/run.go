package zkadapter

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"zabsim/sim/client"
)

// Option changes how RunProgram runs.
type Option func(*host)

// WithName sets the client's name, "c1" if there is none. Names should be unique
// among the clients of a run.
func WithName(name string) Option { return func(h *host) { h.name = name } }

// WithSessionTimeout asks for a session time-out, 10 s if there is none. Servers
// keep it between 2 and 20 of their ticks.
func WithSessionTimeout(d time.Duration) Option { return func(h *host) { h.timeout = d } }

// WithNotes calls note for each Note, from the task's goroutine; it must be quick.
func WithNotes(note func(client, word, detail string)) Option { return func(h *host) { h.note = note } }

// WithSeed makes Rand repeatable.
func WithSeed(seed uint64) Option { return func(h *host) { h.rng = rand.New(rand.NewPCG(seed, 0)) } }

// WithContext stops the program when ctx is done, at the next call of each task.
func WithContext(ctx context.Context) Option { return func(h *host) { h.ctx = ctx } }

// WithLogger passes on what go-zookeeper logs; without it nothing is.
func WithLogger(l zk.Logger) Option { return func(h *host) { h.logger = l } }

// WithDialer replaces net.DialTimeout.
func WithDialer(d zk.Dialer) Option { return func(h *host) { h.dialer = d } }

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// RunProgram runs a program as one client of the servers ("host:port") until all its
// tasks have ended, then ends its session. It returns the panic of a task, which
// stops the others, or the context's error if that stopped it, or why a connection
// could not even be tried. That no server answers is no error: the program sees it.
func RunProgram(servers []string, p *client.Program, options ...Option) error {
	h := &host{name: "c1", servers: servers, timeout: 10 * time.Second, note: func(string, string, string) {},
		rng: rand.New(rand.NewPCG(rand.Uint64(), 0)), ctx: context.Background(), logger: quiet{},
		changed: make(chan struct{}), start: time.Now()}
	for _, o := range options {
		o(h)
	}
	h.ctx, h.stop = context.WithCancelCause(h.ctx)
	defer h.stop(nil)
	if err := h.connect(); err != nil {
		return err
	}
	unhook := context.AfterFunc(h.ctx, func() { h.end(client.Closed) }) // sets blocked calls free
	h.spawn("main", p.Run)
	h.running.Wait()
	unhook()
	err := context.Cause(h.ctx)
	h.end(client.Closed)
	return err
}

// spawn starts a task. It begins when the caller lets go of the turn.
func (h *host) spawn(name string, run func(client.Client)) client.Task {
	h.mu.Lock()
	number := uint32(len(h.ended))
	h.ended = append(h.ended, false)
	h.mu.Unlock()
	h.running.Add(1)
	go func() {
		defer h.running.Done()
		h.turn.Lock()
		defer h.turn.Unlock()
		defer func() { // after a return, a panic, or Goexit
			if v := recover(); v != nil {
				h.stop(fmt.Errorf("zkadapter: client %s, task %d (%s): panic: %v", h.name, number, name, v))
			}
			h.mu.Lock()
			h.ended[number] = true
			h.wake()
			h.mu.Unlock()
		}()
		if h.ctx.Err() == nil {
			run(client.New(&port{h}))
		}
	}()
	return client.Task{ID: number}
}

// host is one client.
type host struct {
	name    string
	servers []string
	timeout time.Duration
	note    func(client, word, detail string)
	rng     *rand.Rand // of who has the turn
	logger  zk.Logger
	dialer  zk.Dialer
	ctx     context.Context
	stop    context.CancelCauseFunc
	start   time.Time
	running sync.WaitGroup

	turn sync.Mutex // held by the one task that runs code of the recipe

	mu      sync.Mutex    // protects what follows, held for moments only
	changed chan struct{} // closed and replaced when something becomes ready
	conn    *zk.Conn
	session int // counts the connections' sessions: what belongs to an old one is over
	id      client.SessionID
	state   client.State
	ended   []bool // by task
	flags   []bool // by id less 1
	watches []*watch
	streams []*watch // those of watches that are SessionEvents
}

// wake lets all who wait look again. The caller holds mu.
func (h *host) wake() {
	close(h.changed)
	h.changed = make(chan struct{})
}
