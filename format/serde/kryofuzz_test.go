package serde

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// ownKryoVectors are those of testdata/kryo.
func ownKryoVectors(t testing.TB) []vector {
	t.Helper()
	vs, ok := readVectors(t, "testdata/kryo/vectors.json")
	if !ok {
		t.Fatal("testdata/kryo/vectors.json is missing")
	}
	return vs
}

// FuzzKryoSnapshot: no bytes panic or hang; what is read is written back to the same bytes.
func FuzzKryoSnapshot(f *testing.F) {
	for _, v := range ownKryoVectors(f) {
		f.Add(unhex(f, v.SerializerSnapshotHex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		s := NewContext(nil).ReadSnapshot(r)
		if r.Err() != nil {
			checkKind(t, r.Err())
			return
		}
		again, err := AppendSnapshot(nil, s)
		if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
	})
}

// FuzzKryo: no bytes panic or hang, in either version or with both tried; what Walk reads, Append writes back, and Skip and Hash find the
// same end.
func FuzzKryo(f *testing.F) {
	hints := kryoHintsOf(f, "vector-hints.json")
	var codecs []Codec
	for _, v := range ownKryoVectors(f) {
		if v.Name == "registered" || v.Name == "fields" {
			for _, w := range []KryoWriter{Kryo2, Kryo5, KryoUnknown} {
				codecs = append(codecs, compileKryoVector(f, v, KryoOptions{Writer: w, Hints: hints}))
			}
		}
	}
	for _, v := range ownKryoVectors(f) {
		for i := range codecs {
			for _, val := range v.Values {
				f.Add(uint8(i), unhex(f, val.Hex))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		checkLaws(t, codecs[int(which)%len(codecs)], b)
		KryoStrings(b)
	})
}

// kryoOf compiles the codec of Objects in a version.
func kryoOf(t testing.TB, w KryoWriter, hints ClassHints) Codec {
	t.Helper()
	for _, v := range ownKryoVectors(t) {
		if v.Name == "scalars" {
			return compileKryoVector(t, v, KryoOptions{Writer: w, Hints: hints})
		}
	}
	t.Fatal("no vector")
	return nil
}

// list2 is an ArrayList of Kryo 2.24.
func list2(elements ...string) string {
	return "\x01\x00java.util.ArrayLis\xf4\x01" + string(rune(len(elements))) + strings.Join(elements, "")
}

// TestKryoHostile: what nests too deep, refers to itself or doubles at every level ends in bounded time with an error or a reference.
func TestKryoHostile(t *testing.T) {
	deep := "\x01\x00java.util.ArrayLis\xf4" + strings.Repeat("\x01\x01\x01\x00", 10_000)
	cases := []struct {
		name, bytes string
		kind        error
	}{
		{"nested", deep, fault.ErrCorrupt},
		{"many elements", "\x01\x00java.util.ArrayLis\xf4\x01\xff\xff\xff\xff\x07", fault.ErrTruncated},
		{"reference to nothing", "\x01\x00java.util.ArrayLis\xf4\x05", fault.ErrCorrupt},
		{"name of nothing", "\x01\x05", fault.ErrCorrupt},
		{"number of nothing", "\xff\x01", fault.ErrCorrupt},
		{"long name", "\x01\x00\xff\xff\xff\xff\x0f" + strings.Repeat("a", 1<<16), fault.ErrTruncated},
		{"array of arrays", "\x01\x00\xff\x09" + strings.Repeat("[", 510) + "I\x01\x01", fault.ErrCorrupt},
		{"unknown", "\x01\x00com.acme.Unknow\xee\x01\x02", fault.ErrUnsupported},
		{"second Java object", list2("\x55\x01\xac\xed\x00\x05\x70", "\x55\x01\x70"), fault.ErrUnsupported},
	}
	codec := kryoOf(t, Kryo2, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := DecodeAll(codec, []byte(c.bytes)); !errors.Is(err, c.kind) {
				t.Errorf("%v, want %v", err, c.kind)
			}
		})
	}
}

// TestKryoDoubling: a list of lists that each hold the one before twice has 2^n leaves in as many bytes as n.
func TestKryoDoubling(t *testing.T) {
	const levels = 60
	// objects 0 … levels are nested in each other; each holds the next and then that one once more
	open, shut := "", ""
	for i := range levels {
		if i == 0 {
			open += "\x01\x00java.util.ArrayLis\xf4\x01\x02"
		} else {
			open += "\x01\x00\x01\x02"
		}
		shut = "\x01\x00" + string(binio.AppendVarInt(nil, uint32(i+1+2))) + shut
	}
	b := []byte(open + "\x01\x00\x01\x00" + shut)
	codec := kryoOf(t, Kryo2, nil)
	var n counter
	r := binio.NewReader(b, 0)
	codec.Walk(r, &n)
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	if n.lists < 1000 || n.refs == 0 || n.lists > 1_000_000 {
		t.Errorf("%d lists, %d references", n.lists, n.refs)
	}
}

// counter counts lists and references.
type counter struct {
	Builder
	lists, refs int
}

