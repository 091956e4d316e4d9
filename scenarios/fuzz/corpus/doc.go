// Package corpus keeps small plans for which there is a reason, and replays them.
//
// An entry is one plan file, as package plan writes it. Its note says why it is
// there, with which signature it fails or what it must reach, and the scenario's
// hash of that day; its line "expect" says what a replay must end with. An entry
// that expects a violation under a bug switch proves that the checks still see that
// bug. One that expects to pass is a bug of ours that was fixed, a false alarm of
// the past, or a path that runs rarely take.
//
// Load reads a folder and Builtin the entries of the program itself; Entry.Replay
// runs an entry and says what became of it (Status); Entry.Find looks for the same
// failure again when an entry has gone stale; Make and Add make new entries,
// and Prune says which are one too many. No verdict depends on wall time or on how
// many workers there are.
package corpus
