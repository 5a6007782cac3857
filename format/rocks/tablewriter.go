package rocks

import (
	"bytes"
	"encoding/binary"
	"io"
	"strconv"

	"github.com/golang/snappy"

	"github.com/tarn-project/tarn/format/fault"
)

// TableOptions says how tables are written. With the zero value every RocksDB from 5.17 to 8.10 reads them:
// format version 2, no compression, no filter.
type TableOptions struct {
	FormatVersion   uint32 // 2 to 5; 0 stands for 2. 5.17 reads up to 4
	Compression     Compression
	BlockSize       int // bytes of plain data in a block; 0 stands for 4096
	RestartInterval int // entries that share prefixes; 0 stands for 16
	FilterBits      int // bits per key of a Bloom filter over whole keys; 0 is no filter

	// What the properties say. The merge operator is the id that the reading side has, which RocksDB only reports.
	ColumnFamilyID uint32
	ColumnFamily   string
	MergeOperator  string
	CreationTime   uint64 // seconds since 1970; 0 is unknown
}

func (o TableOptions) withDefaults() (TableOptions, error) {
	if o.FormatVersion == 0 {
		o.FormatVersion = 2
	}
	if o.BlockSize <= 0 {
		o.BlockSize = 4096
	}
	if o.RestartInterval <= 0 {
		o.RestartInterval = 16
	}
	switch {
	case o.FormatVersion < 2 || o.FormatVersion > 5:
		return o, fault.New(fault.ErrUsage, "table format version %d", o.FormatVersion).WithExpected("2 to 5")
	case o.Compression != CompressionNone && o.Compression != CompressionSnappy:
		return o, fault.New(fault.ErrUsage, "compression %s", o.Compression).WithExpected("none or Snappy")
	}
	return o, nil
}

// TableWriter writes one table file as a stream. Its checksums are CRC32C, its index is binary.
type TableWriter struct {
	w    io.Writer
	opts TableOptions
	err  error

	out    []byte // bytes not given to w yet
	offset uint64 // of the next block
	block  *blockWriter
	packed []byte // compressed block
	key    []byte // scratch

	last   InternalKey // key added last
	index  []indexEntry
	keys   []byte // memory of the keys in index
	filter filterWriter
	repeat bool // blocks that follow each other share a user key
	closed bool // the index lacks the entry of the last block: its key depends on what follows

	file  TableFile
	props tableCounts
}

// indexEntry is the separator key (internal) and handle of a data block.
type indexEntry struct {
	from, to int // in keys
	handle   Handle
}

type tableCounts struct{ entries, deletions, merges, rawKeys, rawValues, dataSize uint64 }

// NewTableWriter writes a table to w. Options that make no sense give an error of kind fault.ErrUsage.
func NewTableWriter(w io.Writer, opts TableOptions) (*TableWriter, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	t := &TableWriter{w: w, opts: opts, block: newBlockWriter(opts.RestartInterval)}
	t.file.SmallestSeq = MaxSequence
	t.filter.bits = opts.FilterBits
	return t, nil
}

// Put adds a key with sequence number 0, which is how a snapshot without history is written. Keys come in ascending order.
func (t *TableWriter) Put(user, value []byte) error { return t.Add(user, 0, KindPut, value) }

// Add adds an entry. They come in the order of internal keys: user keys ascending, of one user key the newest first.
func (t *TableWriter) Add(user []byte, seq uint64, kind Kind, value []byte) error {
	if t.err != nil {
		return t.err
	}
	t.key = AppendInternalKey(t.key[:0], user, seq, kind)
	if err := t.check(InternalKey(t.key), seq, kind); err != nil {
		return err
	}
	if t.closed {
		t.addIndex(user)
	}
	if n := len(t.key) + len(value) + 9; !t.block.empty() && t.block.size()+n > t.opts.BlockSize {
		t.endBlock()
		t.addIndex(user)
	}
	if t.file.Smallest == nil {
		t.file.Smallest = clone(t.key)
	}
	if t.filter.bits > 0 && (len(t.last) == 0 || !bytes.Equal(t.last.User(), user)) {
		t.filter.add(user)
	}
	t.block.add(t.key, value)
	t.last = append(t.last[:0], t.key...)
	t.count(seq, kind, len(value))
	return t.err
}

