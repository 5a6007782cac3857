package serde

import "fmt"

// Value is a decoded value: one of the types below. It keeps what is needed to write the same bytes again.
type Value interface{ kind() Kind }

// Null is no value. Inline counts the flags before it that said, each in vain, that there is a value: Flink writes none such, but
// reads them, and they are written back as they stood.
type Null struct{ Inline int }

// The values without parts.
type (
	Bool    bool
	Int     int64   // byte, short, int, long
	Float32 float32 // its bits are kept
	Float64 float64
	Char    uint16
	Text    string // WTF-8
	Bytes   []byte
)

// Integer is a java.math.BigInteger.
type Integer struct {
	Unscaled []byte // two's complement, big-endian; never empty
	Short    bool   // written as one of Flink's codes for the constants ZERO, ONE and TEN
}

// Decimal is a java.math.BigDecimal or a SQL decimal: Unscaled × 10^-Scale.
type Decimal struct {
	Integer
	Scale int32
}

// Time is a date, a time of day, both, or a point in time, as its Kind says.
type Time struct {
	Kind       Kind
	Year       int32 // of dates
	Month, Day uint8
	NanoOfDay  int64 // of times of day: 0 … 86,399,999,999,999
	Seconds    int64 // of instants: since 1970 UTC
	Nanos      int32 // of instants: 0 … 999,999,999
}

// Enum is a constant: its position in the snapshot's list, and its name.
type Enum struct {
	Index int32
	Name  string
}

// List is a list, array or set in encoding order.
type List []Value

// Map is a map in encoding order.
type Map []Pair

// Pair is one entry of a map.
type Pair struct{ Key, Value Value }

// Struct is a tuple, POJO, row, union or window: its fields in the order of Type.Fields. A union has nil for the absent ones.
type Struct struct {
	Type   *Type
	Form   Form
	Fields []Value
}

// Raw is bytes that no rule explains.
type Raw struct {
	Type *Type
	Data []byte
}

func (Null) kind() Kind     { return KindNull }
func (Bool) kind() Kind     { return KindBool }
func (Int) kind() Kind      { return KindInt64 }
func (Float32) kind() Kind  { return KindFloat32 }
func (Float64) kind() Kind  { return KindFloat64 }
func (Char) kind() Kind     { return KindChar }
func (Text) kind() Kind     { return KindString }
func (Bytes) kind() Kind    { return KindBytes }
func (Integer) kind() Kind  { return KindInteger }
func (Decimal) kind() Kind  { return KindDecimal }
func (v Time) kind() Kind   { return v.Kind }
func (Enum) kind() Kind     { return KindEnum }
func (List) kind() Kind     { return KindList }
func (Map) kind() Kind      { return KindMap }
func (v Struct) kind() Kind { return v.Type.Kind }
func (Raw) kind() Kind      { return KindRaw }

func kindName(v Value) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprint(v.kind())
}

// Builder is a Sink that builds the Value.
type Builder struct {
	stack []frame
	done  Value
}

type frame struct {
	t      *Type
	form   Form
	values []Value
	field  int
}

// Value is the value that was walked.
func (b *Builder) Value() Value { return b.done }

func (b *Builder) add(v Value) {
	if len(b.stack) == 0 {
		b.done = v
		return
	}
	f := &b.stack[len(b.stack)-1]
	if f.field >= 0 {
		f.values[f.field] = v
		return
	}
	f.values = append(f.values, v)
}

func (b *Builder) push(t *Type, n int) {
	// A count was checked against the input when it was read; grow as values arrive all the same.
	b.stack = append(b.stack, frame{t: t, field: -1, values: make([]Value, 0, min(n, 1024))})
}

func (b *Builder) pop() frame {
	f := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	return f
}

// The events of Sink.

func (b *Builder) Null()             { b.add(Null{}) }
func (b *Builder) inlineNull(n int)  { b.add(Null{Inline: n}) }
func (b *Builder) Bool(v bool)       { b.add(Bool(v)) }
func (b *Builder) Int(v int64)       { b.add(Int(v)) }
func (b *Builder) Float32(v float32) { b.add(Float32(v)) }
func (b *Builder) Float64(v float64) { b.add(Float64(v)) }
func (b *Builder) Char(u uint16)     { b.add(Char(u)) }
func (b *Builder) Text(t []byte)     { b.add(Text(t)) }
func (b *Builder) Bytes(v []byte)    { b.add(Bytes(append([]byte{}, v...))) }
func (b *Builder) Integer(v Integer) { b.add(v.clone()) }
func (b *Builder) Time(v Time)       { b.add(v) }
func (b *Builder) Enum(v Enum)       { b.add(v) }

func (b *Builder) Decimal(v Decimal) {
	v.Integer = v.Integer.clone()
	b.add(v)
}

func (b *Builder) Raw(t *Type, v []byte) { b.add(Raw{Type: t, Data: append([]byte{}, v...)}) }

func (b *Builder) BeginList(t *Type, n int) { b.push(t, n) }
func (b *Builder) EndList()                 { b.add(List(b.pop().values)) }
func (b *Builder) BeginMap(t *Type, n int)  { b.push(t, 2*n) }

func (b *Builder) EndMap() {
	f := b.pop()
	m := make(Map, 0, len(f.values)/2)
	for i := 0; i+1 < len(f.values); i += 2 {
		m = append(m, Pair{f.values[i], f.values[i+1]})
	}
	b.add(m)
}

func (b *Builder) BeginStruct(t *Type, form Form) {
	b.stack = append(b.stack, frame{t: t, form: form, field: -1, values: make([]Value, len(t.Fields))})
}

func (b *Builder) Field(i int) { b.stack[len(b.stack)-1].field = i }

func (b *Builder) EndStruct() {
	f := b.pop()
	b.add(Struct{Type: f.t, Form: f.form, Fields: f.values})
}

func (v Integer) clone() Integer {
	v.Unscaled = append([]byte{}, v.Unscaled...)
	return v
}
