package rocks

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/tarn-project/tarn/format/fault"
)

// Properties is the properties block of a table: what its writer counted and which options it used (RocksDB's
// table_properties.cc). Members that the writing version did not know are zero. Times are seconds since 1970.
type Properties struct {
	Entries           uint64 // of all kinds, range deletions included
	Deletions         uint64 // single deletions and range deletions included
	MergeOperands     uint64
	RangeDeletions    uint64
	RawKeySize        uint64 // bytes of internal keys before prefix compression
	RawValueSize      uint64
	DataSize          uint64 // bytes of data blocks as stored
	IndexSize         uint64
	FilterSize        uint64
	DataBlocks        uint64
	FormatVersion     uint64 // 0 also where the table's footer says more
	ColumnFamilyID    uint64
	ColumnFamily      string
	Comparator        string
	MergeOperator     string
	FilterPolicy      string
	PrefixExtractor   string
	Compression       string
	CompressionConfig string
	CreationTime      uint64
	OldestKeyTime     uint64
	FileCreationTime  uint64
	DBID              string
	SessionID         string
	HostID            string
	OriginalNumber    uint64 // file number at creation
	Index             IndexType
	IndexUserKeys     bool
	IndexDelta        bool

	// External is the version of an ingested file, 0 for the others; from 2 on all entries have one sequence number.
	External    uint32
	GlobalSeqno uint64 // where RocksDB before 7 patched it in

	All map[string]string // every property as it stands
}

// The properties that change how a table is read.
const (
	propIndexType  = "rocksdb.block.based.table.index.type"
	propIndexUser  = "rocksdb.index.key.is.user.key"
	propIndexDelta = "rocksdb.index.value.is.delta.encoded"
	propExternal   = "rocksdb.external_sst_file.version"
	propGlobal     = "rocksdb.external_sst_file.global_seqno"
)

// DecodeProperties reads the plain content of a properties block: a block like any other whose keys are property names and
// whose values are texts, varints, or fixed integers where the property says so.
func DecodeProperties(block []byte) (*Properties, error) {
	var b blockIter
	if err := b.init(block); err != nil {
		return nil, err
	}
	p := &Properties{All: map[string]string{}}
	numbers, texts := p.members()
	for b.next() {
		name := string(b.key)
		p.All[name] = string(b.val)
		c := &cursor{b: b.val, base: int64(b.pos - len(b.val))}
		if n, ok := numbers[name]; ok {
			*n = c.varint(name)
		} else if s, ok := texts[name]; ok {
			*s = string(b.val)
		} else {
			p.special(c, name)
		}
		if c.err != nil {
			return nil, c.err
		}
	}
	if b.bad {
		return nil, fault.Corrupt(int64(b.pos), "an entry that is not well formed")
	}
	return p, nil
}

func (p *Properties) special(c *cursor, name string) {
	switch name {
	case propIndexType:
		p.Index = IndexType(c.fixed32(name))
		if p.Index > IndexBinaryFirstKey {
			c.fail(fault.ErrUnsupported, name, "index type %d", p.Index)
		}
	case propIndexUser:
		p.IndexUserKeys = c.varint(name) != 0
	case propIndexDelta:
		p.IndexDelta = c.varint(name) != 0
	case propExternal:
		p.External = c.fixed32(name)
		if p.External == 0 || p.External > 2 {
			c.fail(fault.ErrUnsupported, name, "version %d of an ingested file", p.External)
		}
	case propGlobal:
		p.GlobalSeqno = c.fixed64(name)
		if p.GlobalSeqno > MaxSequence {
			c.fail(fault.ErrCorrupt, name, "sequence number %d", p.GlobalSeqno)
		}
	}
}

func (p *Properties) members() (numbers map[string]*uint64, texts map[string]*string) {
	numbers = map[string]*uint64{
		"rocksdb.num.entries":          &p.Entries,
		"rocksdb.deleted.keys":         &p.Deletions,
		"rocksdb.merge.operands":       &p.MergeOperands,
		"rocksdb.num.range-deletions":  &p.RangeDeletions,
		"rocksdb.raw.key.size":         &p.RawKeySize,
		"rocksdb.raw.value.size":       &p.RawValueSize,
		"rocksdb.data.size":            &p.DataSize,
		"rocksdb.index.size":           &p.IndexSize,
		"rocksdb.filter.size":          &p.FilterSize,
		"rocksdb.num.data.blocks":      &p.DataBlocks,
		"rocksdb.format.version":       &p.FormatVersion,
		"rocksdb.column.family.id":     &p.ColumnFamilyID,
		"rocksdb.creation.time":        &p.CreationTime,
		"rocksdb.oldest.key.time":      &p.OldestKeyTime,
		"rocksdb.file.creation.time":   &p.FileCreationTime,
		"rocksdb.original.file.number": &p.OriginalNumber,
	}
	texts = map[string]*string{
		"rocksdb.column.family.name":        &p.ColumnFamily,
		"rocksdb.comparator":                &p.Comparator,
		"rocksdb.merge.operator":            &p.MergeOperator,
		"rocksdb.filter.policy":             &p.FilterPolicy,
		"rocksdb.prefix.extractor.name":     &p.PrefixExtractor,
		"rocksdb.compression":               &p.Compression,
		"rocksdb.compression_options":       &p.CompressionConfig,
		"rocksdb.creating.db.identity":      &p.DBID,
		"rocksdb.creating.session.identity": &p.SessionID,
		"rocksdb.creating.host.identity":    &p.HostID,
	}
	return numbers, texts
}

// unpatch zeroes the global sequence number in a stored, uncompressed properties block: RocksDB before 7 wrote it into
// the file after the block had been summed. It reports whether there was one.
func unpatch(block []byte) bool {
	var b blockIter
	if b.init(block) != nil {
		return false
	}
	for b.next() {
		if string(b.key) == propGlobal && len(b.val) == 8 {
			binary.LittleEndian.PutUint64(b.val, 0)
			return true
		}
	}
	return false
}

// append appends the plain content of a properties block that holds All.
func (p *Properties) append(dst []byte) []byte {
	w := newBlockWriter(1)
	for _, name := range slices.Sorted(maps.Keys(p.All)) {
		w.add([]byte(name), []byte(p.All[name]))
	}
	return append(dst, w.finish()...)
}
