package rocks

import (
	"encoding/binary"

	"github.com/tarn-project/tarn/format/fault"
)

const (
	magicLegacy = 0xdb4775248b80fb57 // LevelDB's; format version 0
	magicTable  = 0x88e241b785f4cff7
	magicPlain  = 0x8242229663bf9564 // plain and cuckoo tables, for a better message
	magicCuckoo = 0x926789d0c5f17873

	footerLegacyLen = 40 + 8
	footerLen       = 1 + 40 + 4 + 8
	blockTrailerLen = 1 + 4 // compression type, checksum

	// LatestFormatVersion is the newest format version of tables that is read.
	LatestFormatVersion = 6
)

// footerMarkV6 stands in front of the fields of a version 6 footer, where older versions have a block handle.
const footerMarkV6 = 0x007a003e

// Handle says where a block is: its offset in the file and its length without the five bytes that follow.
type Handle struct {
	Offset uint64
	Size   uint64
}

// Footer is the end of a table file.
type Footer struct {
	FormatVersion uint32 // 0 to 6
	Checksum      ChecksumType
	MetaIndex     Handle
	Index         Handle // zero in version 6, where the metaindex has it
	Context       uint32 // version 6: base of the context checksum

	offset int64 // of the footer itself
}

// DecodeFooter reads a footer from the last bytes of a table file (at least 53 of them, if the file has so many) that is size
// bytes long.
//
//	version 0     metaindex handle, index handle: varints, zeros up to 40 bytes; magic u64
//	version 1–5   checksum type u8; the same 40 bytes; version u32; magic u64
//	version 6     checksum type u8; 3e 00 7a 00; footer checksum u32; context u32; metaindex size u32; 24 zeros; version; magic
func DecodeFooter(tail []byte, size int64) (Footer, error) {
	end := len(tail)
	if end < footerLegacyLen {
		return Footer{}, fault.New(fault.ErrTruncated, "%d bytes", end).WithExpected("a footer of at least %d", footerLegacyLen)
	}
	switch magic := binary.LittleEndian.Uint64(tail[end-8:]); magic {
	case magicLegacy:
		f := Footer{Checksum: ChecksumCRC32C, offset: size - footerLegacyLen}
		return f, f.handles(tail[end-footerLegacyLen : end-8])
	case magicTable:
	case magicPlain, magicCuckoo:
		return Footer{}, fault.Unsupported(size-8, "a plain or cuckoo table").WithExpected("a block-based table")
	default:
		return Footer{}, fault.Corrupt(size-8, "magic number %016x", magic).WithExpected("%016x or %016x", uint64(magicTable), uint64(magicLegacy))
	}
	if end < footerLen {
		return Footer{}, fault.New(fault.ErrTruncated, "%d bytes", end).WithExpected("a footer of %d", footerLen)
	}
	b := tail[end-footerLen:]
	f := Footer{Checksum: ChecksumType(b[0]), FormatVersion: binary.LittleEndian.Uint32(b[41:]), offset: size - footerLen}
	if f.FormatVersion > LatestFormatVersion {
		return f, fault.Unsupported(size-12, "table format version %d", f.FormatVersion).WithExpected("0 to %d", LatestFormatVersion)
	}
	if f.Checksum > ChecksumXXH3 {
		return f, fault.Unsupported(f.offset, "checksum %s", f.Checksum)
	}
	if f.FormatVersion == 6 {
		return f, f.version6(b)
	}
	return f, f.handles(b[1:41])
}

func (f *Footer) handles(b []byte) error {
	c := &cursor{b: b, base: f.offset}
	f.MetaIndex = readHandle(c)
	f.Index = readHandle(c)
	if c.err == nil && (!f.MetaIndex.inside(f.offset) || !f.Index.inside(f.offset)) {
		c.pos = 0
		c.fail(fault.ErrCorrupt, "block handle", "metaindex %v and index %v", f.MetaIndex, f.Index)
		c.err.WithExpected("both before the footer")
	}
	return c.failure()
}

func (f *Footer) version6(b []byte) error {
	if mark := binary.LittleEndian.Uint32(b[1:]); mark != footerMarkV6 {
		return fault.Corrupt(f.offset+1, "mark %08x", mark).WithExpected("%08x", footerMarkV6)
	}
	f.Context = binary.LittleEndian.Uint32(b[9:])
	if stored, computed := binary.LittleEndian.Uint32(b[5:]), f.sum(b); stored != computed {
		return fault.Corrupt(f.offset, "footer checksum %08x", computed).WithExpected("%08x, as stored", stored)
	}
	size := uint64(binary.LittleEndian.Uint32(b[13:]))
	if binary.LittleEndian.Uint64(b[33:]) != 0 {
		return fault.Unsupported(f.offset+33, "a later feature of format version 6")
	}
	if size+blockTrailerLen > uint64(f.offset) {
		return fault.Corrupt(f.offset+13, "metaindex of %d bytes in a file of %d", size, f.offset)
	}
	f.MetaIndex = Handle{Offset: uint64(f.offset) - blockTrailerLen - size, Size: size}
	return nil
}

// sum is the checksum of a version 6 footer, its own field taken as zero.
func (f *Footer) sum(b []byte) uint32 {
	var c [footerLen]byte
	copy(c[:], b)
	clear(c[5:9])
	return blockSum(f.Checksum, c[:]) + contextSum(f.Context, f.offset)
}

// inside reports whether the block and its trailer end at or before end.
func (h Handle) inside(end int64) bool {
	return h.Size <= uint64(end) && h.Offset <= uint64(end)-h.Size && uint64(end)-h.Size-h.Offset >= blockTrailerLen
}

func readHandle(c *cursor) Handle {
	return Handle{Offset: c.varint("block offset"), Size: c.varint("block size")}
}

// append appends a handle: two varints.
func (h Handle) append(dst []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, h.Offset), h.Size)
}

// append appends a footer of version 0 to 5.
func (f *Footer) append(dst []byte) []byte {
	if f.FormatVersion > 0 {
		dst = append(dst, byte(f.Checksum))
	}
	at := len(dst)
	dst = f.Index.append(f.MetaIndex.append(dst))
	dst = append(dst, make([]byte, at+40-len(dst))...)
	if f.FormatVersion == 0 {
		return binary.LittleEndian.AppendUint64(dst, magicLegacy)
	}
	dst = binary.LittleEndian.AppendUint32(dst, f.FormatVersion)
	return binary.LittleEndian.AppendUint64(dst, magicTable)
}
