package serde

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/keygroup"
)

// Bodies of values without parts.

func kryoBool(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.r.Bool()
	if k.s != nil && !k.failed() {
		k.s.Bool(v)
	}
	return keygroup.Bool(v)
}

func (k *kryo) int(v int64) int32 {
	if k.s != nil && !k.failed() {
		k.s.Int(v)
	}
	return int32(v)
}

func kryoByte(k *kryo, _ *kryoClass, _ *kryoArg) int32  { return k.int(int64(int8(k.r.U8()))) }
func kryoShort(k *kryo, _ *kryoClass, _ *kryoArg) int32 { return k.int(int64(int16(k.fixed16()))) }
func kryoInt(k *kryo, _ *kryoClass, _ *kryoArg) int32   { return k.int(int64(k.zigzag32())) }

func kryoLong(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.zigzag64()
	k.int(v)
	return keygroup.Long(v)
}

func kryoChar(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.fixed16()
	if k.s != nil && !k.failed() {
		k.s.Char(v)
	}
	return int32(v)
}

func kryoFloat(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.fixed32()
	if k.s != nil && !k.failed() {
		k.s.Float32(math.Float32frombits(v))
	}
	return keygroup.Float(v)
}

func kryoDouble(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.fixed64()
	if k.s != nil && !k.failed() {
		k.s.Float64(math.Float64frombits(v))
	}
	return keygroup.Double(v)
}

var kryoStringType = &Type{Kind: KindString, Length: variable}

// kryoText is a string, or something that is written as one.
func kryoText(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	text, null := k.text()
	switch {
	case k.failed():
		return 0
	case null:
		return k.null()
	}
	return k.told(text, c.t == kryoStringType)
}

// told tells the sink a text.
func (k *kryo) told(text []byte, isString bool) int32 {
	if k.failed() {
		return 0
	}
	if k.s != nil {
		k.s.Text(text)
	}
	if !isString {
		k.unhashable = true
	} else if k.hashing {
		return textHash(text)
	}
	return 0
}

// kryoPattern has the flags behind the text.
func kryoPattern(k *kryo, c *kryoClass, args *kryoArg) int32 {
	kryoText(k, c, args)
	k.r.VarInt()
	return 0
}

// kryoLocale is language, country and variant.
func kryoLocale(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	var parts [3]string
	for i := range parts {
		text, _ := k.text()
		parts[i] = string(text)
	}
	return k.told([]byte(localeText(parts)), false)
}

// localeText is language, country and variant with underscores between them, as Locale.toString has it.
func localeText(p [3]string) string {
	out := p[0]
	if p[1] != "" || p[2] != "" {
		out += "_" + p[1]
	}
	if p[2] != "" {
		out += "_" + p[2]
	}
	return out
}

func kryoLocaleJava(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	o := javaser.AsObject(k.javaObject())
	return k.told([]byte(localeText([3]string{o.Text("language"), o.Text("country"), o.Text("variant")})), false)
}

const javaMagic = "\xAC\xED\x00\x05"

// javaObject reads a Java serialization stream. Kryo's JavaSerializer opens one for a whole value: a second object in it continues the
// first and has no header.
func (k *kryo) javaObject() javaser.Value {
	if b := k.r.Rest(); string(b[:min(len(b), len(javaMagic))]) != javaMagic[:min(len(b), len(javaMagic))] {
		k.r.Unsupported("a Java-serialized object that continues the stream of another")
		return nil
	}
	return javaser.Parse(k.r)
}

// kryoJava is Java serialization.
func kryoJava(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	v := k.javaObject()
	k.unhashable = true
	if k.s != nil && !k.failed() {
		walkPlain(javaser.Plain(v), k.s)
	}
	return 0
}

// kryoMessage is a message of protobuf or Thrift behind its length, as chill writes it.
func kryoMessage(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	n, _ := k.count(0, 1)
	b := k.r.Bytes(n)
	k.unhashable = true
	if k.s != nil && !k.failed() {
		k.s.Raw(c.t, b)
	}
	return 0
}

// kryoAvroArray is the text of a schema, then Avro's own encoding behind its length.
func kryoAvroArray(k *kryo, c *kryoClass, args *kryoArg) int32 {
	k.text()
	return kryoMessage(k, c, args)
}

func kryoInteger(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	b := k.bigBytes()
	if b == nil {
		return k.nullUnlessFailed()
	}
	if k.s != nil {
		k.s.Integer(Integer{Unscaled: b})
	}
	return keygroup.BigInteger(b)
}

