package cnxn

import "zabsim/zab/txn"

// What the host of a simulated client may see and set beyond the inputs.

// Resting tells whether the client is between two dials, or has not started.
func (c *Client) Resting() bool { return c.phase == phaseNew || c.phase == phaseBackoff }

// Started tells whether Start has come.
func (c *Client) Started() bool { return c.phase != phaseNew }

// Connected tells whether the client has a connection on which it was answered.
func (c *Client) Connected() bool { return c.phase == phaseConnected }

// Aim makes a server the one that a resting client dials next.
func (c *Client) Aim(server int) {
	if c.phase == phaseNew {
		server-- // Start moves on by one
	}
	c.server = server
}

// Adopt gives a client that has not started a session from the beginning: for
// servers that keep no sessions and take a client's word for it.
func (c *Client) Adopt(id txn.SessionID) { c.session = id }

// Upcoming returns the server that a resting client dials next.
func (c *Client) Upcoming() int {
	if c.phase == phaseNew {
		return (c.server + 1) % c.cfg.Servers
	}
	return c.server
}
