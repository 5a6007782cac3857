// Package binio reads and writes the primitives that Flink's formats are made of.
//
// All of them are Java's: integers are big-endian two's complement, booleans one byte 0 or 1, floats IEEE 754 bits, and
//
//	utf     u2 byte length, then modified UTF-8 (java.io.DataOutput.writeUTF): NUL is C0 80, a supplementary character is two
//	        surrogates of three bytes each; at most 65,535 bytes
//	varint  seven bits a byte, low group first, the high bit says that more follows (StringValue, Kryo)
//	string  varint 0 for null, else the number of UTF-16 units plus one; then each unit as a varint (StringValue.writeString)
//
// A Reader is a cursor over bytes in memory that knows the absolute offset of what it reads and keeps the first error:
// after that every method returns zero, so that a decoder reads like the list of its fields and asks Err once. Writing is
// by functions that append to a slice.
//
// The reader is strict where Java is lenient (a boolean of 2, an overlong character): whatever it accepts can be written
// back to the same bytes.
package binio

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/fault"
)

// MaxDepth bounds the nesting of anything that is read recursively: types, values, handles.
const MaxDepth = 64

// Reader is a cursor over a byte slice. The zero value reads an empty slice. It is not safe for concurrent use.
type Reader struct {
	buf   []byte
	pos   int
	base  int64 // absolute offset of buf[0]
	err   error
	depth int

	field   string // label of the field being read, for errors and traces
	tracer  Tracer
	open    bool // a traced field is open
	start   int  // where it started
	shape   Shape
	scratch []byte
}

// NewReader reads b, whose first byte stands at the absolute offset base.
func NewReader(b []byte, base int64) *Reader { return &Reader{buf: b, base: base} }

// Reset makes the reader read b from its start, keeping its scratch memory and tracer.
func (r *Reader) Reset(b []byte, base int64) {
	r.buf, r.pos, r.base, r.err, r.depth, r.field, r.open = b, 0, base, nil, 0, "", false
}

// Err is the first error, or nil.
func (r *Reader) Err() error { return r.err }

// Pos is the number of bytes read so far.
func (r *Reader) Pos() int { return r.pos }

// Offset is the absolute offset of the next byte.
func (r *Reader) Offset() int64 { return r.base + int64(r.pos) }

// Len is the number of bytes that are left.
func (r *Reader) Len() int { return len(r.buf) - r.pos }

// Rest gives the bytes that are left without reading them.
func (r *Reader) Rest() []byte { return r.buf[r.pos:] }

// Since gives the bytes between an earlier Pos and now.
func (r *Reader) Since(pos int) []byte { return r.buf[pos:r.pos:r.pos] }

// Fail records err unless one is recorded already, and adds the label of the field being read.
func (r *Reader) Fail(err *fault.Error) {
	if r.err != nil {
		return
	}
	if err.Offset < 0 {
		err.Offset = r.Offset()
	}
	if err.Field == "" {
		err.Field = r.field
	}
	r.err = err
}

// Corrupt records that what stands here contradicts the format.
func (r *Reader) Corrupt(format string, args ...any) {
	if r.err == nil {
		r.Fail(fault.Corrupt(r.Offset(), format, args...))
	}
}

// Unsupported records that no rule for what stands here is known.
func (r *Reader) Unsupported(format string, args ...any) {
	if r.err == nil {
		r.Fail(fault.Unsupported(r.Offset(), format, args...))
	}
}

func (r *Reader) short(n int) {
	if r.err != nil {
		return
	}
	e := fault.New(fault.ErrTruncated, "%d bytes are left", r.Len()).WithExpected("%d", n)
	if n < 0 {
		e = fault.Corrupt(r.Offset(), "length %d", n)
	}
	r.Fail(e)
	r.pos = len(r.buf) // nothing more is read
}

