// Package zpath has the rules of paths of nodes (protocol fact 11.9). A path is
// text as the wire has it; nothing here allocates.
package zpath

import "strings"

// Valid tells whether path may name a node (PathUtils.validatePath).
func Valid(path string) bool { return valid(path, false) }

// ValidCreate tells whether a client may ask for a node under path: a sequential
// one gets digits at the end, so that its path may end with a slash or a dot.
func ValidCreate(path string, sequential bool) bool { return valid(path, sequential) }

func valid(path string, more bool) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	if path == "/" {
		return true
	}
	start := 1 // of the name under way
	for i, c := range path {
		if i == 0 {
			continue
		}
		if c == '/' {
			if badName(path[start:i]) {
				return false
			}
			start = i + 1
		} else if badRune(c) {
			return false
		}
	}
	return more || !badName(path[start:])
}

func badName(name string) bool { return name == "" || name == "." || name == ".." }

// badRune covers what is no UTF-8, too: it reads as U+FFFD. Java sees a character
// beyond U+FFFF as two of the range D800 to DFFF.
func badRune(c rune) bool {
	return c <= 0x1f || c >= 0x7f && (c <= 0x9f || c >= 0xd800 && c <= 0xf8ff || c >= 0xfff0)
}

// Parent returns the path up to the last slash, "" for the children of the root
// and for what has no slash: the root answers to "" as well (DataTree).
func Parent(path string) string {
	return path[:max(strings.LastIndexByte(path, '/'), 0)]
}

// Name returns what is behind the last slash.
func Name(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Splits tells whether path has a parent at all: a slash, and no NUL character
// (PrepRequestProcessor.validatePathForCreate).
func Splits(path string) bool {
	return strings.IndexByte(path, '/') >= 0 && strings.IndexByte(path, 0) < 0
}

// Reserved tells whether path is one of the nodes that can't be deleted
// (DataTree.isSpecialPath).
func Reserved(path string) bool {
	switch path {
	case "/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config":
		return true
	}
	return false
}
