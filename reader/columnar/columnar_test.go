package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

func typ(k serde.Kind, args ...*serde.Type) *serde.Type {
	return &serde.Type{Kind: k, Length: -1, Args: args}
}

func structure(k serde.Kind, fields ...serde.Field) *serde.Type {
	return &serde.Type{Kind: k, Length: -1, Class: "a.Order", Fields: fields}
}

// TestPlan: the Arrow type of each kind of value.
func TestPlan(t *testing.T) {
	long, text := typ(serde.KindInt64), typ(serde.KindString)
	sub := structure(serde.KindStruct, serde.Field{Name: "a", Type: long}, serde.Field{Name: "b", Type: text})
	sub.Class = "a.Sub"
	parent := structure(serde.KindStruct, serde.Field{Name: "a", Type: long})
	parent.Subclasses = []*serde.Type{sub}
	loop := structure(serde.KindStruct)
	loop.Fields = []serde.Field{{Name: "next", Type: loop}}
	for _, c := range []struct {
		t    *serde.Type
		want string
	}{
		{nil, "binary"},
		{typ(serde.KindRaw), "binary"},
		{typ(serde.KindNull), "null"},
		{typ(serde.KindBool), "bool"},
		{typ(serde.KindInt8), "int8"},
		{typ(serde.KindInt16), "int16"},
		{typ(serde.KindInt32), "int32"},
		{long, "int64"},
		{typ(serde.KindFloat32), "float32"},
		{typ(serde.KindFloat64), "float64"},
		{typ(serde.KindChar), "utf8"},
		{typ(serde.KindBytes), "binary"},
		{typ(serde.KindInteger), "utf8"},
		{typ(serde.KindDecimal), "utf8"},
		{&serde.Type{Kind: serde.KindDecimal, Precision: 38, Scale: 3}, "decimal(38, 3)"},
		{&serde.Type{Kind: serde.KindDecimal, Precision: 60, Scale: 3}, "decimal256(60, 3)"},
		{typ(serde.KindLocalDate), "date32"},
		{typ(serde.KindLocalTime), "time64[ns]"},
		{typ(serde.KindLocalDateTime), "timestamp[ns]"},
		{&serde.Type{Kind: serde.KindLocalDateTime, Precision: 3, Note: "TIMESTAMP(3)"}, "timestamp[ms]"},
		{&serde.Type{Kind: serde.KindInstant, Precision: 6, Note: "TIMESTAMP_LTZ(6)"}, "timestamp[us, tz=UTC]"},
		{&serde.Type{Kind: serde.KindInstant, Class: "java.util.Date"}, "timestamp[ms, tz=UTC]"},
		{typ(serde.KindInstant), "timestamp[ns, tz=UTC]"},
		{&serde.Type{Kind: serde.KindEnum, Symbols: []string{"A", "B"}}, "dictionary<values=utf8, indices=int32, ordered=false>"},
		{typ(serde.KindEnum), "utf8"},
		{typ(serde.KindList, text), "list<element: utf8, nullable>"},
		{typ(serde.KindMap, text, long), "map<utf8, int64, items_nullable>"},
		{typ(serde.KindMap), "utf8"},
		{typ(serde.KindAny), "utf8"},
		{structure(serde.KindTuple, serde.Field{Type: long}, serde.Field{Type: text}), "struct<f0: int64, f1: utf8>"},
		{structure(serde.KindUnion, serde.Field{Name: "left", Type: long}, serde.Field{Name: "right", Type: text}), "struct<left: int64, right: utf8>"},
		{structure(serde.KindRow, serde.Field{Name: "a", Type: long}), "struct<a: int64, $kind: dictionary<values=utf8, indices=int32, ordered=false>>"},
		{structure(serde.KindStruct), "bool"},
		{&serde.Type{Kind: serde.KindStruct, Class: "x.GlobalWindow"}, "struct<global: bool>"},
		{structure(serde.KindTTL, serde.Field{Name: "ttlTs", Type: long}, serde.Field{Name: "value", Type: text}), "struct<ttlTs: timestamp[ms, tz=UTC], value: utf8>"},
		{parent, "struct<a: int64, b: utf8, @class: utf8>"},
		{loop, "struct<next: utf8>"},
	} {
		if got := plan("v", c.t).typ.String(); got != c.want {
			t.Errorf("%s is %s, want %s", c.t, got, c.want)
		}
	}
}

