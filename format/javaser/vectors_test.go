package javaser

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// streams gives every Java serialization stream inside the shared serializer vectors, with whatever follows it.
func streams(t testing.TB) [][]byte {
	t.Helper()
	b, err := os.ReadFile(snaptest.Shared(t, "vectors", "serializers.json"))
	if err != nil {
		t.Skip("the shared serializer vectors are not on this machine (set TARN_SHARED to their directory)")
	}
	var cases []struct {
		SerializerSnapshotHex string
		Values                []struct{ Hex string }
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	collect := func(text string) {
		b, _ := hex.DecodeString(text)
		for i := bytes.Index(b, []byte{0xAC, 0xED, 0, 5}); i >= 0; i = bytes.Index(b, []byte{0xAC, 0xED, 0, 5}) {
			b = b[i:]
			out = append(out, b)
			b = b[4:]
		}
	}
	for _, c := range cases {
		collect(c.SerializerSnapshotHex)
		for _, v := range c.Values {
			collect(v.Hex)
		}
	}
	return out
}

// TestVectors: what real Flink serialized parses, and is written back to the same bytes.
func TestVectors(t *testing.T) {
	all := streams(t)
	for _, b := range all {
		r := binio.NewReader(b, 0)
		v := Parse(r)
		if r.Err() != nil {
			t.Fatalf("%v in %.200x", r.Err(), b)
		}
		again, err := Append(nil, v)
		if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
		if out := AppendJSON(nil, v); !json.Valid(out) {
			t.Fatalf("no JSON: %s", out)
		}
	}
	if len(all) < 400 {
		t.Errorf("only %d streams", len(all))
	}
}
