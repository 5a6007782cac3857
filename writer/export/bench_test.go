package export

import (
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
)

// pojoRow is a row of a state whose values are POJOs of a double, a long, a string and a list of three strings.
func pojoRow(t testing.TB) *entry.Entry {
	const base = "org.apache.flink.api.common.typeutils.base."
	simple := func(name string) *serde.Snapshot {
		return &serde.Snapshot{Class: base + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}
	}
	tags := &serde.Snapshot{Class: base + "ListSerializerSnapshot", Version: 3, Body: &serde.Composite{OuterVersion: 1, Nested: []*serde.Snapshot{simple("String")}}}
	codec := compile(t, &serde.Snapshot{
		Class: "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", Version: 2,
		Body: &serde.Pojo{Class: "acme.Account", Fields: []serde.PojoPart{
			{Name: "balance", Snapshot: simple("Double")},
			{Name: "count", Snapshot: simple("Long")},
			{Name: "name", Snapshot: simple("String")},
			{Name: "tags", Snapshot: tags},
		}},
	})
	key := codecOf(t, "String")
	s := &entry.State{OperatorID: "20ba6b65f97481d5570070de90e4e791", UID: "accounts", Name: "account", Kind: entry.Value, Key: key, Void: true, Value: codec}
	v := serde.Struct{Type: codec.Type(), Fields: []serde.Value{
		serde.Float64(1234.5678), serde.Int(1795240559314), serde.Text("customer number 42"),
		serde.List{serde.Text("gold"), serde.Text("berlin"), serde.Text("newsletter")},
	}}
	return &entry.Entry{State: s, KeyGroup: 77, Key: encode(t, key, serde.Text("key-000000000042")), Value: encode(t, codec, v)}
}

func BenchmarkRows(b *testing.B) {
	e := pojoRow(b)
	for _, f := range Formats() {
		for _, raw := range []bool{false, true} {
			name := f.Name
			if raw {
				name += "/raw"
			}
			b.Run(name, func(b *testing.B) {
				out, err := f.New(Options{Raw: raw})
				if err != nil {
					b.Fatal(err)
				}
				r := out.NewRenderer()
				var buf []byte
				b.ReportAllocs()
				for b.Loop() {
					if buf, err = r.Append(buf[:0], e); err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(int64(len(buf)))
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// TestNoAllocations: rendering a row allocates nothing, whatever kind it is.
func TestNoAllocations(t *testing.T) {
	for _, f := range Formats() {
		out, err := f.New(Options{Raw: true})
		if err != nil {
			t.Fatal(err)
		}
		r := out.NewRenderer()
		var buf []byte
		for i, e := range append(rows(t), pojoRow(t)) {
			if n := testing.AllocsPerRun(20, func() { buf, _ = r.Append(buf[:0], e) }); n > 0 {
				t.Errorf("%s, row %d (%s): %v allocations", f.Name, i, e.State.Name, n)
			}
		}
	}
}
