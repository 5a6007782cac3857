package rocks

import (
	"encoding/binary"
	"errors"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
)

const (
	defaultReadAhead = 256 << 10
	firstReadAhead   = 16 << 10 // after a seek; doubled with every read

	partitionReadAhead = 64 << 10 // partitions of an index lie side by side
)

// blockReader reads blocks of one table through a window on its file. Each scan has its own.
type blockReader struct {
	t      *Table
	win    []byte // file bytes from winOff on
	winOff int64
	out    []byte // plain content of a compressed block
	dec    decompressor
}

var blockReaders = sync.Pool{New: func() any { return new(blockReader) }}

func newBlockReader(t *Table) *blockReader {
	r := blockReaders.Get().(*blockReader)
	r.t, r.win, r.winOff = t, r.win[:0], 0
	return r
}

// release gives the reader's memory back. What it read must not be used any more.
func (r *blockReader) release() {
	const keep = 4 << 20 // an unusually large block is not kept for ever
	if cap(r.win) > keep {
		r.win = nil
	}
	if cap(r.out) > keep {
		r.out = nil
	}
	r.t = nil
	blockReaders.Put(r)
}

// bytes gives n bytes at an offset, from the window or after reading at least ahead bytes into it.
func (r *blockReader) bytes(off int64, n, ahead int) ([]byte, error) {
	at := off - r.winOff
	if at >= 0 && at+int64(n) <= int64(len(r.win)) {
		return r.win[at : at+int64(n)], nil
	}
	size := int(min(int64(max(n, ahead)), r.t.size-off)) // off+n <= t.size was checked
	r.win = grow(r.win[:0], size)
	r.winOff = off
	if err := readFull(r.t.f, r.t.name, r.win, off); err != nil {
		r.win = r.win[:0]
		return nil, err
	}
	return r.win[:n], nil
}

// read gives the plain content of a block, valid until the next read.
func (r *blockReader) read(h Handle, ahead int, what string, dict []byte) ([]byte, error) {
	stored, err := r.stored(h, ahead, what)
	if err != nil {
		return nil, err
	}
	n := len(stored) - 1
	c := Compression(stored[n])
	if c == CompressionNone {
		return stored[:n:n], nil
	}
	plain, err := r.dec.decompress(r.out[:cap(r.out)], stored[:n], c, r.t.Footer.FormatVersion, dict)
	if err != nil {
		return nil, r.t.decompressError(err, h, c, what)
	}
	r.out = plain
	return plain, nil
}

// stored gives a block as it stands in the file with its compression type, its checksum verified.
func (r *blockReader) stored(h Handle, ahead int, what string) ([]byte, error) {
	if !h.inside(r.t.Footer.offset) {
		e := r.t.errorAt(fault.ErrCorrupt, Handle{Offset: min(h.Offset, 1<<62)}, what, "a handle to bytes %d+%d", h.Offset, h.Size)
		return nil, e.WithExpected("a block that ends before the footer at byte %d", r.t.Footer.offset)
	}
	n := int(h.Size) + 1
	b, err := r.bytes(int64(h.Offset), n+4, ahead)
	if err != nil {
		return nil, r.t.place(err, h, what)
	}
	if !r.t.verify || r.t.Footer.Checksum == ChecksumNone {
		return b[:n], nil
	}
	sum := binary.LittleEndian.Uint32(b[n:])
	computed := r.t.sum(b[:n], h)
	if sum != computed {
		e := r.t.errorAt(fault.ErrCorrupt, h, what, "%s checksum %08x", r.t.Footer.Checksum, computed)
		return b[:n], e.WithExpected("%08x, as stored", sum)
	}
	return b[:n], nil
}

// sum is the checksum that a stored block, with its compression type, should have.
func (t *Table) sum(stored []byte, h Handle) uint32 {
	return blockSum(t.Footer.Checksum, stored) + contextSum(t.Footer.Context, int64(h.Offset))
}

func (t *Table) errorAt(kind error, h Handle, what, format string, args ...any) *fault.Error {
	e := fault.New(kind, format, args...)
	e.File, e.Offset, e.Field = t.name, int64(h.Offset), what
	return e
}

// place adds file, block and field to an error from further in.
func (t *Table) place(err error, h Handle, what string) error {
	var inner *fault.Error
	if !errors.As(err, &inner) {
		return &fault.Error{Kind: fault.ErrCorrupt, File: t.name, Offset: int64(h.Offset), Subtask: fault.NoPlace, KeyGroup: fault.NoPlace, Field: what, Err: err}
	}
	e := *inner
	e.File, e.Offset, e.Field = t.name, int64(h.Offset), what
	return &e
}

func (t *Table) decompressError(err error, h Handle, c Compression, what string) error {
	if fault.KindOf(err) != nil {
		return t.place(err, h, what)
	}
	e := t.errorAt(fault.ErrCorrupt, h, what, "%s data that cannot be decompressed", c)
	e.Err = err
	return e
}
