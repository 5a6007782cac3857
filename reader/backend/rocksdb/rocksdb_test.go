package rocksdb_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/rocksdb"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
)

// handle is one native handle of a fixture with what opening it needs.
type handle struct {
	*metadata.Incremental
	env *backend.Env
}

// environment opens the files of a fixture, wherever its handles say they are.
func environment(f *fixtures.Fixture, maxParallelism int) *backend.Env {
	name := func(h metadata.StreamHandle) string {
		ref, ok := metadata.ReferenceOf(h)
		switch {
		case !ok:
			return "(inline)"
		case ref.Relative:
			return filepath.Join(f.Dir, ref.Path)
		}
		return filepath.Join(f.Root, strings.TrimPrefix(strings.TrimPrefix(ref.Path, "file:"), f.Truth.OriginalRoot))
	}
	return &backend.Env{
		Families: serde.BuiltinRegistry(), MaxParallelism: maxParallelism, Name: name,
		Open: func(ctx context.Context, h metadata.StreamHandle) (store.Object, error) {
			ref, ok := metadata.ReferenceOf(h)
			if !ok {
				return inline{bytes.NewReader(h.(*metadata.ByteStream).Data)}, nil
			}
			b, err := os.ReadFile(name(h))
			if err != nil {
				return file.Store{}.Open(ctx, name(h)) // for its error
			}
			if _, ok := h.(*metadata.Segment); ok {
				b = b[ref.Start : ref.Start+ref.Length]
			}
			return inline{bytes.NewReader(b)}, nil
		},
	}
}

type inline struct{ *bytes.Reader }

func (inline) Close() error { return nil }

// handlesOf lists the native handles of a fixture, materialized ones of changelogs included.
func handlesOf(t testing.TB, f *fixtures.Fixture) []handle {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.Dir, "_metadata"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	var out []handle
	m.EachHandle(func(o metadata.Owner, h metadata.Handle) {
		list := []metadata.Handle{h}
		if c, ok := h.(*metadata.Changelog); ok {
			for _, part := range c.Materialized {
				list = append(list, part)
			}
		}
		for _, h := range list {
			if inc, ok := h.(*metadata.Incremental); ok {
				out = append(out, handle{inc, environment(f, o.Operator.MaxParallelism)})
			}
		}
	})
	return out
}

// eachHandle runs test for every native handle of all fixtures.
func eachHandle(t *testing.T, test func(t *testing.T, h handle)) {
	n := 0
	fixtures.Each(t, fixtures.InGroup(fixtures.GroupNative), func(t *testing.T, f *fixtures.Fixture) {
		for _, h := range handlesOf(t, f) {
			n++
			test(t, h)
		}
	})
	if n < 20 {
		t.Errorf("only %d native handles", n)
	}
}

func (h handle) open(t testing.TB) backend.Source {
	t.Helper()
	src, err := rocksdb.Backend{}.Open(context.Background(), h.env, h.Incremental)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// text is an entry with everything in it.
func text(e *entry.Entry) string {
	return fmt.Sprintf("%s\t%d\t%x %x %x %x %x %v %d %v", e.State.Name, e.KeyGroup, e.Key, e.Namespace, e.UserKey, e.Value, e.Elements, e.NullValue, e.Timestamp, e.Unsplit)
}

// stateAndGroup takes the beginning of a text apart.
func stateAndGroup(line string) (state string, group int) {
	parts := strings.SplitN(line, "\t", 3)
	group, _ = strconv.Atoi(parts[1])
	return parts[0], group
}

func scan(t testing.TB, sc backend.Scanner, q backend.Query) []string {
	t.Helper()
	var out []string
	if err := sc.Scan(q, func(e *entry.Entry) bool { out = append(out, text(e)); return true }); err != nil {
		t.Error(err)
	}
	return out
}

// all reads all key groups with one scanner, in their order.
func all(t testing.TB, src backend.Source) (lines []string) {
	t.Helper()
	sc := src.NewScanner()
	defer sc.Close()
	for g := src.Groups().First; g <= src.Groups().Last; g++ {
		lines = append(lines, scan(t, sc, backend.Query{Group: g})...)
	}
	return lines
}

// TestGroupsInAnyOrder: a key group holds the same whichever was read before it.
func TestGroupsInAnyOrder(t *testing.T) {
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		defer src.Close()
		want := all(t, src)
		sc := src.NewScanner()
		defer sc.Close()
		var got []string
		for g := src.Groups().Last; g >= src.Groups().First; g-- {
			got = append(scan(t, sc, backend.Query{Group: g}), got...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d entries backwards, %d forwards", len(got), len(want))
		}
	})
}

// TestCount: counting finds what scanning gives, state by state.
func TestCount(t *testing.T) {
	total := int64(0)
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		defer src.Close()
		sc := src.NewScanner()
		defer sc.Close()
		tally := make([]keyed.Tally, len(src.States()))
		want := map[string]int64{}
		for g := src.Groups().First; g <= src.Groups().Last; g++ {
			if err := sc.Count(g, tally); err != nil {
				t.Fatal(err)
			}
			if err := sc.Scan(backend.Query{Group: g}, func(e *entry.Entry) bool { want[e.State.Name]++; return true }); err != nil {
				t.Fatal(err)
			}
		}
		for i, c := range tally {
			if name := src.States()[i].Name; c.Entries != want[name] || (c.Entries > 0) != (c.Bytes > 0) {
				t.Errorf("%s: counted %+v, scanned %d", name, c, want[name])
			}
			total += c.Entries
		}
	})
	if total < 1000 {
		t.Errorf("only %d entries", total)
	}
}

