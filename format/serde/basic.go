package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Fixed-size numbers, booleans and characters: BooleanSerializer, ByteSerializer … CharSerializer, and the Value types
// (IntValue, LongValue, …) that have the same bytes. Null is not possible.

const (
	base     = "org.apache.flink.api.common.typeutils.base."
	runtime  = "org.apache.flink.api.java.typeutils.runtime."
	snapshot = "SerializerSnapshot"
)

// simple names the snapshot class of a SimpleTypeSerializerSnapshot in the base package: version 3 with an empty body, version 2 (Flink
// 1.7) with the serializer's class name.
func simple(name string) string { return base + name + "Serializer$" + name + snapshot }

// simpleBody is the body of version 2 of a SimpleTypeSerializerSnapshot.
type simpleBody struct{ serializer string }

func (b *simpleBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst, ok := binio.AppendUTF(dst, b.serializer)
	if !ok {
		return dst, fault.New(fault.ErrUsage, "serializer class of %d characters", len(b.serializer))
	}
	return dst, nil
}

func readSimple(_ *Context, r *binio.Reader, s *Snapshot) Body {
	switch s.Version {
	case 3:
	case 2:
		return &simpleBody{r.Field("serializer class").UTF()}
	default:
		unknownVersion(r, s)
	}
	return nil
}

// newType starts the description of the values of s.
func newType(s *Snapshot, k Kind, length int) *Type {
	return &Type{Kind: k, Serializer: s.Class, Version: s.Version, Length: length}
}

// scalar is a codec for values of a fixed number of bytes, given by three functions.
type scalar struct {
	t    *Type
	size int // bytes on disk
	walk func(r *binio.Reader, s Sink)
	put  func(dst []byte, v Value) ([]byte, bool)
	hash func(r *binio.Reader) int32 // nil if not defined
}

func (c *scalar) diskSize() int                { return c.size }
func (c *scalar) Type() *Type                  { return c.t }
func (c *scalar) Skip(r *binio.Reader)         { r.Skip(c.size) }
func (c *scalar) Walk(r *binio.Reader, s Sink) { c.walk(r, s) }

func (c *scalar) Append(dst []byte, v Value) ([]byte, error) {
	out, ok := c.put(dst, v)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return out, nil
}

func (c *scalar) Hash(r *binio.Reader) (int32, bool) {
	if c.hash == nil {
		return 0, false
	}
	return c.hash(r), true
}

// scalarFamily makes the family of one simple serializer.
func scalarFamily(class string, k Kind, length int, c scalar) Family {
	return Family{Classes: []string{class}, Read: readSimple, Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
		c := c
		c.t = newType(s, k, length)
		return &c, nil
	}}
}

func basicFamilies() []Family {
	out := []Family{
		scalarFamily(simple("Boolean"), KindBool, 1, boolScalar()),
		scalarFamily(simple("Byte"), KindInt8, 1, intScalar(1)),
		scalarFamily(simple("Short"), KindInt16, 2, intScalar(2)),
		scalarFamily(simple("Int"), KindInt32, 4, intScalar(4)),
		scalarFamily(simple("Long"), KindInt64, 8, intScalar(8)),
		scalarFamily(simple("Float"), KindFloat32, 4, floatScalar()),
		scalarFamily(simple("Double"), KindFloat64, 8, doubleScalar()),
		scalarFamily(simple("Char"), KindChar, 2, charScalar()),
	}
	return append(out, valueFamilies()...)
}

func boolScalar() scalar {
	return scalar{
		size: 1,
		walk: func(r *binio.Reader, s Sink) { s.Bool(r.Bool()) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			b, ok := v.(Bool)
			return binio.AppendBool(dst, bool(b)), ok
		},
		hash: func(r *binio.Reader) int32 { return keygroup.Bool(r.Bool()) },
	}
}

// intScalar is a signed big-endian number of size bytes. Byte, Short and Integer hash as their value, Long by folding.
func intScalar(size int) scalar {
	read := readInt(size)
	return scalar{
		size: size,
		walk: func(r *binio.Reader, s Sink) { s.Int(read(r)) },
		put:  func(dst []byte, v Value) ([]byte, bool) { return appendInt(dst, v, size) },
		hash: func(r *binio.Reader) int32 {
			if size == 8 {
				return keygroup.Long(read(r))
			}
			return int32(read(r))
		},
	}
}

func readInt(size int) func(r *binio.Reader) int64 {
	switch size {
	case 1:
		return func(r *binio.Reader) int64 { return int64(int8(r.U8())) }
	case 2:
		return func(r *binio.Reader) int64 { return int64(r.I16()) }
	case 4:
		return func(r *binio.Reader) int64 { return int64(r.I32()) }
	}
	return (*binio.Reader).I64
}

func appendInt(dst []byte, v Value, size int) ([]byte, bool) {
	i, ok := v.(Int)
	switch {
	case !ok || (size < 8 && i != Int(int64(i)<<(64-8*size)>>(64-8*size))):
		return dst, false
	case size == 1:
		return append(dst, byte(i)), true
	case size == 2:
		return binio.AppendI16(dst, int16(i)), true
	case size == 4:
		return binio.AppendI32(dst, int32(i)), true
	}
	return binio.AppendI64(dst, int64(i)), true
}

func floatScalar() scalar {
	return scalar{
		size: 4,
		walk: func(r *binio.Reader, s Sink) { s.Float32(r.F32()) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			f, ok := v.(Float32)
			return binio.AppendF32(dst, float32(f)), ok
		},
		hash: func(r *binio.Reader) int32 { return keygroup.Float(uint32(r.I32())) },
	}
}

func doubleScalar() scalar {
	return scalar{
		size: 8,
		walk: func(r *binio.Reader, s Sink) { s.Float64(r.F64()) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			f, ok := v.(Float64)
			return binio.AppendF64(dst, float64(f)), ok
		},
		hash: func(r *binio.Reader) int32 { return keygroup.Double(uint64(r.I64())) },
	}
}

func charScalar() scalar {
	return scalar{
		size: 2,
		walk: func(r *binio.Reader, s Sink) { s.Char(r.U16()) },
		put: func(dst []byte, v Value) ([]byte, bool) {
			c, ok := v.(Char)
			return binio.AppendI16(dst, int16(c)), ok
		},
		hash: func(r *binio.Reader) int32 { return int32(r.U16()) },
	}
}
