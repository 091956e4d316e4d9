package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"zabsim/scenarios/fuzz/corpus"
)

// corpusPruneFlags are the flags of zabsim corpus prune.
type corpusPruneFlags struct {
	keep countValue
	dry  bool
}

func newCorpusPrune(a *app) *cobra.Command {
	f := &corpusPruneFlags{keep: countValue{3, 1, 1000}}
	cmd := &cobra.Command{
		Use:   "prune DIR",
		Short: "Remove entries that others make superfluous",
		Long: "Of the entries that fail with one signature under the same bug switches keep the smallest, and remove entries\n" +
			"that pass if others of the same grain and ensemble reach all that they name. Nothing is run. Files that are no\n" +
			"plans are left alone and reported (exit code 64).",
		Example: "  zabsim corpus prune corpus --dry-run\n  zabsim corpus prune corpus --keep 1",
		Args:    oneFolder,
		RunE:    func(_ *cobra.Command, args []string) error { return a.corpusPrune(args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.keep, "keep", "how many entries of one signature to keep")
	flags.BoolVar(&f.dry, "dry-run", false, "only say what would be removed")
	a.fromEnvironment(cmd, "keep", "dry-run")
	return cmd
}

// oneFolder demands one argument.
func oneFolder(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage("%s needs the folder of the corpus, such as %s", cmd.CommandPath(), ownCorpus)
	}
	return atMost(1, "one folder")(cmd, args)
}

func (a *app) corpusPrune(dir string, f *corpusPruneFlags) error {
	_, list, err := loadCorpus([]string{dir})
	if err != nil {
		return err
	}
	gone := corpus.Prune(list, f.keep.n)
	verb := "removed"
	if f.dry {
		verb = "would remove"
	}
	for _, g := range gone {
		if !f.dry {
			if err := os.Remove(filepath.Join(dir, g.Entry.File)); err != nil {
				return readable(g.Entry.Path, err)
			}
		}
		fmt.Fprintf(a.out, "  %s  %s: %s\n", verb, g.Entry.File, g.Reason)
	}
	for _, e := range list {
		if e.Broken != nil {
			fmt.Fprintf(a.err, "zabsim: %v\n", e.Broken)
			a.code = exitUsage
		}
	}
	fmt.Fprintf(a.out, "corpus %s: %s %s of %d\n", dir, verb, plural(len(gone), "plan"), len(list))
	return nil
}
