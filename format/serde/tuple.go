package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// TupleSerializer (Tuple1 … Tuple25): the fields one after the other, no flags; a null field exists only where the field's own
// serializer can write null. Outer fields of the snapshot: utf tuple class. Tuple0Serializer: one byte 2A.

func tupleFamilies() []Family {
	return []Family{{
		Classes: []string{runtime + "TupleSerializerSnapshot"},
		Read:    composite(2, outerClass),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			t := newType(s, KindTuple, tupleLength(nested))
			t.Class = outerReader(s).UTF()
			c := newProduct(t, fieldNames(len(nested)), nested)
			c.hash = foldFields
			return c, nil
		},
	}, {
		Classes: []string{runtime + "Tuple0SerializerSnapshot"},
		Read:    readSimple,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, KindTuple, 1)
			t.Class = "org.apache.flink.api.java.tuple.Tuple0"
			return &unitCodec{t: t, mark: 0x2A}, nil
		},
	}}
}

// tupleLength is TupleSerializerBase.getLength: a field of length 0 makes the tuple variable.
func tupleLength(fields []Codec) int {
	for _, f := range fields {
		if f.Type().Length == 0 {
			return variable
		}
	}
	return lengthSum(fields)
}

// foldFields is the hashCode of the TupleN classes: that of the first field, then 31*h + field.
func foldFields(h, part int32, i int) int32 {
	if i == 0 {
		return part
	}
	return keygroup.Fold(h, part)
}

// unitCodec is the one value of a class without fields: a struct for which one fixed byte is written.
type unitCodec struct {
	t    *Type
	mark byte
}

func (c *unitCodec) Type() *Type          { return c.t }
func (c *unitCodec) diskSize() int        { return 1 }
func (c *unitCodec) Skip(r *binio.Reader) { r.Skip(1) }

func (c *unitCodec) Walk(r *binio.Reader, s Sink) {
	readMark(r, c.mark)
	if r.Err() == nil {
		s.BeginStruct(c.t, Form{})
		s.EndStruct()
	}
}

func (c *unitCodec) Append(dst []byte, v Value) ([]byte, error) {
	if st, ok := v.(Struct); !ok || len(st.Fields) > 0 {
		return dst, mismatch(c.t, v)
	}
	return append(dst, c.mark), nil
}

func (c *unitCodec) Hash(r *binio.Reader) (int32, bool) {
	r.Skip(1)
	return 0, true
}

// readMark reads a byte that has one value.
func readMark(r *binio.Reader, want byte) {
	if got := r.U8(); r.Err() == nil && got != want {
		r.Corrupt("byte %#02x instead of %#02x", got, want)
	}
}
