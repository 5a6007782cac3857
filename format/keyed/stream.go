package keyed

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
)

// Layout is how a stream holds its entries.
type Layout uint8

// The layouts.
const (
	Canonical Layout = iota
	Heap
)

// String gives "canonical" or "heap".
func (l Layout) String() string {
	if l == Heap {
		return "heap"
	}
	return "canonical"
}

// Handle is what a keyed handle says about its stream.
type Handle struct {
	Range          keygroup.Range
	Offsets        []int64 // of each key group, from the start of the stream
	MaxParallelism int     // of the operator
	Savepoint      bool    // the handle is of a kind that is always canonical
}

// Stream is an opened keyed stream. It is safe for concurrent use; reading entries takes a Scanner for each goroutine.
type Stream struct {
	Header *Header
	States []State
	Layout Layout
	// HeaderLen is the number of bytes of the header.
	HeaderLen int64

	h    Handle
	src  io.ReaderAt
	size int64
	ends []int64 // where each key group ends
}

// Open reads the header of a stream of size bytes. After an error the stream, if not nil, still has the states that could be read
// and can be scanned: unnamed states are skipped.
func Open(src io.ReaderAt, size int64, h Handle, reg *serde.Registry) (*Stream, error) {
	if h.Range.Len() != len(h.Offsets) {
		return nil, fault.New(fault.ErrCorrupt, "%d key-group offsets", len(h.Offsets)).WithExpected("%d", h.Range.Len())
	}
	s := &Stream{h: h, src: src, size: size}
	if err := s.bounds(); err != nil {
		return nil, err
	}
	if err := s.readHeader(reg); err != nil {
		return nil, err
	}
	var err error
	if s.Layout, err = s.detect(); err != nil {
		return nil, err
	}
	return s, nil
}

// bounds finds the header's end and each key group's: the next larger offset of any.
func (s *Stream) bounds() error {
	sorted := make([]int64, 0, len(s.h.Offsets)+1)
	for i, o := range s.h.Offsets {
		if o < 0 || o > s.size {
			return fault.Corrupt(o, "key group %d begins here, the stream has %d bytes", s.h.Range.First+i, s.size)
		}
		if o > 0 {
			sorted = append(sorted, o)
		}
	}
	sorted = append(sorted, s.size)
	slices.Sort(sorted)
	s.HeaderLen = sorted[0]
	s.ends = make([]int64, len(s.h.Offsets))
	for i, o := range s.h.Offsets {
		j, _ := slices.BinarySearch(sorted, o+1)
		if o > 0 {
			s.ends[i] = sorted[min(j, len(sorted)-1)]
		}
	}
	return nil
}

// maxHeader bounds a header: names and types, never data.
const maxHeader = 256 << 20

func (s *Stream) readHeader(reg *serde.Registry) error {
	if s.HeaderLen > maxHeader {
		return fault.Corrupt(0, "a header of %d bytes", s.HeaderLen)
	}
	b, err := readSection(s.src, 0, s.HeaderLen)
	if err != nil {
		return err
	}
	c := serde.NewContext(reg)
	if s.Header, err = ReadHeader(c, b, 0); err != nil {
		return err
	}
	s.States, err = s.Header.Compile(c.Families)
	return err
}

// readSection reads n bytes, growing as they arrive.
func readSection(src io.ReaderAt, at, n int64) ([]byte, error) {
	var b bytes.Buffer
	got, err := b.ReadFrom(io.NewSectionReader(src, at, n))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if got < n {
		e := fault.New(fault.ErrTruncated, "the file ends here").WithExpected("%d bytes", n)
		e.Offset = at + got
		return nil, e
	}
	return b.Bytes(), nil
}

// Range is the key groups that the stream holds.
func (s *Stream) Range() keygroup.Range { return s.h.Range }

// Size is the number of bytes that a key group takes in the stream, compressed as it may be.
func (s *Stream) Size(group int) int64 {
	if !s.h.Range.Contains(group) {
		return 0
	}
	if i := group - s.h.Range.First; s.h.Offsets[i] > 0 {
		return s.ends[i] - s.h.Offsets[i]
	}
	return 0
}

// extent gives where a key group lies; ok is false if it has no bytes.
func (s *Stream) extent(group int) (at, end int64, ok bool) {
	i := group - s.h.Range.First
	if !s.h.Range.Contains(group) || s.h.Offsets[i] == 0 {
		return 0, 0, false
	}
	return s.h.Offsets[i], s.ends[i], true
}
