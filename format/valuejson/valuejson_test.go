package valuejson

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// emit tells s what v is made of, as the codec of type t would.
func emit(s serde.Sink, t *serde.Type, v serde.Value) {
	switch v := v.(type) {
	case serde.Null:
		s.Null()
	case serde.Bool:
		s.Bool(bool(v))
	case serde.Int:
		s.Int(int64(v))
	case serde.Float32:
		s.Float32(float32(v))
	case serde.Float64:
		s.Float64(float64(v))
	case serde.Char:
		s.Char(uint16(v))
	case serde.Text:
		s.Text([]byte(v))
	case serde.Bytes:
		s.Bytes(v)
	case serde.Integer:
		s.Integer(v)
	case serde.Decimal:
		s.Decimal(v)
	case serde.Time:
		s.Time(v)
	case serde.Enum:
		s.Enum(v)
	case serde.Raw:
		s.Raw(v.Type, v.Data)
	case serde.List:
		s.BeginList(t, len(v))
		for _, x := range v {
			emit(s, t.Args[0], x)
		}
		s.EndList()
	case serde.Map:
		s.BeginMap(t, len(v))
		for _, x := range v {
			emit(s, t.Args[0], x.Key)
			emit(s, t.Args[1], x.Value)
		}
		s.EndMap()
	case serde.Struct:
		s.BeginStruct(v.Type, v.Form)
		for i, x := range v.Fields {
			if x != nil {
				s.Field(i)
				emit(s, v.Type.Fields[i].Type, x)
			}
		}
		s.EndStruct()
	}
}

// Types of the tests.
var (
	str     = &serde.Type{Kind: serde.KindString, Nullable: true}
	long    = &serde.Type{Kind: serde.KindInt64}
	int32s  = &serde.Type{Kind: serde.KindInt32}
	int8s   = &serde.Type{Kind: serde.KindInt8}
	single  = &serde.Type{Kind: serde.KindFloat32}
	double  = &serde.Type{Kind: serde.KindFloat64}
	boolean = &serde.Type{Kind: serde.KindBool}
	char    = &serde.Type{Kind: serde.KindChar}
	blobs   = &serde.Type{Kind: serde.KindBytes}
	bigint  = &serde.Type{Kind: serde.KindInteger, Nullable: true}
	bigdec  = &serde.Type{Kind: serde.KindDecimal, Nullable: true}
	sqlDec  = &serde.Type{Kind: serde.KindDecimal, Precision: 10, Scale: 2}
	date    = &serde.Type{Kind: serde.KindLocalDate}
	clock   = &serde.Type{Kind: serde.KindLocalTime}
	both    = &serde.Type{Kind: serde.KindLocalDateTime}
	instant = &serde.Type{Kind: serde.KindInstant}
	color   = &serde.Type{Kind: serde.KindEnum, Class: "acme.Color", Symbols: []string{"RED", "GREEN"}}
	null    = &serde.Type{Kind: serde.KindNull}
	secret  = &serde.Type{Kind: serde.KindRaw, Serializer: "acme.SecretSnapshot", Opaque: true}
	global  = &serde.Type{Kind: serde.KindStruct, Class: "org.apache.flink.streaming.api.windowing.windows.GlobalWindow"}
	item    = record(serde.KindStruct, "acme.Item", "sku", str, "qty", int32s)
	subItem = record(serde.KindStruct, "acme.Special", "sku", str, "qty", int32s, "why", str)
	base    = withSubclass(item, subItem)
	order   = record(serde.KindStruct, "acme.Order", "id", long, "items", listOf(item))
	unit    = record(serde.KindTuple, "Tuple0")
	pair    = record(serde.KindTuple, "Tuple2", "f0", str, "f1", double)
	row     = record(serde.KindRow, "", "", long, "name", str)
	either  = record(serde.KindUnion, "", "left", str, "right", long)
	ttl     = record(serde.KindTTL, "", "ttlTs", long, "value", str)
	window  = record(serde.KindStruct, "TimeWindow", "start", long, "end", long)
)

func record(k serde.Kind, class string, fields ...any) *serde.Type {
	t := &serde.Type{Kind: k, Class: class}
	for i := 0; i < len(fields); i += 2 {
		t.Fields = append(t.Fields, serde.Field{Name: fields[i].(string), Type: fields[i+1].(*serde.Type)})
	}
	return t
}

