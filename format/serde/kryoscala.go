package serde

import (
	"strconv"
	"strings"

	"github.com/tarn-project/tarn/format/keygroup"
)

// Bodies of tuples and of Scala's classes. Scala's are written by chill, in Flink 1.x alone:
//
//	collections, maps   varint n, n objects with class (those of maps are Tuple2)
//	sorted ones         varint n, ordering, n objects
//	BitSet              varint n, [varint greatest], varint first, varint distances
//	Some, Left, Right   the object
//	Tuple1 … Tuple22    the objects; those specialised for primitives have them fixed-width
//	Symbol              string
//	Unit, objects       nothing
//
// Flink's own tuples are written field by field, sorted by name: f0, f1, f10, f11, …, f2.

// tuples enters Flink's tuples.
func (m kryoTable) tuples() {
	for n := range 26 {
		name := "org.apache.flink.api.java.tuple.Tuple" + strconv.Itoa(n)
		c := &kryoClass{name: name}
		hint := &ClassHint{}
		for i := range n {
			hint.Params = append(hint.Params, "T"+strconv.Itoa(i))
			hint.Fields = append(hint.Fields, FieldHint{"f" + strconv.Itoa(i), "T" + strconv.Itoa(i)})
		}
		c.setFields(hint, nil)
		if n <= 10 {
			c.t.Kind, c.body = KindTuple, both(kryoTuple)
		}
		m[name] = c
	}
}

// kryoTuple is one of Flink's tuples whose fields stand in their order.
func kryoTuple(k *kryo, c *kryoClass, args *kryoArg) int32 {
	return k.tuple(c, func(i int) int32 { return k.field(&c.fields[i], args, true) })
}

func (k *kryo) tuple(c *kryoClass, read func(i int) int32) int32 {
	if k.s != nil {
		k.s.BeginStruct(c.t, Form{})
	}
	var h int32
	for i := range c.t.Fields {
		if k.s != nil {
			k.s.Field(i)
		}
		e := read(i)
		if k.failed() {
			return 0
		}
		if h = keygroup.Fold(h, e); i == 0 {
			h = e
		}
	}
	if k.s != nil {
		k.s.EndStruct()
	}
	return h
}

func (m kryoTable) scala() {
	const immutable, mutable = "scala.collection.immutable.", "scala.collection.mutable."
	seq := func(t *Type, names ...string) {
		for _, name := range names {
			m.add(name, kryoTraversable, nil).t = t
		}
	}
	seq(kryoListType, immutable+"$colon$colon", immutable+"Nil$", immutable+"Vector", immutable+"Queue", immutable+"Queue$EmptyQueue$",
		mutable+"ListBuffer", mutable+"ArrayBuffer", mutable+"Queue", mutable+"MutableList")
	seq(kryoSetType, immutable+"Set$Set1", immutable+"Set$Set2", immutable+"Set$Set3", immutable+"Set$Set4", immutable+"HashSet$HashTrieSet",
		immutable+"HashSet$HashSet1", immutable+"ListSet", immutable+"ListSet$Node", mutable+"HashSet", mutable+"BitSet", mutable+"LinkedHashSet")
	seq(kryoListType, immutable+"Map$Map1", immutable+"Map$Map2", immutable+"Map$Map3", immutable+"Map$Map4", immutable+"Map$EmptyMap$",
		immutable+"HashMap$HashTrieMap", immutable+"HashMap$HashMap1", immutable+"ListMap", immutable+"ListMap$Node", mutable+"HashMap",
		mutable+"LinkedHashMap", mutable+"ListMap")
	for name, t := range map[string]*Type{immutable + "TreeMap": kryoListType, immutable + "TreeSet": kryoSetType} {
		m.add(name, kryoSortedTraversable, nil).t = t
	}
	for _, name := range []string{immutable + "BitSet$BitSet1", immutable + "BitSet$BitSet2", immutable + "BitSet$BitSetN"} {
		m.add(name, kryoScalaBits, nil)
	}
	m.add("scala.Some", kryoSome, nil)
	m.add("scala.None$", kryoNone, nil)
	m.add("scala.util.Left", kryoEither, nil)
	m.add("scala.util.Right", kryoEither, nil)
	m.add("scala.Symbol", kryoText, nil)
	m.add("scala.runtime.BoxedUnit", kryoNone, nil)
	m.scalaTuples()
}

func (m kryoTable) scalaTuples() {
	for n := 1; n <= 22; n++ {
		name := "scala.Tuple" + strconv.Itoa(n)
		m.add(name, kryoScalaTuple, nil).t = scalaTupleType(name, n)
	}
	for _, name := range kryoScalaIDs {
		if _, codes, ok := strings.Cut(name, "$mc"); ok {
			codes = strings.TrimSuffix(codes, "$sp")
			c := m.add(name, kryoPrimitiveTuple, nil)
			c.t = scalaTupleType(name, len(codes))
			c.constants = strings.Split(codes, "")
		}
	}
}

func scalaTupleType(name string, n int) *Type {
	t := &Type{Kind: KindTuple, Class: name, Length: variable}
	for i := range n {
		t.Fields = append(t.Fields, Field{Name: "_" + strconv.Itoa(i+1), Type: kryoAnyType})
	}
	return t
}

func kryoScalaTuple(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	return k.tuple(c, func(int) int32 { return k.value(nil) })
}

// kryoPrimitiveTuple has its elements' type codes as constants.
func kryoPrimitiveTuple(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	return k.tuple(c, func(i int) int32 {
		switch c.constants[i] {
		case "J":
			return k.int(int64(k.fixed64()))
		case "I":
			return k.int(int64(int32(k.fixed32())))
		}
		return kryoDouble(k, nil, nil)
	})
}

func kryoTraversable(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	return k.list2(c, nil)
}

func kryoSortedTraversable(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	n, _ := k.count(0, 1)
	k.comparator()
	if k.failed() {
		return 0
	}
	return k.elements(c, n, func() int32 { return k.value(nil) })
}

func kryoScalaBits(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	n, _ := k.count(0, 1)
	if n > 0 {
		k.r.VarInt()
	}
	k.beginList(kryoBitsType, n)
	var at int64
	for i := 0; i < n && !k.failed(); i++ {
		at += int64(k.r.VarInt())
		k.int(at)
	}
	k.endList()
	return 0
}

// kryoNone is Unit, or None.
func kryoNone(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	return k.null()
}

var kryoEitherType = &Type{Kind: KindUnion, Length: variable, Fields: []Field{{Name: "left", Type: kryoAnyType}, {Name: "right", Type: kryoAnyType}}}

func kryoEither(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	i := 0
	if strings.HasSuffix(c.name, "Right") {
		i = 1
	}
	return k.union(kryoEitherType, i, func() int32 { return k.value(nil) })
}

// kryoSingleton is a Scala object, of which there is but one.
func kryoSingleton(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	if k.s != nil {
		k.s.BeginStruct(c.t, Form{Class: c.name})
		k.s.EndStruct()
	}
	return 0
}
