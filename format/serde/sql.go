package serde

import (
	"encoding/binary"
	"strconv"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/rowdata"
)

// Rows, arrays and maps of Table/SQL (org.apache.flink.table.runtime.typeutils): i4 size, then the bytes that package rowdata describes.
// Their snapshots hold the logical types as Java serialization streams, one after the other and without lengths:
//
//	RowDataSerializer    version 3  i4 n, n × type, nested serializers of the fields
//	ArrayDataSerializer  version 3  type of the elements, their serializer as a Java object
//	MapDataSerializer    version 3  types of key and value, their serializers as Java objects
//
// Flink 1.9 and 1.10 wrote the same under other class names. Names of the fields are only in nested ROW types.

// The packages of the SQL runtime: Flink 1.10 and newer, and 1.9.
var sqlPackages = []string{"org.apache.flink.table.runtime.typeutils.", "org.apache.flink.table.typeutils."}

// sqlClasses gives the snapshot classes of serializers, "Serializer$Snapshot" each without their common endings.
func sqlClasses(names ...[2]string) []string {
	var out []string
	for _, pkg := range sqlPackages {
		for _, n := range names {
			out = append(out, pkg+n[0]+"Serializer$"+n[1]+snapshot)
		}
	}
	return out
}

func sqlFamilies() []Family {
	row := [2]string{"RowData", "RowData"}
	return []Family{
		{Classes: sqlClasses(row, [2]string{"BaseRow", "BaseRow"}, [2]string{"RowData", "BaseRow"}), Read: readSQLRow, Compile: compileSQLRow},
		{Classes: sqlClasses([2]string{"ArrayData", "ArrayData"}, [2]string{"BaseArray", "BaseArray"}), Read: readSQLTypes(1, 3), Compile: compileSQLArray},
		{Classes: sqlClasses([2]string{"MapData", "MapData"}, [2]string{"BaseMap", "BaseMap"}), Read: readSQLTypes(2, 3), Compile: compileSQLMap},
	}
}

// sqlBody is a snapshot's body with logical types.
type sqlBody struct {
	raw   []byte // all but the nested serializers
	types []*rowdata.Logical
	kids  []*Snapshot // nested serializers; or those of RAW types, as far as they were recognised
	kept  bool        // kids are a part of the body
}

func (b *sqlBody) nested() []*Snapshot { return b.kids }

// AppendBody writes the bytes back.
func (b *sqlBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst = append(dst, b.raw...)
	if !b.kept {
		return dst, nil
	}
	return appendNested(dst, b.kids)
}

// readSQLRow reads the body of a RowDataSerializer's snapshot.
func readSQLRow(c *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 3 {
		unknownVersion(r, s)
		return nil
	}
	b := &sqlBody{kept: true}
	start := r.Pos()
	n := r.Field("number of fields").Count(5)
	for i := 0; i < n && r.Err() == nil; i++ {
		b.types = append(b.types, readLogical(r))
	}
	if r.Err() != nil {
		return nil
	}
	b.raw = r.Since(start)
	if b.kids = readNested(c, r); r.Err() == nil && len(b.kids) != n {
		r.Corrupt("%d nested serializers for %d fields", len(b.kids), n)
	}
	return b
}

// readLogical reads one logical type.
func readLogical(r *binio.Reader) *rowdata.Logical {
	at := r.Offset()
	v := javaser.Parse(r.Field("logical type"))
	if r.Err() != nil {
		return nil
	}
	l, err := rowdata.ParseLogical(v)
	if err != nil {
		r.Fail(placed(err, at))
	}
	return l
}

// placed gives err the offset where what it speaks of started.
func placed(err error, at int64) *fault.Error {
	e, ok := err.(*fault.Error)
	if !ok {
		e = fault.New(fault.KindOf(err), "%v", err)
	}
	if e.Offset < 0 {
		e.Offset = at
	}
	return e
}

// readSQLTypes reads n logical types and as many serializers as Java objects.
func readSQLTypes(n int, version int32) func(*Context, *binio.Reader, *Snapshot) Body {
	return func(c *Context, r *binio.Reader, s *Snapshot) Body {
		if s.Version != version {
			unknownVersion(r, s)
			return nil
		}
		b := &sqlBody{}
		start := r.Pos()
		for range n {
			b.types = append(b.types, readLogical(r))
		}
		for range n {
			javaser.Parse(r.Field("Java-serialized serializer"))
		}
		if r.Err() != nil {
			return nil
		}
		for _, l := range b.types {
			b.kids = appendRaws(c, b.kids, l)
		}
		b.raw = r.Since(start)
		return b
	}
}

