package keyed

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

// Serializer snapshots as Flink 1.20 writes them.
const typeutils = "org.apache.flink.api.common.typeutils.base."

func simple(name string) *serde.Snapshot {
	return &serde.Snapshot{Class: typeutils + name + "Serializer$" + name + "SerializerSnapshot", Version: 3}
}

func composite(class string, outer int32, nested ...*serde.Snapshot) *serde.Snapshot {
	return &serde.Snapshot{Class: class, Version: 3, Body: &serde.Composite{OuterVersion: outer, Nested: nested}}
}

var (
	text     = simple("String")
	long     = simple("Long")
	void     = &serde.Snapshot{Class: "org.apache.flink.runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot", Version: 3}
	windowNS = &serde.Snapshot{Class: "org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot", Version: 3}
	custom   = &serde.Snapshot{Class: "com.acme.CustomSnapshot", Version: 1}
)

func listOf(elem *serde.Snapshot) *serde.Snapshot {
	return composite(typeutils+"ListSerializerSnapshot", 1, elem)
}

func mapOf(key, value *serde.Snapshot) *serde.Snapshot {
	return composite(typeutils+"MapSerializerSnapshot", 1, key, value)
}

func timerOf(key, ns *serde.Snapshot) *serde.Snapshot {
	return composite("org.apache.flink.streaming.api.operators.TimerSerializerSnapshot", 2, key, ns)
}

func keyedState(name, kind string, ns, value *serde.Snapshot) statemeta.Info {
	return statemeta.Info{
		Name: name, Type: statemeta.KeyValue,
		Options:     []statemeta.Option{{Key: statemeta.OptionKeyedStateType, Value: kind}},
		Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerNamespace, Snapshot: ns}, {Key: statemeta.SerializerValue, Snapshot: value}},
	}
}

func timerQueue(name string, key, ns *serde.Snapshot) statemeta.Info {
	return statemeta.Info{
		Name: name, Type: statemeta.PriorityQueue,
		Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerValue, Snapshot: timerOf(key, ns)}},
	}
}

// builder makes streams by hand.
type builder struct {
	t      *testing.T
	b      []byte
	h      Handle
	header Header
}

func newBuilder(t *testing.T, maxParallelism, first, last int, header Header) *builder {
	t.Helper()
	header.Version = HeaderVersion
	b, err := header.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &builder{t: t, b: b, header: header, h: Handle{
		Range: keygroup.Range{First: first, Last: last}, MaxParallelism: maxParallelism,
		Offsets: make([]int64, last-first+1),
	}}
}

// group adds a key group of the canonical layout; the content is hex with blanks.
func (b *builder) group(g int, content ...string) *builder {
	raw := unhex(b.t, strings.Join(content, " "))
	b.h.Offsets[g-b.h.Range.First] = int64(len(b.b))
	if b.header.Compressed {
		raw = (&frame.Encoder{}).AppendStream(nil, raw)
	}
	b.b = append(b.b, raw...)
	return b
}

// heap adds a key group of the heap layout, a string for each state.
func (b *builder) heap(g int, states ...string) *builder {
	b.h.Offsets[g-b.h.Range.First] = int64(len(b.b))
	b.b = binio.AppendI32(b.b, int32(g))
	for _, s := range states {
		raw := unhex(b.t, s)
		if b.header.Compressed {
			raw = (&frame.Encoder{}).AppendStream(nil, raw)
		}
		b.b = append(b.b, raw...)
	}
	return b
}

