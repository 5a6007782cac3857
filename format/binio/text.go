package binio

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// Text in tarn is WTF-8: UTF-8 that may also hold unpaired surrogates as three bytes each, since Java strings may. A high
// surrogate directly followed by a low one is always written as the one character that they mean.

// UTF reads a utf field and returns it as WTF-8.
func (r *Reader) UTF() string {
	return r.ModifiedUTF8(int(r.U16()))
}

// ModifiedUTF8 reads n bytes of modified UTF-8 and returns them as WTF-8.
func (r *Reader) ModifiedUTF8(n int) string {
	at := r.pos
	b := r.take(n)
	r.shape = ShapeText
	if r.err != nil {
		return ""
	}
	if plain(b) {
		return string(b)
	}
	s, ok := decodeModified(b)
	if !ok {
		r.pos = at
		r.Corrupt("bytes that are no modified UTF-8")
	}
	return s
}

// plain reports whether b holds only 01..7F, where all encodings agree.
func plain(b []byte) bool {
	for _, c := range b {
		if c-1 >= 0x7F {
			return false
		}
	}
	return true
}

func decodeModified(b []byte) (string, bool) {
	out := make([]byte, 0, len(b))
	var units unitWriter
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c != 0 && c < 0x80:
			out = units.append(out, uint16(c))
			i++
		case c&0xE0 == 0xC0 && i+1 < len(b) && b[i+1]&0xC0 == 0x80:
			u := uint16(c&0x1F)<<6 | uint16(b[i+1]&0x3F)
			if u != 0 && u < 0x80 {
				return "", false
			}
			out = units.append(out, u)
			i += 2
		case c&0xF0 == 0xE0 && i+2 < len(b) && b[i+1]&0xC0 == 0x80 && b[i+2]&0xC0 == 0x80:
			u := uint16(c&0x0F)<<12 | uint16(b[i+1]&0x3F)<<6 | uint16(b[i+2]&0x3F)
			if u < 0x800 {
				return "", false
			}
			out = units.append(out, u)
			i += 3
		default:
			return "", false
		}
	}
	return string(out), true
}

// unitWriter turns UTF-16 units into WTF-8, joining surrogate pairs.
type unitWriter struct{ high bool }

func (w *unitWriter) append(dst []byte, u uint16) []byte {
	if w.high && u&0xFC00 == 0xDC00 {
		n := len(dst) - 3
		hi := uint32(dst[n+1]&0x0F)<<6 | uint32(dst[n+2]&0x3F) // the ten low bits of the high surrogate
		w.high = false
		return utf8.AppendRune(dst[:n], rune(0x10000+hi<<10+uint32(u&0x3FF)))
	}
	w.high = u&0xFC00 == 0xD800
	return appendUnit(dst, u)
}

// appendUnit appends one UTF-16 unit, surrogates included, as up to three bytes.
func appendUnit(dst []byte, u uint16) []byte {
	switch {
	case u < 0x80:
		return append(dst, byte(u))
	case u < 0x800:
		return append(dst, 0xC0|byte(u>>6), 0x80|byte(u&0x3F))
	default:
		return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
	}
}

// EachUnit calls f with every UTF-16 unit of a WTF-8 text. Bytes that are no WTF-8 count as U+FFFD.
func EachUnit[T ~string | ~[]byte](s T, f func(uint16)) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c < 0x80:
			f(uint16(c))
			i++
		case c&0xE0 == 0xC0 && i+1 < len(s):
			f(uint16(c&0x1F)<<6 | uint16(s[i+1]&0x3F))
			i += 2
		case c&0xF0 == 0xE0 && i+2 < len(s):
			f(uint16(c&0x0F)<<12 | uint16(s[i+1]&0x3F)<<6 | uint16(s[i+2]&0x3F))
			i += 3
		case c&0xF8 == 0xF0 && i+3 < len(s):
			p := uint32(c&7)<<18 | uint32(s[i+1]&0x3F)<<12 | uint32(s[i+2]&0x3F)<<6 | uint32(s[i+3]&0x3F)
			p -= 0x10000
			f(0xD800 | uint16(p>>10)&0x3FF)
			f(0xDC00 | uint16(p&0x3FF))
			i += 4
		default:
			f(utf8.RuneError)
			i++
		}
	}
}

// Units is the number of UTF-16 units of a WTF-8 text.
func Units[T ~string | ~[]byte](s T) int {
	n := 0
	EachUnit(s, func(uint16) { n++ })
	return n
}

