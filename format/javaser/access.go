package javaser

import (
	"encoding/binary"
	"math"
)

// Deref gives the content behind any resets.
func Deref(v Value) Value {
	for {
		r, ok := v.(*Reset)
		if !ok {
			return v
		}
		v = r.Next
	}
}

// AsObject gives v as an object, or nil.
func AsObject(v Value) *Object {
	o, _ := Deref(v).(*Object)
	return o
}

// ClassName gives the class of an object, array or enum constant, "java.lang.String" for strings and "" for everything else.
func ClassName(v Value) string {
	switch v := Deref(v).(type) {
	case *Object:
		if v != nil {
			return v.Class.Name
		}
	case *Array:
		return v.Class.Name
	case *Enum:
		return v.Class.Name
	case *String:
		return "java.lang.String"
	}
	return ""
}

// Is reports whether the object is of the class, or of a subclass.
func (o *Object) Is(class string) bool {
	if o == nil {
		return false
	}
	for c := o.Class; c != nil; c = c.Super {
		if c.Name == class {
			return true
		}
	}
	return false
}

// Field finds a field by its name; the lowest class of the hierarchy wins. ok is false when there is none.
func (o *Object) Field(name string) (v Value, ok bool) {
	if o == nil {
		return nil, false
	}
	for i := len(o.Data) - 1; i >= 0; i-- {
		d := &o.Data[i]
		for j := range d.Fields {
			if d.Class.Fields[j].Name == name {
				return d.Fields[j], true
			}
		}
	}
	return nil, false
}

// Get gives the content of a field, or nil.
func (o *Object) Get(name string) Value {
	v, _ := o.Field(name)
	return v
}

// Object gives a field that is an object, or nil.
func (o *Object) Object(name string) *Object { return AsObject(o.Get(name)) }

// Text gives a string field, or "".
func (o *Object) Text(name string) string {
	t, _ := Text(o.Get(name))
	return t
}

// Int gives a field that is a byte, char, short, int or long, bare or boxed, or 0.
func (o *Object) Int(name string) int64 {
	n, _ := Integer(o.Get(name))
	return n
}

// Bool gives a boolean field, bare or boxed, or false.
func (o *Object) Bool(name string) bool {
	switch v := Deref(o.Get(name)).(type) {
	case Bool:
		return bool(v)
	case *Object:
		return v.Class.Name == boxBoolean && v.Bool("value")
	}
	return false
}

// EnumName gives the name of a field that is an enum constant, or "".
func (o *Object) EnumName(name string) string {
	if e, ok := o.Get(name).(*Enum); ok {
		return e.Name.Text
	}
	return ""
}

// Text gives the text of a string.
func Text(v Value) (text string, ok bool) {
	s, ok := Deref(v).(*String)
	if !ok {
		return "", false
	}
	return s.Text, true
}

// Integer gives a whole number, bare or boxed.
func Integer(v Value) (n int64, ok bool) {
	switch v := Deref(v).(type) {
	case Byte:
		return int64(v), true
	case Short:
		return int64(v), true
	case Char:
		return int64(v), true
	case Int:
		return int64(v), true
	case Long:
		return int64(v), true
	case *Object:
		if boxedIntegers[v.Class.Name] {
			return Integer(v.Get("value"))
		}
	}
	return 0, false
}

const boxBoolean = "java.lang.Boolean"

var boxedIntegers = map[string]bool{
	"java.lang.Byte": true, "java.lang.Short": true, "java.lang.Integer": true, "java.lang.Long": true,
}

// Data is a cursor over what a writeObject method wrote: primitives from the block data, and objects. After the first shortage it gives
// zeros and nil, and Err reports true.
type Data struct {
	rest  []Value
	block []byte
	bad   bool
}

// Annotations gives a cursor over what the class wrote after its fields; ok is false when no such class is in the hierarchy.
func (o *Object) Annotations(class string) (d *Data, ok bool) {
	if o == nil {
		return nil, false
	}
	for i := range o.Data {
		if o.Data[i].Class.Name == class {
			return &Data{rest: o.Data[i].Annotations}, true
		}
	}
	return nil, false
}

// Err reports whether more was asked for than there is.
func (d *Data) Err() bool { return d.bad }

// Done reports whether all has been read.
func (d *Data) Done() bool { return d.bad || (len(d.block) == 0 && len(d.rest) == 0) }

// Bytes gives n bytes of block data.
func (d *Data) Bytes(n int) []byte {
	for len(d.block) < n && !d.bad {
		b, ok := d.next().(*BlockData)
		if !ok {
			d.bad = true
			break
		}
		if len(d.block) == 0 {
			d.block = b.Data
		} else {
			d.block = append(append([]byte{}, d.block...), b.Data...)
		}
	}
	if d.bad {
		return make([]byte, min(n, 8))
	}
	out := d.block[:n]
	d.block = d.block[n:]
	return out
}

// Byte gives a byte of block data.
func (d *Data) Byte() byte { return d.Bytes(1)[0] }

// Int gives an int of block data.
func (d *Data) Int() int32 { return int32(binary.BigEndian.Uint32(d.Bytes(4))) }

// Long gives a long of block data.
func (d *Data) Long() int64 { return int64(binary.BigEndian.Uint64(d.Bytes(8))) }

// Float gives a float of block data.
func (d *Data) Float() float32 { return math.Float32frombits(uint32(d.Int())) }

// Object gives the next object.
func (d *Data) Object() Value {
	if len(d.block) > 0 {
		d.bad = true
		return nil
	}
	v := d.next()
	if _, block := v.(*BlockData); block {
		d.bad = true
		return nil
	}
	return v
}

func (d *Data) next() Value {
	if len(d.rest) == 0 {
		d.bad = true
		return nil
	}
	v := d.rest[0]
	d.rest = d.rest[1:]
	return v
}

// objects gives all that is left, which must be n objects; n < 0 means any number.
func (d *Data) objects(n int) ([]Value, bool) {
	if d.bad || len(d.block) > 0 || (n >= 0 && len(d.rest) != n) {
		return nil, false
	}
	return d.rest, true
}
