// Package statecheck shows that a state has no forgotten field: that its
// fingerprint depends on every one, and that its clone shares none.
//
// A field that the fingerprint misses makes two states look alike, so that a
// search prunes what it never saw. A slice that a clone shares makes one branch
// of a search change another. Neither shows in an ordinary test. Fields walks a
// value by reflection, unexported fields too, and tries each.
//
// The package is for tests only.
package statecheck

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// T is the part of *testing.T that Fields needs.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Fields checks a state of type *S.
//
// Fresh returns a *S that is fully populated: no nil pointer and no empty slice,
// or the fields behind it could not be tried (another element of the same slice
// may make up for one that is nil). Slices should have two different elements.
// Clone returns a copy of a *S, fingerprint its name.
//
// Each field, array slot and slice element is changed, one at a time; the
// fingerprint must differ. So must it when a slice loses its last element, or its
// first two elements change places. In a clone each is changed too; then the
// original's fingerprint must not differ.
//
// Skip excuses, as "name: reason". Name is a path, as lead.handlers[].conn, which
// excuses all below it; or a pointer type, as *txn.Txn, whose targets are
// immutable: they may be shared, and only whole targets are exchanged. An excuse
// that is not needed fails the test.
func Fields(t T, fresh func() any, clone func(src any) any, fingerprint func(any) uint64, skip ...string) {
	t.Helper()
	c := &checker{t: t, fingerprint: fingerprint}
	for _, s := range skip {
		name, reason, ok := strings.Cut(s, ": ")
		if !ok || strings.TrimSpace(reason) == "" {
			t.Errorf("skip %q: write \"name: reason\"", s)
		}
		c.skips = append(c.skips, excuse{name: name})
	}
	original := fresh()
	c.changes(original)
	c.clones(original, clone(original))
	for _, s := range c.skips {
		if !s.used {
			t.Errorf("skip %s: there is no such field or type", s.name)
		}
	}
}

type excuse struct {
	name string
	used bool
}

type checker struct {
	t           T
	fingerprint func(any) uint64
	skips       []excuse
}

// part is something in a state that can be changed alone: a number, a string, a
// pointer to something immutable, or a slice as a whole.
type part struct {
	path  string
	value reflect.Value
}

// walk collects the parts of a state in the order of its fields.
type walk struct {
	c      *checker
	parts  []part
	empty  []string // paths behind which there was nothing
	filled []string // paths behind which there was something
	refs   []part   // pointers that are followed
}

func (c *checker) walk(state any) *walk {
	w := &walk{c: c}
	w.visit("", reflect.ValueOf(state).Elem())
	return w
}

// open makes an unexported field readable and writable.
func open(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// plain takes the indexes out of a path: a[3].b is a[].b.
func plain(path string) string {
	for {
		i := strings.IndexByte(path, '[')
		for i >= 0 && path[i+1] == ']' {
			k := strings.IndexByte(path[i+1:], '[')
			if k < 0 {
				return path
			}
			i += 1 + k
		}
		if i < 0 {
			return path
		}
		path = path[:i+1] + path[i+strings.IndexByte(path[i:], ']'):]
	}
}

func (c *checker) skipped(name string) bool {
	for i := range c.skips {
		if c.skips[i].name == name {
			c.skips[i].used = true
			return true
		}
	}
	return false
}

func (w *walk) visit(path string, v reflect.Value) {
	if path != "" && w.c.skipped(plain(path)) {
		return
	}
	v = open(v)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			w.visit(strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), v.Field(i))
		}
	case reflect.Array:
		w.elements(path, v)
	case reflect.Slice:
		if w.note(path, v.Len() == 0) {
			w.parts = append(w.parts, part{path, v})
			w.elements(path, v)
		}
	case reflect.Pointer:
		if !w.note(path, v.IsNil()) {
			return
		}
		if w.c.skipped(v.Type().String()) {
			w.parts = append(w.parts, part{path, v})
			return
		}
		w.refs = append(w.refs, part{path, v})
		w.visit(path, v.Elem())
	default:
		w.parts = append(w.parts, part{path, v})
	}
}

func (w *walk) elements(path string, v reflect.Value) {
	for i := range v.Len() {
		w.visit(fmt.Sprintf("%s[%d]", path, i), v.Index(i))
	}
}

// note records whether there is something behind path.
func (w *walk) note(path string, nothing bool) bool {
	if nothing {
		w.empty = append(w.empty, plain(path))
	} else {
		w.filled = append(w.filled, plain(path))
	}
	return !nothing
}

