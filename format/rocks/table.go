package rocks

import (
	"bytes"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
)

// ReadConfig says how files are read. The zero value is good.
type ReadConfig struct {
	// NoVerify leaves the checksums of blocks and MANIFEST records unchecked.
	NoVerify bool
	// ReadAhead is how many bytes a scan reads at once; 0 stands for 256 KiB.
	ReadAhead int
	// OpenTables is how many tables a DB keeps open that no scan uses; 0 stands for 64.
	OpenTables int
}

func (c ReadConfig) readAhead() int {
	if c.ReadAhead <= 0 {
		return defaultReadAhead
	}
	return c.ReadAhead
}

// MetaBlock is an entry of a table's metaindex.
type MetaBlock struct {
	Name   string
	Handle Handle
}

// Table is an open table file. It is safe for concurrent use.
type Table struct {
	Footer     Footer
	Properties Properties
	Meta       []MetaBlock

	f      File
	name   string
	size   int64
	verify bool
	ahead  int

	form      indexForm
	index     Handle
	dict      []byte
	global    uint64 // sequence number of all entries, if hasGlobal
	hasGlobal bool
	dels      []tombstone

	mu         sync.Mutex
	indexBlock []byte // plain; nil until it is needed
}

// Names in the metaindex.
const (
	metaProperties    = "rocksdb.properties"
	metaPropertiesOld = "rocksdb.stats"
	metaRangeDel      = "rocksdb.range_del"
	metaDict          = "rocksdb.compression_dict"
	metaIndex         = "rocksdb.index"
	metaFullFilter    = "fullfilter."
)

// tailRead is how much of a file's end is read at first: footer, metaindex and properties, and in small tables the rest.
const tailRead = 16 << 10

