package typedecl

import (
	"slices"

	"github.com/tarn-project/tarn/format/serde"
)

// maxDepth bounds how deep types are followed: deeper ones, and those that contain themselves, end as KindAny.
const maxDepth = 64

// Any is the type of values that each say themselves what they are.
var Any = &serde.Type{Kind: serde.KindAny, Length: -1, Nullable: true}

// Merge gives a type that has room for the values of both: handles of one state may have been written with different serializers, for
// instance when some subtasks have met more subclasses than others. Structs get the fields of both, by name. What cannot be one type is
// of KindAny. nil stands for bytes without a serializer.
func Merge(a, b *serde.Type) *serde.Type { return merge(a, b, 0) }

func merge(a, b *serde.Type, depth int) *serde.Type {
	switch {
	case a == b:
		return a
	case a == nil || b == nil || depth > maxDepth:
		return Any
	case a.Kind == serde.KindNull && b.Kind != serde.KindNull:
		return b
	case b.Kind == serde.KindNull:
		return a
	case a.Kind != b.Kind:
		return Any
	}
	t := *a
	t.Nullable, t.Opaque = a.Nullable || b.Nullable, a.Opaque || b.Opaque
	if a.Class != b.Class && isTime(a.Kind) {
		t.Class, t.Note = "", ""
	}
	switch a.Kind {
	case serde.KindList, serde.KindMap:
		return mergeArgs(&t, a, b, depth)
	case serde.KindTuple, serde.KindUnion, serde.KindTTL:
		return mergeByPosition(&t, a, b, depth)
	case serde.KindStruct, serde.KindRow:
		t.Fields = mergeByName(a.Fields, b.Fields, depth)
		t.Subclasses = mergeSubclasses(a.Subclasses, b.Subclasses, depth)
	case serde.KindEnum:
		t.Symbols = slices.Clone(a.Symbols)
		for _, s := range b.Symbols {
			if !slices.Contains(t.Symbols, s) {
				t.Symbols = append(t.Symbols, s)
			}
		}
	case serde.KindDecimal:
		if a.Precision != b.Precision || a.Scale != b.Scale {
			t.Precision, t.Scale, t.Note = 0, 0, ""
		}
	default:
		t.Precision = max(a.Precision, b.Precision)
	}
	return &t
}

func isTime(k serde.Kind) bool {
	return k == serde.KindInstant || k == serde.KindLocalDateTime || k == serde.KindLocalDate || k == serde.KindLocalTime
}

func mergeArgs(t, a, b *serde.Type, depth int) *serde.Type {
	if len(a.Args) != len(b.Args) {
		return Any
	}
	t.Args = make([]*serde.Type, len(a.Args))
	for i := range a.Args {
		t.Args[i] = merge(a.Args[i], b.Args[i], depth+1)
	}
	return t
}

func mergeByPosition(t, a, b *serde.Type, depth int) *serde.Type {
	if len(a.Fields) != len(b.Fields) {
		return Any
	}
	t.Fields = slices.Clone(a.Fields)
	for i, f := range b.Fields {
		if t.Fields[i].Name != f.Name {
			return Any
		}
		t.Fields[i].Type = merge(t.Fields[i].Type, f.Type, depth+1)
	}
	return t
}

func mergeByName(a, b []serde.Field, depth int) []serde.Field {
	out := slices.Clone(a)
	for _, f := range b {
		i := slices.IndexFunc(out, func(o serde.Field) bool { return o.Name == f.Name })
		if i < 0 {
			out = append(out, f)
		} else {
			out[i].Type = merge(out[i].Type, f.Type, depth+1)
		}
	}
	return out
}

func mergeSubclasses(a, b []*serde.Type, depth int) []*serde.Type {
	out := slices.Clone(a)
	for _, s := range b {
		i := slices.IndexFunc(out, func(o *serde.Type) bool { return o.Class == s.Class && o.Serializer == s.Serializer })
		if i < 0 {
			out = append(out, s)
		} else {
			out[i] = merge(out[i], s, depth+1)
		}
	}
	return out
}

// AllFields gives the fields of a struct together with those of its subclasses, by name: what a value of it can have. Fields that
// classes have with different types are of KindAny.
func AllFields(t *serde.Type) []serde.Field {
	out := t.Fields
	for _, s := range t.Subclasses {
		if s.Kind == serde.KindStruct {
			out = mergeByName(out, s.Fields, 0)
		}
	}
	return out
}
