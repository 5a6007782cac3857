// Package javaser reads and writes the Java object serialization stream (java.io.ObjectOutputStream, protocol version 2) as
// data: no class is loaded, no object is made.
//
// Flink embeds such streams without a length (the logical types in the snapshots of SQL serializers, serializers inside old
// snapshots, comparators, checkpoint properties), so only a complete parser finds where one ends.
//
//	stream     AC ED 00 05, content…
//	content    one type code, then
//	  70 null
//	  71 reference     i4 handle, the first is 7E0000
//	  72 class desc    utf name, i8 serialVersionUID, ‹handle›, u1 flags, u2 n, n × field, annotation, super: class desc or null
//	  73 object        class desc, ‹handle›, data of each class, superclass first
//	  74 string        ‹handle›, utf
//	  75 array         class desc, ‹handle›, i4 n, n elements (primitive, or contents)
//	  76 class         class desc, ‹handle›
//	  77 block data    u1 n, n bytes
//	  78 end of block data
//	  79 reset         forgets all handles
//	  7A block data    i4 n, n bytes
//	  7B exception     ‹forgets handles›, the throwable that ended the writing, ‹forgets handles›
//	  7C string        ‹handle›, i8 length, modified UTF-8
//	  7D proxy class   ‹handle›, i4 n, n × utf interface, annotation, super
//	  7E enum          class desc, ‹handle›, string
//	field      u1 type (B C D F I J S Z [ L), utf name; for [ and L a string with the type's signature
//	flags      01 has a writeObject method, 02 serializable, 04 externalizable, 08 externalizable in block data, 10 enum
//	data       fields in the order of the descriptor, primitives first; with flag 01 an annotation. Externalizable: an annotation alone
//	annotation contents up to 78
//
// Where a class desc stands, a null or a reference to one may stand too. ‹handle› is where the next handle is given.
//
// What Parse read, Append writes back to the same bytes: shared and cyclic references are shared pointers in memory.
// Depth, number of handles and length of class hierarchies are bounded.
package javaser

// Value is one content of a stream: *String, *Object, *Array, *Enum, *Class, *ClassDesc, *BlockData, *Exception, *Reset, or, as an
// element of an array or a field, one of the primitives. nil is Java's null.
type Value interface{ isValue() }

// The primitive values of fields and arrays.
type (
	Bool   bool
	Byte   int8
	Char   uint16
	Short  int16
	Int    int32
	Long   int64
	Float  float32
	Double float64
)

// String is a string object.
type String struct {
	Text string // WTF-8 (see binio)
	Long bool   // written with an eight-byte length though it need not be
}

// ClassDesc describes a class as the writer knew it.
type ClassDesc struct {
	Name        string
	UID         int64
	Flags       byte
	Fields      []FieldDesc
	Annotations []Value
	Super       *ClassDesc

	Proxy      bool     // a dynamic proxy: it has Interfaces in place of Name, UID, Flags and Fields
	Interfaces []string // of a proxy

	complete bool // read to its end
	length   int  // number of classes from here upwards
}

// The flags of a class.
const (
	FlagWriteMethod    = 0x01
	FlagSerializable   = 0x02
	FlagExternalizable = 0x04
	FlagBlockData      = 0x08
	FlagEnum           = 0x10
)

// FieldDesc is one field of a class: its type code (B C D F I J S Z [ L), and for objects and arrays the signature of its type,
// for instance "Ljava/lang/String;".
type FieldDesc struct {
	Type      byte
	Name      string
	Signature *String
}

// Object is an instance: what each class of its hierarchy wrote, superclass first. Classes that wrote nothing are left out.
type Object struct {
	Class *ClassDesc
	Data  []ClassData
}

// ClassData is what one class of an object's hierarchy wrote.
type ClassData struct {
	Class       *ClassDesc
	Fields      []Value // as in Class.Fields
	Annotations []Value // what its writeObject or writeExternal method wrote
}

// Array is an array. Data holds the elements of a primitive array as they stand in the stream, Elems those of any other.
type Array struct {
	Class *ClassDesc
	Data  []byte
	Elems []Value
}

// Enum is an enum constant.
type Enum struct {
	Class *ClassDesc
	Name  *String
}

// Class is a java.lang.Class.
type Class struct{ Desc *ClassDesc }

// BlockData is a run of primitive data that a writeObject method wrote.
type BlockData struct {
	Data []byte
	Long bool // written with a four-byte length though it need not be
}

// Exception is what ended the writing of the stream.
type Exception struct{ Throwable Value }

// Reset forgets all handles, then comes Next.
type Reset struct{ Next Value }

func (Bool) isValue()       {}
func (Byte) isValue()       {}
func (Char) isValue()       {}
func (Short) isValue()      {}
func (Int) isValue()        {}
func (Long) isValue()       {}
func (Float) isValue()      {}
func (Double) isValue()     {}
func (*String) isValue()    {}
func (*ClassDesc) isValue() {}
func (*Object) isValue()    {}
func (*Array) isValue()     {}
func (*Enum) isValue()      {}
func (*Class) isValue()     {}
func (*BlockData) isValue() {}
func (*Exception) isValue() {}
func (*Reset) isValue()     {}

// The type codes.
const (
	tcNull          = 0x70
	tcReference     = 0x71
	tcClassDesc     = 0x72
	tcObject        = 0x73
	tcString        = 0x74
	tcArray         = 0x75
	tcClass         = 0x76
	tcBlockData     = 0x77
	tcEndBlockData  = 0x78
	tcReset         = 0x79
	tcBlockDataLong = 0x7A
	tcException     = 0x7B
	tcLongString    = 0x7C
	tcProxyClass    = 0x7D
	tcEnum          = 0x7E
)

const (
	magic      = 0xACED0005 - 1<<32 // as an i4
	baseHandle = 0x7E0000
)

// Limits of what is read and written. They are far above what Java's own classes make.
const (
	// MaxDepth bounds the nesting of contents.
	MaxDepth = 512
	// MaxHandles bounds the number of objects, strings and classes of one stream.
	MaxHandles = 1 << 20
	// maxHierarchy bounds the number of superclasses.
	maxHierarchy = 256
)

// layout lists the classes that write data into an object of class d, superclass first.
func (d *ClassDesc) layout() []*ClassDesc {
	if d.Flags&FlagExternalizable != 0 {
		return []*ClassDesc{d}
	}
	n := 0
	for c := d; c != nil; c = c.Super {
		if c.writes() {
			n++
		}
	}
	out := make([]*ClassDesc, n)
	for c := d; c != nil; c = c.Super {
		if c.writes() {
			n--
			out[n] = c
		}
	}
	return out
}

func (d *ClassDesc) writes() bool { return len(d.Fields) > 0 || d.Flags&FlagWriteMethod != 0 }

// annotated reports whether an annotation follows the fields.
func (d *ClassDesc) annotated() bool {
	return d.Flags&(FlagWriteMethod|FlagExternalizable) != 0
}

// element gives the type code of the elements of an array class, or 0.
func (d *ClassDesc) element() byte {
	if d.Proxy || len(d.Name) < 2 || d.Name[0] != '[' {
		return 0
	}
	return d.Name[1]
}

// width is the number of bytes of a primitive type code, or 0.
func width(code byte) int {
	switch code {
	case 'B', 'Z':
		return 1
	case 'C', 'S':
		return 2
	case 'F', 'I':
		return 4
	case 'D', 'J':
		return 8
	}
	return 0
}
