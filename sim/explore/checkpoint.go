package explore

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"zabsim/internal/fp"
	"zabsim/sim"
	"zabsim/sim/invariant"
)

// A checkpoint is a search that stands still, as a file: a line that says what it
// is, a header in JSON, and words: fingerprints, keys of components, recipes, packs
// of the level under way and of the next one; then a checksum of all that.
//
// Components are values full of pointers and are not written. Each was made by one
// choice in one state, whose components were made before: that is its recipe. So a
// search that goes on makes all of them again, in order, by the protocol's own code,
// and gives each the id that its key had.

// checkpoint is the header.
type checkpoint struct {
	Model [][2]string // in words
	Build buildID

	States, Transitions uint64
	Depth               int
	PerDepth            []uint64
	Seen                invariant.Seen
	Size, Expanded      uint64 // of the level under way: states, and how many are done
	Fresh               uint64 // states of the next one

	Keys        []int // of each kind of components
	RecipeWords uint64
	Level, Next int // packs

	body *wordReader // what follows the header
}

// buildID names the program: a search goes on with the code that began it.
type buildID struct {
	Revision string // of the source, if the program knows it
	Modified bool   // the source was not as committed
	Program  string // hash of the executable file
}

const (
	checkpointLine = "zabsim checkpoint 1\n"
	checkpointTail = 12 // bytes: the sum, and how long all before it is
)

// thisBuild is a variable for tests.
var thisBuild = sync.OnceValues(func() (b buildID, err error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	name, err := os.Executable()
	if err != nil {
		return b, err
	}
	f, err := os.Open(name)
	if err != nil {
		return b, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	b.Program = hex.EncodeToString(h.Sum(nil))
	return b, err
})

// words writes what a checkpoint must have in common with the search that goes on:
// every field of the model, and how states and components are named.
func (c *Config) words() (list [][2]string) {
	for _, w := range words {
		text := w.get(&c.Model)
		if text == "" {
			text = "as usual"
		}
		list = append(list, [2]string{w.name, text})
	}
	prefix := "empty"
	if n := len(c.Prefix); n > 0 {
		prefix = fmt.Sprintf("%d long, #%x", n, uint64(fp.New(0).String(fmt.Sprint(c.Prefix)).Done()))
	}
	return append(list, [2]string{"prefix", prefix}, [2]string{"reduce", c.Reduce.String()}, [2]string{"memo", fmt.Sprint(c.Memo)}, [2]string{"wide", fmt.Sprint(c.Wide)})
}

// save writes a checkpoint if one is due, or if it is the last. Nobody works
// meanwhile.
func (s *search) save(last bool) End {
	name := s.m.cfg.Checkpoint
	due := s.due.Swap(false)
	if name == "" || s.result.Violation != nil || !last && !due {
		return EndComplete
	}
	if err := s.write(name); err != nil {
		s.result.Err = fmt.Errorf("checkpoint %s could not be written, an older one of that name is as it was: %w", name, err)
		return EndDisk
	}
	return EndComplete
}

// write writes to a temporary sibling, which takes the file's name once it is whole.
func (s *search) write(name string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".tmp*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := newWordWriter(f)
	if err = s.writeTo(w); err != nil {
		return err
	}
	if err = w.finish(); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func (s *search) writeTo(w *wordWriter) error {
	build, err := thisBuild()
	if err != nil {
		return fmt.Errorf("this build does not know itself: %w", err)
	}
	r, level := &s.result, s.level[min(int(s.taken.Load()), len(s.level)):]
	c := checkpoint{Model: s.m.cfg.words(), Build: build, States: r.States + s.fresh, Transitions: r.Transitions, Depth: r.Depth, PerDepth: r.PerDepth, Seen: r.Seen,
		Size: s.size.Load(), Expanded: s.expanded.Load(), Fresh: s.fresh, Level: len(level), Next: len(s.next)}
	var keys [][]fp.Hash
	for _, t := range s.parts.tables() {
		keys = append(keys, t.keys())
		c.Keys = append(c.Keys, len(keys[len(keys)-1]))
	}
	for _, list := range s.recipes {
		c.RecipeWords += uint64(len(list))
	}
	head, err := json.Marshal(&c)
	if err != nil {
		return err
	}
	w.text(checkpointLine)
	w.word(uint32(len(head)))
	w.text(string(head))
	for _, list := range keys {
		for _, k := range list {
			w.long(uint64(k))
		}
	}
	for _, list := range s.recipes {
		w.words(list)
	}
	s.visited.each(func(near, far uint64) {
		w.long(near)
		if s.m.cfg.Wide {
			w.long(far)
		}
	})
	for _, list := range [][][]uint32{level, s.next} {
		for _, pack := range list {
			w.word(uint32(len(pack)))
			w.words(pack)
		}
	}
	return nil
}

// recipe notes the state and the choice that have just made new components.
func (k *worker) recipe(c sim.Choice) {
	k.made = 0
	if k.m.cfg.Checkpoint == "" {
		return
	}
	w := c.Word()
	k.recipes = k.m.encode(append(k.recipes, uint32(w), uint32(w>>32)), &k.from)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// wordWriter writes words, little end first, and sums them up. The first error
// stays and makes the rest idle.
type wordWriter struct {
	out *bufio.Writer
	sum hash.Hash32
	raw io.Writer
	n   uint64
	err error
	buf [8]byte
}

func newWordWriter(f io.Writer) *wordWriter {
	w := &wordWriter{sum: crc32.New(castagnoli), raw: f}
	w.out = bufio.NewWriterSize(io.MultiWriter(f, w.sum), 1<<20)
	return w
}

func (w *wordWriter) bytes(b []byte) {
	if w.err == nil {
		w.n += uint64(len(b))
		_, w.err = w.out.Write(b)
	}
}

func (w *wordWriter) text(s string) { w.bytes([]byte(s)) }

func (w *wordWriter) word(x uint32) {
	binary.LittleEndian.PutUint32(w.buf[:], x)
	w.bytes(w.buf[:4])
}

func (w *wordWriter) long(x uint64) {
	binary.LittleEndian.PutUint64(w.buf[:], x)
	w.bytes(w.buf[:])
}

func (w *wordWriter) words(list []uint32) {
	for _, x := range list {
		w.word(x)
	}
}

// finish writes the checksum, and how long all was, behind the rest.
func (w *wordWriter) finish() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return w.err
	}
	tail := binary.LittleEndian.AppendUint32(nil, w.sum.Sum32())
	tail = binary.LittleEndian.AppendUint64(tail, w.n)
	_, err := w.raw.Write(tail)
	return err
}
