package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// RowSerializer: a mask, then the fields that are not null. The mask has two bits for the row kind (the low bit first) and one bit a
// field, 1 for null; bits go from the high end of each byte; the last byte is filled with zeros. Names of the fields are nowhere.
//
// Outer versions of the snapshot: 1 and 2 (up to Flink 1.10) mean no row kind; 3 (since 1.11, still in 1.13) means a row kind; 4 (seen
// since 1.17) has a bool that says. A serializer which a writer of version 3 had restored from an older savepoint went on writing masks
// without kind, yet its snapshot says 3: see Readings.

const (
	rowSnapshot     = runtime + "RowSerializer$RowSerializerSnapshot"
	rowOuterVersion = 4
	rowAmbiguous    = 3
)

type rowCodec struct {
	t       *Type
	fields  []Codec
	shift   int // bits before those of the fields: 2 with row kind, else 0
	bytes   int // of the mask
	version int32
}

func rowFamilies() []Family { return []Family{rowFamily(rowAmbiguous)} }

// rowFamily reads rows of at least the given outer version with a row kind.
func rowFamily(firstWithKind int32) Family {
	return Family{
		Classes: []string{rowSnapshot},
		Read: composite(rowOuterVersion, func(r *binio.Reader, version int32) {
			if version >= 4 {
				outerBool(r, version)
			}
		}),
		Compile: func(s *Snapshot, nested []Codec) (Codec, error) {
			b, ok := s.Body.(*Composite)
			if !ok {
				return newOpaque(s), nil
			}
			kind := b.OuterVersion >= firstWithKind
			if b.OuterVersion >= 4 {
				kind = outerReader(s).Bool()
			}
			return newRow(s, nested, kind, b.OuterVersion), nil
		},
	}
}

func newRow(s *Snapshot, nested []Codec, kind bool, version int32) *rowCodec {
	t := newType(s, KindRow, variable)
	for i, name := range fieldNames(len(nested)) {
		t.Fields = append(t.Fields, Field{Name: name, Type: nested[i].Type()})
		t.Opaque = t.Opaque || nested[i].Type().Opaque
	}
	c := &rowCodec{t: t, fields: behindFlags(nested), version: version}
	if kind {
		c.shift = 2
	}
	c.bytes = (len(nested) + c.shift + 7) / 8
	return c
}

func (c *rowCodec) Type() *Type { return c.t }

func bit(mask []byte, i int) bool { return mask[i/8]&(0x80>>(i%8)) != 0 }

// mask reads the mask; nil after an error.
func (c *rowCodec) mask(r *binio.Reader) []byte {
	m := r.Bytes(c.bytes)
	if r.Err() != nil {
		return nil
	}
	for i := len(c.fields) + c.shift; i < 8*len(m); i++ {
		if bit(m, i) {
			r.Corrupt("a null mask for more than %d fields", len(c.fields))
			return nil
		}
	}
	return m
}

func (c *rowCodec) kind(mask []byte) (k byte) {
	if c.shift > 0 {
		k = mask[0] >> 7 & 1
		k |= mask[0] >> 5 & 2
	}
	return k
}

func (c *rowCodec) Skip(r *binio.Reader) {
	m := c.mask(r)
	for i := 0; i < len(c.fields) && r.Err() == nil; i++ {
		if !bit(m, i+c.shift) {
			c.fields[i].Skip(r)
		}
	}
}

func (c *rowCodec) Walk(r *binio.Reader, s Sink) {
	m := c.mask(r)
	if r.Err() != nil {
		return
	}
	s.BeginStruct(c.t, Form{RowKind: c.kind(m)})
	for i, f := range c.fields {
		s.Field(i)
		if bit(m, i+c.shift) {
			s.Null()
		} else if f.Walk(r, s); r.Err() != nil {
			return
		}
	}
	s.EndStruct()
}

func (c *rowCodec) Append(dst []byte, v Value) ([]byte, error) {
	st, ok := v.(Struct)
	if !ok || len(st.Fields) != len(c.fields) {
		return dst, mismatch(c.t, v)
	}
	k := st.Form.RowKind
	if k > 3 || (k > 0 && c.shift == 0) {
		return dst, fault.New(fault.ErrUsage, "row kind %d in a row without kind", k)
	}
	at := len(dst)
	dst = append(dst, make([]byte, c.bytes)...)
	set := func(i int) { dst[at+i/8] |= 0x80 >> (i % 8) }
	if k&1 != 0 {
		set(0)
	}
	if k&2 != 0 {
		set(1)
	}
	for i, f := range c.fields {
		if (st.Fields[i] == Null{}) {
			set(i + c.shift)
			continue
		}
		var err error
		if dst, err = f.Append(dst, st.Fields[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Hash is Row.hashCode: since Flink 1.11 the row kind and a deep hash of the fields, before that Arrays.hashCode of the fields.
func (c *rowCodec) Hash(r *binio.Reader) (int32, bool) {
	m := c.mask(r)
	h := int32(1)
	for i := 0; i < len(c.fields) && r.Err() == nil; i++ {
		var e int32
		if !bit(m, i+c.shift) {
			var ok bool
			if e, ok = c.fieldHash(r, c.fields[i]); !ok {
				return 0, false
			}
		}
		h = keygroup.Fold(h, e)
	}
	if r.Err() != nil {
		return 0, false
	}
	if c.version < rowAmbiguous {
		return h, true
	}
	return 31*int32(c.kind(m)) + h, true
}

func (c *rowCodec) fieldHash(r *binio.Reader, f Codec) (int32, bool) {
	if c.version < rowAmbiguous {
		return f.Hash(r)
	}
	return deepHash(r, f)
}

// deepHash is RowUtils.deepHashCode of a value: lists, maps and object arrays are taken apart, all else is hashed as the one element of an
// array.
func deepHash(r *binio.Reader, c Codec) (int32, bool) {
	c = bare(unflagged(c))
	if n, ok := c.(nullAware); ok && n.nullAt(r.Rest()) > 0 {
		c.Skip(r)
		return 0, true
	}
	switch c := c.(type) {
	case *nullableCodec:
		r.Skip(1) // the flag of a value that is there
		return deepHash(r, c.value)
	case *listCodec:
		return deepList(r, c)
	case *mapCodec:
		return deepMap(r, c)
	}
	h, ok := c.Hash(r)
	return keygroup.Fold(1, h), ok
}

func deepList(r *binio.Reader, c *listCodec) (int32, bool) {
	h := int32(1)
	n := r.Count(c.min)
	for i := 0; i < n && r.Err() == nil; i++ {
		e, ok := deepHash(r, c.elem)
		if !ok {
			return 0, false
		}
		h = keygroup.Fold(h, e)
	}
	return h, true
}

func deepMap(r *binio.Reader, c *mapCodec) (int32, bool) {
	h := int32(1)
	n := r.Count(c.min)
	for i := 0; i < n && r.Err() == nil; i++ {
		k, ok := deepHash(r, c.key)
		if !ok {
			return 0, false
		}
		var v int32
		if !r.Bool() {
			if v, ok = deepHash(r, c.value); !ok {
				return 0, false
			}
		}
		h += k ^ v
	}
	return h, true
}
