package javaser

import (
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Append writes v as a stream of one content. A pointer that occurs again becomes a reference. The error is of kind fault.ErrUsage when
// v is not a stream that Java could have written, for instance an object whose data does not follow its class.
func Append(dst []byte, v Value) ([]byte, error) {
	w := writer{out: binio.AppendI32(dst, magic), handles: map[Value]int32{}}
	w.content(v)
	if w.err != nil {
		return dst, w.err
	}
	return w.out, nil
}

// maxWriteDepth lets through all that the parser lets through, which counts some levels once that the writer counts twice.
const maxWriteDepth = 2 * MaxDepth

type writer struct {
	out     []byte
	handles map[Value]int32
	depth   int
	err     error
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fault.New(fault.ErrUsage, format, args...)
	}
}

func (w *writer) u8(b byte)   { w.out = append(w.out, b) }
func (w *writer) i32(v int)   { w.out = binio.AppendI32(w.out, int32(v)) }
func (w *writer) i64(v int64) { w.out = binio.AppendI64(w.out, v) }

func (w *writer) utf(s string) {
	out, ok := binio.AppendUTF(w.out, s)
	if !ok {
		w.fail("a name of %d bytes", len(s))
	}
	w.out = out
}

func (w *writer) assign(v Value) { w.handles[v] = int32(baseHandle + len(w.handles)) }

// known writes a reference if v was written before.
func (w *writer) known(v Value) bool {
	h, ok := w.handles[v]
	if ok {
		w.u8(tcReference)
		w.i32(int(h))
	}
	return ok
}

func (w *writer) content(v Value) {
	if w.depth >= maxWriteDepth {
		w.fail("nested deeper than %d levels", MaxDepth)
	}
	if w.err != nil {
		return
	}
	w.depth++
	defer func() { w.depth-- }()
	if v == nil {
		w.u8(tcNull)
		return
	}
	switch v := v.(type) {
	case *BlockData:
		w.block(v)
		return
	case *Reset:
		w.u8(tcReset)
		clear(w.handles)
		w.content(v.Next)
		return
	case *Exception:
		w.u8(tcException)
		clear(w.handles)
		w.content(v.Throwable)
		clear(w.handles)
		return
	case *ClassDesc:
		w.classDesc(v)
		return
	}
	if !w.known(v) {
		w.object(v)
	}
}

func (w *writer) object(v Value) {
	switch v := v.(type) {
	case *String:
		w.str(v)
	case *Object:
		w.u8(tcObject)
		w.needClass(v.Class)
		w.assign(v)
		w.data(v)
	case *Array:
		w.array(v)
	case *Enum:
		w.u8(tcEnum)
		w.needClass(v.Class)
		w.assign(v)
		if v.Name == nil {
			w.fail("an enum constant without a name")
			return
		}
		w.content(v.Name)
	case *Class:
		w.u8(tcClass)
		w.classDesc(v.Desc)
		w.assign(v)
	default:
		w.fail("%T where an object belongs", v)
	}
}

func (w *writer) block(v *BlockData) {
	if n := len(v.Data); n > math.MaxUint8 || v.Long {
		w.u8(tcBlockDataLong)
		w.i32(n)
	} else {
		w.u8(tcBlockData)
		w.u8(byte(n))
	}
	w.out = append(w.out, v.Data...)
}

func (w *writer) str(s *String) {
	w.assign(s)
	at := len(w.out)
	if !s.Long {
		if out, ok := binio.AppendUTF(append(w.out, tcString), s.Text); ok {
			w.out = out
			return
		}
	}
	w.out = append(w.out[:at], tcLongString)
	w.i64(0)
	w.out = binio.AppendModifiedUTF8(w.out, s.Text)
	binio.AppendI64(w.out[:at+1], int64(len(w.out)-at-9))
}

func (w *writer) needClass(d *ClassDesc) {
	if d == nil {
		w.fail("an object without a class")
		return
	}
	w.classDesc(d)
}

