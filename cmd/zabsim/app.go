package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"zabsim/internal/nearest"
)

// invocation begins every command that we tell people to paste: it works in a
// fresh clone, where nothing is installed.
const invocation = "go run ./cmd/zabsim"

// anywhere is invocation for a shell that stands in some folder of the clone.
const anywhere = "go run zabsim/cmd/zabsim"

// app is what a command line may touch.
type app struct {
	out, err io.Writer
	env      func(name string) (string, bool)
	bar      bool // draw progress: somebody watches
	code     int  // what a verb that ended well wants to exit with
	used     []string
}

// main runs one command line and returns its exit code.
func (a *app) main(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return a.guard(args, func() error { return root.ExecuteContext(ctx) })
}

// guard runs do and turns what comes of it into an exit code. A panic is our own
// mistake: it is reported with the command that repeats it.
func (a *app) guard(args []string, do func() error) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case interrupted:
			fmt.Fprintln(a.err, "zabsim: interrupted, nothing was kept of this run")
			code = exitInterrupted
		default:
			fmt.Fprintf(a.err, "zabsim: internal error: %v\n\n%s\nzabsim: this is our mistake, and this line repeats it:\n%s\n",
				p, debug.Stack(), a.commandLine(args))
			code = exitInternal
		}
	}()
	err := do()
	if err == nil {
		return a.code
	}
	fmt.Fprintf(a.err, "zabsim: %v\n", err)
	var f *failure
	if !errors.As(err, &f) {
		return exitUsage // what cobra itself objects to
	}
	if f.code == exitInternal {
		fmt.Fprintf(a.err, "zabsim: this line repeats it:\n%s\n", a.commandLine(args))
	}
	return f.code
}

// commandLine is what was typed, with the environment variables that mattered.
func (a *app) commandLine(args []string) string {
	words := append([]string{}, a.used...)
	words = append(words, invocation)
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

// quote makes one word of a POSIX shell of text.
func quote(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// interrupted is what a run panics with when somebody pressed Ctrl-C: it has no
// other way out of the middle of a simulation.
type interrupted struct{}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "zabsim",
		Short: "A deterministic simulation testbed for ZooKeeper",
		Long: "zabsim runs a ZooKeeper ensemble as a simulation: servers, network, disks and clients in one process,\n" +
			"every event drawn from one seed, every promise of the protocol checked, most of them at every step.\n\n" +
			"Every flag can be given as an environment variable, as in ZABSIM_SEED=7; a flag wins.",
		Example:       "  zabsim run\n  zabsim run leader-crash --seed 7 --servers 3\n  zabsim replay --verify runs/latest/plan.txt",
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("unknown command %q%s; see zabsim help", args[0], nearest.Hint(args[0], verbs(cmd)))
		}
		return nil
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newRun(a), newReplay(a), newExplain(a), newDiff(a), newFuzz(a), newExplore(a), newShrink(a), newCorpus(a), newConform(a), newScenarios(a), newFaults(a),
		newRecipes(a), newBugs(a), newSchema(a), newExitCodes())
	root.SetHelpCommand(newHelp())
	return root
}

// verbs lists what may follow zabsim on a command line.
func verbs(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// newHelp is cobra's help, except that an unknown topic is an error.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command or a topic",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && topic == cmd.Root() {
				return usage("no help for %q%s", args[0], nearest.Hint(args[0], verbs(cmd.Root())))
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

// flagError adds the nearest flag to an error about one that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	var unknown interface {
		GetSpecifiedName() string
		GetSpecifiedShortnames() string
	}
	if !errors.As(err, &unknown) || !strings.HasPrefix(err.Error(), "unknown flag") {
		return usage("%s", inWords(err))
	}
	var known []string
	for _, word := range strings.Fields(cmd.LocalFlags().FlagUsages()) {
		if name, ok := strings.CutPrefix(word, "--"); ok {
			known = append(known, name)
		}
	}
	hint := ""
	if near := nearest.Nearest(unknown.GetSpecifiedName(), known); near != "" {
		hint = fmt.Sprintf(", did you mean --%s?", near)
	}
	return usage("unknown flag --%s of %s%s", unknown.GetSpecifiedName(), cmd.CommandPath(), hint)
}

// inWords is a flag's error without the names of Go functions.
func inWords(err error) string {
	if head, _, ok := strings.Cut(err.Error(), ": strconv.ParseBool"); ok {
		return head + ": want true or false"
	}
	return err.Error()
}

// fromEnvironment gives the named flags of cmd their values from the environment
// before it runs, unless the command line has set them.
func (a *app) fromEnvironment(cmd *cobra.Command, names ...string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range names {
			variable := "ZABSIM_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			value, ok := a.env(variable)
			if !ok || value == "" || cmd.Flags().Changed(name) {
				continue
			}
			if err := cmd.Flags().Set(name, value); err != nil {
				return usage("environment variable %s: %s", variable, inWords(err))
			}
			a.used = append(a.used, variable+"="+quote(value))
		}
		return nil
	}
}

// atMost is cobra.MaximumNArgs in our own words.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage("%s takes %s, not also %q", cmd.CommandPath(), what, strings.Join(args[n:], " "))
		}
		return nil
	}
}

// readable says what is wrong with a file that a flag or an argument names.
func readable(name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usage("%s: %w", name, err)
}
