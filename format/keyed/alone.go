package keyed

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
)

// OpenAlone opens a stream whose handle is not at hand, by walking it once: key groups follow each other and delimit themselves. The max
// parallelism is not known; what is found out is whether key groups take one byte or two in keys. A stream comes with an error where
// the walk met one: the last key group is then the one that could not be read.
func OpenAlone(src io.ReaderAt, size int64, reg *serde.Registry) (*Stream, error) {
	s := &Stream{src: src, size: size, h: Handle{Range: keygroup.Range{Last: -1}, MaxParallelism: oneByte}}
	if err := s.headerAlone(reg); err != nil {
		return nil, err
	}
	if s.HeaderLen == size {
		return s, nil
	}
	s.layoutAlone()
	err := s.walkAlone()
	if err != nil && s.others != nil {
		other := &Stream{Header: s.Header, States: s.others, HeaderLen: s.HeaderLen, src: src, size: size, h: Handle{Range: keygroup.Range{Last: -1}}, numbers: s.numbers}
		if other.layoutAlone(); other.walkAlone() == nil {
			return other, nil
		}
	}
	if err == nil {
		s.chooseReading()
	}
	return s, err
}

// Max parallelisms that stand for the lengths of key-group prefixes.
const (
	oneByte  = 128
	twoBytes = keygroup.MaxParallelism
)

// headerAlone reads the header. Behind an unknown serializer it ends where something begins that looks like a key group.
func (s *Stream) headerAlone(reg *serde.Registry) error {
	err := s.readHeader(s.size, reg)
	if err == nil || !errors.Is(err, fault.ErrUnsupported) {
		return err
	}
	b, rerr := readSection(s.src, 0, min(s.size, maxGuessed/16))
	if rerr != nil {
		return rerr
	}
	c := serde.NewContext(reg)
	var h *Header
	var end int
	guessed := c.Resolve(b, 0, func(r *binio.Reader) {
		got := DecodeHeader(c, r)
		if r.Err() != nil {
			return
		}
		if !looksLikeGroup(r.Rest(), got) {
			r.Corrupt("no key group after the header")
			return
		}
		h, end = got, r.Pos()
		r.Skip(r.Len())
	})
	if guessed != nil {
		return err
	}
	s.Header, s.HeaderLen = h, int64(end)
	return s.compile(c.Families, nil)
}

// looksLikeGroup reports whether b can begin a key group of either layout, or is nothing.
func looksLikeGroup(b []byte, h *Header) bool {
	if len(b) == 0 {
		return true
	}
	if len(b) < 14 {
		return false
	}
	if h.Compressed {
		return frame.IsHeader(b) || frame.IsHeader(b[4:])
	}
	return looksCanonical(b, h) || looksHeap(b, h)
}

func looksCanonical(b []byte, h *Header) bool {
	state, key := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint32(b[2:]))
	return state < len(h.States) && key > 0 && key <= len(b)-10 && int(binary.BigEndian.Uint32(b[6+key:])) <= len(b)
}

func looksHeap(b []byte, h *Header) bool {
	group, state, n := binary.BigEndian.Uint32(b), int(binary.BigEndian.Uint16(b[4:])), binary.BigEndian.Uint32(b[6:])
	return group < keygroup.MaxParallelism && state < len(h.States) && n <= 1<<31-1
}

// layoutAlone finds layout and prefix length by reading the beginning of the first key group in each way.
func (s *Stream) layoutAlone() {
	head, err := readSection(s.src, s.HeaderLen, min(frame.HeaderSize, s.size-s.HeaderLen))
	if err != nil || s.Header.Compressed && !frame.IsHeader(head) {
		s.Layout = Heap
		return
	}
	one, two := s.tryPrefix(oneByte), s.tryPrefix(twoBytes)
	unknown := len(s.States) > 0 && s.States[0].Key.Type().Opaque
	s.h.MaxParallelism = oneByte
	switch {
	case two > 0 && (one == 0 || unknown && two > 2):
		s.h.MaxParallelism = twoBytes
	case one == 0 && !s.Header.Compressed && len(head) == frame.HeaderSize && looksHeap(head, s.Header):
		s.Layout = Heap
	}
}

