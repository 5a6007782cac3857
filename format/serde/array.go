package serde

import (
	"github.com/tarn-project/tarn/format/binio"
)

// Arrays of primitives (IntPrimitiveArraySerializer …): i4 n, the elements. Byte arrays are one Bytes event. StringArraySerializer:
// i4 n, the strings, null allowed. GenericArraySerializer: i4 n, n × { bool isPresent, [element] }, the flag the other way round than
// everywhere else; outer fields of the snapshot: utf class of the components. Arrays hash by identity, so none has a Hash.

const (
	noteArray = "array"
	noteSet   = "set"
	arrays    = base + "array."
)

func arraySnapshot(name string) string {
	return arrays + name + "ArraySerializer$" + name + "ArraySerializerSnapshot"
}

func arrayFamilies() []Family {
	primitive := func(name string, k Kind, size int, elem scalar) Family {
		return Family{
			Classes: []string{arraySnapshot(name + "Primitive")}, Read: readSimple,
			Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
				e := elem
				e.t = &Type{Kind: k, Length: size}
				return &arrayCodec{newList(arrayType(s, e.t), &e)}, nil
			},
		}
	}
	return []Family{
		primitive("Boolean", KindBool, 1, boolScalar()),
		primitive("Short", KindInt16, 2, intScalar(2)),
		primitive("Int", KindInt32, 4, intScalar(4)),
		primitive("Long", KindInt64, 8, intScalar(8)),
		primitive("Float", KindFloat32, 4, floatScalar()),
		primitive("Double", KindFloat64, 8, doubleScalar()),
		primitive("Char", KindChar, 2, charScalar()),
		{
			Classes: []string{arraySnapshot("BytePrimitive")}, Read: readSimple,
			Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
				return &bytesCodec{newType(s, KindBytes, variable)}, nil
			},
		},
		{
			Classes: []string{arraySnapshot("String")}, Read: readSimple,
			Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
				e := &stringCodec{&Type{Kind: KindString, Length: variable, Nullable: true}}
				return &arrayCodec{newList(arrayType(s, e.t), e)}, nil
			},
		},
		{Classes: []string{base + "GenericArraySerializerSnapshot"}, Read: composite(1, outerClass), Compile: compileGenericArray},
	}
}

func arrayType(s *Snapshot, elem *Type) *Type {
	t := newType(s, KindList, variable)
	t.Note, t.Args, t.Opaque = noteArray, []*Type{elem}, elem.Opaque
	return t
}

func compileGenericArray(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	t := arrayType(s, nested[0].Type())
	t.Class = outerReader(s).UTF()
	return newFlaggedList(t, nested[0], true), nil
}

// arrayCodec is a list whose elements stand one after the other and which has no hash.
type arrayCodec struct{ listCodec }

func (c *arrayCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

// bytesCodec is byte[]: i4 length, bytes.
type bytesCodec struct{ t *Type }

func (c *bytesCodec) Type() *Type                      { return c.t }
func (c *bytesCodec) Skip(r *binio.Reader)             { r.Skip(r.Length()) }
func (c *bytesCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c *bytesCodec) Walk(r *binio.Reader, s Sink) {
	if b := r.Bytes(r.Length()); r.Err() == nil {
		s.Bytes(b)
	}
}

func (c *bytesCodec) Append(dst []byte, v Value) ([]byte, error) {
	b, ok := v.(Bytes)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return append(binio.AppendI32(dst, int32(len(b))), b...), nil
}

// flaggedList is a list with a flag before each element: GenericArraySerializer, SetSerializer.
type flaggedList struct {
	t       *Type
	elem    Codec
	present bool // the flag of an element that is there
	sum     bool // the hash is the sum of the elements' hashes
}

func newFlaggedList(t *Type, elem Codec, present bool) *flaggedList {
	return &flaggedList{t: t, elem: behindFlag(elem), present: present}
}

func (c *flaggedList) Type() *Type { return c.t }

func (c *flaggedList) Skip(r *binio.Reader) {
	n := r.Count(1)
	for i := 0; i < n && r.Err() == nil; i++ {
		skipFlagged(r, c.elem, c.present)
	}
}

func (c *flaggedList) Walk(r *binio.Reader, s Sink) {
	n := r.Count(1)
	s.BeginList(c.t, n)
	for i := 0; i < n; i++ {
		walkFlagged(r, s, c.elem, c.present)
		if r.Err() != nil {
			return
		}
	}
	s.EndList()
}

func (c *flaggedList) Append(dst []byte, v Value) ([]byte, error) {
	l, ok := v.(List)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(l)))
	var err error
	for _, e := range l {
		if dst, err = appendFlagged(dst, c.elem, e, c.present); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash of a set is AbstractSet.hashCode: the sum of its elements'. An array has none.
func (c *flaggedList) Hash(r *binio.Reader) (int32, bool) {
	if !c.sum {
		return 0, false
	}
	var h int32
	n := r.Count(1)
	for i := 0; i < n && r.Err() == nil; i++ {
		e, ok := hashFlagged(r, c.elem, c.present)
		if !ok {
			return 0, false
		}
		h += e
	}
	return h, true
}
