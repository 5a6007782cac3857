package serde

import (
	"encoding/binary"
	"unicode/utf8"
)

// The primitives of Kryo: fixed-width numbers are big-endian in Kryo 2.24 and little-endian in Kryo 5. A varint has at most five
// bytes, a varlong at most nine, the last of which has eight bits. Signed ones are in zigzag. A string starts with
//
//	bit 7 not set  ASCII of 2 to 63 characters (2 to 32 in Kryo 5), bit 7 of the last one is set
//	bit 7 set      length plus one: 6 bits, bit 6 says that groups of 7 bits follow; then each UTF-16 unit in 1 to 3 bytes.
//	               80 is null, 81 the empty string

func (k *kryo) order() binary.ByteOrder {
	if k.version == 0 {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (k *kryo) fixed16() uint16 {
	if b := k.r.Bytes(2); b != nil {
		return k.order().Uint16(b)
	}
	return 0
}

func (k *kryo) fixed32() uint32 {
	if b := k.r.Bytes(4); b != nil {
		return k.order().Uint32(b)
	}
	return 0
}

func (k *kryo) fixed64() uint64 {
	if b := k.r.Bytes(8); b != nil {
		return k.order().Uint64(b)
	}
	return 0
}

func (k *kryo) zigzag32() int32 {
	v := k.r.VarInt()
	return int32(v>>1) ^ -int32(v&1)
}

func (k *kryo) varLong() uint64 {
	var v uint64
	for shift := 0; shift < 56; shift += 7 {
		c := k.r.U8()
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			if c == 0 && shift > 0 {
				k.r.Corrupt("a varlong that is not in its shortest form")
			}
			return v
		}
	}
	return v | uint64(k.r.U8())<<56
}

func (k *kryo) zigzag64() int64 {
	v := k.varLong()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads a number of things of at least size bytes each, which is stored with plus added to it; null is true for 0 where plus is 1.
func (k *kryo) count(plus uint32, size int) (n int, null bool) {
	return k.bounded(k.r.VarInt(), plus, size)
}

func (k *kryo) bounded(v, plus uint32, size int) (n int, null bool) {
	if k.failed() || v < plus {
		return 0, true
	}
	left := k.r.Len()
	if v -= plus; uint64(v)*uint64(size) > uint64(left) {
		k.r.Skip(left + 1) // with more bytes it could be right
		return 0, false
	}
	return int(v), false
}

// flagged reads a varint whose first byte has a flag in bit 7 and says in bit 6 that more follows.
func (k *kryo) flagged() (v uint32, flag bool) {
	c := k.r.U8()
	v = uint32(c & 0x3F)
	for shift := 6; c&0x40 != 0; shift += 7 {
		b := k.r.U8()
		if shift > 27 || (b == 0 && !k.failed()) {
			k.r.Corrupt("a length that is not in its shortest form")
			return 0, false
		}
		v |= uint32(b&0x7F) << shift
		if b < 0x80 {
			break
		}
	}
	return v, c&0x80 != 0
}

// text reads a string as WTF-8. The bytes are valid until the next one is read.
func (k *kryo) text() (text []byte, null bool) {
	rest := k.r.Rest()
	if k.failed() || len(rest) == 0 {
		k.r.U8()
		return nil, false
	}
	if rest[0] < 0x80 {
		return k.asciiText(rest), false
	}
	n, _ := k.flagged()
	if k.failed() || n == 0 {
		return nil, true
	}
	return k.units(int(n - 1)), false
}

// maxASCII is the longest text in the ASCII form.
const maxASCII = 63

func (k *kryo) asciiText(rest []byte) []byte {
	for i := 1; i < len(rest) && i < maxASCII; i++ {
		if rest[i] >= 0x80 {
			out := append(k.r.Scratch(i + 1)[:0], k.r.Bytes(i+1)...)
			out[i] &= 0x7F
			return out
		}
	}
	if len(rest) < maxASCII {
		k.r.Skip(len(rest) + 1)
		return nil
	}
	k.r.Corrupt("a text of more than %d characters in the form of short ones", maxASCII)
	return nil
}

// units reads n UTF-16 units.
func (k *kryo) units(n int) []byte {
	if n > k.r.Len() {
		k.r.Skip(n)
		return nil
	}
	out := k.r.Scratch(3 * n)[:0]
	for range n {
		u := k.unit()
		if k.failed() {
			return nil
		}
		out = appendUTF16(out, u)
	}
	return out
}

func (k *kryo) unit() uint16 {
	c := k.r.U8()
	switch {
	case c < 0x80:
		return uint16(c)
	case c&0xE0 == 0xC0:
		return uint16(c&0x1F)<<6 | k.continuation()
	case c&0xF0 == 0xE0:
		hi := k.continuation()
		return uint16(c&0x0F)<<12 | hi<<6 | k.continuation()
	}
	k.r.Corrupt("byte %#02x in a text", c)
	return 0
}

func (k *kryo) continuation() uint16 {
	c := k.r.U8()
	if c&0xC0 != 0x80 {
		k.r.Corrupt("byte %#02x in a text", c)
	}
	return uint16(c & 0x3F)
}

// appendUTF16 appends a UTF-16 unit to WTF-8, joining it with a high surrogate at the end.
func appendUTF16(dst []byte, u uint16) []byte {
	n := len(dst) - 3
	if u&0xFC00 == 0xDC00 && n >= 0 && dst[n] == 0xED && dst[n+1]&0xF0 == 0xA0 {
		hi := rune(dst[n+1]&0x0F)<<6 | rune(dst[n+2]&0x3F)
		return utf8.AppendRune(dst[:n], 0x10000+hi<<10+rune(u&0x3FF))
	}
	if u&0xF800 == 0xD800 {
		return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
	}
	return utf8.AppendRune(dst, rune(u))
}

// appendKryoText writes a string as Output.writeString does.
func appendKryoText(dst []byte, version int, units []uint16) []byte {
	limit := maxASCII
	if version == 1 {
		limit = 32
	}
	ascii := len(units) > 1 && len(units) <= limit
	for _, u := range units {
		ascii = ascii && u < 0x80
	}
	if !ascii {
		dst = appendFlagged7(dst, uint32(len(units)+1), true)
	}
	for _, u := range units {
		switch {
		case u < 0x80:
			dst = append(dst, byte(u))
		case u < 0x800:
			dst = append(dst, 0xC0|byte(u>>6), 0x80|byte(u&0x3F))
		default:
			dst = append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
		}
	}
	if ascii {
		dst[len(dst)-1] |= 0x80
	}
	return dst
}

// appendFlagged7 is the reverse of flagged.
func appendFlagged7(dst []byte, v uint32, flag bool) []byte {
	first := byte(v & 0x3F)
	if flag {
		first |= 0x80
	}
	if v >>= 6; v == 0 {
		return append(dst, first)
	}
	dst = append(dst, first|0x40)
	for ; v >= 0x80; v >>= 7 {
		dst = append(dst, byte(v)|0x80)
	}
	return append(dst, byte(v))
}
