// Package file is where scenario files come from: it reads them, and publishes the
// JSON schema by which editors complete them (scenario.schema.json).
//
// The built-in scenarios are such files, too (scenarios/builtin). What may stand in a
// file is the matter of scenarios/file/decode.
package file

import (
	_ "embed"
	"fmt"
	"io"
	"os"

	"zabsim/scenarios"
)

// Schema is the JSON schema of scenario files.
//
//go:embed scenario.schema.json
var Schema string

// Load reads a scenario file. An error of its text names file, line and column, shows
// the line, and says what would be right.
func Load(path string) (*scenarios.Scenario, error) {
	text, err := Read(path)
	if err != nil {
		return nil, fmt.Errorf("scenario file: %w", err)
	}
	return Parse(path, text)
}

// Read returns the text of a scenario file. Of one that is too long, or has no end as a
// device may have none, it returns no more than Parse needs to refuse it.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, scenarios.FileSizeMax+1))
}

// Parse reads the text of a scenario file; name is for messages.
func Parse(name string, text []byte) (*scenarios.Scenario, error) {
	return scenarios.Parse(name, text)
}

// Hash names what a scenario means in 16 hexadecimal digits: files that differ in
// comments, layout, name and claim only have the same.
func Hash(s *scenarios.Scenario) string { return s.Hash() }
