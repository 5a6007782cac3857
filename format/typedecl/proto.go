package typedecl

import (
	"io"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

// writeProto declares messages of proto3.
func writeProto(w io.Writer, states []State) error {
	d, rows := declare(states, func(t *serde.Type) bool {
		return isStruct(t) || t.Kind == serde.KindEnum && len(t.Symbols) > 0
	})
	p := &protoWriter{declared: d, printer: printer{w: w}, wrappers: map[string]string{}}
	titles := map[*serde.Type]string{}
	for i, r := range rows {
		titles[r] = states[i].title()
	}
	p.f("syntax = \"proto3\";\n\npackage state;\n\nimport \"google/protobuf/struct.proto\";\nimport \"google/protobuf/timestamp.proto\";\n")
	d.each(func(name string, t *serde.Type) {
		p.f("\n// %s\n", firstOf(titles[t], firstOf(t.Class, t.Kind.String())))
		if t.Kind == serde.KindEnum {
			p.enum(name, t)
			return
		}
		p.message(name, t)
	})
	for _, text := range p.more {
		p.f("\n%s", text)
	}
	return p.err
}

type protoWriter struct {
	*declared
	printer
	wrappers map[string]string // messages that stand for what a field cannot be, by what they hold
	more     []string
}

func (p *protoWriter) enum(name string, t *serde.Type) {
	p.f("enum %s {\n", name)
	for i, s := range t.Symbols {
		p.f("  %s_%s = %d;\n", strings.ToUpper(name), identifier(s), i)
	}
	p.f("}\n")
}

func (p *protoWriter) message(name string, t *serde.Type) {
	p.f("message %s {\n", name)
	indent := "  "
	if t.Kind == serde.KindUnion && len(t.Fields) > 0 {
		p.f("  oneof it {\n")
		indent = "    "
	}
	for i, f := range fieldsOf(t) {
		text := p.proto(f.Type, 0)
		if t.Kind == serde.KindUnion && (strings.HasPrefix(text, "repeated ") || strings.HasPrefix(text, "map<")) {
			text = p.wrap(text)
		}
		if f.Type != nil && f.Type.Nullable && t.Kind != serde.KindUnion && !strings.HasPrefix(text, "repeated ") && !strings.HasPrefix(text, "map<") {
			text = "optional " + text
		}
		p.f("%s%s %s = %d;\n", indent, text, identifier(nameOf(f, i)), i+1)
	}
	if indent != "  " {
		p.f("  }\n")
	}
	p.f("}\n")
}

// wrap gives a message around a list or map, which cannot stand inside another one.
func (p *protoWriter) wrap(text string) string {
	if n := p.wrappers[text]; n != "" {
		return n
	}
	name := pascal("list of", strings.TrimPrefix(text, "repeated "))
	if strings.HasPrefix(text, "map<") {
		name = pascal(text)
	}
	for p.taken[name] != nil {
		name += "X"
	}
	p.taken[name] = Any
	p.wrappers[text] = name
	p.more = append(p.more, "message "+name+" {\n  "+text+" it = 1;\n}\n")
	return name
}

// pair gives a message for the entries of a map whose keys a map of proto3 cannot have.
func (p *protoWriter) pair(key, value string) string {
	text := key + " " + value
	if n := p.wrappers[text]; n != "" {
		return n
	}
	name := pascal(key, value, "entry")
	for p.taken[name] != nil {
		name += "X"
	}
	p.taken[name] = Any
	p.wrappers[text] = name
	p.more = append(p.more, "message "+name+" {\n  "+key+" key = 1;\n  "+value+" value = 2;\n}\n")
	return name
}

var protoTypes = map[serde.Kind]string{
	serde.KindRaw: "bytes", serde.KindNull: "google.protobuf.NullValue", serde.KindBool: "bool", serde.KindInt8: "sint32", serde.KindInt16: "sint32",
	serde.KindInt32: "sint32", serde.KindInt64: "sint64", serde.KindFloat32: "float", serde.KindFloat64: "double", serde.KindChar: "string",
	serde.KindString: "string", serde.KindBytes: "bytes", serde.KindInteger: "string", serde.KindDecimal: "string", serde.KindLocalDate: "string",
	serde.KindLocalTime: "string", serde.KindLocalDateTime: "string", serde.KindInstant: "google.protobuf.Timestamp", serde.KindEnum: "string",
	serde.KindAny: "google.protobuf.Value",
}

func (p *protoWriter) proto(t *serde.Type, depth int) string {
	switch {
	case t == nil:
		return "bytes"
	case depth > maxDepth:
		return "google.protobuf.Value"
	case p.names[t] != "":
		return p.names[t]
	case t.Kind == serde.KindList && len(t.Args) == 1:
		return "repeated " + p.inner(t.Args[0], depth)
	case t.Kind == serde.KindMap && len(t.Args) == 2:
		key, value := p.inner(t.Args[0], depth), p.inner(t.Args[1], depth)
		switch key {
		case "string", "bool", "sint32", "sint64":
			return "map<" + key + ", " + value + ">"
		}
		return "repeated " + p.pair(key, value)
	case t.Kind == serde.KindList || t.Kind == serde.KindMap:
		return "google.protobuf.Value"
	}
	return protoTypes[t.Kind]
}

func (p *protoWriter) inner(t *serde.Type, depth int) string {
	text := p.proto(t, depth+1)
	if strings.HasPrefix(text, "repeated ") || strings.HasPrefix(text, "map<") {
		return p.wrap(text)
	}
	return text
}
