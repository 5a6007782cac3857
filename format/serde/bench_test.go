package serde

import (
	"testing"

	"github.com/tarn-project/tarn/format/binio"
)

// discard is a Sink that forgets.
type discard struct{ events int }

func (d *discard) Null()                   { d.events++ }
func (d *discard) Bool(bool)               { d.events++ }
func (d *discard) Int(int64)               { d.events++ }
func (d *discard) Float32(float32)         { d.events++ }
func (d *discard) Float64(float64)         { d.events++ }
func (d *discard) Char(uint16)             { d.events++ }
func (d *discard) Text([]byte)             { d.events++ }
func (d *discard) Bytes([]byte)            { d.events++ }
func (d *discard) Integer(Integer)         { d.events++ }
func (d *discard) Decimal(Decimal)         { d.events++ }
func (d *discard) Time(Time)               { d.events++ }
func (d *discard) Enum(Enum)               { d.events++ }
func (d *discard) BeginList(*Type, int)    { d.events++ }
func (d *discard) EndList()                {}
func (d *discard) BeginMap(*Type, int)     { d.events++ }
func (d *discard) EndMap()                 {}
func (d *discard) BeginStruct(*Type, Form) { d.events++ }
func (d *discard) Field(int)               {}
func (d *discard) EndStruct()              {}
func (d *discard) Raw(*Type, []byte)       { d.events++ }

// orderPojo is a POJO of double, long, string and a list of three strings, and one value.
func orderPojo(t testing.TB) (Codec, []byte) {
	c := compile(t, pojoSnap("com.acme.Order",
		namedSnap{"amount", simpleSnap(simple("Double"))},
		namedSnap{"id", simpleSnap(simple("Long"))},
		namedSnap{"name", simpleSnap(simple("String"))},
		namedSnap{"tags", listSnap(simpleSnap(simple("String")))}))
	return c, encode(t, c, Struct{Type: c.Type(), Fields: []Value{
		Float64(1.5), Int(77), Text("customer-0000017"), List{Text("alpha-tag"), Text("beta-tag-2"), Text("gamma-tag-33")},
	}})
}

// hugeArray is a long[] of a million elements.
func hugeArray(t testing.TB) (Codec, []byte) {
	c := compile(t, simpleSnap(arraySnapshot("LongPrimitive")))
	return c, append(binio.AppendI32(nil, 1<<20), make([]byte, 8<<20)...)
}

func BenchmarkWalkPojo(b *testing.B) {
	c, value := orderPojo(b)
	r := binio.NewReader(value, 0)
	var d discard
	b.ReportAllocs()
	b.SetBytes(int64(len(value)))
	for b.Loop() {
		r.Reset(value, 0)
		c.Walk(r, &d)
	}
	if r.Err() != nil {
		b.Fatal(r.Err())
	}
}

func BenchmarkSkipPojo(b *testing.B) {
	c, value := orderPojo(b)
	r := binio.NewReader(value, 0)
	b.ReportAllocs()
	b.SetBytes(int64(len(value)))
	for b.Loop() {
		r.Reset(value, 0)
		c.Skip(r)
	}
	if r.Err() != nil {
		b.Fatal(r.Err())
	}
}

func BenchmarkWalkHugeArray(b *testing.B) {
	c, value := hugeArray(b)
	r := binio.NewReader(value, 0)
	var d discard
	b.ReportAllocs()
	b.SetBytes(int64(len(value)))
	for b.Loop() {
		r.Reset(value, 0)
		c.Walk(r, &d)
	}
}

// TestNoAllocations: walking, skipping and hashing allocate nothing, whatever the type.
func TestNoAllocations(t *testing.T) {
	check := func(name string, c Codec, value []byte) {
		t.Helper()
		r := binio.NewReader(value, 0)
		var d discard
		steps := map[string]func(){"walk": func() { c.Walk(r, &d) }, "skip": func() { c.Skip(r) }, "hash": func() { c.Hash(r) }}
		for step, f := range steps {
			n := testing.AllocsPerRun(20, func() {
				r.Reset(value, 0)
				f()
			})
			if n > 0 {
				t.Errorf("%s: %s allocates %v times a value", name, step, n)
			}
		}
	}
	for _, v := range committedVectors(t) {
		c := compileVector(t, v)
		for _, val := range v.Values {
			check(v.Name, c, unhex(t, val.Hex))
		}
	}
	c, value := orderPojo(t)
	check("pojo of double, long, string, list<string>", c, value)
	c, value = hugeArray(t)
	check("huge array", c, value)
}