// AppendUTF appends a WTF-8 text as a utf field. A text of more than 65,535 encoded bytes cannot be written: ok is false.
func AppendUTF(dst []byte, s string) (out []byte, ok bool) {
	at := len(dst)
	dst = append(dst, 0, 0)
	dst = AppendModifiedUTF8(dst, s)
	n := len(dst) - at - 2
	if n > math.MaxUint16 {
		return dst[:at], false
	}
	binary.BigEndian.PutUint16(dst[at:], uint16(n))
	return dst, true
}

// AppendModifiedUTF8 appends a WTF-8 text as modified UTF-8 without a length.
func AppendModifiedUTF8(dst []byte, s string) []byte {
	EachUnit(s, func(u uint16) {
		if u == 0 {
			dst = append(dst, 0xC0, 0x80)
			return
		}
		dst = appendUnit(dst, u)
	})
	return dst
}

// VarInt reads an unsigned varint of at most 32 bits in its shortest form.
func (r *Reader) VarInt() uint32 {
	if r.err == nil && r.pos < len(r.buf) && r.buf[r.pos] < 0x80 {
		r.pos++
		return uint32(r.buf[r.pos-1])
	}
	return r.longVarInt()
}

func (r *Reader) longVarInt() uint32 {
	var v uint64
	for shift := 0; shift <= 28; shift += 7 {
		c := r.U8()
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			if r.err == nil && ((c == 0 && shift > 0) || v > math.MaxUint32) {
				r.Corrupt("a varint that is not in its shortest form")
			}
			return uint32(v)
		}
	}
	r.Corrupt("a varint of more than 32 bits")
	return 0
}

// AppendVarInt appends an unsigned varint.
func AppendVarInt(dst []byte, v uint32) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// String reads a StringValue-encoded string as WTF-8. The bytes are valid until the next read: they alias the input where the
// text is ASCII, else the reader's scratch memory. null is true for the null string.
func (r *Reader) String() (text []byte, null bool) {
	r.shape = ShapeString
	n := r.VarInt()
	if n == 0 || r.err != nil {
		return nil, true
	}
	return r.Chars(int(n - 1)), false
}

// Chars reads n UTF-16 units, each a varint, as WTF-8. The bytes are valid until the next read.
func (r *Reader) Chars(n int) []byte {
	if n < 0 || n > r.Len() { // an int of 32 bits may overflow
		r.short(n)
		return nil
	}
	b := r.buf[r.pos : r.pos+n : r.pos+n]
	if ascii(b) {
		r.pos += n
		return b
	}
	return r.wideChars(n)
}

// ascii reports whether no byte has its high bit set, eight bytes at a time.
func ascii(b []byte) bool {
	const high = 0x8080808080808080
	if n := len(b); n >= 8 {
		for i := 0; i+8 < n; i += 8 {
			if binary.LittleEndian.Uint64(b[i:])&high != 0 {
				return false
			}
		}
		return binary.LittleEndian.Uint64(b[n-8:])&high == 0 // the last eight, some of them again
	}
	var or byte
	for _, c := range b {
		or |= c
	}
	return or < 0x80
}

func (r *Reader) wideChars(n int) []byte {
	out := r.Scratch(3 * n)[:0] // n <= bytes left
	var units unitWriter
	for range n {
		u := r.VarInt()
		if r.err != nil {
			return nil
		}
		if u > math.MaxUint16 {
			r.Corrupt("character %#x", u)
			return nil
		}
		out = units.append(out, uint16(u))
	}
	return out
}

// SkipString moves over a StringValue-encoded string.
func (r *Reader) SkipString() {
	n := int(r.VarInt())
	if n > 1 {
		r.SkipChars(n - 1)
	}
}

// SkipChars moves over n varints.
func (r *Reader) SkipChars(n int) {
	if r.err != nil || n < 0 || n > r.Len() {
		r.short(n)
		return
	}
	if ascii(r.buf[r.pos : r.pos+n]) {
		r.pos += n
		return
	}
	for range n {
		for c := r.U8(); c >= 0x80; c = r.U8() {
		}
		if r.err != nil {
			return
		}
	}
}

// AppendString appends a WTF-8 text in StringValue encoding.
func AppendString[T ~string | ~[]byte](dst []byte, s T) []byte {
	return AppendChars(AppendVarInt(dst, uint32(Units(s)+1)), s)
}

// AppendNullString appends the null string.
func AppendNullString(dst []byte) []byte { return append(dst, 0) }

// AppendChars appends each UTF-16 unit of a WTF-8 text as a varint.
func AppendChars[T ~string | ~[]byte](dst []byte, s T) []byte {
	EachUnit(s, func(u uint16) { dst = AppendVarInt(dst, uint32(u)) })
	return dst
}