func (w *writer) classDesc(d *ClassDesc) {
	if d == nil {
		w.u8(tcNull)
		return
	}
	if w.err != nil || w.known(d) {
		return
	}
	if w.depth++; w.depth > maxWriteDepth {
		w.fail("nested deeper than %d levels", MaxDepth)
		return
	}
	defer func() { w.depth-- }()
	if d.Proxy {
		w.u8(tcProxyClass)
		w.assign(d)
		w.i32(len(d.Interfaces))
		for _, i := range d.Interfaces {
			w.utf(i)
		}
	} else {
		w.u8(tcClassDesc)
		w.utf(d.Name)
		w.i64(d.UID)
		w.assign(d)
		w.u8(d.Flags)
		w.fieldDescs(d.Fields)
	}
	w.annotation(d.Annotations)
	w.classDesc(d.Super)
}

func (w *writer) fieldDescs(fields []FieldDesc) {
	if len(fields) > math.MaxUint16 {
		w.fail("a class with %d fields", len(fields))
		return
	}
	w.out = binio.AppendI16(w.out, int16(len(fields)))
	for _, f := range fields {
		w.u8(f.Type)
		w.utf(f.Name)
		if width(f.Type) > 0 {
			continue
		}
		if f.Signature == nil {
			w.fail("field %s without the signature of its type", f.Name)
			return
		}
		w.content(f.Signature)
	}
}

func (w *writer) annotation(vs []Value) {
	for _, v := range vs {
		w.content(v)
	}
	w.u8(tcEndBlockData)
}

func (w *writer) data(o *Object) {
	if w.err != nil {
		return
	}
	classes := o.Class.layout()
	if len(classes) != len(o.Data) {
		w.fail("an object of %s with the data of %d classes", o.Class.Name, len(o.Data))
		return
	}
	for i, c := range classes {
		w.fields(c, o.Data[i].Fields)
		if c.annotated() {
			w.annotation(o.Data[i].Annotations)
		}
	}
}

func (w *writer) fields(c *ClassDesc, vs []Value) {
	if c.Flags&FlagExternalizable != 0 {
		return
	}
	if len(vs) != len(c.Fields) {
		w.fail("%d fields of class %s, which has %d", len(vs), c.Name, len(c.Fields))
		return
	}
	for i, f := range c.Fields {
		if width(f.Type) == 0 {
			w.content(vs[i])
		} else if !w.primitive(f.Type, vs[i]) {
			w.fail("a %T in field %s of class %s, which is of type %c", vs[i], f.Name, c.Name, f.Type)
		}
	}
}

func (w *writer) primitive(code byte, v Value) bool {
	var got byte
	switch v := v.(type) {
	case Byte:
		got = 'B'
		w.u8(byte(v))
	case Bool:
		got = 'Z'
		w.out = binio.AppendBool(w.out, bool(v))
	case Char:
		got = 'C'
		w.out = binio.AppendI16(w.out, int16(v))
	case Short:
		got = 'S'
		w.out = binio.AppendI16(w.out, int16(v))
	case Int:
		got = 'I'
		w.i32(int(v))
	case Long:
		got = 'J'
		w.i64(int64(v))
	case Float:
		got = 'F'
		w.out = binio.AppendF32(w.out, float32(v))
	case Double:
		got = 'D'
		w.out = binio.AppendF64(w.out, float64(v))
	}
	return got == code
}

func (w *writer) array(a *Array) {
	w.u8(tcArray)
	w.needClass(a.Class)
	w.assign(a)
	if w.err != nil {
		return
	}
	if size := width(a.Class.element()); size > 0 {
		w.i32(len(a.Data) / size)
		w.out = append(w.out, a.Data[:len(a.Data)/size*size]...)
		return
	}
	w.i32(len(a.Elems))
	for _, e := range a.Elems {
		w.content(e)
	}
}
