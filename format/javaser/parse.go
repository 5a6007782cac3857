package javaser

import (
	"math"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// Parse reads one stream of one content and stops right after it. Primitive arrays and block data alias the input. Trouble is left in the reader: fault.ErrCorrupt and ErrTruncated for
// what contradicts the format, ErrUnsupported for what is beyond the limits or cannot be delimited without the class (an
// externalizable class of protocol version 1).
func Parse(r *binio.Reader) Value {
	r.Field("Java serialization stream").Expect(magic)
	p := parser{r: r}
	v, end := p.content()
	if end && r.Err() == nil {
		r.Corrupt("an end of block data that began nowhere")
	}
	if r.Err() != nil {
		return nil
	}
	return v
}

// ParseBytes reads the one stream of one content that b holds.
func ParseBytes(b []byte) (Value, error) {
	r := binio.NewReader(b, 0)
	v := Parse(r)
	r.End()
	return v, r.Err()
}

type parser struct {
	r       *binio.Reader
	handles []Value
	depth   int
	resets  int // before the content being read
}

func (p *parser) assign(v Value) {
	if len(p.handles) >= MaxHandles {
		p.r.Unsupported("more than %d objects in one Java serialization stream", MaxHandles)
		return
	}
	p.handles = append(p.handles, v)
}

func (p *parser) enter() bool {
	if p.depth >= MaxDepth {
		p.r.Unsupported("a Java serialization stream nested deeper than %d levels", MaxDepth)
		return false
	}
	p.depth++
	return p.r.Err() == nil
}

// content reads one content. end is true when the end of block data stood here.
func (p *parser) content() (v Value, end bool) {
	if !p.enter() {
		return nil, false
	}
	defer func() { p.depth-- }()
	r := p.r
	switch code := r.U8(); code {
	case tcNull:
		return nil, false
	case tcReference:
		return p.reference(), false
	case tcClassDesc:
		return p.newClass(), false
	case tcProxyClass:
		return p.newProxy(), false
	case tcObject:
		return p.object(), false
	case tcString, tcLongString:
		return p.str(code), false
	case tcArray:
		return p.array(), false
	case tcClass:
		c := &Class{Desc: p.classDesc()}
		p.assign(c)
		return c, false
	case tcBlockData:
		return &BlockData{Data: r.Bytes(int(r.U8()))}, false
	case tcBlockDataLong:
		n := r.Length()
		return &BlockData{Data: r.Bytes(n), Long: n <= math.MaxUint8}, false
	case tcEnum:
		return p.enum(), false
	case tcEndBlockData:
		return nil, true
	case tcReset:
		return p.reset(), false
	case tcException:
		return p.exception(), false
	default:
		p.bad(code)
		return nil, false
	}
}

// value reads a content where block data cannot stand: a field, an element.
func (p *parser) value() Value {
	v, end := p.content()
	switch v.(type) {
	case *BlockData, *Reset, *Exception:
		end = true
	}
	if end && p.r.Err() == nil {
		p.r.Corrupt("no object")
	}
	return v
}

func (p *parser) bad(code byte) {
	if p.r.Err() == nil {
		p.r.Fail(fault.Corrupt(p.r.Offset()-1, "%#02x", code).WithExpected("a type code of the Java serialization stream"))
	}
}

func (p *parser) reference() Value {
	h := int64(p.r.I32()) - baseHandle
	if p.r.Err() != nil {
		return nil
	}
	if h < 0 || h >= int64(len(p.handles)) {
		p.r.Corrupt("handle %#x with %d objects before it", h+baseHandle, len(p.handles))
		return nil
	}
	return p.handles[h]
}

// classDesc reads a class desc, a reference to one, or null.
func (p *parser) classDesc() *ClassDesc {
	if !p.enter() {
		return nil
	}
	defer func() { p.depth-- }()
	switch code := p.r.U8(); code {
	case tcNull:
		return nil
	case tcClassDesc:
		return p.newClass()
	case tcProxyClass:
		return p.newProxy()
	case tcReference:
		d, ok := p.reference().(*ClassDesc)
		if p.r.Err() == nil && (!ok || !d.complete) {
			p.r.Corrupt("a reference that is no class")
		}
		return d
	default:
		p.bad(code)
	}
	return nil
}

// needClass reads a class desc that must be there.
func (p *parser) needClass() *ClassDesc {
	d := p.classDesc()
	if d == nil {
		p.r.Corrupt("no class")
		return &ClassDesc{}
	}
	return d
}

func (p *parser) newClass() *ClassDesc {
	r := p.r
	d := &ClassDesc{Name: r.UTF(), UID: r.I64()}
	p.assign(d)
	d.Flags = r.U8()
	n := int(r.U16())
	object := false
	for i := 0; i < n && r.Err() == nil; i++ {
		f := FieldDesc{Type: r.U8(), Name: r.UTF()}
		switch {
		case f.Type == 'L' || f.Type == '[':
			f.Signature, object = p.signature(), true
		case width(f.Type) == 0 || object: // Java refuses a primitive after an object
			r.Corrupt("field type %#02x", f.Type)
		}
		d.Fields = append(d.Fields, f)
	}
	p.finishClass(d)
	return d
}

// signature reads the type of a field: a string, or a reference to one.
func (p *parser) signature() *String {
	s, ok := p.value().(*String)
	if !ok {
		p.r.Corrupt("a field without the signature of its type")
	}
	return s
}

func (p *parser) newProxy() *ClassDesc {
	d := &ClassDesc{Proxy: true, Flags: FlagSerializable}
	p.assign(d)
	n := p.r.Count(2)
	for i := 0; i < n && p.r.Err() == nil; i++ {
		d.Interfaces = append(d.Interfaces, p.r.UTF())
	}
	p.finishClass(d)
	return d
}

func (p *parser) finishClass(d *ClassDesc) {
	d.Annotations = p.annotation()
	d.Super = p.classDesc()
	d.length = 1
	if d.Super != nil {
		d.length += d.Super.length
	}
	if d.length > maxHierarchy {
		p.r.Unsupported("a class with more than %d superclasses", maxHierarchy)
	}
	d.complete = p.r.Err() == nil
}

func (p *parser) annotation() []Value {
	var out []Value
	for p.r.Err() == nil {
		v, end := p.content()
		if end {
			break
		}
		switch v.(type) {
		case *Reset, *Exception:
			p.r.Corrupt("a reset inside an object")
		}
		out = append(out, v)
	}
	return out
}

func (p *parser) object() Value {
	o := &Object{Class: p.needClass()}
	if p.r.Err() != nil {
		return nil
	}
	if o.Class.Flags&FlagExternalizable != 0 && o.Class.Flags&FlagBlockData == 0 {
		p.r.Unsupported("an externalizable object of class %s in protocol version 1", o.Class.Name)
		return nil
	}
	p.assign(o)
	for _, c := range o.Class.layout() {
		data := ClassData{Class: c}
		if c.Flags&FlagExternalizable == 0 {
			data.Fields = p.fields(c)
		}
		if c.annotated() {
			data.Annotations = p.annotation()
		}
		if p.r.Err() != nil {
			return nil
		}
		o.Data = append(o.Data, data)
	}
	return o
}

func (p *parser) fields(c *ClassDesc) []Value {
	out := make([]Value, 0, min(len(c.Fields), 16))
	for i := range c.Fields {
		if p.r.Err() != nil {
			return nil
		}
		out = append(out, p.field(c.Fields[i].Type))
	}
	return out
}

func (p *parser) field(code byte) Value {
	r := p.r
	switch code {
	case 'B':
		return Byte(r.U8())
	case 'C':
		return Char(r.U16())
	case 'D':
		return Double(r.F64())
	case 'F':
		return Float(r.F32())
	case 'I':
		return Int(r.I32())
	case 'J':
		return Long(r.I64())
	case 'S':
		return Short(r.I16())
	case 'Z':
		return Bool(r.Bool())
	}
	return p.value()
}

func (p *parser) array() Value {
	r := p.r
	a := &Array{Class: p.needClass()}
	if r.Err() != nil {
		return nil
	}
	p.assign(a)
	code := a.Class.element()
	if w := width(code); w > 0 {
		n := r.Count(w)
		a.Data = r.Bytes(n * w)
		return a
	}
	if code != 'L' && code != '[' {
		r.Corrupt("an array of class %q", a.Class.Name)
		return nil
	}
	n := r.Count(1)
	for i := 0; i < n && r.Err() == nil; i++ {
		a.Elems = append(a.Elems, p.value())
	}
	return a
}

func (p *parser) str(code byte) *String {
	s := &String{}
	p.assign(s)
	if code == tcString {
		s.Text = p.r.UTF()
		return s
	}
	n := p.r.I64()
	if n < 0 || n > int64(p.r.Len()) {
		p.r.Skip(int(min(max(n, -1), math.MaxInt32))) // fails
		return s
	}
	s.Text = p.r.ModifiedUTF8(int(n))
	s.Long = n <= math.MaxUint16
	return s
}

func (p *parser) enum() Value {
	e := &Enum{Class: p.needClass()}
	p.assign(e)
	name, ok := p.value().(*String)
	if !ok {
		p.r.Corrupt("an enum constant without a name")
	}
	e.Name = name
	return e
}

// reset may stand only between the top-level contents.
func (p *parser) reset() Value {
	if p.depth-1 > p.resets {
		p.r.Corrupt("a reset inside an object")
		return nil
	}
	p.resets++
	p.handles = nil
	v, end := p.content()
	if end && p.r.Err() == nil {
		p.r.Corrupt("an end of block data that began nowhere")
	}
	return &Reset{Next: v}
}

func (p *parser) exception() Value {
	p.handles = nil
	e := &Exception{Throwable: p.value()}
	p.handles = nil
	if p.depth-1 > p.resets {
		p.r.Corrupt("the writing of the stream was ended by %s", describe(e.Throwable))
	}
	return e
}

func describe(v Value) string {
	if o, ok := v.(*Object); ok && o != nil {
		return o.Class.Name
	}
	return "an exception"
}
