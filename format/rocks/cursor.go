package rocks

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/fault"
)

// cursor reads RocksDB's primitives: little-endian fixed integers, LEB128 varints in their shortest form, and strings with a
// varint length. It keeps the first error and gives zero values from then on.
type cursor struct {
	b    []byte
	pos  int
	base int64 // absolute offset of b[0]
	err  *fault.Error
}

func (c *cursor) left() int { return len(c.b) - c.pos }

func (c *cursor) fail(kind error, field, format string, args ...any) {
	if c.err == nil {
		c.err = fault.New(kind, format, args...)
		c.err.Offset, c.err.Field = c.base+int64(c.pos), field
		c.pos = len(c.b)
	}
}

func (c *cursor) bytes(n uint64, field string) []byte {
	if n > uint64(c.left()) {
		c.fail(fault.ErrTruncated, field, "%d bytes with %d left", n, c.left())
		return nil
	}
	b := c.b[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	return b
}

func (c *cursor) u8(field string) byte {
	if b := c.bytes(1, field); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) fixed32(field string) uint32 {
	if b := c.bytes(4, field); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) fixed64(field string) uint64 {
	if b := c.bytes(8, field); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (c *cursor) varint(field string) uint64 {
	v, n := uvarint(c.b[c.pos:])
	switch {
	case n == 0:
		c.fail(fault.ErrTruncated, field, "a varint without an end")
	case n < 0 || (n > 1 && c.b[c.pos+n-1] == 0):
		c.fail(fault.ErrCorrupt, field, "a varint that is too long")
	default:
		c.pos += n
		return v
	}
	return 0
}

func (c *cursor) varint32(field string) uint32 {
	v := c.varint(field)
	if v > math.MaxUint32 {
		c.fail(fault.ErrCorrupt, field, "%d needs more than 32 bits", v)
		return 0
	}
	return uint32(v)
}

// text reads a string with a varint length. The result aliases the input.
func (c *cursor) text(field string) []byte { return c.bytes(uint64(c.varint32(field)), field) }

// failure is the first error, or nil, as an error.
func (c *cursor) failure() error {
	if c.err == nil {
		return nil
	}
	return c.err
}

// uvarint reads a varint and the number of its bytes: 0 if b ends within it, negative if it needs more than 64 bits.
func uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

// zigzag turns a zigzag-coded varint into a signed number.
func zigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func appendText(dst, s []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
