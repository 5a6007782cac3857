package where

import (
	"errors"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

const base = "org.apache.flink.api.common.typeutils.base."

func simple(name string) *serde.Snapshot {
	return &serde.Snapshot{Class: base + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}
}

func composite(class string, nested ...*serde.Snapshot) *serde.Snapshot {
	return &serde.Snapshot{Class: base + class, Version: 3, Body: &serde.Composite{OuterVersion: 1, Nested: nested}}
}

func pojo(class string, fields ...serde.PojoPart) *serde.Snapshot {
	return &serde.Snapshot{
		Class: "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", Version: 2,
		Body: &serde.Pojo{Class: class, Fields: fields},
	}
}

func codec(t testing.TB, s *serde.Snapshot) serde.Codec {
	t.Helper()
	c, err := serde.BuiltinRegistry().Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t testing.TB, c serde.Codec, v serde.Value) []byte {
	t.Helper()
	b, err := c.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// order is an entry of a value state: a POJO with a nested POJO, a list, a map, a nullable string and a decimal.
func order(t testing.TB) *entry.Entry {
	t.Helper()
	address := pojo("acme.Address", serde.PojoPart{Name: "city", Snapshot: simple("String")}, serde.PojoPart{Name: "zip", Snapshot: simple("Int")})
	c := codec(t, pojo(
		"acme.Order", serde.PojoPart{Name: "address", Snapshot: address}, serde.PojoPart{Name: "amount", Snapshot: simple("Long")},
		serde.PojoPart{Name: "note", Snapshot: simple("String")}, serde.PojoPart{Name: "price", Snapshot: simple("BigDec")},
		serde.PojoPart{Name: "rates", Snapshot: composite("MapSerializerSnapshot", simple("String"), simple("Double"))},
		serde.PojoPart{Name: "tags", Snapshot: composite("ListSerializerSnapshot", simple("String"))},
	))
	str := codec(t, simple("String"))
	typ := c.Type()
	v := serde.Struct{Type: typ, Fields: []serde.Value{
		serde.Struct{Type: typ.Fields[0].Type, Fields: []serde.Value{serde.Text("Berlin"), serde.Int(10115)}},
		serde.Int(120),
		serde.Null{},
		serde.Decimal{Integer: serde.Integer{Unscaled: []byte{0x04, 0xD2}}, Scale: 2}, // 12.34
		serde.Map{{Key: serde.Text("eur"), Value: serde.Float64(1.5)}},
		serde.List{serde.Text("gold"), serde.Text("new")},
	}}
	s := &entry.State{OperatorID: "20ba6b65f97481d5570070de90e4e791", UID: "orders", Name: "order", Kind: entry.Value, Key: str, Void: true, Value: c}
	return &entry.Entry{State: s, Subtask: 1, KeyGroup: 7, Key: encode(t, str, serde.Text("k1")), Value: encode(t, c, v)}
}

func TestMatch(t *testing.T) {
	e := order(t)
	for text, want := range map[string]bool{
		"value.amount == 120":                                      true,
		"value.amount > 120":                                       false,
		`value.amount >= 100 and key == "k1"`:                      true,
		`key startsWith "k" && value.address.city matches "^Ber"`:  true,
		"value.address.zip in 10000..10999":                        true,
		`value.note == nil`:                                        true,
		`value.note == "x"`:                                        false,
		`value.note startsWith "x"`:                                false,
		`not (value.note == nil)`:                                  false,
		`value.price > 12.3 && value.price < 12.4`:                 true,
		`"gold" in value.tags`:                                     true,
		`value.tags[1] == "new"`:                                   true,
		`len(value.tags) == 2 and any(value.tags, # == "gold")`:    true,
		`value.rates.eur == 1.5`:                                   true,
		`value.rates["usd"] == nil`:                                true,
		`"eur" in value.rates`:                                     true,
		`value.address?.city == "Berlin"`:                          true,
		`value["amount"] == 120`:                                   true,
		`value != nil && value.amount == 120`:                      true,
		`value.address.city == "Berlin" and value.address != nil`:  true,
		`kg == 7 and subtask == 1`:                                 true,
		`state == "order" and uid == "orders" and kind == "value"`: true,
		`operator startsWith "20ba"`:                               true,
		`let a = value.amount; a * 2 == 240`:                       true,
		`value.amount > 100 ? key == "k1" : false`:                 true,
		`upper(key) == "K1"`:                                       true,
		`true`:                                                     true,
	} {
		x, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		f, err := x.For(e.State)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		m := f.NewMatcher()
		for range 2 {
			if got, err := m.Match(e); got != want || err != nil {
				t.Errorf("%s: %v, %v", text, got, err)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	e := order(t)
	for text, want := range map[string]string{
		"value.amonut > 1":          `at column 7 of "value.amonut > 1": value.amonut: no such field, expected one of address, amount, note, price, rates, tags (did you mean value.amount?)`,
		"amount > 1":                "amount: no such name",
		"value.address.ctiy == ''":  "did you mean value.address.city?",
		"vlaue.amount > 1":          "did you mean value?",
		"value.amount":              "expected bool, but got int",
		`value.amount > "x"`:        "mismatched types int and string",
		"value.amount.cents > 1":    "value.amount is long and has no field cents",
		"ns == nil":                 `ns: state "order", which is value, has none`,
		"ttlTs > 1":                 "has none",
		"timestamp > 1":             "has none",
		"value.amount >":            "unexpected token EOF",
		"":                          "an empty expression",
		"nosuch(value.amount) == 1": "nosuch",
		"value.amount == 1 and #":   "unexpected",
		`value.note > 3`:            "mismatched types string and int",
		strings.Repeat("(", 1<<17):  "at most 65536",
		"value.tags[0].x == 1":      "x",
	} {
		x, err := Parse(text)
		if err == nil {
			_, err = x.For(e.State)
		}
		if err == nil || !errors.Is(err, fault.ErrUsage) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), " _0") {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
}

// TestParts: lists, maps, timers, TTL, and entries whose parts are not known.
func TestParts(t *testing.T) {
	long, str := codec(t, simple("Long")), codec(t, simple("String"))
	window := codec(t, &serde.Snapshot{Class: "org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot", Version: 3})
	ttl := codec(t, &serde.Snapshot{
		Class: "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot", Version: 3,
		Body: &serde.Composite{OuterVersion: 2, Nested: []*serde.Snapshot{simple("Long"), simple("String")}},
	})
	win := encode(t, window, serde.Struct{Type: window.Type(), Fields: []serde.Value{serde.Int(1000), serde.Int(2000)}})
	stamped := encode(t, ttl, serde.Struct{Type: ttl.Type(), Fields: []serde.Value{serde.Int(5000), serde.Text("hi")}})
	key := encode(t, long, serde.Int(42))
	unknown := codec(t, &serde.Snapshot{Class: "acme.Snapshot", Version: 1, Body: &serde.Unknown{}})
	for _, c := range []struct {
		text string
		s    entry.State
		e    entry.Entry
		want bool
	}{
		{"ns.start == 1000 and ns.end > ns.start", entry.State{Key: long, Namespace: window, Value: long}, entry.Entry{Namespace: win, Value: key}, true},
		{`value == "hi" and ttlTs == 5000 and ttl < 5001`, entry.State{Key: long, Value: ttl, TTL: true}, entry.Entry{Value: stamped}, true},
		{`value[0].value == "hi" and value[0].ttlTs == 5000`, entry.State{Kind: entry.List, Key: long, Value: ttl, TTL: true}, entry.Entry{Elements: [][]byte{stamped}}, true},
		{`len(value) == 2 and value[1] == 42`, entry.State{Kind: entry.List, Key: long, Value: long}, entry.Entry{Elements: [][]byte{key, key}}, true},
		{`mapKey == "a" and value == 42`, entry.State{Kind: entry.Map, Key: long, UserKey: str, Value: long}, entry.Entry{UserKey: encode(t, str, serde.Text("a")), Value: key}, true},
		{`value == nil`, entry.State{Kind: entry.Map, Key: long, UserKey: str, Value: long}, entry.Entry{UserKey: encode(t, str, serde.Text("a")), NullValue: true}, true},
		{`timestamp < 0 and key == 42`, entry.State{Kind: entry.Timer, Key: long}, entry.Entry{Timestamp: -1}, true},
		{`value == nil`, entry.State{Key: long, Value: unknown}, entry.Entry{Value: []byte{1}}, true},
		{`value startsWith "cafe"`, entry.State{Kind: entry.Coordinator}, entry.Entry{Value: []byte{0xCA, 0xFE}}, true},
	} {
		x, err := Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if c.e.State = &c.s; c.s.Namespace == nil {
			c.s.Void = true
		}
		c.e.Key = key
		f, err := x.For(&c.s)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got, err := f.NewMatcher().Match(&c.e); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.text, got, err)
		}
	}
	x, _ := Parse("key == 1")
	f, err := x.For(&entry.State{Name: "s", UID: "op", Key: long, Void: true, Value: long})
	if err != nil {
		t.Fatal(err)
	}
	ok, err := f.NewMatcher().Match(&entry.Entry{State: &entry.State{Name: "s", UID: "op", Key: long}, Key: []byte{1}})
	if ok || !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), "op") {
		t.Errorf("short key: %v, %v", ok, err)
	}
}

func BenchmarkMatch(b *testing.B) {
	e := order(b)
	x, err := Parse(`value.amount > 100 and value.address.zip < 5`)
	if err != nil {
		b.Fatal(err)
	}
	f, err := x.For(e.State)
	if err != nil {
		b.Fatal(err)
	}
	m := f.NewMatcher()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := m.Match(e); ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

// FuzzParse: whatever is asked, nothing panics, and trouble is a wrong request.
func FuzzParse(f *testing.F) {
	f.Add(`value.amount > 1 and any(value.tags, # == key)`)
	f.Add(`let x = value; x.amount in 1..3`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "..") || strings.Contains(text, "repeat") {
			return // loops as long as they say
		}
		e := order(t)
		x, err := Parse(text)
		if err == nil {
			var flt *Filter
			if flt, err = x.For(e.State); err == nil {
				flt.NewMatcher().Match(e) //nolint:errcheck // any result is right
			}
		}
		if err != nil && !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
