package zoocfg

import (
	"strconv"
	"strings"
)

// entry is one logical line.
type entry struct {
	line       int    // where it begins, from 1; 0 in an entry that was never set
	text       string // as in the file
	key, value string // unescaped, value without spaces at its end
}

// fail blames the line.
func (e entry) fail(reason string) *Error { return &Error{Line: e.line, Text: e.text, Reason: reason} }

// blanks are what Java's Properties.load takes for white space inside a line.
const blanks = " \t\f"

// split cuts text into entries, by the rules of Java's Properties.load: lines
// end with \n, \r or both, # and ! start comments, and a backslash at the end
// of a line continues it.
func split(text string) ([]entry, *Error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	var entries []entry
	for i := 0; i < len(lines); i++ {
		logical := strings.Trim(lines[i], blanks)
		if logical == "" || logical[0] == '#' || logical[0] == '!' {
			continue
		}
		e := entry{line: i + 1, text: logical}
		logical = strings.TrimLeft(lines[i], blanks) // a continued line keeps its blanks
		for continued(logical) {
			logical = logical[:len(logical)-1]
			if i++; i == len(lines) {
				break
			}
			logical += strings.TrimLeft(lines[i], blanks)
		}
		if reason := e.cut(logical); reason != "" {
			return nil, e.fail(reason)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// continued tells whether a line ends with a backslash that is not itself
// escaped.
func continued(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// cut finds key and value. The key ends at the first '=', ':' or blank that no
// backslash escapes.
func (e *entry) cut(logical string) (reason string) {
	end := 0
	for end < len(logical) && !strings.ContainsRune("=:"+blanks, rune(logical[end])) {
		if logical[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(logical))
	rest := strings.TrimLeft(logical[end:], blanks)
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = rest[1:]
	}
	var keyOK, valueOK bool
	e.key, keyOK = unescape(logical[:end])
	e.value, valueOK = unescape(strings.Trim(rest, blanks))
	switch {
	case !keyOK || !valueOK:
		return `after \u four hexadecimal digits are wanted`
	case e.key == "":
		return "key=value is wanted"
	}
	e.value = strings.TrimSpace(e.value)
	return ""
}

// unescape resolves backslashes. Java's own writer puts one before every colon,
// so files that a program wrote are full of them.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			break
		}
		switch s[i] {
		case 't', 'n', 'r', 'f':
			b.WriteByte(map[byte]byte{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}[s[i]])
		case 'u':
			if i+5 > len(s) {
				return "", false
			}
			r, err := strconv.ParseUint(s[i+1:i+5], 16, 16)
			if err != nil {
				return "", false
			}
			b.WriteRune(rune(r))
			i += 4
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}