func (c *counter) BeginList(*Type, int) { c.lists++ }
func (c *counter) EndList()             {}
func (c *counter) BeginStruct(t *Type, _ Form) {
	if t == kryoRef {
		c.refs++
	}
}
func (c *counter) Field(int)                    {}
func (c *counter) Int(int64)                    {}
func (c *counter) EndStruct()                   {}
func (c *counter) BeginExact()                  {}
func (c *counter) EndExact(exactWriter, []byte) {}

// TestKryoWriter: the class of a registered serializer tells which Kryo wrote.
func TestKryoWriter(t *testing.T) {
	for _, v := range sharedVectors(t) {
		if v.Name != "kryo ArrayList" {
			continue
		}
		want := Kryo2
		if v.FlinkVersion[0] == '2' {
			want = Kryo5
		}
		s := readSnapshotBytes(t, unhex(t, v.SerializerSnapshotHex))
		if got := s.Body.(*KryoSnapshot).Writer; got != want {
			t.Errorf("%s: %v, want %v", v.FlinkVersion, got, want)
		}
	}
}

// TestKryoStrings: the texts of a value whose class is not known show all the same.
func TestKryoStrings(t *testing.T) {
	b := "\x01\x00com.acme.Orde\xf2\x01\x00\x03shippe\xe4\x01\x86h\xc3\xa9llo" + "\x01\x02\x03\x00\xc5\x01" + strings.Repeat("x", 68)
	got := KryoStrings([]byte(b))
	want := []string{"com.acme.Order", "shipped", "héllo", strings.Repeat("x", 68)}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestKryoAppend: keys can be written from what a person types.
func TestKryoAppend(t *testing.T) {
	for _, v := range ownKryoVectors(t) {
		w := Kryo2
		if v.FlinkVersion[0] == '2' {
			w = Kryo5
		}
		if v.Name != "UUID" && v.Name != "String" && v.Name != "Long" && v.Name != "Integer" && v.Name != "Short" && v.Name != "Boolean" {
			continue
		}
		codec := compileKryoVector(t, v, KryoOptions{Writer: w})
		for _, val := range v.Values {
			b := unhex(t, val.Hex)
			x, err := DecodeAll(codec, b)
			if err != nil {
				t.Fatal(err)
			}
			again, err := codec.Append(nil, Plain(x))
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("%s: %v\n got %x\nwant %x", val.JSON, err, again, b)
			}
		}
	}
}

// TestKryoMessage: a message of protobuf ends where its length says, and stays bytes under its serializer's name.
func TestKryoMessage(t *testing.T) {
	const serializer = "com.twitter.chill.protobuf.ProtobufSerializer"
	codec := kryoOf(t, Kryo5, ClassHints{"com.acme.Msg": {Serializer: serializer}})
	b := []byte("\x01\x00java.util.ArrayLis\xf4\x01\x03\x01\x01com.acme.Ms\xe7\x01\x03\xaa\xbb\xcc\x02\x02")
	v, err := DecodeAll(codec, b)
	if err != nil {
		t.Fatal(err)
	}
	list, ok := Plain(v).(List)
	if !ok || len(list) != 2 || list[1] != Int(1) {
		t.Fatalf("%#v", v)
	}
	raw, ok := list[0].(Raw)
	if !ok || string(raw.Data) != "\xaa\xbb\xcc" || raw.Type.Serializer != serializer || raw.Type.Class != "com.acme.Msg" {
		t.Errorf("%#v", list[0])
	}
}

// TestKryoLostClass: a registered class that the job has lost keeps its number, and its entry in the snapshot.
func TestKryoLostClass(t *testing.T) {
	b, _ := binio.AppendUTF(nil, classKryoSnapshot)
	b, _ = binio.AppendUTF(binio.AppendI32(b, 2), "java.lang.Object")
	b = binio.AppendI32(binio.AppendI64(b, optionalMapHeader), 2)
	for _, class := range []string{"com.acme.Lost", "com.acme.Kept"} {
		b, _ = binio.AppendUTF(b, class)
		b = append(b, 0, 0)
	}
	for range 2 {
		b = binio.AppendI32(binio.AppendI64(b, optionalMapHeader), 0)
	}
	s := readSnapshotBytes(t, b)
	body := s.Body.(*KryoSnapshot)
	if len(body.Registrations) != 2 || body.Registrations[0] != (KryoRegistration{Class: "com.acme.Lost", Kind: KryoAbsent}) {
		t.Errorf("%+v", body.Registrations)
	}
	codec, err := WithKryo(KryoOptions{Writer: Kryo2, Hints: ClassHints{"com.acme.Kept": {Constants: []string{"A", "B"}}}}).Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	v, err := DecodeAll(codec, []byte("\x58\x01\x02"))
	if e, ok := Plain(v).(Enum); err != nil || !ok || e.Name != "B" {
		t.Errorf("%#v, %v", v, err)
	}
	if _, err := DecodeAll(codec, []byte("\x57\x01\x02")); !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "com.acme.Lost") {
		t.Errorf("%v", err)
	}
}