func (t *TableWriter) check(key InternalKey, seq uint64, kind Kind) error {
	switch {
	case kind != KindPut && kind != KindDelete && kind != KindMerge && kind != KindSingleDelete:
		return fault.New(fault.ErrUsage, "an entry of kind %q", kind)
	case seq > MaxSequence:
		return fault.New(fault.ErrUsage, "sequence number %d", seq)
	case len(t.last) > 0 && compareInternal(t.last, key) >= 0:
		return fault.New(fault.ErrUsage, "key %v after %v", key, t.last).WithExpected("keys in order")
	}
	return nil
}

func (t *TableWriter) count(seq uint64, kind Kind, value int) {
	p := &t.props
	p.entries++
	p.rawKeys += uint64(len(t.key))
	p.rawValues += uint64(value)
	switch kind {
	case KindDelete, KindSingleDelete:
		p.deletions++
	case KindMerge:
		p.merges++
	}
	t.file.SmallestSeq = min(t.file.SmallestSeq, seq)
	t.file.LargestSeq = max(t.file.LargestSeq, seq)
}

// Size is the number of bytes that the table has so far, without the block that is being filled.
func (t *TableWriter) Size() int64 { return int64(t.offset) }

// endBlock writes the current data block; addIndex completes it.
func (t *TableWriter) endBlock() {
	h := t.writeBlock(t.block.finish(), t.opts.Compression)
	t.block.reset()
	t.index = append(t.index, indexEntry{handle: h})
	t.closed = true
}

// addIndex gives the last block its key in the index: one at or after its last and before next, as short as is easy to find. nil is no
// next key.
func (t *TableWriter) addIndex(next []byte) {
	t.closed = false
	e := &t.index[len(t.index)-1]
	e.from = len(t.keys)
	user := t.last.User()
	if next != nil && bytes.Equal(user, next) {
		t.repeat = true
	}
	if n := separator(user, next); n > 0 {
		t.keys = append(t.keys, user[:n]...)
		t.keys[len(t.keys)-1]++
		t.keys = binary.LittleEndian.AppendUint64(t.keys, trailerOf(MaxSequence, KindPut))
	} else {
		t.keys = append(t.keys, t.last...)
	}
	e.to = len(t.keys)
}

// separator finds n so that a[:n] with its last byte increased lies between a and b, and is shorter than a. 0 if there is none.
func separator(a, b []byte) int {
	i := commonPrefix(a, b)
	if i+1 < len(a) && i < len(b) && a[i] < 0xff && a[i]+1 < b[i] {
		return i + 1
	}
	return 0
}

// writeBlock writes a block with its trailer. Compression that saves less than an eighth is not kept.
func (t *TableWriter) writeBlock(plain []byte, c Compression) Handle {
	stored := plain
	if c == CompressionSnappy {
		t.packed = snappy.Encode(t.packed[:cap(t.packed)], plain)
		stored = t.packed
		if len(stored) >= len(plain)-len(plain)/8 {
			stored, c = plain, CompressionNone
		}
	}
	h := Handle{Offset: t.offset, Size: uint64(len(stored))}
	at := len(t.out)
	t.out = append(append(t.out, stored...), byte(c))
	t.out = binary.LittleEndian.AppendUint32(t.out, blockSum(ChecksumCRC32C, t.out[at:]))
	t.offset += h.Size + blockTrailerLen
	if len(t.out) >= defaultReadAhead {
		t.flush()
	}
	return h
}

func (t *TableWriter) flush() {
	if t.err == nil {
		_, t.err = t.w.Write(t.out)
	}
	t.out = t.out[:0]
}

