package serde

import (
	"strings"

	"github.com/tarn-project/tarn/format/binio"
)

// NullableSerializer: bool isNull, then the value, or for null as many zero bytes as the snapshot's padding says. It pads where
// what it wraps has one length, so that its own values have one too. Outer fields of the snapshot: i4 padding.

type nullableCodec struct {
	t       *Type
	value   Codec
	padding int
	zeros   string // padding times 00
	size    int
}

// maxPadding bounds the bytes that stand for null; the longest value of fixed length that Flink pads is shorter.
const maxPadding = 1 << 16

func nullableFamilies() []Family {
	return []Family{{
		Classes: []string{runtime + "NullableSerializer$NullableSerializerSnapshot"},
		Read: composite(2, func(r *binio.Reader, _ int32) {
			if n := r.Field("padding").I32(); n < 0 || n > maxPadding {
				r.Corrupt("padding %d", n)
			}
		}),
		Compile: compileNullable,
	}}
}

func compileNullable(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	inner := nested[0]
	t := *inner.Type()
	padding := int(outerReader(s).I32())
	t.Nullable, t.Length = true, variable
	if padding > 0 {
		t.Length = 1 + padding
	}
	if t.Kind != KindRaw {
		t.Serializer, t.Version = s.Class, s.Version
	}
	c := &nullableCodec{t: &t, value: lastBehindFlag(inner), padding: padding, zeros: strings.Repeat("\x00", padding), size: variable}
	if padding == sizeOf(inner) {
		c.size = 1 + padding
	}
	return c, nil
}

func (c *nullableCodec) Type() *Type   { return c.t }
func (c *nullableCodec) diskSize() int { return c.size }

func (c *nullableCodec) nullAt(b []byte) int {
	switch {
	case len(b) == 0:
	case b[0] == 1:
		return startsWith(b[1:], c.zeros)
	case b[0] == 0:
		if inner, ok := bare(unflagged(c.value)).(nullAware); ok {
			if n := inner.nullAt(b[1:]); n > 0 {
				return n + 1
			}
		}
	}
	return 0
}

func (c *nullableCodec) Skip(r *binio.Reader) {
	if r.Bool() {
		r.Skip(c.padding)
	} else if r.Err() == nil {
		c.value.Skip(r)
	}
}

func (c *nullableCodec) Walk(r *binio.Reader, s Sink) {
	switch null := r.Bool(); {
	case r.Err() != nil:
	case null:
		if c.pad(r); r.Err() == nil {
			s.Null()
		}
	default:
		c.value.Walk(r, s)
	}
}

func (c *nullableCodec) pad(r *binio.Reader) {
	for _, b := range r.Bytes(c.padding) {
		if b != 0 {
			r.Corrupt("padding that is not zero")
			return
		}
	}
}

func (c *nullableCodec) Append(dst []byte, v Value) ([]byte, error) {
	if (v == Null{}) {
		return append(append(dst, 1), c.zeros...), nil
	}
	return c.value.Append(append(dst, 0), v)
}

func (c *nullableCodec) Hash(r *binio.Reader) (int32, bool) {
	if r.Bool() {
		r.Skip(c.padding)
		return 0, true
	}
	return c.value.Hash(r)
}
