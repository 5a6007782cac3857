package serde

import (
	"github.com/tarn-project/tarn/format/binio"
)

// StringSerializer: a StringValue-encoded string, null possible.

type stringCodec struct{ t *Type }

func textFamilies() []Family {
	return []Family{{
		Classes: []string{simple("String")},
		Read:    readSimple,
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			t := newType(s, KindString, variable)
			t.Nullable = true
			return &stringCodec{t}, nil
		},
	}}
}

func (c *stringCodec) Type() *Type          { return c.t }
func (c *stringCodec) nullAt(b []byte) int  { return startsWith(b, "\x00") }
func (c *stringCodec) Skip(r *binio.Reader) { r.SkipString() }

func (c *stringCodec) Walk(r *binio.Reader, s Sink) {
	if text, null := r.String(); null {
		s.Null()
	} else {
		s.Text(text)
	}
}

func (c *stringCodec) Append(dst []byte, v Value) ([]byte, error) {
	switch v := v.(type) {
	case Null:
		return binio.AppendNullString(dst), nil
	case Text:
		return binio.AppendString(dst, v), nil
	}
	return dst, mismatch(c.t, v)
}

func (c *stringCodec) Hash(r *binio.Reader) (int32, bool) {
	text, _ := r.String()
	return textHash(text), true
}

// textHash is String.hashCode.
func textHash(text []byte) int32 {
	var h uint32
	binio.EachUnit(text, func(u uint16) { h = 31*h + uint32(u) })
	return int32(h)
}
