package parquet

import "encoding/binary"

// appendHybrid appends numbers in the encoding of levels and dictionary indices: runs of equal numbers, and groups of eight packed into
// bits, lowest first.
func appendHybrid[T uint8 | uint32](dst []byte, v []T, width int) []byte {
	for i := 0; i < len(v); {
		if n := runLength(v[i:]); n >= 8 || n == len(v)-i {
			dst = binary.AppendUvarint(dst, uint64(n)<<1)
			for b := 0; b < width; b += 8 {
				dst = append(dst, byte(uint32(v[i])>>b))
			}
			i += n
			continue
		}
		n := packedLength(v[i:])
		dst = appendPacked(dst, v[i:i+n], width)
		i += n
	}
	return dst
}

func runLength[T uint8 | uint32](v []T) int {
	n := 1
	for n < len(v) && v[n] == v[0] {
		n++
	}
	return n
}

// packedLength tells how many numbers to pack: whole groups up to where a run of eight begins, or all the rest.
func packedLength[T uint8 | uint32](v []T) int {
	n := 8
	for n < len(v) && runLength(v[n:min(len(v), n+8)]) < 8 {
		n += 8
	}
	return min(n, len(v))
}

func appendPacked[T uint8 | uint32](dst []byte, v []T, width int) []byte {
	groups := (len(v) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	var bits uint64
	have := 0
	for i := range groups * 8 {
		if i < len(v) {
			bits |= uint64(v[i]) << have
		}
		for have += width; have >= 8; have -= 8 {
			dst = append(dst, byte(bits))
			bits >>= 8
		}
	}
	return dst
}
