package valuejson

import (
	"encoding/hex"
	"unicode/utf8"

	"github.com/tarn-project/tarn/format/serde"
)

const hexDigits = "0123456789abcdef"

// appendQuoted appends a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// appendEscaped appends the inside of a JSON string for a WTF-8 text: quotes, backslashes and control characters (DEL and C1 too)
// are escaped, unpaired surrogates become \uXXXX, bytes that are no text become U+FFFD, all else stays.
func appendEscaped[T ~string | ~[]byte](dst []byte, s T) []byte {
	n := harmless(s, 0)
	if n == len(s) {
		return append(dst, s...)
	}
	return appendSlowly(dst, s, n, true)
}

// appendVisible appends a text for people: control characters, unpaired surrogates and backslashes before nothing else are escaped, so that
// it stays on one line and moves no cursor.
func appendVisible[T ~string | ~[]byte](dst []byte, s T) []byte {
	n := harmless(s, 0)
	if n == len(s) {
		return append(dst, s...)
	}
	return appendSlowly(dst, s, n, false)
}

// appendPlain appends a text as it is, but always as valid UTF-8: unpaired surrogates become \uXXXX.
func appendPlain[T ~string | ~[]byte](dst []byte, s T) []byte {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			dst = append(dst, s[i])
			i++
			continue
		}
		var n int
		dst, n = appendWide(dst, s[i:min(len(s), i+4)], false)
		i += n
	}
	return dst
}

// appendSlowly appends s, whose first n bytes are harmless.
func appendSlowly[T ~string | ~[]byte](dst []byte, s T, n int, quoted bool) []byte {
	dst = append(dst, s[:n]...)
	for i := n; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			var w int
			dst, w = appendWide(dst, s[i:min(len(s), i+4)], true)
			i += w
		case c == '"' || c == '\\':
			if quoted {
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
			i++
		case c < ' ' || c == 0x7F:
			dst = appendControl(dst, c)
			i++
		default:
			j := harmless(s, i)
			dst = append(dst, s[i:j]...)
			i = j
		}
	}
	return dst
}

// harmless gives the end of the run, from i on, of ASCII characters that need no escape.
func harmless[T ~string | ~[]byte](s T, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(s) {
		w := load(s, i)
		quote, slash, del := w^(ones*'"'), w^(ones*'\\'), w^(ones*0x7F)
		if (w|(w-ones*' ')|(quote-ones)|(slash-ones)|(del-ones))&highs != 0 {
			break
		}
		i += 8
	}
	for i < len(s) && s[i] >= ' ' && s[i] < 0x7F && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// load gives eight bytes as one word.
func load[T ~string | ~[]byte](s T, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return appendUnit(dst, uint16(c))
}

// appendUnit appends \uXXXX.
func appendUnit(dst []byte, u uint16) []byte {
	return append(dst, '\\', 'u', hexDigits[u>>12], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

// appendWide appends the character that s, at most four bytes, starts with, and says how many bytes it took.
func appendWide[T ~string | ~[]byte](dst []byte, s T, escapeControls bool) ([]byte, int) {
	var b [4]byte
	n := copy(b[:], s)
	r, w := utf8.DecodeRune(b[:n])
	switch {
	case r != utf8.RuneError || w > 1:
		if escapeControls && r < 0xA0 {
			return appendUnit(dst, uint16(r)), w
		}
		return append(dst, b[:w]...), w
	case n >= 3 && b[0] == 0xED && b[1]&0xE0 == 0xA0 && b[2]&0xC0 == 0x80: // a surrogate on its own
		return appendUnit(dst, 0xD000|uint16(b[1]&0x3F)<<6|uint16(b[2]&0x3F)), 3
	}
	return utf8.AppendRune(dst, utf8.RuneError), 1
}

// appendWTF appends one UTF-16 unit as WTF-8.
func appendWTF(dst []byte, u uint16) []byte {
	if u&0xF800 == 0xD800 {
		return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
	}
	return utf8.AppendRune(dst, rune(u))
}

func appendHex(dst, b []byte) []byte { return hex.AppendEncode(dst, b) }

// briefBytes is how many bytes people want to see of a byte array.
const briefBytes = 16

func appendBriefHex(dst, b []byte) []byte {
	dst = append(dst, '0', 'x')
	if len(b) <= briefBytes {
		return appendHex(dst, b)
	}
	dst = appendHex(dst, b[:briefBytes])
	dst = append(dst, "…("...)
	dst = appendInt(dst, int64(len(b)))
	return append(dst, " bytes)"...)
}

func appendBriefRaw(dst []byte, t *serde.Type, b []byte) []byte {
	dst = append(dst, "raw"...)
	if t != nil {
		name := t.Class
		if name == "" {
			name = t.Serializer
		}
		dst = append(dst, '(')
		dst = appendVisible(dst, serde.SimpleName(name))
		dst = append(dst, ')')
	}
	dst = append(dst, ' ')
	return appendBriefHex(dst, b)
}
