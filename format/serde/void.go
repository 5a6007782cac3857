package serde

import "github.com/tarn-project/tarn/format/binio"

// Serializers that know one value, null: VoidSerializer and VoidNamespaceSerializer write one byte 00 (the latter says that its
// length is 0), NullValueSerializer writes nothing.

const noteVoidNamespace = "void namespace"

// nullValueHash is NullValue.hashCode.
const nullValueHash = 53

type voidCodec struct {
	t      *Type
	size   int
	hash   int32
	hashed bool
}

func voidFamilies() []Family {
	void := func(class string, c voidCodec, length int, note string) Family {
		return Family{Classes: []string{class}, Read: readSimple, Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			c := c
			c.t = newType(s, KindNull, length)
			c.t.Note = note
			return &c, nil
		}}
	}
	namespace := "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"
	return []Family{
		void(simple("Void"), voidCodec{size: 1}, 1, ""),
		void(simple("NullValue"), voidCodec{size: 0, hash: nullValueHash, hashed: true}, 0, ""),
		void(namespace, voidCodec{size: 1, hash: 99, hashed: true}, 0, noteVoidNamespace),
	}
}

func (c *voidCodec) Type() *Type          { return c.t }
func (c *voidCodec) diskSize() int        { return c.size }
func (c *voidCodec) nullAt(b []byte) int  { return startsWith(b, "\x00"[:c.size]) }
func (c *voidCodec) Skip(r *binio.Reader) { r.Skip(c.size) }

func (c *voidCodec) Walk(r *binio.Reader, s Sink) {
	if c.size > 0 {
		readMark(r, 0)
	}
	if r.Err() == nil {
		s.Null()
	}
}

func (c *voidCodec) Append(dst []byte, v Value) ([]byte, error) {
	if _, ok := v.(Null); !ok {
		return dst, mismatch(c.t, v)
	}
	return append(dst, "\x00"[:c.size]...), nil
}

func (c *voidCodec) Hash(r *binio.Reader) (int32, bool) {
	r.Skip(c.size)
	return c.hash, c.hashed
}
