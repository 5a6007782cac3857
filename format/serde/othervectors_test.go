package serde_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/valuejson"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// vector is a case of the shared serializer vectors.
type vector struct {
	Name                  string
	FlinkVersion          string
	Length                int
	SerializerSnapshotHex string
	Values                []struct {
		JSON     json.RawMessage
		Hex      string
		HashCode *int32
	}
}

// tested are the cases of SQL, Java serialization, Avro, Scala and CEP, by the start of their names.
var tested = []string{
	"rowdata", "binaryRow", "arraydata", "mapdata", "stringdata", "decimaldata", "timestampdata", "rawvalue", "linkedList", "mapView",
	"windowKey", "external", "variant", "bitmap", "javaSerializer", "avro", "scala", "cep",
}

func vectors(t testing.TB) []vector {
	t.Helper()
	b, err := os.ReadFile(snaptest.Shared(t, "vectors", "serializers.json"))
	if err != nil {
		t.Skip("the shared serializer vectors are not on this machine (set TARN_SHARED to their directory)")
	}
	var all, out []vector
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		for _, name := range tested {
			if strings.HasPrefix(v.Name, name) {
				out = append(out, v)
			}
		}
	}
	return out
}

// TestOtherVectors: snapshots and values of real Flink decode to what they mean, and are written back to the same bytes.
func TestOtherVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			codec := compile(t, v.SerializerSnapshotHex)
			if got := codec.Type().Length; got != v.Length {
				t.Errorf("length %d, want %d", got, v.Length)
			}
			for _, val := range v.Values {
				b, _ := hex.DecodeString(val.Hex)
				checkValue(t, codec, b)
				if val.HashCode != nil {
					if h, ok := codec.Hash(binio.NewReader(b, 0)); ok && h != *val.HashCode {
						t.Errorf("hash %d, want %d", h, *val.HashCode)
					} else if !ok {
						t.Logf("no hash of %s", v.Name)
					}
				}
				checkJSON(t, codec, v.Name, b, val.JSON)
			}
		})
	}
}

