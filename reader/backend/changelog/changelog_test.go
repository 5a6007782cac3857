package changelog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
	"github.com/tarn-project/tarn/reader/backend"
	replay "github.com/tarn-project/tarn/reader/backend/changelog"
	"github.com/tarn-project/tarn/store"
)

// group is the key group that most tests change.
const group = 5

// infos are descriptions of states, out of a log that Flink wrote: keys are strings.
func infos(t testing.TB) map[string]*statemeta.Info {
	t.Helper()
	f, err := fixtures.Load("1.20.3-ledger-hashmap-checkpoint-changelog-nomat")
	if err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(f.Root, "dstl", "*", "dstl", "*"))
	if err != nil || len(logs) == 0 {
		t.Fatal(logs, err)
	}
	out := map[string]*statemeta.Info{}
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for r := binio.NewReader(b[1:], 0); r.Len() > 0 && r.Err() == nil; {
			for _, g := range changelog.DecodeSet(r).Groups {
				for _, c := range g.Changes {
					if m, err := changelog.DecodeMetadata(serde.NewContext(nil), c, 0); g.KeyGroup == changelog.MetaGroup && err == nil {
						out[m.Info.Name] = &m.Info
					}
				}
			}
		}
	}
	// The same states as windows have them.
	long := out["sum"].Serializer(statemeta.SerializerValue)
	for _, name := range []string{"sum", "amounts", "count"} {
		windowed := *out[name]
		windowed.Name = "window " + name
		windowed.Serializers = slices.Clone(windowed.Serializers)
		for i := range windowed.Serializers {
			if windowed.Serializers[i].Key == statemeta.SerializerNamespace {
				windowed.Serializers[i].Snapshot = long
			}
		}
		out[windowed.Name] = &windowed
	}
	return out
}

// Names of states by their numbers in the tests' logs.
var numbers = []string{"count", "amounts", "ttl-by-id", "sum", timers, "window sum", "window amounts", "mean", "checked"}

const timers = "_timer_state/event_user-timers"

func number(name string) int16 {
	i := slices.Index(numbers, name)
	if i < 0 {
		panic(name)
	}
	return int16(i)
}

// str is a string as StringSerializer writes it, ASCII.
func str(s string) []byte { return append([]byte{byte(len(s) + 1)}, s...) }

