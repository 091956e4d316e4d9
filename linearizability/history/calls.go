package history

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"zabsim/zab/txn"
)

// extra is a line about recipes. They follow the lines of operations: first the nodes
// that were there, then calls and watch events, then what was committed. Requests,
// results and transactions have the names of their fields in package txn.
type extra struct {
	Seed    *string  `json:"seed,omitempty"`
	Call    *Call    `json:"call,omitempty"`
	Watched *Event   `json:"watched,omitempty"`
	Truth   *txn.Txn `json:"truth,omitempty"`
}

// appendExtra writes what recipes did.
func (h *History) appendExtra(b []byte) ([]byte, error) {
	add := func(x extra) error {
		text, err := json.Marshal(x)
		if err == nil {
			b = append(append(b, text...), '\n')
		}
		return err
	}
	for i := range h.Seeds {
		if err := add(extra{Seed: &h.Seeds[i]}); err != nil {
			return b, err
		}
	}
	for i := range h.Calls {
		if err := h.Calls[i].writable(); err != nil {
			return b, fmt.Errorf("history: call %d of c%d: %w", i, h.Calls[i].Client, err)
		}
		if err := add(extra{Call: &h.Calls[i]}); err != nil {
			return b, err
		}
	}
	for i := range h.Watched {
		if err := add(extra{Watched: &h.Watched[i]}); err != nil {
			return b, err
		}
	}
	for _, t := range h.Truth {
		if err := add(extra{Truth: t}); err != nil {
			return b, err
		}
	}
	return b, nil
}

// writable says what would not survive the way through a file.
func (c *Call) writable() error {
	if c.Req != nil && !(utf8.ValidString(c.Req.Path) && utf8.ValidString(c.Req.Data)) || !utf8.ValidString(c.Result.Data) {
		return fmt.Errorf("%s: its path or data is not UTF-8", c.Name)
	}
	return nil
}

// take adds the line to the history; false if it is about something else.
func (x *extra) take(h *History) bool {
	switch {
	case x.Seed != nil:
		h.Seeds = append(h.Seeds, *x.Seed)
	case x.Call != nil:
		h.Calls = append(h.Calls, *x.Call)
	case x.Watched != nil:
		h.Watched = append(h.Watched, *x.Watched)
	case x.Truth != nil:
		h.Truth = append(h.Truth, x.Truth)
	default:
		return false
	}
	return true
}
