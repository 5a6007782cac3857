package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/keygroup"
)

// ListSerializer and ArrayListSerializer: i4 n, then n elements without null flags.

type listCodec struct {
	t    *Type
	elem Codec
}

func listFamilies() []Family {
	return []Family{{
		Classes: []string{base + "ListSerializerSnapshot", "org.apache.flink.runtime.state.ArrayListSerializerSnapshot"},
		Read: func(c *Context, r *binio.Reader, s *Snapshot) Body {
			return readComposite(c, r, s.Version, noOuter)
		},
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 1); err != nil {
				return nil, err
			}
			t := newType(s, KindList, variable)
			t.Args, t.Opaque = []*Type{nested[0].Type()}, opaque(nested[0].Type())
			return &listCodec{t, nested[0]}, nil
		},
	}}
}

func (c *listCodec) Type() *Type { return c.t }

// Elem is the codec of the elements.
func (c *listCodec) Elem() Codec { return c.elem }

func (c *listCodec) Skip(r *binio.Reader) {
	n := countOf(r, c.elem)
	for i := 0; i < n && r.Err() == nil; i++ {
		c.elem.Skip(r)
	}
}

func (c *listCodec) Walk(r *binio.Reader, s Sink) {
	n := countOf(r, c.elem)
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

func (c *listCodec) Hash(r *binio.Reader) (int32, bool) {
	h := int32(1)
	n := countOf(r, c.elem)
	for i := 0; i < n && r.Err() == nil; i++ {
		e, ok := c.elem.Hash(r)
		if !ok {
			return 0, false
		}
		h = keygroup.Fold(h, e)
	}
	return h, true
}

// countOf reads a number of elements and bounds it by what is left.
func countOf(r *binio.Reader, elem Codec) int { return r.Count(minSize(elem.Type())) }

// minSize is the smallest number of bytes that a value takes.
func minSize(t *Type) int {
	switch {
	case t.Kind == KindNull && t.Length == 0:
		return 0
	case t.Length > 0:
		return t.Length
	case t.Kind == KindTuple, t.Kind == KindRaw:
		return 0
	}
	return 1
}
