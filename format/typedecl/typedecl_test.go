package typedecl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
)

func kind(k serde.Kind, args ...*serde.Type) *serde.Type {
	return &serde.Type{Kind: k, Length: -1, Args: args}
}

func pojo(class string, fields ...serde.Field) *serde.Type {
	return &serde.Type{Kind: serde.KindStruct, Class: class, Length: -1, Nullable: true, Fields: fields}
}

func TestMerge(t *testing.T) {
	long, text := kind(serde.KindInt64), kind(serde.KindString)
	a := pojo("a.A", serde.Field{Name: "x", Type: long})
	b := pojo("a.A", serde.Field{Name: "y", Type: text}, serde.Field{Name: "x", Type: long})
	one, two := pojo("a.A"), pojo("a.A")
	one.Subclasses, two.Subclasses = []*serde.Type{pojo("a.B")}, []*serde.Type{pojo("a.C"), pojo("a.B")}
	loop, other := pojo("a.L"), pojo("a.L")
	loop.Fields, other.Fields = []serde.Field{{Name: "n", Type: loop}}, []serde.Field{{Name: "n", Type: other}}
	for _, c := range []struct {
		a, b *serde.Type
		want string
	}{
		{long, long, "long"},
		{long, text, "any?"},
		{kind(serde.KindNull), text, "string"},
		{long, nil, "any?"},
		{kind(serde.KindList, long), kind(serde.KindList, text), "list<any?>"},
		{a, b, "A{x: long, y: string}"},
		{&serde.Type{Kind: serde.KindDecimal, Precision: 5, Scale: 2, Note: "DECIMAL(5, 2)"}, &serde.Type{Kind: serde.KindDecimal, Precision: 6, Scale: 2}, "decimal"},
	} {
		if got := Merge(c.a, c.b).String(); got != c.want {
			t.Errorf("%s and %s are %s, want %s", c.a, c.b, got, c.want)
		}
	}
	if got := Merge(one, two).Subclasses; len(got) != 2 || got[0].Class != "a.B" || got[1].Class != "a.C" {
		t.Errorf("subclasses %v", got)
	}
	e := Merge(&serde.Type{Kind: serde.KindEnum, Symbols: []string{"A", "B"}}, &serde.Type{Kind: serde.KindEnum, Symbols: []string{"B", "C"}})
	if strings.Join(e.Symbols, "") != "ABC" {
		t.Errorf("symbols %q", e.Symbols)
	}
	Merge(loop, other) // ends
}

// TestLanguages: every language takes every kind of value, in every kind of state, and names that are none there.
func TestLanguages(t *testing.T) {
	loop := pojo("a.Node")
	loop.Fields = []serde.Field{{Name: "next", Type: loop}}
	all := pojo("a.Order", serde.Field{Name: "class", Type: kind(serde.KindString)}, serde.Field{Name: "with space", Type: loop},
		serde.Field{Name: "1", Type: &serde.Type{Kind: serde.KindEnum, Class: "a.Color", Symbols: []string{"RED", "GREEN"}}},
		serde.Field{Name: "again", Type: &serde.Type{Kind: serde.KindEnum, Class: "b.Color", Symbols: []string{"BLUE"}}},
		serde.Field{Name: "matrix", Type: kind(serde.KindList, kind(serde.KindList, kind(serde.KindFloat64)))},
		serde.Field{Name: "pairs", Type: kind(serde.KindMap, kind(serde.KindBytes), kind(serde.KindMap, kind(serde.KindString), kind(serde.KindInt8)))},
		serde.Field{Name: "either", Type: &serde.Type{Kind: serde.KindUnion, Fields: []serde.Field{{Name: "left", Type: kind(serde.KindInt64)}, {Name: "right", Type: kind(serde.KindList, kind(serde.KindBool))}}}},
		serde.Field{Name: "tuple", Type: &serde.Type{Kind: serde.KindTuple, Fields: []serde.Field{{Type: kind(serde.KindInt16)}, {Type: kind(serde.KindAny)}}}},
		serde.Field{Name: "nothing", Type: pojo("a.Empty")})
	for k := serde.KindRaw; k <= serde.KindAny; k++ {
		switch k {
		case serde.KindTuple, serde.KindStruct, serde.KindRow, serde.KindUnion, serde.KindTTL:
			continue
		}
		all.Fields = append(all.Fields, serde.Field{Name: "of " + k.String(), Type: kind(k)})
	}
	ttl := &serde.Type{Kind: serde.KindTTL, Fields: []serde.Field{{Name: "ttlTs", Type: kind(serde.KindInt64)}, {Name: "value", Type: all}}}
	key := kind(serde.KindString)
	states := []State{
		{OperatorID: "00", UID: "op", Name: "v", Kind: entry.Value, Key: key, Namespace: pojo("x.TimeWindow"), Value: ttl, TTL: true},
		{OperatorID: "00", UID: "op", Name: "l", Kind: entry.List, Key: key, Value: ttl, TTL: true, Void: true},
		{OperatorID: "00", UID: "op", Name: "m", Kind: entry.Map, Key: key, MapKey: all, Value: kind(serde.KindNull), Void: true},
		{OperatorID: "00", UID: "op", Name: "_timer_state/event", Kind: entry.Timer, Key: key, Void: true},
		{OperatorID: "00", Name: "u", Kind: entry.OperatorUnion},
		{OperatorID: "00", UID: "op", Name: "", Kind: entry.Coordinator},
	}
	for _, l := range Languages() {
		t.Run(l.Name, func(t *testing.T) {
			var b, one bytes.Buffer
			if err := l.Write(&b, states); err != nil {
				t.Fatal(err)
			}
			if err := l.Write(&one, states[:1]); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(b.String(), "%!") || b.Len() <= one.Len() {
				t.Errorf("%s", b.String())
			}
			if l.Name == "avro" || l.Name == "json-schema" {
				var v any
				if err := json.Unmarshal(b.Bytes(), &v); err != nil {
					t.Error(err)
				}
			}
			if open, shut := strings.Count(b.String(), "{"), strings.Count(b.String(), "}"); open != shut {
				t.Errorf("%d braces open and %d close", open, shut)
			}
		})
	}
	var b bytes.Buffer // a name in a comment is no reason for an import
	if err := writeGo(&b, []State{{UID: "processing-time", Name: "v", Kind: entry.Value, Key: key, Value: key, Void: true}}); err != nil || strings.Contains(b.String(), "import") {
		t.Errorf("%v: %s", err, b.String())
	}
	if _, err := LanguageByName("cobol"); err == nil {
		t.Error("no error for an unknown language")
	}
}
