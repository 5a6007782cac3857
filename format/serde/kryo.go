package serde

import (
	"bytes"
	"errors"
	"sync"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// KryoSerializer: what Flink uses for every class that it knows nothing of. A value is an object graph that says its own classes:
//
//	object  class, ref, body
//	class   varint 0 null; 1 by name: varint number of the name and, if it is the next number, Kryo string; k registered class k-2
//	ref     varint 1 an object follows and gets the next number; k object k-2 once more. Boxes have none, nor enums in Kryo 5
//	body    by class, see kryoclasses.go
//
// Where the class is known from elsewhere (a final field, an array of strings) it is left out, and ref or, for classes without one,
// a single byte says null (0) or not (1). Names and objects are numbered anew in every value. Nothing has a length, so a class
// without a rule ends the reading.

// kryoCodec reads the values of one KryoSerializer.
type kryoCodec struct {
	t      *Type
	writer KryoWriter
	ids    [2]map[uint32]*kryoClass // by version, see kryoVersions
	hints  *kryoHints
	rules  map[string]*kryoClass
	custom map[string]string // Kryo serializers that the job chose, by class
	top    string            // class of the type
	pool   sync.Pool         // of *kryo
}

func compileKryo(s *Snapshot, writer KryoWriter, hints *kryoHints) (Codec, error) {
	b, ok := s.Body.(*KryoSnapshot)
	if !ok {
		return newOpaque(s), nil
	}
	if b.Writer != KryoUnknown {
		writer = b.Writer
	}
	c := &kryoCodec{t: newType(s, KindAny, variable), writer: writer, hints: hints, rules: kryoBuiltins(), custom: b.customSerializers(), top: b.Class}
	c.t.Class, c.t.Nullable, c.t.Note = b.Class, true, "Kryo<"+SimpleName(b.Class)+">"
	if kind, ok := kryoKinds[b.Class]; ok {
		c.t.Kind = kind
	}
	for v := range c.ids {
		c.ids[v] = c.registeredIDs(b, v)
	}
	c.pool.New = func() any { return new(kryo) }
	return c, nil
}

// customSerializers gives the classes whose serializer is not Kryo's choice.
func (b *KryoSnapshot) customSerializers() map[string]string {
	out := map[string]string{}
	for _, list := range [][]KryoRegistration{b.DefaultClasses, b.DefaultInstances, b.Registrations} {
		for _, r := range list {
			if r.Serializer != "" {
				out[r.Class] = r.Serializer
			}
		}
	}
	return out
}

// firstKryoID is the number of the first registration of a snapshot. Those before are Kryo's and Flink's own.
const firstKryoID = 85

// registeredIDs numbers the registered classes. A class that Flink has registered itself keeps that number, and takes up no other,
// unless the job chose a serializer for it.
func (c *kryoCodec) registeredIDs(b *KryoSnapshot, version int) map[uint32]*kryoClass {
	ids, taken := map[uint32]*kryoClass{}, map[string]bool{}
	for id, name := range kryoBuiltinIDs(version) {
		ids[id] = c.resolve(name, version)
		taken[name], taken[boxOf[name]] = true, true
	}
	next := uint32(firstKryoID)
	for _, r := range b.Registrations {
		if taken[r.Class] && r.Serializer == "" {
			continue
		}
		taken[r.Class] = true
		ids[next] = c.resolve(r.Class, version)
		next++
	}
	return ids
}

func (c *kryoCodec) Type() *Type         { return c.t }
func (c *kryoCodec) nullAt(b []byte) int { return startsWith(b, "\x00") }

// version finds out which Kryo wrote the value that comes: where nothing says so, the one whose rules use up all bytes.
func (c *kryoCodec) version(r *binio.Reader) int {
	if c.writer != KryoUnknown {
		return int(c.writer - Kryo2)
	}
	var errs [2]error
	for v := range errs {
		try := binio.NewReader(r.Rest(), r.Offset())
		c.run(try, v, nil, false)
		if errs[v] = try.Err(); errs[v] == nil && try.Len() == 0 {
			return v
		}
	}
	if errs[1] == nil && errs[0] != nil && !errors.Is(errs[0], fault.ErrTruncated) {
		return 1
	}
	return 0
}

// run reads one value. A nil sink skips it.
func (c *kryoCodec) run(r *binio.Reader, version int, s Sink, hashing bool) (hash int32, ok bool) {
	k := c.pool.Get().(*kryo)
	defer c.pool.Put(k)
	k.reset(c, r, version, s, hashing)
	k.expect = c.top
	hash = k.value(nil)
	ok = hashing && !k.unhashable && r.Err() == nil
	k.s, k.r, k.top = nil, nil, nil
	return hash, ok
}

func (c *kryoCodec) Skip(r *binio.Reader) {
	if r.Err() == nil {
		c.run(r, c.version(r), nil, false)
	}
}

// Append writes what was read as it was read, and texts, numbers and booleans of classes that are registered.
func (c *kryoCodec) Append(dst []byte, v Value) ([]byte, error) {
	if b, ok := exactBytes(c.t, v); ok {
		return append(dst, b...), nil
	}
	if v != nil && v.kind() == KindNull {
		return append(dst, 0), nil
	}
	if out, ok := c.appendPlain(dst, v); ok {
		return out, nil
	}
	return dst, mismatch(c.t, v).(*fault.Error).WithHint("Kryo values are written as they were read")
}

func (c *kryoCodec) Walk(r *binio.Reader, s Sink) {
	if r.Err() != nil {
		return
	}
	start, version := r.Pos(), c.version(r)
	x, exact := s.(exactSink)
	if exact {
		x.BeginExact()
	}
	c.run(r, version, s, false)
	if exact && r.Err() == nil {
		x.EndExact(c, r.Since(start))
	}
}

// Hash is defined for the JDK's value classes and for lists, sets, maps and tuples of them.
func (c *kryoCodec) Hash(r *binio.Reader) (int32, bool) {
	if r.Err() != nil {
		return 0, false
	}
	return c.run(r, c.version(r), nil, true)
}

// kryo is the state of reading one value.
type kryo struct {
	c       *kryoCodec
	r       *binio.Reader // where is read: the value, or an object of it once more
	top     *binio.Reader // the value
	base    int           // where the value starts in top
	version int           // 0 Kryo 2.24, 1 Kryo 5
	s       Sink          // nil to skip
	names   []*kryoClass  // classes that were named
	objects []kryoObject
	nNames  int // of names and objects, how many there are at this place: fewer than known while an object is read once more
	nObj    int
	depth   int
	credit  int // bytes that may still be read once more

	hashing, unhashable bool

	expect   string // declared class of the object that comes, if there is one
	declared string // declared class of the object whose body is read
}

// kryoObject is an object that a reference may name.
type kryoObject struct {
	class  *kryoClass
	args   *kryoArg
	at     int // of its body, from base
	nNames int // at its body
	open   bool
}

// Bounds of what a value may make the reader do: nesting, and bytes of shared objects that are shown again, as a number and for each byte of
// the value.
const (
	kryoDepth  = 200
	kryoCredit = 64 << 10
	kryoRepeat = 16
	replayCost = 16
)

func (k *kryo) reset(c *kryoCodec, r *binio.Reader, version int, s Sink, hashing bool) {
	*k = kryo{
		c: c, r: r, top: r, base: r.Pos(), version: version, s: s, hashing: hashing,
		names: k.names[:0], objects: k.objects[:0], credit: kryoCredit + kryoRepeat*r.Len(),
	}
}

func (k *kryo) failed() bool { return k.r.Err() != nil }

// quiet reports whether nobody wants to know what is read.
func (k *kryo) quiet() bool { return k.s == nil && !k.hashing }

// value reads an object with its class.
func (k *kryo) value(args *kryoArg) int32 {
	c, null := k.class()
	switch {
	case k.failed():
		return 0
	case null:
		return k.null()
	}
	return k.object(c, false, args)
}

func (k *kryo) null() int32 {
	k.expect = ""
	if k.s != nil {
		k.s.Null()
	}
	return 0
}

// class reads a class.
func (k *kryo) class() (c *kryoClass, null bool) {
	switch v := k.r.VarInt(); {
	case k.failed() || v == 0:
		return nil, true
	case v == 1:
		return k.named(), false
	default:
		c, ok := k.c.ids[k.version][v-2]
		if !ok {
			k.r.Corrupt("class number %d, which is not registered", v-2)
		}
		return c, false
	}
}

func (k *kryo) named() *kryoClass {
	n := k.r.VarInt()
	switch {
	case k.failed():
	case int64(n) < int64(k.nNames):
		return k.names[n]
	case int64(n) > int64(k.nNames):
		k.r.Corrupt("class name number %d after %d names", n, k.nNames)
	default:
		name, null := k.text()
		if k.failed() {
			break
		}
		if null || !plausibleArray(string(name)) {
			k.r.Corrupt("class name %q", clip(string(name)))
			break
		}
		if k.nNames == len(k.names) {
			k.names = append(k.names, k.c.resolve(string(name), k.version))
		}
		k.nNames++
		return k.names[n]
	}
	return nil
}

// object reads ref and body of an object whose class is known.
func (k *kryo) object(c *kryoClass, mayBeNull bool, args *kryoArg) int32 {
	expect := k.expect
	k.expect = ""
	if c.noRef[k.version] {
		if mayBeNull {
			if v := k.r.VarInt(); k.failed() || v == 0 {
				return k.null()
			} else if v != 1 {
				k.r.Corrupt("byte %#02x before a value of %s", v, c.name)
				return 0
			}
		}
		k.declared = expect
		return k.body(c, args)
	}
	switch v := k.r.VarInt(); {
	case k.failed():
		return 0
	case v == 0 && mayBeNull:
		return k.null()
	case v == 0:
		k.r.Corrupt("a null value of %s", c.name)
		return 0
	case v > 1:
		return k.again(int64(v)-2, expect)
	}
	id := k.number(c, args)
	k.objects[id].open = true
	k.declared = expect
	h := k.body(c, args)
	k.objects[id].open = false
	return h
}

// number gives the object that starts here its number.
func (k *kryo) number(c *kryoClass, args *kryoArg) int {
	id := k.nObj
	if id == len(k.objects) {
		k.objects = append(k.objects, kryoObject{class: c, args: args, at: k.at(), nNames: k.nNames})
	}
	k.nObj++
	return id
}

// at is the position from the start of the value.
func (k *kryo) at() int {
	if k.r == k.top {
		return k.r.Pos() - k.base
	}
	return int(k.r.Offset()-k.top.Offset()) + k.top.Pos() - k.base
}

func (k *kryo) body(c *kryoClass, args *kryoArg) int32 {
	f := c.body[k.version]
	if f == nil {
		f = kryoUnknown
	}
	if k.depth >= kryoDepth {
		k.r.Corrupt("objects nested deeper than %d levels", kryoDepth)
		return 0
	}
	k.depth++
	h := f(k, c, args)
	k.depth--
	return h
}

// again shows an object once more. An object that is still being read, which holds itself, becomes a reference; so does one for which there is
// no credit left.
func (k *kryo) again(id int64, expect string) (hash int32) {
	if id >= int64(k.nObj) {
		k.r.Corrupt("a reference to object %d of %d", id, k.nObj)
		return 0
	}
	if k.quiet() {
		return 0
	}
	o := k.objects[id]
	if o.open || k.credit < replayCost {
		return k.reference(id)
	}
	k.replay(int(id), func() {
		k.objects[id].open = true
		k.declared = expect
		hash = k.body(o.class, o.args)
		k.objects[id].open = false
	})
	return hash
}

// replay reads the body of an object that has been read.
func (k *kryo) replay(id int, read func()) {
	o := k.objects[id]
	data := k.top.Since(k.base)
	if k.credit -= replayCost; k.credit < 0 || o.at > len(data) {
		k.r.Corrupt("objects that are shared too often")
		return
	}
	r, nNames, nObj := k.r, k.nNames, k.nObj
	k.r = binio.NewReader(data[o.at:], k.top.Offset()-int64(len(data)-o.at))
	k.nNames, k.nObj = o.nNames, id+1
	read()
	k.credit -= k.r.Pos()
	err := k.r.Err()
	k.r, k.nNames, k.nObj = r, nNames, nObj
	if err != nil {
		k.r.Corrupt("object %d cannot be read once more: %v", id, err)
	}
}

// kryoRef is the type of references that are not followed.
var kryoRef = &Type{
	Kind: KindStruct, Length: variable, Note: "reference",
	Fields: []Field{{Name: "$ref", Type: &Type{Kind: KindInt32, Length: 4}}},
}

func (k *kryo) reference(id int64) int32 {
	k.unhashable = true
	if k.s == nil {
		return 0
	}
	k.s.BeginStruct(kryoRef, Form{})
	k.s.Field(0)
	k.s.Int(id)
	k.s.EndStruct()
	return 0
}

// hidden reads something that is no part of what the value shows, such as a comparator.
func (k *kryo) hidden(read func()) {
	s, hashing, unhashable := k.s, k.hashing, k.unhashable
	k.s, k.hashing = nil, false
	read()
	k.s, k.hashing, k.unhashable = s, hashing, unhashable
}

// kryoUnknown stands for classes without a rule. Java serialization says itself what it is.
func kryoUnknown(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	if bytes.HasPrefix(k.r.Rest(), []byte(javaMagic)) {
		return kryoJava(k, c, nil)
	}
	if k.failed() {
		return 0
	}
	e := fault.Unsupported(k.r.Offset(), "a %s value of class %s, whose fields the snapshot does not name", k.writerName(), clip(c.name))
	if c.serializer != "" {
		e = fault.Unsupported(k.r.Offset(), "a %s value of class %s, written by %s", k.writerName(), clip(c.name), clip(c.serializer))
	}
	k.r.Fail(e.WithHint("name the fields of the class in a hints file"))
	return 0
}

func (k *kryo) writerName() string { return (Kryo2 + KryoWriter(k.version)).String() }