// appendRaws finds the serializers of the RAW types inside l, in the order in which they are compiled.
func appendRaws(c *Context, kids []*Snapshot, l *rowdata.Logical) []*Snapshot {
	if l.Root == rowdata.RootRaw {
		return append(kids, snapshotOf(c, l.Serializer, l.Class))
	}
	for _, a := range l.Args {
		kids = appendRaws(c, kids, a)
	}
	for _, f := range l.Fields {
		kids = appendRaws(c, kids, f.Type)
	}
	return kids
}

// snapshotOf gives the snapshot that a Java-serialized serializer would write, for those without parts.
func snapshotOf(c *Context, o *javaser.Object, valueClass string) *Snapshot {
	if o == nil {
		return &Snapshot{Class: valueClass, Body: &Unknown{}}
	}
	class := o.Class.Name
	name := class + "$" + SimpleName(class) + "Snapshot"
	if f := c.Families.find(name); f != nil {
		r := binio.NewReader(nil, 0)
		s := &Snapshot{Class: name, Version: 3}
		if f.Read == nil || (f.Read(c, r, s) == nil && r.Err() == nil) {
			return s
		}
	}
	return &Snapshot{Class: class, Body: &Unknown{}}
}

// sqlCodec is a codec for i4 size and the content that a sqlType describes.
type sqlCodec struct {
	t    *Type
	sql  *sqlType
	hash func(content []byte) int32 // nil if not defined
}

func newSQLCodec(s *Snapshot, sql *sqlType) *sqlCodec {
	t := *sql.t // sql.t itself is what nested values know
	t.Serializer, t.Version, t.Nullable = s.Class, s.Version, false
	if t.Kind == KindRow {
		t.Note = ""
	}
	own := *sql
	own.t = &t
	return &sqlCodec{t: &t, sql: &own}
}

func (c *sqlCodec) Type() *Type { return c.t }

func (c *sqlCodec) Skip(r *binio.Reader) { r.Skip(r.Length()) }

func (c *sqlCodec) Walk(r *binio.Reader, s Sink) {
	w := sqlReader{r: r, at: r.Offset()}
	b := r.Bytes(r.Length())
	if r.Err() == nil {
		c.sql.content(&w, b, s)
	}
}

func (c *sqlCodec) Append(dst []byte, v Value) ([]byte, error) {
	at := len(dst)
	out, err := c.sql.Append(append(dst, 0, 0, 0, 0), v)
	if err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	return out, nil
}

func (c *sqlCodec) Hash(r *binio.Reader) (int32, bool) {
	if c.hash == nil {
		return 0, false
	}
	return c.hash(r.Bytes(r.Length())), true
}

// innerSQL gives what a nested serializer knows about a field's type.
func innerSQL(c Codec) *sqlType {
	if s, ok := bare(c).(*sqlCodec); ok {
		return s.sql
	}
	return nil
}

func compileSQLRow(s *Snapshot, nested []Codec) (Codec, error) {
	b := s.Body.(*sqlBody)
	l := &rowdata.Logical{Root: rowdata.RootRow}
	from := &sqlType{form: sqlRow}
	for i, t := range b.types {
		l.Fields = append(l.Fields, rowdata.Field{Name: "f" + strconv.Itoa(i), Type: t})
		from.parts = append(from.parts, innerSQL(nested[i]))
	}
	c := newSQLCodec(s, new(sqlCompiler).compile(l, from))
	c.hash = keygroup.BinaryRow
	for i, n := range nested {
		nameSerializers(c.t.Fields[i].Type, n.Type())
	}
	return c, nil
}

// nameSerializers gives t and its parts the names of the serializers that the snapshot has for them.
func nameSerializers(t, from *Type) {
	t.Serializer, t.Version = from.Serializer, from.Version
	for i := range min(len(t.Fields), len(from.Fields)) {
		nameSerializers(t.Fields[i].Type, from.Fields[i].Type)
	}
}

func compileSQLArray(s *Snapshot, nested []Codec) (Codec, error) {
	b := s.Body.(*sqlBody)
	c := sqlCompiler{raws: nested}
	return newSQLCodec(s, c.compile(&rowdata.Logical{Root: rowdata.RootArray, Args: b.types}, nil)), nil
}

func compileSQLMap(s *Snapshot, nested []Codec) (Codec, error) {
	b := s.Body.(*sqlBody)
	c := sqlCompiler{raws: nested}
	return newSQLCodec(s, c.compile(&rowdata.Logical{Root: rowdata.RootMap, Args: b.types}, nil)), nil
}
