package tree

import "zabsim/zab/txn"

// cantRead tells whether a read trips over a body that can't be used: the exception
// comes to MarshallingError (FinalRequestProcessor.processRequest). Sync gives any
// path back, and getEphemerals takes null for all paths.
func cantRead(r *txn.Request) bool {
	return r.Malformed || r.NullPath && r.Op != txn.OpSync && r.Op != txn.OpGetEphemerals
}

// cantPrep is the same for an update. The operations that check their path first
// call null a bad argument, as they do with an empty one.
func cantPrep(r *txn.Request, op txn.Op) bool {
	return r.Malformed || r.NullPath && (op.IsCreate() || op == txn.OpDelete || op == txn.OpDeleteContainer)
}
