package describe

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/channel"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/opstate"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

const typeutils = "org.apache.flink.api.common.typeutils.base."

func simple(name string) *serde.Snapshot {
	return &serde.Snapshot{Class: typeutils + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}
}

func composite(class string, outer int32, nested ...*serde.Snapshot) *serde.Snapshot {
	return &serde.Snapshot{Class: class, Version: 3, Body: &serde.Composite{OuterVersion: outer, Nested: nested}}
}

var (
	text = simple("String")
	long = simple("Long")
	void = &serde.Snapshot{Class: "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot", Version: 3}
)

func state(name, kind string, value *serde.Snapshot) statemeta.Info {
	return statemeta.Info{
		Name: name, Type: statemeta.KeyValue, Options: []statemeta.Option{{Key: statemeta.OptionKeyedStateType, Value: kind}},
		Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerNamespace, Snapshot: void}, {Key: statemeta.SerializerValue, Snapshot: value}},
	}
}

// keyedFile makes a small stream with a list, a map and a timer in key group 5 and a list in 7.
func keyedFile(t *testing.T, heap, compressed bool) []byte {
	t.Helper()
	h := keyed.Header{Version: keyed.HeaderVersion, Compressed: compressed, Key: text, States: []statemeta.Info{
		state("names", "LIST", composite(typeutils+"ListSerializerSnapshot", 1, text)),
		state("counts", "MAP", composite(typeutils+"MapSerializerSnapshot", 1, text, long)),
		{Name: "_timer_state/event_t", Type: statemeta.PriorityQueue, Serializers: []statemeta.NamedSnapshot{
			{Key: statemeta.SerializerValue, Snapshot: composite("org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", 2, text, void)},
		}},
	}}
	b, err := h.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	states, err := h.Compile(serde.BuiltinRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ann := binio.AppendString(nil, "ann")
	entries := map[int][]entry.Entry{
		5: {
			{State: &states[0].State, KeyGroup: 5, Key: ann, Elements: [][]byte{binio.AppendString(nil, "x"), binio.AppendString(nil, "yy")}},
			{State: &states[1].State, KeyGroup: 5, Key: ann, UserKey: binio.AppendString(nil, "a"), Value: binio.AppendI64(nil, 42)},
			{State: &states[1].State, KeyGroup: 5, Key: ann, UserKey: binio.AppendString(nil, "b"), NullValue: true},
			{State: &states[2].State, KeyGroup: 5, Key: ann, Timestamp: 1000},
		},
		7: {{State: &states[0].State, KeyGroup: 7, Key: binio.AppendString(nil, "bob"), Elements: [][]byte{binio.AppendString(nil, "")}}},
	}
	for _, g := range []int{5, 6, 7} {
		if heap {
			b = heapGroup(b, g, states, entries[g], compressed)
			continue
		}
		c := keyed.CanonicalEncoder{MaxParallelism: 128}
		var content []byte
		for i := range entries[g] {
			n := number(states, &entries[g][i])
			if content, err = c.Append(content, n, &states[n], &entries[g][i]); err != nil {
				t.Fatal(err)
			}
		}
		if content = c.End(content); compressed && len(content) > 0 {
			content = (&frame.Encoder{}).AppendStream(nil, content)
		}
		b = append(b, content...)
	}
	return b
}

func number(states []keyed.State, e *entry.Entry) int {
	for n := range states {
		if e.State == &states[n].State {
			return n
		}
	}
	return -1
}

func heapGroup(b []byte, g int, states []keyed.State, entries []entry.Entry, compressed bool) []byte {
	h := keyed.HeapEncoder{}
	if compressed {
		h.Frames = &frame.Encoder{}
	}
	b = h.Begin(b, g)
	for n := range states {
		h.BeginState(n)
		for i := range entries {
			if number(states, &entries[i]) == n {
				h.Append(&states[n], &entries[i])
			}
		}
		b = h.EndState(b)
	}
	return b
}

func operatorFile(t *testing.T) []byte {
	t.Helper()
	h := opstate.Header{Version: opstate.VersionPlain, Lists: []statemeta.Info{{
		Name: "splits", Type: statemeta.Operator, Options: []statemeta.Option{{Key: statemeta.OptionDistributionMode, Value: "UNION"}},
		Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerValue, Snapshot: text}},
	}}}
	b, err := h.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return binio.AppendString(binio.AppendString(b, "one"), "two")
}

func rawTimersFile(t *testing.T) []byte {
	t.Helper()
	h := keyed.Header{Version: keyed.HeaderVersion, Key: text, States: []statemeta.Info{state("v", "VALUE", long)}}
	states, err := h.Compile(serde.BuiltinRegistry())
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for range 2 {
		var enc keyed.RawTimersEncoder
		if b, err = enc.BeginService(append(b, enc.Begin(nil, 1)...), &keyed.RawService{Name: "t", Key: text, Namespace: void}); err != nil {
			t.Fatal(err)
		}
		b = enc.AppendTimer(b, &states[0], &entry.Entry{Key: binio.AppendString(nil, "ann"), Timestamp: 1000})
		b = enc.EndTimers(enc.EndTimers(b, true), false)
	}
	return b
}

func channelFile() []byte {
	element := append([]byte{0}, binio.AppendI64(nil, 77)...)
	element = append(element, "value"...)
	b := channel.AppendBlock(channel.AppendHeader(nil), channel.AppendBlock(channel.AppendBlock(nil, element), append([]byte{2}, binio.AppendI64(nil, 99)...)))
	return channel.AppendBlock(b, nil)
}

