package typedecl

import (
	"io"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

// writeJava declares a record for the rows of each state, and a class of public fields or an enum for each type of the user.
func writeJava(w io.Writer, states []State) error {
	d, rows := declare(states, func(t *serde.Type) bool {
		return t.Kind == serde.KindEnum && len(t.Symbols) > 0 || isStruct(t) && !javaKnown(t)
	})
	p := &printer{w: w}
	p.f("import java.math.BigDecimal;\nimport java.math.BigInteger;\nimport java.time.*;\nimport java.util.*;\n\n/** Types of state, as its serializers say. */\npublic final class State {\n")
	titles := map[*serde.Type]string{}
	for i, r := range rows {
		titles[r] = states[i].title()
	}
	d.each(func(name string, t *serde.Type) {
		p.f("\n")
		switch {
		case titles[t] != "":
			p.f("  /** %s. */\n  public record %s(%s) {}\n", titles[t], name, strings.Join(d.javaFields(t), ", "))
		case t.Kind == serde.KindEnum:
			p.f("  /** %s */\n  public enum %s { %s }\n", t.Class, name, strings.Join(identifiers(t.Symbols), ", "))
		default:
			p.f("  /** %s */\n  public static class %s {\n", firstOf(t.Class, t.Kind.String()), name)
			for _, f := range d.javaFields(t) {
				p.f("    public %s;\n", f)
			}
			p.f("  }\n")
		}
	})
	p.f("}\n")
	return p.err
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func identifiers(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = identifier(n)
	}
	return out
}

func (d *declared) javaFields(t *serde.Type) []string {
	var out []string
	for i, f := range fieldsOf(t) {
		out = append(out, d.java(f.Type, 0)+" "+javaName(nameOf(f, i)))
	}
	return out
}

var javaWords = strings.Fields("abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for goto if implements import instanceof int interface long native new package private protected public return short static strictfp super switch synchronized this throw throws transient try void volatile while")

func javaName(s string) string {
	s = identifier(s)
	for _, w := range javaWords {
		if s == w {
			return s + "_"
		}
	}
	return s
}

// javaKnown reports whether Flink has a class for values of a type.
func javaKnown(t *serde.Type) bool {
	return t.Kind == serde.KindTuple && len(t.Fields) > 0 && !strings.HasPrefix(t.Class, "scala.") ||
		t.Kind == serde.KindUnion && len(t.Fields) == 2 && t.Fields[0].Name == "left" ||
		strings.HasPrefix(t.Class, "org.apache.flink.streaming.api.windowing.windows.")
}

var javaTypes = map[serde.Kind]string{
	serde.KindRaw: "byte[]", serde.KindNull: "Void", serde.KindBool: "Boolean", serde.KindInt8: "Byte", serde.KindInt16: "Short",
	serde.KindInt32: "Integer", serde.KindInt64: "Long", serde.KindFloat32: "Float", serde.KindFloat64: "Double", serde.KindChar: "Character",
	serde.KindString: "String", serde.KindBytes: "byte[]", serde.KindInteger: "BigInteger", serde.KindDecimal: "BigDecimal",
	serde.KindLocalDate: "LocalDate", serde.KindLocalTime: "LocalTime", serde.KindLocalDateTime: "LocalDateTime", serde.KindInstant: "Instant",
	serde.KindEnum: "String", serde.KindAny: "Object",
}

// java names a type.
func (d *declared) java(t *serde.Type, depth int) string {
	switch {
	case t == nil:
		return "byte[]"
	case depth > maxDepth:
		return "Object"
	case d.names[t] != "":
		return d.names[t]
	case t.Kind == serde.KindInstant && strings.HasPrefix(t.Class, "java."):
		return t.Class
	case t.Kind == serde.KindTuple:
		return "org.apache.flink.api.java.tuple.Tuple" + itoa(len(t.Fields)) + d.javaArgs(t, depth)
	case t.Kind == serde.KindUnion:
		return "org.apache.flink.types.Either" + d.javaArgs(t, depth)
	case isStruct(t):
		return t.Class
	case t.Kind == serde.KindList && len(t.Args) == 1:
		elem := d.java(t.Args[0], depth+1)
		switch {
		case strings.Contains(t.Note, "array"):
			return elem + "[]"
		case strings.Contains(strings.ToLower(t.Note), "set"):
			return "Set<" + elem + ">"
		}
		return "List<" + elem + ">"
	case t.Kind == serde.KindMap && len(t.Args) == 2:
		return "Map<" + d.java(t.Args[0], depth+1) + ", " + d.java(t.Args[1], depth+1) + ">"
	case t.Kind == serde.KindList || t.Kind == serde.KindMap:
		return "Object"
	}
	return javaTypes[t.Kind]
}

func (d *declared) javaArgs(t *serde.Type, depth int) string {
	var args []string
	for _, f := range t.Fields {
		args = append(args, d.java(f.Type, depth+1))
	}
	return "<" + strings.Join(args, ", ") + ">"
}
