package serde

import (
	"encoding/binary"
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// VariantSerializer (Flink 2.1 and newer): i4 size of the value, i4 size of the metadata, value, metadata. The two are in the binary
// variant encoding that Spark and Parquet share, all numbers little-endian:
//
//	metadata  u1 version 1 in the low four bits, size of offsets - 1 in the high two; n, n + 1 offsets, the names
//	value     u1 kind in the low two bits, and six bits of
//	  0 primitive     its type, see primitive
//	  1 short string  its length
//	  2 object        size of offsets - 1 (2 bits), size of name ids - 1 (2 bits), large (1 bit);
//	                  n (u1, or u4 if large), n ids, n + 1 offsets, the values
//	  3 array         size of offsets - 1 (2 bits), large (1 bit); n, n + 1 offsets, the values
//
// Inside a row the order is: i4 size of the metadata (big-endian), metadata, value. A variant is written only as it was read.

type variantCodec struct{ t *Type }

func variantFamilies() []Family {
	return []Family{{
		Classes: []string{simple("Variant")},
		Read:    readSimple,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, KindAny, variable)
			t.Note = "VARIANT"
			return &variantCodec{t}, nil
		},
	}}
}

func (c *variantCodec) Type() *Type { return c.t }

// sizes reads the two lengths.
func (c *variantCodec) sizes(r *binio.Reader) (value, metadata int) {
	value, metadata = int(r.I32()), int(r.I32())
	if r.Err() == nil && (value < 0 || metadata < 0) {
		r.Corrupt("a variant of %d and %d bytes", value, metadata)
	}
	return value, metadata
}

func (c *variantCodec) Skip(r *binio.Reader) {
	v, m := c.sizes(r)
	r.Skip(v)
	r.Skip(m)
}

func (c *variantCodec) Walk(r *binio.Reader, s Sink) {
	at, start := r.Offset(), r.Pos()
	v, m := c.sizes(r)
	value, metadata := r.Bytes(v), r.Bytes(m)
	if r.Err() != nil {
		return
	}
	x, exact := s.(exactSink)
	if exact {
		x.BeginExact()
	}
	walkVariant(r, at, value, metadata, s)
	if exact && r.Err() == nil {
		x.EndExact(c, r.Since(start))
	}
}

func (c *variantCodec) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(c.t, v); ok {
		return append(dst, b...), nil
	}
	return dst, fault.New(fault.ErrUsage, "a variant, which is written only as it was read")
}

