package rocks

import (
	"bytes"

	"github.com/tarn-project/tarn/format/fault"
)

// IndexType is the kind of a table's index (BlockBasedTableOptions::IndexType).
type IndexType uint32

// The index types. A hash index is a binary one with extra blocks that a reader need not know.
const (
	IndexBinary         IndexType = 0
	IndexHash           IndexType = 1
	IndexTwoLevel       IndexType = 2 // the index's entries point to partitions, which point to data blocks
	IndexBinaryFirstKey IndexType = 3 // values end with the first key of the block
)

// indexForm says how the entries of an index are coded.
type indexForm struct {
	suffix   int  // bytes after the user key: 8, or 0 from version 3 on if no two blocks share a user key
	delta    bool // from version 4 on: no value length, and handles as differences
	firstKey bool
}

// indexIter walks over the entries of an index block: a key not less than any in the block it stands for, and the block's
// handle.
//
//	value   varint offset, varint size, [first key: varint length, bytes]
//	delta   where the entry shares no prefix, as above; else zigzag varint of the size's difference to the entry
//	        before, and the offset follows from it
type indexIter struct {
	blk    blockIter
	form   indexForm
	handle Handle
}

func (x *indexIter) init(block []byte, form indexForm) *fault.Error {
	x.form, x.handle = form, Handle{}
	return x.blk.init(block)
}

// user is the user key of the current entry.
func (x *indexIter) user() []byte { return x.blk.key[:len(x.blk.key)-x.form.suffix] }

func (x *indexIter) bad() bool { return x.blk.bad }

// next moves to the next entry; see blockIter.next.
func (x *indexIter) next() bool {
	b := &x.blk
	shared := uint64(0)
	var value *cursor
	if x.form.delta {
		c := &cursor{b: b.data, pos: b.pos}
		if c.left() == 0 {
			return false
		}
		shared = c.varint("")
		tail := c.bytes(c.varint(""), "")
		if c.err != nil || shared > uint64(len(b.key)) {
			b.bad = true
			return false
		}
		b.key = append(b.key[:shared], tail...)
		value = c
	} else {
		if !b.next() {
			return false
		}
		value = &cursor{b: b.val}
	}
	x.readValue(value, shared > 0)
	if x.form.delta {
		b.pos = value.pos
	}
	b.bad = value.err != nil || len(b.key) < x.form.suffix
	return !b.bad
}

func (x *indexIter) readValue(c *cursor, delta bool) {
	if delta {
		x.handle.Offset += x.handle.Size + blockTrailerLen
		x.handle.Size += uint64(zigzag(c.varint("")))
	} else {
		x.handle = readHandle(c)
	}
	if x.form.firstKey {
		c.text("")
	}
}

// seek moves to the first entry whose user key is not less than user: its block is the first that can hold that key.
func (x *indexIter) seek(user []byte) bool {
	x.blk.start(user, x.form.suffix, !x.form.delta)
	for x.next() {
		if bytes.Compare(x.user(), user) >= 0 {
			return true
		}
	}
	return false
}