func (b *builder) open() *Stream {
	b.t.Helper()
	s, err := Open(bytes.NewReader(b.b), int64(len(b.b)), b.h, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	var out []byte
	if _, err := fmt.Sscanf(strings.ReplaceAll(s, " ", ""), "%x", &out); err != nil && s != "" {
		t.Fatalf("%q: %v", s, err)
	}
	return out
}

// show writes an entry in one line.
func show(e *entry.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s k=%x", e.KeyGroup, e.State.Name, e.Key)
	if e.Namespace != nil {
		fmt.Fprintf(&b, " ns=%x", e.Namespace)
	}
	if e.UserKey != nil {
		fmt.Fprintf(&b, " u=%x", e.UserKey)
	}
	switch {
	case e.State.Kind == entry.Timer && !e.Unsplit:
		fmt.Fprintf(&b, " at=%d", e.Timestamp)
	case e.State.Kind == entry.List && e.Value == nil:
		fmt.Fprintf(&b, " e=%x", e.Elements)
	case e.NullValue:
		fmt.Fprintf(&b, " null%x", e.Value)
	default:
		fmt.Fprintf(&b, " v=%x", e.Value)
	}
	if e.Unsplit {
		b.WriteString(" unsplit")
	}
	return b.String()
}

// rows reads all of a stream: its entries, then errors.
func rows(s *Stream) []string {
	sc := s.NewScanner()
	defer sc.Close()
	var out []string
	for g := s.Range().First; g <= s.Range().Last; g++ {
		if err := sc.Scan(g, nil, func(e *entry.Entry) bool { out = append(out, show(e)); return true }); err != nil {
			out = append(out, "error: "+err.Error())
		}
	}
	return out
}

func compare(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if tail, ok := strings.CutPrefix(want[i], "error~ "); ok {
			if !strings.HasPrefix(got[i], "error: ") || !strings.Contains(got[i], tail) {
				t.Errorf("row %d: %s\nwant %s", i, got[i], want[i])
			}
		} else if got[i] != want[i] {
			t.Errorf("row %d: %s\nwant   %s", i, got[i], want[i])
		}
	}
}

// both runs a test with and without compression.
func both(t *testing.T, run func(t *testing.T, compressed bool)) {
	t.Run("plain", func(t *testing.T) { run(t, false) })
	t.Run("snappy", func(t *testing.T) { run(t, true) })
}

var allKinds = []statemeta.Info{
	keyedState("value", "VALUE", void, long),
	keyedState("list", "LIST", void, listOf(text)),
	keyedState("map", "MAP", void, mapOf(text, long)),
	keyedState("windows", "REDUCING", windowNS, long),
	timerQueue("_timer_state/event_t", text, void),
	keyedState("sum", "AGGREGATING", void, long),
}

const (
	one   = "00 00 00 00 00 00 00 01"
	span  = "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 64"
	keyAB = "03 61 62" // "ab"
)

func TestCanonicalKinds(t *testing.T) {
	both(t, func(t *testing.T, compressed bool) {
		s := newBuilder(t, 128, 4, 6, Header{Compressed: compressed, Key: text, States: allKinds}).
			group(5,
				"0000", "00000005 85 036162 00", "00000008", one, "0001",
				"00000005 05 036162 00", "00000005 0278 2c 0279",
				"00000005 85 0261 00 00", "00000000", "0002", // key "a", then a void namespace, then a byte too many: see below
			).open()
		got := rows(s)
		if len(got) != 3 || !strings.Contains(got[2], "1 bytes after the end") {
			t.Errorf("rows: %q", got)
		}

		s = newBuilder(t, 128, 4, 6, Header{Compressed: compressed, Key: text, States: allKinds}).
			group(5,
				"0000", "00000005 85 036162 00", "00000008", one,
				"0001", "00000005 05 036162 00", "00000005 0278 2c 0279",
				"00000004 85 0261 00", "00000002 0278",
				"0002", "00000007 05 036162 00 0278", "00000009 00", one,
				"00000007 05 036162 00 0279", "00000001 01",
				"00000007 85 036162 00 027a", "00000002 01 00",
				"0003", "00000014 85 036162", span, "00000008", one,
				"0004", "0000000d 05 80 00 00 00 00 00 00 09 036162 00", "00000000",
				"0000000d 85 7f ff ff ff ff ff ff ff 036162 00", "00000000",
				"0005", "00000005 85 036162 00", "00000008", one, "ffff",
			).open()
		compare(t, rows(s),
			"5 value k=036162 v=0000000000000001",
			"5 list k=036162 e=[0278 0279]",
			"5 list k=0261 e=[0278]",
			"5 map k=036162 u=0278 v=0000000000000001",
			"5 map k=036162 u=0279 null",
			"5 map k=036162 u=027a null00",
			"5 windows k=036162 ns=00000000000000000000000000000064 v=0000000000000001",
			"5 _timer_state/event_t k=036162 at=9",
			"5 _timer_state/event_t k=036162 at=-1",
			"5 sum k=036162 v=0000000000000001",
		)
		writtenBack(t, s)
		tally := make([]Tally, len(s.States))
		sc := s.NewScanner()
		defer sc.Close()
		if err := sc.Count(5, tally); err != nil {
			t.Fatal(err)
		}
		want := []Tally{{1, 13}, {2, 16}, {3, 33}, {1, 28}, {2, 26}, {1, 13}}
		if !slices.Equal(tally, want) {
			t.Errorf("counted %v, want %v", tally, want)
		}
	})
}

