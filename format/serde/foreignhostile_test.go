package serde_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/javaser"
	"github.com/tarn-project/tarn/format/serde"
)

const logicalPackage = "org.apache.flink.table.types.logical."

// logicalClasses makes Java objects of logical types.
type logicalClasses struct{ logicalType, root *javaser.ClassDesc }

func newLogicalClasses() *logicalClasses {
	text := func(s string) *javaser.String { return &javaser.String{Text: s} }
	enum := &javaser.ClassDesc{Name: "java.lang.Enum", Flags: javaser.FlagSerializable | javaser.FlagEnum}
	return &logicalClasses{
		root: &javaser.ClassDesc{Name: logicalPackage + "LogicalTypeRoot", Flags: javaser.FlagSerializable | javaser.FlagEnum, Super: enum},
		logicalType: &javaser.ClassDesc{Name: logicalPackage + "LogicalType", UID: 1, Flags: javaser.FlagSerializable, Fields: []javaser.FieldDesc{
			{Type: 'Z', Name: "isNullable"}, {Type: 'L', Name: "typeRoot", Signature: text("L" + logicalPackage + "LogicalTypeRoot;")},
		}},
	}
}

// of makes a logical type with int and object fields.
func (c *logicalClasses) of(class, root string, fields ...javaser.Value) *javaser.Object {
	d := &javaser.ClassDesc{Name: logicalPackage + class, UID: 1, Flags: javaser.FlagSerializable, Super: c.logicalType}
	names := map[string][]string{"DecimalType": {"precision", "scale"}, "ArrayType": {"elementType"}, "MapType": {"keyType", "valueType"}, "VarCharType": {"length"}}[class]
	for i, name := range names {
		f := javaser.FieldDesc{Type: 'L', Name: name, Signature: &javaser.String{Text: "Ljava/lang/Object;"}}
		if _, number := fields[i].(javaser.Int); number {
			f = javaser.FieldDesc{Type: 'I', Name: name}
		}
		d.Fields = append(d.Fields, f)
	}
	o := &javaser.Object{Class: d, Data: []javaser.ClassData{{Class: c.logicalType, Fields: []javaser.Value{
		javaser.Bool(true), &javaser.Enum{Class: c.root, Name: &javaser.String{Text: root}},
	}}}}
	if len(fields) > 0 {
		o.Data = append(o.Data, javaser.ClassData{Class: d, Fields: fields})
	}
	return o
}

