package keygroup

import (
	"encoding/binary"
	"math/bits"
)

// Java's hashCode of the types that Flink keys have. A container's hash is made of its elements' hashes by Fold.

// Bool is Boolean.hashCode.
func Bool(v bool) int32 {
	if v {
		return 1231
	}
	return 1237
}

// Long is Long.hashCode, and the hash of everything that Java hashes as one 64-bit number: Date by its milliseconds,
// UUID by its halves xor-ed, LocalTime by its nanoseconds of the day.
func Long(v int64) int32 { return int32(v ^ int64(uint64(v)>>32)) }

// Float is Float.hashCode of a value given by its bits. All NaN hash as the canonical one.
func Float(b uint32) int32 {
	if b&0x7FFFFFFF > 0x7F800000 {
		b = 0x7FC00000
	}
	return int32(b)
}

// Double is Double.hashCode of a value given by its bits.
func Double(b uint64) int32 {
	if b&0x7FFFFFFFFFFFFFFF > 0x7FF0000000000000 {
		b = 0x7FF8000000000000
	}
	return Long(int64(b))
}

// Fold continues a polynomial hash: 31*h + e. Lists, Objects.hash and Arrays.hashCode start at 1, tuples with their first
// field's hash, strings at 0.
func Fold(h, e int32) int32 { return 31*h + e }

// ASCII is String.hashCode of a text of one-byte characters.
func ASCII(b []byte) int32 {
	var h uint32
	for _, c := range b {
		h = 31*h + uint32(c)
	}
	return int32(h)
}

// BigInteger is BigInteger.hashCode of a number in two's complement, big-endian.
func BigInteger(twos []byte) int32 {
	if len(twos) == 0 {
		return 0
	}
	negative := twos[0]&0x80 != 0
	mag := magnitude(twos)
	var h uint32
	head := len(mag) % 4
	for _, c := range mag[:head] {
		h = h<<8 | uint32(c)
	}
	mag = mag[head:]
	for ; len(mag) >= 4; mag = mag[4:] {
		h = 31*h + binary.BigEndian.Uint32(mag)
	}
	if negative {
		return -int32(h)
	}
	return int32(h)
}

// magnitude is the absolute value, without leading zero bytes.
func magnitude(twos []byte) []byte {
	mag := twos
	if twos[0]&0x80 != 0 {
		mag = make([]byte, len(twos))
		carry := uint16(1)
		for i := len(twos) - 1; i >= 0; i-- {
			s := uint16(^twos[i]) + carry
			mag[i], carry = byte(s), s>>8
		}
	}
	for len(mag) > 0 && mag[0] == 0 {
		mag = mag[1:]
	}
	return mag
}

// BigDecimal is BigDecimal.hashCode of unscaled (two's complement, big-endian) and scale.
func BigDecimal(unscaled []byte, scale int32) int32 {
	mag := magnitude(pad(unscaled))
	if len(mag) > 8 || (len(mag) == 8 && mag[0] >= 0x80) {
		return 31*BigInteger(unscaled) + scale
	}
	var a uint64
	for _, c := range mag {
		a = a<<8 | uint64(c)
	}
	t := int32(uint32(a>>32)*31 + uint32(a))
	if len(unscaled) > 0 && unscaled[0]&0x80 != 0 {
		t = -t
	}
	return 31*t + scale
}

func pad(b []byte) []byte {
	if len(b) == 0 {
		return []byte{0}
	}
	return b
}

// LocalDate is LocalDate.hashCode.
func LocalDate(year, month, day int32) int32 {
	return int32(uint32(year)&0xFFFFF800) ^ (year<<11 + month<<6 + day)
}

// Instant is Instant.hashCode.
func Instant(seconds int64, nanos int32) int32 { return Long(seconds) + 51*nanos }

// TimeWindow is the hashCode of the DataStream API's TimeWindow (MathUtils.longToIntWithBitMixing of start + end).
func TimeWindow(start, end int64) int32 {
	x := uint64(start + end)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int32(x ^ x>>31)
}

// BinaryRow is the hash of a SQL row (BinaryRowData.hashCode: MurmurHashUtils.hashBytesByWords, seed 42) over its bytes after the
// length field. Rows are multiples of 8 bytes long; bytes beyond the last whole word are ignored.
func BinaryRow(b []byte) int32 {
	h := uint32(42)
	for i := 0; i+4 <= len(b); i += 4 {
		h = mixH(h, mixK(binary.LittleEndian.Uint32(b[i:])))
	}
	return int32(finish(h, uint32(len(b))))
}

// BinaryString is the hash of SQL character data (BinaryStringData.hashCode: MurmurHashUtils.hashUnsafeBytes, seed 42) over its UTF-8
// bytes. Each of the last one to three bytes is mixed in as a signed word of its own.
func BinaryString(b []byte) int32 {
	h := uint32(42)
	i := 0
	for ; i+4 <= len(b); i += 4 {
		h = mixH(h, mixK(binary.LittleEndian.Uint32(b[i:])))
	}
	for ; i < len(b); i++ {
		h = mixH(h, mixK(uint32(int32(int8(b[i])))))
	}
	return int32(finish(h, uint32(len(b))))
}

func mixK(k uint32) uint32 { return bits.RotateLeft32(k*0xcc9e2d51, 15) * 0x1b873593 }

func mixH(h, k uint32) uint32 { return bits.RotateLeft32(h^k, 13)*5 + 0xe6546b64 }

func finish(h, n uint32) uint32 {
	h ^= n
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// TableTimeWindow is the hashCode of SQL's TimeWindow: start plus the inverse of the odd number 2*end + 1 modulo 2³².
func TableTimeWindow(start, end int64) int32 { return int32(start + int64(inverse(int32(end<<1)+1))) }

// inverse is the multiplicative inverse of an odd number modulo 2³²: each step doubles the bits that are right.
func inverse(x int32) int32 {
	y := x * x * x
	for range 4 {
		y *= 2 - x*y
	}
	return y
}

// CountWindow is the hashCode of SQL's CountWindow (MathUtils.longToIntWithBitMixing of the id).
func CountWindow(id int64) int32 { return TimeWindow(id, 0) }
