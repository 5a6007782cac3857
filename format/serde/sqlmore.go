package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/rowdata"
)

// The serializers of SQL for single values. Their class names changed between Flink 1.9 and 1.13; the bytes did not.
//
//	StringDataSerializer     version 3, empty                     i4 n, n bytes UTF-8
//	DecimalDataSerializer    version 3: i4 precision, i4 scale    up to 18 digits: i8 unscaled; else i4 n, two's complement
//	TimestampDataSerializer  version 1: i4 precision              i8 milliseconds; from 4 digits on: i4 nanoseconds of it
//	RawValueDataSerializer   composite of the inner serializer    i4 size, bytes of the inner serializer
//	BinaryRowDataSerializer  version 3: i4 number of fields       a row, whose types nobody knows
//
// In Flink 1.9 the snapshot of a RAW value was the Java-serialized inner serializer, version 3.

func sqlScalarFamilies() []Family {
	return []Family{
		{Classes: sqlClasses([2]string{"StringData", "StringData"}, [2]string{"BinaryString", "BinaryString"}), Read: readSimple, Compile: compileStringData},
		{Classes: sqlClasses([2]string{"DecimalData", "Decimal"}, [2]string{"DecimalData", "DecimalData"}, [2]string{"Decimal", "Decimal"}), Read: readInts(3, 2), Compile: compileDecimalData},
		{
			Classes: sqlClasses([2]string{"TimestampData", "TimestampData"}, [2]string{"SqlTimestamp", "SqlTimestamp"},
				[2]string{"Timestamp", "Timestamp"}, [2]string{"PreciseTimestamp", "PreciseTimestamp"}),
			Read: readInts(1, 1), Compile: compileTimestampData,
		},
		{Classes: sqlClasses([2]string{"RawValueData", "RawValueData"}, [2]string{"BinaryGeneric", "BinaryGeneric"}), Read: readRawValue, Compile: compileRawValue},
		{Classes: sqlClasses([2]string{"BinaryRowData", "BinaryRowData"}, [2]string{"BinaryRow", "BinaryRow"}, [2]string{"BinaryRowData", "BinaryRow"}), Read: readInts(3, 1), Compile: compileBinaryRow},
	}
}

// intsBody is a body of ints.
type intsBody []int32

// AppendBody writes the ints.
func (b intsBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	for _, v := range b {
		dst = binio.AppendI32(dst, v)
	}
	return dst, nil
}

func readInts(version int32, n int) func(*Context, *binio.Reader, *Snapshot) Body {
	return func(_ *Context, r *binio.Reader, s *Snapshot) Body {
		if s.Version != version {
			unknownVersion(r, s)
			return nil
		}
		b := make(intsBody, n)
		for i := range b {
			if b[i] = r.Field("number").I32(); b[i] < 0 {
				r.Corrupt("%d", b[i])
			}
		}
		return b
	}
}

// stringData is character data: i4 n, n bytes.
type stringData struct{ t *Type }

func compileStringData(s *Snapshot, _ []Codec) (Codec, error) {
	return &stringData{newType(s, KindString, variable)}, nil
}

func (c *stringData) Type() *Type                  { return c.t }
func (c *stringData) Skip(r *binio.Reader)         { r.Skip(r.Length()) }
func (c *stringData) Walk(r *binio.Reader, s Sink) { s.Text(r.Bytes(r.Length())) }

func (c *stringData) Append(dst []byte, v Value) ([]byte, error) {
	t, ok := v.(Text)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return append(binio.AppendI32(dst, int32(len(t))), t...), nil
}

func (c *stringData) Hash(r *binio.Reader) (int32, bool) {
	return keygroup.BinaryString(r.Bytes(r.Length())), true
}