// tryPrefix reads entries of the first key group with a length of prefix; 0 means that they cannot be read so.
func (s *Stream) tryPrefix(maxParallelism int) (entries int) {
	s.Layout, s.h.MaxParallelism = Canonical, maxParallelism
	sc := s.NewScanner()
	defer sc.Close()
	if sc.openCanonical(s.HeaderLen, s.size) != nil {
		return 0
	}
	group := anyGroup
	for entries = 0; entries < 1000; entries++ {
		f, err := sc.nextFrame()
		if err != nil && entries > 0 && errors.Is(err, fault.ErrTruncated) {
			return entries
		}
		if err != nil || len(f.key) < sc.prefix {
			return 0
		}
		if group == anyGroup {
			group = groupOf(f.key, sc.prefix)
		}
		if sc.checkFrame(&f, group) != nil {
			return 0
		}
		if f.state < len(s.States) && sc.split(&s.States[f.state], &f) != nil {
			return 0
		}
		if f.last {
			return entries + 1
		}
	}
	return entries
}

// walkAlone finds the key groups.
func (s *Stream) walkAlone() error {
	sc := s.NewScanner()
	defer sc.Close()
	next := anyGroup
	for at := s.HeaderLen; at < s.size; {
		group, end, err := sc.groupAlone(at)
		if group < max(next, 0) || group >= keygroup.MaxParallelism {
			if err == nil {
				err = fault.Corrupt(at, "key group %d", group).WithExpected("one that follows %d", next-1)
			}
			group = max(next, 0)
		}
		if next == anyGroup {
			s.h.Range.First, next = group, group
		}
		for ; next < group; next++ {
			s.h.Offsets, s.ends = append(s.h.Offsets, 0), append(s.ends, 0)
		}
		next++
		if err != nil {
			end = s.size
		}
		s.h.Offsets, s.ends = append(s.h.Offsets, at), append(s.ends, end)
		s.h.Range.Last = group
		if err != nil {
			return place(err, group)
		}
		at = end
	}
	return nil
}

// groupAlone reads the key group at an offset and gives its number and its end. The number is anyGroup when not even that could be read.
func (sc *Scanner) groupAlone(at int64) (group int, end int64, err error) {
	if sc.s.Layout == Heap {
		return sc.heapAlone(at)
	}
	group = anyGroup
	if err := sc.openCanonical(at, sc.s.size); err != nil {
		return group, 0, err
	}
	for {
		f, err := sc.nextFrame()
		if err != nil {
			return group, 0, err
		}
		if group == anyGroup && len(f.key) >= sc.prefix {
			group = groupOf(f.key, sc.prefix)
		}
		if err := sc.checkFrame(&f, group); err != nil {
			return group, 0, err
		}
		if f.last {
			return sc.endAlone(group)
		}
	}
}

func (sc *Scanner) heapAlone(at int64) (group int, end int64, err error) {
	head, err := readSection(sc.s.src, at, min(4, sc.s.size-at))
	if err != nil {
		return anyGroup, 0, err
	}
	if len(head) < 4 {
		return anyGroup, 0, fault.Corrupt(at, "%d bytes after the last key group", len(head))
	}
	group = int(binary.BigEndian.Uint32(head))
	if err := sc.openHeap(group, at, sc.s.size); err != nil {
		return group, 0, err
	}
	sc.seen = append(sc.seen[:0], make([]bool, len(sc.s.States))...)
	for i := range sc.s.States {
		if _, err := sc.heapOne(group, nil, func(*entry.Entry) bool { return true }, nil); err != nil {
			return group, 0, err
		}
		if i < len(sc.s.States)-1 {
			if err := sc.nextState(group, false, false); err != nil {
				return group, 0, sc.locate(err)
			}
		}
	}
	return sc.endAlone(group)
}

func (sc *Scanner) endAlone(group int) (int, int64, error) {
	end, ok := sc.position()
	if !ok {
		return group, 0, sc.locate(fault.New(fault.ErrCorrupt, "bytes after the end of key group %d", group))
	}
	return group, end, nil
}
