package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes that no verdict of a run has; scenarios.Verdict.Exit has the others.
const (
	exitViolated    = 1
	exitUnknown     = 2
	exitDiffers     = 3
	exitStale       = 4
	exitUncaught    = 7
	exitUsage       = 64
	exitInternal    = 70
	exitInterrupted = 130
)

// exitCode is a row of the table that zabsim help exit-codes prints and the
// README repeats.
type exitCode struct {
	code    int
	meaning string
}

// exitCodes returns the table in the order of the codes.
func exitCodes() []exitCode {
	return []exitCode{
		{0, "checked and passed"},
		{1, "a safety promise was violated (zabsim diff: the two runs part)"},
		{2, "unknown: a checker or a search spent its budget, and nothing failed"},
		{exitDiffers, "not deterministic: two runs of one plan differed, and the first difference is printed"},
		{exitStale, "vacuous or stale: nothing was there to check, or a plan no longer gives what it expects"},
		{5, "no progress: no write committed after everything was healed"},
		{6, "a threshold of the scenario failed, such as p99(failover) < 4s"},
		{exitUncaught, "a bug that must be caught was not"},
		{exitUsage, "wrong usage or input: the message says what would be right"},
		{exitInternal, "an internal error; the message ends with the command that repeats it"},
		{exitInterrupted, "interrupted; a run that was not complete left nothing behind"},
	}
}

func newExitCodes() *cobra.Command {
	var b strings.Builder
	fmt.Fprintln(&b, "What zabsim exits with:")
	fmt.Fprintln(&b)
	for _, e := range exitCodes() {
		fmt.Fprintf(&b, "%5d  %s\n", e.code, e.meaning)
	}
	b.WriteString("\nWhen several apply: 70 before 3, 1, 5, 7, 6, 64, 4, 2.\n" +
		"\"go run\" reports every code but 0 as 1; build the command to see the others:\n" +
		"go build -o zabsim ./cmd/zabsim")
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: b.String()}
}

// failure is an error that knows its exit code.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// usage is an error in what somebody typed or wrote; it says what would be right.
func usage(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

// internal is an error that nobody's input explains.
func internal(err error) error { return &failure{exitInternal, err} }