// arraySnapshot is the snapshot of an ArrayDataSerializer of an element type.
func arraySnapshot(t testing.TB, elem javaser.Value) []byte {
	t.Helper()
	b, _ := binio.AppendUTF(nil, "org.apache.flink.table.runtime.typeutils.ArrayDataSerializer$ArrayDataSerializerSnapshot")
	b = binio.AppendI32(b, 3)
	var err error
	if b, err = javaser.Append(b, elem); err == nil {
		b, err = javaser.Append(b, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(b []byte) (serde.Codec, error) {
	c := serde.NewContext(nil)
	r := binio.NewReader(b, 0)
	s := c.ReadSnapshot(r)
	if r.End(); r.Err() != nil {
		return nil, r.Err()
	}
	return c.Families.Compile(s)
}

// within fails the test if f takes long.
func within(t *testing.T, f func()) {
	t.Helper()
	start := time.Now()
	if f(); time.Since(start) > 5*time.Second {
		t.Errorf("it took %v", time.Since(start))
	}
}

func TestHostileLogicalTypes(t *testing.T) {
	c := newLogicalClasses()
	self := c.of("ArrayType", "ARRAY", nil)
	self.Data[1].Fields[0] = self
	deep := c.of("IntType", "INTEGER")
	for range 100 {
		deep = c.of("ArrayType", "ARRAY", deep)
	}
	wide := c.of("IntType", "INTEGER")
	for range 40 {
		wide = c.of("MapType", "MAP", wide, wide)
	}
	for name, v := range map[string]javaser.Value{
		"holds itself": self, "deep": deep, "two of each": wide, "null": nil, "no type": &javaser.String{Text: "x"},
		"no element type": c.of("ArrayType", "ARRAY", nil),
	} {
		within(t, func() {
			if _, err := read(arraySnapshot(t, v)); err == nil {
				t.Errorf("%s: taken for a type", name)
			}
		})
	}
	codec, err := read(arraySnapshot(t, c.of("DecimalType", "DECIMAL", javaser.Int(10), javaser.Int(2))))
	if err != nil || codec.Type().Args[0].Precision != 10 {
		t.Fatalf("a plain type: %v", err)
	}
	codec, err = read(arraySnapshot(t, c.of("FutureType", "FUTURE")))
	if err != nil {
		t.Fatal(err)
	}
	checkValue(t, codec, []byte{0, 0, 0, 16, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8})
}

// TestHostileArrays: parts that overlap, lie outside or are too long.
func TestHostileArrays(t *testing.T) {
	c := newLogicalClasses()
	nested := c.of("VarCharType", "VARCHAR", javaser.Int(5))
	for range 8 {
		nested = c.of("ArrayType", "ARRAY", nested)
	}
	codec, err := read(arraySnapshot(t, nested))
	if err != nil {
		t.Fatal(err)
	}
	array := func(n int, words ...uint64) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(n))
		b = append(b, make([]byte, (n+31)/32*4)...)
		for _, w := range words {
			b = binary.LittleEndian.AppendUint64(b, w)
		}
		return b
	}
	whole := func(n int) []byte { // every element is the whole array
		b := array(n)
		size := uint64(len(b) + 8*n)
		for range n {
			b = binary.LittleEndian.AppendUint64(b, size)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"each element is all":  whole(1000),
		"beyond the end":       array(1, 8<<32|8),
		"offset beyond all":    array(1, 1<<63),
		"more than there is":   array(1<<30, 0),
		"negative":             array(0)[:0:0],
		"half a header":        {1, 0},
		"huge count":           {255, 255, 255, 127, 0, 0, 0, 0},
		"negative count":       {255, 255, 255, 255, 0, 0, 0, 0},
		"inner array is short": array(1, 16<<32|2, 0),
	} {
		framed := append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
		within(t, func() {
			if _, err := serde.DecodeAll(codec, framed); !errors.Is(err, fault.ErrCorrupt) {
				t.Errorf("%s: error %v", name, err)
			}
		})
	}
}

func avroSnapshot(schema string) []byte {
	b, _ := binio.AppendUTF(nil, "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot")
	b = binio.AppendI32(b, 3)
	return binio.AppendString(binio.AppendString(b, "org.apache.avro.generic.GenericRecord"), schema)
}

func TestHostileAvroSchemas(t *testing.T) {
	for name, schema := range map[string]string{
		"no JSON":         `{`,
		"a number":        `5`,
		"unknown name":    `"other"`,
		"no items":        `{"type":"array"}`,
		"type of type":    strings.Repeat(`{"type":`, 5000) + `"int"` + strings.Repeat(`}`, 5000),
		"nested arrays":   strings.Repeat(`{"type":"array","items":`, 5000) + `"int"` + strings.Repeat(`}`, 5000),
		"union in union":  `["null",["int"]]`,
		"defined twice":   `{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"record","name":"A","fields":[]}}]}`,
		"no name":         `{"type":"record","fields":[]}`,
		"no fields":       `{"type":"record","name":"A"}`,
		"negative fixed":  `{"type":"fixed","name":"A","size":-1}`,
		"numbers as enum": `{"type":"enum","name":"A","symbols":[1]}`,
		"too long":        `"` + strings.Repeat("x", 2<<20) + `"`,
	} {
		within(t, func() {
			if _, err := read(avroSnapshot(schema)); fault.KindOf(err) == nil {
				t.Errorf("%s: error %v", name, err)
			}
		})
	}
}

// TestHostileAvroValues: schemas whose values take no bytes.
func TestHostileAvroValues(t *testing.T) {
	tree := `"null"`
	for i := range 40 {
		ref := tree
		if i > 0 {
			ref = fmt.Sprintf(`"R%d"`, i-1)
		}
		tree = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s},{"name":"b","type":%s}]}`, i, tree, ref)
	}
	for name, c := range map[string]struct {
		schema string
		value  []byte
	}{
		"holds itself":   {`{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}`, nil},
		"tree of nulls":  {tree, nil},
		"array of nulls": {`{"type":"array","items":"null"}`, []byte{255, 255, 255, 255, 15, 0}},
		"long list": {
			`{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}`,
			append(bytes.Repeat([]byte{0, 0, 0, 1}, 10_000), 0, 0, 0, 0),
		},
	} {
		within(t, func() {
			codec, err := read(avroSnapshot(c.schema))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			_ = codec.Type().String()
			if _, err := serde.DecodeAll(codec, c.value); fault.KindOf(err) == nil {
				t.Errorf("%s: error %v", name, err)
			}
			r := binio.NewReader(c.value, 0)
			codec.Hash(r)
		})
	}
}

// TestAvroVersions: the older forms of the snapshot.
func TestAvroVersions(t *testing.T) {
	schema := `{"type":"record","name":"A","fields":[{"name":"n","type":"int"}]}`
	class, _ := binio.AppendUTF(nil, "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot")
	body, _ := binio.AppendUTF(nil, schema)
	named, _ := binio.AppendUTF(nil, "acme.A")
	for version, b := range map[int32][]byte{1: body, 2: append(named, body...)} {
		snap := append(binio.AppendI32(bytes.Clone(class), version), b...)
		c := serde.NewContext(nil)
		r := binio.NewReader(snap, 0)
		s := c.ReadSnapshot(r)
		if r.End(); r.Err() != nil {
			t.Fatal(r.Err())
		}
		if again, err := serde.AppendSnapshot(nil, s); err != nil || !bytes.Equal(again, snap) {
			t.Errorf("version %d written back: %v\n got %x\nwant %x", version, err, again, snap)
		}
		codec, err := c.Families.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		checkValue(t, codec, []byte{0, 0, 0, 7})
	}
	if _, err := read(binio.AppendI32(class, 4)); !errors.Is(err, fault.ErrUnsupported) {
		t.Errorf("version 4: %v", err)
	}
}

// TestExact: a row that no writer of ours would make keeps its bytes as long as it is not changed.
func TestExact(t *testing.T) {
	c := newLogicalClasses()
	codec, err := read(arraySnapshot(t, c.of("IntType", "INTEGER")))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte{0, 0, 0, 16, 1, 0, 0, 0, 0xF0, 0, 0, 0, 5, 0, 0, 0, 9, 9, 9, 9} // null bits and padding beyond the one element
	checkValue(t, codec, b)
	v, err := serde.DecodeAll(codec, b)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.(serde.Exact); !ok {
		t.Fatalf("decoded as %T", v)
	}
	list := serde.Plain(v).(serde.List)
	list[0] = serde.Int(6)
	out, err := codec.Append(nil, list)
	if want := []byte{0, 0, 0, 16, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0}; err != nil || !bytes.Equal(out, want) {
		t.Errorf("changed: %x, %v", out, err)
	}
	for _, wrong := range []serde.Value{serde.Int(1), serde.List{serde.Text("x")}, serde.List{serde.Int(1 << 40)}, serde.Exact{Value: serde.Int(1), Data: []byte{1}}} {
		if _, err := codec.Append(nil, wrong); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%v: error %v", wrong, err)
		}
	}
}
