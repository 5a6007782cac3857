package serde

import (
	"github.com/tarn-project/tarn/format/binio"
)

// MapSerializer: i4 n, n × { key, bool valueIsNull, [value] }. No null map.

type mapCodec struct {
	t          *Type
	key, value Codec    // as they stand here, see delimited and behindFlag
	parts      [2]Codec // as the snapshot has them
	min        int      // bytes of the smallest entry
}

func mapFamilies() []Family {
	return []Family{{
		Classes: []string{base + "MapSerializerSnapshot"},
		Read:    composite(1, noOuter),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			if err := arity(s, nested, 2); err != nil {
				return nil, err
			}
			return newMapCodec(s, nested[0], nested[1]), nil
		},
	}}
}

func newMapCodec(s *Snapshot, k, v Codec) *mapCodec {
	t := newType(s, KindMap, variable)
	t.Args, t.Opaque = []*Type{k.Type(), v.Type()}, opaque(k.Type(), v.Type())
	return &mapCodec{t: t, parts: [2]Codec{k, v}, key: delimited(k), value: behindFlag(v), min: minSize(k) + 1}
}

func (c *mapCodec) Type() *Type { return c.t }

func (c *mapCodec) Skip(r *binio.Reader) {
	n := r.Count(c.min)
	for i := 0; i < n && r.Err() == nil; i++ {
		c.key.Skip(r)
		skipFlagged(r, c.value, false)
	}
}

func (c *mapCodec) Walk(r *binio.Reader, s Sink) {
	n := r.Count(c.min)
	s.BeginMap(c.t, n)
	for i := 0; i < n; i++ {
		c.key.Walk(r, s)
		if r.Err() != nil {
			return
		}
		walkFlagged(r, s, c.value, false)
		if r.Err() != nil {
			return
		}
	}
	s.EndMap()
}

func (c *mapCodec) Append(dst []byte, v Value) ([]byte, error) {
	m, ok := v.(Map)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	dst = binio.AppendI32(dst, int32(len(m)))
	var err error
	for _, p := range m {
		if dst, err = c.key.Append(dst, p.Key); err != nil {
			return dst, err
		}
		if dst, err = appendFlagged(dst, c.value, p.Value, false); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash is AbstractMap.hashCode: the sum over the entries of hash(key) ^ hash(value).
func (c *mapCodec) Hash(r *binio.Reader) (int32, bool) {
	var h int32
	n := r.Count(c.min)
	for i := 0; i < n && r.Err() == nil; i++ {
		k, ok := c.key.Hash(r)
		if !ok {
			return 0, false
		}
		v, ok := hashFlagged(r, c.value, false)
		if !ok {
			return 0, false
		}
		h += k ^ v
	}
	return h, true
}