func withSubclass(t, sub *serde.Type) *serde.Type {
	out := *t
	out.Subclasses = []*serde.Type{sub}
	return &out
}

func listOf(t *serde.Type) *serde.Type {
	return &serde.Type{Kind: serde.KindList, Args: []*serde.Type{t}}
}

func mapOf(k, v *serde.Type) *serde.Type {
	return &serde.Type{Kind: serde.KindMap, Args: []*serde.Type{k, v}}
}

func value(t *serde.Type, fields ...serde.Value) serde.Struct {
	return serde.Struct{Type: t, Fields: append([]serde.Value{}, fields...)}
}

func entriesOf(kv ...serde.Value) serde.Map {
	m := serde.Map{}
	for i := 0; i < len(kv); i += 2 {
		m = append(m, serde.Pair{Key: kv[i], Value: kv[i+1]})
	}
	return m
}

func number(unscaled ...byte) serde.Integer { return serde.Integer{Unscaled: unscaled} }

type conversion struct {
	t    *serde.Type
	v    serde.Value
	json string
}

// both ways
var conversions = []conversion{
	{str, serde.Text("plain"), `"plain"`},
	{str, serde.Null{}, `null`},
	{str, serde.Text(""), `""`},
	{str, serde.Text("say \"hi\"\\ <b>&'/\u2028"), `"say \"hi\"\\ <b>&'/` + "\u2028" + `"`},
	{str, serde.Text("a\n\r\t\b\f\x00\x1b\x7fz"), `"a\n\r\t\b\f\u0000\u001b\u007fz"`},
	{str, serde.Text("a much longer text, then \x01"), `"a much longer text, then \u0001"`},
	{str, serde.Text("über 中文 😀 \u0085"), `"über 中文 😀 \u0085"`},
	{str, serde.Text("\xed\xa0\xbd"), `"\ud83d"`},
	{str, serde.Text("x\xed\xb8\x80\xed\xa0\xbdy"), `"x\ude00\ud83dy"`},
	{long, serde.Int(math.MinInt64), `-9223372036854775808`},
	{long, serde.Int(9007199254740993), `9007199254740993`},
	{int8s, serde.Int(-128), `-128`},
	{single, serde.Float32(0.1), `0.1`},
	{single, serde.Float32(math.MaxFloat32), `3.4028235e+38`},
	{single, serde.Float32(16777216), `16777216`},
	{double, serde.Float64(0.1), `0.1`},
	{double, serde.Float64(-2), `-2`},
	{double, serde.Float64(math.Copysign(0, -1)), `-0`},
	{double, serde.Float64(5e-324), `5e-324`},
	{double, serde.Float64(1e21), `1e+21`},
	{double, serde.Float64(1e20), `100000000000000000000`},
	{double, serde.Float64(math.Inf(1)), `"Infinity"`},
	{double, serde.Float64(math.Inf(-1)), `"-Infinity"`},
	{boolean, serde.Bool(true), `true`},
	{char, serde.Char('"'), `"\""`},
	{char, serde.Char(0x4e2d), `"中"`},
	{char, serde.Char(0xd83d), `"\ud83d"`},
	{listOf(char), serde.List{serde.Char('a'), serde.Char('b')}, `["a","b"]`},
	{blobs, serde.Bytes{}, `{"$hex":""}`},
	{blobs, serde.Bytes{0, 0xff}, `{"$hex":"00ff"}`},
	{bigint, serde.Integer{Unscaled: []byte{0}, Short: true}, `"0"`},
	{bigint, serde.Integer{Unscaled: []byte{10}, Short: true}, `"10"`},
	{bigint, number(0xff), `"-1"`},
	{bigint, number(0x80), `"-128"`},
	{bigint, number(0xff, 0x7f), `"-129"`},
	{bigint, number(0x00, 0x80), `"128"`},
	{bigint, number(0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), `"18446744073709551615"`},
	{bigint, number(0xfe, 0x71, 0x16, 0xf0, 0x09, 0x3c, 0x8c, 0x1f, 0x11, 0xb1, 0xc0, 0xf5, 0x2e), `"-123456789012345678901234567890"`},
	{bigint, number(append([]byte{1}, make([]byte, 31)...)...), `"452312848583266388373324160190187140051835877600158453279131187530910662656"`},
	{bigint, number(append([]byte{0x80}, make([]byte, 31)...)...), `"-57896044618658097711785492504343953926634992332820282019728792003956564819968"`},
	{bigint, number(append([]byte{1}, make([]byte, 32)...)...), `"115792089237316195423570985008687907853269984665640564039457584007913129639936"`},
	{bigdec, serde.Decimal{Integer: number(0xfb, 0x1e), Scale: 2}, `"-12.50"`},
	{bigdec, serde.Decimal{Integer: serde.Integer{Unscaled: []byte{1}, Short: true}, Scale: 3}, `"0.001"`},
	{bigdec, serde.Decimal{Integer: serde.Integer{Unscaled: []byte{0}, Short: true}, Scale: 5}, `"0.00000"`},
	{bigdec, serde.Decimal{Integer: number(5), Scale: 50000}, `"5E-50000"`},
	{bigdec, serde.Decimal{Integer: number(5), Scale: math.MaxInt32}, `"5E-2147483647"`},
	{bigdec, serde.Decimal{Integer: number(5), Scale: -50000}, `"5E50000"`},
	{sqlDec, serde.Decimal{Integer: number(0xfb, 0x1e), Scale: 2}, `"-12.50"`},
	{date, serde.Time{Kind: serde.KindLocalDate, Year: 2024, Month: 2, Day: 29}, `"2024-02-29"`},
	{date, serde.Time{Kind: serde.KindLocalDate, Year: 0, Month: 1, Day: 1}, `"0000-01-01"`},
	{date, serde.Time{Kind: serde.KindLocalDate, Year: -1, Month: 12, Day: 31}, `"-0001-12-31"`},
	{date, serde.Time{Kind: serde.KindLocalDate, Year: 999999999, Month: 12, Day: 31}, `"+999999999-12-31"`},
	{clock, serde.Time{Kind: serde.KindLocalTime}, `"00:00:00"`},
	{clock, serde.Time{Kind: serde.KindLocalTime, NanoOfDay: 86399_999_999_999}, `"23:59:59.999999999"`},
	{both, serde.Time{Kind: serde.KindLocalDateTime, Year: 10000, Month: 1, Day: 2, NanoOfDay: 3723_004_005_000}, `"+10000-01-02T01:02:03.004005"`},
	{instant, serde.Time{Kind: serde.KindInstant}, `"1970-01-01T00:00:00Z"`},
	{instant, serde.Time{Kind: serde.KindInstant, Seconds: -1, Nanos: 999_000_000}, `"1969-12-31T23:59:59.999Z"`},
	{instant, serde.Time{Kind: serde.KindInstant, Seconds: 1700000000, Nanos: 1}, `"2023-11-14T22:13:20.000000001Z"`},
	{instant, serde.Time{Kind: serde.KindInstant, Seconds: -31557014167219200}, `"-1000000000-01-01T00:00:00Z"`},
	{instant, serde.Time{Kind: serde.KindInstant, Seconds: 31556889864403199, Nanos: 999999999}, `"+1000000000-12-31T23:59:59.999999999Z"`},
	{color, serde.Enum{Index: 1, Name: "GREEN"}, `"GREEN"`},
	{null, serde.Null{}, `null`},
	{listOf(str), serde.List{}, `[]`},
	{listOf(str), serde.List{serde.Text("a"), serde.Null{}, serde.Text("")}, `["a",null,""]`},
	{listOf(listOf(long)), serde.List{serde.List{}, serde.List{serde.Int(1), serde.Int(2)}}, `[[],[1,2]]`},
	{mapOf(str, long), entriesOf(), `{}`},
	{mapOf(str, long), entriesOf(serde.Text("a"), serde.Int(1), serde.Text("b\""), serde.Int(2)), `{"a":1,"b\"":2}`},
	{mapOf(str, long), entriesOf(serde.Text("a"), serde.Int(1), serde.Null{}, serde.Int(2)), `[["a",1],[null,2]]`},
	{mapOf(str, listOf(long)), entriesOf(serde.Text("a"), serde.List{serde.Int(1)}, serde.Text("a"), serde.List{}), `[["a",[1]],["a",[]]]`},
	{mapOf(str, mapOf(str, long)), entriesOf(serde.Text("o"), entriesOf(serde.Null{}, serde.Int(1)), serde.Text("p"), entriesOf(serde.Text("q"), serde.Int(2))), `{"o":[[null,1]],"p":{"q":2}}`},
	{mapOf(str, mapOf(str, long)), entriesOf(serde.Null{}, entriesOf(serde.Text("x"), serde.Int(1)), serde.Text("p"), entriesOf()), `[[null,{"x":1}],["p",{}]]`},
	{mapOf(str, long), entriesOf(serde.Text("$raw"), serde.Int(1)), `{"$raw":1}`},
	{mapOf(long, str), entriesOf(), `[]`},
	{mapOf(long, str), entriesOf(serde.Int(1), serde.Text("a"), serde.Int(2), serde.Null{}), `[[1,"a"],[2,null]]`},
	{mapOf(mapOf(str, long), str), entriesOf(entriesOf(serde.Text("k"), serde.Int(1)), serde.Text("v")), `[[{"k":1},"v"]]`},
	{pair, value(pair, serde.Text("x"), serde.Float64(1.5)), `["x",1.5]`},
	{unit, value(unit), `[]`},
	{order, value(order, serde.Int(7), serde.List{value(item, serde.Text("s"), serde.Int(1)), serde.Null{}}), `{"id":7,"items":[{"sku":"s","qty":1},null]}`},
	{row, value(row, serde.Int(1), serde.Null{}), `{"f0":1,"name":null}`},
	{row, serde.Struct{Type: row, Form: serde.Form{RowKind: 3}, Fields: []serde.Value{serde.Int(1), serde.Text("n")}}, `{"$kind":"-D","f0":1,"name":"n"}`},
	{either, value(either, serde.Text("l"), nil), `{"left":"l"}`},
	{either, value(either, nil, serde.Int(5)), `{"right":5}`},
	{ttl, value(ttl, serde.Int(11), serde.Null{}), `{"ttlTs":11,"value":null}`},
	{window, value(window, serde.Int(-5), serde.Int(5)), `{"start":-5,"end":5}`},
	{global, value(global), `{"global":true}`},
	{secret, serde.Raw{Type: secret, Data: []byte{0xab}}, `{"$raw":"ab","$serializer":"acme.SecretSnapshot"}`},
	{listOf(secret), serde.List{serde.Raw{Type: secret, Data: []byte{}}}, `[{"$raw":"","$serializer":"acme.SecretSnapshot"}]`},
}

