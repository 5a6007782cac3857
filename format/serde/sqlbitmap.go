package serde

import (
	"encoding/binary"
	"math/bits"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// BitmapSerializer (Flink 2.3 and newer): i4 n, n bytes: a set of 32-bit numbers in the portable Roaring format, little-endian:
//
//	u4 303A, u4 n                                                or
//	u2 303B, u2 n - 1, a bit for each container: it holds runs
//	n × { u2 high half of the numbers, u2 how many - 1 }
//	n × u4 offset, unless there are run bits and less than four containers
//	n containers of low halves: up to 4096 numbers: each a u2; more: 8192 bytes of bits; runs: u2 n, n × { u2 first, u2 length - 1 }
//
// In a row, a BITMAP is the bytes alone. A bitmap shows its numbers if they are not too many, else its bytes; it is written only as it was
// read, or from bytes.

const (
	roaringPlain   = 12346
	roaringRuns    = 12347
	roaringOffsets = 4 // containers from which on there are offsets in any case
	roaringArray   = 4096
	maxBitmap      = 1 << 16 // numbers that are shown one by one
)

type bitmapCodec struct{ t *Type }

func bitmapFamilies() []Family {
	return []Family{{
		Classes: []string{simple("Bitmap")},
		Read:    readSimple,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, KindAny, variable)
			t.Note = "BITMAP"
			return &bitmapCodec{t}, nil
		},
	}}
}

func (c *bitmapCodec) Type() *Type                      { return c.t }
func (c *bitmapCodec) Skip(r *binio.Reader)             { r.Skip(r.Length()) }
func (c *bitmapCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c *bitmapCodec) Walk(r *binio.Reader, s Sink) {
	at, start := r.Offset(), r.Pos()
	b := r.Bytes(r.Length())
	if r.Err() != nil {
		return
	}
	x, exact := s.(exactSink)
	if exact {
		x.BeginExact()
	}
	walkBitmap(r, at, b, s)
	if exact && r.Err() == nil {
		x.EndExact(c, r.Since(start))
	}
}

func (c *bitmapCodec) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(c.t, v); ok {
		return append(dst, b...), nil
	}
	b, err := bitmapBytes(v)
	if err != nil {
		return dst, err
	}
	return append(binio.AppendI32(dst, int32(len(b))), b...), nil
}

func bitmapBytes(v Value) ([]byte, error) {
	b, ok := v.(Bytes)
	if !ok {
		return nil, fault.New(fault.ErrUsage, "a bitmap, which is written only as it was read")
	}
	return b, nil
}

// walkBitmap checks the containers and tells s the numbers.
func walkBitmap(r *binio.Reader, at int64, b []byte, s Sink) {
	m, ok := parseRoaring(b)
	if !ok {
		r.Fail(fault.Corrupt(at, "%d bytes that are no bitmap", len(b)))
		return
	}
	if m.total > maxBitmap {
		s.Bytes(b)
		return
	}
	s.BeginList(variantList, m.total)
	m.each(func(v uint32) { s.Int(int64(v)) })
	s.EndList()
}

// roaring is a bitmap whose containers lie one after the other.
type roaring struct {
	n     int
	runs  []byte // bits, or nil
	heads []byte
	data  []byte
	total int
}

func parseRoaring(b []byte) (m roaring, ok bool) {
	if len(b) < 8 {
		return m, len(b) == 0
	}
	switch cookie := binary.LittleEndian.Uint32(b); {
	case cookie == roaringPlain:
		m.n, b = int(binary.LittleEndian.Uint32(b[4:])), b[8:]
	case cookie&0xFFFF == roaringRuns:
		m.n, b = int(cookie>>16)+1, b[4:]
		size := (m.n + 7) / 8
		if len(b) < size {
			return m, false
		}
		m.runs, b = b[:size], b[size:]
	default:
		return m, false
	}
	size := 4 * m.n
	if m.runs == nil || m.n >= roaringOffsets {
		size *= 2
	}
	if m.n > 1<<16 || len(b) < size {
		return m, false
	}
	m.heads, m.data = b, b[size:]
	rest := m.data
	for i := range m.n {
		n, size, ok := m.container(i, rest)
		if !ok {
			return m, false
		}
		m.total += n
		rest = rest[size:]
	}
	return m, len(rest) == 0
}

func (m *roaring) isRun(i int) bool { return m.runs != nil && m.runs[i/8]>>(i%8)&1 == 1 }

// container gives how many numbers the i-th container has, and its size. ok is false if it holds another number of them than it says.
func (m *roaring) container(i int, b []byte) (n, size int, ok bool) {
	n = int(binary.LittleEndian.Uint16(m.heads[4*i+2:])) + 1
	found := n
	switch {
	case m.isRun(i):
		if len(b) < 2 {
			return 0, 0, false
		}
		found, size = 0, 2+4*int(binary.LittleEndian.Uint16(b))
		for at := 2; at < size && at+4 <= len(b); at += 4 {
			found += int(binary.LittleEndian.Uint16(b[at+2:])) + 1
		}
	case n <= roaringArray:
		size = 2 * n
	default:
		found, size = 0, 1<<13
		for at := 0; at < size && at+8 <= len(b); at += 8 {
			found += bits.OnesCount64(binary.LittleEndian.Uint64(b[at:]))
		}
	}
	return n, size, size <= len(b) && found == n
}

// each calls f with every number of a bitmap of at most maxBitmap of them.
func (m *roaring) each(f func(uint32)) {
	rest := m.data
	for i := range m.n {
		high := uint32(binary.LittleEndian.Uint16(m.heads[4*i:])) << 16
		n, size, _ := m.container(i, rest)
		m.numbers(i, n, rest[:size], func(low uint32) { f(high | low) })
		rest = rest[size:]
	}
}

// numbers calls f with the low halves in a container of n numbers.
func (m *roaring) numbers(i, n int, b []byte, f func(uint32)) {
	switch {
	case m.isRun(i):
		for b = b[2:]; len(b) >= 4; b = b[4:] {
			first := uint32(binary.LittleEndian.Uint16(b))
			for k := range uint32(binary.LittleEndian.Uint16(b[2:])) + 1 {
				f((first + k) & 0xFFFF)
			}
		}
	case n <= roaringArray:
		for ; len(b) >= 2; b = b[2:] {
			f(uint32(binary.LittleEndian.Uint16(b)))
		}
	default:
		for bit := range uint32(1 << 16) {
			if b[bit/8]>>(bit%8)&1 == 1 {
				f(bit)
			}
		}
	}
}
