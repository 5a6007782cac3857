package serde

import (
	"encoding/json"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rowdata"
)

// avroForm says how the values of an Avro schema are written.
type avroForm uint8

const (
	avroNull avroForm = iota
	avroBoolean
	avroInt
	avroLong
	avroFloat
	avroDouble
	avroBytes
	avroString
	avroFixed
	avroEnum
	avroArray
	avroMap
	avroUnion
	avroRecord
	avroRef // a record that is described elsewhere
)

var avroPrimitives = map[string]struct {
	form avroForm
	kind Kind
}{
	"null": {avroNull, KindNull}, "boolean": {avroBoolean, KindBool}, "int": {avroInt, KindInt32}, "long": {avroLong, KindInt64},
	"float": {avroFloat, KindFloat32}, "double": {avroDouble, KindFloat64}, "bytes": {avroBytes, KindBytes}, "string": {avroString, KindString},
}

// avroLogical says what the number of a logical type counts.
type avroLogical uint8

const (
	avroPlain    avroLogical = iota
	avroDate                 // days
	avroTime                 // units of the day
	avroInstant              // units since 1970 UTC
	avroDateTime             // units since 1970 without zone
	avroDecimal
)

// avroType is a schema made ready for reading and writing.
type avroType struct {
	form    avroForm
	t       *Type
	name    string      // of the branch that it is in a union
	parts   []*avroType // fields; items; values; branches; the record that is meant
	null    int         // branch of a union that is null, or -1
	simple  bool        // a union of null and one other
	size    int         // bytes of a fixed
	logical avroLogical
	unit    int64 // nanoseconds of a logical type's unit
	weight  int   // how many types are in it
	done    bool  // a record whose fields are known
}

const (
	maxAvroSchema = 1 << 20 // bytes of a schema
	maxAvroDepth  = 64      // nesting of schemas
	maxAvroWeight = 4096    // types in a type, beyond which records are not shown inside others
)

// parseAvro reads a schema.
func parseAvro(text string) (*avroType, error) {
	if len(text) > maxAvroSchema {
		return nil, fault.New(fault.ErrUnsupported, "an Avro schema of %d bytes", len(text))
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fault.New(fault.ErrCorrupt, "an Avro schema: %v", err)
	}
	p := avroParser{names: map[string]*avroType{}}
	return p.parse(v, "", 0)
}

type avroParser struct{ names map[string]*avroType }

func (p *avroParser) parse(v any, space string, depth int) (*avroType, error) {
	if depth > maxAvroDepth {
		return nil, fault.New(fault.ErrUnsupported, "Avro schemas nested deeper than %d levels", maxAvroDepth)
	}
	switch v := v.(type) {
	case string:
		return p.named(v, space)
	case []any:
		return p.union(v, space, depth)
	case map[string]any:
		return p.object(v, space, depth)
	}
	return nil, fault.New(fault.ErrCorrupt, "an Avro schema that is no name, array or object")
}

// named gives a primitive type, or one that was described before.
func (p *avroParser) named(name, space string) (*avroType, error) {
	if b, ok := avroPrimitives[name]; ok {
		return &avroType{form: b.form, name: name, weight: 1, t: &Type{Kind: b.kind, Length: variable}}, nil
	}
	full := fullName(name, space)
	a := p.names[full]
	if a == nil {
		a, full = p.names[name], name
	}
	switch {
	case a == nil:
		return nil, fault.New(fault.ErrCorrupt, "the Avro type %q is not described", clip(full))
	case a.form == avroRecord && (!a.done || a.weight > maxAvroWeight):
		// shown by its name alone: its type would hold itself, or grow beyond bounds
		return &avroType{form: avroRef, name: full, parts: []*avroType{a}, weight: 1, t: &Type{Kind: KindStruct, Class: full, Length: variable}}, nil
	}
	return a, nil
}

func fullName(name, space string) string {
	if space == "" || strings.Contains(name, ".") {
		return name
	}
	return space + "." + name
}

func (p *avroParser) union(branches []any, space string, depth int) (*avroType, error) {
	a := &avroType{form: avroUnion, null: -1, weight: 1, t: &Type{Kind: KindUnion, Length: variable}}
	for i, b := range branches {
		part, err := p.parse(b, space, depth+1)
		if err != nil {
			return nil, err
		}
		if part.form == avroUnion {
			return nil, fault.New(fault.ErrCorrupt, "an Avro union inside a union")
		}
		if part.form == avroNull {
			a.null, a.t.Nullable = i, true
		}
		a.parts = append(a.parts, part)
		a.weight += part.weight
		a.t.Fields = append(a.t.Fields, Field{part.name, part.t})
	}
	if len(branches) == 2 && a.null >= 0 && a.parts[1-a.null].form != avroNull {
		t := *a.parts[1-a.null].t
		t.Nullable = true
		a.simple, a.t = true, &t
	}
	return a, nil
}

func (p *avroParser) object(m map[string]any, space string, depth int) (*avroType, error) {
	kind, ok := m["type"].(string)
	if !ok { // {"type": {…}}
		return p.parse(m["type"], space, depth+1)
	}
	switch kind {
	case "array", "map":
		return p.collection(kind, m, space, depth)
	case "record", "error", "enum", "fixed":
		return p.define(kind, m, space, depth)
	}
	a, err := p.named(kind, space)
	if err != nil || a.form > avroString {
		return a, err
	}
	a.applyLogical(m)
	return a, nil
}