// take returns the next n bytes, or nil after an error.
func (r *Reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.buf)-r.pos {
		r.short(n)
		return nil
	}
	b := r.buf[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// Bytes reads n bytes. The slice aliases the reader's input.
func (r *Reader) Bytes(n int) []byte { return r.take(n) }

// Skip moves over n bytes.
func (r *Reader) Skip(n int) {
	if r.err != nil || n < 0 || n > len(r.buf)-r.pos {
		r.short(n)
		return
	}
	r.pos += n
}

// U8 reads one unsigned byte.
func (r *Reader) U8() byte {
	if r.err != nil || r.pos >= len(r.buf) {
		r.short(1)
		return 0
	}
	v := r.buf[r.pos]
	r.pos++
	return v
}

// Bool reads one byte that must be 0 or 1.
func (r *Reader) Bool() bool {
	v := r.U8()
	if v > 1 {
		r.pos--
		r.Corrupt("byte %#02x", v)
		return false
	}
	return v == 1
}

// U16 reads two bytes.
func (r *Reader) U16() uint16 {
	if r.err != nil || len(r.buf)-r.pos < 2 {
		r.short(2)
		return 0
	}
	v := binary.BigEndian.Uint16(r.buf[r.pos:])
	r.pos += 2
	return v
}

// I16 reads a Java short.
func (r *Reader) I16() int16 { return int16(r.U16()) }

// I32 reads a Java int.
func (r *Reader) I32() int32 {
	if r.err != nil || len(r.buf)-r.pos < 4 {
		r.short(4)
		return 0
	}
	v := binary.BigEndian.Uint32(r.buf[r.pos:])
	r.pos += 4
	return int32(v)
}

// I64 reads a Java long.
func (r *Reader) I64() int64 {
	if r.err != nil || len(r.buf)-r.pos < 8 {
		r.short(8)
		return 0
	}
	v := binary.BigEndian.Uint64(r.buf[r.pos:])
	r.pos += 8
	return int64(v)
}

// F32 reads a Java float.
func (r *Reader) F32() float32 { return math.Float32frombits(uint32(r.I32())) }

// F64 reads a Java double.
func (r *Reader) F64() float64 { return math.Float64frombits(uint64(r.I64())) }

// Count reads an i4 that says how many things follow, each of at least min bytes (0 if they may be empty), and refuses a
// number that cannot be true. Things that may be empty are bounded by one byte of remaining input each plus a small constant.
func (r *Reader) Count(min int) int {
	at := r.pos
	n := int(r.I32())
	if r.err != nil {
		return 0
	}
	limit := r.Len()
	if min > 0 {
		limit /= min
	} else {
		limit += 1 << 10
	}
	if n < 0 || n > limit {
		r.pos = at
		kind := fault.ErrCorrupt
		if n > 0 {
			kind = fault.ErrTruncated // with more bytes it could be right
		}
		r.Fail(fault.New(kind, "count %d with %d bytes left", n, r.Len()-4))
		r.pos = len(r.buf)
		return 0
	}
	return n
}

// Length reads an i4 byte length and checks it against what is left.
func (r *Reader) Length() int {
	n := int(r.I32())
	if r.err == nil && (n < 0 || n > r.Len()) {
		r.pos -= 4
		if n < 0 {
			r.Corrupt("length %d", n)
		} else {
			r.Fail(fault.New(fault.ErrTruncated, "length %d with %d bytes left", n, r.Len()-4))
		}
		r.pos = len(r.buf)
		return 0
	}
	return n
}

// Enter counts one level of nesting and refuses more than MaxDepth; Leave undoes it.
func (r *Reader) Enter() bool {
	if r.depth >= MaxDepth {
		r.Corrupt("nested deeper than %d levels", MaxDepth)
		return false
	}
	r.depth++
	return r.err == nil
}

// Leave ends one level of nesting.
func (r *Reader) Leave() { r.depth-- }

// Expect reads an i4 that must have one value.
func (r *Reader) Expect(want int32) {
	at := r.pos
	if got := r.I32(); r.err == nil && got != want {
		r.pos = at
		if r.err == nil {
			r.Fail(fault.Corrupt(r.Offset(), "%#x", uint32(got)).WithExpected("%#x", uint32(want)))
		}
	}
}

// End refuses bytes after the last field.
func (r *Reader) End() {
	if r.err == nil && r.Len() > 0 {
		r.Corrupt("%d bytes after the end", r.Len())
	}
}

// Scratch gives memory for n bytes that stays valid until the next call. It belongs to the reader so that decoding
// strings allocates nothing.
func (r *Reader) Scratch(n int) []byte {
	if cap(r.scratch) < n {
		r.scratch = make([]byte, n+n/2)
	}
	return r.scratch[:n]
}
