package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Flink's Value types (org.apache.flink.types.IntValue and so on). IntValueSerializer and its kin write what the primitive's serializer
// writes; StringValueSerializer writes varint number of UTF-16 units (not plus one: no null), each unit as a varint.
//
// ValueSerializer and CopyableValueSerializer call the class's own write method. Their snapshots (version 2) hold utf class. The classes
// that Flink ships are known; anything else is code and stays raw.

const valueTypes = "org.apache.flink.types."

func valueFamilies() []Family {
	out := []Family{}
	for _, v := range fixedValues() {
		out = append(out, scalarFamily(simple(v.name), v.kind, v.c.size, v.c))
	}
	text := Family{Classes: []string{simple("StringValue")}, Read: readSimple, Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
		return &stringValueCodec{newType(s, KindString, variable)}, nil
	}}
	generic := func(name string, copyable bool) Family {
		return Family{
			Classes: []string{runtime + name + "$" + name + "Snapshot"},
			Read:    readGeneric,
			Compile: func(s *Snapshot, _ []Codec) (Codec, error) { return compileGeneric(s, copyable), nil },
		}
	}
	return append(out, text, generic("ValueSerializer", false), generic("CopyableValueSerializer", true))
}

type fixedValue struct {
	name string
	kind Kind
	c    scalar
}

// fixedValues are the Value types of one length. Some hash otherwise than the primitive.
func fixedValues() []fixedValue {
	hashed := func(c scalar, hash func(r *binio.Reader) int32) scalar {
		c.hash = hash
		return c
	}
	return []fixedValue{
		{"BooleanValue", KindBool, hashed(boolScalar(), func(r *binio.Reader) int32 { return int32(r.U8()) })},
		{"ByteValue", KindInt8, intScalar(1)},
		{"ShortValue", KindInt16, intScalar(2)},
		{"IntValue", KindInt32, intScalar(4)},
		{"LongValue", KindInt64, hashed(intScalar(8), func(r *binio.Reader) int32 { return 43 + keygroup.Long(r.I64()) })},
		{"FloatValue", KindFloat32, floatScalar()},
		{"DoubleValue", KindFloat64, hashed(doubleScalar(), func(r *binio.Reader) int32 { return 31 + keygroup.Double(uint64(r.I64())) })},
		{"CharValue", KindChar, charScalar()},
	}
}

type stringValueCodec struct{ t *Type }

func (c *stringValueCodec) Type() *Type          { return c.t }
func (c *stringValueCodec) Skip(r *binio.Reader) { r.SkipChars(int(r.VarInt())) }
func (c *stringValueCodec) Walk(r *binio.Reader, s Sink) {
	if text := r.Chars(int(r.VarInt())); r.Err() == nil {
		s.Text(text)
	}
}

func (c *stringValueCodec) Append(dst []byte, v Value) ([]byte, error) {
	t, ok := v.(Text)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return binio.AppendChars(binio.AppendVarInt(dst, uint32(binio.Units(t))), t), nil
}

func (c *stringValueCodec) Hash(r *binio.Reader) (int32, bool) {
	return textHash(r.Chars(int(r.VarInt()))), true
}

// genericBody is the body of a GenericTypeSerializerSnapshot: the class of the values.
type genericBody struct{ class string }

func readGeneric(_ *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 2 {
		r.Fail(fault.Unsupported(r.Offset(), "version %d of %s", s.Version, s.Class))
		return nil
	}
	return &genericBody{r.Field("class").UTF()}
}

func (b *genericBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return appendName(dst, b.class)
}

func compileGeneric(s *Snapshot, copyable bool) Codec {
	b, _ := s.Body.(*genericBody)
	if b == nil {
		return newOpaque(s)
	}
	length := func(n int) int {
		if copyable { // CopyableValue.getBinaryLength; ValueSerializer does not say
			return n
		}
		return variable
	}
	for _, v := range fixedValues() {
		if b.class == valueTypes+v.name {
			c := v.c
			c.t = newType(s, v.kind, length(c.size))
			c.t.Class = b.class
			return &c
		}
	}
	switch b.class {
	case valueTypes + "StringValue":
		t := newType(s, KindString, variable)
		t.Class = b.class
		return &stringValueCodec{t}
	case valueTypes + "NullValue":
		t := newType(s, KindNull, length(1))
		t.Class = b.class
		return &voidCodec{t: t, size: 1, hash: nullValueHash, hashed: true}
	}
	c := newOpaque(s)
	c.Type().Class = b.class
	return c
}
