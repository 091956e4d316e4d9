// Package trace is what a run writes about itself: one event per applied choice,
// as a line of text for people (Text) and as a JSON object for programs (JSONL).
//
//	zabsim trace 1  scenario=sync-race  servers=3  seed=7  bugs=follower.epoch-before-history
//	   12.340ms  #57  n2.sync   fsync   log<=2.4                    <- #51
//	   12.341ms  #58  n2.peer   write   currentEpoch=3              <- #49
//	verdict  prefix-consistency  passed
//	end  events=58  fingerprint=0123456789abcdef
//
// Event is the central type. Every event folds into a running fingerprint (Fold),
// whether or not it is written, so two runs that took different roads end with
// different numbers; Compare finds the line where two texts part, Read gives a
// recording back to a report.
//
// Both sinks write only what they are told, and allocate nothing per event once
// their buffers have grown: no clock, no version of the compiler, nothing that
// could differ between two runs of one plan. An error of the writer sticks and
// is returned at the end, because an event has nobody to tell. The package is
// pure and imports nothing of the simulator.
package trace
