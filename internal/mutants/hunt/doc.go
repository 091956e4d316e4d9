// Package hunt drives the code that it is built with until a check fails or a budget is
// spent: first seeds of many scenarios as in a fuzz campaign, then searches of a few
// small models, then recordings of a real server, then what no scenario drives: clients
// that come and go, with local sessions, and data directories with damage. It does not
// know which mutant it drives, or that it does.
//
// What it reports is a function of the code and the Budget, and of what a Baseline says
// that right code reaches. Only who calls it has a clock.
package hunt