// variants returns other values that v could have.
func variants(v reflect.Value) []reflect.Value {
	one := func(set func(x reflect.Value)) reflect.Value {
		x := reflect.New(v.Type()).Elem()
		x.Set(v)
		set(x)
		return x
	}
	switch {
	case v.Kind() == reflect.Bool:
		return []reflect.Value{one(func(x reflect.Value) { x.SetBool(!v.Bool()) })}
	case v.CanInt(): // the lowest and the highest bit: a field may be packed with others
		high := int64(-1) << (v.Type().Bits() - 1)
		return []reflect.Value{one(func(x reflect.Value) { x.SetInt(v.Int() ^ 1) }), one(func(x reflect.Value) { x.SetInt(v.Int() ^ high) })}
	case v.CanUint():
		high := uint64(1) << (v.Type().Bits() - 1)
		return []reflect.Value{one(func(x reflect.Value) { x.SetUint(v.Uint() ^ 1) }), one(func(x reflect.Value) { x.SetUint(v.Uint() ^ high) })}
	case v.CanFloat():
		return []reflect.Value{one(func(x reflect.Value) { x.SetFloat(v.Float() + 1) })}
	case v.Kind() == reflect.String:
		return []reflect.Value{one(func(x reflect.Value) { x.SetString(v.String() + "~") })}
	case v.Kind() == reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		target.Elem().Set(v.Elem())
		disturb(target.Elem())
		return []reflect.Value{target}
	case v.Kind() == reflect.Slice:
		return resized(v)
	}
	return nil
}

// resized returns v without its last element, and v with its first two swapped.
func resized(v reflect.Value) []reflect.Value {
	n := v.Len()
	all := []reflect.Value{v.Slice(0, n-1)}
	if n > 1 && !reflect.DeepEqual(v.Index(0).Interface(), v.Index(1).Interface()) {
		swapped := reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, n), v)
		reflect.Swapper(swapped.Interface())(0, 1)
		all = append(all, swapped)
	}
	return all
}

// disturb changes all numbers and strings of a struct.
func disturb(v reflect.Value) {
	v = open(v)
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			disturb(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			disturb(v.Index(i))
		}
	case reflect.Pointer, reflect.Slice:
	default:
		if all := variants(v); len(all) > 0 {
			v.Set(all[0])
		}
	}
}

// try gives a part each of its other values and calls f.
func (p part) try(f func()) bool {
	all := variants(p.value)
	saved := reflect.New(p.value.Type()).Elem()
	saved.Set(p.value)
	for _, x := range all {
		p.value.Set(x)
		f()
		p.value.Set(saved)
	}
	return len(all) > 0
}

// changes demands that each part is in the fingerprint.
func (c *checker) changes(state any) {
	c.t.Helper()
	before := c.fingerprint(state)
	w := c.walk(state)
	if len(w.parts) == 0 {
		c.t.Errorf("there is nothing to check in a %T", state)
	}
	for _, p := range w.parts {
		missed := false
		if !p.try(func() { missed = missed || c.fingerprint(state) == before }) {
			c.t.Errorf("%s: can't change a %v: teach this package, or skip it", p.path, p.value.Type())
		}
		if missed {
			c.t.Errorf("%s: the fingerprint does not depend on it", p.path)
		}
	}
	for _, path := range slices.Compact(w.empty) {
		if !slices.Contains(w.filled, path) {
			c.t.Errorf("%s: nothing is there to change: populate it, or skip it", path)
		}
	}
	if c.fingerprint(state) != before {
		c.t.Errorf("the fingerprint of an unchanged %T changes", state)
	}
}

// clones demands that a clone is equal and shares nothing.
func (c *checker) clones(original, clone any) {
	c.t.Helper()
	before := c.fingerprint(original)
	if c.fingerprint(clone) != before {
		c.t.Errorf("a clone has another fingerprint")
	}
	from, to := c.walk(original), c.walk(clone)
	if len(from.parts) != len(to.parts) || len(from.refs) != len(to.refs) {
		c.t.Errorf("a clone has another shape: %d parts instead of %d", len(to.parts), len(from.parts))
		return
	}
	for i, p := range from.refs {
		if p.value.Pointer() == to.refs[i].value.Pointer() {
			c.t.Errorf("%s: a clone shares what it points to", p.path)
		}
	}
	for i, p := range from.parts {
		q := to.parts[i]
		if p.value.Kind() == reflect.Slice && p.value.Pointer() == q.value.Pointer() {
			c.t.Errorf("%s: a clone shares the elements", p.path)
			continue
		}
		if !reflect.DeepEqual(p.value.Interface(), q.value.Interface()) {
			c.t.Errorf("%s: is not the same in a clone", p.path)
		}
		shared := false
		q.try(func() { shared = shared || c.fingerprint(original) != before })
		if shared {
			c.t.Errorf("%s: a change in a clone changes the original", p.path)
		}
	}
}
