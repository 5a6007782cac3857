package columnar

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/typedecl"
)

// form is how a column stores its values.
type form uint8

const (
	formNull    form = iota
	formPresent      // true for a value without parts
	formBool
	formInt8
	formInt16
	formInt32
	formInt64
	formFloat32
	formFloat64
	formText
	formBinary
	formDecimal128
	formDecimal256
	formDate
	formTime
	formTimestamp
	formSymbol   // an index into the symbols
	formConstant // the only symbol
	formList
	formMap
	formStruct
	formJSON
)

// node is the plan of a column: what it holds and how.
type node struct {
	form      form
	name      string
	typ       arrow.DataType
	kids      []*node
	own       *serde.Type    // of structs: the declared type
	byName    map[string]int // of structs: kids by the names of fields
	class     int            // of structs: which kid holds the value's class, or -1
	kind      int            // of rows: which kid holds the row kind, or -1
	unit      arrow.TimeUnit
	precision int
	scale     int
	symbols   []string
	dict      *array.Data // the symbols; the same for all batches, so that a stream holds them once
	nullable  bool
}

const (
	classField = "@class"
	kindField  = "$kind"
	maxDepth   = 64
)

// plan makes the column of values of type t. nil stands for bytes without a serializer.
func plan(name string, t *serde.Type) *node { return planner{}.node(name, t) }

// planner remembers which types are being planned, so that those that contain themselves end.
type planner struct{ open []*serde.Type }

func leaf(name string, f form, t arrow.DataType) *node {
	return &node{form: f, name: name, typ: t, class: -1, kind: -1, nullable: true}
}

func (p planner) node(name string, t *serde.Type) *node {
	if t == nil {
		return leaf(name, formBinary, arrow.BinaryTypes.Binary)
	}
	for _, o := range p.open {
		if o == t {
			return asJSON(name)
		}
	}
	if len(p.open) > maxDepth {
		return asJSON(name)
	}
	p.open = append(p.open[:len(p.open):len(p.open)], t)
	switch t.Kind {
	case serde.KindList:
		if len(t.Args) != 1 {
			return asJSON(name)
		}
		return listOf(name, p.node("element", t.Args[0]))
	case serde.KindMap:
		if len(t.Args) != 2 {
			return asJSON(name)
		}
		return p.mapOf(name, t)
	case serde.KindTuple, serde.KindStruct, serde.KindRow, serde.KindUnion, serde.KindTTL:
		return p.structOf(name, t)
	case serde.KindAny:
		return asJSON(name)
	}
	return single(name, t)
}

func asJSON(name string) *node { return leaf(name, formJSON, arrow.BinaryTypes.String) }

func single(name string, t *serde.Type) *node {
	switch t.Kind {
	case serde.KindNull:
		return leaf(name, formNull, arrow.Null)
	case serde.KindBool:
		return leaf(name, formBool, arrow.FixedWidthTypes.Boolean)
	case serde.KindInt8:
		return leaf(name, formInt8, arrow.PrimitiveTypes.Int8)
	case serde.KindInt16:
		return leaf(name, formInt16, arrow.PrimitiveTypes.Int16)
	case serde.KindInt32:
		return leaf(name, formInt32, arrow.PrimitiveTypes.Int32)
	case serde.KindInt64:
		return leaf(name, formInt64, arrow.PrimitiveTypes.Int64)
	case serde.KindFloat32:
		return leaf(name, formFloat32, arrow.PrimitiveTypes.Float32)
	case serde.KindFloat64:
		return leaf(name, formFloat64, arrow.PrimitiveTypes.Float64)
	case serde.KindChar, serde.KindString, serde.KindInteger:
		return leaf(name, formText, arrow.BinaryTypes.String)
	case serde.KindDecimal:
		return decimal(name, t.Precision, t.Scale)
	case serde.KindLocalDate:
		return leaf(name, formDate, arrow.FixedWidthTypes.Date32)
	case serde.KindLocalTime:
		return leaf(name, formTime, arrow.FixedWidthTypes.Time64ns)
	case serde.KindLocalDateTime:
		return timestamp(name, unitOf(t), "")
	case serde.KindInstant:
		return timestamp(name, unitOf(t), "UTC")
	case serde.KindEnum:
		return symbols(name, t.Symbols)
	}
	return leaf(name, formBinary, arrow.BinaryTypes.Binary)
}

