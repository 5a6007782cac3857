package opstate

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// real is one operator state stream of a snapshot that Flink wrote, with what Flink read from it.
type real struct {
	flink  string
	src    []byte
	handle *metadata.OperatorHandle
	want   map[string]fixtures.OperatorState
	sub    string // subtask
}

// eachReal calls f with every managed operator state stream of the fixtures and of the shared corpus.
func eachReal(t *testing.T, f func(t *testing.T, r real)) {
	run := func(t *testing.T, fx *fixtures.Fixture) {
		m := snaptest.Metadata(t, fx)
		for i := range m.Operators {
			o := &m.Operators[i]
			want := map[string]fixtures.OperatorState{}
			for _, to := range fx.Truth.Operators {
				if to.OperatorID == o.ID.String() {
					for _, st := range to.OperatorStates {
						want[st.Name] = st
					}
				}
			}
			for k := range o.Subtasks {
				h := o.Subtasks[k].ManagedOperator
				if h == nil || h.Merged != nil && h.Merged.Empty {
					continue
				}
				f(t, real{fx.Truth.FlinkVersion, snaptest.Stream(t, fx, h.Stream), h, want, strconv.Itoa(o.Subtasks[k].Index)})
			}
		}
	}
	fixtures.Each(t, nil, run)
	t.Run("shared", func(t *testing.T) {
		fixtures.EachIn(t, snaptest.Shared(t, "corpus"), nil, run)
	})
}

func (r real) open(t *testing.T) *Stream {
	t.Helper()
	s, err := Open(bytes.NewReader(r.src), int64(len(r.src)), r.handle.States, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rows gives the elements of state i as text, and whether they came apart.
func rows(s *Stream, i int) (out []string, unsplit bool, err error) {
	err = s.Each(i, func(e *entry.Entry) bool {
		out = append(out, fixtures.Hex(e.UserKey).String()+" "+fixtures.Hex(e.Value).String())
		unsplit = e.Unsplit
		return true
	})
	if s.States[i].Kind == entry.Broadcast {
		slices.Sort(out) // the truth has no order of maps
	}
	return out, unsplit, err
}

// TestRealElements: every element of every operator state is the one that Flink itself read back.
func TestRealElements(t *testing.T) {
	seen := map[string]int{}
	eachReal(t, func(t *testing.T, r real) {
		s := r.open(t)
		for i := range s.States {
			st := &s.States[i]
			got, unsplit, err := rows(s, i)
			if err != nil {
				t.Errorf("state %q: %v", st.Name, err)
			}
			if unsplit {
				seen["as a whole"]++
				continue
			}
			var want []string
			for _, e := range r.want[st.Name].Subtasks[r.sub] {
				want = append(want, e.KX.String()+" "+e.VX.String())
			}
			if st.Kind == entry.Broadcast {
				slices.Sort(want)
			}
			if !slices.Equal(got, want) {
				t.Errorf("state %q: %d entries, want %d\n got %v\nwant %v", st.Name, len(got), len(want), got, want)
			}
			seen[st.Kind.String()] += len(got)
		}
	})
	t.Log(seen)
	for _, kind := range []string{"operator-list", "operator-union", "broadcast"} {
		if seen[kind] == 0 {
			t.Errorf("no element of kind %s was seen", kind)
		}
	}
}

// TestRealStreams: header and elements, written again, are the same stream and the same offsets. Flink 1.18 wrote another form of
// compressed streams, which Writer does not make.
func TestRealStreams(t *testing.T) {
	seen := map[bool]int{}
	eachReal(t, func(t *testing.T, r real) {
		s := r.open(t)
		if s.Header.Compressed && strings.HasPrefix(r.flink, "1.18.") {
			return
		}
		var out bytes.Buffer
		parts, err := rebuild(&out, s, frame.Newer)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), r.src) {
			t.Errorf("compressed %v: %d bytes, want %d", s.Header.Compressed, out.Len(), len(r.src))
		}
		for _, p := range parts {
			i := slices.IndexFunc(r.handle.States, func(h metadata.OperatorStatePart) bool { return h.Name == p.Name })
			if want := r.handle.States[i]; want.Mode != p.Mode || !slices.Equal(want.Offsets, p.Offsets) {
				t.Errorf("state %q: mode %v, offsets %v, want %v, %v", p.Name, p.Mode, p.Offsets, want.Mode, want.Offsets)
			}
		}
		seen[s.Header.Compressed]++
	})
	t.Logf("%d streams, %d compressed ones", seen[false], seen[true])
}

// rebuild writes everything that s holds.
func rebuild(dst io.Writer, s *Stream, rule frame.Rule) ([]metadata.OperatorStatePart, error) {
	w, err := NewWriter(dst, s.Header, rule)
	if err != nil {
		return nil, err
	}
	for i := range s.States {
		var all []entry.Entry
		if err := s.Each(i, func(e *entry.Entry) bool {
			all = append(all, entry.Entry{UserKey: bytes.Clone(e.UserKey), Value: bytes.Clone(e.Value), Unsplit: e.Unsplit})
			return true
		}); err != nil {
			return nil, err
		}
		rebuildState(w, &s.States[i], all)
	}
	return w.Close()
}

func rebuildState(w *Writer, st *State, all []entry.Entry) {
	switch {
	case st.Kind == entry.Broadcast && len(st.Offsets) == 0:
		w.Broadcast(st.Name, 0)
		return
	case st.Kind == entry.Broadcast && len(all) == 1 && all[0].Unsplit:
		w.BroadcastRaw(st.Name, all[0].Value)
		return
	case st.Kind == entry.Broadcast:
		w.Broadcast(st.Name, len(all))
	case st.Kind == entry.OperatorUnion:
		w.List(st.Name, metadata.ModeUnion)
	default:
		w.List(st.Name, metadata.ModeSplit)
	}
	for _, e := range all {
		if st.Kind == entry.Broadcast {
			w.Entry(e.UserKey, e.Value)
		} else {
			w.Element(e.Value)
		}
	}
}
