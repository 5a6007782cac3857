package typedecl

import (
	"io"

	"github.com/tarn-project/tarn/format/serde"
)

// writeJSONSchema describes the rows that cat --format json prints. Rows of several states are one of several.
func writeJSONSchema(w io.Writer, states []State) error {
	d, rows := declare(states, func(t *serde.Type) bool { return isStruct(t) && t.Kind != serde.KindTuple })
	defs := object{}
	isRow := map[*serde.Type]int{}
	for i, r := range rows {
		isRow[r] = i
	}
	d.each(func(name string, t *serde.Type) {
		if i, ok := isRow[t]; ok {
			defs = append(defs, member{name, d.jsonRow(t, &states[i])})
			return
		}
		defs = append(defs, member{name, d.jsonObject(t)})
	})
	schema := object{{"$schema", "https://json-schema.org/draft/2020-12/schema"}}
	if len(rows) == 1 {
		schema = append(schema, member{"$ref", "#/$defs/" + d.names[rows[0]]})
	} else {
		var refs []object
		for _, r := range rows {
			refs = append(refs, object{{"$ref", "#/$defs/" + d.names[r]}})
		}
		schema = append(schema, member{"oneOf", refs})
	}
	return writeDocument(w, append(schema, member{"$defs", defs}))
}

func (d *declared) jsonRow(t *serde.Type, s *State) object {
	props := object{{"operatorId", object{{"const", s.OperatorID}}}}
	if s.UID != "" {
		props = append(props, member{"uid", object{{"const", s.UID}}})
	}
	props = append(props, member{"state", object{{"const", s.Name}}}, member{"kind", object{{"const", s.Kind.String()}}},
		member{"subtask", object{{"type", "integer"}}}, member{"kg", object{{"type", "integer"}}})
	for _, f := range t.Fields {
		props = append(props, member{f.Name, d.jsonType(f.Type, 0)})
	}
	return object{{"title", s.title()}, {"type", "object"}, {"properties", props}, {"required", []string{"operatorId", "state", "kind"}}}
}

func (d *declared) jsonObject(t *serde.Type) object {
	props := object{}
	if len(t.Subclasses) > 0 {
		props = append(props, member{"@class", object{{"type", "string"}}})
	}
	if t.Kind == serde.KindRow {
		props = append(props, member{"$kind", object{{"enum", serde.RowKindNames[1:]}}})
	}
	var required []string
	for i, f := range fieldsOf(t) {
		props = append(props, member{nameOf(f, i), d.jsonType(f.Type, 0)})
		if t.Kind != serde.KindUnion && i < len(t.Fields) && len(t.Subclasses) == 0 {
			required = append(required, nameOf(f, i))
		}
	}
	o := object{{"type", []string{"object", "null"}}}
	if t.Class != "" {
		o = append(object{{"title", t.Class}}, o...)
	}
	o = append(o, member{"properties", props})
	if len(required) > 0 {
		o = append(o, member{"required", required})
	}
	if t.Kind == serde.KindUnion {
		o = append(o, member{"maxProperties", 1})
	}
	return o
}

func (d *declared) jsonType(t *serde.Type, depth int) any {
	null := func(names ...string) object { return object{{"type", append(names, "null")}} }
	switch {
	case t == nil:
		return hexObject("$raw")
	case depth > maxDepth:
		return object{}
	case d.names[t] != "":
		return object{{"$ref", "#/$defs/" + d.names[t]}}
	}
	switch t.Kind {
	case serde.KindNull:
		return object{{"type", "null"}}
	case serde.KindBool:
		return null("boolean")
	case serde.KindInt8, serde.KindInt16, serde.KindInt32, serde.KindInt64:
		return null("integer")
	case serde.KindFloat32, serde.KindFloat64:
		return object{{"oneOf", []object{null("number"), {{"enum", []string{"NaN", "Infinity", "-Infinity"}}}}}}
	case serde.KindChar, serde.KindString:
		return null("string")
	case serde.KindInteger, serde.KindDecimal:
		return append(null("string"), member{"pattern", `^-?\d+(\.\d+)?$|E`})
	case serde.KindLocalDate, serde.KindLocalTime, serde.KindLocalDateTime, serde.KindInstant:
		return append(null("string"), member{"description", "ISO-8601"})
	case serde.KindEnum:
		if len(t.Symbols) == 0 {
			return null("string")
		}
		symbols := make([]any, 0, len(t.Symbols)+1)
		for _, s := range t.Symbols {
			symbols = append(symbols, s)
		}
		return object{{"enum", append(symbols, nil)}}
	case serde.KindBytes:
		return hexObject("$hex")
	case serde.KindRaw:
		return hexObject("$raw")
	case serde.KindTuple:
		items := []any{}
		for _, f := range t.Fields {
			items = append(items, d.jsonType(f.Type, depth+1))
		}
		return append(null("array"), member{"prefixItems", items}, member{"minItems", len(items)}, member{"maxItems", len(items)})
	case serde.KindList:
		if len(t.Args) == 1 {
			return append(null("array"), member{"items", d.jsonType(t.Args[0], depth+1)})
		}
	case serde.KindMap:
		return d.jsonMap(t, depth)
	}
	return object{}
}

// jsonMap is an object, or pairs: also of texts, if one key is null or there twice.
func (d *declared) jsonMap(t *serde.Type, depth int) any {
	if len(t.Args) != 2 {
		return object{}
	}
	key, value := d.jsonType(t.Args[0], depth+1), d.jsonType(t.Args[1], depth+1)
	pairs := object{{"type", []string{"array", "null"}}, {"items", object{{"type", "array"}, {"prefixItems", []any{key, value}}, {"minItems", 2}, {"maxItems", 2}}}}
	if !stringKeys(t) {
		return pairs
	}
	return object{{"oneOf", []object{{{"type", "object"}, {"additionalProperties", value}}, pairs}}}
}

func hexObject(name string) object {
	return object{{"type", []string{"object", "null"}}, {"properties", object{{name, object{{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}}}}}}
}