func (p *avroParser) collection(kind string, m map[string]any, space string, depth int) (*avroType, error) {
	a := &avroType{form: avroArray, name: kind, t: &Type{Kind: KindList, Length: variable}}
	key := "items"
	if kind == "map" {
		a.form, a.t.Kind, key = avroMap, KindMap, "values"
		a.t.Args = []*Type{{Kind: KindString, Length: variable}}
	}
	part, err := p.parse(m[key], space, depth+1)
	if err != nil {
		return nil, err
	}
	a.parts, a.weight = []*avroType{part}, part.weight+1
	a.t.Args = append(a.t.Args, part.t)
	return a, nil
}

// define reads a type that has a name.
func (p *avroParser) define(kind string, m map[string]any, space string, depth int) (*avroType, error) {
	name, _ := m["name"].(string)
	if s, ok := m["namespace"].(string); ok {
		space = s
	}
	full := fullName(name, space)
	if dot := strings.LastIndexByte(full, '.'); dot >= 0 {
		space = full[:dot]
	}
	if name == "" || p.names[full] != nil {
		return nil, fault.New(fault.ErrCorrupt, "an Avro %s with the name %q, which is empty or taken", kind, clip(full))
	}
	a := &avroType{name: full, weight: 1, t: &Type{Class: full, Length: variable}}
	p.names[full] = a
	switch kind {
	case "enum":
		return a, a.enum(m)
	case "fixed":
		return a, a.fixed(m)
	}
	a.form, a.t.Kind = avroRecord, KindStruct
	return a, p.fields(a, m["fields"], space, depth)
}

func (a *avroType) enum(m map[string]any) error {
	a.form, a.t.Kind = avroEnum, KindEnum
	symbols, ok := m["symbols"].([]any)
	for _, s := range symbols {
		text, isText := s.(string)
		ok = ok && isText
		a.t.Symbols = append(a.t.Symbols, text)
	}
	if !ok {
		return fault.New(fault.ErrCorrupt, "the Avro enum %s without symbols", clip(a.name))
	}
	return nil
}

func (a *avroType) fixed(m map[string]any) error {
	size, ok := m["size"].(float64)
	if !ok || size < 0 || size > 1<<30 || size != float64(int(size)) {
		return fault.New(fault.ErrCorrupt, "the Avro fixed %s of size %v", clip(a.name), m["size"])
	}
	a.form, a.size = avroFixed, int(size)
	a.t.Kind = KindBytes
	a.applyLogical(m)
	return nil
}

func (p *avroParser) fields(a *avroType, v any, space string, depth int) error {
	fields, ok := v.([]any)
	if !ok {
		return fault.New(fault.ErrCorrupt, "the Avro record %s without fields", clip(a.name))
	}
	for _, f := range fields {
		m, _ := f.(map[string]any)
		name, _ := m["name"].(string)
		if name == "" {
			return fault.New(fault.ErrCorrupt, "a field of the Avro record %s without a name", clip(a.name))
		}
		part, err := p.parse(m["type"], space, depth+1)
		if err != nil {
			return err
		}
		a.parts = append(a.parts, part)
		a.weight += part.weight
		a.t.Fields = append(a.t.Fields, Field{name, part.t})
	}
	a.done = true
	return nil
}

// applyLogical makes the type what its logical type says. Those that do not fit their type are ignored, as Avro does.
func (a *avroType) applyLogical(m map[string]any) {
	name, _ := m["logicalType"].(string)
	t := *a.t
	switch {
	case name == "decimal" && (a.form == avroBytes || a.form == avroFixed):
		precision, _ := m["precision"].(float64)
		scale, _ := m["scale"].(float64)
		if precision < 1 || scale < 0 || scale > precision || precision > 1<<20 {
			return
		}
		a.logical = avroDecimal
		t.Kind, t.Precision, t.Scale = KindDecimal, int(precision), int(scale)
		t.Note = (&rowdata.Logical{Root: "DECIMAL", Precision: t.Precision, Scale: t.Scale}).Name()
	case name == "date" && a.form == avroInt:
		a.logical, t.Kind = avroDate, KindLocalDate
	case name == "time-millis" && a.form == avroInt, name == "time-micros" && a.form == avroLong:
		a.logical, t.Kind = avroTime, KindLocalTime
	case strings.HasPrefix(name, "timestamp-") && a.form == avroLong:
		a.logical, t.Kind = avroInstant, KindInstant
	case strings.HasPrefix(name, "local-timestamp-") && a.form == avroLong:
		a.logical, t.Kind = avroDateTime, KindLocalDateTime
	default:
		return
	}
	if a.unit = avroUnit(name); a.unit == 0 && a.logical != avroDate && a.logical != avroDecimal {
		a.logical = avroPlain
		return
	}
	a.t = &t
}

func avroUnit(name string) int64 {
	for i, unit := range []string{"-nanos", "-micros", "-millis"} {
		if strings.HasSuffix(name, unit) {
			return []int64{1, 1000, milliNanos}[i]
		}
	}
	return 0
}
