package serde

import (
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rowdata"
)

// sqlForm says how the values of a logical type lie in a row or array.
type sqlForm uint8

const (
	sqlUnknown  sqlForm = iota // eight bytes that no rule explains
	sqlNullOnly                // the NULL type
	sqlBool
	sqlInt
	sqlFloat
	sqlDouble
	sqlDay     // DATE
	sqlClock   // TIME
	sqlInstant // TIMESTAMP, with and without local zone
	sqlText
	sqlBinary
	sqlDecimal
	sqlRow
	sqlArray
	sqlMap
	sqlRaw
	sqlVariant
	sqlBitmap
)

// sqlType is a logical type made ready for reading and writing values inside rows and arrays.
type sqlType struct {
	l     *rowdata.Logical
	form  sqlForm
	t     *Type
	parts []*sqlType // fields; element; key and value
	inner Codec      // of RAW

	readers *sync.Pool // of *binio.Reader, for inner
}

// sqlCompiler makes sqlTypes. A RAW type's own serializer is not in the logical type: it comes with the serializers nested in the
// snapshot (from), or in the order of the RAW types (raws).
type sqlCompiler struct{ raws []Codec }

func (c *sqlCompiler) compile(l *rowdata.Logical, from *sqlType) *sqlType {
	if l.Root == rowdata.RootDistinct {
		s := *c.compile(l.Args[0], from)
		t := *s.t
		t.Note, t.Nullable = l.Name(), l.Nullable
		s.t = &t
		return &s
	}
	s := &sqlType{l: l, t: &Type{Length: variable, Nullable: l.Nullable, Note: l.Name()}}
	s.form, s.t.Kind = sqlScalar(l)
	switch s.form {
	case sqlDecimal:
		s.t.Precision, s.t.Scale = l.Precision, l.Scale
	case sqlClock, sqlInstant:
		s.t.Precision = l.Precision
	case sqlRow:
		c.row(s, from)
	case sqlArray, sqlMap:
		c.collection(s, from)
	case sqlRaw:
		c.raw(s, from)
	}
	return s
}

// sqlScalar gives form and kind of a logical type.
func sqlScalar(l *rowdata.Logical) (sqlForm, Kind) {
	switch l.Root {
	case "BOOLEAN":
		return sqlBool, KindBool
	case "TINYINT":
		return sqlInt, KindInt8
	case "SMALLINT":
		return sqlInt, KindInt16
	case "INTEGER", "INTERVAL_YEAR_MONTH":
		return sqlInt, KindInt32
	case "BIGINT", "INTERVAL_DAY_TIME":
		return sqlInt, KindInt64
	case "FLOAT":
		return sqlFloat, KindFloat32
	case "DOUBLE":
		return sqlDouble, KindFloat64
	case "DATE":
		return sqlDay, KindLocalDate
	case "TIME_WITHOUT_TIME_ZONE":
		return sqlClock, KindLocalTime
	case "TIMESTAMP_WITHOUT_TIME_ZONE":
		return sqlInstant, KindLocalDateTime
	case "TIMESTAMP_WITH_LOCAL_TIME_ZONE":
		return sqlInstant, KindInstant
	case "CHAR", "VARCHAR":
		return sqlText, KindString
	case "BINARY", "VARBINARY":
		return sqlBinary, KindBytes
	case "DECIMAL":
		return sqlDecimal, KindDecimal
	case "NULL":
		return sqlNullOnly, KindNull
	case rowdata.RootRow, rowdata.RootStructured:
		return sqlRow, KindRow
	case rowdata.RootArray:
		return sqlArray, KindList
	case rowdata.RootMap, rowdata.RootMultiset:
		return sqlMap, KindMap
	case rowdata.RootRaw:
		return sqlRaw, KindRaw
	case "VARIANT":
		return sqlVariant, KindAny
	case "BITMAP":
		return sqlBitmap, KindAny
	}
	return sqlUnknown, KindRaw
}

// part gives the i-th part of from, if from is of the given form and has it.
func (s *sqlType) part(form sqlForm, i int) *sqlType {
	if s == nil || s.form != form || i >= len(s.parts) {
		return nil
	}
	return s.parts[i]
}

func (c *sqlCompiler) row(s, from *sqlType) {
	s.t.Note, s.t.Class = "", s.l.Class
	for i, f := range s.l.Fields {
		p := c.compile(f.Type, from.part(sqlRow, i))
		s.parts = append(s.parts, p)
		s.t.Fields = append(s.t.Fields, Field{f.Name, p.t})
	}
}

func (c *sqlCompiler) collection(s, from *sqlType) {
	args := s.l.Args
	if s.l.Root == rowdata.RootMultiset {
		args = []*rowdata.Logical{args[0], {Root: "INTEGER"}}
	}
	for i, a := range args {
		p := c.compile(a, from.part(s.form, i))
		s.parts = append(s.parts, p)
		s.t.Args = append(s.t.Args, p.t)
	}
}

func (c *sqlCompiler) raw(s, from *sqlType) {
	switch {
	case from != nil && from.form == sqlRaw:
		s.inner = from.inner
	case len(c.raws) > 0:
		s.inner, c.raws = c.raws[0], c.raws[1:]
	default:
		s.inner = newOpaque(&Snapshot{Class: s.l.Class})
	}
	s.setInner(s.l.Nullable)
}

// setInner completes a RAW type: its bytes are those of the inner serializer, and their number is known.
func (s *sqlType) setInner(nullable bool) {
	t := *s.inner.Type()
	t.Nullable, t.Opaque, t.Length = nullable || t.Nullable, false, variable
	if s.l != nil {
		t.Class = firstOf(t.Class, s.l.Class)
	}
	s.t = &t
	s.readers = &sync.Pool{New: func() any { return new(binio.Reader) }}
}

// sqlReader is a row or array being walked.
type sqlReader struct {
	r    *binio.Reader // for errors
	at   int64         // where the value that is read started
	deep int
}

func (w *sqlReader) corrupt(format string, args ...any) {
	if w.r.Err() == nil {
		w.r.Fail(fault.Corrupt(w.at, format, args...))
	}
}

func (w *sqlReader) enter() bool {
	if w.deep++; w.deep > 2*binio.MaxDepth {
		w.corrupt("nested deeper than %d levels", 2*binio.MaxDepth)
	}
	return w.r.Err() == nil
}

// content walks the bytes of a value that stand in the variable part, or after the length of a serialized value.
func (s *sqlType) content(w *sqlReader, b []byte, sink Sink) {
	if !w.enter() {
		return
	}
	defer func() { w.deep-- }()
	x, exact := sink.(exactSink)
	if exact {
		x.BeginExact()
	}
	switch s.form {
	case sqlRow:
		s.walkRow(w, b, sink)
	case sqlArray:
		s.walkArray(w, b, sink)
	case sqlMap:
		s.walkMap(w, b, sink)
	case sqlRaw:
		s.walkRaw(w, b, sink)
	case sqlVariant:
		s.walkVariant(w, b, sink)
	case sqlBitmap:
		walkBitmap(w.r, w.at, b, sink)
	}
	if exact && w.r.Err() == nil {
		x.EndExact(s, b)
	}
}

func (s *sqlType) walkRaw(w *sqlReader, b []byte, sink Sink) {
	r := s.readers.Get().(*binio.Reader)
	defer s.readers.Put(r)
	r.Reset(b, w.at)
	s.inner.Walk(r, sink)
	r.End()
	if err := r.Err(); err != nil {
		w.r.Fail(placed(err, w.at))
	}
}

// Type describes the values.
func (s *sqlType) Type() *Type { return s.t }