func i64(v int64) []byte { return binio.AppendI64(nil, v) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

// list is a list of longs as ListSerializer writes it.
func list(values ...int64) []byte {
	b := binio.AppendI32(nil, int32(len(values)))
	for _, v := range values {
		b = append(b, i64(v)...)
	}
	return b
}

// timer is a timer as TimerSerializer writes it.
func timer(at int64, key string) []byte { return join(i64(at^math.MinInt64), str(key), void) }

var void = []byte{0}

func change(op changelog.Op, state string, payload ...[]byte) []byte {
	return changelog.Change{Op: op, State: number(state), Payload: join(payload...)}.Append(nil)
}

// meta registers all states.
func meta(t testing.TB, known map[string]*statemeta.Info) (out [][]byte) {
	t.Helper()
	for _, name := range numbers {
		if known[name] == nil {
			t.Fatal("no state ", name)
		}
		m := changelog.Metadata{Version: 7, Info: *known[name], State: number(name)}
		if m.Info.Type == statemeta.PriorityQueue {
			m.Kind = changelog.KindPriorityQueue
		}
		b, err := m.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func memory(metas [][]byte, changes ...[]byte) *metadata.MemoryLog {
	log := &metadata.MemoryLog{Range: keygroup.Range{First: 0, Last: 127}}
	for _, m := range metas {
		log.Changes = append(log.Changes, metadata.StateChange{KeyGroup: metadata.MetaKeyGroup, Data: m})
	}
	for _, c := range changes {
		log.Changes = append(log.Changes, metadata.StateChange{KeyGroup: group, Data: c})
	}
	return log
}

// below is a materialized part that holds what a test says.
type below struct {
	header  *keyed.Header
	states  []backend.State
	entries []item
	err     error
}

// item is an entry of the materialized part.
type item struct {
	state          string
	key, ns, inner string
	value          []byte
	elements       [][]byte
	time           int64
}

func newBelow(t testing.TB, known map[string]*statemeta.Info, entries []item) *below {
	t.Helper()
	b := &below{entries: entries, header: &keyed.Header{Version: keyed.HeaderVersion, Key: known[timers].Serializer(statemeta.SerializerValue).Nested()[0]}}
	for i := len(numbers) - 2; i >= 0; i-- { // in another order than the log's, without the last
		b.header.States = append(b.header.States, *known[numbers[i]])
	}
	var err error
	if b.states, err = b.header.Compile(serde.BuiltinRegistry()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *below) Layout() string              { return "test" }
func (b *below) Compressed() bool            { return false }
func (b *below) States() []backend.State     { return b.states }
func (b *below) Header() *keyed.Header       { return b.header }
func (b *below) Groups() keygroup.Range      { return keygroup.Range{First: 0, Last: 127} }
func (b *below) Size(int) int64              { return 100 }
func (b *below) NewScanner() backend.Scanner { return b }
func (b *below) Close() error                { return nil }

func (b *below) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	var e entry.Entry // one for all, as real scanners have it
	for _, it := range b.entries {
		for i := range b.states {
			if b.states[i].Name != it.state || q.Group != group || (q.Want != nil && !q.Want[i]) || (q.Key != nil && !bytes.Equal(q.Key, str(it.key))) {
				continue
			}
			e = entry.Entry{State: &b.states[i].State, KeyGroup: group, Key: str(it.key), Value: it.value, Elements: it.elements, Timestamp: it.time}
			if it.ns != "" {
				e.Namespace = i64(int64(it.ns[0] - '0'))
			}
			if it.inner != "" {
				e.UserKey = str(it.inner)
			}
			if !yield(&e) {
				return b.err
			}
		}
	}
	return b.err
}

func (b *below) Count(g int, tally []keyed.Tally) error {
	return b.Scan(backend.Query{Group: g}, func(e *entry.Entry) bool {
		for i := range b.states {
			if &b.states[i].State == e.State {
				tally[i].Entries++
				tally[i].Bytes++
			}
		}
		return true
	})
}

// open opens a changelog of the given parts.
func open(b *below, logs ...metadata.KeyedHandle) (backend.Source, error) {
	h := &metadata.Changelog{Range: keygroup.Range{First: 0, Last: 127}, NonMaterialized: logs}
	if b != nil {
		h.Materialized = []metadata.KeyedHandle{&metadata.KeyGroups{}}
	}
	env := &backend.Env{
		Families: serde.BuiltinRegistry(), MaxParallelism: 128,
		Name: func(metadata.StreamHandle) string { return "a log" },
		Open: func(_ context.Context, h metadata.StreamHandle) (store.Object, error) {
			if in, ok := h.(*metadata.ByteStream); ok {
				return object{bytes.NewReader(in.Data)}, nil
			}
			return nil, fault.New(fault.ErrMissing, "no such file")
		},
	}
	return replay.Backend{Materialized: func(context.Context, *backend.Env, metadata.KeyedHandle) (backend.Source, error) {
		return b, nil
	}}.Open(context.Background(), env, h)
}

type object struct{ *bytes.Reader }

func (object) Close() error { return nil }

// line is an entry in short: its void namespace and absent parts are left out.
func line(e *entry.Entry) string {
	s := e.State.Name + " " + string(e.Key[1:])
	if e.Namespace != nil {
		s += fmt.Sprintf(" in %d", binio.NewReader(e.Namespace, 0).I64())
	}
	if e.UserKey != nil {
		s += " [" + string(e.UserKey[1:]) + "]"
	}
	switch {
	case e.State.Kind == entry.Timer:
		return s + fmt.Sprintf(" at %d", e.Timestamp)
	case e.State.Kind == entry.List:
		s += " ="
		for _, el := range e.Elements {
			s += fmt.Sprintf(" %d", binio.NewReader(el, 0).I64())
		}
		return s
	case e.NullValue:
		return s + " = null"
	}
	return s + fmt.Sprintf(" = %d", binio.NewReader(e.Value[len(e.Value)-8:], 0).I64())
}

func lines(src backend.Source, q backend.Query) (out []string, err error) {
	sc := src.NewScanner()
	defer sc.Close()
	err = sc.Scan(q, func(e *entry.Entry) bool { out = append(out, line(e)); return true })
	slices.Sort(out)
	return out, err
}

// replays are changes on top of a materialized part, and what is there afterwards.
var replays = []struct {
	name    string
	below   []item
	changes [][]byte
	want    []string
	problem string // part of the error, if there is to be one
}{
	{
		name:  "nothing changed",
		below: []item{{state: "count", key: "a", value: i64(1)}, {state: "amounts", key: "a", elements: [][]byte{i64(1), i64(2)}}},
		want:  []string{"amounts a = 1 2", "count a = 1"},
	},
	{
		name:  "values",
		below: []item{{state: "count", key: "a", value: i64(1)}, {state: "count", key: "b", value: i64(2)}, {state: "count", key: "c", value: i64(3)}},
		changes: [][]byte{
			change(changelog.Set, "count", str("a"), void, i64(10)), change(changelog.Clear, "count", str("b"), void),
			change(changelog.Set, "count", str("d"), void, i64(4)), change(changelog.Set, "count", str("d"), void, i64(5)),
			change(changelog.Clear, "count", str("nobody"), void),
		},
		want: []string{"count a = 10", "count c = 3", "count d = 5"},
	},
	{
		name:    "cleared and set again",
		below:   []item{{state: "sum", key: "a", value: i64(1)}},
		changes: [][]byte{change(changelog.Clear, "sum", str("a"), void), change(changelog.SetInternal, "sum", str("a"), void, i64(7))},
		want:    []string{"sum a = 7"},
	},
	{
		name:  "lists",
		below: []item{{state: "amounts", key: "a", elements: [][]byte{i64(1), i64(2)}}, {state: "amounts", key: "b", elements: [][]byte{i64(3)}}, {state: "amounts", key: "c", elements: [][]byte{i64(4)}}},
		changes: [][]byte{
			change(changelog.AddElement, "amounts", str("a"), void, i64(10)), change(changelog.Add, "amounts", str("a"), void, list(11, 12)),
			change(changelog.Set, "amounts", str("b"), void, list(20)), change(changelog.AddElement, "amounts", str("b"), void, i64(21)),
			change(changelog.Clear, "amounts", str("c"), void),
			change(changelog.AddElement, "amounts", str("d"), void, i64(30)),
			change(changelog.Set, "amounts", str("e"), void, list()), change(changelog.Add, "amounts", str("f"), void, list()),
		},
		want: []string{"amounts a = 1 2 10 11 12", "amounts b = 20 21", "amounts d = 30"},
	},
	{
		name:  "maps",
		below: []item{{state: "ttl-by-id", key: "a", inner: "x", value: join(i64(9), i64(1))}, {state: "ttl-by-id", key: "a", inner: "y", value: join(i64(9), i64(2))}, {state: "ttl-by-id", key: "b", inner: "x", value: join(i64(9), i64(3))}, {state: "ttl-by-id", key: "c", inner: "x", value: join(i64(9), i64(4))}},
		changes: [][]byte{
			change(changelog.PutElement, "ttl-by-id", str("a"), void, str("x"), i64(8), i64(10)),
			change(changelog.RemoveElement, "ttl-by-id", str("a"), void, str("y")),
			change(changelog.PutElement, "ttl-by-id", str("a"), void, str("z"), i64(8), i64(11)),
			change(changelog.Add, "ttl-by-id", str("b"), void, binio.AppendI32(nil, 2), str("n"), []byte{1}, str("m"), []byte{0}, i64(8), i64(12)),
			change(changelog.Clear, "ttl-by-id", str("c"), void),
			change(changelog.PutElement, "ttl-by-id", str("c"), void, str("new"), i64(8), i64(13)),
			change(changelog.PutElement, "ttl-by-id", str("d"), void, str("x"), i64(8), i64(14)), change(changelog.RemoveElement, "ttl-by-id", str("d"), void, str("x")),
		},
		want: []string{"ttl-by-id a [x] = 10", "ttl-by-id a [z] = 11", "ttl-by-id b [m] = 12", "ttl-by-id b [n] = null", "ttl-by-id b [x] = 3", "ttl-by-id c [new] = 13"},
	},
	{
		name:  "timers",
		below: []item{{state: timers, key: "a", time: 5}, {state: timers, key: "a", time: -6}, {state: timers, key: "b", time: 5}},
		changes: [][]byte{
			change(changelog.AddElement, timers, binio.AppendI32(nil, 2), timer(7, "a"), timer(5, "b")),
			change(changelog.RemoveElement, timers, timer(-6, "a")), change(changelog.AddElement, timers, binio.AppendI32(nil, 1), timer(8, "c")),
			change(changelog.RemoveElement, timers, timer(8, "c")),
		},
		want: []string{timers + " a at 5", timers + " a at 7", timers + " b at 5"},
	},
	{
		name:  "namespaces apart",
		below: []item{{state: "window sum", key: "a", ns: "1", value: i64(1)}, {state: "window sum", key: "a", ns: "2", value: i64(2)}},
		changes: [][]byte{
			change(changelog.SetInternal, "window sum", str("a"), i64(2), i64(20)), change(changelog.Clear, "window sum", str("a"), i64(3)),
		},
		want: []string{"window sum a in 1 = 1", "window sum a in 2 = 20"},
	},
	{
		name:  "merged lists",
		below: []item{{state: "window amounts", key: "a", ns: "1", elements: [][]byte{i64(1)}}, {state: "window amounts", key: "a", ns: "2", elements: [][]byte{i64(2)}}, {state: "window amounts", key: "b", ns: "2", elements: [][]byte{i64(5)}}},
		changes: [][]byte{
			change(changelog.AddElement, "window amounts", str("a"), i64(2), i64(20)),
			change(changelog.AddElement, "window amounts", str("a"), i64(3), i64(30)),
			change(changelog.MergeNamespaces, "window amounts", str("a"), i64(1), i64(1), binio.AppendI32(nil, 2), i64(2), i64(3)),
			change(changelog.AddElement, "window amounts", str("a"), i64(1), i64(40)),
			change(changelog.AddElement, "window amounts", str("a"), i64(2), i64(50)),
		},
		want: []string{"window amounts a in 1 = 1 2 20 30 40", "window amounts a in 2 = 50", "window amounts b in 2 = 5"},
	},
	{
		name:  "merged sums that the job's function must make",
		below: []item{{state: "window sum", key: "a", ns: "1", value: i64(1)}, {state: "window sum", key: "a", ns: "2", value: i64(2)}, {state: "window sum", key: "b", ns: "1", value: i64(3)}},
		changes: [][]byte{
			change(changelog.MergeNamespaces, "window sum", str("a"), i64(1), i64(1), binio.AppendI32(nil, 1), i64(2)),
			change(changelog.Set, "count", str("a"), void, i64(10)),
		},
		want:    []string{"count a = 10", "window sum b in 1 = 3"},
		problem: "the values of 1 keys and namespaces come from merged windows",
	},
	{
		name: "merged sums that are known all the same",
		changes: [][]byte{
			change(changelog.SetInternal, "window sum", str("a"), i64(2), i64(20)), change(changelog.Clear, "window sum", str("a"), i64(1)),
			change(changelog.MergeNamespaces, "window sum", str("a"), i64(1), i64(1), binio.AppendI32(nil, 1), i64(2)),
			change(changelog.MergeNamespaces, "window sum", str("b"), i64(1), i64(1), binio.AppendI32(nil, 1), i64(2)),
			change(changelog.SetInternal, "window sum", str("b"), i64(1), i64(30)),
		},
		want: []string{"window sum a in 1 = 20", "window sum b in 1 = 30"},
	},
	{
		name:  "a merge that changes nothing",
		below: []item{{state: "window sum", key: "a", ns: "1", value: i64(1)}},
		changes: [][]byte{
			change(changelog.Clear, "window sum", str("a"), i64(2)),
			change(changelog.MergeNamespaces, "window sum", str("a"), i64(1), i64(1), binio.AppendI32(nil, 1), i64(2)),
		},
		want: []string{"window sum a in 1 = 1"},
	},
	{
		name:    "an operation that the state does not have",
		below:   []item{{state: "count", key: "a", value: i64(1)}},
		changes: [][]byte{change(changelog.RemoveElement, "count", str("a"), void)},
		problem: "REMOVE_ELEMENT", // and what was there before is not shown for what is there now
	},
	{
		name:    "bytes too many",
		changes: [][]byte{change(changelog.Set, "count", str("a"), void, i64(1), void)},
		problem: "after the end",
	},
	{
		name:    "bytes too few",
		changes: [][]byte{change(changelog.Set, "count", str("a"), void, void)},
		problem: "SET in the changelog",
	},
	{
		name:    "an unknown state",
		changes: [][]byte{{1, 0x7f, 0, 1}},
		problem: "no metadata names",
	},
	{
		name:    "an unknown operation",
		changes: [][]byte{{77, 0, 0}},
		problem: "operation 77",
	},
}

func TestReplay(t *testing.T) {
	known := infos(t)
	for _, c := range replays {
		t.Run(c.name, func(t *testing.T) {
			src, err := open(newBelow(t, known, c.below), memory(meta(t, known), c.changes...))
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			got, err := lines(src, backend.Query{Group: group})
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if (err != nil) != (c.problem != "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%v, want %q", err, c.problem)
			}
			sc := src.NewScanner()
			defer sc.Close()
			tally := make([]keyed.Tally, len(src.States()))
			_ = sc.Count(group, tally)
			n := int64(0)
			for _, t := range tally {
				n += t.Entries
			}
			if n != int64(len(c.want)) {
				t.Errorf("%d counted", n)
			}
			other, err := lines(src, backend.Query{Group: group + 1})
			if len(other) > 0 || err != nil {
				t.Errorf("another key group has %v, %v", other, err)
			}
		})
	}
}

// TestSelected: looking up keys and states sees the changes of those alone.
func TestSelected(t *testing.T) {
	known := infos(t)
	src, err := open(newBelow(t, known, []item{{state: "count", key: "a", value: i64(1)}, {state: "count", key: "b", value: i64(2)}, {state: "sum", key: "a", value: i64(3)}}),
		memory(meta(t, known), change(changelog.Set, "count", str("c"), void, i64(4)), change(changelog.Set, "sum", str("a"), void, i64(5))))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for key, want := range map[string][]string{"a": {"count a = 1", "sum a = 5"}, "b": {"count b = 2"}, "c": {"count c = 4"}, "d": nil} {
		if got, err := lines(src, backend.Query{Group: group, Key: str(key)}); !slices.Equal(got, want) || err != nil {
			t.Errorf("%s: %v, %v", key, got, err)
		}
	}
	for i, st := range src.States() {
		want := make([]bool, len(src.States()))
		want[i] = true
		got, err := lines(src, backend.Query{Group: group, Want: want})
		for _, l := range got {
			if !strings.HasPrefix(l, st.Name+" ") {
				t.Errorf("%s among %s", l, st.Name)
			}
		}
		if n := map[string]int{"count": 3, "sum": 1}[st.Name]; len(got) != n || err != nil {
			t.Errorf("%s: %v, %v", st.Name, got, err)
		}
	}
}

// TestKeyType: before the first materialization the keys' serializer comes from timers, or else from what fits.
func TestKeyType(t *testing.T) {
	known := infos(t)
	of := func(key []byte, hash int32) *metadata.MemoryLog {
		m := changelog.Metadata{Version: 7, Info: *known["count"], State: 0}
		b, err := m.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &metadata.MemoryLog{Range: keygroup.Range{First: 0, Last: 127}, Changes: []metadata.StateChange{
			{KeyGroup: metadata.MetaKeyGroup, Data: b},
			{KeyGroup: int32(keygroup.Of(hash, 128)), Data: change(changelog.Set, "count", key, void, i64(1))},
			{KeyGroup: int32(keygroup.Of(hash, 128)), Data: change(changelog.Clear, "count", key, void)},
		}}
	}
	for _, c := range []struct {
		key  []byte
		hash int32
		want string
	}{
		{str("hello"), 99162322, "string"},
		{i64(1 << 40), 256, "long"},
		{binio.AppendI32(nil, -7), -7, "int"},
		{binio.AppendI16(nil, 300), 300, "short"},
		{binio.AppendF64(nil, 1.5), 1073217536, "long"}, // a double has the bytes and the hash code of a long
	} {
		src, err := open(nil, of(c.key, c.hash))
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
			continue
		}
		if got := src.States()[0].Key.Type().String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
		src.Close()
	}
	src, err := open(nil, of([]byte("\x01\x02\x03\x04\x05\x06\x07"), 1))
	if !errors.Is(err, fault.ErrUnsupported) || src == nil || src.States()[0].Name != "count" {
		t.Fatalf("keys of no known type: %v", err)
	}
	if got, err := lines(src, backend.Query{Group: keygroup.Of(1, 128)}); len(got) > 0 || !errors.Is(err, fault.ErrUnsupported) {
		t.Errorf("%v, %v", got, err)
	}
	src.Close()
	src, err = open(nil, memory(meta(t, known))) // with timers
	if err != nil || src.States()[0].Key.Type().String() != "string" {
		t.Error(err)
	}
}

// TestLostLog: without a part of the log nobody knows what became of the state, and nothing is shown.
func TestLostLog(t *testing.T) {
	known := infos(t)
	lost := &metadata.FileLog{Range: keygroup.Range{First: 0, Last: 127}, Parts: []metadata.LogPart{{Stream: &metadata.RelativeFile{Path: "gone"}}}}
	src, err := open(newBelow(t, known, []item{{state: "count", key: "a", value: i64(1)}}), memory(meta(t, known)), lost)
	if !errors.Is(err, fault.ErrMissing) || src == nil || len(src.States()) == 0 {
		t.Fatal(src, err)
	}
	defer src.Close()
	if got, err := lines(src, backend.Query{Group: group}); len(got) > 0 || err != nil {
		t.Error(got, err)
	}
}

// TestTwoLogs: a file of two change sets gives what the same changes in memory do, and a state that is registered again, under another
// number and with other serializers, is the same state.
func TestTwoLogs(t *testing.T) {
	known := infos(t)
	sets := []*changelog.ChangeSet{
		{Groups: []changelog.Group{{KeyGroup: changelog.MetaGroup, Changes: meta(t, known)}, {KeyGroup: group, Changes: [][]byte{
			change(changelog.Set, "count", str("a"), void, i64(1)), change(changelog.Set, "count", str("b"), void, i64(2)),
		}}}},
		{Groups: []changelog.Group{{KeyGroup: group, Changes: [][]byte{change(changelog.Set, "count", str("b"), void, i64(3))}}, {KeyGroup: 3, Changes: [][]byte{change(changelog.Set, "count", str("z"), void, i64(9))}}}},
	}
	again := changelog.Metadata{Version: 7, Info: *known["count"], State: 100}
	again.Info.Serializers = slices.Clone(again.Info.Serializers)
	for i := range again.Info.Serializers {
		if again.Info.Serializers[i].Key == statemeta.SerializerValue {
			again.Info.Serializers[i].Snapshot = &serde.Snapshot{Class: "org.apache.flink.api.common.typeutils.base.DateSerializer$DateSerializerSnapshot", Version: 3}
		}
	}
	b, err := again.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	sets = append(sets, &changelog.ChangeSet{Groups: []changelog.Group{{KeyGroup: changelog.MetaGroup, Changes: [][]byte{b}}, {KeyGroup: group, Changes: [][]byte{
		changelog.Change{Op: changelog.Set, State: 100, Payload: join(str("a"), void, i64(4))}.Append(nil),
	}}}})
	content := []byte{0}
	h := &metadata.FileLog{Range: keygroup.Range{First: 0, Last: 127}}
	whole := &metadata.ByteStream{}
	for _, s := range sets {
		h.Parts = append(h.Parts, metadata.LogPart{Offset: int64(len(content) - 1), Stream: whole})
		content = s.Append(content)
	}
	whole.Data = content
	src, err := open(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if got, err := lines(src, backend.Query{Group: group}); err != nil || !slices.Equal(got, []string{"count a = 4", "count b = 3"}) {
		t.Error(got, err)
	}
	if got, err := lines(src, backend.Query{Group: 3}); err != nil || !slices.Equal(got, []string{"count z = 9"}) {
		t.Error(got, err)
	}
}