// Finish writes the rest: filter, index, properties, metaindex and footer. It gives what a MANIFEST says of the table, level and
// number left zero.
func (t *TableWriter) Finish() (*TableFile, error) {
	if t.err != nil {
		return nil, t.err
	}
	if len(t.last) == 0 {
		return nil, fault.New(fault.ErrUsage, "a table without entries")
	}
	if !t.block.empty() {
		t.endBlock()
	}
	if t.closed {
		t.addIndex(nil)
	}
	t.props.dataSize = t.offset
	meta := newBlockWriter(1)
	var filterSize uint64
	if f := t.filter.finish(); f != nil {
		h := t.writeBlock(f, CompressionNone)
		filterSize = h.Size
		meta.add([]byte(metaFullFilter+filterName), h.append(nil))
	}
	index := t.writeBlock(t.indexBlock(), CompressionNone)
	props := t.properties(filterSize, index.Size)
	meta.add([]byte(metaProperties), t.writeBlock(props.append(nil), CompressionNone).append(nil))
	footer := Footer{FormatVersion: t.opts.FormatVersion, Checksum: ChecksumCRC32C, Index: index}
	footer.MetaIndex = t.writeBlock(meta.finish(), CompressionNone)
	t.out = footer.append(t.out)
	t.file.Size = t.offset + footerLen
	t.flush()
	t.file.Largest = clone(t.last)
	return &t.file, t.err
}

// userKeys says whether the index has user keys: from version 3 on, unless that would not tell two blocks apart.
func (t *TableWriter) userKeys() bool { return t.opts.FormatVersion >= 3 && !t.repeat }

// delta says whether values of the index have no length: from version 4 on. Since every entry is a restart, each has a
// whole handle.
func (t *TableWriter) delta() bool { return t.opts.FormatVersion >= 4 }

func (t *TableWriter) indexBlock() []byte {
	w := newBlockWriter(1)
	var value []byte
	for _, e := range t.index {
		key := t.keys[e.from:e.to]
		if t.userKeys() {
			key = key[:len(key)-trailerLen]
		}
		value = e.handle.append(value[:0])
		if t.delta() {
			w.addBare(key, value)
		} else {
			w.add(key, value)
		}
	}
	return w.finish()
}

func (t *TableWriter) properties(filterSize, indexSize uint64) *Properties {
	p := &Properties{All: map[string]string{
		"rocksdb.comparator":                            BytewiseComparator,
		"rocksdb.column.family.name":                    t.opts.ColumnFamily,
		"rocksdb.compression":                           map[Compression]string{CompressionNone: "NoCompression", CompressionSnappy: "Snappy"}[t.opts.Compression],
		"rocksdb.merge.operator":                        orNull(t.opts.MergeOperator),
		"rocksdb.prefix.extractor.name":                 "nullptr",
		"rocksdb.property.collectors":                   "[]",
		propIndexType:                                   "\x00\x00\x00\x00",
		"rocksdb.block.based.table.whole.key.filtering": strconv.Itoa(min(t.opts.FilterBits, 1)),
		"rocksdb.block.based.table.prefix.filtering":    "0",
	}}
	for name, v := range map[string]uint64{
		"rocksdb.num.entries":         t.props.entries,
		"rocksdb.deleted.keys":        t.props.deletions,
		"rocksdb.merge.operands":      t.props.merges,
		"rocksdb.num.range-deletions": 0,
		"rocksdb.raw.key.size":        t.props.rawKeys,
		"rocksdb.raw.value.size":      t.props.rawValues,
		"rocksdb.data.size":           t.props.dataSize,
		"rocksdb.index.size":          indexSize,
		"rocksdb.filter.size":         filterSize,
		"rocksdb.num.data.blocks":     uint64(len(t.index)),
		"rocksdb.format.version":      0,
		"rocksdb.fixed.key.length":    0,
		"rocksdb.column.family.id":    uint64(t.opts.ColumnFamilyID),
		"rocksdb.creation.time":       t.opts.CreationTime,
		"rocksdb.oldest.key.time":     0,
		"rocksdb.file.creation.time":  t.opts.CreationTime,
		propIndexUser:                 boolNumber(t.userKeys()),
		propIndexDelta:                boolNumber(t.delta()),
	} {
		p.All[name] = string(binary.AppendUvarint(nil, v))
	}
	if t.opts.FilterBits > 0 {
		p.All["rocksdb.filter.policy"] = filterName
	}
	return p
}

func boolNumber(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func orNull(s string) string {
	if s == "" {
		return "nullptr"
	}
	return s
}