func TestBothWays(t *testing.T) {
	many := entriesOf()
	for i := range 100 {
		many = append(many, serde.Pair{Key: serde.Text(strings.Repeat("k", i)), Value: serde.Int(int64(i))})
	}
	text := `{`
	for i := range 100 {
		text += `"` + strings.Repeat("k", i) + `":` + string(appendInt(nil, int64(i))) + `,`
	}
	cases := append(conversions, conversion{mapOf(str, long), many, text[:len(text)-1] + `}`},
		conversion{base, serde.Struct{Type: subItem, Form: serde.Form{Class: "acme.Special"}, Fields: []serde.Value{serde.Text("s"), serde.Int(1), serde.Null{}}}, `{"@class":"acme.Special","sku":"s","qty":1,"why":null}`})
	var e Encoder
	for _, c := range cases {
		e.Reset([]byte("before "))
		emit(&e, c.t, c.v)
		got, ok := strings.CutPrefix(string(e.Result()), "before ")
		if got != c.json || !ok {
			t.Errorf("%s: %#v\n got %s\nwant %s", c.t, c.v, e.Result(), c.json)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("no JSON: %s", got)
		}
		if len(e.stack) != 0 || len(e.spans) != 0 {
			t.Errorf("%s: %d frames and %d spans are left", got, len(e.stack), len(e.spans))
		}
		back, err := Parse(c.t, []byte(" "+got+"\n"))
		if err != nil || !reflect.DeepEqual(back, c.v) {
			t.Errorf("%s: back %#v, %v\nwant %#v", got, back, err, c.v)
		}
	}
}

