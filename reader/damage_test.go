package reader_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/overview"
	"github.com/tarn-project/tarn/store"
	"github.com/tarn-project/tarn/store/file"
	"github.com/tarn-project/tarn/writer/export"
)

// long says whether damage is tried at many places of every fixture: TARN_LONG=1; at every one of the first 64 KB of each file: TARN_LONG=all.
// Otherwise it is at a few, which are always the same.
var long = sync.OnceValue(func() bool { return os.Getenv("TARN_LONG") != "" })

const everyPlace = 64 << 10

// spoiled is a store in which one file has other bytes.
type spoiled struct {
	file.Store
	name string
	data []byte
}

type spoiledObject struct{ *bytes.Reader }

func (spoiledObject) Close() error  { return nil }
func (o spoiledObject) Size() int64 { return o.Reader.Size() }

func (s spoiled) Open(ctx context.Context, name string) (store.Object, error) {
	if name == s.name {
		return spoiledObject{bytes.NewReader(s.data)}, nil
	}
	return s.Store.Open(ctx, name)
}

func (s spoiled) Stat(ctx context.Context, name string) (store.Info, error) {
	info, err := s.Store.Stat(ctx, name)
	if name == s.name {
		info.Size = int64(len(s.data))
	}
	return info, err
}

// What one look at a damaged snapshot may cost at most. A sound one takes milliseconds and a few megabytes.
const (
	maxTime  = 20 * time.Second
	maxBytes = 200 << 20
)

// lookAt does what inspect and cat do, and holds every error against the rules.
func lookAt(t *testing.T, what, dir string, st store.Store) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), maxTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("%s: panic: %v", what, r)
		}
	}()
	s, err := reader.Open(ctx, st, dir, reader.Options{})
	if err != nil {
		typed(t, what, err)
		return
	}
	_, err = overview.Make(ctx, s, overview.Options{CountUpTo: -1, Jobs: 2, Types: true, Files: true})
	typed(t, what+": overview", err)
	typed(t, what+": rows", rows(ctx, s))
	runtime.ReadMemStats(&after)
	if took := time.Since(start); took > maxTime {
		t.Errorf("%s took %v", what, took)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > maxBytes {
		t.Errorf("%s allocated %d MB", what, n>>20)
	}
}

// rows renders every entry as JSON with its bytes.
func rows(ctx context.Context, s *reader.Snapshot) error {
	format, err := export.ByName("json")
	if err != nil {
		return err
	}
	out, err := format.New(export.Options{Raw: true, OnError: s.Misread})
	if err != nil {
		return err
	}
	r := out.NewRenderer()
	err = s.Scan(ctx, reader.Selection{}, 1, func(_ int, task *reader.Task) error {
		var failed error
		var buf []byte
		task.Each(func(e *entry.Entry) bool {
			buf, failed = r.Append(buf[:0], e)
			return failed == nil
		})
		return failed
	})
	return errors.Join(err, s.Undecoded.Err())
}

// typed demands that each error has a kind and names its file.
func typed(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			typed(t, what, e)
		}
		return
	}
	var e *fault.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s: an error without a place: %v", what, err)
	case fault.KindOf(err) == nil:
		t.Errorf("%s: an error without a kind: %v", what, err)
	case e.File == "":
		t.Errorf("%s: an error without a file: %v", what, err)
	}
}

// places picks n of the first size places, all of them if there are fewer or the long way is asked for; the first and last ones are in.
func places(name string, size, n, most int) []int {
	if long() {
		n = most
	}
	if os.Getenv("TARN_LONG") == "all" {
		n = everyPlace
	}
	var out []int
	if size <= n {
		for i := range size {
			out = append(out, i)
		}
		return out
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(size)))
	if n == everyPlace { // and a thousand behind them
		for i := range n {
			out = append(out, i)
		}
		n += 1000
	}
	for i := range min(n/4, 16) {
		out = append(out, i*4, size-1-i*4)
	}
	for len(out) < n {
		out = append(out, r.IntN(size))
	}
	return out
}

// damaged are the fixtures that the short test spoils: every layout, handle and kind of state once.
var damaged = map[string]bool{
	"1.13.6-ledger-hashmap-savepoint": true, "1.13.6-ledger-rocksdb-full-checkpoint-heaptimers": true, "1.13.6-unaligned-hashmap-checkpoint-inflight": true,
	"1.17.2-ledger-hashmap-checkpoint-snappy": true, "1.18.1-ledger-hashmap-savepoint-snappy": true, "1.20.3-ledger-hashmap-checkpoint-files": true,
	"1.20.3-ledger-hashmap-checkpoint-filemerging": true, "1.20.3-types-hashmap-savepoint": true, "1.20.3-opaque-hashmap-checkpoint": true,
	"1.20.3-windows-rocksdb-checkpoint": true, "1.20.3-ledger-rocksdb-checkpoint-files-snappy": true, "2.3.0-keys-hashmap-savepoint": true,
	"2.3.0-ledger-rocksdb-savepoint-max4096": true, "2.3.0-ledger-forst-native": true, "2.3.0-unaligned-hashmap-checkpoint-inflight": true,
	"1.20.3-ledger-hashmap-checkpoint-changelog-nomat": true, "2.3.0-finished-hashmap-savepoint": true,
}

// TestDamage cuts files short and turns bits over: every look ends soon, with errors that say what and where.
func TestDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("many looks")
	}
	seen := 0
	fixtures.Each(t, func(i fixtures.Index) bool { return long() || damaged[i.Name] }, func(t *testing.T, f *fixtures.Fixture) {
		seen++
		files, err := f.Files()
		if err != nil {
			t.Fatal(err)
		}
		every := 1
		if !long() {
			every += len(files) / 10
		}
		cuts := max(4, 36*every/len(files))
		for i, name := range files {
			if i%every != 0 && filepath.Base(name) != reader.MetadataName {
				continue
			}
			path := filepath.Join(f.Root, filepath.FromSlash(name))
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range places(name, len(whole), cuts, 4000) {
				lookAt(t, fmt.Sprintf("%s cut at %d", name, at), f.Dir, spoiled{name: path, data: whole[:at]})
			}
			for _, at := range places(name+" bits", len(whole), cuts, 4000) {
				data := bytes.Clone(whole)
				data[at] ^= 1 << (at % 8)
				lookAt(t, fmt.Sprintf("%s with bit %d of byte %d turned", name, at%8, at), f.Dir, spoiled{name: path, data: data})
			}
			for _, at := range places(name+" lengths", len(whole), cuts/2, 2000) {
				for _, n := range [][]byte{{0x7f, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0}} {
					data := bytes.Clone(whole)
					copy(data[at:], n)
					lookAt(t, fmt.Sprintf("%s with %x at %d", name, n, at), f.Dir, spoiled{name: path, data: data})
				}
			}
			if t.Failed() {
				return
			}
		}
	})
	if !long() && seen != len(damaged) {
		t.Errorf("%d fixtures, want %d", seen, len(damaged))
	}
}
