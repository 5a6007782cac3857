// Package frame reads and writes compressed state as Flink does it with snapshot compression switched on
// (SnappyStreamCompressionDecorator over snappy-java's SnappyFramedOutputStream, Flink 1.8 … 2.3).
//
// The format is the public snappy framing format. A stream is a run of chunks:
//
//	chunk   u1 kind, u3 length in little-endian order, length bytes
//	FF      stream identifier, always FF 06 00 00 73 4E 61 50 70 59 ("sNaPpY"); every stream of Flink begins with one
//	00      u4 checksum, then one block in the snappy block format
//	01      u4 checksum, then the bytes as they are
//	02–7F   a reader that does not know them must give up
//	80–FE   to be passed over (FE is padding)
//
// The checksum is the CRC-32C of the uncompressed bytes, masked (rotated right by 15 bits, plus 0xA282EAD8), in
// little-endian order. Flink does not look at it when it restores; Reader does. A block holds at most 65,536
// uncompressed bytes. Nothing says where a stream ends: it is over when its surroundings say so.
//
// Flink writes blocks of 65,536 bytes (the last one of a stream, and the last one before a flush, is shorter), stores a
// block as it is when compressing leaves more than 85 % of it, and writes the identifier even of a stream without content.
// One stream covers: a key group in the canonical layout; one state of one key group in the heap layout; all operator
// states of a subtask (Flink 1.19 and newer), where some chunks are entered from outside, without an identifier before them.
//
// The bytes of a compressed block depend on the encoder. See Rule.
package frame

import "hash/crc32"

// HeaderSize is the number of bytes of a stream identifier.
const HeaderSize = 10

// BlockSize is the highest number of uncompressed bytes of one chunk.
const BlockSize = 1 << 16

const (
	kindCompressed = 0x00
	kindStored     = 0x01
	kindSkippable  = 0x80 // this and above, but for the identifier
	kindIdentifier = 0xFF

	chunkHeader  = 4 // kind and length
	checksumSize = 4
	// minData is the shortest data chunk that snappy-java accepts.
	minData = checksumSize + 1
	// maxData is the longest: a block of 65,536 bytes that the block encoder could not shrink at all.
	maxData = checksumSize + 32 + BlockSize + BlockSize/6
)

// identifier is the whole chunk that opens a stream.
const identifier = "\xff\x06\x00\x00sNaPpY"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the masked CRC-32C of a block's uncompressed bytes.
func checksum(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// IsHeader reports whether b begins with a stream identifier.
func IsHeader(b []byte) bool { return len(b) >= HeaderSize && string(b[:HeaderSize]) == identifier }
