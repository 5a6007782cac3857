package describe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/serde"
)

// visitor prints entries, up to a number of them.
type visitor struct {
	printer
	leaves leaves
	left   int // entries that may still be printed; negative is without end
	cut    bool
}

// Value implements keyed.Visitor.
func (v *visitor) Value(offset int64, b []byte, label string, c serde.Codec) {
	v.leaves.value(v.printer, offset, b, label, c)
}

// More implements keyed.Visitor.
func (v *visitor) More() bool {
	if v.left == 0 {
		v.cut = true
		return false
	}
	v.left--
	return true
}

// keyedStream prints a stream of keyed state, for which the key groups are found first.
func (f *file) keyedStream() error {
	s, walked := keyed.OpenAlone(f.src, f.size, nil)
	if s == nil {
		if err := f.header(min(f.size, maxHeader), traceKeyed); err != nil {
			return err
		}
		return walked
	}
	if err := f.header(s.HeaderLen, traceKeyed); err != nil {
		return err
	}
	f.p.Enter(s.HeaderLen, fmt.Sprintf("%v layout, key groups %v", s.Layout, s.Range()))
	sc := s.NewScanner()
	defer sc.Close()
	for g := s.Range().First; g <= s.Range().Last && !f.v.cut; g++ {
		at, ok := s.Offset(g)
		if !ok {
			continue
		}
		if err := f.keyGroup(s, sc, g, at); err != nil {
			return err
		}
	}
	f.p.Leave(f.size)
	return walked
}

func (f *file) keyGroup(s *keyed.Stream, sc *keyed.Scanner, group int, at int64) error {
	f.p.Enter(at, fmt.Sprintf("key group %d, %d bytes", group, s.Size(group)))
	if s.Header.Compressed {
		if err := f.chunks(at, at+s.Size(group), s.Layout == keyed.Heap); err != nil {
			return err
		}
		f.p.Enter(at, "content: offsets count uncompressed bytes from here on")
		defer f.p.Leave(at)
	}
	err := sc.Describe(group, &f.v)
	f.p.Leave(at + s.Size(group))
	return err
}

// traceKeyed reads a header with its labels.
func traceKeyed(c *serde.Context, r *binio.Reader) {
	r.Section("keyed state header")
	keyed.DecodeHeader(c, r)
	r.EndSection()
}

// header prints the header of n bytes that read reads. Unknown serializers are sized first.
func (f *file) header(n int64, read func(c *serde.Context, r *binio.Reader)) error {
	b, err := f.bytes(0, n)
	if err != nil {
		return err
	}
	c := serde.NewContext(nil)
	c.Resolve(b, 0, func(r *binio.Reader) { read(c, r) })
	r := binio.NewReader(b, 0)
	r.Trace(f.p)
	read(c, r)
	return r.Err()
}

// chunks prints the chunks of snappy streams, after the number of the key group in the heap layout.
func (f *file) chunks(at, end int64, heap bool) error {
	if heap && end-at >= 4 {
		b, err := f.bytes(at, 4)
		if err != nil {
			return err
		}
		f.p.Field(at, b, "key group", binio.ShapeNumber)
		at += 4
	}
	for at < end {
		head, err := f.bytes(at, min(frame.HeaderSize, end-at))
		if err != nil {
			return err
		}
		if len(head) < 4 {
			return fault.Corrupt(at, "%d bytes, where a chunk should begin", len(head))
		}
		length := int64(head[1]) | int64(head[2])<<8 | int64(head[3])<<16
		if length > end-at-4 {
			e := fault.New(fault.ErrTruncated, "a chunk of %d bytes with %d left", length, end-at-4)
			e.Offset = at
			return e
		}
		if err := f.chunk(at, head, length); err != nil {
			return err
		}
		at += 4 + length
	}
	return nil
}

func (f *file) chunk(at int64, head []byte, length int64) error {
	kind, data := "other chunk", false
	switch {
	case frame.IsHeader(head):
		f.p.Leaf(at, head, "snappy stream identifier", nil)
		return nil
	case head[0] == 0:
		kind, data = "compressed chunk", true
	case head[0] == 1:
		kind, data = "stored chunk", true
	}
	b, err := f.bytes(at+4, length)
	if err != nil {
		return err
	}
	f.p.Enter(at, kind)
	f.p.Field(at, head[:1], "kind", binio.ShapeNumber)
	f.p.Leaf(at+1, head[1:4], "length, low byte first", fmt.Appendf(nil, "%d", length))
	if data && len(b) >= 4 {
		f.p.Leaf(at+4, b[:4], "checksum, low byte first", fmt.Appendf(nil, `"%08x"`, binary.LittleEndian.Uint32(b)))
		b, at = b[4:], at+4
	}
	if n, w := binary.Uvarint(b); data && head[0] == 0 && w > 0 {
		f.p.Leaf(at+4, b[:w], "uncompressed size", fmt.Appendf(nil, "%d", n))
		b, at = b[w:], at+int64(w)
	}
	f.p.Leaf(at+4, b, "block", nil)
	f.p.Leave(at + 4 + int64(len(b)))
	return nil
}

// rawTimers prints raw keyed timers.
func (f *file) rawTimers() error {
	for at := int64(0); at < f.size && !f.v.cut; {
		f.p.Enter(at, "key group; which one, the handle says")
		n, err := f.rawGroup(at)
		f.p.Leave(at + int64(n))
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// rawGroup reads the timers at an offset, with more and more bytes until they suffice.
func (f *file) rawGroup(at int64) (int, error) {
	for n := int64(1 << 20); ; n *= 4 {
		n = min(n, f.size-at)
		b, err := f.bytes(at, n)
		if err != nil {
			return 0, err
		}
		probe := visitor{printer: nowhere{}, left: f.v.left}
		told, err := keyed.DescribeRawTimers(b, at, nil, &probe)
		if n < f.size-at && errors.Is(err, fault.ErrTruncated) {
			continue
		}
		if errors.Is(err, fault.ErrCorrupt) && told > 0 && told < len(b) && keyed.IsRawTimers(b[told:]) {
			err = nil // the next key group
		}
		b = b[:max(told, 0)]
		keyed.DescribeRawTimers(b, at, nil, &f.v)
		return told, err
	}
}

// nowhere is a printer that prints nothing.
type nowhere struct{}

func (nowhere) Field(int64, []byte, string, binio.Shape) {}
func (nowhere) Leaf(int64, []byte, string, []byte)       {}
func (nowhere) Enter(int64, string)                      {}
func (nowhere) Leave(int64)                              {}
func (nowhere) Flush() error                             { return nil }

// bytes reads n bytes at an offset.
func (f *file) bytes(at, n int64) ([]byte, error) {
	b := make([]byte, n)
	got, err := f.src.ReadAt(b, at)
	if int64(got) < n {
		if err == nil || errors.Is(err, io.EOF) {
			e := fault.New(fault.ErrTruncated, "the file ends here").WithExpected("%d bytes more", n-int64(got))
			e.Offset = at + int64(got)
			return nil, e
		}
		return nil, err
	}
	return b, nil
}