// OpenTable opens a table under the name that errors shall give. meta is what the MANIFEST says of it; nil for a table by
// itself. The caller keeps f and closes it after the table's last use.
func OpenTable(f File, name string, meta *TableFile, cfg ReadConfig) (*Table, error) {
	t := &Table{f: f, name: name, size: f.Size(), verify: !cfg.NoVerify, ahead: cfg.readAhead()}
	if err := t.checkSize(meta); err != nil {
		return nil, err
	}
	r := newBlockReader(t)
	defer r.release()
	n := int(min(t.size, tailRead))
	tail, err := r.bytes(t.size-int64(n), n, 0)
	if err != nil {
		return nil, err
	}
	if t.Footer, err = DecodeFooter(tail, t.size); err != nil {
		return nil, t.place(err, Handle{Offset: uint64(max(t.Footer.offset, 0))}, "footer")
	}
	t.index = t.Footer.Index
	if err := t.readMeta(r); err != nil {
		return nil, err
	}
	if err := t.setGlobal(meta); err != nil {
		return nil, err
	}
	if int64(t.index.Offset) >= r.winOff && r.winOff == t.size-int64(n) { // already here
		if _, err := t.loadIndex(r); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Name is the name the table was opened under.
func (t *Table) Name() string { return t.name }

func (t *Table) checkSize(meta *TableFile) error {
	var e *fault.Error
	switch {
	case meta == nil || uint64(t.size) == meta.Size:
		return nil
	case uint64(t.size) < meta.Size:
		e = fault.New(fault.ErrTruncated, "%d bytes", t.size)
	default:
		e = fault.New(fault.ErrCorrupt, "%d bytes", t.size)
	}
	e.File, e.Field = t.name, "file size"
	return e.WithExpected("%d, as the MANIFEST says", meta.Size)
}

// readMeta reads the metaindex and the blocks that it names and that matter.
func (t *Table) readMeta(r *blockReader) error {
	if err := t.readMetaIndex(r); err != nil {
		return err
	}
	for _, m := range t.Meta {
		var err error
		switch m.Name {
		case metaProperties, metaPropertiesOld:
			err = t.readProperties(r, m.Handle)
		case metaIndex:
			t.index = m.Handle
		case metaDict:
			var b []byte
			if b, err = r.read(m.Handle, 0, "compression dictionary", nil); err == nil {
				t.dict = clone(b)
			}
		}
		if err != nil {
			return err
		}
	}
	t.form = indexForm{suffix: trailerLen, delta: t.Properties.IndexDelta, firstKey: t.Properties.Index == IndexBinaryFirstKey}
	if t.Properties.IndexUserKeys {
		t.form.suffix = 0
	}
	if t.index.Size == 0 {
		return t.errorAt(fault.ErrCorrupt, t.Footer.MetaIndex, "metaindex", "no index")
	}
	return t.readRangeDels(r)
}

func (t *Table) readMetaIndex(r *blockReader) error {
	const what = "metaindex"
	h := t.Footer.MetaIndex
	b, err := r.read(h, 0, what, nil)
	if err != nil {
		return err
	}
	var it blockIter
	if err := it.init(b); err != nil {
		return t.place(err, h, what)
	}
	for it.next() {
		c := &cursor{b: it.val}
		m := MetaBlock{Name: string(it.key), Handle: readHandle(c)}
		if c.err != nil {
			return t.place(c.err, h, what)
		}
		t.Meta = append(t.Meta, m)
	}
	if it.bad {
		return t.errorAt(fault.ErrCorrupt, h, what, "an entry that is not well formed at byte %d of the block", it.pos)
	}
	return nil
}

func (t *Table) readProperties(r *blockReader, h Handle) error {
	const what = "properties"
	b, err := r.read(h, 0, what, nil)
	if err != nil && t.verify {
		if b = t.unpatched(r, h); b != nil {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	p, err := DecodeProperties(b)
	if err != nil {
		return t.place(err, h, what)
	}
	t.Properties = *p
	if p.Comparator != "" && p.Comparator != BytewiseComparator {
		return t.errorAt(fault.ErrUnsupported, h, what, "comparator %q", p.Comparator).WithExpected("%q", BytewiseComparator)
	}
	return nil
}

// unpatched gives a properties block whose checksum is right once its global sequence number is taken as zero, or nil.
func (t *Table) unpatched(r *blockReader, h Handle) []byte {
	stored, err := r.stored(h, 0, "properties")
	if err == nil || stored == nil || Compression(stored[len(stored)-1]) != CompressionNone {
		return nil
	}
	sum := le32(stored[:len(stored)+4], len(stored))
	zeroed := clone(stored)
	if !unpatch(zeroed[:len(zeroed)-1]) || t.sum(zeroed, h) != sum {
		return nil
	}
	return stored[:len(stored)-1]
}

// setGlobal finds the one sequence number of an ingested file: what was patched into its properties, else the file's
// largest in the MANIFEST.
func (t *Table) setGlobal(meta *TableFile) error {
	p := &t.Properties
	if p.External < 2 {
		return nil
	}
	t.hasGlobal, t.global = true, p.GlobalSeqno
	if meta == nil || meta.LargestSeq == MaxSequence {
		return nil
	}
	if t.global != 0 && t.global != meta.LargestSeq {
		e := fault.New(fault.ErrCorrupt, "sequence number %d", t.global).WithExpected("%d, as the MANIFEST says", meta.LargestSeq)
		e.File, e.Field = t.name, propGlobal
		return e
	}
	t.global = meta.LargestSeq
	return nil
}

// loadIndex gives the plain content of the index, or of its top level.
func (t *Table) loadIndex(r *blockReader) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.indexBlock != nil {
		return t.indexBlock, nil
	}
	b, err := r.read(t.index, 0, "index", nil)
	if err != nil {
		return nil, err
	}
	t.indexBlock = bytes.Clone(b)
	return t.indexBlock, nil
}

// readRangeDels reads the range deletions: internal start key → end user key.
func (t *Table) readRangeDels(r *blockReader) error {
	const what = "range deletions"
	for _, m := range t.Meta {
		if m.Name != metaRangeDel {
			continue
		}
		b, err := r.read(m.Handle, 0, what, nil)
		if err != nil {
			return err
		}
		var it blockIter
		if err := it.init(bytes.Clone(b)); err != nil {
			return t.place(err, m.Handle, what)
		}
		for it.next() {
			key := InternalKey(it.key)
			if len(key) < trailerLen || key.Kind() != KindRangeDelete {
				return t.errorAt(fault.ErrCorrupt, m.Handle, what, "key %x", it.key)
			}
			t.dels = append(t.dels, tombstone{start: clone(key.User()), end: it.val, seq: key.Seq()})
		}
		if it.bad {
			return t.errorAt(fault.ErrCorrupt, m.Handle, what, "an entry that is not well formed at byte %d of the block", it.pos)
		}
	}
	return nil
}
