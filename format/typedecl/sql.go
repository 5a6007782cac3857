package typedecl

import (
	"fmt"
	"io"
	"strings"

	"github.com/tarn-project/tarn/format/serde"
)

// writeSQL declares a table for each state with the types of Flink SQL. What has no type there is text or bytes.
func writeSQL(w io.Writer, states []State) error {
	p := &printer{w: w}
	for i := range states {
		s := &states[i]
		if i > 0 {
			p.f("\n")
		}
		p.f("-- %s\nCREATE TABLE %s (\n", s.title(), sqlName(s.Operator()+"_"+s.Name))
		row := s.Row()
		for j, f := range row.Fields {
			comma := ","
			if j == len(row.Fields)-1 {
				comma = ""
			}
			p.f("  %s %s%s\n", sqlName(f.Name), sqlType(f.Type, 0), comma)
		}
		p.f(");\n")
	}
	return p.err
}

func sqlName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

var sqlTypes = map[serde.Kind]string{
	serde.KindRaw: "BYTES", serde.KindNull: "BOOLEAN", serde.KindBool: "BOOLEAN", serde.KindInt8: "TINYINT", serde.KindInt16: "SMALLINT",
	serde.KindInt32: "INT", serde.KindInt64: "BIGINT", serde.KindFloat32: "FLOAT", serde.KindFloat64: "DOUBLE", serde.KindChar: "STRING",
	serde.KindString: "STRING", serde.KindBytes: "BYTES", serde.KindInteger: "STRING", serde.KindLocalDate: "DATE", serde.KindLocalTime: "TIME",
	serde.KindEnum: "STRING", serde.KindAny: "STRING",
}

func sqlType(t *serde.Type, depth int) string {
	switch {
	case t == nil:
		return "BYTES"
	case depth > maxDepth:
		return "STRING"
	}
	switch t.Kind {
	case serde.KindDecimal:
		if t.Precision > 0 && t.Precision <= 38 {
			return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale)
		}
		return "STRING"
	case serde.KindLocalDateTime:
		return fmt.Sprintf("TIMESTAMP(%d)", fraction(t))
	case serde.KindInstant:
		return fmt.Sprintf("TIMESTAMP_LTZ(%d)", fraction(t))
	case serde.KindList:
		if len(t.Args) == 1 {
			return "ARRAY<" + sqlType(t.Args[0], depth+1) + ">"
		}
		return "STRING"
	case serde.KindMap:
		if len(t.Args) == 2 {
			return "MAP<" + sqlType(t.Args[0], depth+1) + ", " + sqlType(t.Args[1], depth+1) + ">"
		}
		return "STRING"
	}
	if !isStruct(t) {
		return sqlTypes[t.Kind]
	}
	fields := fieldsOf(t)
	if len(fields) == 0 {
		return "BOOLEAN"
	}
	var parts []string
	for i, f := range fields {
		parts = append(parts, sqlName(nameOf(f, i))+" "+sqlType(f.Type, depth+1))
	}
	return "ROW<" + strings.Join(parts, ", ") + ">"
}

// fraction is the number of digits of a second.
func fraction(t *serde.Type) int {
	switch {
	case strings.HasPrefix(strings.ToLower(t.Note), "timestamp"):
		return t.Precision
	case t.Class == "java.util.Date" || t.Class == "java.sql.Date" || t.Class == "java.sql.Time":
		return 3
	}
	return 9
}
