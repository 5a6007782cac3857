package hints

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

func TestLayout(t *testing.T) {
	for _, c := range []struct{ layout, hex, json string }{
		{"{amount: long, currency: utf}", "000000000000000a0003455552", `{"amount":10,"currency":"EUR"}`},
		{"list<utf>", "00000002000161000162", `["a","b"]`},
		{"map<int, boolean>", "000000010000000701", `[[7,true]]`},
		{"{a: int?, b: {c: short}}", "000009", `{"a":null,"b":{"c":9}}`},
		{
			"{a: string, b: bytes, c: char, d: byte, e: double, f: float}", "02610000000101004105" + "3ff8000000000000" + "3fc00000",
			`{"a":"a","b":{"$hex":"01"},"c":"A","d":5,"e":1.5,"f":1.5}`,
		},
		{"long", "0000000000000001", `1`},
	} {
		d, err := Layout(c.layout)
		if err != nil {
			t.Errorf("%s: %v", c.layout, err)
			continue
		}
		f, err := serde.DescribedFamily("acme.S$Snap", 0, d)
		if err != nil {
			t.Fatal(err)
		}
		reg := serde.NewRegistry(append(serde.Builtin(), []serde.Family{f})...)
		codec, err := reg.Compile(&serde.Snapshot{Class: "acme.S$Snap", Version: 3})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := hex.DecodeString(c.hex)
		got, err := valuejson.Append(nil, codec, b)
		if err != nil || string(got) != c.json {
			t.Errorf("%s: %s, %v, want %s", c.layout, got, err, c.json)
		}
		if codec.Type().Serializer != "acme.S$Snap" || codec.Type().Opaque {
			t.Errorf("%s: %+v", c.layout, codec.Type())
		}
		v, err := serde.DecodeAll(codec, b)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := codec.Append(nil, v); err != nil || hex.EncodeToString(again) != c.hex {
			t.Errorf("%s: written back as %x, %v", c.layout, again, err)
		}
	}
	for _, bad := range []string{"", "longs", "list<long", "map<long>", "{a long}", "{a: long, a: int}", "{: long}", "long int", strings.Repeat("list<", 100), "{}"} {
		if _, err := Layout(bad); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestAdapt(t *testing.T) {
	const base = "org.apache.flink.api.common.typeutils.base."
	long := &serde.Snapshot{Class: base + "LongSerializer$LongSerializerSnapshot", Version: 3}
	tuple := &serde.Snapshot{
		Class: "org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot", Version: 3,
		Body: &serde.Composite{OuterVersion: 2, Outer: []byte("\x00\x06Tuple2"), Nested: []*serde.Snapshot{long, long}},
	}
	codec, err := serde.BuiltinRegistry().Compile(tuple)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := serde.BuiltinRegistry().Compile(long)
	if err != nil {
		t.Fatal(err)
	}
	h := Hints{}
	h.Add(Hints{States: []State{
		{Operator: "op", State: "s", Value: []string{"count", "sum"}, TTL: time.Hour, Where: "line 3"},
		{State: "other", Value: []string{"a"}, Where: "line 7"},
		{State: "long", Value: []string{"a"}, Where: "line 9"},
		{State: "keyless", MapKey: []string{"a"}, Where: "line 11"},
	}})
	s := &entry.State{UID: "op", Name: "s", Value: codec}
	if err := h.Adapt(s); err != nil {
		t.Fatal(err)
	}
	got, err := valuejson.Append(nil, s.Value, make([]byte, 16))
	if err != nil || string(got) != `{"count":0,"sum":0}` {
		t.Errorf("%s, %v", got, err)
	}
	if d, ok := h.TTL("", "op", "s"); !ok || d != time.Hour {
		t.Error(d, ok)
	}
	if _, ok := h.TTL("", "op2", "s"); ok {
		t.Error("the TTL of another operator's state")
	}
	for name, want := range map[string]string{
		"other": `state "other": usage: line 7, names of value: 1 names of fields for Tuple2{long, long}, expected 2`, "long": "expected a row or tuple", "keyless": "no such part",
	} {
		s := &entry.State{UID: "op", Name: name, Value: codec}
		if name == "long" {
			s.Value = plain
		}
		if err := h.Adapt(s); err == nil || !errors.Is(err, fault.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("{amount: long, tags: list<utf?>, m: map<int, {a: string}>}")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Layout(text)
		if err != nil {
			return
		}
		if _, err := serde.DescribedFamily("c", 0, d); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
