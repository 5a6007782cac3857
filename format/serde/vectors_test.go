package serde

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
)

// vector is one case of the shared serializer vectors: bytes that real Flink classes made.
type vector struct {
	Name                  string
	FlinkVersion          string
	SerializerClass       string
	Length                int
	Decode                string
	SerializerSnapshotHex string
	Values                []struct {
		JSON     json.RawMessage
		Hex      string
		HashCode *int32
	}
}

func loadVectors(t *testing.T) []vector {
	t.Helper()
	dir := os.Getenv("TARN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(dir, "vectors", "serializers.json"))
	if err != nil {
		t.Skip("the shared serializer vectors are not on this machine (set TARN_SHARED to their directory)")
	}
	var vs []vector
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

// TestVectors: every snapshot re-encodes to its bytes; every value decodes, re-encodes to its bytes, is skipped to its end and has
// the hash code that Java says.
func TestVectors(t *testing.T) {
	for _, v := range loadVectors(t) {
		snap, _ := hex.DecodeString(v.SerializerSnapshotHex)
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			c := NewContext(nil)
			r := binio.NewReader(snap, 0)
			s := c.ReadSnapshot(r)
			r.End()
			if c.Missing() != "" {
				t.Skip("no family for " + c.Missing())
			}
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			again, err := AppendSnapshot(nil, s)
			if err != nil || string(again) != string(snap) {
				t.Fatalf("snapshot written back: %v\n got %x\nwant %x", err, again, snap)
			}
			codec, err := c.Families.Compile(s)
			if err != nil {
				t.Fatal(err)
			}
			if got := codec.Type().Length; got != v.Length {
				t.Errorf("length %d, want %d", got, v.Length)
			}
			for _, val := range v.Values {
				b, _ := hex.DecodeString(val.Hex)
				checkValue(t, codec, b, val.HashCode)
			}
		})
	}
}

func checkValue(t *testing.T, codec Codec, b []byte, hash *int32) {
	t.Helper()
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
	again, err := codec.Append(nil, v)
	if err != nil || string(again) != string(b) {
		t.Errorf("written back: %v\n got %x\nwant %x", err, again, b)
	}
	if hash == nil {
		return
	}
	if got, ok := codec.Hash(binio.NewReader(b, 0)); ok && got != *hash {
		t.Errorf("hash of %x: %d, want %d", b, got, *hash)
	}
}
