// Command zabsim runs a simulated ZooKeeper ensemble, judges what happened and
// keeps a record that reproduces it byte for byte.
//
//	zabsim run [SCENARIO]    run one scenario under one seed
//	zabsim replay PLAN       run a recorded or edited plan
//	zabsim explore           visit every schedule of a small ensemble
//	zabsim explain RUN       why a run ended as it did
//	zabsim diff RUN RUN      where two runs part
//	zabsim scenarios         what can be run
//	zabsim faults            what can go wrong meanwhile
//	zabsim bugs              the historical bugs that can be switched on
//	zabsim conform TRACE     replay what a real ZooKeeper answered, and compare
//	zabsim schema [NAME]     the JSON schemas of what it writes
//	zabsim help exit-codes   what the exit codes mean
//
// Results go to standard output, everything else to standard error. Each verb is
// a file of its own and a function that builds its command; nothing is global.
// The command decides no verdict: scenarios.Execute does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	a := &app{
		out: os.Stdout, err: os.Stderr, env: os.LookupEnv,
		bar: isTerminal(os.Stderr),
	}
	os.Exit(a.main(ctx, os.Args[1:]))
}

// isTerminal tells whether somebody watches f.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
