package frame

import (
	"encoding/binary"
	"math/bits"

	"github.com/golang/snappy"
)

// Rule is how a block encoder finds repetitions. Any reader reads either; which one made a stream shows in its bytes only.
//
// Both are the native encoder inside snappy-java: a table remembers for each hash of four bytes where they stood last. For
// a table of 2^n entries, and h = the four bytes in little-endian order times 0x1E35A7BD, the older rule takes the n highest bits of h,
// the newer one the n lowest of the 14 highest. The table has 256 to 16,384 entries, the first power of two that is not below the
// block's size, so that blocks of more than 8,192 bytes come out alike.
type Rule uint8

// The rules.
const (
	// Older is snappy-java up to 1.1.8: Flink 1.8 … 1.15.
	Older Rule = iota
	// Newer is snappy-java from 1.1.10 on: Flink 1.16 … 2.3.
	Newer
)

const (
	hashMultiplier = 0x1e35a7bd
	maxTableBits   = 14
	minTableSize   = 256
	// sameForBoth is the largest block for which the rules differ.
	sameForBoth = 1 << (maxTableBits - 1)
	// inputMargin is the number of bytes at the end of a block where no repetition begins.
	inputMargin = 15
)

// appendBlock appends block in the snappy block format.
func (e *Encoder) appendBlock(dst, block []byte) []byte {
	if e.Rule == Newer && len(block) <= sameForBoth {
		return e.appendNewer(dst, block)
	}
	n := snappy.MaxEncodedLen(len(block))
	if cap(dst)-len(dst) < n {
		dst = append(make([]byte, 0, 2*cap(dst)+n), dst...)
	}
	return dst[:len(dst)+len(snappy.Encode(dst[len(dst):len(dst)+n], block))]
}

// appendNewer is the block encoder with the newer rule, for blocks up to sameForBoth.
func (e *Encoder) appendNewer(dst, src []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(src)))
	m := e.matcher(src)
	literal := 0 // what follows this place was not written yet
	for from := 1; ; {
		at, earlier := m.search(from)
		if at < 0 {
			return appendLiteral(dst, src[literal:])
		}
		dst = appendLiteral(dst, src[literal:at])
		for {
			n := m.matchLength(earlier, at)
			dst = appendCopy(dst, at-earlier, n)
			at += n
			literal = at
			if at >= m.limit {
				return appendLiteral(dst, src[literal:])
			}
			m.note(at - 1)
			if earlier = m.note(at); m.four(earlier) != m.four(at) {
				break
			}
		}
		from = at + 1
	}
}

// matcher finds repetitions in one block.
type matcher struct {
	src   []byte
	table []uint16 // hash to the place that was noted last; 0 where none was
	mask  uint32
	limit int // no repetition begins at or behind this place
}

func (e *Encoder) matcher(src []byte) matcher {
	size := minTableSize
	if len(src) > size {
		size = 1 << bits.Len(uint(len(src)-1))
	}
	if e.table == nil {
		e.table = make([]uint16, sameForBoth)
	}
	clear(e.table[:size])
	return matcher{src: src, table: e.table[:size], mask: uint32(size - 1), limit: len(src) - inputMargin}
}

func (m *matcher) four(at int) uint32 { return binary.LittleEndian.Uint32(m.src[at:]) }

// note remembers a place and gives the one that its hash had before.
func (m *matcher) note(at int) int {
	h := m.four(at) * hashMultiplier >> (32 - maxTableBits) & m.mask
	before := int(m.table[h])
	m.table[h] = uint16(at)
	return before
}

// search gives the next place from which four bytes repeat earlier ones, or −1. The longer it finds nothing, the wider its steps: one byte
// more with every 32 bytes looked at.
func (m *matcher) search(from int) (at, earlier int) {
	looked, next := 32, from
	for {
		at = next
		step := looked / 32
		next += step
		looked += step
		if next > m.limit {
			return -1, 0
		}
		if earlier = m.note(at); m.four(earlier) == m.four(at) {
			return at, earlier
		}
	}
}

// matchLength is for how many bytes, four or more, the bytes at a place repeat earlier ones.
func (m *matcher) matchLength(earlier, at int) int {
	n := 4
	for at+n < len(m.src) && m.src[earlier+n] == m.src[at+n] {
		n++
	}
	return n
}

// The element kinds of the block format, in the two low bits of an element's first byte.
const (
	tagLiteral = 0
	tagCopy1   = 1 // 11 bits of offset, 4 … 11 bytes
	tagCopy2   = 2 // 16 bits of offset, 1 … 64 bytes
)

func appendLiteral(dst, b []byte) []byte {
	switch n := len(b) - 1; {
	case n < 0:
		return dst
	case n < 60:
		dst = append(dst, byte(n)<<2|tagLiteral)
	case n < 1<<8:
		dst = append(dst, 60<<2|tagLiteral, byte(n))
	default:
		dst = append(dst, 61<<2|tagLiteral, byte(n), byte(n>>8))
	}
	return append(dst, b...)
}

// appendCopy writes a repetition in pieces of 64, so that at least four bytes remain for the last.
func appendCopy(dst []byte, offset, n int) []byte {
	for n >= 68 {
		dst = appendCopy2(dst, offset, 64)
		n -= 64
	}
	if n > 64 {
		dst = appendCopy2(dst, offset, 60)
		n -= 60
	}
	if n >= 12 || offset >= 2048 {
		return appendCopy2(dst, offset, n)
	}
	return append(dst, byte(offset>>8)<<5|byte(n-4)<<2|tagCopy1, byte(offset))
}

func appendCopy2(dst []byte, offset, n int) []byte {
	return append(dst, byte(n-1)<<2|tagCopy2, byte(offset), byte(offset>>8))
}
