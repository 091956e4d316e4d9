package tidy

import "testing"

// rules are all rules, by the name of their subtest.
var rules = []struct {
	name string
	rule func(*repo) []finding
}{
	{"parse", parsed},
	{"imports", imports},
	{"bans", bans},
	{"sizes", sizes},
	{"docs", docs},
	{"words", strangers},
}

// TestRepository runs every rule on every file of this repository.
func TestRepository(t *testing.T) {
	r := readRepo(t, "../..")
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, f := range rule.rule(r) {
				t.Error(f)
			}
		})
	}
}
