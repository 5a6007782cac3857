package serde_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// truth is what the corpus says about the states of a snapshot.
type truth struct {
	FlinkVersion string
	Operators    []struct {
		KeyedStates []struct {
			Name, ValueSerializer string
			Entries               []struct {
				Value json.RawMessage
				Vx    json.RawMessage // of lists an array
			}
		}
	}
}

// TestKryoCorpus: a class of a real job, of which a hint says the fields, reads as the job saw it.
func TestKryoCorpus(t *testing.T) {
	dir := os.Getenv("TARN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "corpus", "*-types-*", "truth.json"))
	if len(files) == 0 {
		t.Skip("the shared corpus is not on this machine (set TARN_SHARED to the directory that holds it)")
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var x truth
			if err := json.Unmarshal(b, &x); err != nil {
				t.Fatal(err)
			}
			if n := checkTruth(t, &x); n == 0 {
				t.Error("no Kryo values")
			}
		})
	}
}

func checkTruth(t *testing.T, x *truth) (n int) {
	t.Helper()
	for _, op := range x.Operators {
		for _, st := range op.KeyedStates {
			if !strings.Contains(st.ValueSerializer, "Kryo") {
				continue
			}
			for _, e := range st.Entries {
				n++
				b, _ := hex.DecodeString(strings.Trim(string(e.Vx), `"`))
				checkOpaque(t, x.FlinkVersion, b, e.Value)
			}
		}
	}
	return n
}

func checkOpaque(t *testing.T, version string, b []byte, want json.RawMessage) {
	t.Helper()
	const class = "oracle.OpenTypes$Opaque"
	hints := serde.ClassHints{class: {Fields: []serde.FieldHint{
		{Name: "a", Type: "java.lang.String"}, {Name: "b", Type: "int"}, {Name: "c", Type: "java.util.List<java.lang.String>"},
	}}}
	writer := serde.Kryo2
	if version[0] == '2' {
		writer = serde.Kryo5
	}
	codec := kryoFor(t, class, serde.KryoOptions{Writer: writer, Hints: hints})
	got, err := valuejson.Append(nil, codec, b)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	expected := object{}
	for _, m := range parse(t, want).(object) {
		if m.key != "@class" { // it is the declared one
			expected = append(expected, m)
		}
	}
	if !reflect.DeepEqual(parse(t, got), any(expected)) {
		t.Errorf("%x is\n%s, want\n%s", b, got, want)
	}
}

// kryoFor compiles the codec of a class, registered as Flink registers the type itself.
func kryoFor(t testing.TB, class string, o serde.KryoOptions) serde.Codec {
	t.Helper()
	utf := func(b []byte, s string) []byte { b, _ = binio.AppendUTF(b, s); return b }
	empty := func(b []byte, n int32) []byte { return binio.AppendI32(binio.AppendI64(b, 0x4F2C69A3D70), n) }
	b := utf(nil, "org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializerSnapshot")
	b = empty(utf(binio.AppendI32(b, 2), class), 1)
	key, value := utf(nil, class), binio.AppendI32(utf(nil, class), 0)
	b = append(binio.AppendI32(append(utf(b, class), 1), int32(len(key))), key...)
	b = append(binio.AppendI32(append(b, 1), int32(len(value))), value...)
	b = empty(empty(b, 0), 0)
	reg := serde.WithKryo(o)
	r := binio.NewReader(b, 0)
	s := serde.NewContext(reg).ReadSnapshot(r)
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	c, err := reg.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
