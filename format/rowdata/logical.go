package rowdata

import (
	"fmt"
	"strings"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/javaser"
)

// Logical is a logical type of the Table API (org.apache.flink.table.types.logical.LogicalType).
type Logical struct {
	Root      string // constant of LogicalTypeRoot, for instance "VARCHAR"
	Nullable  bool
	Length    int // of CHAR, VARCHAR, BINARY, VARBINARY
	Precision int // of DECIMAL, TIME, TIMESTAMP
	Scale     int // of DECIMAL
	Args      []*Logical
	Fields    []Field // of ROW and structured types
	Class     string  // Java class of RAW and structured types, where named
	// Serializer of a RAW type, nil where a type information stands in its place
	Serializer *javaser.Object

	size int // number of types in it, shared ones counted each time
}

// Field is a field of a ROW or structured type.
type Field struct {
	Name string
	Type *Logical
}

// The roots that need words here; the others are scalar types.
const (
	RootArray      = "ARRAY"
	RootMap        = "MAP"
	RootMultiset   = "MULTISET"
	RootRow        = "ROW"
	RootStructured = "STRUCTURED_TYPE"
	RootDistinct   = "DISTINCT_TYPE"
	RootRaw        = "RAW"
)

const (
	logicalPackage = "org.apache.flink.table.types.logical."
	maxTypes       = 1 << 13 // in one type
	maxNesting     = 64
)

// ParseLogical reads a logical type from the object that Flink serialized. The error is of kind fault.ErrCorrupt if v is no logical
// type, and fault.ErrUnsupported if it is nested or repeated beyond reason.
func ParseLogical(v javaser.Value) (*Logical, error) {
	p := logicalParser{done: map[*javaser.Object]*Logical{}}
	return p.parse(javaser.AsObject(v), 0)
}

type logicalParser struct {
	done map[*javaser.Object]*Logical // nil while being read
}

func (p *logicalParser) parse(o *javaser.Object, depth int) (*Logical, error) {
	if !o.Is(logicalPackage + "LogicalType") {
		return nil, fault.New(fault.ErrCorrupt, "a Java object of class %q", javaser.ClassName(o)).WithExpected("a logical type")
	}
	if l, seen := p.done[o]; seen {
		if l == nil {
			return nil, fault.New(fault.ErrCorrupt, "a logical type that holds itself")
		}
		return l, nil
	}
	if depth > maxNesting {
		return nil, fault.New(fault.ErrUnsupported, "logical types nested deeper than %d levels", maxNesting)
	}
	p.done[o] = nil
	l := &Logical{
		Root:      o.EnumName("typeRoot"),
		Nullable:  o.Bool("isNullable"),
		Length:    int(o.Int("length")),
		Precision: int(o.Int("precision")),
		Scale:     int(o.Int("scale")),
	}
	if err := p.parts(l, o, depth+1); err != nil {
		return nil, err
	}
	l.size = 1
	for _, a := range l.Args {
		l.size += a.size
	}
	for _, f := range l.Fields {
		l.size += f.Type.size
	}
	if l.size > maxTypes {
		return nil, fault.New(fault.ErrUnsupported, "a logical type of more than %d parts", maxTypes)
	}
	p.done[o] = l
	return l, nil
}

func (p *logicalParser) parts(l *Logical, o *javaser.Object, depth int) error {
	switch o.Class.Name {
	case logicalPackage + "LegacyTypeInformationType":
		p.legacy(l)
		return nil
	case logicalPackage + "AnyType", logicalPackage + "TypeInformationAnyType", logicalPackage + "TypeInformationRawType":
		l.Root = RootRaw // AnyType is what RAW was called in Flink 1.9
	}
	switch l.Root {
	case "":
		return fault.New(fault.ErrCorrupt, "a logical type without a root")
	case RootArray, RootMultiset:
		return p.args(l, o, depth, "elementType")
	case RootMap:
		return p.args(l, o, depth, "keyType", "valueType")
	case RootDistinct:
		return p.args(l, o, depth, "sourceType")
	case RootRow:
		return p.fields(l, o.Get("fields"), depth)
	case RootStructured:
		return p.structured(l, o, depth)
	case RootRaw:
		l.Serializer = o.Object("serializer")
		l.Class = className(o.Get("clazz"))
	}
	return nil
}

// legacy is a type information of the old planner: a BigDecimal is DECIMAL(38, 18), all others are kept by their own serializer.
func (p *logicalParser) legacy(l *Logical) {
	if l.Root == "DECIMAL" {
		l.Precision, l.Scale = 38, 18
		return
	}
	l.Root = RootRaw
}

func (p *logicalParser) args(l *Logical, o *javaser.Object, depth int, names ...string) error {
	for _, n := range names {
		a, err := p.parse(o.Object(n), depth)
		if err != nil {
			return err
		}
		l.Args = append(l.Args, a)
	}
	return nil
}

