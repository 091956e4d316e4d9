package client

import "slices"

// Append adds an operation behind the last one of c's script. Nobody else sees it:
// the script that c shared with others stays what it was.
func (c *ScriptClient) Append(op ScriptOp) error {
	var ops []ScriptOp
	if c.script != nil {
		ops = slices.Clone(c.script.ops)
	}
	s, err := NewScript(append(ops, op)...)
	if err != nil {
		return err
	}
	c.script = s
	return nil
}