func compileDecimalData(s *Snapshot, _ []Codec) (Codec, error) {
	b := s.Body.(intsBody)
	t := newType(s, KindDecimal, variable)
	t.Precision, t.Scale = int(b[0]), int(b[1])
	t.Note = (&rowdata.Logical{Root: "DECIMAL", Precision: t.Precision, Scale: t.Scale, Nullable: true}).Name()
	if t.Precision > rowdata.CompactDecimal {
		return &longDecimal{t}, nil
	}
	return &scalar{
		t: t, size: 8,
		walk: func(r *binio.Reader, s Sink) {
			v := r.I64()
			s.Decimal(Decimal{Integer{Unscaled: compactDecimal(r.Scratch(8), v)}, int32(t.Scale)})
		},
		put: func(dst []byte, v Value) ([]byte, bool) {
			u, ok := unscaled(t, v)
			if !ok || len(u) > 8 {
				return dst, false
			}
			return binio.AppendI64(dst, signed(u)), true
		},
		hash: func(r *binio.Reader) int32 {
			v := r.I64()
			return keygroup.BigDecimal(compactDecimal(r.Scratch(8), v), int32(t.Scale))
		},
	}, nil
}

// unscaled gives the shortest two's complement of a decimal of the type's scale.
func unscaled(t *Type, v Value) ([]byte, bool) {
	d, ok := v.(Decimal)
	if !ok || int(d.Scale) != t.Scale || len(d.Unscaled) == 0 {
		return nil, false
	}
	return minimal(d.Unscaled), true
}

// longDecimal is a DECIMAL of more than 18 digits.
type longDecimal struct{ t *Type }

func (c *longDecimal) Type() *Type          { return c.t }
func (c *longDecimal) Skip(r *binio.Reader) { r.Skip(r.Length()) }

func (c *longDecimal) bytes(r *binio.Reader) []byte {
	b := r.Bytes(r.Length())
	if r.Err() == nil && (len(b) == 0 || len(minimal(b)) < len(b)) {
		r.Corrupt("a DECIMAL of %d bytes that is not in its shortest form", len(b))
	}
	return b
}

func (c *longDecimal) Walk(r *binio.Reader, s Sink) {
	b := c.bytes(r)
	if r.Err() == nil {
		s.Decimal(Decimal{Integer{Unscaled: b}, int32(c.t.Scale)})
	}
}

func (c *longDecimal) Append(dst []byte, v Value) ([]byte, error) {
	u, ok := unscaled(c.t, v)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return append(binio.AppendI32(dst, int32(len(u))), u...), nil
}

func (c *longDecimal) Hash(r *binio.Reader) (int32, bool) {
	b := c.bytes(r)
	return keygroup.BigDecimal(b, int32(c.t.Scale)), r.Err() == nil
}

func compileTimestampData(s *Snapshot, _ []Codec) (Codec, error) {
	b := s.Body.(intsBody)
	t := newType(s, KindLocalDateTime, 8)
	t.Precision = int(b[0])
	t.Note = (&rowdata.Logical{Root: "TIMESTAMP_WITHOUT_TIME_ZONE", Precision: t.Precision}).Name()
	long := t.Precision > rowdata.CompactTimestamp
	if long {
		t.Length = 12
	}
	return &scalar{
		t: t, size: t.Length,
		walk: func(r *binio.Reader, s Sink) {
			millis, nanos := readTimestampData(r, long)
			s.Time(sqlTimestamp(millis, nanos, false))
		},
		put: func(dst []byte, v Value) ([]byte, bool) {
			x, ok := v.(Time)
			if !ok || x.Kind != KindLocalDateTime {
				return dst, false
			}
			millis, nanos := timestampParts(x)
			dst = binio.AppendI64(dst, millis)
			if !long {
				return dst, nanos == 0
			}
			return binio.AppendI32(dst, int32(nanos)), true
		},
		hash: func(r *binio.Reader) int32 {
			millis, nanos := readTimestampData(r, long)
			return keygroup.Fold(keygroup.Long(millis), int32(nanos))
		},
	}, nil
}

