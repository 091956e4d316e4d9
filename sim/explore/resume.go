package explore

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"
	"zabsim/sim"

	"zabsim/internal/fp"
)

var (
	errForeign = errors.New("it is no checkpoint of this version of zabsim")
	errCut     = errors.New("it is shorter than it was written: its end is missing")
	errDamaged = errors.New("it is damaged: its content is not what was written")
)

// readCheckpoint checks a file as a whole and reads its header. It says what does
// not fit the search that is to go on.
func readCheckpoint(name string, cfg Config) (c *checkpoint, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err = checkWhole(f); err != nil {
		return nil, err
	}
	r := &wordReader{in: bufio.NewReaderSize(f, 1<<20), file: f}
	r.bytes(len(checkpointLine))
	head := r.bytes(int(r.word()))
	if r.err != nil {
		return nil, errDamaged
	}
	c = &checkpoint{body: r}
	if err = json.Unmarshal(head, c); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	build, err := thisBuild()
	if err != nil {
		return nil, fmt.Errorf("this build does not know itself: %w", err)
	}
	return c, c.fits(cfg.words(), build)
}

// checkWhole compares the file's checksum, and leaves the file at its start.
func checkWhole(f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return errForeign
	}
	line := make([]byte, len(checkpointLine))
	if _, err := io.ReadFull(f, line); err != nil || string(line) != checkpointLine {
		return errForeign
	}
	n := st.Size() - checkpointTail
	if n < int64(len(line)) {
		return errCut
	}
	tail := make([]byte, checkpointTail)
	if _, err := f.ReadAt(tail, n); err != nil {
		return err
	}
	if binary.LittleEndian.Uint64(tail[4:]) != uint64(n) {
		return errCut
	}
	sum := crc32.New(castagnoli)
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, n)); err != nil {
		return err
	}
	if sum.Sum32() != binary.LittleEndian.Uint32(tail) {
		return errDamaged
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// fits tells what keeps a search from going on here. The model comes first: it is
// what people get wrong.
func (c *checkpoint) fits(model [][2]string, build buildID) error {
	var differ []string
	for _, w := range model {
		i := slices.IndexFunc(c.Model, func(x [2]string) bool { return x[0] == w[0] })
		switch {
		case i < 0:
			differ = append(differ, fmt.Sprintf("%s is unknown there, %s here", w[0], w[1]))
		case c.Model[i] != w:
			differ = append(differ, fmt.Sprintf("%s is %s there, %s here", w[0], c.Model[i][1], w[1]))
		}
	}
	switch {
	case len(differ) > 0:
		return fmt.Errorf("it is of another search: %s; ask for the same model, or begin anew", strings.Join(differ, ", "))
	case c.Build != build:
		return fmt.Errorf("it was written by another build (%v, this is %v): go on with that one, or begin anew", c.Build, build)
	}
	return nil
}

// String names a build in a few words.
func (b buildID) String() string {
	text := "program " + b.Program[:min(12, len(b.Program))]
	if b.Revision != "" {
		text += ", revision " + b.Revision[:min(12, len(b.Revision))]
	}
	if b.Modified {
		text += " with changes"
	}
	return text
}

// resume brings the search to where a checkpoint left it. Every number is checked
// against another: what is wrong here was not found by the checksum, so it is a
// mistake of this program and no accident of the disk.
func (s *search) resume(c *checkpoint) error {
	r := c.body
	defer r.file.Close()
	tables := s.parts.tables()
	if len(c.Keys) != len(tables) {
		return errDamaged
	}
	for i, t := range tables {
		keys := make([]fp.Hash, c.Keys[i])
		for j := range keys {
			keys[j] = fp.Hash(r.long())
		}
		t.reserve(keys)
	}
	w, start := s.m.start()
	s.workers[0].intern(w, &start.Ghost)
	if err := s.remake(r.words(c.RecipeWords)); err != nil {
		return err
	}
	for i, t := range tables {
		if !t.release() {
			return fmt.Errorf("%w: components of kind %d did not come out the same when they were made again", errDamaged, i)
		}
	}
	for range c.States {
		p := finger{near: fp.Hash(r.long())}
		if s.m.cfg.Wide {
			p.far = fp.Hash(r.long())
		}
		if r.err != nil || !s.visited.insert(p) {
			return errDamaged
		}
	}
	for i := range c.Level + c.Next {
		pack := append(s.packs.get(), r.words(uint64(r.word()))...)
		if len(pack) == 0 || !s.known(pack) {
			return errDamaged
		}
		if i < c.Level {
			s.level = append(s.level, pack)
		} else {
			s.next = append(s.next, pack)
		}
	}
	if r.err != nil {
		return errDamaged
	}
	s.result.States, s.result.Transitions, s.result.Depth = c.States-c.Fresh, c.Transitions, c.Depth
	s.result.PerDepth, s.result.Seen, s.fresh = c.PerDepth, c.Seen, c.Fresh
	s.size.Store(c.Size)
	s.expanded.Store(c.Expanded)
	s.found.Store(c.States)
	s.moves.Store(c.Transitions)
	s.before.Store(c.States - c.Fresh)
	s.depth.Store(int64(c.Depth))
	return nil
}

// remake makes all components anew: each recipe is a choice and the state in which
// it was made.
func (s *search) remake(recipes []uint32) error {
	k := s.workers[0]
	if s.m.cfg.Checkpoint != "" && len(recipes) > 0 {
		s.recipes = [][]uint32{recipes}
	}
	for rest := recipes; len(rest) > 0; {
		c := sim.ChoiceOf(uint64(rest[0]) | uint64(rest[1])<<32)
		rest = k.load(rest[2:])
		k.choices = append(k.choices[:0], c)
		k.lookUp()
		k.find(c, k.keys[0])
		k.take()
		k.judge(c)
		k.back()
		if k.applied {
			k.undo()
		}
		if k.violation != nil {
			return fmt.Errorf("%w: it holds a violation that was not one", errDamaged)
		}
	}
	k.made = 0
	return nil
}

// known tells whether the first state of a pack has the fingerprint that its
// components give, and is in the visited set.
func (s *search) known(pack []uint32) bool {
	k := s.workers[0]
	k.load(pack)
	return name(&k.world, k.p.ghosts.get(k.from.ghost).item.ghost) == k.from.sum.Hash() && !s.visited.insert(s.m.finger(&k.from))
}

// wordReader reads what a wordWriter wrote.
type wordReader struct {
	in   *bufio.Reader
	file *os.File
	err  error
	buf  [8]byte
}

func (r *wordReader) bytes(n int) []byte {
	b := make([]byte, n)
	if r.err == nil {
		_, r.err = io.ReadFull(r.in, b)
	}
	return b
}

func (r *wordReader) word() uint32 {
	if r.err == nil {
		_, r.err = io.ReadFull(r.in, r.buf[:4])
	}
	return binary.LittleEndian.Uint32(r.buf[:])
}

func (r *wordReader) long() uint64 {
	if r.err == nil {
		_, r.err = io.ReadFull(r.in, r.buf[:])
	}
	return binary.LittleEndian.Uint64(r.buf[:])
}

func (r *wordReader) words(n uint64) []uint32 {
	list := make([]uint32, 0, min(n, 1<<20))
	for i := uint64(0); i < n && r.err == nil; i++ {
		list = append(list, r.word())
	}
	return list
}
