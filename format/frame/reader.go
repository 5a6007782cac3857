package frame

import (
	"encoding/binary"
	"io"

	"github.com/golang/snappy"

	"github.com/tarn-project/tarn/format/fault"
)

// windowSize is how much of the source a Reader holds at a time: a few of the longest chunks.
const windowSize = 256 << 10

// Unbounded is the size of a source that ends where it ends.
const Unbounded = -1

// Reader gives the uncompressed bytes of a stream as an io.Reader. It reads streams with and without an identifier at their
// start, and passes over identifiers between chunks, padding and other chunks that may be passed over.
//
// A Reader is made to be used again: Reset, ResetAt and ResetBytes keep its memory, and from then on reading allocates nothing. It
// never asks its source for bytes beyond the size it was given. After an error every call gives the same one. The zero value
// is an empty stream.
type Reader struct {
	// SkipChecksums leaves checksums unread, as Flink does. It may be changed at any time.
	SkipChecksums bool
	// Single makes a stream identifier that is not the first thing in the stream end it with io.EOF; Next goes on behind it.
	Single bool

	src  io.Reader
	at   io.ReaderAt
	left int64 // bytes of the source that are not in the window yet; Unbounded if unknown

	window []byte // own memory
	buf    []byte // bytes of the source at hand: a part of window, or what ResetBytes was given
	offset int64  // absolute offset of buf[0]

	block   []byte // own memory for one uncompressed block
	rest    []byte // what of block was not handed out yet
	chunk   int64  // absolute offset of the data chunk that was decoded last
	started bool   // a chunk of the current stream was seen
	err     error
}

// Reset makes the reader read a stream of size bytes, or Unbounded, that begins with the next byte of src. That byte's offset in its
// file is offset. With Unbounded the reader may take more from src than the stream has.
func (r *Reader) Reset(src io.Reader, offset, size int64) {
	r.reset(offset, size)
	r.src = src
}

// ResetAt makes the reader read a stream of size bytes that begins at offset of src.
func (r *Reader) ResetAt(src io.ReaderAt, offset, size int64) {
	r.reset(offset, size)
	r.at = src
}

// ResetBytes makes the reader read the stream b without copying it. The first byte stands at the absolute offset.
func (r *Reader) ResetBytes(b []byte, offset int64) {
	r.reset(offset, 0)
	r.buf = b
}

func (r *Reader) reset(offset, size int64) {
	r.src, r.at, r.left = nil, nil, size
	r.buf, r.offset = r.window[:0], offset
	r.rest, r.chunk, r.started, r.err = nil, offset, false, nil
}

// ChunkOffset is the absolute offset of the chunk that holds, or held, the byte that was read last: the place to name in an error
// about decoded content.
func (r *Reader) ChunkOffset() int64 { return r.chunk }

// Offset is the absolute offset of the first chunk that was not decoded yet. When Buffered is zero, nothing between this
// place and the last byte read holds data of the stream.
func (r *Reader) Offset() int64 { return r.offset }

// Buffered is the number of decoded bytes that were not read yet.
func (r *Reader) Buffered() int { return len(r.rest) }

