package rocks_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rocks"
)

// TestOperands gives the parts of a list apart: the base value and the operands, oldest first.
func TestOperands(t *testing.T) {
	var b bytes.Buffer
	w, err := rocks.NewTableWriter(&b, rocks.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct {
		key   string
		seq   uint64
		kind  rocks.Kind
		value string
	}{
		{"base", 9, rocks.KindMerge, "c"},
		{"base", 8, rocks.KindMerge, ""},
		{"base", 7, rocks.KindPut, "a,b"},
		{"base", 6, rocks.KindMerge, "old"},
		{"deleted", 9, rocks.KindDelete, ""},
		{"deleted", 8, rocks.KindPut, "x"},
		{"empty", 9, rocks.KindPut, ""},
		{"operands", 9, rocks.KindMerge, "y"},
		{"operands", 8, rocks.KindMerge, "x"},
		{"operands", 7, rocks.KindSingleDelete, ""},
		{"operands", 6, rocks.KindPut, "old"},
	} {
		if err := w.Add([]byte(e.key), e.seq, e.kind, []byte(e.value)); err != nil {
			t.Fatal(err)
		}
	}
	db, f := oneTable(t, w, &b)
	var got []string
	s := db.Scan(f, rocks.ScanConfig{})
	defer s.Close()
	for s.Next() {
		got = append(got, fmt.Sprintf("%s %v %s %s %s", s.Key(), s.HasValue(), s.Value(), s.Operands(), s.AppendJoined(nil, ',')))
	}
	want := []string{"base true a,b [ c] a,b,,c", "empty true  [] ", "operands false  [x y] x,y"}
	if s.Err() != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, expected %q (%v)", got, want, s.Err())
	}
	if s.Stats != (rocks.ScanStats{Stored: 11, Visible: 3}) {
		t.Errorf("%+v", s.Stats)
	}
	var e rocks.Entry
	if ok, err := db.Get(f, []byte("deleted"), &e); ok || err != nil {
		t.Errorf("lookup of a deleted key: %v %v", ok, err)
	}
}

// oneTable makes a directory of one column family with the table that w has written to b.
func oneTable(t testing.TB, w *rocks.TableWriter, b *bytes.Buffer) (*rocks.DB, *rocks.Family) {
	t.Helper()
	meta, err := w.Finish()
	if err != nil {
		t.Fatal(err)
	}
	meta.Number = 6
	f, err := rocks.NewFamily(0, rocks.DefaultFamily, []*rocks.TableFile{meta})
	if err != nil {
		t.Fatal(err)
	}
	v := &rocks.Version{Families: []*rocks.Family{f}}
	return rocks.NewDB(memFiles{meta.Name(): b.Bytes()}, v, rocks.ReadConfig{}), f
}

// TestInterleavedFiles has versions of one key in two files of level 0 whose sequence numbers interleave.
func TestInterleavedFiles(t *testing.T) {
	files := memFiles{}
	var tables []*rocks.TableFile
	for number, seqs := range map[uint64][]uint64{7: {5, 1}, 8: {3}} {
		var b bytes.Buffer
		w, err := rocks.NewTableWriter(&b, rocks.TableOptions{FormatVersion: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, seq := range seqs {
			if err := w.Add([]byte("k"), seq, rocks.KindMerge, fmt.Append(nil, seq)); err != nil {
				t.Fatal(err)
			}
		}
		meta, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		meta.Number = number
		files[meta.Name()] = b.Bytes()
		tables = append(tables, meta)
	}
	f, err := rocks.NewFamily(0, rocks.DefaultFamily, tables)
	if err != nil {
		t.Fatal(err)
	}
	db := rocks.NewDB(files, &rocks.Version{Families: []*rocks.Family{f}}, rocks.ReadConfig{})
	s := db.Scan(f, rocks.ScanConfig{})
	defer s.Close()
	var e rocks.Entry
	if ok, err := db.Get(f, []byte("k"), &e); !ok || err != nil || !s.Next() {
		t.Fatal(ok, err, s.Err())
	}
	if scanned, got := string(s.AppendJoined(nil, ',')), string(e.AppendJoined(nil, ',')); scanned != "1,3,5" || got != "1,3,5" {
		t.Errorf("the scan gives %s, the lookup %s, expected 1,3,5", scanned, got)
	}
}

func TestOtherComparator(t *testing.T) {
	f := &rocks.Family{Name: "s", Comparator: "rocksdb.ReverseBytewiseComparator"}
	db := rocks.NewDB(memFiles{}, &rocks.Version{Families: []*rocks.Family{f}}, rocks.ReadConfig{})
	s := db.Scan(f, rocks.ScanConfig{})
	if s.Next() || !errors.Is(s.Err(), fault.ErrUnsupported) {
		t.Errorf("scan: %v", s.Err())
	}
	if _, err := db.Get(f, nil, new(rocks.Entry)); !errors.Is(err, fault.ErrUnsupported) {
		t.Errorf("lookup: %v", err)
	}
}

// TestParallel scans and looks up in one DB from several goroutines, with hardly any table kept open.
func TestParallel(t *testing.T) {
	f := fixtures(t)[0]
	want := f.truth(t)
	db, err := rocks.Open(f.dir(), rocks.ReadConfig{OpenTables: 1, ReadAhead: 100})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for name, rows := range want.Families {
				checkScan(t, db, db.Version.Family(name), rows, nil, nil)
				checkLookups(t, db, db.Version.Family(name), rows)
			}
		})
	}
	all.Wait()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// TestNoAllocations: memory of a scan does not depend on the number of entries.
func TestNoAllocations(t *testing.T) {
	var b bytes.Buffer
	w, err := rocks.NewTableWriter(&b, rocks.TableOptions{Compression: rocks.CompressionSnappy})
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	for i := range n {
		key := fmt.Appendf(nil, "key-%06d", i)
		if i%5 == 0 {
			w.Add(key, 3, rocks.KindMerge, key)
			w.Add(key, 2, rocks.KindMerge, key)
		}
		w.Add(key, 1, rocks.KindPut, key)
	}
	db, f := oneTable(t, w, &b)
	allocs := testing.AllocsPerRun(3, func() {
		s := db.Scan(f, rocks.ScanConfig{})
		for s.Next() {
		}
		s.Close()
		if s.Err() != nil || s.Stats.Visible != n {
			t.Fatal(s.Err(), s.Stats)
		}
	})
	if allocs > 100 {
		t.Errorf("%v allocations for %d entries", allocs, n)
	}
}
