package serde

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// AvroSerializer (org.apache.flink.formats.avro.typeutils), for generic, specific and reflected records alike. Its snapshot:
//
//	version 3  string class, string schema (StringValue encoding)
//	version 2  utf class, utf schema
//	version 1  utf schema
//
// The values follow the schema, but are not in Avro's own binary encoding: all numbers have their full width (DataOutputEncoder):
//
//	null nothing; boolean u1; int i4; long i8; float f4; double f8; enum i4 index; union i4 branch, value
//	bytes, string  i4 n, n bytes
//	fixed          the bytes
//	array, map     varint n unless n is 0, the elements (of maps: string key, value), 00
//	record         the fields in the order of the schema
//
// Logical types change what a value means, not how it is written.

func avroFamilies() []Family {
	return []Family{{
		Classes: []string{"org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot"},
		Read:    readAvro,
		Compile: compileAvro,
	}}
}

// Avro is the body of an Avro serializer's snapshot.
type Avro struct {
	Class  string // Java class of the records; "" in version 1
	Schema string // as JSON
}

func readAvro(_ *Context, r *binio.Reader, s *Snapshot) Body {
	b := &Avro{}
	switch s.Version {
	case 3:
		b.Class, b.Schema = avroText(r.Field("class")), avroText(r.Field("schema"))
	case 2:
		b.Class, b.Schema = r.Field("class").UTF(), r.Field("schema").UTF()
	case 1:
		b.Schema = r.Field("schema").UTF()
	default:
		unknownVersion(r, s)
	}
	return b
}

func avroText(r *binio.Reader) string {
	text, null := r.String()
	if null {
		r.Corrupt("a null text")
	}
	return string(text)
}

// AppendBody writes class and schema.
func (b *Avro) AppendBody(dst []byte, version int32) ([]byte, error) {
	if version == 3 {
		return binio.AppendString(binio.AppendString(dst, b.Class), b.Schema), nil
	}
	var err error
	if version == 2 {
		if dst, err = appendName(dst, b.Class); err != nil {
			return dst, err
		}
	}
	return appendName(dst, b.Schema)
}

func compileAvro(s *Snapshot, _ []Codec) (Codec, error) {
	b := s.Body.(*Avro)
	root, err := parseAvro(b.Schema)
	if err != nil {
		return nil, err
	}
	t := *root.t
	t.Serializer, t.Version, t.Length = s.Class, s.Version, variable
	if t.Kind == KindStruct && root.form == avroRecord {
		t.Class = root.name
		own := *root
		own.t = &t
		root = &own
	}
	return &avroCodec{&t, root}, nil
}

// avroCodec reads and writes the values of a schema.
type avroCodec struct {
	t    *Type
	root *avroType
}

func (c *avroCodec) Type() *Type { return c.t }

func (c *avroCodec) Skip(r *binio.Reader) { c.Walk(r, noSink{}) }

func (c *avroCodec) Walk(r *binio.Reader, s Sink) {
	w := avroWalk{r: r, s: s, start: r.Pos()}
	w.value(c.root)
}

func (c *avroCodec) nullAt(b []byte) int {
	switch {
	case c.root.form == avroNull:
		return 1
	case c.root.form == avroUnion && len(b) >= 4 && int32(binary.BigEndian.Uint32(b)) == int32(c.root.null):
		return 1
	}
	return 0
}

// avroWalk is a value being walked. A schema may describe values that take no bytes: what is walked is bounded by what has been read.
type avroWalk struct {
	r     *binio.Reader
	s     Sink
	start int
	steps int
	depth int
}

const (
	avroFreeSteps    = 1 << 16
	avroStepsPerByte = 16
	maxAvroValue     = 512 // nesting of values
)

// enter counts one step down.
func (w *avroWalk) enter() bool {
	w.steps++
	w.depth++
	switch {
	case w.r.Err() != nil:
		return false
	case w.depth > maxAvroValue:
		w.r.Unsupported("an Avro value nested deeper than %d levels", maxAvroValue)
		return false
	case w.steps > avroFreeSteps && w.steps-avroFreeSteps > avroStepsPerByte*(w.r.Pos()-w.start):
		w.r.Unsupported("an Avro value of %d parts in %d bytes", w.steps, w.r.Pos()-w.start)
		return false
	}
	return true
}

