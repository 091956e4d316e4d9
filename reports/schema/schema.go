// Package schema has the JSON schemas (draft 2020-12) of what zabsim writes for
// programs. They forbid fields that they do not list: a new field of a format comes with
// its line here, and a test says so.
package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Schema is one of them.
type Schema struct {
	Name string // "run"
	Of   string // what it describes: "run.json"
	Doc  string // the first sentence about it
	Text string // the schema, indented JSON
}

//go:embed *.schema.json
var files embed.FS

const suffix = ".schema.json"

// All returns the schemas in order of name.
func All() ([]Schema, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var list []Schema
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		var head struct{ Title, Description string }
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		doc, _, _ := strings.Cut(head.Description, ":")
		list = append(list, Schema{Name: strings.TrimSuffix(e.Name(), suffix), Of: head.Title, Doc: doc, Text: string(text)})
	}
	return list, nil
}
