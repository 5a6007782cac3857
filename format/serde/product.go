package serde

import (
	"strconv"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// product is a codec for parts that stand one after the other without flags: tuples, windows, timers, TTL values.
type product struct {
	t     *Type
	raw   []Codec // the parts as the snapshot has them
	parts []Codec // the same, failing where their end cannot be found
	size  int     // bytes of every value, or variable
	// hash folds the hash of the next part into h; nil if the hash is not defined.
	hash func(h, part int32, i int) int32
}

// newProduct makes the codec of t, whose fields are named and stand in this order.
func newProduct(t *Type, names []string, parts []Codec) *product {
	t.Fields = make([]Field, len(parts))
	for i, p := range parts {
		t.Fields[i] = Field{Name: names[i], Type: p.Type()}
		t.Opaque = t.Opaque || p.Type().Opaque
	}
	return &product{t: t, raw: parts, parts: delimitAllButLast(parts), size: sizeOf(parts...)}
}

func (c *product) Type() *Type { return c.t }

func (c *product) diskSize() int { return c.size }

func (c *product) Skip(r *binio.Reader) {
	if c.size >= 0 {
		r.Skip(c.size)
		return
	}
	for _, p := range c.parts {
		p.Skip(r)
	}
}

func (c *product) Walk(r *binio.Reader, s Sink) {
	s.BeginStruct(c.t, Form{})
	for i, p := range c.parts {
		if r.Err() != nil {
			return
		}
		s.Field(i)
		p.Walk(r, s)
	}
	s.EndStruct()
}

func (c *product) Append(dst []byte, v Value) ([]byte, error) {
	st, ok := v.(Struct)
	if !ok || len(st.Fields) != len(c.parts) {
		return dst, mismatch(c.t, v)
	}
	var err error
	for i, p := range c.parts {
		if dst, err = p.Append(dst, st.Fields[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (c *product) Hash(r *binio.Reader) (int32, bool) {
	if c.hash == nil {
		return 0, false
	}
	var h int32
	for i, p := range c.parts {
		e, ok := p.Hash(r)
		if !ok || r.Err() != nil {
			return 0, false
		}
		h = c.hash(h, e, i)
	}
	return h, true
}

// sized is a codec whose values all take the same number of bytes. That is not Flink's getLength: VoidNamespace takes one byte and
// says zero, LocalTime takes seven and is variable inside a Row.
type sized interface{ diskSize() int }

// sizeOf is the number of bytes that values of all the codecs take together, or variable.
func sizeOf(parts ...Codec) int {
	n := 0
	for _, p := range parts {
		s, ok := bare(p).(sized)
		if !ok || s.diskSize() < 0 {
			return variable
		}
		n += s.diskSize()
	}
	return n
}

// undelimited stands for a part whose end cannot be found and which is followed by something else.
type undelimited struct{ Codec }

// delimited gives c itself if its values can be told from what follows them, else a codec that fails and says why.
func delimited(c Codec) Codec {
	if c.Type().Opaque {
		return undelimited{c}
	}
	return c
}

// delimitAllButLast is for parts in a row: the last may reach to the end of what the container gives.
func delimitAllButLast(parts []Codec) []Codec {
	out := append([]Codec{}, parts...)
	for i := 0; i+1 < len(out); i++ {
		out[i] = delimited(out[i])
	}
	return out
}

func (c undelimited) fail(r *binio.Reader) {
	if r.Err() == nil {
		r.Fail(fault.Unsupported(r.Offset(), "a value of %s, whose end cannot be found", opaquePart(c.Type())).
			WithHint("its serializer is not known here; the whole value is readable only as raw bytes"))
	}
}

func (c undelimited) Skip(r *binio.Reader)               { c.fail(r) }
func (c undelimited) Walk(r *binio.Reader, _ Sink)       { c.fail(r) }
func (c undelimited) Hash(r *binio.Reader) (int32, bool) { return 0, false }

// opaquePart names the serializer that makes a type opaque.
func opaquePart(t *Type) string {
	if t.Kind == KindRaw {
		return firstOf(t.Class, t.Serializer)
	}
	for _, a := range t.Args {
		if a.Opaque {
			return opaquePart(a)
		}
	}
	for _, f := range t.Fields {
		if f.Type.Opaque {
			return opaquePart(f.Type)
		}
	}
	return firstOf(t.Class, t.Serializer)
}

// lengthSum is Flink's length of a CompositeSerializer: the sum of its parts', variable if one is. A part of length 0 counts as
// fixed, unlike in tuples.
func lengthSum(parts []Codec) int {
	n := 0
	for _, p := range parts {
		l := p.Type().Length
		if l < 0 {
			return variable
		}
		n += l
	}
	return n
}

// minSize is the smallest number of bytes that a value takes: what bounds a count.
func minSize(c Codec) int {
	c = bare(c)
	if n := sizeOf(c); n >= 0 {
		return n
	}
	switch c := c.(type) {
	case *product:
		n := 0
		for _, p := range c.raw {
			n += minSize(p)
		}
		return n
	case *opaqueCodec, undelimited:
		return 0
	}
	if c.Type().Kind == KindRaw {
		return 0
	}
	return 1
}

// fieldNames makes f0, f1, …
func fieldNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "f" + strconv.Itoa(i)
	}
	return out
}