func (p *logicalParser) fields(l *Logical, list javaser.Value, depth int) error {
	elems, ok := javaser.Elements(list)
	if !ok {
		return fault.New(fault.ErrCorrupt, "fields of a ROW that are no list")
	}
	for _, e := range elems {
		f := javaser.AsObject(e)
		t, err := p.parse(f.Object("type"), depth)
		if err != nil {
			return err
		}
		l.Fields = append(l.Fields, Field{f.Text("name"), t})
	}
	return nil
}

// structured has the fields of its supertypes first.
func (p *logicalParser) structured(l *Logical, o *javaser.Object, depth int) error {
	l.Class = className(o.Get("implementationClass"))
	if super := o.Object("superType"); super != nil {
		s, err := p.parse(super, depth)
		if err != nil {
			return err
		}
		l.Fields = append(l.Fields, s.Fields...)
	}
	return p.fields(l, o.Get("attributes"), depth)
}

func className(v javaser.Value) string {
	if c, ok := v.(*javaser.Class); ok && c.Desc != nil {
		return c.Desc.Name
	}
	s, _ := javaser.Text(v)
	return s
}

// Number is the width of the number that a root's values are in the fixed part, or 0 for all others.
func (l *Logical) Number() int {
	switch l.Root {
	case "BOOLEAN", "TINYINT":
		return 1
	case "SMALLINT":
		return 2
	case "INTEGER", "FLOAT", "DATE", "TIME_WITHOUT_TIME_ZONE", "INTERVAL_YEAR_MONTH":
		return 4
	case "BIGINT", "DOUBLE", "INTERVAL_DAY_TIME":
		return 8
	}
	return 0
}

// Width is the width of an element in an array.
func (l *Logical) Width() int {
	switch {
	case l.Root == RootDistinct && len(l.Args) == 1:
		return l.Args[0].Width()
	case l.Number() > 0:
		return l.Number()
	}
	return 8
}

// String gives the type as SQL, for instance "DECIMAL(10, 2) NOT NULL".
func (l *Logical) String() string {
	var b strings.Builder
	l.write(&b, 0)
	return b.String()
}

func (l *Logical) write(b *strings.Builder, depth int) {
	b.WriteString(l.Name())
	switch l.Root {
	case RootRow, RootArray, RootMap, RootMultiset, RootStructured:
		l.writeParts(b, depth)
	case RootRaw:
		if l.Class != "" {
			fmt.Fprintf(b, "('%s')", l.Class)
		}
	}
	if !l.Nullable {
		b.WriteString(" NOT NULL")
	}
}

func (l *Logical) writeParts(b *strings.Builder, depth int) {
	if depth > 8 {
		b.WriteString("<…>")
		return
	}
	b.WriteByte('<')
	for i, a := range l.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		a.write(b, depth+1)
	}
	for i, f := range l.Fields {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + strings.ReplaceAll(f.Name, "`", "``") + "` ")
		f.Type.write(b, depth+1)
	}
	b.WriteByte('>')
}

// unbounded is the length of STRING and BYTES.
const unbounded = 1<<31 - 1

// Name gives the type's own name and numbers as SQL, without its parts and without NOT NULL.
func (l *Logical) Name() string {
	switch l.Root {
	case "INTEGER":
		return "INT"
	case "VARCHAR", "VARBINARY":
		if l.Length == unbounded {
			return map[string]string{"VARCHAR": "STRING", "VARBINARY": "BYTES"}[l.Root]
		}
		return fmt.Sprintf("%s(%d)", l.Root, l.Length)
	case "CHAR", "BINARY":
		return fmt.Sprintf("%s(%d)", l.Root, l.Length)
	case "DECIMAL":
		return fmt.Sprintf("DECIMAL(%d, %d)", l.Precision, l.Scale)
	case "TIME_WITHOUT_TIME_ZONE":
		return fmt.Sprintf("TIME(%d)", l.Precision)
	case "TIMESTAMP_WITHOUT_TIME_ZONE":
		return fmt.Sprintf("TIMESTAMP(%d)", l.Precision)
	case "TIMESTAMP_WITH_LOCAL_TIME_ZONE":
		return fmt.Sprintf("TIMESTAMP_LTZ(%d)", l.Precision)
	case "TIMESTAMP_WITH_TIME_ZONE":
		return fmt.Sprintf("TIMESTAMP(%d) WITH TIME ZONE", l.Precision)
	case "INTERVAL_YEAR_MONTH":
		return "INTERVAL YEAR TO MONTH"
	case "INTERVAL_DAY_TIME":
		return "INTERVAL DAY TO SECOND"
	case RootStructured:
		return "STRUCTURED"
	case RootDistinct:
		return "DISTINCT " + l.Args[0].Name()
	}
	return l.Root
}
