package serde

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// customSnap is a snapshot of a class that no family knows, with a body of its own.
func customSnap(class, body string) *Snapshot {
	return &Snapshot{Class: "com.acme." + class, Version: 7, Body: &Unknown{Data: []byte(body)}}
}

// parseAll reads n named snapshots, as a state header holds them.
func parseAll(c *Context, out *[]*Snapshot) func(r *binio.Reader) {
	return func(r *binio.Reader) {
		*out = nil
		n := r.Count(3)
		for range n {
			r.UTF()
			*out = append(*out, c.ReadWrapped(r))
		}
	}
}

func header(t *testing.T, snaps ...*Snapshot) []byte {
	b := binio.AppendI32(nil, int32(len(snaps)))
	for i, s := range snaps {
		b = append(b, utf(fmt.Sprintf("state-%d", i))...)
		b = append(binio.AppendI32(b, 2), snapBytes(t, s)...)
	}
	return b
}

func TestResolve(t *testing.T) {
	text, long := simpleSnap(simple("String")), simpleSnap(simple("Long"))
	nested := compositeSnap("com.acme.BoxSerializerSnapshot", 1, nil, long)
	nested.Body = &Unknown{Nested: []*Snapshot{long}, Data: mustBody(t, nested)}
	tests := []struct {
		name  string
		snaps []*Snapshot
	}{
		{"first", []*Snapshot{customSnap("A", "body"), text, long}},
		{"middle", []*Snapshot{text, customSnap("A", "another body\x00\x01\x02"), long}},
		{"last", []*Snapshot{text, long, customSnap("A", "b")}},
		{"empty body", []*Snapshot{customSnap("A", ""), text}},
		{"a class name as body", []*Snapshot{customSnap("A", string(utf("com.acme.Thing"))), text}},
		{"inside a list", []*Snapshot{listSnap(customSnap("A", "xyz")), text}},
		{"a composite", []*Snapshot{nested, text}},
		{"two classes", []*Snapshot{customSnap("A", "12345"), text, customSnap("B", "123456789"), long}},
		{"two in a tuple", []*Snapshot{tupleSnap(customSnap("A", "12345"), customSnap("B", "123")), long}},
		{"one class, bodies of two lengths", []*Snapshot{customSnap("A", "12345"), text, customSnap("A", "123456789"), long}},
		{"a long body", []*Snapshot{customSnap("A", strings.Repeat("long body ", 300)), text}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := header(t, tt.snaps...)
			c := NewContext(nil)
			var got []*Snapshot
			if err := c.Resolve(b, 1000, parseAll(c, &got)); err != nil {
				t.Fatal(err)
			}
			if again := header(t, got...); !bytes.Equal(again, b) {
				t.Fatalf("written back:\n got %x\nwant %x", again, b)
			}
			for i, s := range got {
				if s.Class != tt.snaps[i].Class || s.Known() != tt.snaps[i].Known() {
					t.Errorf("snapshot %d: %s, known %v", i, s.Class, s.Known())
				}
			}
		})
	}
}