func (c *variantCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

// walkVariant walks the content of a VARIANT in a row.
func (s *sqlType) walkVariant(w *sqlReader, b []byte, sink Sink) {
	if len(b) >= 4 {
		if n := int(int32(binary.BigEndian.Uint32(b))); n >= 0 && n <= len(b)-4 {
			walkVariant(w.r, w.at, b[4+n:], b[4:4+n], sink)
			return
		}
	}
	w.corrupt("a VARIANT of %d bytes", len(b))
}

func walkVariant(r *binio.Reader, at int64, value, metadata []byte, s Sink) {
	v := variant{r: r, sink: s, nodes: len(value)}
	if !v.names(metadata) || !v.walk(value, 0) {
		r.Fail(fault.Corrupt(at, "bytes that are no variant"))
	}
}

// variant walks one value.
type variant struct {
	r       *binio.Reader // for memory
	sink    Sink
	n, size int    // number of names, size of their offsets
	offsets []byte // of the names
	text    []byte // the names
	nodes   int    // how many values there can be: each takes a byte
}

// The types of what is inside variants.
var (
	variantList = &Type{Kind: KindList, Length: variable, Args: []*Type{{Kind: KindAny, Length: variable}}}
	variantMap  = &Type{Kind: KindMap, Length: variable, Args: []*Type{{Kind: KindString, Length: variable}, {Kind: KindAny, Length: variable}}}
)

// little reads a little-endian number of size bytes.
func little(b []byte, size int) int {
	n := 0
	for i := size - 1; i >= 0; i-- {
		n = n<<8 | int(b[i])
	}
	return n
}

func (v *variant) names(m []byte) bool {
	if len(m) < 1 || m[0]&0x0F != 1 {
		return false
	}
	v.size = int(m[0]>>6) + 1
	m = m[1:]
	if len(m) < v.size {
		return false
	}
	v.n = little(m, v.size)
	m = m[v.size:]
	if v.n >= len(m)/v.size { // n + 1 offsets
		return false
	}
	v.offsets, v.text = m, m[(v.n+1)*v.size:]
	return true
}

func (v *variant) name(id int) ([]byte, bool) {
	if id >= v.n {
		return nil, false
	}
	from, to := little(v.offsets[id*v.size:], v.size), little(v.offsets[(id+1)*v.size:], v.size)
	if from > to || to > len(v.text) {
		return nil, false
	}
	return v.text[from:to], true
}

func (v *variant) walk(b []byte, depth int) bool {
	if v.nodes--; v.nodes < 0 || len(b) == 0 || depth > binio.MaxDepth {
		return false
	}
	head := int(b[0] >> 2)
	switch b[0] & 3 {
	case 0:
		return v.primitive(head, b[1:])
	case 1:
		if head > len(b)-1 {
			return false
		}
		v.sink.Text(b[1 : 1+head])
		return true
	case 2:
		return v.object(b[1:], head&3+1, head>>2&3+1, head&0x10 != 0, depth)
	}
	return v.array(b[1:], head&3+1, head&4 != 0, depth)
}

// count reads the number of elements and checks that each can have the given number of bytes.
func count(b []byte, large bool, each int) (n int, rest []byte, ok bool) {
	size := 1
	if large {
		size = 4
	}
	if len(b) < size {
		return 0, nil, false
	}
	n, rest = little(b, size), b[size:]
	return n, rest, n <= len(rest)/each
}

func (v *variant) array(b []byte, size int, large bool, depth int) bool {
	n, b, ok := count(b, large, size)
	if !ok || (n+1)*size > len(b) {
		return false
	}
	v.sink.BeginList(variantList, n)
	data := b[(n+1)*size:]
	for i := range n {
		from := little(b[i*size:], size)
		if from > len(data) || !v.walk(data[from:], depth+1) {
			return false
		}
	}
	v.sink.EndList()
	return true
}

func (v *variant) object(b []byte, size, idSize int, large bool, depth int) bool {
	n, b, ok := count(b, large, size+idSize)
	if !ok || n*idSize+(n+1)*size > len(b) {
		return false
	}
	v.sink.BeginMap(variantMap, n)
	ids, offsets, data := b, b[n*idSize:], b[n*idSize+(n+1)*size:]
	for i := range n {
		name, ok := v.name(little(ids[i*idSize:], idSize))
		if !ok {
			return false
		}
		v.sink.Text(name)
		from := little(offsets[i*size:], size)
		if from > len(data) || !v.walk(data[from:], depth+1) {
			return false
		}
	}
	v.sink.EndMap()
	return true
}

// variantWidths are the sizes of the primitive types; 0 for those with a length of their own.
var variantWidths = [...]int{0, 0, 0, 1, 2, 4, 8, 8, 5, 9, 17, 4, 8, 8, 4, 0, 0, 8, 8, 8, 16}

// primitive walks a primitive value: 0 null, 1 true, 2 false, 3 … 6 integers, 7 double, 8 … 10 decimals, 11 date, 12 timestamp with zone, 13
// without (microseconds), 14 float, 15 binary, 16 string, 17 time (microseconds), 18 and 19 as 12 and 13 (nanoseconds), 20 UUID.
func (v *variant) primitive(kind int, b []byte) bool {
	if kind >= len(variantWidths) || len(b) < variantWidths[kind] {
		return false
	}
	switch kind {
	case 0:
		v.sink.Null()
	case 1, 2:
		v.sink.Bool(kind == 1)
	case 3, 4, 5, 6:
		size := variantWidths[kind]
		shift := 64 - 8*size
		v.sink.Int(int64(little(b, size)) << shift >> shift)
	case 7:
		v.sink.Float64(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case 8, 9, 10:
		return v.decimal(b[:variantWidths[kind]])
	case 14:
		v.sink.Float32(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case 15, 16:
		return v.long(kind, b)
	case 20:
		v.sink.Bytes(b[:16])
	default:
		return v.time(kind, b)
	}
	return true
}

func (v *variant) decimal(b []byte) bool {
	n := len(b) - 1
	buf := v.r.Scratch(n)
	for i := range n {
		buf[n-1-i] = b[1+i]
	}
	v.sink.Decimal(Decimal{Integer: Integer{Unscaled: minimal(buf)}, Scale: int32(b[0])})
	return true
}

// long walks binary data or text with a length of four bytes.
func (v *variant) long(kind int, b []byte) bool {
	if len(b) < 4 || int(binary.LittleEndian.Uint32(b)) > len(b)-4 {
		return false
	}
	b = b[4 : 4+int(binary.LittleEndian.Uint32(b))]
	if kind == 15 {
		v.sink.Bytes(b)
	} else {
		v.sink.Text(b)
	}
	return true
}

func (v *variant) time(kind int, b []byte) bool {
	if kind == 11 {
		v.sink.Time(sqlDate(int64(int32(binary.LittleEndian.Uint32(b)))))
		return true
	}
	n := int64(binary.LittleEndian.Uint64(b))
	unit := int64(1000) // nanoseconds
	if kind >= 18 {
		unit = 1
	}
	if kind == 17 {
		if n < 0 || n >= dayMillis*1000 {
			return false
		}
		v.sink.Time(Time{Kind: KindLocalTime, NanoOfDay: n * unit})
		return true
	}
	perMilli := milliNanos / unit
	millis := floorDiv(n, perMilli)
	v.sink.Time(sqlTimestamp(millis, uint32((n-millis*perMilli)*unit), kind == 12 || kind == 18))
	return true
}
