package opstate

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
)

// Stream is an opened operator state stream. It is safe for concurrent use.
type Stream struct {
	Header *Header // nil in a raw stream
	// States are those of the header, in its order, then those that only the handle names.
	States []State

	src  io.ReaderAt
	size int64
}

// maxHeader bounds a header: names and types, never data.
const maxHeader = 256 << 20

// Open reads the header of a managed stream of size bytes; parts is what the handle says of the states. A handle without a stream
// (an empty segment) has nothing to open.
//
// An error of kind fault.ErrUnsupported may come with a stream: the header could not be read to its end, for instance behind an
// unknown serializer, and the states from there on give their elements as raw bytes.
func Open(src io.ReaderAt, size int64, parts []metadata.OperatorStatePart, reg *serde.Registry) (*Stream, error) {
	s := &Stream{src: src, size: size}
	end, err := s.headerEnd(parts)
	if err != nil {
		return nil, err
	}
	b, err := s.section(0, end)
	if err != nil {
		return nil, err
	}
	c := serde.NewContext(reg)
	header, err := ReadHeader(c, b, 0)
	if header == nil || header.Version > VersionCompressed {
		return nil, err
	}
	s.Header = header
	s.describe(c.Families)
	s.assign(parts, err)
	return s, err
}

// OpenRaw opens a raw stream of size bytes; parts is what the handle says.
func OpenRaw(src io.ReaderAt, size int64, parts []metadata.OperatorStatePart) (*Stream, error) {
	s := &Stream{src: src, size: size}
	if _, err := s.headerEnd(parts); err != nil {
		return nil, err
	}
	s.assign(parts, nil)
	for i := range s.States {
		s.States[i].Kind, s.States[i].Err = entry.RawOperator, nil
	}
	return s, nil
}

// headerEnd checks all offsets and gives the smallest: everything before it is the header.
func (s *Stream) headerEnd(parts []metadata.OperatorStatePart) (int64, error) {
	end := s.size
	for _, p := range parts {
		for i, o := range p.Offsets {
			if o < 0 || o > s.size {
				err := fault.Corrupt(fault.NoPlace, "partition %d begins at byte %d", i, o).WithExpected("at most %d, the size of the stream", s.size)
				return 0, fault.At(err, place(p.Name))
			}
			if i > 0 && o < p.Offsets[i-1] {
				err := fault.Corrupt(o, "partition %d begins before the one that precedes it, at byte %d", i, p.Offsets[i-1])
				return 0, fault.At(err, place(p.Name))
			}
			end = min(end, o)
		}
	}
	return end, nil
}

func (s *Stream) describe(reg *serde.Registry) {
	for i := range s.Header.Lists {
		var st State
		st.describe(reg, &s.Header.Lists[i], false)
		s.States = append(s.States, st)
	}
	for i := range s.Header.Broadcast {
		var st State
		st.describe(reg, &s.Header.Broadcast[i], true)
		s.States = append(s.States, st)
	}
}

// assign gives each state its partitions. header is the error that kept the header from being read whole.
func (s *Stream) assign(parts []metadata.OperatorStatePart, header error) {
	var firsts []int64
	for _, p := range parts {
		if len(p.Offsets) > 0 {
			firsts = append(firsts, p.Offsets[0])
		}
		// like Flink, look among the lists first: they come first
		i := slices.IndexFunc(s.States, func(st State) bool { return st.Name == p.Name && st.Offsets == nil })
		if i < 0 {
			s.States = append(s.States, State{State: entry.State{Name: p.Name}, Err: unnamed(p.Name, header)})
			i = len(s.States) - 1
		}
		s.States[i].partition(p)
	}
	firsts = append(firsts, s.size)
	slices.Sort(firsts)
	for i := range s.States {
		if st := &s.States[i]; len(st.Offsets) > 0 {
			k, _ := slices.BinarySearch(firsts, st.Offsets[0]+1)
			st.end = max(firsts[min(k, len(firsts)-1)], st.Offsets[len(st.Offsets)-1])
		}
		if header != nil && s.States[i].Err != nil && s.States[i].Value == nil {
			s.States[i].Err = unnamed(s.States[i].Name, header)
		}
	}
}

// unnamed is the error for a state that the header does not describe.
func unnamed(name string, header error) error {
	if header == nil {
		header = fault.New(fault.ErrCorrupt, "the handle names a state that the stream's header does not")
	}
	return fault.At(header, place(name))
}

// section reads the bytes from one offset to another, growing as they arrive.
func (s *Stream) section(from, to int64) ([]byte, error) {
	if to-from > maxHeader {
		return nil, fault.Corrupt(from, "a header of %d bytes", to-from)
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(io.NewSectionReader(s.src, from, to-from))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if n < to-from {
		return nil, short(from+n, to-from-n)
	}
	return b.Bytes(), nil
}

func short(at, missing int64) error {
	e := fault.New(fault.ErrTruncated, "the stream ends here").WithExpected("%d bytes more", missing)
	e.Offset = at
	return e
}
