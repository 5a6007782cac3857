package serde

import "github.com/tarn-project/tarn/format/keygroup"

// Bodies of collections, maps and arrays.
//
//	Kryo 2.24  collection  varint n, n objects with class; a field whose type says that the elements are of one final class: n × ref, body
//	           map         varint n, n × key, value
//	           TreeSet, TreeMap have the comparator before that
//	Kryo 5     collection  varint n + 1 with a flag in bit 7, [comparator], elements. With the flag set all elements have one class:
//	                       class (0: all are null), bool hasNulls, n × ref, body. Where the field's type says the class, the flag
//	                       means that there are nulls. Immutable collections (List.of) have no hasNulls
//	           map         varint n + 1, [comparator], n × key, value
//	both       array       varint n + 1, elements: primitives bare, final classes ref and body, else objects with class

var (
	kryoAnyType  = &Type{Kind: KindAny, Length: variable}
	kryoListType = &Type{Kind: KindList, Length: variable, Args: []*Type{kryoAnyType}}
	kryoSetType  = &Type{Kind: KindList, Length: variable, Args: []*Type{kryoAnyType}, Note: noteSet}
	kryoMapType  = &Type{Kind: KindMap, Length: variable}
)

func (k *kryo) beginList(t *Type, n int) {
	if k.s != nil {
		k.s.BeginList(t, n)
	}
}

func (k *kryo) endList() {
	if k.s != nil && !k.failed() {
		k.s.EndList()
	}
}

// elements reads n elements with each and hashes them as a list or set does.
func (k *kryo) elements(c *kryoClass, n int, each func() int32) int32 {
	t := c.t
	if t == nil {
		t = kryoListType
	}
	k.beginList(t, n)
	list, sum := int32(1), int32(0)
	for i := 0; i < n && !k.failed(); i++ {
		h := each()
		list, sum = keygroup.Fold(list, h), sum+h
	}
	k.endList()
	if t == kryoSetType {
		return sum
	}
	return list
}

// typed reads an element, key or value: with its class, unless arg says that it is always the same.
func (k *kryo) typed(arg *kryoArg) int32 {
	if arg == nil || !arg.final {
		return k.value(k.inner(arg))
	}
	k.expect = arg.name
	return k.object(k.c.resolve(arg.name, k.version), true, k.inner(arg))
}

// inner is what Kryo knows of the type arguments of elements: Kryo 2.24 looks no deeper than one level.
func (k *kryo) inner(arg *kryoArg) *kryoArg {
	if k.version == 0 {
		return nil
	}
	return arg
}

func kryoList(k *kryo, c *kryoClass, args *kryoArg) int32 {
	if k.version == 0 {
		return k.list2(c, args)
	}
	return k.list5(c, args, false, true)
}

// kryoQueue is a collection with no hashCode of its own.
func kryoQueue(k *kryo, c *kryoClass, args *kryoArg) int32 {
	k.unhashable = true
	return kryoList(k, c, args)
}

func (k *kryo) list2(c *kryoClass, args *kryoArg) int32 {
	n, _ := k.count(0, 1)
	if k.failed() {
		return 0
	}
	arg := args.at(0)
	return k.elements(c, n, func() int32 { return k.typed(arg) })
}

func kryoSorted(k *kryo, c *kryoClass, args *kryoArg) int32 {
	if k.version == 1 {
		return k.list5(c, args, true, true)
	}
	k.comparator()
	return k.list2(c, args)
}

func (k *kryo) comparator() {
	if !k.failed() {
		k.hidden(func() { k.value(nil) })
	}
}

func kryoPriorityQueue(k *kryo, c *kryoClass, args *kryoArg) int32 {
	k.unhashable = true
	if k.version == 1 {
		return k.list5(c, args, true, true)
	}
	k.comparator()
	return k.list2(c, nil)
}

func kryoImmutable(k *kryo, c *kryoClass, args *kryoArg) int32 {
	if k.version == 0 {
		return k.list2(c, args)
	}
	return k.list5(c, args, false, false)
}

func (k *kryo) list5(c *kryoClass, args *kryoArg, sorted, nullable bool) int32 {
	arg := args.at(0)
	known := arg != nil && arg.final
	var v uint32
	var flag bool
	if known && !nullable {
		v = k.r.VarInt()
	} else {
		v, flag = k.flagged()
	}
	if v == 0 {
		return k.nullUnlessFailed()
	}
	if sorted {
		k.comparator()
	}
	v--
	if v == 0 || k.failed() {
		return k.elements(c, 0, nil)
	}
	if known {
		n, _ := k.bounded(v, 0, 1)
		k.expect = arg.name
		return k.uniform(c, k.c.resolve(arg.name, k.version), n, flag, arg)
	}
	if flag {
		return k.sameClass(c, v, nullable, arg)
	}
	n, _ := k.bounded(v, 0, 1)
	return k.elements(c, n, func() int32 { return k.value(arg) })
}