func (w *avroWalk) value(a *avroType) {
	if !w.enter() {
		return
	}
	r, s := w.r, w.s
	switch a.form {
	case avroNull:
		s.Null()
	case avroBoolean:
		s.Bool(r.Bool())
	case avroInt:
		a.number(int64(r.I32()), s)
	case avroLong:
		a.number(r.I64(), s)
	case avroFloat:
		s.Float32(r.F32())
	case avroDouble:
		s.Float64(r.F64())
	case avroBytes:
		a.bytes(r.Bytes(r.Length()), w)
	case avroFixed:
		a.bytes(r.Bytes(a.size), w)
	case avroString:
		s.Text(r.Bytes(r.Length()))
	case avroEnum:
		w.enum(a)
	case avroArray, avroMap:
		w.collection(a)
	case avroUnion:
		w.union(a)
	case avroRecord:
		w.record(a)
	case avroRef:
		w.value(a.parts[0])
	}
	w.depth--
}

func (w *avroWalk) record(a *avroType) {
	w.s.BeginStruct(a.t, Form{})
	for i, p := range a.parts {
		w.s.Field(i)
		if w.value(p); w.r.Err() != nil {
			return
		}
	}
	w.s.EndStruct()
}

func (w *avroWalk) enum(a *avroType) {
	i := w.r.I32()
	switch {
	case w.r.Err() != nil:
	case i < 0 || int(i) >= len(a.t.Symbols):
		w.r.Corrupt("constant %d of the %d of %s", i, len(a.t.Symbols), a.name)
	default:
		w.s.Enum(Enum{Index: i, Name: a.t.Symbols[i]})
	}
}

func (w *avroWalk) union(a *avroType) {
	i := int(w.r.I32())
	switch {
	case w.r.Err() != nil:
	case i < 0 || i >= len(a.parts):
		w.r.Corrupt("branch %d of an Avro union of %d", i, len(a.parts))
	case a.simple || i == a.null:
		w.value(a.parts[i])
	default:
		w.s.BeginStruct(a.t, Form{})
		w.s.Field(i)
		if w.value(a.parts[i]); w.r.Err() == nil {
			w.s.EndStruct()
		}
	}
}

func (w *avroWalk) collection(a *avroType) {
	n := int(w.r.VarInt())
	if w.r.Err() != nil {
		return
	}
	if a.form == avroMap {
		w.s.BeginMap(a.t, n)
	} else {
		w.s.BeginList(a.t, n)
	}
	for range n {
		if a.form == avroMap {
			w.s.Text(w.r.Bytes(w.r.Length()))
		}
		if w.value(a.parts[0]); w.r.Err() != nil {
			return
		}
	}
	if n > 0 {
		readMark(w.r, 0) // more blocks than one are never written
	}
	if w.r.Err() != nil {
		return
	}
	if a.form == avroMap {
		w.s.EndMap()
	} else {
		w.s.EndList()
	}
}

// number tells a sink an int or long, by its logical type.
func (a *avroType) number(v int64, s Sink) {
	switch a.logical {
	case avroDate:
		s.Time(sqlDate(v))
	case avroTime:
		if v < 0 || v >= dayMillis*(milliNanos/a.unit) {
			s.Int(v)
			return
		}
		s.Time(Time{Kind: KindLocalTime, NanoOfDay: v * a.unit})
	case avroInstant, avroDateTime:
		perMilli := milliNanos / a.unit
		millis := floorDiv(v, perMilli)
		s.Time(sqlTimestamp(millis, uint32((v-millis*perMilli)*a.unit), a.logical == avroInstant))
	default:
		s.Int(v)
	}
}

// bytes tells a sink bytes, by their logical type.
func (a *avroType) bytes(b []byte, w *avroWalk) {
	if a.logical == avroDecimal && len(b) > 0 {
		w.s.Decimal(Decimal{Integer{Unscaled: b}, int32(a.t.Scale)})
		return
	}
	w.s.Bytes(b)
}

func (c *avroCodec) Append(dst []byte, v Value) ([]byte, error) { return c.root.append(dst, v) }

