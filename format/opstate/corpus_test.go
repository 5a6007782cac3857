package opstate

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/frame"
	"github.com/tarn-project/tarn/format/metadata"
)

// truth is what the shared corpus says of operator state: elements by their bytes, per subtask.
type truth struct {
	Snapshot  string
	Operators []struct {
		OperatorID     string
		OperatorStates []struct {
			Name, Mode string
			Subtasks   map[string][]struct{ KX, VX string }
		}
	}
}

// corpus gives the directories of the shared snapshots.
func corpus(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("TARN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	found, _ := filepath.Glob(filepath.Join(dir, "corpus", "*", "truth.json"))
	if len(found) == 0 {
		t.Skip("the shared corpus of snapshots is not on this machine (set TARN_SHARED to the directory that holds it)")
	}
	return found
}

// loadStream gives the bytes behind a stream handle of a snapshot in dir, with its _metadata in meta, wherever dir once lay.
func loadStream(t *testing.T, dir, meta string, h metadata.StreamHandle) []byte {
	t.Helper()
	if b, ok := h.(*metadata.ByteStream); ok {
		return b.Data
	}
	ref, ok := metadata.ReferenceOf(h)
	if !ok {
		return nil
	}
	if ref.Relative {
		b, err := os.ReadFile(filepath.Join(meta, ref.Path))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for path := ref.Path; ; {
		if b, err := os.ReadFile(filepath.Join(dir, path)); err == nil {
			if seg, ok := h.(*metadata.Segment); ok {
				return b[seg.Start : seg.Start+seg.Length]
			}
			return b
		}
		_, rest, ok := strings.Cut(path, "/")
		if !ok {
			t.Fatalf("no file for %s", ref.Path)
		}
		path = rest
	}
}

// eachStream calls f with every managed operator stream of the corpus.
func eachStream(t *testing.T, f func(t *testing.T, want map[string][]string, src []byte, h *metadata.OperatorHandle)) {
	for _, file := range corpus(t) {
		root := filepath.Dir(file)
		t.Run(filepath.Base(root), func(t *testing.T) {
			var tr truth
			if b, err := os.ReadFile(file); err != nil || json.Unmarshal(b, &tr) != nil {
				t.Fatal("no truth")
			}
			var meta string
			filepath.WalkDir(filepath.Join(root, "snapshot"), func(p string, d os.DirEntry, _ error) error {
				if filepath.Base(p) == "_metadata" && (meta == "" || strings.Contains(p, filepath.Base(tr.Snapshot))) {
					meta = p
				}
				return nil
			})
			b, err := os.ReadFile(meta)
			if err != nil {
				t.Fatal(err)
			}
			m, err := metadata.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			for i := range m.Operators {
				o := &m.Operators[i]
				for k := range o.Subtasks {
					h := o.Subtasks[k].ManagedOperator
					if h == nil || h.Merged != nil && h.Merged.Empty {
						continue
					}
					want := map[string][]string{}
					for _, to := range tr.Operators {
						if to.OperatorID != o.ID.String() {
							continue
						}
						for _, st := range to.OperatorStates {
							for _, e := range st.Subtasks[strconv.Itoa(o.Subtasks[k].Index)] {
								want[st.Name] = append(want[st.Name], e.KX+" "+e.VX)
							}
						}
					}
					f(t, want, loadStream(t, filepath.Join(root, "snapshot"), filepath.Dir(meta), h.Stream), h)
				}
			}
		})
	}
}

// TestCorpusTruth: every element of every operator state is the one that Flink itself read back.
func TestCorpusTruth(t *testing.T) {
	rows := 0
	eachStream(t, func(t *testing.T, want map[string][]string, src []byte, h *metadata.OperatorHandle) {
		s, err := Open(bytes.NewReader(src), int64(len(src)), h.States, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.States {
			st := &s.States[i]
			var got []string
			err := s.Each(i, func(e *entry.Entry) bool {
				got = append(got, hex.EncodeToString(e.UserKey)+" "+hex.EncodeToString(e.Value))
				return true
			})
			if !st.Splittable() && st.Kind == entry.Broadcast {
				t.Logf("broadcast state %q as a whole: no codec for a part of it", st.Name)
				continue
			}
			if err != nil {
				t.Errorf("state %q: %v", st.Name, err)
			}
			if strings.Join(got, "\n") != strings.Join(want[st.Name], "\n") {
				t.Errorf("state %q: %d entries, want %d\n got %v\nwant %v", st.Name, len(got), len(want[st.Name]), got, want[st.Name])
			}
			rows += len(got)
		}
	})
	t.Log(rows, "elements")
}

// TestCorpusRebuild: header and elements, written again, are the same stream and the same offsets.
func TestCorpusRebuild(t *testing.T) {
	eachStream(t, func(t *testing.T, _ map[string][]string, src []byte, h *metadata.OperatorHandle) {
		s, err := Open(bytes.NewReader(src), int64(len(src)), h.States, nil)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		parts, err := rebuild(&out, s, frame.Newer)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), src) {
			t.Errorf("compressed %v: %d bytes, want %d", s.Header.Compressed, out.Len(), len(src))
		}
		for _, p := range parts {
			for _, want := range h.States {
				if want.Name == p.Name && (want.Mode != p.Mode || !equal(want.Offsets, p.Offsets)) {
					t.Errorf("state %q: mode %v, offsets %v, want %v, %v", p.Name, p.Mode, p.Offsets, want.Mode, want.Offsets)
				}
			}
		}
	})
}

func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// rebuild writes everything that s holds.
func rebuild(dst io.Writer, s *Stream, rule frame.Rule) ([]metadata.OperatorStatePart, error) {
	w, err := NewWriter(dst, s.Header, rule)
	if err != nil {
		return nil, err
	}
	for i := range s.States {
		st := &s.States[i]
		n := 0
		unsplit := false
		var pairs [][2][]byte
		if err := s.Each(i, func(e *entry.Entry) bool {
			n++
			unsplit = e.Unsplit
			pairs = append(pairs, [2][]byte{bytes.Clone(e.UserKey), bytes.Clone(e.Value)})
			return true
		}); err != nil {
			return nil, err
		}
		switch {
		case unsplit && st.Kind == entry.Broadcast:
			w.BroadcastRaw(st.Name, pairs[0][1])
			continue
		case st.Kind == entry.Broadcast:
			w.Broadcast(st.Name, n)
		case st.Kind == entry.OperatorUnion:
			w.List(st.Name, metadata.ModeUnion)
		default:
			w.List(st.Name, metadata.ModeSplit)
		}
		for _, p := range pairs {
			if st.Kind == entry.Broadcast {
				w.Entry(p[0], p[1])
			} else {
				w.Element(p[1])
			}
		}
	}
	return w.Close()
}
