package opstate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/binio"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
)

var (
	text   = serializer("org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot", 3, nil)
	long   = serializer("org.apache.flink.api.common.typeutils.base.LongSerializer$LongSerializerSnapshot", 3, nil)
	custom = serializer("com.acme.CustomSerializerSnapshot", 1, []byte("\x01\x02\x03"))
)

func serializer(class string, version int32, body []byte) *serde.Snapshot {
	s := &serde.Snapshot{Class: class, Version: version}
	if body != nil {
		s.Body = &serde.Unknown{Data: body}
	}
	return s
}

func list(name, mode string, value *serde.Snapshot) statemeta.Info {
	return statemeta.Info{
		Name: name, Type: statemeta.Operator,
		Options:     []statemeta.Option{{Key: statemeta.OptionDistributionMode, Value: mode}},
		Serializers: []statemeta.NamedSnapshot{{Key: statemeta.SerializerValue, Snapshot: value}},
	}
}

func broadcast(name string, key, value *serde.Snapshot) statemeta.Info {
	i := list(name, "BROADCAST", value)
	i.Type = statemeta.Broadcast
	i.Serializers = append(i.Serializers, statemeta.NamedSnapshot{Key: statemeta.SerializerKey, Snapshot: key})
	return i
}

// model is operator state with every shape: what Each gives for it is what dump gives.
type model struct {
	lists      []statemeta.Info
	broadcasts []statemeta.Info
	elements   map[string][]string
	pairs      map[string][][2]string
}

func str(s string) string { return string(binio.AppendString(nil, s)) }

func i8(v int64) string { return string(binio.AppendI64(nil, v)) }

// sample is a model whose list of texts has elements over several blocks.
func sample(value *serde.Snapshot) model {
	return model{
		lists:      []statemeta.Info{list("words", "SPLIT_DISTRIBUTE", text), list("none", "SPLIT_DISTRIBUTE", text), list("seen", "UNION", value)},
		broadcasts: []statemeta.Info{broadcast("rules", text, long), broadcast("empty", text, long)},
		elements: map[string][]string{
			"words": {str("one"), str(""), str(strings.Repeat("many words ", 20000)), str("last")},
			"seen":  {i8(1), i8(-2)},
		},
		pairs: map[string][][2]string{"rules": {{str("a"), i8(7)}, {str("b"), i8(8)}}},
	}
}

func (m model) write(t testing.TB, version int32, compressed bool) (stream []byte, parts []metadata.OperatorStatePart) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, &Header{Version: version, Compressed: compressed, Lists: m.lists, Broadcast: m.broadcasts}, frame.Newer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.lists {
		mode := metadata.ModeSplit
		if m.lists[i].DistributionMode() == "UNION" {
			mode = metadata.ModeUnion
		}
		w.List(m.lists[i].Name, mode)
		for _, e := range m.elements[m.lists[i].Name] {
			w.Element([]byte(e))
		}
	}
	for i := range m.broadcasts {
		pairs := m.pairs[m.broadcasts[i].Name]
		w.Broadcast(m.broadcasts[i].Name, len(pairs))
		for _, p := range pairs {
			w.Entry([]byte(p[0]), []byte(p[1]))
		}
	}
	if parts, err = w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), parts
}

