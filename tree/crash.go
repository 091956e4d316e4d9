package tree

// Crashed returns why the server has come to an end while it validated or applied a
// request, "" if it has not. Only releases with certain bugs do: ZooKeeper's thread
// dies of an exception that nobody expects, and the server stops. Whoever hosts the
// tree looks at it after Prep and Apply.
func (t *Tree) Crashed() string {
	if t.dead {
		return "a record or the usage of a quota is malformed"
	}
	return ""
}