// Read reads up to len(p) bytes of at most one chunk. A chunk that fits into p is decoded right there.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.rest) == 0 {
		n, err := r.DecodeInto(p)
		if n > 0 || (err != nil && err != io.ErrShortBuffer) {
			return n, err
		}
		if err == io.ErrShortBuffer {
			if err := r.decodeBlock(); err != nil {
				return 0, err
			}
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// DecodeInto decodes the next chunk of data straight into p and gives the number of bytes. If it does not fit, nothing is decoded
// and the error is io.ErrShortBuffer: a p of BlockSize bytes is always enough. Decoded bytes that Read left over come first.
// At the end of the stream the error is io.EOF.
func (r *Reader) DecodeInto(p []byte) (int, error) {
	if len(r.rest) > 0 {
		if len(r.rest) > len(p) {
			return 0, io.ErrShortBuffer
		}
		n := copy(p, r.rest)
		r.rest = nil
		return n, nil
	}
	c, err := r.peekData()
	if err != nil {
		return 0, err
	}
	if c.size > len(p) {
		return 0, io.ErrShortBuffer
	}
	return c.size, r.decode(c, p[:c.size])
}

// decodeBlock decodes the next chunk into the reader's own memory.
func (r *Reader) decodeBlock() error {
	c, err := r.peekData()
	if err != nil {
		return err
	}
	if r.block == nil {
		r.block = make([]byte, BlockSize)
	}
	if err := r.decode(c, r.block[:c.size]); err != nil {
		return err
	}
	r.rest = r.block[:c.size]
	return nil
}

// Next moves to the next stream of the same source: past what is left of the current one, unread and unchecked, up to the next
// stream identifier. At the end of the source the error is io.EOF.
func (r *Reader) Next() error {
	r.rest = nil
	if r.err != nil && r.err != io.EOF {
		return r.err
	}
	r.err = nil
	for {
		h, err := r.header()
		if err != nil {
			return err
		}
		if h.kind == kindIdentifier && r.started {
			r.started = false
			return nil
		}
		if err := r.pass(h); err != nil {
			return err
		}
	}
}

// chunkHead is the head of the chunk that begins at r.buf[0].
type chunkHead struct {
	kind   byte
	length int // without the four bytes of the head
}

// data is a whole data chunk at r.buf[0].
type data struct {
	kind byte
	sum  uint32
	body []byte
	size int // uncompressed
}

// peekData passes over everything up to the next data chunk that has content, and takes that apart.
func (r *Reader) peekData() (data, error) {
	for r.err == nil {
		h, err := r.header()
		if err != nil {
			return data{}, err
		}
		if h.kind == kindIdentifier && r.started && r.Single {
			return data{}, r.end()
		}
		if h.kind > kindStored {
			if err := r.pass(h); err != nil {
				return data{}, err
			}
			continue
		}
		c, err := r.parse(h)
		if err != nil || c.size > 0 {
			return c, err
		}
		if err := r.decode(c, nil); err != nil {
			return data{}, err
		}
	}
	return data{}, r.err
}

// header reads the head of the next chunk without moving. The error at the end of the source is io.EOF.
func (r *Reader) header() (chunkHead, error) {
	if r.err != nil {
		return chunkHead{}, r.err
	}
	if len(r.buf) < chunkHeader {
		if err := r.fill(chunkHeader); err != nil {
			return chunkHead{}, err
		}
		if len(r.buf) == 0 {
			return chunkHead{}, r.end()
		}
		if len(r.buf) < chunkHeader {
			return chunkHead{}, r.truncated(chunkHeader)
		}
	}
	b := r.buf
	return chunkHead{kind: b[0], length: int(b[1]) | int(b[2])<<8 | int(b[3])<<16}, nil
}

// pass moves over a whole chunk, of which only the identifier is looked at.
func (r *Reader) pass(h chunkHead) error {
	switch {
	case h.kind == kindIdentifier:
		if err := r.need(HeaderSize); err != nil {
			return err
		}
		if !IsHeader(r.buf) {
			return r.fail(fault.Corrupt(r.offset, "% x", r.buf[:HeaderSize]).WithExpected("% x", identifier))
		}
	case h.kind <= kindStored && (h.length < minData || h.length > maxData):
		return r.badLength(h)
	case h.kind > kindStored && h.kind < kindSkippable:
		return r.fail(fault.Corrupt(r.offset, "chunk of kind %#02x", h.kind).WithExpected("a chunk of the snappy framing format"))
	}
	r.started = true
	return r.discard(chunkHeader + h.length)
}

func (r *Reader) badLength(h chunkHead) error {
	return r.fail(fault.Corrupt(r.offset, "data chunk of %d bytes", h.length).WithExpected("%d to %d", minData, maxData))
}

// parse takes a data chunk apart.
func (r *Reader) parse(h chunkHead) (data, error) {
	if h.length < minData || h.length > maxData {
		return data{}, r.badLength(h)
	}
	if err := r.need(chunkHeader + h.length); err != nil {
		return data{}, err
	}
	b := r.buf[chunkHeader : chunkHeader+h.length]
	c := data{kind: h.kind, sum: binary.LittleEndian.Uint32(b), body: b[checksumSize:]}
	c.size = len(c.body)
	if c.kind == kindCompressed {
		n, err := snappy.DecodedLen(c.body)
		if err != nil {
			return data{}, r.fail(fault.Corrupt(r.offset, "compressed block without a length"))
		}
		c.size = n
	}
	if c.size > BlockSize {
		return data{}, r.fail(fault.Corrupt(r.offset, "block of %d uncompressed bytes", c.size).WithExpected("at most %d", BlockSize))
	}
	return c, nil
}

// decode gives the content of c, which is the chunk at r.buf[0], in p, which has just its size, and moves past the chunk.
func (r *Reader) decode(c data, p []byte) error {
	r.chunk = r.offset
	if c.kind == kindStored {
		copy(p, c.body)
	} else if _, err := snappy.Decode(p, c.body); err != nil {
		return r.fail(fault.Corrupt(r.offset, "compressed block that cannot be decoded"))
	}
	if !r.SkipChecksums {
		if sum := checksum(p); sum != c.sum {
			return r.fail(fault.Corrupt(r.offset, "content with checksum %08x", sum).WithExpected("%08x, as the chunk says", c.sum).
				WithHint("Flink does not check this: it would restore the damaged data"))
		}
	}
	r.started = true
	r.advance(chunkHeader + checksumSize + len(c.body))
	return nil
}

func (r *Reader) advance(n int) {
	r.buf = r.buf[n:]
	r.offset += int64(n)
}

// discard moves over n bytes, which need not fit into the window.
func (r *Reader) discard(n int) error {
	for n > len(r.buf) {
		n -= len(r.buf)
		r.advance(len(r.buf))
		if err := r.need(1); err != nil {
			return err
		}
	}
	r.advance(n)
	return nil
}

// need makes sure that n bytes are at hand.
func (r *Reader) need(n int) error {
	if len(r.buf) >= n {
		return nil
	}
	if err := r.fill(n); err != nil {
		return err
	}
	if len(r.buf) < n {
		return r.truncated(n)
	}
	return nil
}

// fill reads on until n bytes are at hand or the source ends.
func (r *Reader) fill(n int) error {
	if r.left == 0 || (r.src == nil && r.at == nil) {
		return nil
	}
	r.makeRoom(n)
	for len(r.buf) < n && r.left != 0 {
		room := r.buf[len(r.buf):cap(r.buf)]
		if r.left > 0 && int64(len(room)) > r.left {
			room = room[:r.left]
		}
		got, err := r.readSource(room)
		r.buf = r.buf[:len(r.buf)+got]
		if r.left > 0 {
			r.left -= int64(got)
		}
		if err == io.EOF && r.left > 0 {
			return r.fail(fault.New(fault.ErrTruncated, "the source ends at byte %d", r.offset+int64(len(r.buf))).
				WithExpected("%d bytes more", r.left))
		}
		if err == io.EOF {
			r.left = 0
		} else if err != nil {
			r.err = err
			return err
		}
	}
	return nil
}

// makeRoom moves what is at hand to the start of the window, which is made on first use and never larger than the stream.
func (r *Reader) makeRoom(n int) {
	size := int64(windowSize)
	if r.left > 0 {
		size = min(size, int64(len(r.buf))+r.left)
	}
	if int64(cap(r.window)) < max(size, int64(n)) {
		old := r.buf
		r.window = make([]byte, max(size, int64(n)))
		r.buf = r.window[:copy(r.window, old)]
		return
	}
	w := r.window[:cap(r.window)]
	r.buf = w[:copy(w, r.buf)]
}

// maxIdle is how many times in a row a source may give nothing before it counts as broken.
const maxIdle = 100

func (r *Reader) readSource(p []byte) (int, error) {
	if r.at != nil {
		n, err := r.at.ReadAt(p, r.offset+int64(len(r.buf)))
		if n == len(p) {
			err = nil
		}
		return n, err
	}
	for range maxIdle {
		if n, err := r.src.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

func (r *Reader) truncated(n int) error {
	e := fault.New(fault.ErrTruncated, "%d bytes are left", len(r.buf)).WithExpected("a chunk of %d", n)
	e.Offset = r.offset
	return r.fail(e)
}

func (r *Reader) end() error {
	r.err = io.EOF
	return r.err
}

func (r *Reader) fail(e *fault.Error) error {
	if e.Offset < 0 {
		e.Offset = r.offset
	}
	e.Field = "snappy stream"
	r.err = e
	return r.err
}
