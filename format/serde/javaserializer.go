package serde

import (
	"math/big"
	"time"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/keygroup"
)

// JavaSerializer (org.apache.flink.runtime.state): each value is a Java serialization stream of its own, null included. Its snapshot is
// a simple one. A value shows what javaser.Plain makes of it, and is written only as it was read.

type javaCodec struct{ t *Type }

func javaFamilies() []Family {
	return []Family{{
		Classes: []string{"org.apache.flink.runtime.state.JavaSerializer$JavaSerializerSnapshot"},
		Read:    readSimple,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, KindAny, variable)
			t.Nullable, t.Note = true, "Java object"
			return &javaCodec{t}, nil
		},
	}}
}

func (c *javaCodec) Type() *Type          { return c.t }
func (c *javaCodec) Skip(r *binio.Reader) { javaser.Parse(r) }

func (c *javaCodec) Walk(r *binio.Reader, s Sink) {
	start := r.Pos()
	v := javaser.Parse(r)
	if r.Err() != nil {
		return
	}
	x, exact := s.(exactSink)
	if exact {
		x.BeginExact()
	}
	walkPlain(javaser.Plain(v), s)
	if exact {
		x.EndExact(c, r.Since(start))
	}
}

func (c *javaCodec) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(c.t, v); ok {
		return append(dst, b...), nil
	}
	switch v := v.(type) {
	case Null:
		return javaser.Append(dst, nil)
	case Text:
		return javaser.Append(dst, &javaser.String{Text: string(v)})
	}
	return dst, fault.New(fault.ErrUsage, "a Java object, which is written only as it was read")
}

// javaNull is null as a Java serialization stream.
const javaNull = "\xAC\xED\x00\x05\x70"

func (c *javaCodec) nullAt(b []byte) int {
	if len(b) >= len(javaNull) && string(b[:len(javaNull)]) == javaNull {
		return 1
	}
	return 0
}

// Hash is defined for strings and boxed whole numbers.
func (c *javaCodec) Hash(r *binio.Reader) (int32, bool) {
	v := javaser.Parse(r)
	if text, ok := javaser.Text(v); ok {
		return textHash([]byte(text)), true
	}
	n, ok := javaser.Integer(v)
	if javaser.ClassName(v) == "java.lang.Long" {
		return keygroup.Long(n), ok
	}
	return int32(n), ok
}

var (
	javaList = &Type{Kind: KindList, Length: variable, Args: []*Type{{Kind: KindAny, Length: variable}}}
	javaMap  = &Type{Kind: KindMap, Length: variable}
	javaAny  = &Type{Kind: KindAny, Length: variable}
)

// walkPlain tells a sink what javaser.Plain gave.
func walkPlain(v any, s Sink) {
	switch v := v.(type) {
	case nil:
		s.Null()
	case bool:
		s.Bool(v)
	case int64:
		s.Int(v)
	case float32:
		s.Float32(v)
	case float64:
		s.Float64(v)
	case javaser.Char:
		s.Char(uint16(v))
	case string:
		s.Text([]byte(v))
	case []byte:
		s.Bytes(v)
	case *big.Int:
		s.Integer(Integer{Unscaled: twosComplement(v)})
	case javaser.BigDecimal:
		s.Decimal(Decimal{Integer{Unscaled: twosComplement(v.Unscaled)}, v.Scale})
	case time.Time:
		s.Time(Time{Kind: KindInstant, Seconds: v.Unix(), Nanos: int32(v.Nanosecond())})
	case javaser.Constant:
		s.Enum(Enum{Name: v.Name})
	default:
		walkPlainParts(v, s)
	}
}

func walkPlainParts(v any, s Sink) {
	switch v := v.(type) {
	case []any:
		s.BeginList(javaList, len(v))
		for _, e := range v {
			walkPlain(e, s)
		}
		s.EndList()
	case []javaser.PlainPair:
		s.BeginMap(javaMap, len(v))
		for _, e := range v {
			walkPlain(e.Key, s)
			walkPlain(e.Value, s)
		}
		s.EndMap()
	case *javaser.Instance:
		walkInstance(v, s)
	case javaser.Cycle:
		walkInstance(&javaser.Instance{Class: v.Class, Fields: []javaser.PlainField{{Name: "@ref", Value: v.Class}}}, s)
	}
}

func walkInstance(v *javaser.Instance, s Sink) {
	t := &Type{Kind: KindStruct, Class: v.Class, Length: variable}
	for _, f := range v.Fields {
		t.Fields = append(t.Fields, Field{f.Name, javaAny})
	}
	s.BeginStruct(t, Form{Class: v.Class})
	for i, f := range v.Fields {
		s.Field(i)
		walkPlain(f.Value, s)
	}
	s.EndStruct()
}

// twosComplement gives the shortest two's complement of n, big-endian.
func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := append([]byte{0}, n.Bytes()...)
		return minimal(b)
	}
	bits := uint(n.BitLen()/8+1) * 8
	m := new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), bits))
	return minimal(m.Bytes())
}

// javaObjectBody is a snapshot's body that is one Java-serialized serializer.
type javaObjectBody struct {
	raw  []byte
	kids []*Snapshot
}

func (b *javaObjectBody) nested() []*Snapshot { return b.kids }

// AppendBody writes the bytes back.
func (b *javaObjectBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return append(dst, b.raw...), nil
}

// readJavaSerializer reads a body that is one Java-serialized serializer.
func readJavaSerializer(c *Context, r *binio.Reader) Body {
	start := r.Pos()
	v := javaser.Parse(r.Field("Java-serialized serializer"))
	if r.Err() != nil {
		return nil
	}
	return &javaObjectBody{r.Since(start), []*Snapshot{snapshotOf(c, javaser.AsObject(v), javaser.ClassName(v))}}
}