func TestHeapKinds(t *testing.T) {
	both(t, func(t *testing.T, compressed bool) {
		b := newBuilder(t, 128, 4, 5, Header{Compressed: compressed, Key: text, States: allKinds}).
			heap(4, "0005 00000000", "0001 00000000", "0000 00000000", "0003 00000000", "0004 00000000", "0002 00000000").
			heap(5,
				"0001 00000002  00 036162 00000002 0278 0279  00 0261 00000000", // order is the hash map's; an empty list exists here
				"0000 00000001  00 036162 "+one,
				"0002 00000002  00 036162 00000002 0278 00 "+one+" 0279 01  00 0261 00000000",
				"0003 00000001 "+span+" 036162 "+one,
				"0004 00000002 8000000000000009 036162 00 7fffffffffffffff 036162 00",
				"0005 00000001 00 036162 "+one,
			)
		s := b.open()
		if s.Layout != Heap {
			t.Fatalf("layout %v", s.Layout)
		}
		compare(t, rows(s),
			"5 list k=036162 e=[0278 0279]",
			"5 list k=0261 e=[]",
			"5 value k=036162 v=0000000000000001",
			"5 map k=036162 u=0278 v=0000000000000001",
			"5 map k=036162 u=0279 null",
			"5 windows k=036162 ns=00000000000000000000000000000064 v=0000000000000001",
			"5 _timer_state/event_t k=036162 at=9",
			"5 _timer_state/event_t k=036162 at=-1",
			"5 sum k=036162 v=0000000000000001",
		)
		writtenBack(t, s)
		tally := make([]Tally, len(s.States))
		sc := s.NewScanner()
		defer sc.Close()
		if err := sc.Count(5, tally); err != nil {
			t.Fatal(err)
		}
		want := []Tally{{1, 12}, {2, 19}, {2, 29}, {1, 27}, {2, 24}, {1, 12}}
		if !slices.Equal(tally, want) {
			t.Errorf("counted %v, want %v", tally, want)
		}
	})
}

