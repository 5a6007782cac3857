package rocks

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
)

// Verify reads every block of a table and reports all that is wrong: checksums of all blocks, filters included, and entries
// that are not well formed or not in order; and, recomputed, the counts in the properties and the bounds that the MANIFEST
// gives (meta may be nil).
func (t *Table) Verify(meta *TableFile, report func(error)) {
	v := &verifier{t: t, meta: meta, report: report, it: t.Iter()}
	defer v.it.Close()
	v.metaBlocks()
	v.entries()
	v.space()
	if v.whole {
		v.counts()
		v.bounds()
	}
}

type verifier struct {
	t      *Table
	meta   *TableFile
	report func(error)
	it     *TableIter
	blocks []Handle
	whole  bool // all entries were read

	n, merges      uint64
	first, last    InternalKey
	minSeq, maxSeq uint64
}

// metaBlocks checks the sums of all blocks that the metaindex names, and of those that a partitioned filter points to.
func (v *verifier) metaBlocks() {
	r := newBlockReader(v.t)
	defer r.release()
	v.blocks = append(v.blocks, v.t.Footer.MetaIndex)
	if v.t.Footer.Index.Size > 0 {
		v.blocks = append(v.blocks, v.t.Footer.Index)
	}
	for _, m := range v.t.Meta {
		v.blocks = append(v.blocks, m.Handle)
		if m.Name == metaProperties || m.Name == metaPropertiesOld {
			continue // read when the table was opened, with its own rule
		}
		if _, err := r.stored(m.Handle, 0, m.Name); err != nil {
			v.report(err)
			continue
		}
		if strings.HasPrefix(m.Name, "partitionedfilter.") {
			v.filterPartitions(m.Handle)
		}
	}
}

// filterPartitions follows the top level of a partitioned filter, which is coded like an index.
func (v *verifier) filterPartitions(h Handle) {
	r, part := newBlockReader(v.t), newBlockReader(v.t)
	defer r.release()
	defer part.release()
	b, err := r.read(h, 0, "filter index", nil)
	if err != nil {
		v.report(err)
		return
	}
	form := v.t.form
	form.firstKey = false
	var x indexIter
	if err := x.init(b, form); err != nil {
		v.report(v.t.place(err, h, "filter index"))
		return
	}
	for x.next() {
		v.blocks = append(v.blocks, x.handle)
		if _, err := part.stored(x.handle, 0, "filter partition"); err != nil {
			v.report(err)
		}
	}
	if x.bad() {
		v.report(v.t.errorAt(fault.ErrCorrupt, h, "filter index", "an entry that is not well formed"))
	}
}

// entries reads all entries in order.
func (v *verifier) entries() {
	v.whole, v.minSeq = true, MaxSequence
	ok := v.it.First()
	for {
		if ok {
			v.entry()
			ok = v.it.Next()
			continue
		}
		if v.it.err == nil {
			break
		}
		v.whole = false
		v.report(v.it.err)
		ok = v.it.resume()
	}
	v.indexBlocks()
}

func (v *verifier) entry() {
	key := AppendInternalKey(nil, v.it.user, v.it.Seq(), v.it.Kind())
	if v.n == 0 {
		v.first = key
	} else if compareInternal(v.last, key) >= 0 {
		v.report(v.t.errorAt(fault.ErrCorrupt, v.it.idx.handle, "data block", "key %v after %v", key, v.last).WithExpected("keys in order"))
	}
	if bytes.Compare(v.it.user, v.it.idx.user()) > 0 {
		v.report(v.t.errorAt(fault.ErrCorrupt, v.it.idx.handle, "data block", "key %v after the index's %x", key, v.it.idx.user()))
	}
	v.last = key
	v.n++
	switch v.it.Kind() {
	case KindMerge:
		v.merges++
	case KindPut, KindDelete, KindSingleDelete:
	default:
		v.report(v.t.errorAt(fault.ErrUnsupported, v.it.idx.handle, "data block", "an entry of kind %q", v.it.Kind()))
	}
	v.seq(v.it.Seq())
}

func (v *verifier) seq(seq uint64) { v.minSeq, v.maxSeq = min(v.minSeq, seq), max(v.maxSeq, seq) }

