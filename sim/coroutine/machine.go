package coroutine

import (
	"fmt"

	"zabsim/sim/client"
)

// A machine is a program that lives: its tasks' coroutines, and the history they
// have been fed.
type machine struct {
	name    string
	program *client.Program
	at      History
	tasks   []*task // by number
	live    int     // tasks that have not ended
	running *task   // whose code runs now; nil outside of Resume
}

// feed resumes the task that a response is addressed to.
func (m *machine) feed(r *client.Response) error {
	if int(r.Task) >= len(m.tasks) || m.tasks[r.Task].ended {
		return fmt.Errorf("recipe %s, client %s: response %+v for task %d, which is not waiting",
			m.program.Name, m.name, *r, r.Task)
	}
	t := m.tasks[r.Task]
	spawn, name := t.spawn, t.call.Path
	t.answer, t.spawn = r, nil
	if spawn == nil {
		return m.run(t)
	}
	t.spawned = client.Task{ID: uint32(len(m.tasks))}
	if err := m.run(t); err != nil {
		return err
	}
	return m.begin(name, spawn)
}

// begin starts a task and runs it to its first call.
func (m *machine) begin(name string, run func(client.Client)) error {
	t := newTask(m, name, run)
	m.tasks = append(m.tasks, t)
	m.live++
	return m.run(t)
}

// run lets a task go on to its next call or its end.
func (m *machine) run(t *task) error {
	m.running = t
	_, asks := t.next()
	m.running = nil
	if asks {
		return nil
	}
	t.ended, t.call, t.answer = true, client.Call{}, nil
	m.live--
	return t.failure
}

// stop ends all tasks, the youngest first.
func (m *machine) stop() {
	for i := len(m.tasks) - 1; i >= 0; i-- {
		if t := m.tasks[i]; !t.ended {
			m.running = t
			t.stop()
		}
	}
	m.running = nil
}