// TestKeyLookup: looking a key up gives what a scan finds of it, for every key.
func TestKeyLookup(t *testing.T) {
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		defer src.Close()
		sc := src.NewScanner()
		defer sc.Close()
		for g := src.Groups().First; g <= src.Groups().Last; g++ {
			want := map[string][]string{}
			_ = sc.Scan(backend.Query{Group: g}, func(e *entry.Entry) bool {
				want[string(e.Key)] = append(want[string(e.Key)], text(e))
				return true
			})
			for key, lines := range want {
				if got := scan(t, sc, backend.Query{Group: g, Key: []byte(key)}); !slices.Equal(got, lines) {
					t.Errorf("key %x: looked up\n%s\nscanned\n%s", key, strings.Join(got, "\n"), strings.Join(lines, "\n"))
				}
				if got := scan(t, sc, backend.Query{Group: g, Key: append([]byte(key), 0x7f)}); len(got) > 0 {
					t.Errorf("a key that is not there: %s", got)
				}
			}
		}
	})
}

// TestWantedStates: a scan of some states gives those and no others, and stops when it is told to.
func TestWantedStates(t *testing.T) {
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		defer src.Close()
		whole := map[string][]string{}
		for _, line := range all(t, src) {
			name, _ := stateAndGroup(line)
			whole[name] = append(whole[name], line)
		}
		for i := range src.States() {
			want := make([]bool, len(src.States()))
			want[i] = true
			sc := src.NewScanner()
			var got []string
			for g := src.Groups().First; g <= src.Groups().Last; g++ {
				got = append(got, scan(t, sc, backend.Query{Group: g, Want: want})...)
			}
			name := src.States()[i].Name
			if !slices.Equal(got, whole[name]) {
				t.Errorf("%s: %d entries alone, %d among all", name, len(got), len(whole[name]))
			}
			stopped := 0
			for g := src.Groups().First; g <= src.Groups().Last && stopped == 0; g++ {
				_ = sc.Scan(backend.Query{Group: g, Want: want}, func(*entry.Entry) bool { stopped++; return false })
			}
			if stopped > 1 || (stopped == 0) != (len(got) == 0) {
				t.Errorf("%s: %d entries after the scan was to stop", name, stopped)
			}
			sc.Close()
		}
	})
}

// TestRangeOfTheHandle: what lies outside of the handle's key groups is hidden, as it is after a rescale.
func TestRangeOfTheHandle(t *testing.T) {
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		lines := all(t, src)
		src.Close()
		narrow := *h.Incremental
		narrow.Range = keygroup.Range{First: h.Range.First + 5, Last: h.Range.Last - 7}
		src = handle{&narrow, h.env}.open(t)
		defer src.Close()
		var want []string
		for _, line := range lines {
			if _, group := stateAndGroup(line); narrow.Range.Contains(group) {
				want = append(want, line)
			}
		}
		if got := all(t, src); !slices.Equal(got, want) {
			t.Errorf("%d entries in key groups %v, want %d", len(got), narrow.Range, len(want))
		}
		for _, g := range []int{h.Range.First, h.Range.Last} {
			if n := src.Size(g); n != 0 {
				t.Errorf("key group %d of another subtask has %d bytes", g, n)
			}
		}
	})
}

// TestProduct: ForSt is told from RocksDB.
func TestProduct(t *testing.T) {
	seen := map[string]int{}
	fixtures.Each(t, fixtures.InGroup(fixtures.GroupNative), func(t *testing.T, f *fixtures.Fixture) {
		want := "RocksDB"
		if f.Truth.Backend == "forst" {
			want = "ForSt"
		}
		for _, h := range handlesOf(t, f) {
			src := h.open(t)
			seen[src.Layout()]++
			if got := src.Layout(); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			src.Close()
		}
	})
	if len(seen) != 2 {
		t.Error(slices.Sorted(maps.Keys(seen)))
	}
}

// TestTables: the tables of a handle are those of its lists, each with its place.
func TestTables(t *testing.T) {
	eachHandle(t, func(t *testing.T, h handle) {
		src := h.open(t)
		defer src.Close()
		have := map[string]bool{}
		for _, list := range [][]metadata.NamedStream{h.Shared, h.Private} {
			for _, f := range list {
				if strings.HasSuffix(f.LocalPath, ".sst") {
					have[f.LocalPath] = true
				}
			}
		}
		for _, table := range src.(backend.Tabled).Tables() {
			if !have[table.Name] || table.Err != nil {
				t.Errorf("%s: %v", table.Name, table.Err)
			}
			delete(have, table.Name)
			if table.Level == backend.NoLevel || table.State == "" || table.Entries == 0 || table.Groups.Len() == 0 || bytes.Compare(table.Smallest, table.Largest) > 0 {
				t.Errorf("%+v", table)
			}
		}
		for name := range have {
			t.Errorf("%s is not listed", name)
		}
	})
}
