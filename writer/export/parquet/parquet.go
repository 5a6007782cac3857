// Package parquet writes Arrow records as Parquet files, in as little memory and time as the conversion takes.
//
//	"PAR1", row groups, FileMetaData in Thrift's compact protocol, u4 its length, "PAR1"
//	row group   for each leaf of the schema a column chunk: dictionary page where the column is a dictionary, data pages
//	data page   PageHeader; zstd of: repetition levels, definition levels, values (PLAIN, or indices into the dictionary)
//
// Data pages are of version 1, which every reader knows. Lists are groups of three levels, maps have key_value. The Arrow schema is kept in
// the metadata as ARROW:schema, so that readers that know it give back its types, and all of its own metadata as plain keys too.
//
// The package exists beside Arrow's own writer because that one links a network stack, holds on to the records that are given to it, and makes
// a compressor for each page.
package parquet

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/klauspost/compress/zstd"
)

const magic = "PAR1"

// A row group ends when it has this many rows, or bytes before compression, about.
const (
	groupRows  = 120 << 10
	groupBytes = 32 << 20
)

// sliceRows is how many rows are taken at a time: pages end between them.
const sliceRows = 4 << 10

var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
})

// Writer writes one file. Records are not kept.
type Writer struct {
	w      io.Writer
	at     int64
	schema *arrow.Schema
	plan   planner
	err    error

	rows   int64 // in the file
	group  int64 // in the row group at hand
	groups []byte
	n      int // row groups
}

// New begins a file. The error says which column has no form in Parquet.
func New(w io.Writer, s *arrow.Schema) (*Writer, error) {
	p := &Writer{w: w, schema: s}
	p.plan.element("schema", -1, -1, s.NumFields(), 0, -1, nil)
	for i, f := range s.Fields() {
		p.plan.column = i
		if err := p.plan.node(f); err != nil {
			return nil, err
		}
	}
	p.write([]byte(magic))
	return p, p.err
}

func (p *Writer) write(b []byte) {
	if p.err == nil {
		var n int
		n, p.err = p.w.Write(b)
		p.at += int64(n)
	}
}

// Write appends the rows of a record of the schema.
func (p *Writer) Write(rec arrow.Record) error {
	for lo := 0; lo < int(rec.NumRows()) && p.err == nil; lo += sliceRows {
		hi := min(lo+sliceRows, int(rec.NumRows()))
		size := int64(0)
		for _, l := range p.plan.leaves {
			l.take(rec.Column(l.column), lo, hi)
			if l.size() >= pageBytes {
				l.end()
			}
			size += l.plainBytes + int64(l.size())
		}
		if p.group += int64(hi - lo); p.group >= groupRows || size >= groupBytes {
			p.endGroup()
		}
	}
	return p.err
}

// end ends the page at hand.
func (l *leaf) end() {
	l.flush(int(l.count - l.paged))
	l.paged = l.count
}

// Close ends the file. It does not close what it is written to.
func (p *Writer) Close() error {
	p.endGroup()
	c := compact{}
	c.begin()
	c.i32(1, 2)
	c.list(2, typeStruct, p.plan.elements)
	c.b = append(c.b, p.plan.out.b...)
	c.i64(3, p.rows)
	c.list(4, typeStruct, p.n)
	c.b = append(c.b, p.groups...)
	p.metadata(&c)
	c.string(6, "tarn")
	c.list(7, typeStruct, len(p.plan.leaves))
	for range p.plan.leaves {
		c.begin()
		c.empty(1)
		c.end()
	}
	c.end()
	c.b = binary.LittleEndian.AppendUint32(c.b, uint32(len(c.b)))
	p.write(append(c.b, magic...))
	return p.err
}

// metadata writes the pairs of the schema and the schema itself.
func (p *Writer) metadata(c *compact) {
	m := p.schema.Metadata()
	pair := func(k, v string) {
		c.begin()
		c.string(1, k)
		c.string(2, v)
		c.end()
	}
	c.list(5, typeStruct, m.Len()+1)
	for i, k := range m.Keys() {
		pair(k, m.Values()[i])
	}
	var b bytes.Buffer
	_ = ipc.NewWriter(&b, ipc.WithSchema(p.schema)).Close() // a buffer takes everything
	pair("ARROW:schema", base64.StdEncoding.EncodeToString(b.Bytes()))
}

// endGroup writes the row group at hand.
func (p *Writer) endGroup() {
	if p.group == 0 {
		return
	}
	c := compact{b: p.groups}
	start, plain := p.at, int64(0)
	c.begin()
	c.list(1, typeStruct, len(p.plan.leaves))
	for _, l := range p.plan.leaves {
		l.end()
		plain += p.chunk(&c, l)
	}
	c.i64(2, plain)
	c.i64(3, p.group)
	c.i64(5, start)
	c.i64(6, p.at-start)
	c.i16(7, int16(min(p.n, 1<<15-1)))
	c.end()
	p.groups = c.b
	p.n++
	p.rows += p.group
	p.group = 0
}

// chunk writes the pages of a column and, to c, what is to know of them. It gives their size before compression.
func (p *Writer) chunk(c *compact, l *leaf) int64 {
	start := p.at
	if l.dict {
		p.write(l.dictionary())
	}
	data := p.at
	p.write(l.pages)
	c.begin()
	c.i64(2, start)
	c.structure(3)
	c.i32(1, int32(l.phys))
	encodings := []int64{encodingPlain, encodingRLE}
	if l.dict {
		encodings = append(encodings, encodingDict)
	}
	c.list(2, typeI32, len(encodings))
	for _, e := range encodings {
		c.b = binary.AppendVarint(c.b, e)
	}
	c.list(3, typeBinary, len(l.path))
	for _, name := range l.path {
		c.text(name)
	}
	c.i32(4, codecZstd)
	c.i64(5, l.count)
	c.i64(6, l.plainBytes)
	c.i64(7, p.at-start)
	c.i64(9, data)
	if l.dict {
		c.i64(11, start)
	}
	l.statistics(c)
	c.end()
	c.end()
	plain := l.plainBytes
	l.pages, l.plainBytes, l.count, l.paged, l.nulls, l.stats = l.pages[:0], 0, 0, 0, 0, stats{lo: l.stats.lo, hi: l.stats.hi}
	return plain
}

func (l *leaf) statistics(c *compact) {
	c.structure(12)
	c.i64(3, l.nulls)
	if s := &l.stats; s.any && !s.off {
		switch l.phys {
		case physInt32:
			c.binary(5, binary.LittleEndian.AppendUint32(nil, uint32(s.max)))
			c.binary(6, binary.LittleEndian.AppendUint32(nil, uint32(s.min)))
		case physInt64:
			c.binary(5, binary.LittleEndian.AppendUint64(nil, uint64(s.max)))
			c.binary(6, binary.LittleEndian.AppendUint64(nil, uint64(s.min)))
		case physBytes:
			c.binary(5, s.hi)
			c.binary(6, s.lo)
		}
	}
	c.end()
}
