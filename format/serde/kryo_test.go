package serde

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
)

// kryoHintsOf reads hints for the classes of the vectors.
func kryoHintsOf(t testing.TB, name string) ClassHints {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "kryo", name))
	if err != nil {
		t.Fatal(err)
	}
	var h ClassHints
	if err := json.Unmarshal(b, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// compileKryoVector is compileVector with options.
func compileKryoVector(t testing.TB, v vector, o KryoOptions) Codec {
	t.Helper()
	s := readSnapshotBytes(t, unhex(t, v.SerializerSnapshotHex))
	codec, err := WithKryo(o).Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func isKryo(b []byte) bool { return bytes.Contains(b, []byte(classKryoSnapshot)) }

// TestKryoSharedVectors: all that goes through Kryo decodes to what it means, is written back to the same bytes, and hashes as in Java.
func TestKryoSharedVectors(t *testing.T) {
	hints := kryoHintsOf(t, "hints.json")
	for _, v := range sharedVectors(t) {
		if !isKryo(unhex(t, v.SerializerSnapshotHex)) {
			continue
		}
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			codec := compileKryoVector(t, v, KryoOptions{Hints: hints})
			for _, val := range v.Values {
				checkKryoValue(t, codec, val)
			}
		})
	}
}

func checkKryoValue(t *testing.T, codec Codec, val vectorValue) {
	t.Helper()
	b := unhex(t, val.Hex)
	r := binio.NewReader(b, 0)
	codec.Skip(r)
	if r.End(); r.Err() != nil {
		t.Errorf("skip %x: %v", b, r.Err())
	}
	v, err := DecodeAll(codec, b)
	if err != nil {
		t.Errorf("decode %x: %v", b, err)
		return
	}
	want, err := decodeJSON(val.JSON)
	if err != nil {
		t.Fatal(err)
	}
	if got := plainKryo(v); !sameKryo(got, want) {
		t.Errorf("%x decodes to\n%v, want\n%v", b, got, want)
	}
	again, err := codec.Append(nil, v)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("written back: %v\n got %x\nwant %x", err, again, b)
	}
	r = binio.NewReader(b, 0)
	switch h, ok := codec.Hash(r); {
	case string(val.JSON) == "null":
	case ok && val.HashCode == nil:
		t.Errorf("hash %d of %x, which has none", h, b)
	case ok && (h != *val.HashCode || r.Len() != 0):
		t.Errorf("hash of %x: %d, want %d", b, h, *val.HashCode)
	case !ok && val.HashCode != nil:
		t.Logf("no hash of %s", val.JSON)
	}
}

func decodeJSON(raw json.RawMessage) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// plainKryo gives a value in the terms of the vectors' JSON.
func plainKryo(v Value) any {
	switch v := v.(type) {
	case Exact:
		return plainKryo(v.Value)
	case List:
		out := []any{}
		for _, e := range v {
			out = append(out, plainKryo(e))
		}
		return out
	case Map:
		out := []any{}
		for _, p := range v {
			out = append(out, []any{plainKryo(p.Key), plainKryo(p.Value)})
		}
		return out
	case Struct:
		return plainKryoStruct(v)
	}
	return v
}

func plainKryoStruct(v Struct) any {
	switch {
	case v.Type == kryoRef:
		return "<self>"
	case v.Type.Kind == KindTuple:
		return plainKryo(List(v.Fields))
	case v.Type.Note == noteSet:
		return plainKryo(v.Fields[0])
	}
	out := map[string]any{}
	for i, f := range v.Fields {
		if f != nil {
			out[v.Type.Fields[i].Name] = plainKryo(f)
		}
	}
	if v.Type.Class != "" {
		out["$class"] = v.Type.Class
	}
	return out
}

// sameKryo compares with the JSON of a vector. What that shows by toString is compared with the text, or not at all.
func sameKryo(got, want any) bool {
	if m, ok := want.(map[string]any); ok && m["toString"] != nil {
		return sameToString(got, m["$class"].(string), m["toString"].(string))
	}
	switch g := got.(type) {
	case []any:
		w, ok := want.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range g {
			if !sameKryo(g[i], w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		w, ok := want.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for name := range g {
			if !sameKryo(g[name], w[name]) {
				return false
			}
		}
		return true
	case string:
		return g == want
	}
	v, ok := got.(Value)
	return ok && diff(v, want) == ""
}

func sameToString(got any, class, text string) bool {
	switch class {
	case "java.util.BitSet":
		return fmt.Sprint(got) == "["+strings.Trim(text, "{}")+"]"
	case "java.util.Optional":
		m, ok := got.(map[string]any)
		return ok && fmt.Sprintf("Optional[%v]", m["some"]) == text
	case "sun.util.calendar.ZoneInfo":
		return strings.Contains(text, fmt.Sprintf("id=%q", got))
	case "java.lang.Class":
		return "class "+fmt.Sprint(got) == text
	}
	return reflect.DeepEqual(got, Text(text))
}

// TestKryoUnknownClass: what no rule explains is said by name, and raw where its end is known.
func TestKryoUnknownClass(t *testing.T) {
	for _, v := range sharedVectors(t) {
		if v.Name != "kryo FieldSerializer" {
			continue
		}
		codec := compileKryoVector(t, v, KryoOptions{})
		for _, val := range v.Values {
			_, err := DecodeAll(codec, unhex(t, val.Hex))
			if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "tarnvec.Types$Opaque") {
				t.Errorf("%v: %v", v.FlinkVersion, err)
			}
		}
	}
}

// BenchmarkKryo walks values of a class whose fields a hint names.
func BenchmarkKryo(b *testing.B) {
	hints := kryoHintsOf(b, "vector-hints.json")
	for _, v := range ownKryoVectors(b) {
		if v.Name != "fields" && v.Name != "UUID" {
			continue
		}
		w := Kryo2
		if v.FlinkVersion[0] == '2' {
			w = Kryo5
		}
		codec := compileKryoVector(b, v, KryoOptions{Writer: w, Hints: hints})
		data := unhex(b, v.Values[0].Hex)
		b.Run(v.Name+"/"+v.FlinkVersion, func(b *testing.B) {
			var r binio.Reader
			var d discard
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(data, 0)
				codec.Walk(&r, &d)
			}
			if r.Err() != nil {
				b.Fatal(r.Err())
			}
		})
	}
}
