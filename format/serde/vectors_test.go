package serde

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// vector is one case of serializer vectors: bytes that real Flink classes made.
type vector struct {
	Name                  string
	FlinkVersion          string
	SerializerClass       string
	Length                int
	Decode                string
	SerializerSnapshotHex string
	Values                []vectorValue
}

type vectorValue struct {
	JSON     json.RawMessage
	Hex      string
	HashCode *int32
}

// readVectors reads a vectors file; ok is false if there is none.
func readVectors(t testing.TB, path string) (vs []vector, ok bool) {
	t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, false
	}
	if err == nil {
		err = json.Unmarshal(b, &vs)
	}
	if err != nil {
		t.Fatal(err)
	}
	return vs, true
}

func sharedVectors(t testing.TB) []vector {
	t.Helper()
	vs, ok := readVectors(t, snaptest.Shared(t, "vectors", "serializers.json"))
	if !ok {
		t.Skip("the shared serializer vectors are not on this machine (set TARN_SHARED to their directory)")
	}
	return vs
}

// committedVectors are those of testdata, made by testdata/maker.
func committedVectors(t testing.TB) []vector {
	t.Helper()
	vs, ok := readVectors(t, filepath.Join("testdata", "vectors.json"))
	if !ok {
		t.Fatal("testdata/vectors.json is missing")
	}
	return vs
}

// otherFamilies are the cases whose serializers have tests of their own: Kryo, Avro, SQL, CEP, Scala, Java serialization.
var otherFamilies = []string{
	"uuid via kryo (key)", "pojo generic(kryo) subclass", "kryo ArrayList", "kryo HashMap", "kryo LinkedHashMap", "kryo TreeMap",
	"kryo HashSet", "kryo Object", "kryo FieldSerializer", "kryo FieldSerializer small", "kryo registered",
	"1.13.6/pojo collections", "1.20.3/pojo collections", // List, Map and Set fields go through Kryo there
	"javaSerializer",
	"cep EventId", "cep NodeId", "cep Lockable<string>", "cep NFAState (empty)",
	"rowdata all types", "rowdata<int,string>", "rowdata 60 ints (two null words)", "rowdata nested", "rowdata raw",
	"rowdata named fields nested in row", "rowdata variant", "binaryRow(2)", "arraydata<int>", "arraydata<boolean>",
	"arraydata<decimal(30,2)>", "arraydata<smallint>", "mapdata<string,double>", "stringdata", "decimaldata(10,2)", "decimaldata(38,18)",
	"timestampdata(3)", "timestampdata(6)", "rawvalue<string>", "linkedList<string> (table)", "mapView<string,long>", "windowKey",
	"external<row>", "external<bigint>", "variant", "bitmap",
	"avro generic", "avro specific", "avro reflect",
	"scala caseclass Tuple3", "scala option<string>", "scala either<string,int>", "scala unit", "scala try<int>", "scala traversable List<string>",
}

// unhashed are the cases whose hashCode the bytes do not define: a record's is up to the JDK, a stream record's is no key's.
var unhashed = []string{"pojo record", "streamElement<string>"}

// windowsWithoutLength are the serializers whose getLength was 0 up to Flink 1.13 or so. It is in no snapshot.
var windowsWithoutLength = []string{"timeWindow", "globalWindow", "table TimeWindow", "table CountWindow"}

func TestSharedVectors(t *testing.T) { testVectors(t, sharedVectors(t)) }

func TestCommittedVectors(t *testing.T) { testVectors(t, committedVectors(t)) }

// testVectors: every snapshot re-encodes to its bytes; every value decodes to the expected one, re-encodes to its bytes, is skipped to its
// end and has the hash code that Java says.
func testVectors(t *testing.T, vs []vector) {
	for _, v := range vs {
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			if slices.Contains(otherFamilies, v.Name) || slices.Contains(otherFamilies, v.FlinkVersion+"/"+v.Name) {
				t.Skip("tested with its own family")
			}
			codec := compileVector(t, v)
			length := codec.Type().Length
			if length != v.Length && !(v.Length == 0 && slices.Contains(windowsWithoutLength, v.Name)) {
				t.Errorf("length %d, want %d", length, v.Length)
			}
			for _, val := range v.Values {
				checkValue(t, codec, val, slices.Contains(unhashed, v.Name))
			}
		})
	}
}

// compileVector reads the snapshot, checks that it is written back to the same bytes, and compiles it.
func compileVector(t testing.TB, v vector) Codec {
	t.Helper()
	snap, err := hex.DecodeString(v.SerializerSnapshotHex)
	if err != nil {
		t.Fatal(err)
	}
	s := readSnapshotBytes(t, snap)
	if !s.Known() {
		t.Fatal("holds an unknown snapshot class")
	}
	codec, err := BuiltinRegistry().Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

func readSnapshotBytes(t testing.TB, b []byte) *Snapshot {
	t.Helper()
	r := binio.NewReader(b, 0)
	s := NewContext(nil).ReadSnapshot(r)
	if r.End(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	again, err := AppendSnapshot(nil, s)
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("snapshot written back: %v\n got %x\nwant %x", err, again, b)
	}
	return s
}

func checkValue(t *testing.T, codec Codec, val vectorValue, unhashed bool) {
	t.Helper()
	b, err := hex.DecodeString(val.Hex)
	if err != nil {
		t.Fatal(err)
	}
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
	if why := differs(v, val.JSON); why != "" {
		t.Errorf("%x decodes to %#v, want %s: %s", b, v, val.JSON, why)
	}
	again, err := codec.Append(nil, v)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("written back: %v\n got %x\nwant %x", err, again, b)
	}
	got, ok := codec.Hash(binio.NewReader(b, 0))
	switch {
	case val.HashCode == nil:
	case ok == unhashed:
		t.Errorf("hash of %x: defined %v, want %v", b, ok, !unhashed)
	case ok && got != *val.HashCode:
		t.Errorf("hash of %x: %d, want %d", b, got, *val.HashCode)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