func (a *avroType) append(dst []byte, v Value) ([]byte, error) {
	switch a.form {
	case avroNull:
		if _, ok := v.(Null); ok {
			return dst, nil
		}
	case avroBoolean:
		if b, ok := v.(Bool); ok {
			return binio.AppendBool(dst, bool(b)), nil
		}
	case avroInt, avroLong:
		return a.appendNumber(dst, v)
	case avroFloat:
		if f, ok := v.(Float32); ok {
			return binio.AppendF32(dst, float32(f)), nil
		}
	case avroDouble:
		if f, ok := v.(Float64); ok {
			return binio.AppendF64(dst, float64(f)), nil
		}
	case avroBytes, avroFixed, avroString:
		return a.appendBytes(dst, v)
	case avroEnum:
		return (&enumCodec{a.t}).Append(dst, v)
	case avroUnion:
		return a.appendUnion(dst, v)
	case avroRef:
		return a.parts[0].append(dst, v)
	default:
		return a.appendParts(dst, v)
	}
	return dst, mismatch(a.t, v)
}

func (a *avroType) appendNumber(dst []byte, v Value) ([]byte, error) {
	n, ok := int64(0), false
	switch v := v.(type) {
	case Int:
		n, ok = int64(v), true
	case Time:
		n, ok = a.count(v)
	}
	switch {
	case !ok || (a.form == avroInt && n != int64(int32(n))):
		return dst, mismatch(a.t, v)
	case a.form == avroInt:
		return binio.AppendI32(dst, int32(n)), nil
	}
	return binio.AppendI64(dst, n), nil
}

// count gives the number that a logical type writes for t.
func (a *avroType) count(t Time) (n int64, ok bool) {
	if t.Kind != a.t.Kind {
		return 0, false
	}
	switch a.logical {
	case avroDate:
		return epochDays(t.Year, t.Month, t.Day), true
	case avroTime:
		return t.NanoOfDay / a.unit, t.NanoOfDay%a.unit == 0
	}
	millis, nanos := timestampParts(t)
	perMilli := milliNanos / a.unit
	n = millis * perMilli
	return n + int64(nanos)/a.unit, n/perMilli == millis && int64(nanos)%a.unit == 0
}

func (a *avroType) appendBytes(dst []byte, v Value) ([]byte, error) {
	var b []byte
	ok := false
	switch v := v.(type) {
	case Text:
		b, ok = []byte(v), a.form == avroString
	case Bytes:
		b, ok = v, a.form != avroString
	case Decimal:
		b, ok = v.Unscaled, a.logical == avroDecimal && int(v.Scale) == a.t.Scale && len(v.Unscaled) > 0
		if a.form == avroFixed {
			b = widened(b, a.size)
		}
	}
	switch {
	case !ok || len(b) > math.MaxInt32 || (a.form == avroFixed && len(b) != a.size):
		return dst, mismatch(a.t, v)
	case a.form != avroFixed:
		dst = binio.AppendI32(dst, int32(len(b)))
	}
	return append(dst, b...), nil
}

// widened repeats the sign of a two's complement number until it takes size bytes.
func widened(b []byte, size int) []byte {
	if len(b) == 0 || len(b) >= size {
		return b
	}
	out := make([]byte, size)
	for i := range size - len(b) {
		out[i] = byte(int8(b[0]) >> 7)
	}
	copy(out[size-len(b):], b)
	return out
}

func (a *avroType) appendUnion(dst []byte, v Value) ([]byte, error) {
	if _, null := v.(Null); null && a.null >= 0 {
		return binio.AppendI32(dst, int32(a.null)), nil
	}
	if a.simple {
		i := 1 - a.null
		return a.parts[i].append(binio.AppendI32(dst, int32(i)), v)
	}
	st, ok := v.(Struct)
	if !ok || len(st.Fields) != len(a.parts) {
		return dst, mismatch(a.t, v)
	}
	for i, f := range st.Fields {
		if f != nil {
			return a.parts[i].append(binio.AppendI32(dst, int32(i)), f)
		}
	}
	return dst, fault.New(fault.ErrUsage, "no member of a union")
}

