package serde

import "bytes"

// Exact is a value with the bytes it was read from, for serializers that can write one value in more than one way: a SQL row with
// unused bytes, a Java serialization stream. Its codec writes the bytes as they are; for a changed value, take Plain.
type Exact struct {
	Type  *Type // of the codec whose bytes they are
	Value Value
	Data  []byte
}

func (v Exact) kind() Kind { return v.Value.kind() }

// Plain gives the value inside an Exact, and any other value itself.
func Plain(v Value) Value {
	if x, ok := v.(Exact); ok {
		return x.Value
	}
	return v
}

// exactBytes gives the bytes to write v with, if v is a value of t that was read.
func exactBytes(t *Type, v Value) ([]byte, bool) {
	x, ok := v.(Exact)
	return x.Data, ok && x.Type == t
}

// exactSink is a Sink that builds values and wants to know the bytes of those that have several forms: such a value is walked
// between BeginExact and EndExact.
type exactSink interface {
	BeginExact()
	EndExact(w exactWriter, raw []byte)
}

// exactWriter is what writes the value that was walked.
type exactWriter interface {
	Type() *Type
	Append(dst []byte, v Value) ([]byte, error)
}

// BeginExact opens a value that EndExact ends.
func (b *Builder) BeginExact() { b.stack = append(b.stack, frame{field: -1}) }

// EndExact keeps the bytes with the value, unless w writes it to the same bytes anyway.
func (b *Builder) EndExact(w exactWriter, raw []byte) {
	f := b.pop()
	if len(f.values) != 1 {
		return
	}
	v := f.values[0]
	if again, err := w.Append(nil, v); err != nil || !bytes.Equal(again, raw) {
		v = Exact{Type: w.Type(), Value: v, Data: bytes.Clone(raw)}
	}
	b.add(v)
}
