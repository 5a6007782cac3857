package serde

// Sink is told what a value is made of while it is read. Slices are valid only during the call.
type Sink interface {
	Null()
	Bool(v bool)
	// Int is a byte, short, int or long.
	Int(v int64)
	Float32(v float32)
	Float64(v float64)
	// Char is one UTF-16 unit.
	Char(unit uint16)
	// Text is WTF-8 (see binio).
	Text(text []byte)
	Bytes(b []byte)
	Integer(v Integer)
	Decimal(v Decimal)
	Time(v Time)
	Enum(v Enum)
	// BeginList is followed by n values, then EndList.
	BeginList(t *Type, n int)
	EndList()
	// BeginMap is followed by n times a key and a value, then EndMap.
	BeginMap(t *Type, n int)
	EndMap()
	// BeginStruct is followed by Field(i) and a value for each field of t that the value has, then EndStruct. A union has one field,
	// everything else all.
	BeginStruct(t *Type, form Form)
	Field(i int)
	EndStruct()
	// Raw is a part that no rule explains.
	Raw(t *Type, b []byte)
}

// Form is what the encoding of a struct says besides its fields.
type Form struct {
	// RowKind of rows: 0 +I, 1 -U, 2 +U, 3 -D.
	RowKind byte
	// Flags of a POJO: how it named its class (0 lets the codec choose, which is what Flink does).
	Flags byte
	// Class is the value's class where it is not the declared one.
	Class string
}

// RowKindNames are the short names of row kinds.
var RowKindNames = [4]string{"+I", "-U", "+U", "-D"}
