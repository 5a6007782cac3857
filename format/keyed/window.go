package keyed

import (
	"errors"
	"io"

	"github.com/tarn-project/tarn/format/fault"
)

// window is the part of a stream that is in memory: unread bytes that can be made to hold as many as one entry needs. It
// grows only as bytes arrive, so that a length in the file costs no more memory than the file has bytes.
type window struct {
	src    io.Reader
	buf    []byte
	lo, hi int   // the unread bytes
	at     int64 // offset of buf[lo]
	eof    bool
}

const (
	windowSize = 256 << 10
	maxWindow  = 1 << 31 // Flink's own limit for keys and values is below
)

// reset starts at the beginning of src, whose first byte has the offset at.
func (w *window) reset(src io.Reader, at int64) {
	w.src, w.lo, w.hi, w.at, w.eof = src, 0, 0, at, false
}

func (w *window) bytes() []byte { return w.buf[w.lo:w.hi] }

// advance moves over n bytes of the window.
func (w *window) advance(n int) {
	w.lo += n
	w.at += int64(n)
}

// fill makes the window hold at least n bytes, or reports fault.ErrTruncated.
func (w *window) fill(n int) error {
	for w.hi-w.lo < n {
		if err := w.more(); err != nil {
			if err == io.EOF {
				return fault.New(fault.ErrTruncated, "%d bytes are left", w.hi-w.lo).WithExpected("%d", n)
			}
			return err
		}
	}
	return nil
}

// grow makes the window hold twice as much, and something at least. It reports false when the source has no more.
func (w *window) grow() (bool, error) {
	had := w.hi - w.lo
	for w.hi-w.lo < max(2*had, 1) {
		if err := w.more(); err != nil {
			return w.hi-w.lo > had, err
		}
	}
	return true, nil
}

// more reads at least one more byte into the window, or gives io.EOF at the end of the source.
func (w *window) more() error {
	if w.eof {
		return io.EOF
	}
	if w.lo > 0 && (w.lo == w.hi || w.hi == len(w.buf)) {
		w.hi = copy(w.buf, w.buf[w.lo:w.hi])
		w.lo = 0
	}
	if w.hi == len(w.buf) {
		if int64(len(w.buf)) >= maxWindow {
			return fault.New(fault.ErrUnsupported, "an entry of more than 2^31 bytes")
		}
		grown := make([]byte, max(windowSize, 2*len(w.buf)))
		copy(grown, w.buf[:w.hi])
		w.buf = grown
	}
	for range 100 {
		n, err := w.src.Read(w.buf[w.hi:])
		w.hi += n
		if n > 0 {
			return nil
		}
		if err != nil {
			w.eof = errors.Is(err, io.EOF)
			return err
		}
	}
	return io.ErrNoProgress
}

// shrink gives back a buffer that one huge entry made large.
func (w *window) shrink() {
	if len(w.buf) > 16*windowSize {
		w.buf = nil
	}
}

// section reads a range of bytes in order.
type section struct {
	src     io.ReaderAt
	at, end int64
}

// Read implements io.Reader.
func (s *section) Read(p []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	if int64(len(p)) > s.end-s.at {
		p = p[:s.end-s.at]
	}
	n, err := s.src.ReadAt(p, s.at)
	s.at += int64(n)
	if n > 0 {
		return n, nil
	}
	if err == nil || err == io.EOF {
		return 0, io.EOF // shorter than the handle says
	}
	return 0, err
}
