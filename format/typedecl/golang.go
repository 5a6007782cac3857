package typedecl

import (
	"bytes"
	"go/format"
	"io"
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

func itoa(n int) string { return strconv.Itoa(n) }

// writeGo declares structs that encoding/json fills from the rows of cat --format json. What JSON shows in a form of its own has a type for that
// form: bytes are an object with $hex, tuples and maps with keys that are no texts are arrays.
func writeGo(w io.Writer, states []State) error {
	d, rows := declare(states, func(t *serde.Type) bool { return isStruct(t) && t.Kind != serde.KindTuple })
	var b bytes.Buffer
	p := &printer{w: &b}
	titles := map[*serde.Type]string{}
	for i, r := range rows {
		titles[r] = states[i].title()
	}
	d.each(func(name string, t *serde.Type) {
		p.f("\n// %s is %s.\ntype %s struct {\n", name, firstOf(titles[t], firstOf(t.Class, "a "+t.Kind.String())), name)
		taken := map[string]bool{}
		for i, f := range fieldsOf(t) {
			field := firstOf(pascal(nameOf(f, i)), "F"+itoa(i))
			for taken[field] {
				field += "_"
			}
			taken[field] = true
			p.f("\t%s %s `json:%q`%s\n", field, d.golang(f.Type, 0), nameOf(f, i)+",omitempty", goNote(f.Type))
		}
		p.f("}\n")
	})
	body := b.String()
	head := "// Package state has the types of state, as its serializers say.\npackage state\n"
	var imports string
	for _, needed := range [][2]string{{"encoding/json", "json.RawMessage"}, {"time", "time.Time"}} {
		if strings.Contains(body, needed[1]) {
			imports += "\t" + strconv.Quote(needed[0]) + "\n"
		}
	}
	if imports != "" {
		head += "\nimport (\n" + imports + ")\n"
	}
	if strings.Contains(body, "Bytes ") || strings.Contains(body, "]Bytes") {
		head += "\n// Bytes is a byte array: hex digits.\ntype Bytes struct {\n\tHex string `json:\"$hex\"`\n}\n"
	}
	if strings.Contains(body, "Raw ") || strings.Contains(body, "]Raw") {
		head += "\n// Raw is a value that no rule explains: hex digits, and the class of its serializer.\ntype Raw struct {\n\tHex string `json:\"$raw\"`\n\tSerializer string `json:\"$serializer\"`\n}\n"
	}
	src, err := format.Source([]byte(head + body))
	if err != nil {
		return err
	}
	_, err = w.Write(src)
	return err
}

func goNote(t *serde.Type) string {
	if t == nil {
		return ""
	}
	switch t.Kind {
	case serde.KindTuple, serde.KindEnum, serde.KindDecimal, serde.KindInteger, serde.KindLocalDate, serde.KindLocalTime, serde.KindLocalDateTime:
		return " // " + strings.ReplaceAll(firstOf(t.Note, t.String()), "\n", " ")
	}
	return ""
}

var goTypes = map[serde.Kind]string{
	serde.KindRaw: "Raw", serde.KindNull: "any", serde.KindBool: "bool", serde.KindInt8: "int8", serde.KindInt16: "int16",
	serde.KindInt32: "int32", serde.KindInt64: "int64", serde.KindFloat32: "float32", serde.KindFloat64: "float64", serde.KindChar: "string",
	serde.KindString: "string", serde.KindBytes: "Bytes", serde.KindInteger: "string", serde.KindDecimal: "string", serde.KindLocalDate: "string",
	serde.KindLocalTime: "string", serde.KindLocalDateTime: "string", serde.KindInstant: "time.Time", serde.KindEnum: "string",
	serde.KindAny: "json.RawMessage",
}

// golang names a type. What can be null is a pointer.
func (d *declared) golang(t *serde.Type, depth int) string {
	switch {
	case t == nil:
		return "Raw"
	case depth > maxDepth:
		return "json.RawMessage"
	case d.names[t] != "":
		return "*" + d.names[t]
	case t.Kind == serde.KindTuple:
		return "[" + itoa(len(t.Fields)) + "]json.RawMessage"
	case t.Kind == serde.KindList && len(t.Args) == 1:
		return "[]" + d.golang(t.Args[0], depth+1)
	case t.Kind == serde.KindMap && stringKeys(t):
		return "map[string]" + d.golang(t.Args[1], depth+1)
	case t.Kind == serde.KindMap && len(t.Args) == 2:
		return "[][2]json.RawMessage"
	case t.Kind == serde.KindList || t.Kind == serde.KindMap:
		return "json.RawMessage"
	case t.Nullable && t.Kind != serde.KindString && t.Kind != serde.KindNull && t.Kind != serde.KindAny:
		return "*" + goTypes[t.Kind]
	}
	return goTypes[t.Kind]
}
