package serde

import "github.com/tarn-project/tarn/format/binio"

// opaqueCodec stands for a serializer that no rule is known for. A value is all that is left in the reader: right where the
// container gives the length, and caught through Type.Opaque elsewhere.
type opaqueCodec struct{ t *Type }

func newOpaque(s *Snapshot) Codec {
	return &opaqueCodec{t: &Type{Kind: KindRaw, Serializer: s.Class, Version: s.Version, Length: variable, Opaque: true}}
}

func (c *opaqueCodec) Type() *Type                      { return c.t }
func (c *opaqueCodec) Skip(r *binio.Reader)             { r.Skip(r.Len()) }
func (c *opaqueCodec) Walk(r *binio.Reader, s Sink)     { s.Raw(c.t, r.Bytes(r.Len())) }
func (c *opaqueCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c *opaqueCodec) Append(dst []byte, v Value) ([]byte, error) {
	raw, ok := v.(Raw)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return append(dst, raw.Data...), nil
}
