// Package spec holds what a scenario is: plain data, and the pure function from it
// and a seed to a sim/plan.Plan.
//
// Files of scenarios are read into it by scenarios/file/decode. Which scenarios
// there are, and how runs of them are judged, is the matter of package scenarios,
// which gives these types their usual names.
package spec
