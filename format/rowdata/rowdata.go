// Package rowdata knows how Flink's Table/SQL runtime lays out rows, arrays and maps in memory, which is also how it stores them
// (org.apache.flink.table.data.binary.BinaryRowData, BinaryArrayData, BinaryMapData, since Flink 1.9), and what the logical types
// say that its serializer snapshots hold.
//
// All numbers are little-endian. Offsets count from the start of the row or array they stand in.
//
//	row    u1 kind (0 +I, 1 -U, 2 +U, 3 -D), a null bit for each field, zeros up to a multiple of 8 bytes;
//	       8 bytes for each field; variable part
//	array  i4 n, a null bit for each element, up to a multiple of 4 bytes; n elements of 1, 2, 4 or 8 bytes, zeros up to a
//	       multiple of 8; variable part
//	map    i4 size of the key array, key array, value array
//
// The eight bytes of a field, or of an element that is not one of the smaller numbers:
//
//	BOOLEAN, TINYINT, SMALLINT, INT, DATE, TIME, INTERVAL YEAR, FLOAT, BIGINT, INTERVAL DAY, DOUBLE    the value, then zeros
//	DECIMAL of up to 18 digits         i8 unscaled
//	DECIMAL of more digits             i4 number of bytes, i4 offset: two's complement, big-endian, in 16 zero-filled bytes
//	TIMESTAMP of up to 3 digits        i8 milliseconds
//	TIMESTAMP of more digits           i4 nanoseconds of the millisecond, i4 offset: i8 milliseconds
//	CHAR, VARCHAR, BINARY, VARBINARY   up to 7 bytes: the bytes, zeros, u1 80 + length; else like the others
//	all others                         i4 size, i4 offset: the bytes, zero-filled to a multiple of 8
//
// Nothing in a row says what the fields are. Parts of the variable part do not overlap: Section holds readers to that, so that no row
// costs more to read than its size.
package rowdata

import "encoding/binary"

// InlineMax is the most bytes of text or binary data that stand in the fixed part.
const InlineMax = 7

// DecimalBytes is the room that a DECIMAL of more than CompactDecimal digits takes.
const DecimalBytes = 16

// CompactDecimal and CompactTimestamp are the highest precisions that fit the fixed part.
const (
	CompactDecimal   = 18
	CompactTimestamp = 3
)

// RowHeader is the number of bytes before the first field of a row of n fields.
func RowHeader(n int) int { return (n + 8 + 63) / 64 * 8 }

// ArrayHeader is the number of bytes before the first element of an array of n elements.
func ArrayHeader(n int) int { return 4 + (n+31)/32*4 }

// Section is a row or an array being read.
type Section struct {
	Data  []byte
	spent int // bytes of the variable part that have been handed out
}

// Row checks that the section can be a row of n fields and gives its kind.
func (s *Section) Row(n int) (kind byte, ok bool) {
	if n < 0 || n > len(s.Data) || len(s.Data) < RowHeader(n)+8*n || s.Data[0] > 3 {
		return 0, false
	}
	return s.Data[0], true
}

// RowNull tells whether field i of a row is null.
func (s *Section) RowNull(i int) bool { return bit(s.Data, i+8) }

// Array checks that the section can be an array of elements of the given width, and gives their number and the position of the first.
func (s *Section) Array(width int) (n, first int, ok bool) {
	if len(s.Data) < 4 {
		return 0, 0, false
	}
	n = int(int32(binary.LittleEndian.Uint32(s.Data)))
	if n < 0 || n > len(s.Data) { // an element takes a byte at least
		return 0, 0, false
	}
	first = ArrayHeader(n)
	return n, first, first+n*width <= len(s.Data)
}

// ArrayNull tells whether element i of an array is null.
func (s *Section) ArrayNull(i int) bool { return bit(s.Data[4:], i) }

func bit(b []byte, i int) bool { return b[i/8]>>(i%8)&1 == 1 }

// Word gives the eight bytes at a position.
func (s *Section) Word(at int) uint64 { return binary.LittleEndian.Uint64(s.Data[at:]) }

// Part gives the bytes that the offset and size at a position point to.
func (s *Section) Part(at int) ([]byte, bool) {
	w := s.Word(at)
	return s.slice(w>>32, w&0xFFFFFFFF)
}

func (s *Section) slice(offset, size uint64) ([]byte, bool) {
	if offset > uint64(len(s.Data)) || size > uint64(len(s.Data))-offset {
		return nil, false
	}
	s.spent += int(size)
	return s.Data[offset : offset+size : offset+size], s.spent <= len(s.Data)
}

// Text gives character or binary data.
func (s *Section) Text(at int) ([]byte, bool) {
	if mark := s.Data[at+7]; mark&0x80 != 0 {
		n := int(mark & 0x7F)
		return s.Data[at : at+min(n, InlineMax)], n <= InlineMax
	}
	return s.Part(at)
}

// Decimal gives the two's complement of a DECIMAL of more than CompactDecimal digits.
func (s *Section) Decimal(at int) ([]byte, bool) {
	b, ok := s.Part(at)
	return b, ok && len(b) > 0 && len(b) <= DecimalBytes
}

// Timestamp gives a TIMESTAMP of more than CompactTimestamp digits.
func (s *Section) Timestamp(at int) (millis int64, nanos uint32, ok bool) {
	w := s.Word(at)
	b, ok := s.slice(w>>32, 8)
	if !ok || w&0xFFFFFFFF > 999_999 {
		return 0, 0, false
	}
	return int64(binary.LittleEndian.Uint64(b)), uint32(w), true
}

// Map splits the bytes of a map into its two arrays.
func Map(b []byte) (keys, values []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := int(int32(binary.LittleEndian.Uint32(b)))
	if n < 0 || n > len(b)-4 {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}
