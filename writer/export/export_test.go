package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/serde"
)

// codecOf compiles the serializer of a simple class of the base package, for instance "Long".
func codecOf(t testing.TB, name string) serde.Codec {
	t.Helper()
	const base = "org.apache.flink.api.common.typeutils.base."
	return compile(t, &serde.Snapshot{Class: base + name + "Serializer$" + name + "SerializerSnapshot", Version: 3})
}

func compile(t testing.TB, s *serde.Snapshot) serde.Codec {
	t.Helper()
	c, err := serde.BuiltinRegistry().Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listOf compiles a list's serializer.
func listOf(t testing.TB, name string) serde.Codec {
	t.Helper()
	const base = "org.apache.flink.api.common.typeutils.base."
	return compile(t, &serde.Snapshot{
		Class: base + "ListSerializerSnapshot", Version: 3,
		Body: &serde.Composite{OuterVersion: 1, Nested: []*serde.Snapshot{{Class: base + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}}},
	})
}

func encode(t testing.TB, c serde.Codec, v serde.Value) []byte {
	t.Helper()
	b, err := c.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// structCodec stands for a POJO, a TTL value or a window in tests: its fields one after another.
type structCodec struct {
	t     *serde.Type
	parts []serde.Codec
}

func newStruct(kind serde.Kind, names string, parts ...serde.Codec) *structCodec {
	t := &serde.Type{Kind: kind, Length: -1, Serializer: "test." + kind.String() + "Snapshot"}
	for i, n := range strings.Fields(names) {
		t.Fields = append(t.Fields, serde.Field{Name: n, Type: parts[i].Type()})
		t.Opaque = t.Opaque || parts[i].Type().Opaque
	}
	return &structCodec{t, parts}
}

func (c *structCodec) Type() *serde.Type { return c.t }
func (c *structCodec) Skip(r *binio.Reader) {
	for _, p := range c.parts {
		p.Skip(r)
	}
}

func (c *structCodec) Walk(r *binio.Reader, s serde.Sink) {
	s.BeginStruct(c.t, serde.Form{})
	for i, p := range c.parts {
		s.Field(i)
		p.Walk(r, s)
	}
	s.EndStruct()
}

func (c *structCodec) Append(dst []byte, v serde.Value) ([]byte, error) {
	var err error
	for i, p := range c.parts {
		if dst, err = p.Append(dst, v.(serde.Struct).Fields[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func (c *structCodec) Hash(*binio.Reader) (int32, bool) { return 0, false }

func fields(values ...serde.Value) serde.Struct { return serde.Struct{Fields: values} }

// A row of every kind.
func rows(t testing.TB) []*entry.Entry {
	str, long, ints := codecOf(t, "String"), codecOf(t, "Long"), listOf(t, "Int")
	window := newStruct(serde.KindStruct, "start end", long, long)
	ttl := newStruct(serde.KindTTL, "ttlTs value", long, str)
	unknown := compile(t, &serde.Snapshot{Class: "com.acme.SecretSnapshot", Version: 1, Body: &serde.Unknown{}})
	ttlUnknown := newStruct(serde.KindTTL, "ttlTs value", long, unknown)
	hello := encode(t, str, serde.Text("hello"))
	stamped := encode(t, ttl, fields(serde.Int(1795240559314), serde.Text("x,\"y\"")))
	win := encode(t, window, fields(serde.Int(0), serde.Int(5000)))
	state := func(name string, k entry.Kind, value serde.Codec) *entry.State {
		return &entry.State{OperatorID: "20ba6b65f97481d5570070de90e4e791", UID: "orders", Name: name, Kind: k, Key: long, Void: true, Value: value}
	}
	key := encode(t, long, serde.Int(42))
	var out []*entry.Entry
	add := func(s *entry.State, e entry.Entry) {
		e.State = s
		if s.Kind.Keyed() && e.Key == nil {
			e.Key = key
		}
		if !s.Kind.Keyed() {
			e.KeyGroup = -1
		}
		out = append(out, &e)
	}

	add(state("last", entry.Value, str), entry.Entry{KeyGroup: 1, Value: hello})
	add(state("last", entry.Value, str), entry.Entry{KeyGroup: 1, Value: encode(t, str, serde.Null{})})
	windowed := state("sums", entry.Reducing, ints)
	windowed.Void, windowed.Namespace, windowed.UID = false, window, ""
	add(windowed, entry.Entry{Subtask: 1, KeyGroup: 77, Namespace: win, Value: encode(t, ints, serde.List{serde.Int(1), serde.Int(-2)})})
	old := state("old", entry.Value, ttl)
	old.TTL = true
	add(old, entry.Entry{KeyGroup: 1, Value: stamped})
	add(state("names", entry.List, str), entry.Entry{KeyGroup: 1, Elements: [][]byte{hello, encode(t, str, serde.Text(""))}})
	oldList := state("oldNames", entry.List, ttl)
	oldList.TTL = true
	add(oldList, entry.Entry{KeyGroup: 1, Elements: [][]byte{stamped}})
	m := state("counts", entry.Map, long)
	m.UserKey = str
	add(m, entry.Entry{KeyGroup: 1, UserKey: hello, Value: key})
	add(m, entry.Entry{KeyGroup: 1, UserKey: hello, NullValue: true})
	timer := state("_timer_state/event_window-timers", entry.Timer, nil)
	timer.Void, timer.Namespace = false, window
	add(timer, entry.Entry{KeyGroup: 1, Namespace: win, Timestamp: -4999})
	add(state("offsets", entry.OperatorUnion, long), entry.Entry{Subtask: 1, Value: key})
	b := state("rules", entry.Broadcast, long)
	b.UserKey = str
	add(b, entry.Entry{UserKey: hello, Value: key})
	add(state("", entry.Coordinator, nil), entry.Entry{Subtask: -1, Value: []byte{0xCA, 0xFE}})
	add(state("secret", entry.Value, unknown), entry.Entry{KeyGroup: 1, Value: []byte{1, 2}})
	oldSecret := state("oldSecret", entry.Value, ttlUnknown)
	oldSecret.TTL = true
	add(oldSecret, entry.Entry{KeyGroup: 1, Value: append(bytes.Clone(key), 0xFF)})
	add(state("names", entry.List, unknown), entry.Entry{KeyGroup: 1, Value: []byte{3, 4}, Unsplit: true})
	blind := state("blind", entry.Map, long)
	blind.Key, blind.UserKey = unknown, unknown
	add(blind, entry.Entry{KeyGroup: 1, Key: []byte{5, 6}, Value: key, Unsplit: true})
	return out
}

func render(t testing.TB, format string, o Options, es []*entry.Entry) string {
	t.Helper()
	f, err := ByName(format)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.New(o)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	w, r := out.NewWriter(&text), out.NewRenderer()
	for _, e := range es {
		b, err := r.Append(nil, e)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = r.Flush(b); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

var update = flag.Bool("update", false, "write the golden files")

// TestGolden: one row of every kind, in every format.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		file, format string
		opts         Options
	}{
		{"rows.jsonl", "json", Options{}},
		{"rows-raw.jsonl", "json", Options{Raw: true}},
		{"columns.jsonl", "json", Options{Columns: []string{"value", "state", "keyHex"}}},
		{"rows-raw.csv", "csv", Options{Raw: true}},
		{"columns.csv", "csv", Options{Columns: []string{"value", "key"}}},
		{"table.txt", "table", Options{}},
		{"table-100.txt", "table", Options{Width: 100}},
		{"table-columns.txt", "table", Options{Columns: []string{"value", "operatorId", "kg"}, Color: true}},
	} {
		t.Run(c.file, func(t *testing.T) {
			got := render(t, c.format, c.opts, rows(t))
			file := filepath.Join("testdata", c.file)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestJSONLines: each line is one object and nothing else.
func TestJSONLines(t *testing.T) {
	es := append(rows(t), pojoRow(t))
	text := render(t, "json", Options{Raw: true}, es)
	lines := strings.SplitAfter(text, "\n")
	if len(lines) != len(es)+1 || lines[len(es)] != "" {
		t.Fatalf("%d lines for %d rows", len(lines)-1, len(es))
	}
	for _, l := range lines[:len(es)] {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
}

// TestCSVReads: another reader of CSV gets the fields back.
func TestCSVReads(t *testing.T) {
	str := codecOf(t, "String")
	s := &entry.State{OperatorID: "00", Name: "a,b", Kind: entry.Value, Key: str, Void: true, Value: str}
	texts := []string{"plain", "a,b", "say \"hi\"", "two\r\nlines\n", " spaced ", "über", "\"", "-", "=1+1"}
	var es []*entry.Entry
	for _, text := range texts {
		es = append(es, &entry.Entry{State: s, Key: encode(t, str, serde.Text("k")), Value: encode(t, str, serde.Text(text))})
	}
	es = append(es, &entry.Entry{State: s, Key: es[0].Key, Value: encode(t, str, serde.Text(""))}, &entry.Entry{State: s, Key: es[0].Key, Value: encode(t, str, serde.Null{})})
	text := render(t, "csv", Options{}, es)
	if !strings.HasSuffix(text, ",k,,,\"\",,\r\n00,,\"a,b\",value,0,0,k,,,,,\r\n") {
		t.Errorf("empty text and null: %q", text)
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != len(es)+1 || !slices.Equal(records[0], Columns()[:12]) {
		t.Fatalf("%d records, header %q", len(records), records[0])
	}
	for i, want := range texts {
		if got := records[i+1][9]; got != strings.ReplaceAll(want, "\r\n", "\n") || records[i+1][2] != "a,b" {
			t.Errorf("%q came back as %q", want, got)
		}
	}
	if got := render(t, "csv", Options{}, nil); strings.Count(got, "\n") != 1 {
		t.Errorf("no rows: %q", got)
	}
}

// TestCorrupt: a part that contradicts its serializer is shown raw and reported; the rest of the row and the other rows stay.
func TestCorrupt(t *testing.T) {
	long, str := codecOf(t, "Long"), codecOf(t, "String")
	s := &entry.State{OperatorID: "0123", UID: "u", Name: "s", Kind: entry.List, Key: long, Void: true, Value: str}
	bad := &entry.Entry{State: s, Subtask: 2, KeyGroup: 9, Key: []byte{1, 2, 3}, Elements: [][]byte{encode(t, str, serde.Text("ok")), {9, 'x'}}}
	good := &entry.Entry{State: s, KeyGroup: 9, Key: make([]byte, 8)}
	want := map[string]string{
		"json": `{"operatorId":"0123","uid":"u","state":"s","kind":"list","subtask":2,"kg":9,"key":{"$raw":"010203","$serializer":"` + long.Type().Serializer +
			`"},"value":["ok",{"$raw":"0978","$serializer":"` + str.Type().Serializer + `"}]}` + "\n" +
			`{"operatorId":"0123","uid":"u","state":"s","kind":"list","subtask":0,"kg":9,"key":0,"value":[]}` + "\n",
		"csv":   "",
		"table": "",
	}
	for _, f := range Formats() {
		var errs []error
		got := render(t, f.Name, Options{OnError: func(e *entry.Entry, err error) {
			if e != bad {
				t.Errorf("%s: the wrong entry", f.Name)
			}
			errs = append(errs, err)
		}}, []*entry.Entry{bad, good})
		if want[f.Name] != "" && got != want[f.Name] {
			t.Errorf("%s:\n got %s\nwant %s", f.Name, got, want[f.Name])
		}
		if len(errs) != 2 {
			t.Fatalf("%s: errors %v", f.Name, errs)
		}
		for _, err := range errs {
			var fe *fault.Error
			if !errors.Is(err, fault.ErrCorrupt) || !errors.As(err, &fe) || fe.Operator != "u" || fe.State != "s" || fe.KeyGroup != 9 || fe.Subtask != 2 {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		out, err := f.New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := out.NewRenderer().Append([]byte("kept"), bad)
		if string(b) != "kept" || !errors.Is(err, fault.ErrCorrupt) {
			t.Errorf("%s without a listener: %q, %v", f.Name, b, err)
		}
	}
}

// TestTableGrows: a row that uses a column which no row of the sample used starts a new table; wide characters count twice.
func TestTableGrows(t *testing.T) {
	str := codecOf(t, "String")
	s := &entry.State{OperatorID: "0123456789", Name: "s", Kind: entry.Value, Key: str, Void: true, Value: str}
	m := *s
	m.Kind, m.UserKey = entry.Map, str
	row := func(s *entry.State, text string) *entry.Entry {
		return &entry.Entry{State: s, Key: encode(t, str, serde.Text("k")), UserKey: encode(t, str, serde.Text("u")), Value: encode(t, str, serde.Text(text))}
	}
	var es []*entry.Entry
	for range sampleRows {
		es = append(es, row(s, "中文"))
	}
	es = append(es, row(s, "longer than all before"), row(&m, "x"), row(s, "y"))
	opts := Options{Columns: []string{"value", "mapKey", "key"}}
	lines := strings.Split(render(t, "table", opts, es), "\n")
	want := []string{"value  key", "中文   k"}
	if !slices.Equal(lines[:2], want) {
		t.Errorf("%q, want %q", lines[:2], want)
	}
	want = []string{"longer than all before  k", "", "value  mapKey  key", "x      u       k", "y              k", ""}
	if !slices.Equal(lines[sampleRows+1:], want) {
		t.Errorf("%q, want %q", lines[sampleRows+1:], want)
	}
	opts.Width = 20
	lines = strings.Split(render(t, "table", opts, []*entry.Entry{row(s, "中文中文中文中文中文中文中文"), row(s, "a\nb")}), "\n")
	want = []string{"value            key", "中文中文中文中…  k", `a\nb             k`, ""}
	if !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
}

func TestUnknownNames(t *testing.T) {
	if _, err := ByName("xml"); !errors.Is(err, fault.ErrUsage) {
		t.Errorf("format: %v", err)
	}
	for _, f := range Formats() {
		if _, err := f.New(Options{Columns: []string{"nope"}}); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
