package typedecl

import (
	"encoding/json"
	"io"

	"github.com/tarn-project/tarn/format/serde"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		k, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, k...), ':'), v...)
	}
	return append(out, '}'), nil
}

func writeDocument(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeAvro writes a schema for the rows of one state, or an array of schemas. Every value may be null, except in maps' keys.
func writeAvro(w io.Writer, states []State) error {
	d, rows := declare(states, func(t *serde.Type) bool {
		return isStruct(t) || t.Kind == serde.KindEnum && avroSymbols(t.Symbols)
	})
	a := &avroWriter{d, map[string]bool{}}
	var out []any
	for i, r := range rows {
		s := a.typ(r, 0)
		if o, ok := s.(object); ok {
			s = append(object{o[0], o[1], {"doc", states[i].title()}}, o[2:]...)
		}
		out = append(out, s)
	}
	if len(out) == 1 {
		return writeDocument(w, out[0])
	}
	return writeDocument(w, out)
}

type avroWriter struct {
	*declared
	written map[string]bool
}

// avroSymbols reports whether names can be symbols of an Avro enum.
func avroSymbols(names []string) bool {
	for _, n := range names {
		if identifier(n) != n {
			return false
		}
	}
	return len(names) > 0
}

var avroTypes = map[serde.Kind]any{
	serde.KindRaw: "bytes", serde.KindNull: "null", serde.KindBool: "boolean", serde.KindInt8: "int", serde.KindInt16: "int", serde.KindInt32: "int",
	serde.KindInt64: "long", serde.KindFloat32: "float", serde.KindFloat64: "double", serde.KindChar: "string", serde.KindString: "string",
	serde.KindBytes: "bytes", serde.KindInteger: "string", serde.KindDecimal: "string", serde.KindEnum: "string", serde.KindAny: "string",
	serde.KindLocalDate:     object{{"type", "int"}, {"logicalType", "date"}},
	serde.KindLocalTime:     object{{"type", "long"}, {"logicalType", "time-micros"}},
	serde.KindLocalDateTime: object{{"type", "long"}, {"logicalType", "local-timestamp-micros"}},
	serde.KindInstant:       object{{"type", "long"}, {"logicalType", "timestamp-micros"}},
}

func (a *avroWriter) typ(t *serde.Type, depth int) any {
	switch {
	case t == nil:
		return "bytes"
	case depth > maxDepth:
		return "string"
	case a.names[t] != "":
		return a.named(t, depth)
	case t.Kind == serde.KindList && len(t.Args) == 1:
		return object{{"type", "array"}, {"items", a.nullable(t.Args[0], depth+1)}}
	case t.Kind == serde.KindMap && stringKeys(t):
		return object{{"type", "map"}, {"values", a.nullable(t.Args[1], depth+1)}}
	case t.Kind == serde.KindMap && len(t.Args) == 2:
		return object{{"type", "array"}, {"items", a.pair(t, depth)}}
	case t.Kind == serde.KindList || t.Kind == serde.KindMap:
		return "string"
	case t.Kind == serde.KindDecimal && t.Precision > 0:
		return object{{"type", "bytes"}, {"logicalType", "decimal"}, {"precision", t.Precision}, {"scale", t.Scale}}
	}
	return avroTypes[t.Kind]
}

// pair is an entry of a map whose keys are no texts.
func (a *avroWriter) pair(t *serde.Type, depth int) any {
	name := "Entry"
	for n := 2; a.written[name] || a.taken[name] != nil; n++ {
		name = "Entry" + itoa(n)
	}
	a.written[name] = true
	return object{{"type", "record"}, {"name", name}, {"fields", []object{
		{{"name", "key"}, {"type", a.nullable(t.Args[0], depth+1)}}, {{"name", "value"}, {"type", a.nullable(t.Args[1], depth+1)}},
	}}}
}

func (a *avroWriter) nullable(t *serde.Type, depth int) any {
	s := a.typ(t, depth)
	if s == "null" {
		return s
	}
	return []any{"null", s}
}

func (a *avroWriter) named(t *serde.Type, depth int) any {
	name := a.names[t]
	if a.written[name] {
		return name
	}
	a.written[name] = true
	if t.Kind == serde.KindEnum {
		return object{{"type", "enum"}, {"name", name}, {"symbols", t.Symbols}}
	}
	fields := []object{}
	for i, f := range fieldsOf(t) {
		n := nameOf(f, i)
		o := object{{"name", identifier(n)}, {"type", a.nullable(f.Type, depth+1)}}
		if identifier(n) != n {
			o = append(o, member{"doc", n})
		}
		fields = append(fields, o)
	}
	return object{{"type", "record"}, {"name", name}, {"fields", fields}}
}
