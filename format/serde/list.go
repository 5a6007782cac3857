package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// ListSerializer and ArrayListSerializer: i4 n, then n elements without null flags.

type listCodec struct {
	t    *Type
	elem Codec
	min  int // bytes of the smallest element
}

// newList makes the codec of elements that stand one after the other.
func newList(t *Type, elem Codec) listCodec { return listCodec{t: t, elem: elem, min: minSize(elem)} }

// delimitAll fails if more than one element follows whose end cannot be found.
func (c *listCodec) delimitAll(r *binio.Reader, n int) {
	if n > 1 && c.t.Opaque {
		undelimited{c.elem}.fail(r)
	}
}

func listFamilies() []Family {
	return []Family{{
		Classes: []string{base + "ListSerializerSnapshot", "org.apache.flink.runtime.state.ArrayListSerializerSnapshot"},
		Read:    composite(1, noOuter),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 1); err != nil {
				return nil, err
			}
			t := newType(s, KindList, variable)
			t.Args, t.Opaque = []*Type{nested[0].Type()}, opaque(nested[0].Type())
			c := newList(t, nested[0])
			return &c, nil
		},
	}}
}

func (c *listCodec) Type() *Type { return c.t }

func (c *listCodec) Skip(r *binio.Reader) {
	n := r.Count(c.min)
	if size := sizeOf(c.elem); size >= 0 {
		r.Skip(n * size) // Count has bounded n by what is left
		return
	}
	c.delimitAll(r, n)
	for i := 0; i < n && r.Err() == nil; i++ {
		c.elem.Skip(r)
	}
}

func (c *listCodec) Walk(r *binio.Reader, s Sink) {
	n := r.Count(c.min)
	c.delimitAll(r, n)
	s.BeginList(c.t, n)
	for i := 0; i < n && r.Err() == nil; i++ {
		c.elem.Walk(r, s)
	}
	s.EndList()
}

func (c *listCodec) Append(dst []byte, v Value) ([]byte, error) {
	l, ok := v.(List)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(l)))
	var err error
	for _, e := range l {
		if dst, err = c.elem.Append(dst, e); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash is List.hashCode.
func (c *listCodec) Hash(r *binio.Reader) (int32, bool) {
	h := int32(1)
	n := r.Count(c.min)
	for i := 0; i < n && r.Err() == nil; i++ {
		e, ok := c.elem.Hash(r)
		if !ok {
			return 0, false
		}
		h = keygroup.Fold(h, e)
	}
	return h, true
}