// TestOneWay: what JSON cannot say exactly.
func TestOneWay(t *testing.T) {
	twins := entriesOf()
	for i := range 40 {
		twins = append(twins, serde.Pair{Key: serde.Text(string(rune('a' + i%39))), Value: serde.Null{}})
	}
	for _, c := range []conversion{
		{double, serde.Float64(math.NaN()), `"NaN"`},
		{single, serde.Float32(math.NaN()), `"NaN"`},
		{bigdec, serde.Decimal{Integer: number(5), Scale: -3}, `"5000"`},
		{bigdec, serde.Decimal{Integer: number(0), Scale: -3}, `"0"`},
		{bigint, number(0, 0, 0, 0, 0, 0, 0, 0, 0, 7), `"7"`},
		{bigint, number(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), `"0"`},
		{str, serde.Text("\xff\xc3(\xed\xa0"), `"` + "\uFFFD\uFFFD(\uFFFD\uFFFD" + `"`},
		{date, serde.Time{Kind: serde.KindLocalDate, Year: math.MinInt32, Month: 255, Day: 255}, `"-2147483648-255-255"`},
		{instant, serde.Time{Kind: serde.KindInstant, Seconds: math.MaxInt64}, `"+292277026596-12-04T15:30:07Z"`},
		{instant, serde.Time{Kind: serde.KindInstant, Seconds: math.MinInt64}, `"-292277022657-01-27T08:29:52Z"`},
		{mapOf(nil, nil), entriesOf(serde.Text("a"), serde.Int(1)), `{"a":1}`},
		{mapOf(secret, str), entriesOf(serde.Int(1), serde.Int(1), serde.Text("a"), serde.Int(2)), `[[1,1],["a",2]]`},
	} {
		var e Encoder
		e.Reset(nil)
		emit(&e, c.t, c.v)
		if got := string(e.Result()); got != c.json || !json.Valid(e.Result()) {
			t.Errorf("%#v\n got %s\nwant %s", c.v, got, c.json)
		}
	}
	var e Encoder
	e.Reset(nil)
	emit(&e, mapOf(str, str), twins)
	if got := string(e.Result()); !strings.HasPrefix(got, `[["a",null],`) || !json.Valid(e.Result()) {
		t.Errorf("40 entries with one key twice: %s", got)
	}
}

