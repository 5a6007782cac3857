package parquet

import (
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
)

// Physical types, and other numbers of the format.
const (
	physBoolean = 0
	physInt32   = 1
	physInt64   = 2
	physFloat   = 4
	physDouble  = 5
	physBytes   = 6
	physFixed   = 7

	required = 0
	optional = 1
	repeated = 2

	encodingPlain = 0
	encodingRLE   = 3
	encodingDict  = 8

	codecZstd = 6

	pageData = 0
	pageDict = 2
)

// step is one node on the way from a column of a record to a leaf.
type step struct {
	kind     stepKind
	field    int // of structs
	optional bool
}

type stepKind uint8

const (
	stepLeaf stepKind = iota
	stepStruct
	stepList
	stepMapKey
	stepMapValue
)

// planner turns an Arrow schema into Parquet's, which it writes, and into leaves.
type planner struct {
	out      compact
	elements int
	path     []string
	steps    []step
	leaves   []*leaf
	column   int
	def, rep int
}

// element writes a schema element. logical, if not nil, writes the logical type.
func (p *planner) element(name string, rep, phys, children, length, converted int, logical func(*compact)) {
	c := &p.out
	p.elements++
	c.begin()
	if phys >= 0 {
		c.i32(1, int32(phys))
	}
	if length > 0 {
		c.i32(2, int32(length))
	}
	if rep >= 0 {
		c.i32(3, int32(rep))
	}
	c.string(4, name)
	if children > 0 {
		c.i32(5, int32(children))
	}
	if converted >= 0 {
		c.i32(6, int32(converted))
	}
	if logical != nil {
		c.structure(10)
		logical(c)
		c.end()
	}
	c.end()
}

func repetition(f arrow.Field) int {
	if f.Nullable {
		return optional
	}
	return required
}

// node plans a field. It undoes what it adds to the path.
func (p *planner) node(f arrow.Field) error {
	def, rep, steps, path := p.def, p.rep, len(p.steps), len(p.path)
	defer func() { p.def, p.rep, p.steps, p.path = def, rep, p.steps[:steps], p.path[:path] }()
	p.path = append(p.path, f.Name)
	if f.Nullable {
		p.def++
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		p.element(f.Name, repetition(f), -1, t.NumFields(), 0, -1, nil)
		for i, k := range t.Fields() {
			p.steps = append(p.steps[:steps], step{stepStruct, i, f.Nullable})
			if err := p.node(k); err != nil {
				return err
			}
		}
		return nil
	case *arrow.MapType: // before lists, which maps are too
		p.element(f.Name, repetition(f), -1, 1, 0, convertedMap, func(c *compact) { c.empty(2) })
		p.element("key_value", repeated, -1, 2, 0, -1, nil)
		p.path = append(p.path, "key_value")
		p.def, p.rep = p.def+1, p.rep+1
		p.steps = append(p.steps, step{stepMapKey, 0, f.Nullable})
		if err := p.node(t.KeyField()); err != nil {
			return err
		}
		p.steps[steps].kind = stepMapValue
		return p.node(t.ItemField())
	case *arrow.ListType:
		p.element(f.Name, repetition(f), -1, 1, 0, convertedList, func(c *compact) { c.empty(3) })
		p.element("list", repeated, -1, 1, 0, -1, nil)
		p.path = append(p.path, "list")
		p.def, p.rep = p.def+1, p.rep+1
		p.steps = append(p.steps, step{stepList, 0, f.Nullable})
		return p.node(t.ElemField())
	}
	return p.leaf(f)
}

const (
	convertedUTF8    = 0
	convertedMap     = 1
	convertedList    = 3
	convertedDecimal = 5
	convertedDate    = 6
	convertedMillis  = 9
	convertedMicros  = 10
	convertedInt8    = 15
	convertedInt16   = 16
	convertedJSON    = 19
)

func (p *planner) leaf(f arrow.Field) error {
	l := &leaf{column: p.column, maxDef: p.def, maxRep: p.rep, path: append([]string(nil), p.path...)}
	l.steps = append(append(l.steps, p.steps...), step{stepLeaf, 0, f.Nullable})
	phys, length, converted := -1, 0, -1
	var logical func(*compact)
	switch t := f.Type.(type) {
	case *arrow.NullType:
		phys, logical = physInt32, func(c *compact) { c.empty(11) }
	case *arrow.BooleanType:
		phys = physBoolean
	case *arrow.Int8Type:
		phys, converted, logical = physInt32, convertedInt8, integer(8)
	case *arrow.Int16Type:
		phys, converted, logical = physInt32, convertedInt16, integer(16)
	case *arrow.Int32Type:
		phys = physInt32
	case *arrow.Int64Type:
		phys = physInt64
	case *arrow.Float32Type:
		phys = physFloat
	case *arrow.Float64Type:
		phys = physDouble
	case *arrow.BinaryType:
		phys = physBytes
	case *arrow.StringType:
		phys, converted, logical = physBytes, convertedUTF8, func(c *compact) { c.empty(1) }
		if v, _ := f.Metadata.GetValue("tarn.encoding"); v == "json" {
			converted, logical = convertedJSON, func(c *compact) { c.empty(12) }
		}
	case *arrow.DictionaryType:
		if t.ValueType.ID() != arrow.STRING {
			return fmt.Errorf("parquet: %s: a dictionary of %s", f.Name, t.ValueType)
		}
		l.dict = true
		phys, converted, logical = physBytes, convertedUTF8, func(c *compact) { c.empty(1) }
	case *arrow.Date32Type:
		phys, converted, logical = physInt32, convertedDate, func(c *compact) { c.empty(6) }
	case *arrow.Time64Type:
		phys, logical = physInt64, func(c *compact) { clock(c, 7, false, t.Unit) }
	case *arrow.TimestampType:
		phys, logical = physInt64, func(c *compact) { clock(c, 8, t.TimeZone != "", t.Unit) }
		if t.TimeZone != "" && t.Unit == arrow.Millisecond {
			converted = convertedMillis
		} else if t.TimeZone != "" && t.Unit == arrow.Microsecond {
			converted = convertedMicros
		}
	case *arrow.Decimal128Type:
		phys, length, logical = physFixed, 16, decimal(t.Precision, t.Scale)
	case *arrow.Decimal256Type:
		phys, length, logical = physFixed, 32, decimal(t.Precision, t.Scale)
	default:
		return fmt.Errorf("parquet: %s: a column of type %s", f.Name, f.Type)
	}
	l.phys, l.length, l.typ = phys, length, f.Type
	p.element(f.Name, repetition(f), phys, 0, length, converted, logical)
	p.leaves = append(p.leaves, l)
	return nil
}

func integer(width int8) func(*compact) {
	return func(c *compact) {
		c.structure(10)
		c.i8(1, width)
		c.boolean(2, true)
		c.end()
	}
}

func decimal(precision, scale int32) func(*compact) {
	return func(c *compact) {
		c.structure(5)
		c.i32(1, scale)
		c.i32(2, precision)
		c.end()
	}
}

// clock is the logical type of times and timestamps.
func clock(c *compact, id int16, utc bool, unit arrow.TimeUnit) {
	c.structure(id)
	c.boolean(1, utc)
	c.structure(2)
	switch unit {
	case arrow.Millisecond:
		c.empty(1)
	case arrow.Microsecond:
		c.empty(2)
	default:
		c.empty(3)
	}
	c.end()
	c.end()
}

// widthOf is the number of bits of numbers up to n.
func widthOf(n int) int { return bits.Len(uint(n)) }