func TestGoldenFiles(t *testing.T) {
	for name, b := range map[string][]byte{
		"canonical": keyedFile(t, false, false), "canonical-snappy": keyedFile(t, false, true),
		"heap": keyedFile(t, true, false), "heap-snappy": keyedFile(t, true, true),
		"operator": operatorFile(t), "raw-timers": rawTimersFile(t), "channel": channelFile(), "current": []byte("MANIFEST-000005\n"),
	} {
		for _, asJSON := range []bool{false, true} {
			golden := filepath.Join("testdata", name+map[bool]string{false: ".txt", true: ".json"}[asJSON])
			if asJSON && name != "canonical" {
				continue
			}
			var out bytes.Buffer
			if err := File(&out, bytes.NewReader(b), int64(len(b)), Options{JSON: asJSON}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if *update {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("%s differs (run with -update to rewrite it):\n%s", golden, out.Bytes())
			}
		}
	}
}

type field struct {
	Offset, Length int64
	Path, Label    string
	Value          any
}

func fields(t *testing.T, src io.ReaderAt, size int64, o Options) ([]field, error) {
	t.Helper()
	var out bytes.Buffer
	o.JSON = true
	err := File(&out, src, size, o)
	var all []field
	for line := range strings.Lines(out.String()) {
		var f field
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, f)
	}
	return all, err
}

// Of every file of every fixture each byte is described once, in order; decompressed content is beside that.
func TestEveryFixtureFile(t *testing.T) {
	kinds := map[string]int{}
	fixtures.Each(t, nil, func(t *testing.T, fx *fixtures.Fixture) {
		files, err := fx.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(filepath.Join(fx.Root, name))
			if err != nil {
				t.Fatal(err)
			}
			all, err := fields(t, bytes.NewReader(b), int64(len(b)), Options{})
			if err != nil {
				if !errors.Is(err, fault.ErrUnsupported) && !strings.Contains(name, "/shared/") && !strings.Contains(name, "/taskowned/") {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			kind, _, _ := strings.Cut(all[0].Path, ",")
			kinds[kind]++
			if kind == "RocksDB table" || kind == "MANIFEST" || kind == "OPTIONS" {
				continue
			}
			next := int64(0)
			for _, f := range all {
				if strings.Contains(f.Path, "/content: ") {
					continue
				}
				if f.Length > 0 && f.Offset != next {
					t.Errorf("%s: %s/%s at %d, want %d", name, f.Path, f.Label, f.Offset, next)
					break
				}
				next = max(next, f.Offset+f.Length)
			}
			if last := all[len(all)-1]; next != int64(len(b)) && !strings.Contains(last.Label, "the handle in _metadata says") {
				t.Errorf("%s: the last field ends at %d of %d", name, next, len(b))
			}
		}
	})
	t.Log(kinds)
	for _, kind := range []string{"_metadata", "keyed state header", "operator state header", "RocksDB table", "OPTIONS"} {
		if kinds[kind] == 0 {
			t.Errorf("no file of kind %s", kind)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, heap := range []bool{false, true} {
		b := keyedFile(t, heap, false)
		var out bytes.Buffer
		if err := File(&out, bytes.NewReader(b), int64(len(b)), Options{Limit: 2}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), " entry\n"); n != 2 && !heap || !strings.Contains(out.String(), "the limit was reached") {
			t.Errorf("%d entries:\n%s", n, out.String())
		}
	}
}

// What is before the damage is described, and the damage is the error.
func TestDamagedFiles(t *testing.T) {
	for _, heap := range []bool{false, true} {
		for _, compressed := range []bool{false, true} {
			b := keyedFile(t, heap, compressed)
			for n := range b {
				all, err := fields(t, bytes.NewReader(b[:n]), int64(n), Options{})
				if err == nil {
					t2, _ := fields(t, bytes.NewReader(b), int64(len(b)), Options{})
					if len(all) >= len(t2) {
						t.Errorf("%d of %d bytes: no error and nothing missing", n, len(b))
					}
				}
			}
		}
	}
	for _, b := range [][]byte{operatorFile(t), rawTimersFile(t), channelFile()} {
		for i := range b {
			for _, flip := range []byte{0x80, 0x01, 0xFF} {
				b[i] ^= flip
				fields(t, bytes.NewReader(b), int64(len(b)), Options{})
				b[i] ^= flip
			}
			fields(t, bytes.NewReader(b[:i]), int64(i), Options{})
		}
	}
}

func TestUnknownFiles(t *testing.T) {
	for _, c := range []struct {
		b        string
		metadata bool
		kind     error
	}{
		{"", false, fault.ErrTruncated},
		{"hello, world", false, fault.ErrUnsupported},
		{"\x00\x00\x00\x00", false, fault.ErrUnsupported},
		{"\xff", false, fault.ErrUnsupported},
		{strings.Repeat("\x00", 1000), false, fault.ErrUnsupported},
		{strings.Repeat("\x00", 1000), true, fault.ErrCorrupt},
		{string(channelFile()), true, fault.ErrCorrupt},
	} {
		var out bytes.Buffer
		if err := File(&out, strings.NewReader(c.b), int64(len(c.b)), Options{Metadata: c.metadata}); !errors.Is(err, c.kind) {
			t.Errorf("%q: %v, want %v", c.b, err, c.kind)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("MANIFEST-000005\n"))
	f.Add(channelFile())
	f.Fuzz(func(t *testing.T, b []byte) {
		fields(t, bytes.NewReader(b), int64(len(b)), Options{Limit: 100})
	})
}
