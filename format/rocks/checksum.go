package rocks

import (
	"fmt"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"
)

// ChecksumType says how blocks of a table are summed (ChecksumType in RocksDB's table.h).
type ChecksumType uint8

// The checksum types.
const (
	ChecksumNone   ChecksumType = 0
	ChecksumCRC32C ChecksumType = 1
	ChecksumXXH32  ChecksumType = 2
	ChecksumXXH64  ChecksumType = 3
	ChecksumXXH3   ChecksumType = 4 // since 6.27
)

func (t ChecksumType) String() string {
	switch t {
	case ChecksumNone:
		return "none"
	case ChecksumCRC32C:
		return "CRC32C"
	case ChecksumXXH32:
		return "XXH32"
	case ChecksumXXH64:
		return "XXH64"
	case ChecksumXXH3:
		return "XXH3"
	}
	return fmt.Sprintf("type %d", uint8(t))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskCRC is the rotation and offset that LevelDB and RocksDB apply to a CRC before storing it.
func maskCRC(c uint32) uint32 { return (c>>15 | c<<17) + 0xa282ead8 }

// blockSum is the checksum of a block: stored is its bytes followed by the compression type byte. It ignores the
// addition of format version 6 (see contextSum).
func blockSum(t ChecksumType, stored []byte) uint32 {
	switch t {
	case ChecksumCRC32C:
		return maskCRC(crc32.Checksum(stored, castagnoli))
	case ChecksumXXH32:
		return xxh32(stored)
	case ChecksumXXH64:
		return uint32(xxhash.Sum64(stored))
	case ChecksumXXH3:
		// The last byte is mixed in from outside, so that RocksDB need not copy or stream.
		n := len(stored) - 1
		return uint32(xxh3(stored[:n])) ^ uint32(stored[n])*0x6b9083d9
	}
	return 0
}

// contextSum is what format version 6 adds to the checksum of a block at an offset, so that a block that was moved or
// belongs to another file is found out. base is the table's context, 0 for none.
func contextSum(base uint32, offset int64) uint32 {
	if base == 0 {
		return 0
	}
	return base ^ (uint32(offset) + uint32(uint64(offset)>>32))
}
