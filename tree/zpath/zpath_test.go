package zpath

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// The recordings hand-path-bad-paths-*.
func TestValid(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/a": true, "/a/b": true, "/a/.b": true, "/a/..b": true, "/...": true, "/a.": true, "/a/b..": true,
		"/a\u00a0": true, "/a\uffef": true, "/a\uf900": true, "/\u65e5\u672c": true, "/a b": true, "/~": true,
		"": false, "a": false, "//": false, "/a/": false, "/a//b": false, "/.": false, "/..": false, "/a/./b": false,
		"/a/../b": false, "/a/.": false, "/a/..": false, "/\u0000": false, "/a\u0000b": false, "/a\u0001": false,
		"/a\u001f": false, "/a\u007f": false, "/a\u009f": false, "/a\ue000": false, "/a\uf8ff": false,
		"/a\ufff0": false, "/a\uffff": false, "/\U0001f600": false, "/\xff": false, "/a\xc3": false,
	} {
		assert.Equal(t, want, Valid(path), "%q", path)
		assert.Equal(t, want, ValidCreate(path, false), "%q", path)
	}
}

// A sequential create is as valid as the path with a digit behind it.
func TestValidSequential(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "/a/": true, "/a/.": true, "/..": true, "/a": true,
		"": false, "a": false, "//": false, "/a//": false, "/./": false, "/a\u0000": false,
	} {
		assert.Equal(t, want, ValidCreate(path, true), "%q", path)
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`[/.a\x00]{0,8}`).Draw(t, "path")
		assert.Equal(t, Valid(path+"1"), ValidCreate(path, true), "%q", path)
	})
}

func TestParts(t *testing.T) {
	for path, want := range map[string][2]string{
		"/": {"", ""}, "/a": {"", "a"}, "/a/b": {"/a", "b"}, "/a/": {"/a", ""}, "/a//b": {"/a/", "b"}, "a": {"", "a"}, "": {"", ""},
	} {
		assert.Equal(t, want, [2]string{Parent(path), Name(path)}, "%q", path)
	}
	for path, want := range map[string]bool{"/": true, "a/b": true, "": false, "a": false, "/a\x00": false} {
		assert.Equal(t, want, Splits(path), "%q", path)
	}
	assert.True(t, Reserved("/zookeeper/config"))
	assert.False(t, Reserved("/zookeeper/config/x"))
}

func BenchmarkValid(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if !Valid("/app/workers/worker-0000000012") {
			b.Fatal("not valid")
		}
	}
}