func compile(t testing.TB, text string) serde.Codec {
	t.Helper()
	snap, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	c := serde.NewContext(nil)
	r := binio.NewReader(snap, 0)
	s := c.ReadSnapshot(r)
	r.End()
	if strings.Contains(c.Missing(), "kryo") {
		t.Skip("no family for " + c.Missing())
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	again, err := serde.AppendSnapshot(nil, s)
	if err != nil || !bytes.Equal(again, snap) {
		t.Fatalf("snapshot written back: %v\n got %x\nwant %x", err, again, snap)
	}
	codec, err := c.Families.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// checkValue: the value is skipped to its end, and written back to the same bytes.
func checkValue(t testing.TB, codec serde.Codec, b []byte) {
	t.Helper()
	r := binio.NewReader(b, 0)
	codec.Skip(r)
	if r.End(); r.Err() != nil {
		t.Errorf("skip %x: %v", b, r.Err())
	}
	v, err := serde.DecodeAll(codec, b)
	if err != nil {
		t.Fatalf("decode %x: %v", b, err)
	}
	again, err := codec.Append(nil, v)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("written back: %v\n got %x\nwant %x", err, again, b)
	}
}

func checkJSON(t testing.TB, codec serde.Codec, name string, b []byte, want json.RawMessage) {
	t.Helper()
	var e valuejson.Encoder
	out, err := e.Append(nil, codec, b)
	if err != nil {
		t.Fatal(err)
	}
	got := parse(t, out)
	expected := plain(parse(t, want))
	if strings.HasPrefix(name, "variant") {
		expected = parse(t, []byte(expected.(string)))
	}
	if strings.HasPrefix(name, "rowdata variant") {
		expected = []any{parse(t, []byte(expected.([]any)[0].(string)))}
	}
	if strings.HasPrefix(name, "binaryRow") || name == "windowKey" {
		return // without types: see TestBinaryRow
	}
	if !same(expected, got) {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

// object is a JSON object in its order.
type object []member

type member struct {
	key   string
	value any
}

func (o object) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// has reports whether o has these keys and no others.
func (o object) has(keys ...string) bool {
	for i, m := range o {
		if i >= len(keys) || m.key != keys[i] {
			return false
		}
	}
	return len(o) == len(keys)
}

func parse(t testing.TB, b []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	v, err := parseNext(d)
	if err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

func parseNext(d *json.Decoder) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('['):
		out := []any{}
		for d.More() {
			v, err := parseNext(d)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = d.Token()
		return out, err
	case json.Delim('{'):
		out := object{}
		for d.More() {
			key, _ := d.Token()
			v, err := parseNext(d)
			if err != nil {
				return nil, err
			}
			out = append(out, member{key.(string), v})
		}
		_, err = d.Token()
		return out, err
	}
	return tok, nil
}

// plain turns the JSON of the vectors, which keeps numbers apart that rows write as text, into that of rows.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case object:
		return plainObject(v)
	}
	return v
}

func plainObject(o object) any {
	number := func(key string) int64 {
		n, _ := o.get(key).(json.Number).Int64()
		return n
	}
	switch {
	case o.has("bytes"):
		return object{{"$hex", o.get("bytes")}}
	case o.has("unscaled", "scale"):
		u, _ := new(big.Int).SetString(o.get("unscaled").(string), 10)
		s := number("scale")
		return new(big.Rat).SetFrac(u, new(big.Int).Exp(big.NewInt(10), big.NewInt(s), nil)).FloatString(int(s))
	case o.has("millis", "nanos"):
		return time.UnixMilli(number("millis")).Add(time.Duration(number("nanos"))).UTC().Format("2006-01-02T15:04:05.999999999")
	case o.has("kind", "fields"):
		fields := plain(o.get("fields")).([]any)
		if kind := o.get("kind"); kind != "+I" {
			return append([]any{kind}, fields...)
		}
		return fields
	}
	out := object{}
	for _, m := range o {
		out = append(out, member{m.key, plain(m.value)})
	}
	return out
}

// same compares the vectors' JSON with ours. Rows are arrays there, after a kind that is not +I, and objects here; maps are arrays of pairs there
// and may be objects here.
func same(want, got any) bool {
	list, isList := want.([]any)
	switch got := got.(type) {
	case object:
		if isList {
			return sameRow(list, got) || sameMap(list, got)
		}
		o, ok := want.(object)
		if !ok || len(o) != len(got) {
			return false
		}
		for i, m := range o {
			if m.key != got[i].key || !same(m.value, got[i].value) {
				return false
			}
		}
		return true
	case []any:
		if !isList || len(list) != len(got) {
			return false
		}
		for i := range list {
			if !same(list[i], got[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got) || sameTime(want, got)
}

func sameRow(list []any, o object) bool {
	if len(list) != len(o) {
		return false
	}
	for i, e := range list {
		if !same(e, o[i].value) {
			return false
		}
	}
	return true
}

func sameMap(list []any, o object) bool {
	if len(list) != len(o) {
		return false
	}
	for i, e := range list {
		pair, ok := e.([]any)
		if !ok || len(pair) != 2 || pair[0] != o[i].key || !same(pair[1], o[i].value) {
			return false
		}
	}
	return true
}

// sameTime compares SQL dates and times, which the vectors give as numbers.
func sameTime(want, got any) bool {
	n, ok := want.(json.Number)
	text, isText := got.(string)
	if t, ok := want.(string); ok && isText {
		return t+"Z" == text // TIMESTAMP_LTZ
	}
	if !ok || !isText {
		return false
	}
	i, _ := n.Int64()
	return text == time.Unix(i*86400, 0).UTC().Format("2006-01-02") || text == time.UnixMilli(i).UTC().Format("15:04:05")
}