func kryoDecimal(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	b := k.bigBytes()
	if b == nil {
		return k.nullUnlessFailed()
	}
	scale := k.zigzag32()
	if k.s != nil && !k.failed() {
		k.s.Decimal(Decimal{Integer{Unscaled: b}, scale})
	}
	return keygroup.BigDecimal(b, scale)
}

func (k *kryo) nullUnlessFailed() int32 {
	if k.failed() {
		return 0
	}
	return k.null()
}

// bigBytes reads an integer in two's complement, or nil.
func (k *kryo) bigBytes() []byte {
	n, null := k.count(1, 1)
	if null || k.failed() {
		return nil
	}
	if n == 0 {
		k.r.Corrupt("an integer of no bytes")
		return nil
	}
	return k.r.Bytes(n)
}

// kryoClassName is a class. Kryo 2.24 says of each whether it is a primitive, Kryo 5 only of primitives and boxes.
func kryoClassName(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	c, null := k.class()
	switch {
	case k.failed():
		return 0
	case null && k.version == 1:
		return k.null()
	}
	name := ""
	if c != nil {
		name = c.name
	}
	if _, primitive := boxOf[name]; primitive || k.version == 0 {
		if !k.r.Bool() && primitive {
			name = boxOf[name]
		}
	}
	if null {
		return k.nullUnlessFailed()
	}
	return k.told([]byte(name), false)
}

// kryoURL2 has the fields authority, file, hashCode, host, port, protocol and ref.
func kryoURL2(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	text := func() string { return part(k, classString, k.string) }
	authority, file := text(), text()
	k.zigzag32()
	text()
	k.zigzag32()
	out := text() + ":"
	if authority != "" {
		out += "//" + authority
	}
	if out += file; !k.failed() {
		if ref := text(); ref != "" {
			out += "#" + ref
		}
	}
	return k.told([]byte(out), false)
}

func kryoSocketAddress(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	host, _ := k.text()
	out := append([]byte{}, host...)
	port := k.r.VarInt()
	return k.told(strconv.AppendUint(append(out, ':'), uint64(port), 10), false)
}

func kryoUUID(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	var hi, lo uint64
	if k.version == 0 {
		hi, lo = uint64(k.zigzag64()), uint64(k.zigzag64())
	} else {
		hi, lo = k.fixed64(), k.fixed64()
	}
	if k.s != nil && !k.failed() {
		k.s.Text(appendUUID(k.r.Scratch(36)[:0], hi, lo))
	}
	return keygroup.Long(int64(hi ^ lo))
}

// appendUUID appends UUID.toString.
func appendUUID(dst []byte, hi, lo uint64) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], hi)
	binary.BigEndian.PutUint64(b[8:], lo)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

const hexDigits = "0123456789abcdef"

var kryoBitsType = &Type{Kind: KindList, Length: variable, Note: noteSet, Args: []*Type{{Kind: KindInt32, Length: 4}}}

// kryoBitSet shows the numbers of the bits that are set.
func kryoBitSet(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	n, _ := k.count(0, 8)
	var bits []int64
	h := int64(1234)
	words := make([]int64, 0, min(n, 1024))
	for i := range n {
		w := k.fixed64()
		words = append(words, int64(w))
		for b := 0; b < 64 && k.s != nil; b++ {
			if w&(1<<b) != 0 {
				bits = append(bits, int64(64*i+b))
			}
		}
	}
	for i := len(words) - 1; i >= 0; i-- {
		h ^= words[i] * int64(i+1)
	}
	if k.s != nil && !k.failed() {
		k.s.BeginList(kryoBitsType, len(bits))
		for _, b := range bits {
			k.s.Int(b)
		}
		k.s.EndList()
	}
	return int32(h>>32) ^ int32(h)
}

// kryoEnum is varint ordinal plus one.
func kryoEnum(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	if v := k.r.VarInt(); v == 0 {
		return k.nullUnlessFailed()
	} else if !k.failed() {
		k.constant(c, v-1)
	}
	return 0
}

// constant tells an enum's constant; one whose name is not known is called by its number.
func (k *kryo) constant(c *kryoClass, ordinal uint32) {
	name := "#" + strconv.Itoa(int(ordinal))
	if int64(ordinal) < int64(len(c.constants)) {
		name = c.constants[ordinal]
	} else if len(c.constants) > 0 || ordinal > math.MaxInt32 {
		k.r.Corrupt("constant %d of the %d of %s", ordinal, len(c.constants), c.name)
		return
	}
	if k.s != nil {
		k.s.Enum(Enum{Index: int32(ordinal), Name: name})
	}
}

