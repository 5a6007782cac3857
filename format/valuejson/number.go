package valuejson

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// maxInteger is the size in bytes of the largest BigInteger that is turned into digits: the work grows faster than the size.
const maxInteger = 1 << 18

// maxZeros is how many zeros a decimal may need beyond its own digits; a scale that asks for more is written with an exponent.
const maxZeros = 4096

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

// notFinite names what JSON has no number for, or gives "".
func notFinite(v float64) string {
	switch {
	case v != v:
		return "NaN"
	case v > math.MaxFloat64:
		return "Infinity"
	case v < -math.MaxFloat64:
		return "-Infinity"
	}
	return ""
}

// appendFloat appends the shortest decimal that reads as v; very large and very small ones with an exponent.
func appendFloat(dst []byte, v float64, size int) []byte {
	if i := int64(v); -1<<53 < i && i < 1<<53 && float64(i) == v && (i != 0 || !math.Signbit(v)) {
		if size == 64 || (-1<<24 < i && i < 1<<24) {
			return strconv.AppendInt(dst, i, 10)
		}
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, v, format, -1, size)
}

// appendDecimal appends unscaled × 10^-scale, unscaled being big-endian two's complement, in plain digits.
func appendDecimal(dst, unscaled []byte, scale int32) []byte {
	start := len(dst)
	dst = appendBig(dst, unscaled)
	if scale == 0 {
		return dst
	}
	digits := start
	if dst[start] == '-' {
		digits++
	}
	n := len(dst) - digits
	zero := n == 1 && dst[digits] == '0'
	switch {
	case scale < -maxZeros || int(scale) > n+maxZeros:
		return appendInt(append(dst, 'E'), -int64(scale))
	case scale < 0 && zero:
		return dst
	case scale < 0:
		return appendZeros(dst, int(-scale))
	}
	if missing := int(scale) + 1 - n; missing > 0 { // so that a digit stands before the point
		dst = appendZeros(dst, missing)
		copy(dst[digits+missing:], dst[digits:digits+n])
		for i := range missing {
			dst[digits+i] = '0'
		}
	}
	dst = append(dst, 0)
	point := len(dst) - 1 - int(scale)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// wide is the size in bytes of the integers that are turned into digits without allocating.
const wide = 32

// appendBig appends the digits of a two's complement integer.
func appendBig(dst, b []byte) []byte {
	switch {
	case len(b) == 0:
		return append(dst, '0')
	case len(b) <= 8:
		v := int64(int8(b[0]))
		for _, c := range b[1:] {
			v = v<<8 | int64(c)
		}
		return appendInt(dst, v)
	case len(b) <= wide:
		return appendWords(dst, b)
	}
	return append(dst, toBig(b).String()...)
}

// toBig makes a number of two's complement bytes.
func toBig(b []byte) *big.Int {
	v := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return v
}

// appendWords appends the digits of an integer of 9 to 32 bytes by dividing by 10^19, the largest power in a word.
func appendWords(dst, b []byte) []byte {
	const base = 1e19
	var words [wide / 8]uint64 // least significant first
	negative := b[0]&0x80 != 0
	for i := range words {
		for j := range 8 {
			c := byte(0)
			if k := len(b) - 1 - 8*i - j; k >= 0 {
				c = b[k]
			} else if negative {
				c = 0xFF
			}
			words[i] |= uint64(c) << (8 * j)
		}
	}
	if negative {
		dst = append(dst, '-')
		carry := uint64(1)
		for i, w := range words {
			words[i], carry = bits.Add64(^w, 0, carry)
		}
	}
	var parts [5]uint64 // 5 × 19 digits hold 2^256
	n := 0
	for words != [wide / 8]uint64{} {
		var rem uint64
		for i := len(words) - 1; i >= 0; i-- {
			words[i], rem = bits.Div64(rem, words[i], base)
		}
		parts[n] = rem
		n++
	}
	if n == 0 {
		return append(dst, '0')
	}
	dst = strconv.AppendUint(dst, parts[n-1], 10)
	for i := n - 2; i >= 0; i-- {
		for limit := uint64(base / 10); limit > 1 && parts[i] < limit; limit /= 10 {
			dst = append(dst, '0')
		}
		dst = strconv.AppendUint(dst, parts[i], 10)
	}
	return dst
}

// javaNaN is the bits of Double.NaN, the only NaN that Java makes by itself.
const javaNaN = 0x7FF8000000000000
