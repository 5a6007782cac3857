package rocks

import (
	"bytes"
	"encoding/binary"

	"github.com/tarn-project/tarn/format/fault"
)

// blockIter walks over the entries of a block.
//
//	entry   varint shared, varint unshared, varint value length, unshared key bytes, value
//	block   entries; restart offsets u32 each; number of restarts u32
//
// Entries share a prefix with the key before, except at restarts. Bit 31 of the last word says that a hash index lies before
// it (data blocks only): restarts, buckets u8[n], n u16, word.
type blockIter struct {
	data     []byte // the entries
	restarts []byte
	pos      int // of the next entry
	key      []byte
	val      []byte
	bad      bool // the entry at pos is not well formed
}

const (
	restartHashIndex = 1 << 31
	restartMax       = 1<<28 - 1 // higher bits are features of format version 7
)

// init starts before the first entry. The key's memory is kept.
func (b *blockIter) init(block []byte) *fault.Error {
	b.data, b.restarts, b.pos, b.key, b.val, b.bad = nil, nil, 0, b.key[:0], nil, false
	n := len(block) - 4
	if n < 0 {
		return fault.New(fault.ErrTruncated, "a block of %d bytes", len(block))
	}
	word := binary.LittleEndian.Uint32(block[n:])
	if word&restartHashIndex != 0 {
		word &^= restartHashIndex
		if n -= 2; n < 0 {
			return fault.New(fault.ErrTruncated, "a hash index in a block of %d bytes", len(block))
		}
		n -= int(binary.LittleEndian.Uint16(block[n:]))
	}
	if word > restartMax {
		return fault.New(fault.ErrUnsupported, "block features %08x", word)
	}
	start := n - 4*int(word)
	if start < 0 {
		return fault.New(fault.ErrCorrupt, "%d restarts in a block of %d bytes", word, len(block))
	}
	b.data, b.restarts = block[:start], block[start:n]
	return nil
}

// next moves to the next entry. It is false at the end and, with bad set, at an entry that is not well formed.
func (b *blockIter) next() bool {
	d := b.data[b.pos:]
	if len(d) == 0 {
		return false
	}
	var shared, unshared, vlen uint64
	n := 3
	if len(d) > 3 && d[0]|d[1]|d[2] < 0x80 {
		shared, unshared, vlen = uint64(d[0]), uint64(d[1]), uint64(d[2])
	} else if n, shared, unshared, vlen = entryHeader(d); n == 0 {
		b.bad = true
		return false
	}
	rest := uint64(len(d) - n)
	if shared > uint64(len(b.key)) || unshared > rest || vlen > rest-unshared {
		b.bad = true
		return false
	}
	end := n + int(unshared)
	b.key = append(b.key[:shared], d[n:end]...)
	b.val = d[end : end+int(vlen) : end+int(vlen)]
	b.pos += end + int(vlen)
	return true
}

// entryHeader reads three varints and gives their length, 0 if they are not whole.
func entryHeader(d []byte) (n int, shared, unshared, vlen uint64) {
	shared, a := uvarint(d)
	if a <= 0 {
		return 0, 0, 0, 0
	}
	unshared, b := uvarint(d[a:])
	if b <= 0 {
		return 0, 0, 0, 0
	}
	vlen, c := uvarint(d[a+b:])
	if c <= 0 {
		return 0, 0, 0, 0
	}
	return a + b + c, shared, unshared, vlen
}

// seek moves to the first entry whose user key is not less than user; suffix is the number of key bytes after it (the trailer,
// or none in an index of user keys). It is false if there is none.
func (b *blockIter) seek(user []byte, suffix int) bool {
	b.start(user, suffix, true)
	for b.next() {
		if len(b.key) < suffix {
			b.bad = true
			return false
		}
		if bytes.Compare(b.key[:len(b.key)-suffix], user) >= 0 {
			return true
		}
	}
	return false
}

// start moves before the last restart whose user key is less than user. lengths is false in an index whose entries have no
// value length.
func (b *blockIter) start(user []byte, suffix int, lengths bool) {
	lo, hi := 0, len(b.restarts)/4
	for lo < hi {
		mid := (lo + hi) / 2
		if key, ok := b.restartKey(mid, suffix, lengths); ok && bytes.Compare(key, user) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	b.key, b.val, b.pos = b.key[:0], nil, 0
	if lo > 0 {
		b.pos = int(le32(b.restarts, 4*(lo-1)))
	}
}

// restartKey gives the user key at a restart.
func (b *blockIter) restartKey(i, suffix int, lengths bool) ([]byte, bool) {
	at := int(le32(b.restarts, 4*i))
	if at >= len(b.data) {
		return nil, false
	}
	c := &cursor{b: b.data, pos: at}
	shared := c.varint("")
	unshared := c.varint("")
	if lengths {
		c.varint("")
	}
	key := c.bytes(unshared, "")
	if c.err != nil || shared != 0 || len(key) < suffix {
		return nil, false
	}
	return key[:len(key)-suffix], true
}