func mustBody(t *testing.T, s *Snapshot) []byte {
	t.Helper()
	b, err := s.Body.AppendBody(nil, s.Version)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestResolveAgain: a context serves one header after the other, and remembers only what is true of all.
func TestResolveAgain(t *testing.T) {
	c := NewContext(nil)
	text := simpleSnap(simple("String"))
	for _, body := range []string{"12345", "1", "a longer body", ""} {
		b := header(t, customSnap("A", body), pojoSnap("P", namedSnap{"f", customSnap("A", body+body)}), text)
		var got []*Snapshot
		if err := c.Resolve(b, 0, parseAll(c, &got)); err != nil {
			t.Fatal(err)
		}
		if again := header(t, got...); !bytes.Equal(again, b) {
			t.Errorf("body %q: written back %x, want %x", body, again, b)
		}
	}
}

// TestResolveFails: what cannot be resolved names the class that stopped the reading.
func TestResolveFails(t *testing.T) {
	b := header(t, customSnap("A", "body"), simpleSnap(simple("String")))
	b = b[:len(b)-1]
	c := NewContext(nil)
	var got []*Snapshot
	err := c.Resolve(b, 0, parseAll(c, &got))
	if !errors.Is(err, fault.ErrUnsupported) || c.Missing() != "com.acme.A" {
		t.Errorf("%v, missing %q", err, c.Missing())
	}
}

// TestResolveBounded: the worst headers cost a bounded time, whatever they hold.
func TestResolveBounded(t *testing.T) {
	const size = 100 << 10
	rnd := rand.New(rand.NewPCG(1, 2))
	garbage := make([]byte, size)
	for i := range garbage {
		garbage[i] = byte(rnd.Uint32())
	}
	unknown := func(i int) []byte { return snapBytes(t, customSnap(fmt.Sprint("A", i%7), "")) }
	fill := func(next func(i int) []byte) []byte {
		b := binio.AppendI32(nil, 1<<10)
		for i := 0; len(b) < size; i++ {
			b = append(b, next(i)...)
		}
		return b
	}
	tests := map[string][]byte{
		"garbage after an unknown class": append(header(t, customSnap("A", "")), garbage...),
		"zeros after an unknown class":   append(header(t, customSnap("A", "")), make([]byte, size)...),
		"nothing but unknown classes":    fill(func(i int) []byte { return append(append(utf("s"), 0, 0, 0, 2), unknown(i)...) }),
		"known snapshots, then garbage": append(append(fill(func(int) []byte {
			return append(append(utf("s"), 0, 0, 0, 2), snapBytes(t, simpleSnap(simple("Int")))...)
		}), unknown(1)...), garbage...),
		"a frame of garbage": header(t, pojoSnap("A", namedSnap{"f", customSnap("F", string(garbage))})),
		"frames of unknown classes": header(t, pojoSnap("A", namedSnap{"f", listSnap(customSnap("F", string(garbage[:size/2])+"\x00"))},
			namedSnap{"g", listSnap(customSnap("G", string(garbage[size/2:])+"\x00"))}), customSnap("H", string(garbage[:100]))),
	}
	for name, b := range tests {
		t.Run(name, func(t *testing.T) {
			c := NewContext(nil)
			var got []*Snapshot
			_ = c.Resolve(b, 0, parseAll(c, &got))
			if c.budget < -2*len(b)-resolveBudget/8 { // what was left when it was spent, less the attempt that spent it
				t.Errorf("the budget of %d bytes was overdrawn by %d", resolveBudget, -c.budget)
			}
		})
	}
}

// TestFrames: an unknown class inside a POJO's frame breaks nothing beside it.
func TestFrames(t *testing.T) {
	text := simpleSnap(simple("String"))
	s := pojoSnap("com.acme.Order", namedSnap{"a", text}, namedSnap{"b", customSnap("X", "unknown")}, namedSnap{"c", text},
		namedSnap{"d", listSnap(customSnap("Y", "inside"))})
	pojo := s.Body.(*Pojo)
	pojo.Registered = []PojoPart{subclassPart("com.acme.Sub", customSnap("Z", "sub"))}
	b := snapBytes(t, s)
	got := readSnapshotBytes(t, b)
	if got.Known() {
		t.Error("known")
	}
	fields := got.Body.(*Pojo).Fields
	for i, want := range []string{simple("String"), "com.acme.X", simple("String"), base + "ListSerializerSnapshot"} {
		if fields[i].Snapshot.Class != want {
			t.Errorf("field %d: %s", i, fields[i].Snapshot.Class)
		}
	}
	if n := fields[3].Snapshot.Nested(); len(n) != 1 || n[0].Class != "com.acme.Y" {
		t.Errorf("inside the list: %v", n)
	}
	c := compile(t, got)
	if !c.Type().Opaque || c.Type().Fields[0].Type.Opaque || !c.Type().Fields[1].Type.Opaque {
		t.Errorf("type %s", c.Type())
	}
	// A null in the unknown field keeps the value readable, a value stops it with the class's name.
	if v, err := DecodeAll(c, []byte{2, 0, 2, 'x', 1, 1, 1}); err != nil || v.(Struct).Fields[0] != Text("x") {
		t.Errorf("%v %v", v, err)
	}
	_, err := DecodeAll(c, []byte{2, 0, 2, 'x', 0, 9, 1, 1})
	if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "com.acme.X") {
		t.Errorf("a value of an unknown class: %v", err)
	}
}