// indexBlocks collects the handles of data blocks and index partitions.
func (v *verifier) indexBlocks() {
	it := v.t.Iter()
	defer it.Close()
	if !it.reset(0) {
		return
	}
	for two := v.t.Properties.Index == IndexTwoLevel; ; {
		for it.idx.blk.data != nil && it.idx.next() {
			v.blocks = append(v.blocks, it.idx.handle)
		}
		if !two || !it.top.next() {
			return
		}
		v.blocks = append(v.blocks, it.top.handle)
		it.readPartition()
	}
}

// space reports bytes of the file that belong to no block. Zeros between blocks are padding.
func (v *verifier) space() {
	slices.SortFunc(v.blocks, func(a, b Handle) int { return cmp.Compare(a.Offset, b.Offset) })
	at := uint64(0)
	for _, h := range append(v.blocks, Handle{Offset: uint64(v.t.Footer.offset)}) {
		if h.Offset > at && h.Offset <= uint64(v.t.Footer.offset) && !v.zeros(at, h.Offset) {
			v.report(v.t.errorAt(fault.ErrCorrupt, Handle{Offset: at}, "file", "%d bytes that belong to no block", h.Offset-at))
		}
		at = max(at, h.Offset+h.Size+blockTrailerLen)
	}
	v.footer()
}

// footer reports a footer that has more in it than was read: padding is zeros.
func (v *verifier) footer() {
	f := &v.t.Footer
	if f.FormatVersion > 5 {
		return // it has a checksum
	}
	want := f.append(nil)
	b := make([]byte, len(want))
	if readFull(v.t.f, v.t.name, b, f.offset) == nil && !bytes.Equal(b, want) {
		v.report(v.t.errorAt(fault.ErrCorrupt, Handle{Offset: uint64(f.offset)}, "footer", "%x", b).WithExpected("%x", want))
	}
}

func (v *verifier) zeros(from, to uint64) bool {
	b := make([]byte, min(to-from, 64<<10))
	for ; from < to; from += uint64(len(b)) {
		b = b[:min(to-from, uint64(len(b)))]
		if readFull(v.t.f, v.t.name, b, int64(from)) != nil || len(bytes.Trim(b, "\x00")) > 0 {
			return false
		}
	}
	return true
}

// counts compares the properties with what was counted. Tables of other writers may lack them all.
func (v *verifier) counts() {
	p := &v.t.Properties
	if _, ok := p.All["rocksdb.num.entries"]; !ok {
		return
	}
	// Range deletions count as entries in later versions, not yet in 5.17.
	if p.Entries != v.n && p.Entries != v.n+uint64(len(v.t.dels)) {
		v.report(v.property("number of entries", p.Entries, v.n))
	}
	if _, ok := p.All["rocksdb.merge.operands"]; ok && p.MergeOperands != v.merges {
		v.report(v.property("number of merge operands", p.MergeOperands, v.merges))
	}
}

func (v *verifier) property(what string, declared, counted uint64) error {
	return v.t.errorAt(fault.ErrCorrupt, v.t.index, "properties", "%s %d", what, declared).WithExpected("%d, as counted", counted)
}

// bounds compares the keys with the bounds in the MANIFEST.
func (v *verifier) bounds() {
	if v.meta == nil || v.n == 0 {
		return
	}
	if compareInternal(v.meta.Smallest, v.first) > 0 || compareInternal(v.last, v.meta.Largest) > 0 {
		e := v.t.errorAt(fault.ErrCorrupt, Handle{}, "bounds", "keys %v to %v", v.first, v.last)
		v.report(e.WithExpected("%v to %v, as the MANIFEST says", v.meta.Smallest, v.meta.Largest))
	}
	if v.meta.LargestSeq != MaxSequence && (v.minSeq < v.meta.SmallestSeq || v.maxSeq > v.meta.LargestSeq) {
		e := v.t.errorAt(fault.ErrCorrupt, Handle{}, "bounds", "sequence numbers %d to %d", v.minSeq, v.maxSeq)
		v.report(e.WithExpected("%d to %d, as the MANIFEST says", v.meta.SmallestSeq, v.meta.LargestSeq))
	}
}