func readTimestampData(r *binio.Reader, long bool) (millis int64, nanos uint32) {
	millis = r.I64()
	if long {
		if nanos = uint32(r.I32()); nanos >= milliNanos {
			r.Corrupt("%d nanoseconds of a millisecond", int32(nanos))
			nanos = 0
		}
	}
	return millis, nanos
}

// readRawValue reads a composite, or what Flink 1.9 wrote.
func readRawValue(c *Context, r *binio.Reader, s *Snapshot) Body {
	if b := r.Rest(); len(b) < 2 || b[0] != 0xAC || b[1] != 0xED {
		return composite(0, noOuter)(c, r, s)
	}
	return readJavaSerializer(c, r)
}

func compileRawValue(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	raw := &sqlType{form: sqlRaw, inner: nested[0]}
	raw.setInner(false)
	return newSQLCodec(s, raw), nil
}

// binaryRow is a row of which only the number of fields is known: its fields are shown as the eight bytes that they are, and what comes after
// them as one more.
type binaryRow struct {
	t *Type
	n int
}

func compileBinaryRow(s *Snapshot, _ []Codec) (Codec, error) {
	const most = 1 << 16 // fields
	n := int(s.Body.(intsBody)[0])
	if n > most {
		return nil, fault.New(fault.ErrUnsupported, "a SQL row of %d fields", n)
	}
	t := newType(s, KindRow, variable)
	word := &Type{Kind: KindBytes, Length: 8, Nullable: true, Note: "word"}
	for _, name := range fieldNames(n) {
		t.Fields = append(t.Fields, Field{name, word})
	}
	t.Fields = append(t.Fields, Field{"rest", &Type{Kind: KindBytes, Length: variable, Nullable: true}})
	return &binaryRow{t, n}, nil
}

func (c *binaryRow) Type() *Type          { return c.t }
func (c *binaryRow) Skip(r *binio.Reader) { r.Skip(r.Length()) }

func (c *binaryRow) Walk(r *binio.Reader, s Sink) {
	start := r.Pos()
	sec := rowdata.Section{Data: r.Bytes(r.Length())}
	if r.Err() != nil {
		return
	}
	kind, ok := sec.Row(c.n)
	if !ok {
		r.Corrupt("%d bytes that are no SQL row of %d fields", len(sec.Data), c.n)
		return
	}
	x, exact := s.(exactSink)
	if exact {
		x.BeginExact()
	}
	s.BeginStruct(c.t, Form{RowKind: kind})
	at := rowdata.RowHeader(c.n)
	for i := range c.n {
		s.Field(i)
		if sec.RowNull(i) {
			s.Null()
		} else {
			s.Bytes(sec.Data[at+8*i : at+8*i+8])
		}
	}
	s.Field(c.n)
	if rest := sec.Data[at+8*c.n:]; len(rest) > 0 {
		s.Bytes(rest)
	} else {
		s.Null()
	}
	s.EndStruct()
	if exact {
		x.EndExact(c, r.Since(start))
	}
}

func (c *binaryRow) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(c.t, v); ok {
		return append(dst, b...), nil
	}
	row, ok := Plain(v).(Struct)
	if !ok || len(row.Fields) != c.n+1 {
		return dst, mismatch(c.t, v)
	}
	w := rowdata.NewRow(nil, c.n, row.Form.RowKind&3)
	for i, f := range row.Fields[:c.n] {
		switch f := f.(type) {
		case Null:
			w.Null(i)
		case Bytes:
			if len(f) != 8 {
				return dst, mismatch(c.t.Fields[i].Type, f)
			}
			copy(w.Out[rowdata.RowHeader(c.n)+8*i:], f)
		default:
			return dst, mismatch(c.t.Fields[i].Type, f)
		}
	}
	rest, ok := row.Fields[c.n].(Bytes)
	if _, none := row.Fields[c.n].(Null); !ok && !none {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(w.Out)+len(rest)))
	return append(append(dst, w.Out...), rest...), nil
}

func (c *binaryRow) Hash(r *binio.Reader) (int32, bool) {
	return keygroup.BinaryRow(r.Bytes(r.Length())), true
}