// Lists that were read leave no elements behind in the entries that follow.
func TestElementsEndWithTheirList(t *testing.T) {
	s := newBuilder(t, 128, 5, 5, Header{Key: text, States: allKinds[:2]}).
		heap(5, "0001 00000001 00 0261 00000001 0278", "0000 00000001 00 0261 "+one).open()
	sc := s.NewScanner()
	defer sc.Close()
	if err := sc.Scan(5, nil, func(e *entry.Entry) bool {
		if e.State.Kind == entry.Value && len(e.Elements) > 0 {
			t.Errorf("a value with elements %x", e.Elements)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCompositeKeys(t *testing.T) {
	long302 := strings.Repeat("61", 300)
	for _, c := range []struct {
		name    string
		max     int
		group   int
		key, ns *serde.Snapshot
		kind    string
		value   *serde.Snapshot
		entry   string // composite key, then value
		want    string
	}{
		{"both of variable length", 128, 5, text, text, "VALUE", long, "05 036162 03 0478797a 04|" + one, "5 s k=036162 ns=0478797a v=0000000000000001"},
		{"length of two bytes", 128, 5, text, text, "VALUE", long, "05 ad02" + long302 + "2e01 0478797a 04|" + one, "5 s k=ad02" + long302 + " ns=0478797a v=0000000000000001"},
		{"both, map", 128, 5, text, text, "MAP", mapOf(text, long), "05 036162 03 0478797a 04 0275|00" + one, "5 s k=036162 ns=0478797a u=0275 v=0000000000000001"},
		{"wrong length", 128, 5, text, text, "VALUE", long, "05 036162 02 0478797a 04|" + one, "error~ a length byte of 2"},
		{"fixed key", 128, 5, long, text, "VALUE", long, "05 " + one + " 0478797a|" + one, "5 s k=0000000000000001 ns=0478797a v=0000000000000001"},
		{"prefix of two bytes", 300, 0x123, long, void, "VALUE", long, "0123 " + one + " 00|" + one, "291 s k=0000000000000001 v=0000000000000001"},
		{"the largest prefix", 32768, 0x7FFF, long, void, "VALUE", long, "7fff " + one + " 00|" + one, "32767 s k=0000000000000001 v=0000000000000001"},
		{"key group 0", 128, 0, long, void, "VALUE", long, "00 " + one + " 00|" + one, "0 s k=0000000000000001 v=0000000000000001"},
		{"unknown key, void namespace", 128, 5, custom, void, "VALUE", long, "05 abcdef 00|" + one, "5 s k=abcdef v=0000000000000001"},
		{"unknown key, window", 128, 5, custom, windowNS, "VALUE", long, "05 abcd " + span + "|" + one, "5 s k=abcd ns=00000000000000000000000000000064 v=0000000000000001"},
		{"unknown key, fixed user key", 128, 5, custom, void, "MAP", mapOf(long, text), "05 abcd 00 " + one + "|00 0278", "5 s k=abcd u=0000000000000001 v=0278"},
		{"unknown key, user key of any length", 128, 5, custom, void, "MAP", mapOf(text, text), "05 abcd 00 0278|00 0278", "5 s k=abcd000278 v=000278 unsplit"},
		{"unknown key, measured", 128, 5, custom, text, "VALUE", long, "05 abcdef 03 0478797a 04|" + one, "5 s k=abcdef ns=0478797a v=0000000000000001"},
		{"unknown key, not measured", 128, 5, custom, text, "VALUE", long, "05 abcdef 0478797a|" + one, "5 s k=abcdef0478797a v=0000000000000001 unsplit"},
		{"unknown namespace, measured", 128, 5, text, custom, "VALUE", long, "05 036162 03 abcdef 03|" + one, "5 s k=036162 ns=abcdef v=0000000000000001"},
		{"unknown namespace, fixed key", 128, 5, long, custom, "VALUE", long, "05 " + one + " abcdef 03|" + one, "5 s k=0000000000000001 ns=abcdef03 v=0000000000000001"},
		{"unknown value", 128, 5, text, void, "VALUE", custom, "05 0261 00|abcd", "5 s k=0261 v=abcd"},
		{"unknown elements", 128, 5, text, void, "LIST", listOf(custom), "05 0261 00|abcd", "5 s k=0261 v=abcd unsplit"},
		{"unknown key and elements", 128, 5, custom, void, "LIST", listOf(custom), "05 0261 00|abcd", "5 s k=0261 v=abcd unsplit"},
		{"unknown map", 128, 5, text, void, "MAP", custom, "05 0261 00 abcd|00 ef", "5 s k=0261 u=abcd v=ef"},
		{"unknown user key", 128, 5, text, void, "MAP", mapOf(custom, text), "05 0261 00 abcd|01", "5 s k=0261 u=abcd null"},
		{"void namespace of another byte", 128, 5, text, void, "VALUE", long, "05 0261 01|" + one, "error~ a void namespace of 0x01"},
		{"list with another delimiter", 128, 5, text, void, "LIST", listOf(long), "05 0261 00|" + one + "2d" + one, "error~ byte 0x2d between"},
		{"list with a delimiter at its end", 128, 5, text, void, "LIST", listOf(long), "05 0261 00|" + one + "2c", "error~ ends with a delimiter"},
		{"null flag of 2", 128, 5, text, void, "MAP", mapOf(text, long), "05 0261 00 0261|02", "error~ byte 0x02"},
		{"unsupported kind", 128, 5, text, void, "TREE", long, "05 0261 00|" + one, "5 s k=0261 v=0000000000000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, compressed bool) {
				k, v, _ := strings.Cut(c.entry, "|")
				key, value := unhex(t, k), unhex(t, v)
				key[0] |= stateFollows
				s := newBuilder(t, c.max, c.group, c.group, Header{Compressed: compressed, Key: c.key, States: []statemeta.Info{keyedState("s", c.kind, c.ns, c.value)}}).
					group(c.group, "0000", fmt.Sprintf("%08x%x%08x%x", len(key), key, len(value), value), "ffff").open()
				s.Layout = Canonical
				if strings.HasPrefix(c.want, "error") {
					compare(t, rows(s), c.want)
					return
				}
				if c.kind == "TREE" {
					compare(t, rows(s), c.want, `error~ unsupported: keyed state of type "TREE"`)
					return
				}
				compare(t, rows(s), c.want)
				writtenBack(t, s)
			})
		})
	}
}

// Timers whose key serializer is not known are told apart by their namespace.
func TestUnknownTimers(t *testing.T) {
	for _, c := range []struct {
		queue *serde.Snapshot
		want  string
	}{
		{timerOf(custom, void), "5 q k=abcd at=9"},
		{timerOf(text, custom), "error~ abcd"},
		{custom, "5 q k=8000000000000009abcd00 v= unsplit"},
		{long, "5 q k=8000000000000009abcd00 v= unsplit"},
	} {
		info := statemeta.Info{Name: "q", Type: statemeta.PriorityQueue, Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerValue, Snapshot: c.queue}}}
		s := newBuilder(t, 128, 5, 5, Header{Key: text, States: []statemeta.Info{info}}).
			group(5, "0000 0000000c 85 8000000000000009 abcd 00 00000000 ffff").open()
		s.Layout = Canonical
		got := rows(s)
		if strings.HasPrefix(c.want, "error") {
			if len(got) != 1 || !strings.HasPrefix(got[0], "error") {
				t.Errorf("%q, want an error", got)
			}
			continue
		}
		compare(t, got, c.want)
		writtenBack(t, s)
	}
}