// write118 writes the compressed form of Flink 1.18: a stream for each state, offsets taken without a flush.
func (m model) write118(t testing.TB) (stream []byte, parts []metadata.OperatorStatePart) {
	t.Helper()
	b, err := (&Header{Version: 6, Compressed: true, Lists: m.lists, Broadcast: m.broadcasts}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.Write(b)
	for _, info := range slices.Concat(m.lists, m.broadcasts) {
		p := metadata.OperatorStatePart{Name: info.Name}
		at := int64(out.Len())
		w := frame.NewWriter(&out, frame.Newer)
		w.Flush() // the identifier is written at once
		for _, e := range m.elements[info.Name] {
			p.Offsets = append(p.Offsets, at+w.Written())
			io.WriteString(w, e)
		}
		if info.Type == statemeta.Broadcast {
			p.Mode = metadata.ModeBroadcast
			p.Offsets = append(p.Offsets, at+w.Written())
			w.Write(binio.AppendI32(nil, int32(len(m.pairs[info.Name]))))
			for _, pair := range m.pairs[info.Name] {
				io.WriteString(w, pair[0]+pair[1])
			}
		}
		if info.DistributionMode() == "UNION" {
			p.Mode = metadata.ModeUnion
		}
		w.Flush()
		parts = append(parts, p)
	}
	return out.Bytes(), parts
}

func (m model) dump() string {
	var b strings.Builder
	for _, info := range slices.Concat(m.lists, m.broadcasts) {
		for _, e := range m.elements[info.Name] {
			fmt.Fprintf(&b, "%s: %.30q\n", info.Name, e)
		}
		for _, p := range m.pairs[info.Name] {
			fmt.Fprintf(&b, "%s: %q %q\n", info.Name, p[0], p[1])
		}
	}
	return b.String()
}

// dump gives what Each gives for all states, and the first error.
func dump(s *Stream) (string, error) {
	var b strings.Builder
	var first error
	for i := range s.States {
		err := s.Each(i, func(e *entry.Entry) bool {
			switch {
			case e.Unsplit:
				fmt.Fprintf(&b, "%s: unsplit %.30q\n", e.State.Name, e.Value)
			case e.UserKey != nil:
				fmt.Fprintf(&b, "%s: %q %q\n", e.State.Name, e.UserKey, e.Value)
			default:
				fmt.Fprintf(&b, "%s: %.30q\n", e.State.Name, e.Value)
			}
			return true
		})
		if first == nil {
			first = err
		}
	}
	return b.String(), first
}

func TestForms(t *testing.T) {
	m := sample(long)
	for name, write := range map[string]func() ([]byte, []metadata.OperatorStatePart){
		"version 5":          func() ([]byte, []metadata.OperatorStatePart) { return m.write(t, 5, false) },
		"version 6":          func() ([]byte, []metadata.OperatorStatePart) { return m.write(t, 6, false) },
		"compressed":         func() ([]byte, []metadata.OperatorStatePart) { return m.write(t, 6, true) },
		"compressed by 1.18": func() ([]byte, []metadata.OperatorStatePart) { return m.write118(t) },
	} {
		b, parts := write()
		s, err := Open(bytes.NewReader(b), int64(len(b)), parts, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := dump(s); err != nil || got != m.dump() {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, m.dump())
		}
		var kinds []string
		for i := range s.States {
			kinds = append(kinds, s.States[i].Kind.String())
		}
		if got := strings.Join(kinds, " "); got != "operator-list operator-list operator-union broadcast broadcast" {
			t.Errorf("%s: kinds %s", name, got)
		}
		// stopping early is no error
		n := 0
		if err := s.Each(0, func(*entry.Entry) bool { n++; return false }); err != nil || n != 1 {
			t.Errorf("%s: stopped after %d: %v", name, n, err)
		}
		if b2, err := rebuilt(s); strings.HasSuffix(name, "1.18") == bytes.Equal(b2, b) || err != nil {
			t.Errorf("%s: written again: %d bytes, read %d, %v", name, len(b2), len(b), err)
		}
	}
}

func rebuilt(s *Stream) ([]byte, error) {
	var out bytes.Buffer
	_, err := rebuild(&out, s, frame.Newer)
	return out.Bytes(), err
}

// TestUnknownSerializer: what stands beside a state of an unknown serializer is read as if it were known, and its elements come as the
// offsets cut them, unless those are the wrong ones of Flink 1.18.
func TestUnknownSerializer(t *testing.T) {
	m := sample(custom)
	m.broadcasts[0] = broadcast("rules", custom, long)
	whole := `rules: unsplit "\x00\x00\x00\x02\x02a\x00\x00\x00\x00\x00\x00\x00\a\x02b\x00\x00\x00\x00\x00\x00\x00\b"` + "\n"
	want := m.dump()
	at := strings.Index(want, "rules")
	want = want[:at] + whole
	for name, write := range map[string]func() ([]byte, []metadata.OperatorStatePart){
		"plain":      func() ([]byte, []metadata.OperatorStatePart) { return m.write(t, 5, false) },
		"compressed": func() ([]byte, []metadata.OperatorStatePart) { return m.write(t, 6, true) },
	} {
		b, parts := write()
		s, err := Open(bytes.NewReader(b), int64(len(b)), parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := dump(s); err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, want)
		}
		if s.States[2].Splittable() || s.States[2].Value.Type().Serializer != custom.Class {
			t.Errorf("%s: %+v", name, s.States[2])
		}
		if b2, err := rebuilt(s); err != nil || !bytes.Equal(b2, b) {
			t.Errorf("%s: written again: %v", name, err)
		}
	}
	b, parts := m.write118(t)
	s, err := Open(bytes.NewReader(b), int64(len(b)), parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := dump(s)
	if wrong := `seen: unsplit "\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\xfe"`; err != nil || !strings.Contains(got, wrong) {
		t.Errorf("by 1.18: %v\n%s", err, got)
	}
}

// TestUntrustedOffsets: offsets of Flink 1.18 that move with full blocks do not cut elements of an unknown serializer.
func TestUntrustedOffsets(t *testing.T) {
	m := model{
		lists:    []statemeta.Info{list("big", "SPLIT_DISTRIBUTE", custom)},
		elements: map[string][]string{"big": {strings.Repeat("0123456789", 10000), strings.Repeat("abc", 30000), "end"}},
	}
	b, parts := m.write118(t)
	if o := parts[0].Offsets; o[0] >= o[1] || o[1] >= o[2] {
		t.Fatalf("offsets %v do not rise: the case is another one", o)
	}
	s, err := Open(bytes.NewReader(b), int64(len(b)), parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, size := 0, 0
	if err := s.Each(0, func(e *entry.Entry) bool { n++; size = len(e.Value); return e.Unsplit }); err != nil || n != 1 || size != 190003 {
		t.Errorf("%d entries, %d bytes: %v", n, size, err)
	}
	b, parts = m.write(t, 6, true)
	if s, err = Open(bytes.NewReader(b), int64(len(b)), parts, nil); err != nil {
		t.Fatal(err)
	}
	n = 0
	if err := s.Each(0, func(e *entry.Entry) bool { n++; return !e.Unsplit }); err != nil || n != 3 {
		t.Errorf("good offsets: %d entries: %v", n, err)
	}
}

// TestUnreadableHeader: behind a serializer that cannot be got over, the states are told by their names in the handle.
func TestUnreadableHeader(t *testing.T) {
	m := sample(long)
	b, parts := m.write(t, 5, false)
	const class, other = "LongSerializer$LongSerializerSnapshot", "XxxxSerializer$XxxxSerializerSnapshot"
	for name, c := range map[string]struct {
		at    int
		state string // the first that is not described whole
		rules string
	}{
		"last":  {bytes.LastIndex(b, []byte(class)), "empty", `rules: "\x02a"`},
		"first": {bytes.Index(b, []byte(class)), "seen", "rules: unsplit"},
	} {
		broken := bytes.Clone(b)
		copy(broken[c.at:], other+"\xff\xff\xff\xff\xff\xff\xff\xff\xff")
		s, err := Open(bytes.NewReader(broken), int64(len(broken)), parts, nil)
		if !errors.Is(err, fault.ErrUnsupported) || !strings.Contains(err.Error(), other) || s == nil {
			t.Fatal(name, s, err)
		}
		got, err := dump(s)
		if err != nil || !strings.Contains(got, `words: "\x04one"`) || !strings.Contains(got, `seen: "`) || !strings.Contains(got, c.rules) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
		i := slices.IndexFunc(s.States, func(st State) bool { return st.Err != nil })
		if st := s.States[i]; st.Name != c.state || !strings.Contains(st.Err.Error(), other) {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

func TestRaw(t *testing.T) {
	b := []byte("onethree")
	parts := []metadata.OperatorStatePart{{Name: metadata.RawOperatorStateName, Offsets: []int64{0, 3, 3}}}
	s, err := OpenRaw(bytes.NewReader(b), int64(len(b)), parts)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := dump(s); err != nil || got != "_default_: \"one\"\n_default_: \"\"\n_default_: \"three\"\n" {
		t.Errorf("%v\n%s", err, got)
	}
	if k := s.States[0].Kind; k != entry.RawOperator {
		t.Error(k)
	}
}

func TestBad(t *testing.T) {
	m := sample(long)
	b, parts := m.write(t, 6, false)
	size := int64(len(b))
	with := func(name string, offsets ...int64) []metadata.OperatorStatePart {
		out := slices.Clone(parts)
		for i := range out {
			if out[i].Name == name {
				out[i].Offsets = offsets
			}
		}
		return out
	}
	words := parts[0].Offsets
	for name, c := range map[string]struct {
		b     []byte
		parts []metadata.OperatorStatePart
		kind  error
		say   string
	}{
		"negative offset":     {b, with("words", -1), fault.ErrCorrupt, `"words"`},
		"offset outside":      {b, with("words", size+1), fault.ErrCorrupt, `"words"`},
		"falling offsets":     {b, with("words", words[1], words[0]), fault.ErrCorrupt, `"words"`},
		"offset in element":   {b, with("words", words[0], words[1]+1), fault.ErrCorrupt, `"words"`},
		"element too few":     {b, with("words", words[:3]...), fault.ErrCorrupt, "bytes behind the last element"},
		"element too many":    {b, with("words", append(slices.Clone(words), words[3]+5)...), fault.ErrTruncated, `"words"`},
		"no offset of a list": {b, with("words"), fault.ErrCorrupt, "after the end"},
		"unknown state":       {b, append(slices.Clone(parts), metadata.OperatorStatePart{Name: "other"}), nil, ""},
		"empty":               {nil, nil, fault.ErrTruncated, ""},
		"version 0":           {[]byte("\x00\x00\x00\x00"), nil, fault.ErrCorrupt, "version"},
		"version 4":           {[]byte("\x00\x00\x00\x04\x00\x00"), nil, fault.ErrUnsupported, "Flink 1.6"},
		"version 7":           {[]byte("\x00\x00\x00\x07\x00\x00"), nil, fault.ErrUnsupported, "version 7"},
		"count":               {[]byte("\x00\x00\x00\x05\xff\xff\x00\x00"), nil, fault.ErrCorrupt, "number of list states"},
	} {
		s, err := Open(bytes.NewReader(c.b), int64(len(c.b)), c.parts, nil)
		if err == nil {
			_, err = dump(s)
		}
		if c.kind == nil && err == nil {
			continue
		}
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a map that says more than there is
	at := parts[3].Offsets[0]
	for _, n := range []string{"\x7f\xff\xff\xff", "\xff\xff\xff\xff", "\x00\x00\x00\x03", "\x00\x00\x00\x01"} {
		bad := bytes.Clone(b)
		copy(bad[at:], n)
		s, err := Open(bytes.NewReader(bad), size, parts, nil)
		if err == nil {
			_, err = dump(s)
		}
		if !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), `"rules"`) {
			t.Errorf("map of % x: %v", n, err)
		}
	}
}

// TestTruncated: a stream cut anywhere gives errors or the elements before the cut, never others.
func TestTruncated(t *testing.T) {
	m := sample(long)
	m.elements["words"] = []string{str("one"), str("two"), str("three")}
	for _, compressed := range []bool{false, true} {
		b, parts := m.write(t, 6, compressed)
		for cut := range b {
			s, err := Open(bytes.NewReader(b[:cut]), int64(len(b)), parts, nil)
			if err == nil {
				var got string
				got, err = dump(s)
				for line := range strings.Lines(got) {
					if !strings.Contains(m.dump(), line) {
						t.Fatalf("cut at %d: %s", cut, line)
					}
				}
			}
			if !errors.Is(err, fault.ErrCorrupt) {
				t.Errorf("compressed %v, cut at %d: %v", compressed, cut, err)
			}
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	m := sample(long)
	h := &Header{Version: 6, Lists: m.lists[:1], Broadcast: m.broadcasts[:1]}
	for name, f := range map[string]func(w *Writer){
		"nothing begun":    func(*Writer) {},
		"wrong order":      func(w *Writer) { w.Broadcast("rules", 0) },
		"wrong name":       func(w *Writer) { w.List("other", metadata.ModeSplit) },
		"element too soon": func(w *Writer) { w.Element(nil) },
		"entry in a list":  func(w *Writer) { w.List("words", metadata.ModeSplit); w.Entry(nil, nil) },
		"element in a map": func(w *Writer) { w.List("words", 0); w.Broadcast("rules", 0); w.Element(nil) },
		"entries missing":  func(w *Writer) { w.List("words", 0); w.Broadcast("rules", 1) },
		"states too many":  func(w *Writer) { w.List("words", 0); w.Broadcast("rules", 0); w.Broadcast("rules", 0) },
	} {
		w, err := NewWriter(io.Discard, h, frame.Newer)
		if err != nil {
			t.Fatal(err)
		}
		f(w)
		if _, err := w.Close(); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, h := range []*Header{{Version: 4}, {Version: 7}, {Version: 5, Compressed: true}} {
		if _, err := NewWriter(io.Discard, h, frame.Newer); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("version %d: %v", h.Version, err)
		}
	}
}

// FuzzHeader: what was read can be written back to the same bytes.
func FuzzHeader(f *testing.F) {
	m := sample(long)
	b, _ := (&Header{Version: 6, Lists: m.lists, Broadcast: m.broadcasts}).Append(nil)
	f.Add(b)
	f.Add([]byte("\x00\x00\x00\x05\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := binio.NewReader(b, 0)
		h := DecodeHeader(serde.NewContext(nil), r) // without the guessing of ReadHeader, which takes its time
		if r.Err() != nil {
			return
		}
		again, err := h.Append(nil)
		if err != nil || !bytes.Equal(b[:r.Pos()], again) {
			t.Fatalf("written back: %v\n got %x\nwant %x", err, again, b)
		}
	})
}

// FuzzStream: whatever the bytes behind the header and the offsets, what was read can be written again and then is read as the same.
func FuzzStream(f *testing.F) {
	m := sample(long)
	m.elements["words"] = m.elements["words"][:2]
	var headers [2][]byte
	for i, compressed := range []bool{false, true} {
		b, parts := m.write(f, 6, compressed)
		headers[i], _ = (&Header{Version: 6, Compressed: compressed, Lists: m.lists, Broadcast: m.broadcasts}).Append(nil)
		at := func(part, k int) uint16 { return uint16(parts[part].Offsets[k] - int64(len(headers[i]))) }
		f.Add(b[len(headers[i]):], compressed, at(0, 0), at(0, 1), at(2, 0), at(3, 0))
	}
	f.Fuzz(func(t *testing.T, b []byte, compressed bool, o0, o1, o2, o3 uint16) {
		head := headers[0]
		if compressed {
			head = headers[1]
		}
		b = slices.Concat(head, b)
		at := func(o uint16) int64 { return int64(len(head)) + int64(o) }
		parts := []metadata.OperatorStatePart{
			{Name: "words", Offsets: []int64{at(o0), at(o1)}},
			{Name: "seen", Mode: metadata.ModeUnion, Offsets: []int64{at(o2)}},
			{Name: "rules", Mode: metadata.ModeBroadcast, Offsets: []int64{at(o3)}},
		}
		s, err := Open(bytes.NewReader(b), int64(len(b)), parts, nil)
		if err != nil {
			return
		}
		rows, err := dump(s)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if parts, err = rebuild(&out, s, frame.Newer); err != nil {
			t.Fatal(err)
		}
		again, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := dump(again); err != nil || got != rows {
			t.Fatalf("%v\n got %s\nwant %s", err, got, rows)
		}
	})
}
