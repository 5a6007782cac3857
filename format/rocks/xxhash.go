package rocks

import (
	"encoding/binary"
	"math/bits"
)

// The xxHash family as needed for block checksums (Yann Collet, xxhash.com, specification 0.1.1 and XXH3 as of 0.8): XXH32
// and the 64-bit XXH3 with its default secret and seed 0. XXH64 comes from a library.

const (
	prime32x1 = 0x9E3779B1
	prime32x2 = 0x85EBCA77
	prime32x3 = 0xC2B2AE3D
	prime32x4 = 0x27D4EB2F
	prime32x5 = 0x165667B1

	prime64x1 = 0x9E3779B185EBCA87
	prime64x2 = 0xC2B2AE3D27D4EB4F
	prime64x3 = 0x165667B19E3779F9
	prime64x4 = 0x85EBCA77C2B2AE63
	prime64x5 = 0x27D4EB2F165667C5
)

func le32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
func le64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// xxh32 is XXH32 with seed 0.
func xxh32(b []byte) uint32 {
	n := uint32(len(b))
	h := uint32(prime32x5)
	if len(b) >= 16 {
		var p1, p2 uint32 = prime32x1, prime32x2
		v1, v2, v3, v4 := p1+p2, p2, uint32(0), -p1
		for ; len(b) >= 16; b = b[16:] {
			v1 = round32(v1, le32(b, 0))
			v2 = round32(v2, le32(b, 4))
			v3 = round32(v3, le32(b, 8))
			v4 = round32(v4, le32(b, 12))
		}
		h = bits.RotateLeft32(v1, 1) + bits.RotateLeft32(v2, 7) + bits.RotateLeft32(v3, 12) + bits.RotateLeft32(v4, 18)
	}
	h += n
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+le32(b, 0)*prime32x3, 17) * prime32x4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*prime32x5, 11) * prime32x1
	}
	h = (h ^ h>>15) * prime32x2
	h = (h ^ h>>13) * prime32x3
	return h ^ h>>16
}

func round32(acc, lane uint32) uint32 {
	return bits.RotateLeft32(acc+lane*prime32x2, 13) * prime32x1
}

// xxh3 is the 64-bit XXH3 with seed 0.
func xxh3(b []byte) uint64 {
	switch n := len(b); {
	case n > 240:
		return xxh3Long(b)
	case n > 128:
		return xxh3To240(b)
	case n > 16:
		return xxh3To128(b)
	default:
		return xxh3Short(b)
	}
}

func xxh3Short(b []byte) uint64 {
	n := len(b)
	s := xxh3Secret[:]
	switch {
	case n > 8:
		lo := le64(b, 0) ^ le64(s, 24) ^ le64(s, 32)
		hi := le64(b, n-8) ^ le64(s, 40) ^ le64(s, 48)
		return xxh3Mix(uint64(n) + bits.ReverseBytes64(lo) + hi + fold(lo, hi))
	case n >= 4:
		h := uint64(le32(b, n-4)) + uint64(le32(b, 0))<<32 ^ le64(s, 8) ^ le64(s, 16)
		h ^= bits.RotateLeft64(h, 49) ^ bits.RotateLeft64(h, 24)
		h *= 0x9FB21C651E98DF25
		h ^= h>>35 + uint64(n)
		h *= 0x9FB21C651E98DF25
		return h ^ h>>28
	case n > 0:
		in := uint32(b[0])<<16 | uint32(b[n>>1])<<24 | uint32(b[n-1]) | uint32(n)<<8
		return xxh64Mix(uint64(in) ^ uint64(le32(s, 0)^le32(s, 4)))
	}
	return xxh64Mix(le64(s, 56) ^ le64(s, 64))
}

func xxh3To128(b []byte) uint64 {
	n := len(b)
	acc := uint64(n) * prime64x1
	for i := (n - 1) / 32; i >= 0; i-- {
		acc += mix16(b, 16*i, 32*i) + mix16(b, n-16*(i+1), 32*i+16)
	}
	return xxh3Mix(acc)
}

func xxh3To240(b []byte) uint64 {
	n := len(b)
	acc := uint64(n) * prime64x1
	for i := range 8 {
		acc += mix16(b, 16*i, 16*i)
	}
	acc = xxh3Mix(acc)
	for i := 8; i < n/16; i++ {
		acc += mix16(b, 16*i, 16*(i-8)+3)
	}
	return xxh3Mix(acc + mix16(b, n-16, 136-17))
}

// xxh3Long works in stripes of 64 bytes, each against a window of the secret that moves by 8 bytes; after 16 stripes
// the accumulators are scrambled.
func xxh3Long(b []byte) uint64 {
	acc := [8]uint64{prime32x3, prime64x1, prime64x2, prime64x3, prime64x4, prime32x2, prime64x5, prime32x1}
	n := len(b)
	full := (n - 1) / 1024
	for i := range full {
		for j := range 16 {
			stripe(&acc, b[i*1024+j*64:], xxh3Secret[8*j:])
		}
		for j := range acc {
			acc[j] = (acc[j] ^ acc[j]>>47 ^ le64(xxh3Secret[:], 128+8*j)) * prime32x1
		}
	}
	rest := b[full*1024:]
	for j := range (len(rest) - 1) / 64 {
		stripe(&acc, rest[j*64:], xxh3Secret[8*j:])
	}
	stripe(&acc, b[n-64:], xxh3Secret[192-64-7:])
	h := uint64(n) * prime64x1
	for i := range 4 {
		h += fold(acc[2*i]^le64(xxh3Secret[:], 11+16*i), acc[2*i+1]^le64(xxh3Secret[:], 19+16*i))
	}
	return xxh3Mix(h)
}

func stripe(acc *[8]uint64, b, s []byte) {
	b, s = b[:64], s[:64]
	for i := 0; i < 8; i += 2 {
		v0, v1 := le64(b, 8*i), le64(b, 8*i+8)
		k0, k1 := v0^le64(s, 8*i), v1^le64(s, 8*i+8)
		acc[i] += v1 + uint64(uint32(k0))*(k0>>32)
		acc[i+1] += v0 + uint64(uint32(k1))*(k1>>32)
	}
}

func mix16(b []byte, at, secret int) uint64 {
	return fold(le64(b, at)^le64(xxh3Secret[:], secret), le64(b, at+8)^le64(xxh3Secret[:], secret+8))
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func xxh3Mix(h uint64) uint64 {
	h = (h ^ h>>37) * 0x165667919E3779F9
	return h ^ h>>32
}

func xxh64Mix(h uint64) uint64 {
	h = (h ^ h>>33) * prime64x2
	h = (h ^ h>>29) * prime64x3
	return h ^ h>>32
}

// xxh3Secret is the default secret.
var xxh3Secret = [192]byte{
	0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
	0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
	0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
	0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
	0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
	0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
	0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
	0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
	0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
	0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
	0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
	0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
}
