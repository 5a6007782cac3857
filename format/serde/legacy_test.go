package serde

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// legacyTuple is a tuple snapshot of the form before CompositeTypeSerializerSnapshot had a magic number.
func legacyTuple() *Snapshot {
	s := tupleSnap(simpleSnap(simple("Int")), simpleSnap(simple("String")))
	s.Version = 2
	s.Body.(*Composite).OuterVersion = 2
	return s
}

func rowSnap(version int32, fields ...*Snapshot) *Snapshot {
	return compositeSnap(rowSnapshot, version, nil, fields...)
}

// TestLegacySnapshots: the forms of Flink 1.7, which 1.8 and newer read too.
func TestLegacySnapshots(t *testing.T) {
	either := compositeSnap(runtime+"EitherSerializerSnapshot", 0, nil, simpleSnap(simple("Int")), simpleSnap(simple("Long")))
	either.Version = 2
	either.Body.(*Composite).OuterVersion = 2
	oldRow := rowSnap(2, simpleSnap(simple("Int")))
	oldRow.Version = 2
	tests := []struct {
		name  string
		snap  *Snapshot
		value []byte
		want  string // the type
	}{
		{"simple version 2", &Snapshot{Class: simple("Int"), Version: 2, Body: &simpleBody{base + "IntSerializer"}}, []byte{0, 0, 0, 5}, "int"},
		{"tuple version 2", legacyTuple(), []byte{0, 0, 0, 5, 2, 'a'}, "TupleN{int, string}"},
		{"either version 2", either, []byte{1, 0, 0, 0, 7}, "union{left: int, right: long}"},
		{"row version 2", oldRow, []byte{0, 0, 0, 0, 7}, "row{f0: int}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := compile(t, readSnapshotBytes(t, snapBytes(t, tt.snap)))
			if got := c.Type().String(); got != tt.want {
				t.Errorf("type %s, want %s", got, tt.want)
			}
			v, err := DecodeAll(c, tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if again := encode(t, c, v); !bytes.Equal(again, tt.value) {
				t.Errorf("written back %x", again)
			}
		})
	}
}

// TestRowVersions: outer versions 1 and 2 have no kind, 3 has, 4 says; a version 3 whose values have none after all is read by the second
// reading.
func TestRowVersions(t *testing.T) {
	ints := []*Snapshot{simpleSnap(simple("Int")), simpleSnap(simple("Int"))}
	withKind := []byte{0x10, 0, 0, 0, 9}    // 00 kind, 0 1 nulls
	withoutKind := []byte{0x40, 0, 0, 0, 9} // 0 1 nulls; read with kind it is -U without nulls
	tests := []struct {
		version int32
		outer   []byte
		value   []byte
	}{{1, nil, withoutKind}, {2, nil, withoutKind}, {3, nil, withKind}, {4, []byte{0}, withoutKind}, {4, []byte{1}, withKind}, {3, nil, withoutKind}}
	for _, tt := range tests {
		s := rowSnap(tt.version, ints...)
		s.Body.(*Composite).Outer = tt.outer
		readings, err := BuiltinRegistry().Readings(readSnapshotBytes(t, snapBytes(t, s)))
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]int{true: 2, false: 1}[tt.version == 3]; len(readings) != want {
			t.Errorf("version %d: %d readings", tt.version, len(readings))
		}
		v, err := DecodeAll(Choose(readings, tt.value), tt.value)
		if err != nil {
			t.Errorf("version %d: %v", tt.version, err)
			continue
		}
		row := v.(Struct)
		if row.Form.RowKind != 0 || row.Fields[0] != Int(9) || (row.Fields[1] != Null{}) {
			t.Errorf("version %d: %#v", tt.version, row)
		}
	}
}

