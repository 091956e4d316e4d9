// Package nearest finds the word that somebody probably meant. Every "did you
// mean" of the project comes from here, so that all of them agree on what is
// close enough to be worth saying.
package nearest

import (
	"strconv"
	"strings"
)

// maxLen is the longest word that is compared, in bytes. A name that somebody
// mistyped is short; a longer one is not a typing error, and the cost of
// comparing grows with the product of the lengths.
const maxLen = 64

// Nearest returns the candidate with the smallest Levenshtein distance to word,
// ignoring case; of equally near ones the first. It returns "" when even the
// nearest differs in more than half of word's letters (two letters are always
// allowed): a far-fetched suggestion is worse than none.
func Nearest(word string, candidates []string) string {
	if word == "" || len(word) > maxLen {
		return ""
	}
	w := []rune(strings.ToLower(word))
	best, limit := "", max(2, len(w)/2)
	for _, c := range candidates {
		if len(c) > maxLen {
			continue
		}
		r := []rune(strings.ToLower(c))
		// A distance as long as the words means that they share nothing.
		if d := distance(w, r); d <= limit && d < max(len(w), len(r)) {
			best, limit = c, d-1
		}
	}
	return best
}

// Hint returns `, did you mean "x"?`, to end an error message with, or "" when
// nothing is near.
func Hint(word string, candidates []string) string {
	n := Nearest(word, candidates)
	if n == "" {
		return ""
	}
	return ", did you mean " + strconv.Quote(n) + "?"
}

// distance counts the insertions, deletions and replacements that turn a into
// b. It keeps one row of the usual table: row[j] is the distance between the
// part of a read so far and b[:j].
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replace := diagonal
			if x != y {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