func TestStyles(t *testing.T) {
	long40 := serde.Bytes(make([]byte, 40))
	for _, c := range []struct {
		t            *serde.Type
		v            serde.Value
		plain, brief string
	}{
		{str, serde.Text("a \"b\"\n"), "a \"b\"\n", `a "b"\n`},
		{str, serde.Text("\x1b[2J\u009b"), "\x1b[2J\u009b", `\u001b[2J\u009b`},
		{str, serde.Text("\xed\xa0\xbd\xff"), `\ud83d` + "\uFFFD", `\ud83d` + "\uFFFD"},
		{str, serde.Null{}, "", "null"},
		{char, serde.Char('x'), "x", "x"},
		{double, serde.Float64(math.NaN()), "NaN", "NaN"},
		{bigdec, serde.Decimal{Integer: number(15), Scale: 1}, "1.5", "1.5"},
		{instant, serde.Time{Kind: serde.KindInstant}, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
		{color, serde.Enum{Name: "RED"}, "RED", "RED"},
		{listOf(str), serde.List{serde.Text("a\n"), serde.Null{}}, `["a\n",null]`, `["a\n",null]`},
		{listOf(blobs), serde.List{long40}, `[{"$hex":"` + strings.Repeat("00", 40) + `"}]`, "[0x" + strings.Repeat("00", 16) + "…(40 bytes)]"},
		{ttl, value(ttl, serde.Int(1), serde.Text("v")), "v", "v"},
		{ttl, value(ttl, serde.Int(1), serde.Null{}), "", "null"},
		{secret, serde.Raw{Type: secret, Data: []byte{1}}, `{"$raw":"01","$serializer":"acme.SecretSnapshot"}`, `raw(SecretSnapshot) 0x01`},
	} {
		for style, want := range map[Style]string{Plain: c.plain, Brief: c.brief} {
			e := Encoder{Style: style, Unwrap: true}
			e.Reset(nil)
			emit(&e, c.t, c.v)
			if got := string(e.Result()); got != want {
				t.Errorf("style %d of %#v: %q, want %q", style, c.v, got, want)
			}
			if _, null := c.v.(serde.Null); null != e.IsNull() && c.t != ttl {
				t.Errorf("style %d of %#v: null %v", style, c.v, e.IsNull())
			}
		}
	}
}

func TestParseBare(t *testing.T) {
	for _, c := range []struct {
		t    *serde.Type
		text string
		want serde.Value
	}{
		{str, "order 17", serde.Text("order 17")},
		{str, "17", serde.Text("17")},
		{str, "true", serde.Text("true")},
		{str, `"17"`, serde.Text("17")},
		{str, "", serde.Text("")},
		{str, " x ", serde.Text(" x ")},
		{str, "null", serde.Null{}},
		{str, "{x", serde.Text("{x")},
		{char, "7", serde.Char('7')},
		{color, "GREEN", serde.Enum{Index: 1, Name: "GREEN"}},
		{date, "2024-02-29", serde.Time{Kind: serde.KindLocalDate, Year: 2024, Month: 2, Day: 29}},
		{clock, "12:30", serde.Time{Kind: serde.KindLocalTime, NanoOfDay: 45000 * nanos}},
		{instant, "1970-01-02", serde.Time{Kind: serde.KindInstant, Seconds: 86400}},
		{instant, "1970-01-01T01:00:00.5+01:00", serde.Time{Kind: serde.KindInstant, Nanos: 500_000_000}},
		{double, "NaN", nil},
		{double, "-Infinity", serde.Float64(math.Inf(-1))},
		{bigint, "-129", number(0xff, 0x7f)},
		{bigint, "null", serde.Null{}},
		{sqlDec, "1.5", serde.Decimal{Integer: number(0, 0x96), Scale: 2}},
		{sqlDec, "1.5000", serde.Decimal{Integer: number(0, 0x96), Scale: 2}},
		{mapOf(long, str), `{"1":"x"}`, entriesOf(serde.Int(1), serde.Text("x"))},
		{long, " 5 ", serde.Int(5)},
	} {
		got, err := Parse(c.t, []byte(c.text))
		if err != nil || (c.want != nil && !reflect.DeepEqual(got, c.want)) {
			t.Errorf("%s %q: %#v, %v", c.t, c.text, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		t          *serde.Type
		text, want string
	}{
		{long, "five", "value: no JSON value at character 1"},
		{long, `"5"`, `value: string "5", expected long`},
		{long, "1.5", "value: number 1.5, expected long of 64 bits"},
		{int8s, "128", "value: number 128, expected byte of 8 bits"},
		{long, "null", "value: null, expected long"},
		{long, "5 6", "value: more text after the value at character 3"},
		{str, `"abc`, "value: a string without its end at character 5"},
		{str, `["a"]`, "value: an array of 1, expected string"},
		{char, "ab", `value: string "ab", expected char`},
		{color, "BLUE", `value: string "BLUE", expected one of RED, GREEN`},
		{date, "2023-02-29", `value: string "2023-02-29", expected date, for instance 2024-02-29`},
		{clock, "24:00:00", `value: string "24:00:00", expected time, for instance`},
		{sqlDec, "1.234", `value: number 1.234, expected at most 10 digits, 2 of them after the point`},
		{sqlDec, "123456789", `expected at most 10 digits, 2 of them after the point`},
		{sqlDec, "1e99999", `expected at most 10 digits`},
		{bigint, "1.5", `expected BigInteger`},
		{blobs, `{"$hex":"0"}`, `value.$hex: string "0", expected hexadecimal digits`},
		{blobs, `"00"`, `value: string "00", expected {"$hex":"…"}`},
		{order, `{"id":1,"items":[{"sku":"a","qty":1},{"sku":"b","qty":"x"}]}`, `value.items[1].qty: string "x", expected int`},
		{order, `{"id":1}`, `value: member "items" is missing, expected Order{`},
		{order, `{"id":1,"id":2,"items":[]}`, `value.id: the member stands there twice`},
		{order, `{"id":1,"items":[],"more":0}`, `value.more: there is no such member, expected Order{`},
		{item, `{"@class":"acme.Other","sku":"a","qty":1}`, `value.@class: string "acme.Other", expected acme.Item or a subclass`},
		{row, `{"$kind":"+X","f0":1,"name":null}`, `value.$kind: string "+X", expected +I, -U, +U, -D`},
		{pair, `["x"]`, `value: an array of 1, expected an array of 2`},
		{either, `{"left":"x","right":1}`, `value: an object, expected an object with one of "left", "right"`},
		{mapOf(str, long), `{"my key":"x"}`, `value["my key"]: string "x", expected long`},
		{mapOf(str, long), `{"a":1,"a":2}`, `value.a: the key stands there twice`},
		{mapOf(long, long), `[[1,2],[3]]`, `value[1]: an array of 1, expected [key, value]`},
		{mapOf(long, long), `{"x":2}`, `value.x: key "x", expected long`},
		{secret, `5`, `value: number 5, expected {"$raw":"hex"}, since the serializer acme.SecretSnapshot is not known`},
		{listOf(long), strings.Repeat("[", 200), "nested too deep"},
		{listOf(str), `["\x"]`, "an unknown escape"},
		{listOf(str), `["\u12"]`, "an escape without four hex digits"},
		{listOf(str), "[\"\xff\"]", "bytes that are no UTF-8"},
		{listOf(long), `[01]`, "a number with a leading zero"},
	} {
		v, err := Parse(c.t, []byte(c.text))
		if !errors.Is(err, fault.ErrUsage) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s:\n got %v, %v\nwant %s", c.t, c.text, v, err, c.want)
		}
	}
	if _, err := ParseNamed("key", long, []byte("x")); err == nil || !strings.Contains(err.Error(), "key: ") {
		t.Errorf("named: %v", err)
	}
}

// fixed is a codec that tells one value whatever the bytes are, after reading n of them.
type fixed struct {
	t    *serde.Type
	v    serde.Value
	n    int
	fail func(r *binio.Reader)
}

func (c fixed) Type() *serde.Type    { return c.t }
func (c fixed) Skip(r *binio.Reader) { r.Skip(c.n) }
func (c fixed) Walk(r *binio.Reader, s serde.Sink) {
	r.Skip(c.n)
	s.BeginList(c.t, 1) // left open by a failure
	if c.fail != nil {
		c.fail(r)
		return
	}
	emit(s, c.t, c.v)
	s.EndList()
}
func (c fixed) Append(dst []byte, _ serde.Value) ([]byte, error) { return dst, nil }
func (c fixed) Hash(*binio.Reader) (int32, bool)                 { return 0, false }

func TestAppendFailures(t *testing.T) {
	huge := serde.Integer{Unscaled: make([]byte, maxInteger+1)}
	for _, c := range []struct {
		name  string
		codec serde.Codec
		want  string
		kind  error
	}{
		{"no codec", nil, `-{"$raw":"0102"}`, nil},
		{"all read", fixed{t: long, v: serde.Int(1), n: 2}, `-[1]`, nil},
		{"left over", fixed{t: long, v: serde.Int(1), n: 1}, `-`, fault.ErrCorrupt},
		{"truncated", fixed{t: long, v: serde.Int(1), n: 3}, `-`, fault.ErrTruncated},
		{"unsupported", fixed{t: item, fail: func(r *binio.Reader) { r.Unsupported("class") }}, `-{"$raw":"0102","$serializer":"acme.Item"}`, nil},
		{"too large", fixed{t: bigint, v: huge, n: 2}, `-{"$raw":"0102","$serializer":""}`, nil},
	} {
		got, err := Append([]byte("-"), c.codec, []byte{1, 2})
		if string(got) != c.want || (c.kind == nil) != (err == nil) || !errors.Is(err, c.kind) {
			t.Errorf("%s: %s, %v", c.name, got, err)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("abc\xed\xa0\x80\"\\\x00\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var e Encoder
		e.Reset(nil)
		e.Text(text)
		var back string
		if err := json.Unmarshal(e.Result(), &back); err != nil {
			t.Fatalf("%q: %s: %v", text, e.Result(), err)
		}
		v, err := Parse(str, e.Result())
		if err != nil {
			t.Fatal(err)
		}
		again := []byte{'"'}
		again = append(appendEscaped(again, []byte(v.(serde.Text))), '"')
		if back, err := Parse(str, again); err != nil || back != v {
			t.Fatalf("%s comes back as %s", e.Result(), again)
		}
	})
}

// FuzzParse: what is read is written as a text that reads as the same value.
func FuzzParse(f *testing.F) {
	all := []*serde.Type{order, pair, row, either, ttl, mapOf(str, bigdec), mapOf(long, instant), listOf(both), date, clock, color, sqlDec, blobs, listOf(secret), single, double}
	for _, c := range conversions {
		for i := range all {
			f.Add(byte(i), []byte(c.json))
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text []byte) {
		typ := all[int(which)%len(all)]
		v, err := Parse(typ, text)
		if err != nil {
			if !errors.Is(err, fault.ErrUsage) {
				t.Fatalf("%s %q: %v", typ, text, err)
			}
			return
		}
		write := func(v serde.Value) string {
			var e Encoder
			e.Reset(nil)
			emit(&e, typ, v)
			return string(e.Result())
		}
		once := write(v)
		back, err := Parse(typ, []byte(once))
		if err != nil {
			t.Fatalf("%s %q: %s: %v", typ, text, once, err)
		}
		if twice := write(back); twice != once {
			t.Fatalf("%s %q: %s, then %s", typ, text, once, twice)
		}
	})
}