// appendParts writes records, arrays and maps.
func (a *avroType) appendParts(dst []byte, v Value) ([]byte, error) {
	var err error
	put := func(p *avroType, v Value) {
		if err == nil {
			dst, err = p.append(dst, v)
		}
	}
	switch v := v.(type) {
	case Struct:
		if a.form != avroRecord || len(v.Fields) != len(a.parts) {
			return dst, mismatch(a.t, v)
		}
		for i, f := range v.Fields {
			put(a.parts[i], f)
		}
		return dst, err
	case List:
		if a.form != avroArray {
			return dst, mismatch(a.t, v)
		}
		dst = appendBlock(dst, len(v))
		for _, e := range v {
			put(a.parts[0], e)
		}
		return endBlock(dst, len(v)), err
	case Map:
		if a.form != avroMap {
			return dst, mismatch(a.t, v)
		}
		dst = appendBlock(dst, len(v))
		for _, e := range v {
			key, ok := e.Key.(Text)
			if !ok && err == nil {
				err = mismatch(a.t.Args[0], e.Key)
			}
			dst = append(binio.AppendI32(dst, int32(len(key))), key...)
			put(a.parts[0], e.Value)
		}
		return endBlock(dst, len(v)), err
	}
	return dst, mismatch(a.t, v)
}

func appendBlock(dst []byte, n int) []byte { return binio.AppendVarInt(dst, uint32(n)) }

func endBlock(dst []byte, n int) []byte {
	if n > 0 {
		dst = append(dst, 0)
	}
	return dst
}

// Hash is GenericData.hashCode, of what it is sure about: not of maps, bytes and texts beyond ASCII, whose hashes depend on the Java classes
// in use.
func (c *avroCodec) Hash(r *binio.Reader) (int32, bool) {
	w := avroWalk{r: r, start: r.Pos()}
	return w.hash(c.root)
}

func (w *avroWalk) hash(a *avroType) (h int32, ok bool) {
	if !w.enter() {
		return 0, false
	}
	defer func() { w.depth-- }()
	r := w.r
	switch a.form {
	case avroNull:
		return 0, true
	case avroBoolean:
		h = keygroup.Bool(r.Bool())
	case avroInt, avroEnum:
		h = r.I32()
	case avroLong:
		h = keygroup.Long(r.I64())
	case avroFloat:
		h = keygroup.Float(uint32(r.I32()))
	case avroDouble:
		h = keygroup.Double(uint64(r.I64()))
	case avroString:
		b := r.Bytes(r.Length())
		for _, c := range b {
			if c >= utf8.RuneSelf {
				return 0, false
			}
		}
		h = keygroup.ASCII(b)
	case avroUnion:
		if i := int(r.I32()); i >= 0 && i < len(a.parts) {
			return w.hash(a.parts[i])
		}
		return 0, false
	case avroRef:
		return w.hash(a.parts[0])
	case avroRecord, avroArray:
		return w.hashParts(a)
	default:
		return 0, false
	}
	return h, r.Err() == nil && a.logical == avroPlain
}

func (w *avroWalk) hashParts(a *avroType) (int32, bool) {
	h := int32(1)
	n := len(a.parts)
	if a.form == avroArray {
		n = int(w.r.VarInt())
	}
	for i := range n {
		p := a.parts[0]
		if a.form == avroRecord {
			p = a.parts[i]
		}
		e, ok := w.hash(p)
		if !ok {
			return 0, false
		}
		h = keygroup.Fold(h, e)
	}
	if a.form == avroArray && n > 0 {
		readMark(w.r, 0)
	}
	return h, w.r.Err() == nil
}

// noSink is a Sink that forgets everything.
type noSink struct{}

func (noSink) Null()                   {}
func (noSink) Bool(bool)               {}
func (noSink) Int(int64)               {}
func (noSink) Float32(float32)         {}
func (noSink) Float64(float64)         {}
func (noSink) Char(uint16)             {}
func (noSink) Text([]byte)             {}
func (noSink) Bytes([]byte)            {}
func (noSink) Integer(Integer)         {}
func (noSink) Decimal(Decimal)         {}
func (noSink) Time(Time)               {}
func (noSink) Enum(Enum)               {}
func (noSink) BeginList(*Type, int)    {}
func (noSink) EndList()                {}
func (noSink) BeginMap(*Type, int)     {}
func (noSink) EndMap()                 {}
func (noSink) BeginStruct(*Type, Form) {}
func (noSink) Field(int)               {}
func (noSink) EndStruct()              {}
func (noSink) Raw(*Type, []byte)       {}