func decimal(name string, precision, scale int) *node {
	var n *node
	switch {
	case precision < 1 || precision > 76 || scale < 0 || scale > precision:
		return leaf(name, formText, arrow.BinaryTypes.String)
	case precision <= 38:
		n = leaf(name, formDecimal128, &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)})
	default:
		n = leaf(name, formDecimal256, &arrow.Decimal256Type{Precision: int32(precision), Scale: int32(scale)})
	}
	n.precision, n.scale = precision, scale
	return n
}

func timestamp(name string, unit arrow.TimeUnit, zone string) *node {
	n := leaf(name, formTimestamp, &arrow.TimestampType{Unit: unit, TimeZone: zone})
	n.unit = unit
	return n
}

// unitOf is the coarsest unit that holds every value of a type, except that nanoseconds do not reach beyond the years 1677 to 2262.
func unitOf(t *serde.Type) arrow.TimeUnit {
	note := strings.ToLower(t.Note)
	switch {
	case t.Class == "java.util.Date" || t.Class == "java.sql.Date" || t.Class == "java.sql.Time" || strings.Contains(note, "millis"):
		return arrow.Millisecond
	case strings.Contains(note, "micros"):
		return arrow.Microsecond
	case !strings.HasPrefix(note, "timestamp"):
		return arrow.Nanosecond
	case t.Precision <= 3:
		return arrow.Millisecond
	case t.Precision <= 6:
		return arrow.Microsecond
	}
	return arrow.Nanosecond
}

// symbols is text out of a known list.
func symbols(name string, list []string) *node {
	if len(list) == 0 {
		return leaf(name, formText, arrow.BinaryTypes.String)
	}
	n := leaf(name, formSymbol, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String})
	n.symbols = list
	n.byName = make(map[string]int, len(list))
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i, s := range list {
		n.byName[s] = i
		b.Append(s)
	}
	n.dict = b.NewArray().Data().(*array.Data)
	return n
}

// constant is text that is the same in all rows.
func constant(name, text string) *node {
	n := symbols(name, []string{text})
	n.form = formConstant
	n.typ = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	return n
}

func listOf(name string, element *node) *node {
	n := leaf(name, formList, arrow.ListOfField(element.field()))
	n.kids = []*node{element}
	return n
}

func (p planner) mapOf(name string, t *serde.Type) *node {
	key, value := p.node("key", t.Args[0]), p.node("value", t.Args[1])
	if key.form == formNull {
		return asJSON(name)
	}
	key.nullable = false
	n := leaf(name, formMap, arrow.MapOf(key.typ, value.typ))
	n.kids = []*node{key, value}
	return n
}

func (p planner) structOf(name string, t *serde.Type) *node {
	fields := typedecl.AllFields(t)
	kids := make([]*node, 0, len(fields)+1)
	for i, f := range fields {
		kids = append(kids, p.node(fieldName(f.Name, i), f.Type))
	}
	if t.Kind == serde.KindTTL && len(kids) > 0 && kids[0].form == formInt64 {
		kids[0] = timestamp(kids[0].name, arrow.Millisecond, "UTC")
	}
	if len(kids) == 0 && len(t.Subclasses) == 0 {
		present := leaf(name, formPresent, arrow.FixedWidthTypes.Boolean)
		if !typedecl.IsGlobalWindow(t) {
			return present
		}
		present.name = "global"
		kids = append(kids, present)
	}
	n := &node{name: name, own: t, class: -1, kind: -1}
	if len(t.Subclasses) > 0 {
		n.class = len(kids)
		kids = append(kids, leaf(classField, formText, arrow.BinaryTypes.String))
	}
	if t.Kind == serde.KindRow {
		n.kind = len(kids)
		kids = append(kids, symbols(kindField, serde.RowKindNames[:]))
	}
	return structFrom(n, kids)
}

func fieldName(name string, i int) string {
	if name == "" {
		return fmt.Sprintf("f%d", i)
	}
	return name
}

// structFrom completes a struct with its kids. Names are made different from each other.
func structFrom(n *node, kids []*node) *node {
	n.form, n.kids, n.nullable, n.byName = formStruct, kids, true, map[string]int{}
	fields := make([]arrow.Field, len(kids))
	for i, k := range kids {
		for base, next := k.name, 2; ; next++ {
			if _, taken := n.byName[k.name]; !taken {
				break
			}
			k.name = fmt.Sprintf("%s_%d", base, next)
		}
		n.byName[k.name] = i
		fields[i] = k.field()
	}
	n.typ = arrow.StructOf(fields...)
	return n
}

func (n *node) field() arrow.Field {
	f := arrow.Field{Name: n.name, Type: n.typ, Nullable: n.nullable}
	if n.form == formJSON {
		f.Metadata = arrow.NewMetadata([]string{"tarn.encoding"}, []string{"json"})
	}
	return f
}