func TestUnknownValueInHeap(t *testing.T) {
	states := []statemeta.Info{keyedState("a", "VALUE", void, custom), keyedState("b", "VALUE", void, long)}
	const known = "0001 00000001 00 0261 " + one
	t.Run("plain", func(t *testing.T) {
		s := newBuilder(t, 128, 5, 6, Header{Key: text, States: states}).
			heap(5, known, "0000 00000001 00 0261 abcd").heap(6, "0000 00000000", known).open()
		compare(t, rows(s), "5 b k=0261 v=0000000000000001", `error~ key group 5, state "a": unsupported: values of serializer com.acme.CustomSnapshot have no length`,
			"6 b k=0261 v=0000000000000001")
	})
	t.Run("snappy", func(t *testing.T) {
		s := newBuilder(t, 128, 5, 6, Header{Compressed: true, Key: text, States: states}).
			heap(5, "0000 00000001 00 0261 abcd", known).heap(6, known, "0000 00000001 00 0261 abcd").open()
		compare(t, rows(s), "5 b k=0261 v=0000000000000001", "error~ com.acme.CustomSnapshot", "6 b k=0261 v=0000000000000001", "error~ com.acme.CustomSnapshot")
	})
}

// The serializer that is not known is named, also where it is deep in another one.
func TestUnknownClassInside(t *testing.T) {
	states := []statemeta.Info{keyedState("a", "MAP", void, mapOf(text, listOf(custom)))}
	s := newBuilder(t, 128, 5, 5, Header{Key: text, States: states}).heap(5, "0000 00000001 00 0261 00000000").open()
	compare(t, rows(s), "error~ com.acme.CustomSnapshot")
}

// A header that cannot be read to its end still lets the entries of the states before that place be read.
func TestUnreadableHeader(t *testing.T) {
	odd := &serde.Snapshot{Class: "com.acme.OddSnapshot", Version: 1, Body: &serde.Unknown{Data: []byte("body of unknown length")}}
	states := []statemeta.Info{keyedState("a", "VALUE", void, long), keyedState("b", "VALUE", void, odd), keyedState("c", "VALUE", void, long)}
	b := newBuilder(t, 128, 4, 5, Header{Key: text, States: states})
	b.b = append(b.b, 1, 2, 3) // nothing parses to the end
	b.group(5, "0000", "00000004 85 0261 00", "00000008", one, "0001", "00000004 85 0261 00", "00000002 abcd", "ffff")
	s, err := Open(bytes.NewReader(b.b), int64(len(b.b)), b.h, nil)
	if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), "com.acme.OddSnapshot") || s == nil {
		t.Fatalf("stream %v, error %v", s, err)
	}
	compare(t, rows(s), "5 a k=0261 v=0000000000000001")
	tally := make([]Tally, len(s.States))
	sc := s.NewScanner()
	defer sc.Close()
	if err := sc.Count(5, tally); err != nil || tally[0].Entries != 1 {
		t.Errorf("counted %v, %v", tally, err)
	}
}

