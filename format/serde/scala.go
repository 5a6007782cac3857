package serde

import (
	"strings"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Serializers of Flink's Scala API (org.apache.flink.api.scala.typeutils), up to Flink 1.20.
//
//	ScalaCaseClassSerializer  outer version 2: utf class                      the fields, one after the other
//	OptionSerializer          nested: element                                 u1 1 some, 0 none
//	EitherSerializer          nested: left, right                             u1 1 left, 0 right
//	TrySerializer             nested: element, Throwable (Kryo)               u1 1 success, 0 failure
//	TraversableSerializer     outer version 2: utf Scala text that builds it  i4 n, n × { bool isPresent, [element] }
//	UnitSerializer                                                            one byte 00
//	EnumValueSerializer       version 2: utf class, i4 n, n × { utf, i4 id }  i4 id
//
// The names of a case class's fields are not stored.

const scalaAPI = "org.apache.flink.api.scala.typeutils."

func scalaFamilies() []Family {
	return []Family{
		{
			Classes: []string{scalaAPI + "ScalaCaseClassSerializerSnapshot", scalaAPI + "Tuple2CaseClassSerializerSnapshot"},
			Read:    composite(2, outerClass), Compile: compileCaseClass,
		},
		{Classes: []string{scalaAPI + "ScalaOptionSerializerSnapshot"}, Read: composite(2, noOuter), Compile: compileOption},
		{
			Classes: []string{scalaAPI + "ScalaEitherSerializerSnapshot"}, Read: composite(2, noOuter),
			Compile: compileScalaPair("left", "right"),
		},
		{
			Classes: []string{scalaAPI + "ScalaTrySerializerSnapshot"}, Read: composite(2, noOuter),
			Compile: compileScalaPair("success", "failure"),
		},
		{Classes: []string{scalaAPI + "TraversableSerializerSnapshot"}, Read: composite(2, outerCanBuildFrom), Compile: compileTraversable},
		{Classes: []string{scalaAPI + "UnitSerializer$UnitSerializerSnapshot", scalaAPI + "UnitSerializerSnapshot"}, Read: readSimple, Compile: compileUnit},
		{Classes: []string{scalaAPI + "ScalaEnumSerializerSnapshot"}, Read: readScalaEnum, Compile: compileScalaEnum},
		{Classes: []string{scalaAPI + "NothingSerializerSnapshot"}, Read: readSimple, Compile: compileNothing},
	}
}

func outerCanBuildFrom(r *binio.Reader, _ int32) { r.Field("text of the CanBuildFrom").UTF() }

// scalaHash hashes one value as Scala's ## does: numbers that are equal hash alike, whatever their types.
func scalaHash(c Codec, r *binio.Reader) (int32, bool) {
	_, number := bare(c).(*scalar)
	switch c.Type().Kind {
	case KindInt64:
		if number {
			return keygroup.ScalaLong(r.I64()), true
		}
	case KindFloat32, KindFloat64:
		return scalaFloat(c, r)
	}
	return c.Hash(r)
}

// scalaFloat is Float.## and Double.##. Numbers beyond the whole ones that both can hold are left undefined.
func scalaFloat(c Codec, r *binio.Reader) (int32, bool) {
	if _, number := bare(c).(*scalar); !number {
		return 0, false
	}
	if c.Type().Kind == KindFloat32 {
		f := r.F32()
		if i := int32(f); f > -1<<31 && f < 1<<31 && float32(i) == f {
			return i, true
		}
		return 0, false
	}
	f := r.F64()
	if i := int32(f); f > -1<<31 && f < 1<<31 && float64(i) == f {
		return i, true
	}
	return 0, false
}

// scalaProduct is a case class or tuple. Only tuples are sure to have the hash that Scala gives to case classes: a class may have one of its own.
type scalaProduct struct{ *product }

func compileCaseClass(s *Snapshot, nested []Codec) (Codec, error) {
	t := newType(s, KindStruct, tupleLength(nested))
	t.Class = outerReader(s).UTF()
	names := fieldNames(len(nested))
	if !strings.HasPrefix(t.Class, "scala.Tuple") {
		return newProduct(t, names, nested), nil
	}
	t.Kind = KindTuple
	return scalaProduct{newProduct(t, names, nested)}, nil
}

func (c scalaProduct) Hash(r *binio.Reader) (int32, bool) {
	h := keygroup.ScalaProduct
	for _, p := range c.parts {
		e, ok := scalaHash(p, r)
		if !ok || r.Err() != nil {
			return 0, false
		}
		h = keygroup.ScalaMix(h, e)
	}
	return keygroup.ScalaFinish(h, len(c.parts)), true
}

// scalaUnion is an Either or Try. Its members are case classes of one field.
type scalaUnion struct{ *unionCodec }

func compileScalaPair(first, second string) func(s *Snapshot, nested []Codec) (Codec, error) {
	return func(s *Snapshot, nested []Codec) (Codec, error) {
		if err := arity(s, nested, 2); err != nil {
			return nil, err
		}
		return scalaUnion{newUnion(newType(s, KindUnion, variable), []byte{1, 0}, []string{first, second}, nested)}, nil
	}
}

func (c scalaUnion) Hash(r *binio.Reader) (int32, bool) {
	i := c.tag(r)
	if i < 0 {
		return 0, false
	}
	return scalaOne(c.parts[i], r)
}

// scalaOne is the hash of a case class of one field.
func scalaOne(c Codec, r *binio.Reader) (int32, bool) {
	e, ok := scalaHash(c, r)
	return keygroup.ScalaFinish(keygroup.ScalaMix(keygroup.ScalaProduct, e), 1), ok
}

// optionCodec is an Option: none is null, some is a union of one.
type optionCodec struct {
	*unionCodec
}

func compileOption(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	t := newType(s, KindUnion, variable)
	t.Nullable = true
	return optionCodec{newUnion(t, []byte{1}, []string{"some"}, nested)}, nil
}

func none(r *binio.Reader) bool {
	if b := r.Rest(); len(b) > 0 && b[0] == 0 && r.Err() == nil {
		r.Skip(1)
		return true
	}
	return false
}

func (c optionCodec) nullAt(b []byte) int {
	if len(b) > 0 && b[0] == 0 {
		return 1
	}
	return 0
}

func (c optionCodec) Skip(r *binio.Reader) {
	if !none(r) {
		c.unionCodec.Skip(r)
	}
}

func (c optionCodec) Walk(r *binio.Reader, s Sink) {
	if none(r) {
		s.Null()
	} else {
		c.unionCodec.Walk(r, s)
	}
}

func (c optionCodec) Append(dst []byte, v Value) ([]byte, error) {
	if _, null := v.(Null); null {
		return append(dst, 0), nil
	}
	return c.unionCodec.Append(dst, v)
}

func (c optionCodec) Hash(r *binio.Reader) (int32, bool) {
	if none(r) {
		return keygroup.ASCII([]byte("None")), true
	}
	if c.tag(r) < 0 {
		return 0, false
	}
	return scalaOne(c.parts[0], r)
}

func compileTraversable(s *Snapshot, nested []Codec) (Codec, error) {
	if err := arity(s, nested, 1); err != nil {
		return nil, err
	}
	t := newType(s, KindList, variable)
	t.Class = builtClass(outerReader(s).UTF())
	t.Args, t.Opaque = []*Type{nested[0].Type()}, nested[0].Type().Opaque
	return newFlaggedList(t, nested[0], true), nil
}

// builtClass finds the collection in the text of a CanBuildFrom: its last type argument.
func builtClass(text string) string {
	depth, end := 0, strings.LastIndex(text, "]")
	for i := end - 1; i >= 0; i-- {
		switch text[i] {
		case ']':
			depth++
		case '[':
			depth--
		case ',':
			if depth == 0 {
				class, _, _ := strings.Cut(strings.TrimSpace(text[i+1:end]), "[")
				return class
			}
		}
	}
	return ""
}

func compileUnit(s *Snapshot, _ []Codec) (Codec, error) {
	t := newType(s, KindStruct, 1)
	t.Class = "scala.Unit"
	return &unitCodec{t: t}, nil
}

// scalaEnumBody is the body of an Enumeration's snapshot.
type scalaEnumBody struct {
	class string
	names []string
	ids   []int32
}

func readScalaEnum(_ *Context, r *binio.Reader, s *Snapshot) Body {
	if s.Version != 2 && s.Version != 3 { // 3 since Flink 1.8, the same layout
		unknownVersion(r, s)
		return nil
	}
	b := &scalaEnumBody{class: r.Field("class").UTF()}
	n := r.Field("number of values").Count(6)
	for i := 0; i < n && r.Err() == nil; i++ {
		b.names = append(b.names, r.Field("value").UTF())
		b.ids = append(b.ids, r.Field("id").I32())
	}
	return b
}

// AppendBody writes class and values.
func (b *scalaEnumBody) AppendBody(dst []byte, _ int32) ([]byte, error) {
	dst, err := appendName(dst, b.class)
	dst = binio.AppendI32(dst, int32(len(b.names)))
	for i, name := range b.names {
		if err != nil {
			break
		}
		dst, err = appendName(dst, name)
		dst = binio.AppendI32(dst, b.ids[i])
	}
	return dst, err
}

// scalaEnum is a value of an Enumeration, by its id.
type scalaEnum struct {
	t     *Type
	ids   []int32
	index map[int32]int
}

func compileScalaEnum(s *Snapshot, _ []Codec) (Codec, error) {
	b := s.Body.(*scalaEnumBody)
	t := newType(s, KindEnum, 4)
	t.Class, t.Symbols = strings.TrimSuffix(b.class, "$"), b.names
	c := &scalaEnum{t, b.ids, map[int32]int{}}
	for i, id := range b.ids {
		if _, twice := c.index[id]; twice {
			return nil, fault.New(fault.ErrCorrupt, "two values of %s with the id %d", t.Class, id)
		}
		c.index[id] = i
	}
	return c, nil
}

func (c *scalaEnum) Type() *Type          { return c.t }
func (c *scalaEnum) diskSize() int        { return 4 }
func (c *scalaEnum) Skip(r *binio.Reader) { r.Skip(4) }

func (c *scalaEnum) Walk(r *binio.Reader, s Sink) {
	id := r.I32()
	i, ok := c.index[id]
	switch {
	case r.Err() != nil:
	case !ok:
		r.Corrupt("no value of %s has the id %d", c.t.Class, id)
	default:
		s.Enum(Enum{Index: int32(i), Name: c.t.Symbols[i]})
	}
}

func (c *scalaEnum) Append(dst []byte, v Value) ([]byte, error) {
	e, ok := v.(Enum)
	if !ok {
		return dst, mismatch(c.t, v)
	}
	if i := int(e.Index); i >= 0 && i < len(c.ids) && (e.Name == "" || e.Name == c.t.Symbols[i]) {
		return binio.AppendI32(dst, c.ids[i]), nil
	}
	for i, name := range c.t.Symbols {
		if name == e.Name {
			return binio.AppendI32(dst, c.ids[i]), nil
		}
	}
	return dst, fault.New(fault.ErrUsage, "the value %q", e.Name).WithExpected("one of %q", c.t.Symbols)
}

// Hash is Enumeration.Val.hashCode: the id.
func (c *scalaEnum) Hash(r *binio.Reader) (int32, bool) { return r.I32(), true }

// nothing is the serializer of Nothing, of which there is no value.
type nothing struct{ t *Type }

func compileNothing(s *Snapshot, _ []Codec) (Codec, error) {
	return nothing{newType(s, KindNull, variable)}, nil
}

func (c nothing) fail(r *binio.Reader) {
	r.Corrupt("a value of scala.Nothing")
}

func (c nothing) Type() *Type                                { return c.t }
func (c nothing) Skip(r *binio.Reader)                       { c.fail(r) }
func (c nothing) Walk(r *binio.Reader, _ Sink)               { c.fail(r) }
func (c nothing) Hash(*binio.Reader) (int32, bool)           { return 0, false }
func (c nothing) Append(dst []byte, v Value) ([]byte, error) { return dst, mismatch(c.t, v) }