func kryoEnumSet(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	c, null := k.class()
	n, _ := k.count(0, 1)
	if null && !k.failed() {
		k.r.Corrupt("a set of an enum without class")
	}
	if k.failed() {
		return 0
	}
	k.beginList(kryoSetType, n)
	for i := 0; i < n && !k.failed(); i++ {
		kryoEnum(k, c, nil)
	}
	k.endList()
	return 0
}

func kryoAtomicBool(k *kryo, _ *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	v := k.zigzag32()
	if k.s != nil && !k.failed() {
		k.s.Bool(v != 0)
	}
	return 0
}

// kryoValue is one field whose type is the class's parameter.
func kryoValue(k *kryo, _ *kryoClass, args *kryoArg) int32 {
	k.unhashable = true
	return k.typed(args.at(0))
}

// kryoNothing is an object without fields.
func kryoNothing(k *kryo, c *kryoClass, _ *kryoArg) int32 {
	k.unhashable = true
	if k.s != nil {
		k.s.BeginStruct(kryoInstanceType(c.name), Form{Class: c.name})
		k.s.EndStruct()
	}
	return 0
}

func kryoInstanceType(class string) *Type {
	return &Type{Kind: KindStruct, Class: class, Length: variable}
}

// appendPlain writes a value of a class whose values are texts, numbers or booleans.
func (c *kryoCodec) appendPlain(dst []byte, v Value) ([]byte, bool) {
	version := 0
	if c.writer == Kryo5 {
		version = 1
	}
	id, ok := c.idOf(c.top, version)
	if !ok {
		return dst, false
	}
	dst = binio.AppendVarInt(dst, id+2)
	switch v := v.(type) {
	case Text:
		return c.appendText(append(dst, 1), v, version)
	case Int:
		return c.appendInt(dst, int64(v), version)
	case Bool:
		return binio.AppendBool(dst, bool(v)), c.t.Kind == KindBool
	}
	return dst, false
}

// idOf finds the number of a registered class.
func (c *kryoCodec) idOf(class string, version int) (uint32, bool) {
	for id, k := range c.ids[version] {
		if k.name == class || boxOf[k.name] == class {
			return id, true
		}
	}
	return 0, false
}

func (c *kryoCodec) appendText(dst []byte, v Text, version int) ([]byte, bool) {
	if c.top == "java.util.UUID" {
		return appendKryoUUID(dst, string(v), version)
	}
	var units []uint16
	binio.EachUnit(string(v), func(u uint16) { units = append(units, u) })
	return appendKryoText(dst, version, units), c.top == "java.lang.String" && utf8.ValidString(string(v))
}

func appendKryoUUID(dst []byte, text string, version int) ([]byte, bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return dst, false
	}
	hi, err1 := strconv.ParseUint(text[:8]+text[9:13]+text[14:18], 16, 64)
	lo, err2 := strconv.ParseUint(text[19:23]+text[24:], 16, 64)
	for _, w := range [...]uint64{hi, lo} {
		if version == 0 {
			dst = appendVarLong(dst, w<<1^uint64(int64(w)>>63))
		} else {
			for i := range 8 {
				dst = append(dst, byte(w>>(8*i)))
			}
		}
	}
	return dst, err1 == nil && err2 == nil
}

// appendVarLong is the reverse of varLong.
func appendVarLong(dst []byte, v uint64) []byte {
	for i := 0; i < 8; i++ {
		if v < 0x80 {
			return append(dst, byte(v))
		}
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

func (c *kryoCodec) appendInt(dst []byte, v int64, version int) ([]byte, bool) {
	switch c.t.Kind {
	case KindInt8:
		return append(dst, byte(v)), v == int64(int8(v))
	case KindInt16:
		if version == 0 {
			return append(dst, byte(v>>8), byte(v)), v == int64(int16(v))
		}
		return append(dst, byte(v), byte(v>>8)), v == int64(int16(v))
	case KindInt32:
		return binio.AppendVarInt(dst, uint32(int32(v)<<1)^uint32(int32(v)>>31)), v == int64(int32(v))
	case KindInt64:
		return appendVarLong(dst, uint64(v)<<1^uint64(v>>63)), true
	}
	return dst, false
}