// column walks events into a column and gives it as JSON, and whether something was lost.
func walked(typ *serde.Type, events ...func(s serde.Sink)) (string, bool) {
	c := newColumn(plan("v", typ))
	var s sink
	lost := false
	for _, e := range events {
		s.begin(c, false)
		e(&s)
		lost = lost || s.lost
	}
	b, err := array.MakeFromData(c.arrow()).MarshalJSON()
	if err != nil {
		return err.Error(), lost
	}
	return strings.ReplaceAll(string(b), "\n", ""), lost
}

// TestSink: events of values, those among them that do not fit their column.
func TestSink(t *testing.T) {
	text, long := typ(serde.KindString), typ(serde.KindInt64)
	words := typ(serde.KindMap, text, long)
	sub := structure(serde.KindStruct, serde.Field{Name: "b", Type: text}, serde.Field{Name: "a", Type: long})
	parent := structure(serde.KindStruct, serde.Field{Name: "a", Type: long})
	parent.Subclasses = []*serde.Type{sub}
	either := structure(serde.KindUnion, serde.Field{Name: "left", Type: long}, serde.Field{Name: "right", Type: text})
	enum := &serde.Type{Kind: serde.KindEnum, Symbols: []string{"A", "B"}}
	list := typ(serde.KindList, typ(serde.KindAny))
	for _, c := range []struct {
		name   string
		t      *serde.Type
		events []func(s serde.Sink)
		want   string
		lost   bool
	}{
		{"nulls", long, []func(s serde.Sink){func(s serde.Sink) { s.Int(1) }, func(s serde.Sink) { s.Null() }, func(s serde.Sink) { s.Int(-1) }}, `[1,null,-1]`, false},
		{"surrogate", text, []func(s serde.Sink){func(s serde.Sink) { s.Text([]byte("a\xed\xa0\x80")) }}, `["a\\ud800"]`, false},
		{"another kind", text, []func(s serde.Sink){func(s serde.Sink) { s.Int(1) }}, `[null]`, true},
		{"a list in a text", text, []func(s serde.Sink){func(s serde.Sink) {
			s.BeginList(list, 2)
			s.BeginMap(words, 0)
			s.EndMap()
			s.Int(1)
			s.EndList()
		}, func(s serde.Sink) { s.Text([]byte("next")) }}, `[null,"next"]`, true},
		{"union", either, []func(s serde.Sink){func(s serde.Sink) {
			s.BeginStruct(either, serde.Form{})
			s.Field(1)
			s.Text([]byte("r"))
			s.EndStruct()
		}}, `[{"left":null,"right":"r"}]`, false},
		{"subclass", parent, []func(s serde.Sink){func(s serde.Sink) {
			s.BeginStruct(sub, serde.Form{Class: "a.Sub"})
			s.Field(0)
			s.Text([]byte("b"))
			s.Field(1)
			s.Int(7)
			s.EndStruct()
		}, func(s serde.Sink) {
			s.BeginStruct(parent, serde.Form{})
			s.Field(0)
			s.Int(8)
			s.EndStruct()
		}}, `[{"@class":"a.Sub","a":7,"b":"b"},{"@class":null,"a":8,"b":null}]`, false},
		{"null key", words, []func(s serde.Sink){func(s serde.Sink) {
			s.BeginMap(words, 1)
			s.Text([]byte("k"))
			s.Int(1)
			s.EndMap()
		}, func(s serde.Sink) {
			s.BeginMap(words, 2)
			s.Text([]byte("k"))
			s.Int(2)
			s.Null()
			s.Int(3)
			s.EndMap()
		}, func(s serde.Sink) {
			s.BeginMap(words, 0)
			s.EndMap()
		}}, `[[{"key":"k","value":1}],null,[]]`, true},
		{"enum by name", enum, []func(s serde.Sink){func(s serde.Sink) { s.Enum(serde.Enum{Index: 0, Name: "B"}) }}, `["B"]`, false},
		{"JSON", list, []func(s serde.Sink){func(s serde.Sink) {
			s.BeginList(list, 3)
			s.BeginStruct(parent, serde.Form{})
			s.Field(0)
			s.Int(1)
			s.EndStruct()
			s.Null()
			s.Bytes([]byte{1})
			s.EndList()
		}}, `[["{\"a\":1}",null,"{\"$hex\":\"01\"}"]]`, false},
		{"date beyond nanoseconds", typ(serde.KindInstant), []func(s serde.Sink){func(s serde.Sink) {
			s.Time(serde.Time{Kind: serde.KindInstant, Seconds: 253402300799})
		}}, `[null]`, true},
	} {
		if got, lost := walked(c.t, c.events...); got != c.want || lost != c.lost {
			t.Errorf("%s: %s, lost %v; want %s, %v", c.name, got, lost, c.want, c.lost)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, at := range []time.Time{
		time.Unix(0, 0), time.Unix(-1, 999_999_999), time.Date(1970, 1, 1, 0, 0, 0, 5000, time.UTC), time.Date(2024, 2, 29, 23, 59, 59, 123_000_000, time.UTC),
		time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(1678, 1, 1, 0, 0, 0, 1, time.UTC),
	} {
		at = at.UTC()
		instant := serde.Time{Kind: serde.KindInstant, Seconds: at.Unix(), Nanos: int32(at.Nanosecond())}
		if got, ok := ticks(instant, arrow.Nanosecond); !ok || got != at.UnixNano() {
			t.Errorf("%s: %d, %v", at, got, ok)
		}
		midnight := at.Truncate(24 * time.Hour)
		local := serde.Time{Kind: serde.KindLocalDateTime, Year: int32(at.Year()), Month: uint8(at.Month()), Day: uint8(at.Day()), NanoOfDay: int64(at.Sub(midnight))}
		if got, ok := ticks(local, arrow.Nanosecond); !ok || got != at.UnixNano() {
			t.Errorf("local %s: %d, %v", at, got, ok)
		}
		if _, ok := ticks(instant, arrow.Millisecond); ok != (at.Nanosecond()%1e6 == 0) {
			t.Errorf("%s in milliseconds: %v", at, ok)
		}
	}
	for _, ms := range []int64{math.MinInt64, math.MaxInt64} {
		s, rest := ms/1000, ms%1000
		if rest < 0 {
			s, rest = s-1, rest+1000
		}
		if got, ok := ticks(serde.Time{Kind: serde.KindInstant, Seconds: s, Nanos: int32(rest * 1e6)}, arrow.Millisecond); !ok || got != ms {
			t.Errorf("%d: %d, %v", ms, got, ok)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		unscaled int64
		scale    int32
		want     string // "" if it does not fit
	}{{125, 2, "125"}, {-125, 2, "-125"}, {5, 0, "500"}, {1250, 3, "125"}, {1251, 3, ""}, {99999, 2, "99999"}, {100000, 2, ""}, {1000, 0, ""}, {0, 9, "0"}} {
		x := big.NewInt(c.unscaled)
		n := plan("v", &serde.Type{Kind: serde.KindDecimal, Precision: 5, Scale: 2})
		b, ok := appendDecimal(nil, serde.Decimal{Integer: serde.Integer{Unscaled: complement(x, 9)}, Scale: c.scale}, n)
		if ok != (c.want != "") {
			t.Errorf("%d at scale %d fits: %v", c.unscaled, c.scale, ok)
			continue
		}
		if !ok {
			continue
		}
		slices.Reverse(b)
		v := new(big.Int).SetBytes(b)
		if b[0]&0x80 != 0 {
			v.Sub(v, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		if v.String() != c.want || len(b) != 16 {
			t.Errorf("%d at scale %d is %s in %d bytes, want %s", c.unscaled, c.scale, v, len(b), c.want)
		}
	}
}

// TestRoundTrip writes the tables of fixtures as Arrow streams and reads the same values with Arrow's own reader.
func TestRoundTrip(t *testing.T) {
	fixtures.Each(t, func(i fixtures.Index) bool { return i.Group != fixtures.GroupNative }, func(t *testing.T, f *fixtures.Fixture) {
		snap, err := reader.Open(t.Context(), file.Store{}, f.Dir, reader.Options{})
		if err != nil {
			t.Fatal(err)
		}
		tables, err := Tables(t.Context(), snap, reader.Selection{}, Options{Raw: true})
		if err != nil {
			t.Skip("not everything can be read: ", err)
		}
		streams := map[*Table]*bytes.Buffer{}
		texts := map[*Table]string{}
		writers := map[*Table]*ipc.Writer{}
		var want int64
		s := Scan{Tables: tables, Jobs: 2, OnError: func(*entry.Entry, error) {}}
		err = s.Run(t.Context(), snap, reader.Selection{}, func(tab *Table, _ Group, rec arrow.Record) error {
			if writers[tab] == nil {
				streams[tab] = new(bytes.Buffer)
				writers[tab] = ipc.NewWriter(streams[tab], ipc.WithSchema(tab.Schema()))
			}
			want += rec.NumRows()
			texts[tab] += fmt.Sprint(rec.Columns())
			return writers[tab].Write(rec)
		})
		var partial *reader.PartialError
		if err != nil && !errors.As(err, &partial) {
			t.Fatal(err)
		}
		var got int64
		for tab, w := range writers {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := ipc.NewReader(streams[tab])
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for r.Next() {
				rec := r.Record()
				text += fmt.Sprint(rec.Columns())
				got += rec.NumRows()
				if raw := rec.Column(int(rec.NumCols()) - 1); raw.NullN() > 0 {
					t.Errorf("%s: raw is null although it was asked for", tab.Name)
				}
			}
			if r.Err() != nil {
				t.Errorf("%s: %v", tab.Name, r.Err())
			}
			if text != texts[tab] {
				t.Errorf("%s: values changed", tab.Name)
			}
		}
		if got != want || got != s.Rows() {
			t.Errorf("%d rows written, %d counted, %d read", want, s.Rows(), got)
		}
	})
}

// BenchmarkAppend: from the bytes of POJOs with a list, a string, a double and a long to columns.
func BenchmarkAppend(b *testing.B) {
	f, err := fixtures.Load("2.3.0-ledger-hashmap-savepoint")
	if err != nil {
		b.Skip(err)
	}
	snap, err := reader.Open(b.Context(), file.Store{}, f.Dir, reader.Options{})
	if err != nil {
		b.Fatal(err)
	}
	sel := reader.Selection{State: func(s *entry.State) bool { return s.Name == "last" }}
	tables, err := Tables(b.Context(), snap, sel, Options{})
	if err != nil || len(tables) != 1 {
		b.Fatal(tables, err)
	}
	var entries []entry.Entry
	err = snap.Scan(b.Context(), sel, 1, func(_ int, t *reader.Task) error {
		t.Each(func(e *entry.Entry) bool {
			c := *e
			c.Key, c.Value = bytes.Clone(e.Key), bytes.Clone(e.Value)
			entries = append(entries, c)
			return true
		})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	batch := tables[0].NewBatch()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		batch.Append(&entries[i])
		if i++; i == len(entries) {
			i = 0
		}
		if batch.Rows() == 4096 {
			batch.Reset()
		}
	}
}