// sameClass reads n elements of one class that is said once.
func (k *kryo) sameClass(c *kryoClass, n uint32, nullable bool, arg *kryoArg) int32 {
	class, null := k.class()
	if k.failed() {
		return 0
	}
	if null {
		return k.nulls(c, n)
	}
	nulls := nullable && k.r.Bool()
	m, _ := k.bounded(n, 0, 1)
	return k.uniform(c, class, m, nulls, arg)
}

func (k *kryo) uniform(c, class *kryoClass, n int, nulls bool, arg *kryoArg) int32 {
	if k.failed() {
		return 0
	}
	expect := k.expect
	k.expect = ""
	return k.elements(c, n, func() int32 {
		k.expect = expect
		return k.object(class, nulls, arg)
	})
}

// nulls is a list of nothing but nulls, which have no bytes.
func (k *kryo) nulls(c *kryoClass, n uint32) int32 {
	if k.credit -= int(n); k.credit < 0 {
		k.r.Corrupt("a list of %d nulls", n)
		return 0
	}
	return k.elements(c, int(n), k.null)
}

func kryoEmptyList(k *kryo, c *kryoClass, _ *kryoArg) int32 { return k.elements(c, 0, nil) }

func kryoSingle(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	return k.elements(c, 1, func() int32 { return k.value(nil) })
}

// kryoArraysAsList is chill's in Kryo 2.24: varint n, class of the elements, n objects with class.
func kryoArraysAsList(k *kryo, c *kryoClass, args *kryoArg) int32 {
	if k.version == 1 {
		return k.list5(c, args, false, true)
	}
	n, _ := k.count(0, 1)
	if _, null := k.class(); null && !k.failed() {
		k.r.Corrupt("a list without the class of its elements")
	}
	if k.failed() {
		return 0
	}
	return k.elements(c, n, func() int32 { return k.value(nil) })
}

// entries reads n entries.
func (k *kryo) entries(n int, key, value func() int32) int32 {
	if k.failed() {
		return 0
	}
	if k.s != nil {
		k.s.BeginMap(kryoMapType, n)
	}
	var h int32
	for i := 0; i < n && !k.failed(); i++ {
		a := key()
		if k.failed() {
			break
		}
		h += a ^ value()
	}
	if k.s != nil && !k.failed() {
		k.s.EndMap()
	}
	return h
}

func (k *kryo) typedEntries(n int, args *kryoArg) int32 {
	key, value := args.at(0), args.at(1)
	return k.entries(n, func() int32 { return k.typed(key) }, func() int32 { return k.typed(value) })
}

func kryoMap(k *kryo, _ *kryoClass, args *kryoArg) int32 {
	n, null := k.count(uint32(k.version), 2)
	if null && k.version == 1 {
		return k.nullUnlessFailed()
	}
	return k.typedEntries(n, args)
}

func kryoSortedMap(k *kryo, c *kryoClass, args *kryoArg) int32 {
	if k.version == 0 {
		k.comparator()
		return kryoMap(k, c, args)
	}
	n, null := k.count(1, 2)
	if null {
		return k.nullUnlessFailed()
	}
	k.comparator()
	return k.typedEntries(n, args)
}

// kryoEnumMap is a map whose keys are enums, so that their class needs no hint.
func kryoEnumMap(k *kryo, _ *kryoClass, args *kryoArg) int32 {
	k.unhashable = true
	n, null := k.count(uint32(k.version), 2)
	if null && k.version == 1 {
		return k.nullUnlessFailed()
	}
	value := args.at(1)
	return k.entries(n, k.enumKey, func() int32 { return k.typed(value) })
}

func (k *kryo) enumKey() int32 {
	c, null := k.class()
	if null || k.failed() {
		return k.nullUnlessFailed()
	}
	return k.object(kryoEnumClass(c.name, c.constants), false, nil)
}

func kryoEmptyMap(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.entries(0, nil, nil) }

func kryoSingleEntry(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	return k.entries(1, func() int32 { return k.value(nil) }, func() int32 { return k.value(nil) })
}

var kryoSomeType = &Type{Kind: KindUnion, Length: variable, Fields: []Field{{Name: "some", Type: kryoAnyType}}}

// kryoOptional is a value, or null if there is none. To Kryo 2.24 that is a field like any other, with a type that may be known.
func kryoOptional(k *kryo, _ *kryoClass, args *kryoArg) int32 {
	if rest := k.r.Rest(); len(rest) > 0 && rest[0] == 0 && !k.failed() {
		k.r.U8()
		return k.null()
	}
	arg := args.at(0)
	if k.version == 1 {
		arg = nil
	}
	return k.union(kryoSomeType, 0, func() int32 { return k.typed(arg) })
}

// kryoSome is Scala's.
func kryoSome(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	return k.union(kryoSomeType, 0, func() int32 { return k.value(nil) })
}

// union tells a value that is field i of a union.
func (k *kryo) union(t *Type, i int, read func() int32) int32 {
	if k.s != nil {
		k.s.BeginStruct(t, Form{})
		k.s.Field(i)
	}
	h := read()
	if k.s != nil && !k.failed() {
		k.s.EndStruct()
	}
	return h
}
