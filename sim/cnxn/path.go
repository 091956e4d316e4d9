package cnxn

import (
	"strconv"
	"strings"
)

// CheckPath returns why a path is refused by the client, in the words of the Java
// client, or "" (PathUtils.validatePath). Positions count UTF-16 units. With
// sequential a digit is appended first, so that "/a/" and "/." are fine.
func CheckPath(path string, sequential bool) string {
	if sequential {
		path += "1"
	}
	switch {
	case path == "":
		return "Path length must be > 0"
	case path[0] != '/':
		return "Path must start with / character"
	case len(path) == 1:
		return ""
	case path[len(path)-1] == '/':
		return "Path must not end with / character"
	}
	if reason := badCharacter(path); reason != "" {
		return "Invalid path string \"" + path + "\" caused by " + reason
	}
	return ""
}

// badCharacter looks at what is behind the first slash.
func badCharacter(path string) string {
	at := 0 // of r, in UTF-16 units
	for i, r := range path[1:] {
		i++
		at++
		why := ""
		switch {
		case r == 0:
			why = "null character not allowed"
		case r == '/' && path[i-1] == '/':
			why = "empty node name specified"
		case r == '.' && isRelative(path, i):
			why = "relative paths not allowed"
		case r < ' ' || r >= 0x7f && r <= 0x9f || r >= 0xd800 && r <= 0xf8ff || r >= 0xfff0:
			why = "invalid character"
		}
		if why != "" {
			return why + " @" + strconv.Itoa(at)
		}
	}
	return ""
}

// isRelative tells whether the dot at i ends a node name "." or "..".
func isRelative(path string, i int) bool {
	if i+1 < len(path) && path[i+1] != '/' {
		return false
	}
	return path[i-1] == '/' || path[i-1] == '.' && path[i-2] == '/'
}

// prefix returns the server's view of a client's path (Chroot.prepend).
func (c *Client) prefix(path string) string {
	switch {
	case !c.rooted():
		return path
	case len(path) == 1:
		return c.cfg.Chroot
	}
	return c.cfg.Chroot + path
}

// strip returns the client's view of a server's path, false if it is outside of
// the chroot (Chroot.strip, which throws).
func (c *Client) strip(path string) (string, bool) {
	if !c.rooted() {
		return path, true
	}
	rest, ok := strings.CutPrefix(path, c.cfg.Chroot)
	if ok && rest == "" {
		rest = "/"
	}
	return rest, ok
}

func (c *Client) rooted() bool { return len(c.cfg.Chroot) > 1 }
