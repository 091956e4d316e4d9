package reference

import "strings"

// parent returns the path above one that begins with a slash.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// above is parent as requests are validated with: of any text that has a slash. The
// empty path, which it may return, is the root.
func above(path string) (string, bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || strings.ContainsRune(path, 0) {
		return "", false
	}
	return path[:i], true
}

// validPath is PathUtils.validatePath (fact 11.9).
func validPath(path string) bool {
	if path == "/" {
		return true
	}
	if !strings.HasPrefix(path, "/") {
		return false
	}
	for _, name := range strings.Split(path[1:], "/") {
		if name == "" || name == "." || name == ".." {
			return false
		}
	}
	for _, c := range path {
		switch {
		case c <= 0x1f, c >= 0x7f && c <= 0x9f, c >= 0xd800 && c <= 0xf8ff, c >= 0xfff0:
			// Java looks at UTF-16, where all beyond U+FFFF is surrogates.
			return false
		}
	}
	return true
}

// reserved paths can't be deleted (DataTree.isSpecialPath).
func reserved(path string) bool {
	return path == "/" || path == "/zookeeper" || path == "/zookeeper/quota" || path == "/zookeeper/config"
}
