package serde

import (
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Described is the layout of a serializer that is none of Flink's, as a person describes it.
type Described struct {
	// Kind is one of DescribedKinds, or "struct", "list", "map", "nullable".
	Kind string
	// Names and Parts are the fields of a struct in their order; Parts alone the element of a list, key and value of a map, or what a
	// nullable has.
	Names []string
	Parts []*Described
}

// DescribedKinds lists the layouts without parts: what java.io.DataOutput writes, and
//
//	utf      DataOutput.writeUTF: u2 length, modified UTF-8
//	string   StringValue.writeString, as Flink's StringSerializer
//	bytes    i4 length, bytes
//
// A list is i4 n and n elements, a map i4 n and n keys each with its value, a nullable is bool isPresent and, if true, the value.
func DescribedKinds() []string {
	return []string{"boolean", "byte", "short", "int", "long", "float", "double", "char", "utf", "string", "bytes"}
}

// DescribedFamily makes the family of a snapshot class whose body has the given number of bytes: none, for those that extend
// SimpleTypeSerializerSnapshot. The error is of kind fault.ErrUsage.
func DescribedFamily(class string, body int, d *Described) (Family, error) {
	if _, err := describedCodec(d, 0); err != nil {
		return Family{}, err
	}
	return Family{
		Classes: []string{class},
		Read: func(_ *Context, r *binio.Reader, _ *Snapshot) Body {
			if body == 0 {
				return nil
			}
			return &describedBody{append([]byte{}, r.Field("body of "+class).Bytes(body)...)}
		},
		Compile: func(s *Snapshot, _ []Codec) (Codec, error) {
			c, err := describedCodec(d, 0)
			if err != nil {
				return nil, err
			}
			t := *c.Type()
			t.Serializer, t.Version = s.Class, s.Version
			return withType(c, &t), nil
		},
	}, nil
}

// withType gives a codec another type of the same values, where it is one that says its type while it is walked.
func withType(c Codec, t *Type) Codec {
	if p, ok := c.(*product); ok {
		own := *p
		own.t = t
		return &own
	}
	return &alias{c, t}
}

// describedBody is what a snapshot's body holds.
type describedBody struct{ data []byte }

// AppendBody writes the bytes back.
func (b *describedBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	return append(dst, b.data...), nil
}

func describedCodec(d *Described, depth int) (Codec, error) {
	if depth > binio.MaxDepth {
		return nil, fault.New(fault.ErrUsage, "a layout nested deeper than %d levels", binio.MaxDepth)
	}
	parts := make([]Codec, len(d.Parts))
	for i, p := range d.Parts {
		c, err := describedCodec(p, depth+1)
		if err != nil {
			return nil, err
		}
		parts[i] = c
	}
	switch {
	case d.Kind == "struct" && len(parts) == len(d.Names) && len(parts) > 0:
		return newProduct(&Type{Kind: KindStruct, Length: variable}, d.Names, parts), nil
	case d.Kind == "list" && len(parts) == 1:
		c := newList(&Type{Kind: KindList, Length: variable, Args: []*Type{parts[0].Type()}}, parts[0])
		return &c, nil
	case d.Kind == "map" && len(parts) == 2:
		pair := newProduct(&Type{Kind: KindTuple, Length: variable}, fieldNames(2), parts)
		c := newList(&Type{Kind: KindList, Length: variable, Args: []*Type{pair.t}, Note: "pairs"}, pair)
		return &c, nil
	case d.Kind == "nullable" && len(parts) == 1:
		return newOptional(parts[0]), nil
	case len(parts) == 0:
		if c := describedBasic(d.Kind); c != nil {
			return c, nil
		}
	}
	return nil, fault.New(fault.ErrUsage, "layout %q", d.Kind)
}

// describedBasic gives the codec of a layout without parts, or nil.
func describedBasic(kind string) Codec {
	switch kind {
	case "boolean":
		return plain(boolScalar(), KindBool)
	case "byte":
		return plain(intScalar(1), KindInt8)
	case "short":
		return plain(intScalar(2), KindInt16)
	case "int":
		return plainInt()
	case "long":
		return plainLong()
	case "float":
		return plain(floatScalar(), KindFloat32)
	case "double":
		return plain(doubleScalar(), KindFloat64)
	case "char":
		return plain(charScalar(), KindChar)
	case "utf":
		return &utfCodec{&Type{Kind: KindString, Length: variable}}
	case "string":
		return &stringCodec{&Type{Kind: KindString, Length: variable, Nullable: true}}
	case "bytes":
		return describedBytes{&Type{Kind: KindBytes, Length: variable}}
	}
	return nil
}

// describedBytes is i4 n, n bytes.
type describedBytes struct{ t *Type }

func (c describedBytes) Type() *Type                      { return c.t }
func (c describedBytes) Skip(r *binio.Reader)             { r.Skip(r.Length()) }
func (c describedBytes) Walk(r *binio.Reader, s Sink)     { s.Bytes(r.Bytes(r.Length())) }
func (c describedBytes) Hash(*binio.Reader) (int32, bool) { return 0, false }

func (c describedBytes) Append(dst []byte, v Value) ([]byte, error) {
	b, ok := v.(Bytes)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	return append(binio.AppendI32(dst, int32(len(b))), b...), nil
}
