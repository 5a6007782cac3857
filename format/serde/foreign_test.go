package serde_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
)

// foreign reads testdata/foreign.json, which real Flink wrote with testdata/foreign: SQL, Java serialization, Avro, pattern matching, Scala. The
// JSON is what tarn shows.
func foreign(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile("testdata/foreign.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// unhashed are the keys of which the bytes do not say what Java's hash is.
var unhashed = map[string]bool{"sorted map": true}

// TestForeign: snapshots and values of real Flink show what they mean, are written back to the same bytes, and hash as in Java.
func TestForeign(t *testing.T) {
	for _, v := range foreign(t) {
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			codec := compile(t, v.SerializerSnapshotHex)
			if got := codec.Type().Length; got != v.Length {
				t.Errorf("length %d, want %d", got, v.Length)
			}
			if codec.Type().Opaque {
				t.Error("opaque")
			}
			for _, val := range v.Values {
				b, _ := hex.DecodeString(val.Hex)
				checkValue(t, codec, b)
				out, err := valuejson.Append(nil, codec, b)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(parse(t, out), parse(t, val.JSON)) {
					t.Errorf("got  %s\nwant %s", out, val.JSON)
				}
				if val.HashCode == nil {
					continue
				}
				if h, ok := codec.Hash(binio.NewReader(b, 0)); (!ok && !unhashed[v.Name]) || (ok && h != *val.HashCode) {
					t.Errorf("hash of %s: %d, %t, want %d", out, h, ok, *val.HashCode)
				}
			}
		})
	}
}

// TestForeignCut: a value that ends early is an error, never a panic.
func TestForeignCut(t *testing.T) {
	for _, v := range foreign(t) {
		codec := compile(t, v.SerializerSnapshotHex)
		for _, val := range v.Values {
			b, _ := hex.DecodeString(val.Hex)
			for n := range b {
				if _, err := serde.DecodeAll(codec, b[:n]); err == nil {
					t.Fatalf("%s: %d of %d bytes are taken for a value", v.Name, n, len(b))
				}
			}
		}
	}
}

// TestForeignWalk: walking allocates nothing, but for Java objects.
func TestForeignWalk(t *testing.T) {
	for _, v := range foreign(t) {
		if v.Name == "java" {
			continue
		}
		codec := compile(t, v.SerializerSnapshotHex)
		for _, val := range v.Values {
			b, _ := hex.DecodeString(val.Hex)
			var r binio.Reader
			n := testing.AllocsPerRun(100, func() {
				r.Reset(b, 0)
				codec.Walk(&r, nowhere{})
			})
			if n > 0 {
				t.Errorf("%s: %v allocations", v.Name, n)
			}
		}
	}
}

// FuzzForeign: what is accepted is written back to the same bytes, and skipped to the same end. The first byte chooses the codec.
func FuzzForeign(f *testing.F) {
	var codecs []serde.Codec
	for _, v := range foreign(f) {
		for _, val := range v.Values {
			b, _ := hex.DecodeString(val.Hex)
			f.Add(append([]byte{byte(len(codecs))}, b...))
		}
		codecs = append(codecs, compile(f, v.SerializerSnapshotHex))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 || int(b[0]) >= len(codecs) {
			return
		}
		codec, b := codecs[b[0]], b[1:]
		r := binio.NewReader(b, 0)
		v := serde.Decode(codec, r)
		if r.Err() != nil {
			return
		}
		b = b[:r.Pos()]
		again, err := codec.Append(nil, v)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%s written back: %v\n got %x\nwant %x", codec.Type(), err, again, b)
		}
		r = binio.NewReader(b, 0)
		codec.Skip(r)
		if r.End(); r.Err() != nil {
			t.Fatalf("%s skipped: %v", codec.Type(), r.Err())
		}
		codec.Hash(binio.NewReader(b, 0))
	})
}

// FuzzForeignSnapshot: a snapshot that is accepted is written back to the same bytes, and compiles or says why not.
func FuzzForeignSnapshot(f *testing.F) {
	for _, v := range foreign(f) {
		b, _ := hex.DecodeString(v.SerializerSnapshotHex)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c := serde.NewContext(nil)
		r := binio.NewReader(b, 0)
		s := c.ReadSnapshot(r)
		if r.Err() != nil {
			return
		}
		again, err := serde.AppendSnapshot(nil, s)
		if err != nil || !bytes.Equal(again, b[:r.Pos()]) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b[:r.Pos()])
		}
		if codec, err := c.Families.Compile(s); err == nil {
			_ = codec.Type().String()
		}
	})
}

// nowhere is a Sink that forgets everything.
type nowhere struct{}

func (nowhere) Null()                               {}
func (nowhere) Bool(bool)                           {}
func (nowhere) Int(int64)                           {}
func (nowhere) Float32(float32)                     {}
func (nowhere) Float64(float64)                     {}
func (nowhere) Char(uint16)                         {}
func (nowhere) Text([]byte)                         {}
func (nowhere) Bytes([]byte)                        {}
func (nowhere) Integer(serde.Integer)               {}
func (nowhere) Decimal(serde.Decimal)               {}
func (nowhere) Time(serde.Time)                     {}
func (nowhere) Enum(serde.Enum)                     {}
func (nowhere) BeginList(*serde.Type, int)          {}
func (nowhere) EndList()                            {}
func (nowhere) BeginMap(*serde.Type, int)           {}
func (nowhere) EndMap()                             {}
func (nowhere) BeginStruct(*serde.Type, serde.Form) {}
func (nowhere) Field(int)                           {}
func (nowhere) EndStruct()                          {}
func (nowhere) Raw(*serde.Type, []byte)             {}

func BenchmarkForeignWalk(b *testing.B) {
	for _, v := range foreign(b) {
		if v.FlinkVersion != "1.20.3" || (v.Name != "row as a key" && v.Name != "decimals and bytes" && v.Name != "avro as a key" && v.Name != "nested") {
			continue
		}
		codec := compile(b, v.SerializerSnapshotHex)
		data, _ := hex.DecodeString(v.Values[0].Hex)
		b.Run(v.Name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var r binio.Reader
			for b.Loop() {
				r.Reset(data, 0)
				codec.Walk(&r, nowhere{})
			}
		})
	}
}
