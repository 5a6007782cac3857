package opstate

import (
	"errors"
	"io"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
)

// cursor reads the content of one state piece by piece. It holds the piece at hand and what was read ahead; it grows with the
// bytes that really arrive.
type cursor struct {
	src    io.Reader
	frames *frame.Reader // src, when the state is compressed
	offset int64         // of the bytes at hand in the content: when not compressed, in the stream
	buf    []byte        // memory
	at     int           // buf[at:end] is at hand
	end    int
	eof    bool
	r      binio.Reader
}

const firstBuffer = 64 << 10

// open gives a cursor over the bytes of the stream from one offset to another.
func (s *Stream) open(from, to int64) *cursor {
	c := &cursor{offset: from, buf: make([]byte, min(firstBuffer, to-from))}
	if s.Header != nil && s.Header.Compressed {
		c.frames = new(frame.Reader)
		c.frames.ResetAt(s.src, from, to-from)
		c.src = c.frames
		c.buf = make([]byte, firstBuffer)
		return c
	}
	c.src = &exactly{io.NewSectionReader(s.src, from, to-from), from, to - from}
	return c
}

// exactly makes the early end of a source an error.
type exactly struct {
	src  io.Reader
	at   int64
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.src.Read(p)
	e.at += int64(n)
	e.left -= int64(n)
	if errors.Is(err, io.EOF) && e.left > 0 {
		err = short(e.at, e.left)
	}
	return n, err
}

// more reads on. At the end it sets eof.
func (c *cursor) more() error {
	if c.at > 0 && c.at+len(c.buf)/2 >= len(c.buf) || c.at == c.end {
		c.end = copy(c.buf, c.buf[c.at:c.end])
		c.at = 0
	}
	if c.end == len(c.buf) {
		grown := make([]byte, 2*len(c.buf)+512)
		c.end = copy(grown, c.buf[c.at:c.end])
		c.at, c.buf = 0, grown
	}
	n, err := c.src.Read(c.buf[c.end:])
	c.end += n
	if err == io.EOF {
		c.eof = true
		return nil
	}
	return err
}

// next reads one piece with read, which is called again from the start whenever more bytes are needed, and gives its bytes.
// They are valid until the next call.
func (c *cursor) next(read func(r *binio.Reader)) ([]byte, error) {
	for {
		c.r.Reset(c.buf[c.at:c.end], c.offset)
		read(&c.r)
		err := c.r.Err()
		if err == nil {
			return c.take(c.r.Pos()), nil
		}
		if c.eof || !errors.Is(err, fault.ErrTruncated) {
			return nil, c.place(err)
		}
		// twice as much each time, so that a long piece is not read again for every chunk of it
		if err := c.atLeast(2*int64(c.end-c.at) + 1); err != nil {
			return nil, err
		}
	}
}

// atLeast reads on until n bytes are at hand or the content ends.
func (c *cursor) atLeast(n int64) error {
	for int64(c.end-c.at) < n && !c.eof {
		if err := c.more(); err != nil {
			return err
		}
	}
	return nil
}

// bytes gives the next n bytes.
func (c *cursor) bytes(n int64) ([]byte, error) {
	if err := c.atLeast(n); err != nil {
		return nil, err
	}
	if int64(c.end-c.at) < n {
		return nil, short(c.offset+int64(c.end-c.at), n-int64(c.end-c.at))
	}
	return c.take(int(n)), nil
}

// all gives everything up to the end.
func (c *cursor) all() ([]byte, error) {
	if err := c.atLeast(math.MaxInt64); err != nil {
		return nil, err
	}
	return c.take(c.end - c.at), nil
}

// chunks gives the content of the chunks up to an offset where one begins.
func (c *cursor) chunks(end int64) ([]byte, error) {
	for !c.eof && (c.frames.Offset() < end || c.frames.Buffered() > 0) {
		if err := c.more(); err != nil { // reads of one chunk at most
			return nil, err
		}
	}
	return c.take(c.end - c.at), nil
}

func (c *cursor) take(n int) []byte {
	b := c.buf[c.at : c.at+n : c.at+n]
	c.at += n
	c.offset += int64(n)
	return b
}

// done refuses content behind the last piece.
func (c *cursor) done() error {
	if err := c.atLeast(1); err != nil {
		return err
	}
	if c.at < c.end {
		return c.place(fault.Corrupt(c.offset, "bytes behind the last element").WithExpected("the next state or the end"))
	}
	return nil
}

// place moves the offset of an error inside compressed content to the chunk that was read last.
func (c *cursor) place(err error) error {
	var e *fault.Error
	if c.frames == nil || !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Offset = c.frames.ChunkOffset()
	return &moved
}
