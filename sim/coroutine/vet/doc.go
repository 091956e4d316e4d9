// Package vet reads the source of recipes and names the lines that would stop the
// world or make a recipe depend on more than its responses: go statements,
// channels, select, package sync, the clock and the timers of package time, random
// numbers that are not the client's, input and output, loops over maps, and
// package variables that change.
//
// It needs no build: types of other packages stay unknown, and what only they
// would show (a map that another package returns, a mutex hidden in a library) is
// left to coroutine.Verify. Tests are skipped. Package vet reads through fs.FS and
// imports the standard library only.
package vet
