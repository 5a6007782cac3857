package keyed

import (
	"bytes"
	"errors"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// The meta stream of native snapshots is a header and nothing else. States of the asynchronous API store the element's serializer for a
// list, and key and value apart for a map.
func TestRealNativeHeaders(t *testing.T) {
	seen := map[statemeta.Type]int{}
	fixtures.Each(t, nil, func(t *testing.T, f *fixtures.Fixture) {
		m := snaptest.Metadata(t, f)
		for i := range m.Operators {
			for _, s := range m.Operators[i].Subtasks {
				if h, ok := s.ManagedKeyed.(*metadata.Incremental); ok {
					nativeHeader(t, snaptest.Stream(t, f, h.Meta), seen)
				}
			}
		}
	})
	t.Log(seen)
	if seen[statemeta.KeyValue] == 0 {
		t.Error("no states")
	}
}

func nativeHeader(t *testing.T, b []byte, seen map[statemeta.Type]int) {
	t.Helper()
	h, err := ReadHeader(serde.NewContext(nil), b, 0)
	if err != nil {
		t.Error(err)
		return
	}
	if again, err := h.Append(nil); err != nil || !bytes.Equal(again, b) {
		t.Errorf("%v, or other bytes", err)
	}
	states, err := h.Compile(serde.BuiltinRegistry())
	if err != nil {
		t.Fatal(err)
	}
	for i := range states {
		st := &states[i]
		seen[st.Info.Type]++
		if st.Info.Type == statemeta.KeyValueV2 {
			t.Logf("%s %v value %v user key %v", st.Name, st.Kind, st.Whole.Type(), st.UserKey)
		}
		if st.Err != nil || (st.Kind == entry.Map) != (st.UserKey != nil) {
			t.Errorf("state %s: %v", st.Name, st.Err)
		}
	}
}

// Without a whole prefix there is no key group.
func TestSplitterGroup(t *testing.T) {
	for _, c := range []struct {
		max   int
		key   string
		group int
		ok    bool
	}{{128, "", 0, false}, {128, "\x7f", 127, true}, {129, "\x01", 0, false}, {129, "\x00\x80", 128, true}, {32768, "\x7f\xffk", 32767, true}} {
		s := NewSplitter(c.max)
		if group, ok := s.Group([]byte(c.key)); group != c.group || ok != c.ok {
			t.Errorf("%q of %d: %d, %v", c.key, c.max, group, ok)
		}
		if c.ok {
			continue
		}
		if _, err := s.Split(nil, []byte(c.key)); !errors.Is(err, fault.ErrCorrupt) {
			t.Errorf("%q of %d: %v", c.key, c.max, err)
		}
	}
}
