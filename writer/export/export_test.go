package export

import (
	"bytes"
	"errors"
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
