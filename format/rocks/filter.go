package rocks

import "encoding/binary"

// filterName names RocksDB's Bloom filters in metaindex and properties; which of several layouts one has stands in its last
// bytes.
const filterName = "rocksdb.BuiltinBloomFilter"

// filterWriter makes a full filter in the layout that all versions read (LegacyLocalityBloomImpl in util/bloom_impl.h): a key
// has all its bits in one line of 64 bytes.
//
//	lines of 64 bytes; number of probes u8; number of lines u32
//	line = hash mod lines; probe i is bit (hash + i * (hash rotated right by 17)) mod 512 of the line
type filterWriter struct {
	bits   int // per key; 0 is no filter
	hashes []uint32
}

const (
	filterLine = 64 // bytes
	filterSeed = 0xbc9f1d34
)

func (f *filterWriter) add(user []byte) {
	f.hashes = append(f.hashes, filterHash(user))
}

// finish gives the filter block, or nil if there is no filter.
func (f *filterWriter) finish() []byte {
	if f.bits <= 0 {
		return nil
	}
	probes := min(max(f.bits*69/100, 1), 30)
	lines := (len(f.hashes)*f.bits + 8*filterLine - 1) / (8 * filterLine)
	lines |= 1 // an odd number takes all bits of the hash into account
	b := make([]byte, lines*filterLine, lines*filterLine+5)
	for _, h := range f.hashes {
		line := b[int(h%uint32(lines))*filterLine:][:filterLine]
		delta := h>>17 | h<<15
		for range probes {
			bit := h % (8 * filterLine)
			line[bit/8] |= 1 << (bit % 8)
			h += delta
		}
	}
	b = append(b, byte(probes))
	return binary.LittleEndian.AppendUint32(b, uint32(lines))
}

// filterHash is the hash of RocksDB's util/hash.cc, a MurmurHash 1 whose last bytes are taken as signed.
func filterHash(b []byte) uint32 {
	const m = 0xc6a4a793
	h := uint32(filterSeed) ^ uint32(len(b))*m
	for ; len(b) >= 4; b = b[4:] {
		h = (h + le32(b, 0)) * m
		h ^= h >> 16
	}
	if len(b) == 0 {
		return h
	}
	for i, c := range b {
		h += uint32(int32(int8(c))) << (8 * i)
	}
	h *= m
	return h ^ h>>24
}
