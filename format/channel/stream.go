package channel

import (
	"bytes"
	"errors"
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

const (
	version = 0
	// HeaderSize is the number of bytes of a stream's header, and of a block's length field.
	HeaderSize = 4
)

// Stream is an opened stream of channel state. It is safe for concurrent use.
type Stream struct {
	src  io.ReaderAt
	size int64
}

// Open reads the header of a stream of size bytes.
func Open(src io.ReaderAt, size int64) (*Stream, error) {
	s := &Stream{src: src, size: size}
	v, err := s.i4(0, "version")
	if err != nil {
		return nil, err
	}
	if v != version {
		return nil, fault.Unsupported(0, "channel state of version %d", v).WithExpected("%d", version)
	}
	return s, nil
}

// Block is one block with the place of its length field.
type Block struct {
	Offset int64
	Data   []byte // valid until the next block
}

// Each calls yield with the blocks at the given offsets, those of one channel, until it returns false. length is what the handle
// says of their size, or negative if nothing does: it must be that of the blocks with their length fields, and may count the
// header, as inline handles do.
func (s *Stream) Each(offsets []int64, length int64, yield func(Block) bool) error {
	var buf bytes.Buffer
	total := int64(0)
	for _, at := range offsets {
		b, err := s.block(at, &buf)
		if err != nil {
			return err
		}
		total += HeaderSize + int64(len(b.Data))
		if !yield(b) {
			return nil
		}
	}
	if length >= 0 && total != length && total+HeaderSize != length {
		e := fault.New(fault.ErrCorrupt, "blocks of %d bytes", total).WithExpected("%d, as the handle says", length)
		if len(offsets) > 0 {
			e.Offset = offsets[0]
		}
		return e
	}
	return nil
}

// All calls yield with all blocks of the stream, whatever channel they belong to, until it returns false. They fill the stream.
func (s *Stream) All(yield func(Block) bool) error {
	var buf bytes.Buffer
	for at := int64(HeaderSize); at < s.size; {
		b, err := s.block(at, &buf)
		if err != nil {
			return err
		}
		if !yield(b) {
			return nil
		}
		at += HeaderSize + int64(len(b.Data))
	}
	return nil
}

// Content joins the blocks of one channel. It is nil when they are empty.
func (s *Stream) Content(offsets []int64, length int64) ([]byte, error) {
	var all []byte
	err := s.Each(offsets, length, func(b Block) bool {
		all = append(all, b.Data...)
		return true
	})
	return all, err
}

func (s *Stream) block(at int64, buf *bytes.Buffer) (Block, error) {
	if at < HeaderSize || at > s.size {
		return Block{}, fault.Corrupt(fault.NoPlace, "block at byte %d", at).WithExpected("%d to %d", HeaderSize, s.size)
	}
	n, err := s.i4(at, "block length")
	if err != nil {
		return Block{}, err
	}
	left := s.size - at - HeaderSize
	if n < 0 {
		return Block{}, located(fault.New(fault.ErrCorrupt, "length %d", n), at, "block length")
	}
	if int64(n) > left {
		return Block{}, located(fault.New(fault.ErrTruncated, "length %d with %d bytes left", n, left), at, "block length")
	}
	buf.Reset()
	got, err := buf.ReadFrom(io.NewSectionReader(s.src, at+HeaderSize, int64(n)))
	if err == nil && got < int64(n) {
		err = located(fault.New(fault.ErrTruncated, "the source ends here").WithExpected("%d bytes more", int64(n)-got), at+HeaderSize+got, "block")
	}
	return Block{Offset: at, Data: buf.Bytes()}, err
}

// i4 reads a number.
func (s *Stream) i4(at int64, field string) (int32, error) {
	var b [HeaderSize]byte
	n, err := s.src.ReadAt(b[:min(int64(len(b)), max(0, s.size-at))], at)
	if n == len(b) {
		return binio.NewReader(b[:], at).I32(), nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = located(fault.New(fault.ErrTruncated, "%d bytes are left", n).WithExpected("%d", len(b)), at, field)
	}
	return 0, err
}

// located sets place and field of an error.
func located(e *fault.Error, at int64, field string) error {
	e.Offset, e.Field = at, field
	return e
}

// Walk reads a whole stream field by field, for annotated dumps.
func Walk(r *binio.Reader) {
	r.Section("channel state")
	defer r.EndSection()
	r.Field("version").Expect(version)
	for r.Err() == nil && r.Len() > 0 {
		n := r.Field("block length").Length()
		r.Field("block").Bytes(n)
	}
}

// AppendHeader appends a stream's header.
func AppendHeader(dst []byte) []byte { return binio.AppendI32(dst, version) }

// AppendBlock appends a block. Its offset in a handle is the place where it is appended.
func AppendBlock(dst, data []byte) []byte {
	return append(binio.AppendI32(dst, int32(len(data))), data...)
}
