package keyed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
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

	h       Handle
	src     io.ReaderAt
	size    int64
	ends    []int64 // where each key group ends
	numbers int     // the states have numbers below this one
	others  []State // the states in another reading of their serializers, if there is one
}

// Open reads the header of a stream of size bytes. A handle may have only some of the key groups that the stream holds.
//
// With an error of kind fault.ErrUnsupported there may be a stream all the same: its header could not be read to the end, for an
// unknown serializer. It has the states before that place; of a canonical stream their entries can be scanned.
func Open(src io.ReaderAt, size int64, h Handle, reg *serde.Registry) (*Stream, error) {
	if h.Range.Len() != len(h.Offsets) {
		return nil, fault.New(fault.ErrCorrupt, "%d key-group offsets", len(h.Offsets)).WithExpected("%d", h.Range.Len())
	}
	s := &Stream{h: h, src: src, size: size}
	first, err := s.bounds()
	if err != nil {
		return nil, err
	}
	unread := s.readHeader(first, reg)
	if unread != nil && !errors.Is(unread, fault.ErrUnsupported) || s.States == nil {
		return nil, unread
	}
	if s.Layout, err = s.detect(); err != nil {
		return nil, err
	}
	s.chooseReading()
	return s, unread
}

// bounds finds the first offset of all and where each key group ends: at the next larger offset of any.
func (s *Stream) bounds() (first int64, err error) {
	sorted := make([]int64, 0, len(s.h.Offsets)+1)
	for i, o := range s.h.Offsets {
		if o < 0 || o > s.size {
			return 0, fault.Corrupt(fault.NoPlace, "key group %d begins at byte %d", s.h.Range.First+i, o).WithExpected("at most %d, the size of the stream", s.size)
		}
		if o > 0 {
			sorted = append(sorted, o)
		}
	}
	sorted = append(sorted, s.size)
	slices.Sort(sorted)
	s.ends = make([]int64, len(s.h.Offsets))
	for i, o := range s.h.Offsets {
		j, _ := slices.BinarySearch(sorted, o+1)
		if o > 0 {
			s.ends[i] = sorted[min(j, len(sorted)-1)]
		}
	}
	return sorted[0], nil
}

const (
	// headerRead is how much of a stream is read for its header at first.
	headerRead = 32 << 10
	// maxHeader bounds a header: names and types, never data.
	maxHeader = 256 << 20
	// maxGuessed bounds a header in which the bodies of unknown serializers are looked for.
	maxGuessed = 16 << 20
)

// readHeader reads the header, which ends at the first offset or, when that belongs to a key group in the middle of the stream, before
// it.
func (s *Stream) readHeader(first int64, reg *serde.Registry) error {
	c := serde.NewContext(reg)
	for n := int64(headerRead); ; n *= 4 {
		n = min(n, first, maxHeader)
		b, err := readSection(s.src, 0, n)
		if err != nil {
			return err
		}
		r := binio.NewReader(b, 0)
		s.Header = DecodeHeader(c, r)
		s.HeaderLen = int64(r.Pos())
		err = r.Err()
		if errors.Is(err, fault.ErrUnsupported) && c.Missing() != "" && first <= maxGuessed {
			err = s.guessHeader(c, first, err)
		}
		if errors.Is(err, fault.ErrTruncated) && n < min(first, maxHeader) {
			continue
		}
		return s.compile(c.Families, err)
	}
}

// guessHeader reads a header behind an unknown serializer, which takes that nothing stands behind the header.
func (s *Stream) guessHeader(c *serde.Context, first int64, unknown error) error {
	b, err := readSection(s.src, 0, first)
	if err != nil {
		return err
	}
	if h, err := ReadHeader(c, b, 0); err == nil {
		s.Header, s.HeaderLen = h, first
		return nil
	}
	return unknown
}

// maxNumbers is above every state number: the header counts states with an i2.
const maxNumbers = 1 << 15

// compile makes the states. Of a header that could not be read to its end the last state is not whole.
func (s *Stream) compile(reg *serde.Registry, err error) error {
	if err != nil {
		if s.Header.Key == nil || len(s.Header.States) == 0 || !errors.Is(err, fault.ErrUnsupported) {
			return err
		}
		s.Header.States = s.Header.States[:len(s.Header.States)-1]
		s.numbers = maxNumbers
	}
	states, several, bad := s.Header.compile(reg, 0)
	if bad != nil {
		return bad
	}
	if several {
		s.others, _, _ = s.Header.compile(reg, 1)
	}
	if s.States = states; err == nil {
		s.numbers = len(states)
	}
	return err
}

// tail reports whether the bytes from at on, after a key group, belong to another key group which the handle does not have.
func (s *Stream) tail(group int, at int64) bool {
	i := group - s.h.Range.First
	if i < 0 || i >= len(s.ends) || s.ends[i] != s.size || at >= s.size {
		return false
	}
	b, err := readSection(s.src, at, min(frame.HeaderSize, s.size-at))
	switch {
	case err != nil || len(b) < 8:
		return false
	case s.Layout == Heap:
		g := int(binary.BigEndian.Uint32(b))
		return g > group && g < keygroup.MaxParallelism
	case s.Header.Compressed:
		return frame.IsHeader(b)
	}
	key := []byte{b[6] &^ stateFollows, b[7]}
	return int(binary.BigEndian.Uint16(b)) < s.numbers && groupOf(key, keygroup.PrefixLen(s.h.MaxParallelism)) > group
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
