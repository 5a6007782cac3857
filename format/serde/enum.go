package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// EnumSerializer: i4 index into the list of constants of the snapshot, which is not always Java's ordinal: constants that were added
// or moved keep the index they had. Snapshot, version 3: utf class, i4 n, n × utf constant. An enum's hashCode is its identity.

func enumFamilies() []Family {
	return []Family{{
		Classes: []string{base + "EnumSerializer$EnumSerializerSnapshot"},
		Read:    readEnum,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			b, ok := s.Body.(*enumBody)
			if !ok {
				return newOpaque(s), nil
			}
			t := newType(s, KindEnum, 4)
			t.Class, t.Symbols = b.class, b.constants
			return &enumCodec{t}, nil
		},
	}}
}

type enumBody struct {
	class     string
	constants []string
}

func readEnum(_ *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 3 {
		unknownVersion(r, s)
		return nil
	}
	b := &enumBody{class: r.Field("class").UTF()}
	n := r.Field("number of constants").Count(2)
	for i := 0; i < n && r.Err() == nil; i++ {
		b.constants = append(b.constants, r.Field("constant").UTF())
	}
	return b
}

func (b *enumBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst, err := appendName(dst, b.class)
	dst = binio.AppendI32(dst, int32(len(b.constants)))
	for _, c := range b.constants {
		if err != nil {
			break
		}
		dst, err = appendName(dst, c)
	}
	return dst, err
}

type enumCodec struct{ t *Type }

func (c *enumCodec) Type() *Type                      { return c.t }
func (c *enumCodec) diskSize() int                    { return 4 }
func (c *enumCodec) Skip(r *binio.Reader)             { r.Skip(4) }
func (c *enumCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c *enumCodec) Walk(r *binio.Reader, s Sink) {
	i := r.I32()
	switch {
	case r.Err() != nil:
	case i < 0 || int(i) >= len(c.t.Symbols):
		r.Corrupt("constant %d of the %d of %s", i, len(c.t.Symbols), c.t.Class)
	default:
		s.Enum(Enum{Index: i, Name: c.t.Symbols[i]})
	}
}

func (c *enumCodec) Append(dst []byte, v Value) ([]byte, error) {
	e, ok := v.(Enum)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	if i := int(e.Index); i >= 0 && i < len(c.t.Symbols) && (e.Name == "" || c.t.Symbols[i] == e.Name) {
		return binio.AppendI32(dst, e.Index), nil
	}
	for i, name := range c.t.Symbols {
		if name == e.Name {
			return binio.AppendI32(dst, int32(i)), nil
		}
	}
	return dst, fault.New(fault.ErrUsage, "the constant %q", e.Name).WithExpected("one of %q", c.t.Symbols)
}
