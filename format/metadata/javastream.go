package metadata

import (
	"github.com/tarn-project/tarn/format/binio"
)

// The part of Java's serialization stream protocol (java.io.ObjectStreamConstants) that plain objects, enums and strings need.
// Nothing is instantiated: an object is its class name and its fields by name.
const (
	javaMagic        = 0xACED
	javaVersion      = 5
	javaNull         = 0x70
	javaReference    = 0x71
	javaClassDesc    = 0x72
	javaObjectTag    = 0x73
	javaStringTag    = 0x74
	javaEndBlock     = 0x78
	javaEnumTag      = 0x7E
	javaFirstHandle  = 0x7E0000
	javaSerializable = 0x02 // class flags: serializable, written by the default mechanism
	javaEnumFlag     = 0x10
)

type javaClass struct {
	name   string
	flags  byte
	fields []javaField
	super  *javaClass
}

type javaField struct {
	kind byte // Java's type letter
	name string
}

type javaObject struct {
	class  *javaClass
	fields map[string]any // int64, bool, string, *javaObject, *javaEnum or nil
}

type javaEnum struct {
	class *javaClass
	name  string
}

// javaReader walks a stream. other is set at the first thing that it has no rule for; what was read until then is right, and
// where the stream ends is unknown.
type javaReader struct {
	r       *binio.Reader
	handles []any
	other   bool
}

// read walks one stream of one object.
func (j *javaReader) read() any {
	if j.r.Field("stream magic").U16() != javaMagic || j.r.Field("stream version").U16() != javaVersion {
		j.other = true
		return nil
	}
	return j.content()
}

func (j *javaReader) stop() bool { return j.other || j.r.Err() != nil }

func (j *javaReader) register(v any) int {
	j.handles = append(j.handles, v)
	return len(j.handles) - 1
}

func (j *javaReader) content() any {
	if !j.r.Enter() {
		return nil
	}
	defer j.r.Leave()
	switch tag := j.r.Field("tag").U8(); tag {
	case javaNull:
		return nil
	case javaReference:
		return j.reference()
	case javaClassDesc:
		return j.classDesc()
	case javaObjectTag:
		return j.object()
	case javaStringTag:
		s := j.r.Field("string").UTF()
		j.register(s)
		return s
	case javaEnumTag:
		return j.enum()
	}
	j.other = true
	return nil
}

func (j *javaReader) reference() any {
	i := int64(j.r.Field("reference").I32()) - javaFirstHandle
	if i < 0 || i >= int64(len(j.handles)) {
		j.other = true
		return nil
	}
	return j.handles[i]
}

// class reads a class descriptor, a reference to one, or null.
func (j *javaReader) class() *javaClass {
	v := j.content()
	c, ok := v.(*javaClass)
	if !ok && v != nil {
		j.other = true
	}
	return c
}

func (j *javaReader) classDesc() any {
	r := j.r
	c := &javaClass{name: r.Field("class name").UTF()}
	r.Field("serialVersionUID").Skip(8)
	j.register(c)
	c.flags = r.Field("class flags").U8()
	n := int(r.Field("number of fields").U16())
	for i := 0; i < n && !j.stop(); i++ {
		f := javaField{kind: r.Field("field type").U8(), name: r.Field("field name").UTF()}
		if f.kind == 'L' || f.kind == '[' {
			j.content() // the type's name
		}
		c.fields = append(c.fields, f)
	}
	if j.stop() {
		return c
	}
	if r.Field("end of annotations").U8() != javaEndBlock {
		j.other = true
		return c
	}
	c.super = j.class()
	return c
}

func (j *javaReader) object() any {
	c := j.class()
	if j.stop() || c == nil {
		j.other = true
		return nil
	}
	o := &javaObject{class: c, fields: map[string]any{}}
	j.register(o)
	var chain []*javaClass
	for ; c != nil && len(chain) < binio.MaxDepth; c = c.super {
		chain = append(chain, c)
	}
	for i := len(chain) - 1; i >= 0 && !j.stop(); i-- {
		j.values(o, chain[i])
	}
	return o
}

// values reads the fields that one class of an object declares.
func (j *javaReader) values(o *javaObject, c *javaClass) {
	if c.flags != javaSerializable {
		j.other = true
		return
	}
	for _, f := range c.fields {
		if j.stop() {
			return
		}
		o.fields[f.name] = j.value(f)
	}
}

func (j *javaReader) value(f javaField) any {
	r := j.r
	label := "value"
	if r.Tracing() {
		label = "value of " + f.name
	}
	switch f.kind {
	case 'Z':
		return r.Field(label).U8() != 0
	case 'B':
		return int64(int8(r.Field(label).U8()))
	case 'S':
		return int64(r.Field(label).I16())
	case 'I':
		return int64(r.Field(label).I32())
	case 'J':
		return r.Field(label).I64()
	case 'L':
		r.Section(label)
		defer r.EndSection()
		return j.content()
	}
	j.other = true
	return nil
}

func (j *javaReader) enum() any {
	c := j.class()
	if j.stop() || c == nil || c.flags&javaEnumFlag == 0 {
		j.other = true
		return nil
	}
	e := &javaEnum{class: c}
	j.register(e)
	name, ok := j.content().(string)
	if !ok {
		j.other = true
	}
	e.name = name
	return e
}
