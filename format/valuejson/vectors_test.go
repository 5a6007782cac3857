package valuejson

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// vector is one serializer with values: what real Flink classes wrote, and what it means in a literal JSON.
type vector struct {
	Name                  string
	FlinkVersion          string
	SerializerSnapshotHex string
	Decode                string // kryo-best-effort and needs-class-schema: values of classes that no snapshot describes
	Values                []struct {
		JSON any
		Hex  string
	}
}

func loadVectors(t *testing.T) []vector {
	t.Helper()
	f, err := os.Open(snaptest.Shared(t, "vectors", "serializers.json"))
	if err != nil {
		t.Skip("the shared serializer vectors are not on this machine (set TARN_SHARED to their directory)")
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	var vs []vector
	if err := d.Decode(&vs); err != nil {
		t.Fatal(err)
	}
	return vs
}

// inexact are values whose JSON does not say which of several encodings they had.
var inexact = map[string]string{
	"bigint/0000000500":         "zero that is not the constant",
	"bigint/0000000501":         "one that is not the constant",
	"bigint/000000050a":         "ten that is not the constant",
	"bigdec/000000050100000003": "one that is not the constant",
	"bigdec/00000005fffffffffb": "plain digits of a negative scale",
}

// untyped are cases whose values are not described by their type: their JSON cannot be made into a value again, and what it looks like
// is tested beside their serializers.
var untyped = map[string]string{
	"javaSerializer":  "the stream says what it holds",
	"binaryRow(2)":    "only the number of fields is known",
	"variant":         "the value says what it is",
	"bitmap":          "numbers stand for the bytes",
	"rowdata variant": "the value says what it is",
	"avro generic":    "the record refers to itself, and its type says so without its fields",
}

// TestVectors: the JSON of every value says what Flink's class says, and reads back as a value of the same bytes.
func TestVectors(t *testing.T) {
	checked := 0
	for _, v := range loadVectors(t) {
		snap, _ := hex.DecodeString(v.SerializerSnapshotHex)
		c := serde.NewContext(nil)
		s := c.ReadSnapshot(binio.NewReader(snap, 0))
		if !s.Known() || c.Missing() != "" {
			continue
		}
		codec, err := c.Families.Compile(s)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if _, ok := untyped[v.Name]; ok || codec.Type().Opaque || v.Decode != "snapshot-only" {
			continue
		}
		t.Run(v.FlinkVersion+"/"+v.Name, func(t *testing.T) {
			for _, val := range v.Values {
				b, _ := hex.DecodeString(val.Hex)
				checkVector(t, v.Name, codec, b, val.JSON)
				checked++
			}
		})
	}
	if checked < 100 {
		t.Errorf("only %d values were checked", checked)
	}
	t.Logf("%d values", checked)
}

func checkVector(t *testing.T, name string, codec serde.Codec, b []byte, literal any) {
	t.Helper()
	text, err := Append(nil, codec, b)
	if err != nil {
		t.Errorf("%x: %v", b, err)
		return
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var got any
	if err := d.Decode(&got); err != nil {
		t.Errorf("%x: %s: %v", b, text, err)
		return
	}
	want := contract(codec.Type(), literal)
	if !reflect.DeepEqual(numbers(got), numbers(want)) {
		t.Errorf("%x:\n got %s\nwant %v\nfrom %v", b, text, want, literal)
	}
	v, err := Parse(codec.Type(), text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	again, err := codec.Append(nil, v)
	if err != nil || !bytes.Equal(again, b) {
		if _, known := inexact[name+"/"+hex.EncodeToString(b)]; !known {
			t.Errorf("%s: %v\n got %x\nwant %x", text, err, again, b)
		}
	}
}

// numbers makes the spelling of numbers equal.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil && v != "-0" {
			return i
		}
		f, _ := v.Float64()
		if f == float64(int64(f)) && v != "-0.0" && v != "-0" {
			return int64(f)
		}
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

// contract turns the literal JSON of the vectors into that of this package.
func contract(t *serde.Type, v any) any {
	if v == nil {
		return nil
	}
	obj, _ := v.(map[string]any)
	num := func(name string) int64 {
		n, _ := obj[name].(json.Number)
		i, _ := n.Int64()
		return i
	}
	switch t.Kind {
	case serde.KindBytes:
		return map[string]any{"$hex": obj["bytes"]}
	case serde.KindDecimal:
		u, _ := new(big.Int).SetString(obj["unscaled"].(string), 10)
		scale := num("scale")
		r := new(big.Rat).SetFrac(u, new(big.Int).Exp(big.NewInt(10), big.NewInt(max(scale, 0)), nil))
		if scale < 0 {
			r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(-scale), nil)))
		}
		return r.FloatString(int(max(scale, 0)))
	case serde.KindLocalTime, serde.KindLocalDateTime, serde.KindInstant, serde.KindLocalDate:
		return contractTime(t, v, obj, num)
	case serde.KindFloat32:
		if n, ok := v.(json.Number); ok {
			f, _ := strconv.ParseFloat(string(n), 32)
			return json.Number(strconv.FormatFloat(f, 'g', -1, 32))
		}
	case serde.KindList, serde.KindTuple:
		return contractList(t, v)
	case serde.KindMap:
		return contractMap(t, v)
	case serde.KindTTL:
		return map[string]any{"ttlTs": obj["ts"], "value": contract(t.Fields[1].Type, obj["value"])}
	case serde.KindRow, serde.KindStruct, serde.KindUnion:
		return contractObject(t, obj)
	}
	return v
}

