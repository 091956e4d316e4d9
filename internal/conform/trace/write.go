package trace

import (
	"encoding/json"
	"strings"
)

// WritePrefix writes the first n steps of t as a trace of its own, marked as a
// prefix because the state behind them was not recorded.
func (t *Trace) WritePrefix(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"trace":` + quote(t.Name) + `,"topic":` + quote(t.Topic) + `,"format":1`)
	if t.Level != "" {
		b.WriteString(`,"level":` + quote(t.Level))
	}
	b.WriteString(`,"server":` + quote(t.Server) + `,"mode":"standalone","settings":`)
	t.header.find("settings", func(v value) { writeValue(&b, v) })
	if t.Level == "" {
		b.WriteString(`,"zxid0":0`)
	}
	b.WriteString(",\"prefix\":true}\n")
	for _, line := range t.lines[:min(n, len(t.lines))] {
		b.WriteString(line + "\n")
	}
	return []byte(b.String())
}

// writeValue writes an object of strings: the settings.
func writeValue(b *strings.Builder, v value) {
	b.WriteByte('{')
	for i, k := range v.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(k) + ":" + quote(v.list[i].text))
	}
	b.WriteByte('}')
}

func quote(text string) string {
	q, _ := json.Marshal(text) // a string has always a form in JSON
	return string(q)
}
