package history

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the bytes, reading ends, an error says where, and what was accepted can be
// written and read again, and is the same.
func FuzzReadJSON(f *testing.F) {
	var text bytes.Buffer
	require.NoError(f, sample().WriteJSON(&text))
	f.Add(text.String())
	const head = `{"history":"x","format":1}` + "\n"
	f.Add(head + `{"i":0,"t":5,"p":101,"type":"invoke","f":"set","k":"/a","v":"1"}` + "\n" + `{"t":6,"p":101,"type":"info","f":"set","k":"/a","err":"CONNECTIONLOSS"}`)
	f.Add(head + `{"t":5,"p":901,"type":"invoke","f":"get","k":"/a","session":0}` + "\n" + `{"t":5,"p":901,"type":"ok","f":"get","k":"/a","v":"","version":0,"deposed":true}`)
	f.Add(head + `{"t":5,"p":"nemesis","type":"info","f":"session","event":"crash","leader":3}` + "\n\n" + `{"t":5,"p":1,"type":"info","f":"session","czxid":4}`)
	f.Add(head + `{"seed":"/a"}` + "\n" + `{"call":{"Client":2,"Task":1,"Name":"multi","Req":{"More":{"Ops":[{"Op":5}]}},"Result":{"More":{"Results":[{"Op":5}]}}}}` + "\n" +
		`{"watched":{"Client":2,"Type":3,"Path":"/a"}}` + "\n" + `{"truth":{"Zxid":4,"More":{"Paths":["/e"]}}}`)
	// Two processes of one client, and the end of time.
	f.Add(head + `{"t":5,"p":1,"type":"invoke","f":"get","k":"/a"}` + "\n" + `{"t":5,"p":101,"type":"invoke","f":"get","k":"/a"}`)
	f.Add(head + `{"t":5,"p":1,"type":"invoke","f":"delete","k":"/a"}` + "\n" + `{"t":9223372036854775807,"p":1,"type":"ok","f":"delete","k":"/a"}`)
	f.Add(head + `{"t":-5,"p":-1,"type":"invoke","f":"delete","k":"/a","server":200}` + "\n" + `{"t":-4,"p":-1,"type":"info","f":"delete","k":"/a","err":"OK"}`)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ReadJSON(strings.NewReader(text))
		if err != nil {
			require.Regexp(t, `^history: line \d+: `, err.Error())
			return
		}
		var first, second bytes.Buffer
		require.NoError(t, h.WriteJSON(&first))
		back, err := ReadJSON(bytes.NewReader(first.Bytes()))
		require.NoError(t, err, first.String())
		require.Equal(t, h, back)
		require.NoError(t, back.WriteJSON(&second))
		require.Equal(t, first.String(), second.String())
	})
}
