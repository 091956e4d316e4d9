package runfolder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Folder is a run that was written before. Its files are opened one by one, since
// most questions need one or two of them.
type Folder struct {
	Path string // as found, links of the name itself resolved
	Run  *Run
}

// Open finds the run folder that path means: the folder itself, a file or folder
// inside it, or runs/latest, be it a link or a file.
func Open(path string) (*Folder, error) {
	dir, err := resolve(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(dir, RunFile))
	if err != nil {
		return nil, fmt.Errorf("run folder: open %q: %w", path, err)
	}
	defer f.Close()
	run, err := Decode(f)
	if err != nil {
		return nil, fmt.Errorf("run folder: open %q: %w", path, err)
	}
	return &Folder{Path: dir, Run: run}, nil
}

// depthMax is how far above a file its run folder may be: plots/latency.svg is one
// below it. It also ends a chain of "latest" files that point at each other.
const depthMax = 3

// resolve returns the nearest folder that holds a run.json, at path or above it.
func resolve(path string) (string, error) {
	at := path
	for range depthMax {
		if target, ok := followLatest(at); ok {
			at = target
		}
		info, err := os.Stat(at)
		if err != nil {
			return "", fmt.Errorf("run folder: open %q: %w; want a folder that holds %s, a file in one, or %s",
				path, err, RunFile, filepath.Join("runs", Latest))
		}
		if info.IsDir() {
			if holds(at, RunFile) {
				return at, nil
			}
			if holds(at, StoryFile) {
				return "", fmt.Errorf("run folder: %q holds the path of a search and no run: %s tells it, and zabsim replay plays it again",
					path, filepath.Join(at, StoryFile))
			}
		}
		at = filepath.Dir(at)
	}
	return "", fmt.Errorf("run folder: %q is no run: neither it nor what is above it holds a %s; want something like %s",
		path, RunFile, filepath.Join("runs", "leader-crash", "7-8f31c0de"))
}

// followLatest returns what a path called "latest" stands for.
func followLatest(path string) (string, bool) {
	if filepath.Base(path) != Latest {
		return "", false
	}
	if target, err := os.Readlink(path); err == nil {
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		return target, true
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 4096 {
		return "", false
	}
	text, err := os.ReadFile(path)
	target := filepath.FromSlash(strings.TrimSpace(string(text)))
	if err != nil || !filepath.IsLocal(target) {
		return "", false
	}
	return filepath.Join(filepath.Dir(path), target), true
}

// File opens a file of the run for reading. A name that ends in ".zst" is
// decompressed. A file that the run does not have gives an error that
// errors.Is fs.ErrNotExist.
func (f *Folder) File(name string) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(f.Path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("run folder: %s has no %s: %w", f.Path, name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	if !strings.HasSuffix(name, ".zst") {
		return file, nil
	}
	dec, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("run folder: %s: %w", name, err), file.Close())
	}
	return &unpacked{Decoder: dec, file: file}, nil
}

// unpacked is a compressed file that is being read.
type unpacked struct {
	*zstd.Decoder
	file *os.File
}

func (u *unpacked) Close() error {
	u.Decoder.Close()
	return u.file.Close()
}
