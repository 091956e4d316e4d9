// Package plan is the text form of a run's input: what a failure is stored as.
//
// A plan names the ensemble, the seed, each client operation, each fault and each
// decision that mattered, by logical identity and not by number of draw, so that
// it can be read, edited, shrunk, and replayed after the code has moved on.
//
//	zabsim plan 1
//	scenario leader-crash
//	seed 7
//	servers 5
//	...
//	op c1#1 wait 12.5ms set /r0 c1-1
//	program c2 lock root=/lock rounds=20
//	fault 20s crash leader keep=some for 8s
//	decide crash@20s target = n5
//	expect events=4211 fingerprint=0123456789abcdef verdict=passed
//	end
//
// Plan is the central type; Parse reads the text, Plan.Write writes it, and
// either gives back what the other was given. Plan.Check says what both refuse.
//
// Rules of the text. The first line names the format, the last is "end", so that
// a file that was cut off is noticed; "expect" comes just before it. Between
// them lines stand in any order. Words are separated by blanks. A word that is
// empty or holds a blank, a quote or a control character is written as a quoted
// Go string, which is never a keyword. A comment is a line that starts with "#",
// or what follows a "#" with a blank on either side; "c1#2" holds none.
//
// Lines that most plans leave out: "observers", "group" and "weight" of servers;
// "grain threads"; the knobs "snapCount", "snapRetain", "snapshotSizeFactor" (a
// percentage, "unlimited" or "off"), "maxNotificationInterval", "netSlow",
// "diskSlow" and "threadSlow"; "bugs"; and "unsafe yes", which allows faults
// beyond what ZooKeeper demands of a disk, with "excuse", the checks that these
// may break. Plans that are kept say why: "why", "origin", "signature", "reach" and
// "scenarioHash" decide nothing in the run.
//
// A client runs its operations or a program, which is a recipe.
//
// The package knows the text, not the faults nor the recipes: the words for faults
// and their targets are handed in by the caller as a Vocabulary. It is pure, and imports
// neither the simulator nor any fault.
package plan
