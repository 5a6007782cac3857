package rocks

import "github.com/tarn-project/tarn/format/fault"

// TableIter walks over the entries of one table in their order, all versions of all keys as they are stored. What it
// gives is valid until its next move. After a move that was not possible Err tells why; nil is the end of the table.
type TableIter struct {
	user    []byte
	trailer uint64
	val     []byte

	t     *Table
	r     *blockReader // data blocks
	blk   blockIter
	idx   indexIter // points to data blocks
	ahead int       // the next read; it grows up to most
	most  int
	at    int64 // offset of the last data block: they lie in order, so no index can lead in circles
	err   error

	// A two-level index: top points to partitions, which idx walks over.
	top  indexIter
	part *blockReader

	open  bool   // blk stands in a block
	lower []byte // user key that the current block's keys are not less than, for reports of damage
	known bool   // lower is set
}

// Iter makes an iterator. It must be closed.
func (t *Table) Iter() *TableIter {
	return &TableIter{t: t, r: newBlockReader(t), most: t.ahead}
}

// Close gives the iterator's memory back.
func (it *TableIter) Close() {
	if it.r != nil {
		it.r.release()
	}
	if it.part != nil {
		it.part.release()
	}
	it.r, it.part, it.open = nil, nil, false
	it.blk, it.idx.blk, it.top.blk = blockIter{}, blockIter{}, blockIter{}
}

// Key is the user key.
func (it *TableIter) Key() []byte { return it.user }

// Value is the value, or the operand of a merge.
func (it *TableIter) Value() []byte { return it.val }

// Seq is the sequence number.
func (it *TableIter) Seq() uint64 { return it.trailer >> 8 }

// Kind is the kind of the entry.
func (it *TableIter) Kind() Kind { return Kind(it.trailer) }

// Err is why the last move was not possible.
func (it *TableIter) Err() error { return it.err }

// First moves to the first entry.
func (it *TableIter) First() bool {
	if !it.reset(it.most) {
		return false
	}
	return it.Next()
}

// Seek moves to the first entry whose user key is not less than user.
func (it *TableIter) Seek(user []byte) bool {
	if it.seekBlock(user, firstReadAhead) {
		return true
	}
	return it.err == nil && it.idx.blk.data != nil && it.Next()
}

// seekBlock is Seek within the one block that can hold entries of user, read with at least ahead bytes.
func (it *TableIter) seekBlock(user []byte, ahead int) bool {
	if !it.reset(ahead) || !it.seekIndex(user) || !it.readBlock() {
		return false
	}
	if it.blk.seek(user, trailerLen) {
		return it.entry()
	}
	return it.blk.bad && it.badEntry()
}

func (it *TableIter) reset(ahead int) bool {
	it.err, it.open, it.known, it.ahead, it.at = nil, false, false, ahead, -1
	for _, b := range []*blockIter{&it.blk, &it.idx.blk, &it.top.blk} {
		*b = blockIter{key: b.key[:0]}
	}
	b, err := it.t.loadIndex(it.r)
	if err != nil {
		it.err = err
		return false
	}
	x := &it.idx
	if it.t.Properties.Index == IndexTwoLevel {
		x = &it.top
	}
	if err := x.init(b, it.t.form); err != nil {
		it.err = it.t.place(err, it.t.index, "index")
	}
	return it.err == nil
}

// Next moves to the next entry.
func (it *TableIter) Next() bool {
	for {
		if it.blk.next() {
			return it.entry()
		}
		if it.blk.bad {
			return it.badEntry()
		}
		if it.err != nil || !it.nextBlock() {
			return false
		}
	}
}

// entry takes the key apart that blk stands at.
func (it *TableIter) entry() bool {
	k := it.blk.key
	n := len(k) - trailerLen
	if n < 0 {
		return it.badEntry()
	}
	it.user, it.trailer, it.val = k[:n], le64(k, n), it.blk.val
	if it.t.hasGlobal {
		it.trailer = trailerOf(it.t.global, Kind(it.trailer))
	}
	return true
}

func (it *TableIter) badEntry() bool {
	it.blk.bad = true
	it.err = it.t.errorAt(fault.ErrCorrupt, it.idx.handle, "data block", "an entry that is not well formed at byte %d of the block", it.blk.pos)
	return false
}