// An entry may be larger than the window, and need not end where the window does.
func TestLargeEntries(t *testing.T) {
	big := bytes.Repeat([]byte{'x'}, 3*windowSize)
	value := binio.AppendString(nil, big)
	states := []statemeta.Info{keyedState("v", "VALUE", void, text), keyedState("l", "LIST", void, listOf(text)), keyedState("m", "MAP", void, mapOf(text, text))}
	entries := func(group int) []entry.Entry {
		return []entry.Entry{
			{KeyGroup: group, Key: value, Value: []byte{2, 'a'}},
			{KeyGroup: group, Key: []byte{2, 'k'}, Value: value},
			{KeyGroup: group, Key: []byte{2, 'k'}, Elements: slices.Repeat([][]byte{value}, 3)},
			{KeyGroup: group, Key: []byte{2, 'k'}, UserKey: value, Value: value},
			{KeyGroup: group, Key: []byte{2, 'k'}, UserKey: []byte{2, 'z'}, Value: []byte{2, 'z'}},
		}
	}
	numbers := []int{0, 0, 1, 2, 2}
	both(t, func(t *testing.T, compressed bool) {
		for _, layout := range []Layout{Canonical, Heap} {
			b := newBuilder(t, 128, 5, 5, Header{Compressed: compressed, Key: text, States: states})
			compiled, err := b.header.Compile(serde.BuiltinRegistry())
			if err != nil {
				t.Fatal(err)
			}
			es := entries(5)
			b.h.Offsets[0] = int64(len(b.b))
			if layout == Canonical {
				c := CanonicalEncoder{MaxParallelism: 128}
				var raw []byte
				for i := range es {
					if raw, err = c.Append(raw, numbers[i], &compiled[numbers[i]], &es[i]); err != nil {
						t.Fatal(err)
					}
				}
				raw = c.End(raw)
				if compressed {
					raw = (&frame.Encoder{}).AppendStream(nil, raw)
				}
				b.b = append(b.b, raw...)
			} else {
				h := HeapEncoder{}
				if compressed {
					h.Frames = &frame.Encoder{}
				}
				b.b = h.Begin(b.b, 5)
				for n := range compiled {
					h.BeginState(n)
					for i := range es {
						if numbers[i] == n {
							h.Append(&compiled[n], &es[i])
						}
					}
					b.b = h.EndState(b.b)
				}
			}
			s := b.open()
			if s.Layout != layout {
				t.Fatalf("layout %v, want %v", s.Layout, layout)
			}
			got := rows(s)
			if len(got) != len(es) {
				t.Fatalf("%d rows, want %d", len(got), len(es))
			}
			for i, e := range es {
				e.State = &compiled[numbers[i]].State
				if got[i] != show(&e) {
					t.Errorf("row %d is %.80s…", i, got[i])
				}
			}
			writtenBack(t, s)
		}
	})
}

// State numbers differ between the subtasks of an operator: names decide.
func TestNumbersFollowTheHeader(t *testing.T) {
	swapped := []statemeta.Info{allKinds[5], allKinds[0]}
	s := newBuilder(t, 128, 5, 5, Header{Key: text, States: swapped}).
		group(5, "0000", "00000004 85 0261 00 00000008", one, "0001", "00000004 85 0262 00 00000008", one, "ffff").open()
	compare(t, rows(s), "5 sum k=0261 v=0000000000000001", "5 value k=0262 v=0000000000000001")
}

// A handle may have some of a stream's key groups: a part that was cut off to rescale, without touching the file.
func TestPartOfAStream(t *testing.T) {
	both(t, func(t *testing.T, compressed bool) {
		for _, heap := range []bool{false, true} {
			b := newBuilder(t, 128, 4, 7, Header{Compressed: compressed, Key: text, States: allKinds[:1]})
			for g := 4; g <= 7; g++ {
				if heap {
					b.heap(g, "0000 00000001 00 0261 "+one)
				} else {
					b.group(g, "0000", fmt.Sprintf("00000004 %02x 0261 00 00000008", g|stateFollows), one, "ffff")
				}
			}
			whole := b.h
			for first := 4; first <= 7; first++ {
				for last := first; last <= 7; last++ {
					b.h.Range = keygroup.Range{First: first, Last: last}
					b.h.Offsets = whole.Offsets[first-4 : last-3]
					var want []string
					for g := first; g <= last; g++ {
						want = append(want, fmt.Sprintf("%d value k=0261 v=0000000000000001", g))
					}
					s := b.open()
					if (s.Layout == Heap) != heap {
						t.Errorf("%d-%d: layout %v", first, last, s.Layout)
					}
					compare(t, rows(s), want...)
				}
			}
		}
	})
}

func TestNothingStored(t *testing.T) {
	s := newBuilder(t, 128, 0, 63, Header{Key: text, States: allKinds}).open()
	compare(t, rows(s))
	if s.HeaderLen != s.size || s.Layout != Canonical {
		t.Errorf("header of %d bytes of %d, layout %v", s.HeaderLen, s.size, s.Layout)
	}
}
