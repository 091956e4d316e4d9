package scenarios

import (
	"embed"
	"io/fs"
)

//go:embed testdata/corpus
var corpus embed.FS

// Corpus returns the folder of plans that every build must replay as they say.
// Package scenarios/fuzz/corpus reads them.
func Corpus() fs.FS {
	sub, err := fs.Sub(corpus, "testdata/corpus")
	if err != nil {
		panic("scenarios: " + err.Error()) // the path above is no path
	}
	return sub
}
