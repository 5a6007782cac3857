package rocksdb_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/rocksdb"
)

// damaged is a fixture with tables in files, levels and range of key groups of its own for two subtasks.
const damaged = "1.20.3-ledger-rocksdb-checkpoint-files-snappy"

// largest gives the handle of the fixture that has most.
func largest(t testing.TB, name string) handle {
	t.Helper()
	f, err := fixtures.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	var best handle
	for _, h := range handlesOf(t, f) {
		if best.Incremental == nil || h.Size() > best.Size() {
			best = h
		}
	}
	return best
}

// content reads a file of the handle.
func (h handle) content(t testing.TB, name string) []byte {
	t.Helper()
	for _, list := range [][]metadata.NamedStream{h.Shared, h.Private} {
		for _, f := range list {
			if f.LocalPath == name {
				obj, err := h.env.Open(context.Background(), f.Stream)
				if err != nil {
					t.Fatal(err)
				}
				defer obj.Close()
				b, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
		}
	}
	t.Fatal("no file ", name)
	return nil
}

// with gives the handle with a file replaced, inline.
func (h handle) with(name string, b []byte) handle {
	n := *h.Incremental
	n.Shared, n.Private = nil, nil
	for _, f := range h.Shared {
		if f.LocalPath == name {
			f.Stream = &metadata.ByteStream{Data: b}
		}
		n.Shared = append(n.Shared, f)
	}
	for _, f := range h.Private {
		if f.LocalPath == name {
			f.Stream = &metadata.ByteStream{Data: b}
		}
		n.Private = append(n.Private, f)
	}
	return handle{&n, h.env}
}

// collect reads everything and all errors.
func collect(src backend.Source) (lines []string, problems []error) {
	sc := src.NewScanner()
	defer sc.Close()
	for g := src.Groups().First; g <= src.Groups().Last; g++ {
		problems = append(problems, flat(sc.Scan(backend.Query{Group: g}, func(e *entry.Entry) bool {
			lines = append(lines, text(e))
			return true
		}))...)
	}
	return lines, problems
}

// flat takes joined errors apart.
func flat(err error) []error {
	if err == nil {
		return nil
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range all.Unwrap() {
			out = append(out, flat(e)...)
		}
		return out
	}
	return []error{err}
}

// tables gives the source's tables of states, whose names begin the texts of entries.
func tables(t *testing.T, h handle) []backend.Table {
	t.Helper()
	src := h.open(t)
	defer src.Close()
	return src.(backend.Tabled).Tables()
}

// TestFlippedBits: a flipped bit in a data block is an error that names the file, the place in it, the state and the key groups that it
// costs, once; nothing else is lost, and no entry is a wrong one.
func TestFlippedBits(t *testing.T) {
	h := largest(t, damaged)
	src := h.open(t)
	whole, _ := collect(src)
	src.Close()
	right := map[string]bool{}
	for _, line := range whole {
		right[line] = true
	}
	random := rand.New(rand.NewPCG(1, 2))
	found := 0
	for _, table := range tables(t, h) {
		b := h.content(t, table.Name)
		for range 6 {
			bad := append([]byte(nil), b...)
			at := random.IntN(len(bad))
			bad[at] ^= 1 << random.IntN(8)
			src, err := rocksdb.Backend{}.Open(context.Background(), h.env, h.with(table.Name, bad).Incremental)
			if err != nil {
				t.Fatalf("%s at %d: %v", table.Name, at, err)
			}
			lines, problems := collect(src)
			src.Close()
			lost := len(whole) - len(lines)
			if lost > 0 && len(problems) == 0 {
				t.Errorf("%s at %d: %d entries lost in silence", table.Name, at, lost)
			}
			for _, line := range lines {
				state, _ := stateAndGroup(line)
				if !right[line] && state != table.State {
					t.Errorf("%s at %d: a wrong entry of another state: %s", table.Name, at, line)
				}
				if !right[line] && len(problems) == 0 {
					t.Errorf("%s at %d: a wrong entry in silence: %s", table.Name, at, line)
				}
			}
			told := map[string]int{}
			for _, p := range problems {
				found++
				told[p.Error()]++
				var e *fault.Error
				if !errors.As(p, &e) || !errors.Is(p, fault.ErrCorrupt) && !errors.Is(p, fault.ErrUnsupported) {
					t.Fatalf("%s at %d: %v", table.Name, at, p)
				}
				if e.State != table.State || !strings.Contains(e.File, table.Name) || e.Offset < 0 || !strings.Contains(e.Found, "key groups") {
					t.Errorf("%s of %s at %d: %v", table.Name, table.State, at, p)
				}
			}
			for text, n := range told {
				if n > 1 {
					t.Errorf("told %d times: %s", n, text)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d errors", found)
	}
}

// TestLostTables: a table that is missing or too short costs its state's entries in its range, and the message says which.
func TestLostTables(t *testing.T) {
	h := largest(t, damaged)
	src := h.open(t)
	whole, _ := collect(src)
	src.Close()
	others := func(lines []string, state string) (n int) {
		for _, line := range lines {
			if s, _ := stateAndGroup(line); s != state {
				n++
			}
		}
		return n
	}
	for _, table := range tables(t, h) {
		b := h.content(t, table.Name)
		short := h.with(table.Name, b[:len(b)/2])
		missing := *h.Incremental
		missing.Shared, missing.Private = nil, nil
		for _, list := range []struct{ from, to *[]metadata.NamedStream }{{&h.Shared, &missing.Shared}, {&h.Private, &missing.Private}} {
			for _, f := range *list.from {
				if f.LocalPath == table.Name {
					f.Stream = &metadata.RelativeFile{Path: "not-here"}
				}
				*list.to = append(*list.to, f)
			}
		}
		for want, h := range map[error]handle{fault.ErrTruncated: short, fault.ErrMissing: {&missing, h.env}} {
			src := h.open(t)
			lines, problems := collect(src)
			src.Close()
			if n := others(whole, table.State); others(lines, table.State) != n {
				t.Errorf("%s: %d entries of other states, want %d", table.Name, others(lines, table.State), n)
			}
			if len(problems) != 1 || !errors.Is(problems[0], want) {
				t.Errorf("%s of %s: %v, want one that is %v", table.Name, table.State, problems, want)
				continue
			}
			var e *fault.Error
			if errors.As(problems[0], &e); e.State != table.State || !strings.Contains(e.Found, "key groups "+table.Groups.String()) {
				t.Errorf("%s of %s: %v", table.Name, table.State, e)
			}
		}
	}
}

// TestLostDatabase: without CURRENT or MANIFEST nothing can be read, but the states are still known; without the meta stream nothing is.
func TestLostDatabase(t *testing.T) {
	h := largest(t, damaged)
	for _, f := range h.Private {
		if strings.HasPrefix(f.LocalPath, "OPTIONS") {
			continue
		}
		b := h.content(t, f.LocalPath)
		src, err := rocksdb.Backend{}.Open(context.Background(), h.env, h.with(f.LocalPath, b[:len(b)-1]).Incremental)
		if f.LocalPath != "CURRENT" { // the end of the last record may be what RocksDB had not finished
			b[len(b)/2] ^= 0x40
			src, err = rocksdb.Backend{}.Open(context.Background(), h.env, h.with(f.LocalPath, b).Incremental)
		}
		if !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), f.LocalPath) || src == nil || len(src.States()) == 0 {
			t.Errorf("%s: %v, %v", f.LocalPath, src, err)
			continue
		}
		for _, st := range src.States() {
			if !strings.Contains(err.Error(), st.Name) {
				t.Errorf("%s: %v does not name %s", f.LocalPath, err, st.Name)
			}
		}
		if lines, problems := collect(src); len(lines)+len(problems) > 0 {
			t.Errorf("%s: %d entries, %v", f.LocalPath, len(lines), problems)
		}
		src.Close()
	}
	headless := *h.Incremental
	headless.Meta = &metadata.ByteStream{Data: []byte{0, 0, 0, 6, 0}}
	if src, err := (rocksdb.Backend{}).Open(context.Background(), h.env, &headless); src != nil || !errors.Is(err, fault.ErrTruncated) {
		t.Errorf("%v, %v", src, err)
	}
	headless.Meta = &metadata.RelativeFile{Path: "not-here"}
	if src, err := (rocksdb.Backend{}).Open(context.Background(), h.env, &headless); src != nil || !errors.Is(err, fault.ErrMissing) {
		t.Errorf("%v, %v", src, err)
	}
}

// TestNoVerify: without checksums a wrong one does not matter.
func TestNoVerify(t *testing.T) {
	h := largest(t, damaged)
	table := tables(t, h)[0]
	b := h.content(t, table.Name)
	b[len(b)-53-1] ^= 1 // in the padding or a trailer before the footer
	src := h.with(table.Name, b).open(t)
	_, problems := collect(src)
	src.Close()
	if len(problems) == 0 {
		t.Fatal("a wrong checksum went unnoticed")
	}
	env := *h.env
	env.NoVerify = true
	src, err := rocksdb.Backend{}.Open(context.Background(), &env, h.with(table.Name, b).Incremental)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	lines, problems := collect(src)
	if len(lines) == 0 || len(problems) > 0 {
		t.Error(problems)
	}
}

// TestForeignFamilies: a header that does not fit the database is an error that names what is too much.
func TestForeignFamilies(t *testing.T) {
	h := largest(t, damaged)
	f, err := fixtures.Load(damaged)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range handlesOf(t, f) {
		mixed := *h.Incremental
		mixed.Meta = other.Meta
		src, err := rocksdb.Backend{}.Open(context.Background(), h.env, &mixed)
		if src == nil {
			t.Fatal(err)
		}
		src.Close()
		if err == nil {
			continue // the same operator
		}
		if !errors.Is(err, fault.ErrCorrupt) || !strings.Contains(err.Error(), "column famil") {
			t.Error(err)
		}
		return
	}
	t.Error("no handle with other states")
}

// TestUnknownSerializers: a serializer that nobody knows hides what is in the values, and nothing else.
func TestUnknownSerializers(t *testing.T) {
	h := largest(t, damaged)
	src := h.open(t)
	whole, _ := collect(src)
	src.Close()
	obj, err := h.env.Open(context.Background(), h.Meta)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range []string{"LongSerializer$LongSerializerSnapshot", "StringSerializer$StringSerializerSnapshot", "TimerSerializerSnapshot", "VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"} {
		unknown := *h.Incremental
		unknown.Meta = &metadata.ByteStream{Data: bytes.ReplaceAll(meta, []byte(class), bytes.Replace([]byte(class), []byte("Serializer"), []byte("Serialixer"), 1))}
		src, err := rocksdb.Backend{}.Open(context.Background(), h.env, &unknown)
		if err != nil {
			t.Errorf("%s: %v", class, err)
		}
		if src == nil {
			continue
		}
		lines, problems := collect(src)
		if len(lines) != len(whole) {
			t.Errorf("%s: %d entries, want %d", class, len(lines), len(whole))
		}
		for _, p := range problems { // last-access times that are no longs
			if !errors.Is(p, fault.ErrUnsupported) || !strings.HasPrefix(class, "Long") {
				t.Errorf("%s: %v", class, p)
			}
		}
		src.Close()
	}
}
