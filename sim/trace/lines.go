package trace

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// lines reads a text line by line, however long they are.
type lines struct {
	r      *bufio.Reader
	buf    []byte
	number int // of the line read last, from 1
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line without its end, or io.EOF. The line is good until
// the next call.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(l.buf) > 0: // the last line has no end
		case err != nil:
			return nil, err
		}
		l.number++
		return bytes.TrimSuffix(l.buf, []byte("\n")), nil
	}
}

// EndOfTrace stands for the line that Compare misses where one text is over.
const EndOfTrace = "(end of trace)"

// Compare finds the first line in which two texts differ, counted from 1, and
// returns it from both. Line 0 means that they are equal. It reads no further
// than it must, so traces of any length are no burden.
func Compare(a, b io.Reader) (line int, lineA, lineB string, err error) {
	la, lb := newLines(a), newLines(b)
	for {
		textA, errA := la.next()
		textB, errB := lb.next()
		if err := failure(errA, errB); err != nil {
			return 0, "", "", err
		}
		if errA == io.EOF && errB == io.EOF {
			return 0, "", "", nil
		}
		if errA != errB || !bytes.Equal(textA, textB) {
			return max(la.number, lb.number), orEnd(textA, errA), orEnd(textB, errB), nil
		}
	}
}

// failure returns the first error that is not the end of a text.
func failure(errs ...error) error {
	for _, err := range errs {
		if err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

func orEnd(text []byte, err error) string {
	if err == io.EOF {
		return EndOfTrace
	}
	return string(text)
}
