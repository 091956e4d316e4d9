package trace

import "io"

// flushSize is how much text waits before it is written, in bytes.
const flushSize = 32 << 10

// output is a buffer in front of a writer. Lines are appended to buf.
type output struct {
	w   io.Writer
	buf []byte
	err error // the first of the writer; from then on all is dropped
}

func newOutput(w io.Writer) output {
	return output{w: w, buf: make([]byte, 0, flushSize+1024)}
}

// lineDone ends a line and writes the buffer if it is full.
func (o *output) lineDone() {
	o.buf = append(o.buf, '\n')
	if len(o.buf) >= flushSize {
		o.flush()
	}
}

func (o *output) flush() error {
	if o.err == nil && len(o.buf) > 0 {
		_, o.err = o.w.Write(o.buf)
	}
	o.buf = o.buf[:0]
	return o.err
}

const hexDigits = "0123456789abcdef"

// appendHex appends 16 digits.
func appendHex(dst []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}
