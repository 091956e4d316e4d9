package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"zabsim/internal/runfolder"
	"zabsim/linearizability/history"
	"zabsim/reports/ci"
	"zabsim/zab/txn"
)

// compile returns a validator of the schema and its text as a value.
func compile(t *testing.T, name string) (*jsonschema.Schema, map[string]any) {
	list, err := All()
	require.NoError(t, err)
	i := slices.IndexFunc(list, func(s Schema) bool { return s.Name == name })
	require.GreaterOrEqual(t, i, 0, "no schema %s", name)
	text, err := jsonschema.UnmarshalJSON(strings.NewReader(list[i].Text))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(name, text))
	s, err := c.Compile(name)
	require.NoError(t, err)
	return s, text.(map[string]any)
}

func TestAll(t *testing.T) {
	list, err := All()
	require.NoError(t, err)
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
		assert.NotEmpty(t, s.Of)
		assert.NotEmpty(t, s.Doc)
		_, text := compile(t, s.Name)
		assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", text["$schema"])
		assert.Equal(t, "urn:zabsim:"+s.Name+":1", text["$id"])
		closed(t, s.Name, text)
	}
	assert.Equal(t, []string{"event", "explore", "fuzz", "history", "run"}, names)
}

// closed demands that every object of a schema forbids what it does not list.
func closed(t *testing.T, at string, value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["type"] == "object" {
			assert.Equal(t, false, value["additionalProperties"], at)
		}
		for name, v := range value {
			closed(t, at+"/"+name, v)
		}
	case []any:
		for _, v := range value {
			closed(t, at, v)
		}
	}
}

// Goal: a schema lists exactly the fields of the type that is written, so that a new
// field without a line in the schema fails here. Method: walk both side by side.
func TestSchemasListTheFieldsOfTheTypes(t *testing.T) {
	for _, c := range []struct {
		schema, def string
		value       any
	}{
		{"run", "", runfolder.Run{}}, {"fuzz", "", ci.Report{}},
		{"history", "call", history.Call{}}, {"history", "watched", history.Event{}}, {"history", "txn", txn.Txn{}},
	} {
		t.Run(c.schema+" "+c.def, func(t *testing.T) {
			_, root := compile(t, c.schema)
			node := any(root)
			if c.def != "" {
				node = root["$defs"].(map[string]any)[c.def]
			}
			w := walker{root: root, seen: map[reflect.Type]bool{}}
			w.compare(c.schema, reflect.TypeOf(c.value), node)
			assert.Empty(t, w.wrong)
		})
	}
}

// Goal: what is written passes. Method: the golden fuzz.json, an empty report, and a
// history with every kind of operation and every outcome.
func TestSchemasAcceptWhatIsWritten(t *testing.T) {
	golden, err := os.ReadFile("../ci/testdata/fuzz.json")
	require.NoError(t, err)
	var empty bytes.Buffer
	require.NoError(t, (&ci.Report{}).Encode(&empty))
	fuzz, _ := compile(t, "fuzz")
	for _, text := range [][]byte{golden, empty.Bytes()} {
		assert.NoError(t, validate(fuzz, string(text)))
		assert.Error(t, validate(fuzz, strings.Replace(string(text), `"runs"`, `"seconds": 4, "runs"`, 1)))
	}
	assert.Error(t, validate(fuzz, strings.Replace(string(golden), `"runs/findings`, `"/runs/findings`, 1)), "an absolute path")

	h := history.History{Name: "all", Ghost: true}
	for kind := history.Get; kind <= history.CDelete; kind++ {
		for outcome := history.Pending; outcome <= history.Unknown; outcome++ {
			i := h.Invoke(history.Op{Client: len(h.Ops) + 1, Kind: kind, Key: "/k", Value: "v", Expect: 3, Invoke: 5, Server: 2, Session: 1 << 63})
			if outcome != history.Pending {
				h.Complete(i, 9, history.Reply{Outcome: outcome, Err: txn.BadVersion, Version: 4, Zxid: 1 << 33, SyncZxid: 7, Mzxid: 8, Deposed: true})
			}
		}
	}
	var text bytes.Buffer
	require.NoError(t, h.WriteJSON(&text))
	s, _ := compile(t, "history")
	for line := range strings.Lines(text.String()) {
		assert.NoError(t, validate(s, line), line)
	}
}

