package serde

import (
	"testing"

	"github.com/tarn-project/tarn/format/binio"
)

// Snapshots made by hand, for types that no vector has.

func simpleSnap(class string) *Snapshot { return &Snapshot{Class: class, Version: 3} }

func compositeSnap(class string, outerVersion int32, outer []byte, nested ...*Snapshot) *Snapshot {
	return &Snapshot{Class: class, Version: 3, Body: &Composite{OuterVersion: outerVersion, Outer: outer, Nested: nested}}
}

func listSnap(elem *Snapshot) *Snapshot {
	return compositeSnap(base+"ListSerializerSnapshot", 1, nil, elem)
}

func tupleSnap(fields ...*Snapshot) *Snapshot {
	return compositeSnap(runtime+"TupleSerializerSnapshot", 2, utf("org.apache.flink.api.java.tuple.TupleN"), fields...)
}

func utf(s string) []byte {
	b, _ := binio.AppendUTF(nil, s)
	return b
}

type namedSnap struct {
	name string
	snap *Snapshot
}

func pojoSnap(class string, fields ...namedSnap) *Snapshot {
	b := &Pojo{Class: class}
	for _, f := range fields {
		key := append(utf(class), utf(f.name)...)
		b.Fields = append(b.Fields, PojoPart{Name: f.name, Snapshot: f.snap, entry: optionalEntry{name: f.name, key: key, value: []byte{}}})
	}
	return &Snapshot{Class: runtime + "PojoSerializerSnapshot", Version: 2, Body: b}
}

// subclassPart is a registered or other subclass of a POJO.
func subclassPart(class string, s *Snapshot) PojoPart {
	return PojoPart{Name: class, Snapshot: s, entry: optionalEntry{name: class, key: []byte{}, value: []byte{}}}
}

func snapBytes(t testing.TB, s *Snapshot) []byte {
	t.Helper()
	b, err := AppendSnapshot(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compile(t testing.TB, s *Snapshot) Codec {
	t.Helper()
	c, err := BuiltinRegistry().Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t testing.TB, c Codec, v Value) []byte {
	t.Helper()
	b, err := c.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
