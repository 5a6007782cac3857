package serde

import (
	"bytes"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// One of several: a byte says which, the value follows.
//
//	EitherSerializer (Java)  1 left, 0 right. Snapshots: JavaEitherSerializerSnapshot; EitherSerializerSnapshot version 2, of 1.7,
//	                         which is a legacy composite
//	UnionSerializer of co-group and window join (CoGroupedStreams)  1 one, 2 two

// unionCodec is a value of one of several types. Field i of the type has the tag tags[i].
type unionCodec struct {
	t     *Type
	tags  []byte
	parts []Codec
	// hashed says that the hash is that of the content
	hashed bool
}

func newUnion(t *Type, tags []byte, names []string, parts []Codec) *unionCodec {
	for i, p := range parts {
		t.Fields = append(t.Fields, Field{Name: names[i], Type: p.Type()})
		t.Opaque = t.Opaque || p.Type().Opaque
	}
	return &unionCodec{t: t, tags: tags, parts: parts}
}

func unionFamilies() []Family {
	return []Family{{
		Classes: []string{runtime + "JavaEitherSerializerSnapshot", runtime + "EitherSerializerSnapshot"},
		Read: func(c *Context, r *binio.Reader, s *Snapshot) Body {
			if s.Class == runtime+"EitherSerializerSnapshot" && s.Version != 2 {
				unknownVersion(r, s)
				return nil
			}
			return composite(1, noOuter)(c, r, s)
		},
		Compile: compilePair([]byte{1, 0}, []string{"left", "right"}, true),
	}, {
		Classes: []string{"org.apache.flink.streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot"},
		Read:    composite(2, noOuter),
		Compile: compilePair([]byte{1, 2}, []string{"one", "two"}, false),
	}}
}

// compilePair makes the codec of a union of two.
func compilePair(tags []byte, names []string, hashed bool) func(s *Snapshot, nested []Codec) (Codec, error) {
	return func(s *Snapshot, nested []Codec) (Codec, error) {
		if err := arity(s, nested, 2); err != nil {
			return nil, err
		}
		c := newUnion(newType(s, KindUnion, variable), tags, names, nested)
		c.hashed = hashed
		return c, nil
	}
}

func (c *unionCodec) Type() *Type { return c.t }

// tag reads which it is.
func (c *unionCodec) tag(r *binio.Reader) int {
	b := r.U8()
	i := bytes.IndexByte(c.tags, b)
	if i < 0 && r.Err() == nil {
		r.Corrupt("tag %d", b)
	}
	if r.Err() != nil {
		return -1
	}
	return i
}

func (c *unionCodec) Skip(r *binio.Reader) {
	if i := c.tag(r); i >= 0 {
		c.parts[i].Skip(r)
	}
}

func (c *unionCodec) Walk(r *binio.Reader, s Sink) {
	if i := c.tag(r); i >= 0 {
		s.BeginStruct(c.t, Form{})
		s.Field(i)
		if c.parts[i].Walk(r, s); r.Err() == nil {
			s.EndStruct()
		}
	}
}

func (c *unionCodec) Append(dst []byte, v Value) ([]byte, error) {
	st, ok := v.(Struct)
	if !ok || len(st.Fields) != len(c.parts) {
		return dst, mismatch(c.t, v)
	}
	at := -1
	for i, f := range st.Fields {
		if f != nil && at >= 0 {
			return dst, fault.New(fault.ErrUsage, "two members of a union at once")
		}
		if f != nil {
			at = i
		}
	}
	if at < 0 {
		return dst, fault.New(fault.ErrUsage, "no member of a union")
	}
	return c.parts[at].Append(append(dst, c.tags[at]), st.Fields[at])
}

func (c *unionCodec) Hash(r *binio.Reader) (int32, bool) {
	if i := c.tag(r); i >= 0 && c.hashed {
		return c.parts[i].Hash(r)
	}
	return 0, false
}