func contractTime(t *serde.Type, v any, obj map[string]any, num func(string) int64) any {
	layout := map[serde.Kind]string{serde.KindInstant: "2006-01-02T15:04:05.999999999Z", serde.KindLocalDateTime: "2006-01-02T15:04:05.999999999", serde.KindLocalDate: "2006-01-02", serde.KindLocalTime: "15:04:05.999999999"}[t.Kind]
	var at time.Time
	switch {
	case obj["seconds"] != nil:
		at = time.Unix(num("seconds"), num("nanos"))
	case obj["millis"] != nil:
		at = time.UnixMilli(num("millis")).Add(time.Duration(num("nanos") % 1_000_000))
	default:
		if n, ok := v.(json.Number); ok { // SQL: days, milliseconds of the day
			i, _ := n.Int64()
			if t.Kind == serde.KindLocalDate {
				i *= secondsADay * 1000
			}
			at = time.UnixMilli(i)
			break
		}
		s := v.(string)
		if t.Kind != serde.KindLocalDate && strings.Count(s, ":") == 1 {
			s += ":00"
		}
		return padded(s)
	}
	return padded(at.UTC().Format(layout))
}

// padded fills the fraction of a second up to 3, 6 or 9 digits.
func padded(s string) string {
	z := strings.HasSuffix(s, "Z")
	s = strings.TrimSuffix(s, "Z")
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		for (len(s)-i-1)%3 != 0 {
			s += "0"
		}
	}
	if z {
		s += "Z"
	}
	return s
}

func contractList(t *serde.Type, v any) any {
	in, ok := v.([]any)
	if !ok {
		return v
	}
	out := []any{}
	for i, x := range in {
		elem := t
		if t.Kind == serde.KindTuple {
			elem = t.Fields[i].Type
		} else {
			elem = t.Args[0]
		}
		out = append(out, contract(elem, x))
	}
	return out
}

func contractMap(t *serde.Type, v any) any {
	list, object := []any{}, map[string]any{}
	for _, p := range v.([]any) {
		kv := p.([]any)
		k, x := contract(t.Args[0], kv[0]), contract(t.Args[1], kv[1])
		list = append(list, []any{k, x})
		if s, ok := k.(string); ok {
			object[s] = x
		}
	}
	if t.Args[0].Kind == serde.KindString && len(object) == len(list) {
		return object
	}
	return list
}

func contractObject(t *serde.Type, obj map[string]any) any {
	out := map[string]any{}
	if obj["ts"] != nil && obj["record"] != nil { // of a stream element
		return map[string]any{"timestamped": map[string]any{"timestamp": obj["ts"], "value": obj["record"]}}
	}
	if class, _ := obj["$class"].(string); class != "" && class != t.Class {
		out["@class"] = class
		for _, s := range t.Subclasses {
			if s.Class == class {
				t = s
			}
		}
	}
	fields, ok := obj["fields"].([]any)
	if ok && obj["kind"] != "+I" {
		out["$kind"] = obj["kind"]
	}
	for i := range t.Fields {
		name := fieldName(t, i)
		switch x, has := obj[name]; {
		case ok:
			out[name] = contract(t.Fields[i].Type, fields[i])
		case has:
			out[name] = contract(t.Fields[i].Type, x)
		}
	}
	if obj["global"] != nil {
		out["global"] = true
	}
	return out
}