// nextBlock opens the next data block. False with err nil is the end.
func (it *TableIter) nextBlock() bool {
	for it.err == nil {
		if it.idx.blk.data != nil {
			it.passed(&it.idx)
			if it.idx.next() {
				return it.readBlock()
			}
			if it.idx.bad() {
				return it.badIndex(&it.idx)
			}
		}
		if it.t.Properties.Index != IndexTwoLevel {
			return false
		}
		if !it.top.next() {
			return it.top.bad() && it.badIndex(&it.top)
		}
		it.readPartition()
	}
	return false
}

// seekIndex moves the index to the block that user would be in.
func (it *TableIter) seekIndex(user []byte) bool {
	it.lower, it.known = append(it.lower[:0], user...), true
	if it.t.Properties.Index == IndexTwoLevel {
		if !it.top.seek(user) {
			return it.top.bad() && it.badIndex(&it.top)
		}
		if !it.readPartition() {
			return false
		}
	}
	if it.idx.seek(user) {
		return true
	}
	return it.idx.bad() && it.badIndex(&it.idx)
}

func (it *TableIter) readPartition() bool {
	if it.part == nil {
		it.part = newBlockReader(it.t)
	}
	const what = "index partition"
	b, err := it.part.read(it.top.handle, min(it.ahead, partitionReadAhead), what, nil)
	if err == nil {
		if e := it.idx.init(b, it.t.form); e != nil {
			err = it.t.place(e, it.top.handle, what)
		}
	}
	if err != nil {
		it.idx.blk = blockIter{key: it.idx.blk.key[:0]}
	}
	it.err = err
	return err == nil
}

func (it *TableIter) badIndex(x *indexIter) bool {
	it.err = it.t.errorAt(fault.ErrCorrupt, it.t.index, "index", "an entry that is not well formed at byte %d of the block", x.blk.pos)
	return false
}

// passed remembers the last key of the block that is left.
func (it *TableIter) passed(x *indexIter) {
	if n := len(x.blk.key); it.open && n > 0 && n >= x.form.suffix { // a partition just opened has no key yet
		it.lower, it.known = append(it.lower[:0], x.user()...), true
	}
}

// readBlock opens the data block that the index stands at.
func (it *TableIter) readBlock() bool {
	it.open = true
	h := it.idx.handle
	if int64(h.Offset) <= it.at { // also true of offsets above 1<<63
		it.blk = blockIter{key: it.blk.key[:0]}
		it.err = it.t.errorAt(fault.ErrCorrupt, it.t.index, "index", "a block at byte %d after one at byte %d", h.Offset, it.at)
		return false
	}
	it.at = int64(h.Offset)
	b, err := it.r.read(h, it.ahead, "data block", it.t.dict)
	if err == nil {
		if e := it.blk.init(b); e != nil {
			err = it.t.place(e, h, "data block")
		}
	}
	it.ahead = min(max(2*it.ahead, firstReadAhead), it.most)
	if err != nil {
		it.blk = blockIter{key: it.blk.key[:0]}
		it.err = err
		return false
	}
	return true
}

// lost gives the user keys that an error costs: those from lower to upper, both included. nil bounds are open.
func (it *TableIter) lost() (lower, upper []byte) {
	if it.known {
		lower = clone(it.lower)
	}
	switch {
	case it.idx.bad() || it.top.bad():
	case it.idx.blk.data != nil && len(it.idx.blk.key) >= it.t.form.suffix:
		upper = clone(it.idx.user())
	case it.t.Properties.Index == IndexTwoLevel && len(it.top.blk.key) >= it.t.form.suffix:
		upper = clone(it.top.user())
	}
	return lower, upper
}

// resume goes on behind the block that the error was in. Where the index itself is damaged nothing can follow: it is false
// and the error is gone.
func (it *TableIter) resume() bool {
	it.err = nil
	if it.idx.bad() || it.top.bad() || (it.idx.blk.data == nil && it.top.blk.data == nil) {
		return false
	}
	it.blk = blockIter{key: it.blk.key[:0]}
	it.open = true
	return it.Next()
}
