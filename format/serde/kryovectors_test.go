package serde_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// kryoFixture reads a file of testdata/kryo.
func kryoFixture(t testing.TB, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "kryo", name))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kryoCodec compiles a vector's snapshot, which does not say which Kryo wrote it.
func kryoCodec(t testing.TB, v vector, o serde.KryoOptions) serde.Codec {
	t.Helper()
	b, err := hex.DecodeString(v.SerializerSnapshotHex)
	if err != nil {
		t.Fatal(err)
	}
	reg := serde.WithKryo(o)
	r := binio.NewReader(b, 0)
	s := serde.NewContext(reg).ReadSnapshot(r)
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	again, err := serde.AppendSnapshot(nil, s)
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("snapshot written back: %v\n got %x\nwant %x", err, again, b)
	}
	if body := s.Body.(*serde.KryoSnapshot); body.Writer != serde.KryoUnknown {
		t.Errorf("written by %v, which the bytes do not say", body.Writer)
	}
	c, err := reg.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func writerOf(v vector) serde.KryoWriter {
	if v.FlinkVersion[0] == '1' {
		return serde.Kryo2
	}
	return serde.Kryo5
}

// TestKryoVectors: values that real Flink wrote show what rows have for them, are written back to the same bytes, and hash as in Java; with
// the version told, and with both tried.
func TestKryoVectors(t *testing.T) {
	var vs []vector
	kryoFixture(t, "vectors.json", &vs)
	var hints serde.ClassHints
	kryoFixture(t, "vector-hints.json", &hints)
	for _, v := range vs {
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			codec := kryoCodec(t, v, serde.KryoOptions{Writer: writerOf(v), Hints: hints})
			guessing := kryoCodec(t, v, serde.KryoOptions{Hints: hints})
			for _, val := range v.Values {
				b, _ := hex.DecodeString(val.Hex)
				checkKryo(t, codec, b, val.JSON, val.HashCode)
				checkValue(t, guessing, b)
			}
		})
	}
}

func checkKryo(t *testing.T, codec serde.Codec, b []byte, want json.RawMessage, hash *int32) {
	t.Helper()
	checkValue(t, codec, b)
	got, err := valuejson.Append(nil, codec, b)
	if err != nil {
		t.Errorf("%x: %v", b, err)
		return
	}
	if bytes.Contains(got, []byte(`"$raw"`)) {
		t.Errorf("%x is raw, want %s", b, want)
	}
	if x := parse(t, want); x != "*" && !reflect.DeepEqual(parse(t, got), x) {
		t.Errorf("%x is\n%s, want\n%s", b, got, want)
	}
	h, ok := codec.Hash(binio.NewReader(b, 0))
	if hash != nil && (!ok || h != *hash) {
		t.Errorf("hash of %s: %d, %v, want %d", want, h, ok, *hash)
	}
}
