package mutants

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// importPick goes behind the package clause, on its line: no line moves.
const importPick = "; import \"zabsim/internal/mutants/pick\""

// Rewrite returns the files in which each site asks whether it is the one that is
// changed. Number is its index in sites; those for which leave says true are not touched.
func Rewrite(texts map[string]string, sites []Site, leave func(i int) bool) (map[string]string, error) {
	edits := map[string][]edit{}
	for i := range sites {
		if leave(i) {
			continue
		}
		for _, e := range sites[i].edits {
			if strings.Contains(e.text, "%d") {
				e.text = fmt.Sprintf(e.text, i)
			} else {
				e.text = strings.ReplaceAll(e.text, "%%", "%")
			}
			edits[sites[i].File] = append(edits[sites[i].File], e)
		}
	}
	out := map[string]string{}
	for file, list := range edits {
		text, err := apply(file, texts[file], list)
		if err != nil {
			return nil, err
		}
		out[file] = text
	}
	return out, nil
}

func apply(file, text string, list []edit) (string, error) {
	clause, err := parser.ParseFile(token.NewFileSet(), file, text, parser.PackageClauseOnly)
	if err != nil {
		return "", err
	}
	list = append(list, edit{at: int(clause.Name.End()) - 1, text: importPick})
	slices.SortStableFunc(list, func(a, b edit) int {
		// What ends at a place comes before what begins there.
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.closes(), a.closes()), cmp.Compare(a.rank, b.rank))
	})
	var b strings.Builder
	done := 0
	for _, e := range list {
		b.WriteString(text[done:e.at])
		b.WriteString(e.text)
		done = e.at + e.len
	}
	b.WriteString(text[done:])
	return b.String(), nil
}

// closes is 1 for an edit that ends something.
func (e *edit) closes() int {
	if e.rank > 0 {
		return 1
	}
	return 0
}