// TestPojoShapes: what no vector shows of POJOs.
func TestPojoShapes(t *testing.T) {
	s := pojoSnap("com.acme.Base", namedSnap{"a", simpleSnap(simple("Int"))}, namedSnap{"missing-field-at-1", simpleSnap(simple("String"))})
	b := s.Body.(*Pojo)
	b.Fields[1].entry.key = nil
	b.Registered = []PojoPart{subclassPart("com.acme.Reg", pojoSnap("com.acme.Reg", namedSnap{"a", simpleSnap(simple("Int"))}))}
	b.Other = []PojoPart{subclassPart("com.acme.Oth", pojoSnap("com.acme.Oth"))}
	got := readSnapshotBytes(t, snapBytes(t, s))
	if f := got.Body.(*Pojo).Fields; f[0].Declared != "com.acme.Base" || f[1].Declared != "" {
		t.Errorf("declaring classes %q, %q", f[0].Declared, f[1].Declared)
	}
	c := compile(t, got)
	if c.Type().Fields[1].Name != "missing-field-at-1" || len(c.Type().Subclasses) != 2 {
		t.Errorf("type %s with %d subclasses", c.Type(), len(c.Type().Subclasses))
	}
	values := map[string][]byte{
		"null":       {1},
		"own":        {2, 0, 0, 0, 0, 5, 0, 2, 'x'},
		"nulls":      {2, 1, 1},
		"registered": {8, 0, 2, 0, 0, 0, 0, 6},
		"other":      append(append([]byte{4}, utf("com.acme.Oth")...), 2),
	}
	for name, b := range values {
		v, err := DecodeAll(c, b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if again := encode(t, c, v); !bytes.Equal(again, b) {
			t.Errorf("%s: written back %x, want %x", name, again, b)
		}
	}
	_, err := DecodeAll(c, append(append([]byte{4}, utf("com.acme.Gone")...), 2))
	if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "com.acme.Gone") {
		t.Errorf("a class that is not in the snapshot: %v", err)
	}
	for name, b := range map[string][]byte{"tag": {8, 1, 2}, "flags": {3}, "no flags": {0}, "inner flags": {8, 0, 1}} {
		if _, err := DecodeAll(c, b); !errors.Is(err, fault.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInlineNulls: a null that stands behind a flag saying that there is a value is written back as it stood.
func TestInlineNulls(t *testing.T) {
	text := simpleSnap(simple("String"))
	nullable := compositeSnap(runtime+"NullableSerializer$NullableSerializerSnapshot", 2, []byte{0, 0, 0, 0}, text)
	c := compile(t, compositeSnap(base+"MapSerializerSnapshot", 1, nil, text, nullable))
	for _, value := range [][]byte{{1}, {0, 1}, {0, 0, 0}, {0, 0, 2, 'x'}} {
		b := append([]byte{0, 0, 0, 1, 0}, value...)
		v, err := DecodeAll(c, b)
		if err != nil {
			t.Fatal(err)
		}
		if again := encode(t, c, v); !bytes.Equal(again, b) {
			t.Errorf("%x written back as %x", b, again)
		}
	}
}

// TestParts: readers get at the parts of a codec, through the wrapper that changes no bytes and through no other.
func TestParts(t *testing.T) {
	text, long := simpleSnap(simple("String")), simpleSnap(simple("Long"))
	aware := func(s *Snapshot) *Snapshot {
		return &Snapshot{Class: "org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot", Version: 1, Body: &ttlAware{true, s}}
	}
	ttl := compositeSnap("org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot", 2, nil, long, text)
	nullable := compositeSnap(runtime+"NullableSerializer$NullableSerializerSnapshot", 2, []byte{0, 0, 0, 0}, listSnap(text))
	timer := compositeSnap("org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", 2, nil, text, long)
	if e, ok := Elem(compile(t, aware(listSnap(aware(ttl))))); !ok || !e.Type().TTLAware || e.Type().Kind != KindTTL {
		t.Error("list of TTL")
	} else if v, ok := TTLValue(e); !ok || v.Type().Kind != KindString {
		t.Error("TTL value")
	}
	if _, ok := Elem(compile(t, nullable)); ok {
		t.Error("a nullable list is no list")
	}
	if k, v, ok := KeyValue(compile(t, compositeSnap(base+"MapSerializerSnapshot", 1, nil, text, aware(long)))); !ok || k.Type().Kind != KindString || v.Type().Kind != KindInt64 {
		t.Error("map")
	}
	if k, n, ok := Timer(compile(t, timer)); !ok || k.Type().Kind != KindString || n.Type().Kind != KindInt64 {
		t.Error("timer")
	}
	if !IsVoidNamespace(compile(t, simpleSnap("org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"))) ||
		IsVoidNamespace(compile(t, simpleSnap(simple("Void")))) {
		t.Error("void namespace")
	}
}

// TestTwoPhaseCommit: the state of TwoPhaseCommitSinkFunction, in the three forms that there are.
func TestTwoPhaseCommit(t *testing.T) {
	class := streaming + "api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot"
	text, void := simpleSnap(simple("String")), simpleSnap(simple("Void"))
	start := []byte{0, 0, 0, 0, 0, 0, 0, 9}
	tail := append(append([]byte{0, 0, 0, 1, 2, 'c'}, start...), 1, 0)
	tests := []struct {
		name    string
		version int32
		outer   []byte
		value   []byte
	}{
		{"version 2", 2, nil, append(append([]byte{2, 'p'}, start...), tail...)},
		{"version 3", 3, nil, append(append([]byte{1, 2, 'p'}, start...), tail...)},
		{"version 4, none pending", 4, []byte{1}, append([]byte{0}, tail...)},
		{"version 4, always pending", 4, []byte{0}, append(append([]byte{2, 'p'}, start...), tail...)},
	}
	for _, tt := range tests {
		s := compositeSnap(class, tt.version, tt.outer, text, void)
		c := compile(t, readSnapshotBytes(t, snapBytes(t, s)))
		v, err := DecodeAll(c, tt.value)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if again := encode(t, c, v); !bytes.Equal(again, tt.value) {
			t.Errorf("%s: written back %x, want %x", tt.name, again, tt.value)
		}
	}
}

// TestBounds: counts and lengths that cannot be true cost nothing.
func TestBounds(t *testing.T) {
	for _, v := range committedVectors(t) {
		c := compileVector(t, v)
		for _, val := range v.Values {
			b := unhex(t, val.Hex)
			for i := range b {
				r := binio.NewReader(b[:i], 0)
				if Decode(c, r); r.Err() != nil {
					checkKind(t, r.Err())
				}
				for _, x := range []byte{0x7F, 0x80, 0xFF} {
					bad := bytes.Clone(b)
					bad[i] = x
					checkLaws(t, c, bad)
				}
			}
		}
		snap := unhex(t, v.SerializerSnapshotHex)
		for i := range snap {
			r := binio.NewReader(snap[:i], 0)
			if NewContext(nil).ReadSnapshot(r); r.Err() == nil {
				t.Fatalf("%s: read from %d of %d bytes", v.Name, i, len(snap))
			}
		}
	}
}

// TestDepth: snapshots nested deeper than anything real are refused, through frames too.
func TestDepth(t *testing.T) {
	deep, framed := simpleSnap(simple("Int")), simpleSnap(simple("Int"))
	for range 200 {
		deep, framed = listSnap(deep), pojoSnap("A", namedSnap{"f", framed})
	}
	for _, s := range []*Snapshot{deep, framed} {
		r := binio.NewReader(snapBytes(t, s), 0)
		if NewContext(nil).ReadSnapshot(r); !errors.Is(r.Err(), fault.ErrCorrupt) {
			t.Errorf("%v", r.Err())
		}
	}
}
