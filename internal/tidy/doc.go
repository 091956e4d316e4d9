// Package tidy holds the rules of the house as tests, so that no review has to
// remember them: who may import whom, what deterministic code must not use, how
// long files and functions may grow, and that exported things are explained.
//
// A rule is a function from source text to findings. It runs on the whole
// repository, and on small bad snippets that prove that it can fail. Every
// finding says where, what, and what to do instead.
//
// The package has no code outside its tests, and nothing imports it.
package tidy