func validate(s *jsonschema.Schema, text string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

// Goal: the walk above can fail. Method: types that are a little other than the schema.
func TestWalkerCanFail(t *testing.T) {
	root := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(`{"type":"object","required":["a"],"properties":{"a":{"type":"integer"},"b":{"type":"array","items":{"type":"string"}}}}`), &root))
	for _, c := range []struct {
		value any
		want  []string
	}{
		{struct {
			A int      `json:"a"`
			B []string `json:"b,omitempty"`
		}{}, nil},
		{struct {
			A int      `json:"a"`
			B []string `json:"b"`
		}{}, []string{"s: required [a], want [a b]"}},
		{struct {
			A int      `json:"a"`
			B []string `json:"b,omitempty"`
			C bool     `json:"c,omitempty"`
		}{}, []string{"s: properties [a b], want [a b c]"}},
		{struct {
			A int `json:"a"`
		}{}, []string{"s: properties [a b], want [a]"}},
		{struct {
			A string `json:"a"`
			B []int  `json:"b,omitempty"`
		}{}, []string{"s/a: integer, want string", "s/b/items: string, want integer"}},
	} {
		w := walker{root: root, seen: map[reflect.Type]bool{}}
		w.compare("s", reflect.TypeOf(c.value), root)
		assert.Equal(t, c.want, w.wrong)
	}
}

// walker compares Go types with the nodes of a schema.
type walker struct {
	root  map[string]any
	seen  map[reflect.Type]bool // a type may hold itself
	wrong []string
}

func (w *walker) compare(at string, typ reflect.Type, value any) {
	node := w.resolve(value)
	want := ""
	switch typ.Kind() {
	case reflect.Pointer:
		if w.seen[typ] {
			return
		}
		w.seen[typ] = true
		w.compare(at, typ.Elem(), node)
		return
	case reflect.Struct:
		w.object(at, typ, node)
		return
	case reflect.Slice:
		w.compare(at+"/items", typ.Elem(), node["items"])
		want = "array"
	case reflect.Map:
		want = "object"
	case reflect.String:
		want = "string"
	case reflect.Bool:
		want = "boolean"
	default:
		want = "integer"
	}
	if got := kind(node); got != want {
		w.wrong = append(w.wrong, at+": "+got+", want "+want)
	}
}

// kind is what a node of a schema allows, apart from null.
func kind(node map[string]any) string {
	of := func(v any) string {
		switch v.(type) {
		case string:
			return "string"
		case bool:
			return "boolean"
		}
		return "integer"
	}
	if c, ok := node["const"]; ok {
		return of(c)
	}
	if list, ok := node["enum"].([]any); ok {
		return of(list[0])
	}
	switch k := node["type"].(type) {
	case []any:
		return k[0].(string)
	case string:
		return k
	}
	return "nothing"
}

// resolve follows $ref and takes the part of a choice that is not null.
func (w *walker) resolve(value any) map[string]any {
	node, _ := value.(map[string]any)
	if name, ok := node["$ref"].(string); ok {
		return w.resolve(w.root["$defs"].(map[string]any)[strings.TrimPrefix(name, "#/$defs/")])
	}
	if list, ok := node["oneOf"].([]any); ok && len(list) == 2 {
		return w.resolve(list[1])
	}
	return node
}

func (w *walker) object(at string, typ reflect.Type, node map[string]any) {
	if w.seen[typ] {
		return
	}
	w.seen[typ] = true
	properties, _ := node["properties"].(map[string]any)
	var names, required []string
	for _, f := range fields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		names = append(names, name)
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
		if p, ok := properties[name]; ok {
			w.compare(at+"/"+name, f.Type, p)
		}
	}
	var have, must []string
	for name := range properties {
		have = append(have, name)
	}
	list, _ := node["required"].([]any)
	for _, name := range list {
		must = append(must, name.(string))
	}
	w.same(at+": properties", have, names)
	w.same(at+": required", must, required)
}

// fields are those that encoding/json writes: fields of an embedded struct are its own.
func fields(typ reflect.Type) (list []reflect.StructField) {
	for f := range typ.Fields() {
		switch {
		case f.Anonymous:
			list = append(list, fields(f.Type)...)
		case f.IsExported() && f.Tag.Get("json") != "-":
			list = append(list, f)
		}
	}
	return list
}

func (w *walker) same(what string, got, want []string) {
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.wrong = append(w.wrong, what+" ["+strings.Join(got, " ")+"], want ["+strings.Join(want, " ")+"]")
	}
}
