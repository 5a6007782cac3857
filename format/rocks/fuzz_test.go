package rocks

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// memory is a file in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func inMemory(b []byte) memory { return memory{bytes.NewReader(b)} }

func seedFiles(f *testing.F, pattern string) (all [][]byte) {
	f.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "db", pattern))
	if err != nil || len(names) == 0 {
		f.Fatalf("no files %s (%v)", pattern, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// FuzzManifest: what is read never panics, and each edit can be written back to the same bytes.
func FuzzManifest(f *testing.F) {
	for _, b := range seedFiles(f, "*/MANIFEST-*") {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ReadManifest(inMemory(b), int64(len(b)), "MANIFEST-000001", false); err != nil {
			checkFault(t, err)
		}
		log := newLogReader(inMemory(b), int64(len(b)), "MANIFEST-000001", false)
		var out []byte
		var records [][]byte
		for {
			r, err := log.next()
			if err != nil {
				break
			}
			records = append(records, bytes.Clone(r))
			out = appendLogRecord(out, r)
		}
		again := newLogReader(inMemory(out), int64(len(out)), "MANIFEST-000001", true)
		for i, r := range records {
			if got, err := again.next(); err != nil || !bytes.Equal(got, r) {
				t.Fatalf("record %d is %x after writing, %x before (%v)", i, got, r, err)
			}
		}
		if _, err := again.next(); err != io.EOF {
			t.Fatalf("more records after writing: %v", err)
		}
	})
}

func FuzzEdit(f *testing.F) {
	for _, b := range seedFiles(f, "*/MANIFEST-*") {
		log := newLogReader(inMemory(b), int64(len(b)), "", true)
		for {
			r, err := log.next()
			if err != nil {
				break
			}
			f.Add(bytes.Clone(r))
		}
	}
	for _, b := range []string{
		"\x90\x03\x07\x01\x02\x01m\x01v\x03\x01x\x00",           // blob file
		"\x91\x03\x07\x01\x02\x00",                              // blob garbage
		"\x84\x40\x05\x02\x07\x01\x85\x40\x05",                  // WAL addition and deletion as 6.15 wrote them
		"\xac\x02\x01\xca\x01\xcb\x01\x05",                      // atomic group, drop, max
		"\x05\x03\x08abcdefgh\x06\x01\x07",                      // compact cursor, deleted file
		"f\x01\x07\x02\x20\x08abcdefgh\x08abcdefgh\x01\x02",     // tag 102
		"\x07\x01\x07\x20\x08abcdefgh\x08abcdefgh\xff\x7f\x01a", // tag 7, unknown ignorable
	} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEdit(b, 0)
		if err != nil {
			checkFault(t, err)
			return
		}
		if out := e.append(nil); !bytes.Equal(out, b) {
			t.Fatalf("%x is written as %x", b, out)
		}
	})
}

func FuzzFooter(f *testing.F) {
	for _, b := range seedFiles(f, "*/000023.sst") {
		f.Add(b[len(b)-footerLen:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		footer, err := DecodeFooter(b, int64(len(b)))
		if err != nil {
			checkFault(t, err)
			return
		}
		if footer.FormatVersion > 5 || footer.FormatVersion == 0 {
			return
		}
		again, err := DecodeFooter(footer.append(nil), footer.offset+footerLen)
		if err != nil || again != footer {
			t.Fatalf("%+v is %+v after writing (%v)", footer, again, err)
		}
	})
}

// FuzzBlock: whatever entries are read can be written as a block, and read again.
func FuzzBlock(f *testing.F) {
	eachBlock(f, func(t *Table, h Handle, plain []byte) { f.Add(plain) })
	f.Fuzz(func(t *testing.T, b []byte) {
		var it blockIter
		if err := it.init(b); err != nil {
			return
		}
		w := newBlockWriter(16)
		var keys, values [][]byte
		for it.next() {
			keys, values = append(keys, bytes.Clone(it.key)), append(values, it.val)
			w.add(it.key, it.val)
		}
		out := w.finish()
		if err := it.init(out); err != nil {
			t.Fatal(err)
		}
		for i := range keys {
			if !it.next() || !bytes.Equal(it.key, keys[i]) || !bytes.Equal(it.val, values[i]) {
				t.Fatalf("entry %d is %x=%x after writing, %x=%x before", i, it.key, it.val, keys[i], values[i])
			}
		}
		if it.next() || it.bad {
			t.Fatal("more after the last entry")
		}
		for _, k := range keys {
			if err := it.init(b); err != nil {
				t.Fatal(err)
			}
			it.seek(k, min(len(k), trailerLen))
		}
	})
}

func FuzzIndex(f *testing.F) {
	for _, b := range seedFiles(f, "*/0000*.sst") {
		if t, err := OpenTable(inMemory(b), "", nil, ReadConfig{}); err == nil {
			f.Add(t.indexBlock, t.form.delta, t.form.firstKey, t.form.suffix > 0)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, delta, first, internal bool) {
		form := indexForm{delta: delta, firstKey: first}
		if internal {
			form.suffix = trailerLen
		}
		var x indexIter
		if err := x.init(b, form); err != nil {
			return
		}
		var keys [][]byte
		for x.next() {
			keys = append(keys, bytes.Clone(x.user()))
		}
		for _, k := range keys {
			x.seek(k)
		}
	})
}

func FuzzProperties(f *testing.F) {
	for _, b := range seedFiles(f, "*/0000*.sst") {
		f.Add(blockNamed(f, b, metaProperties))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeProperties(b)
		if err != nil {
			checkFault(t, err)
			return
		}
		again, err := DecodeProperties(p.append(nil))
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%+v is %+v after writing (%v)", p, again, err)
		}
	})
}

// FuzzTable opens, walks, seeks and verifies a table whose checksums are ignored, so that all decoders behind them are reached.
func FuzzTable(f *testing.F) {
	for _, b := range seedFiles(f, "*/00001[69].sst") {
		f.Add(b, []byte("key"))
	}
	for _, b := range seedFiles(f, "*/000023.sst") {
		f.Add(b, []byte("\x00\x01key-0008"))
	}
	f.Fuzz(func(t *testing.T, b, key []byte) {
		table, err := OpenTable(inMemory(b), "000001.sst", nil, ReadConfig{NoVerify: true})
		if err != nil {
			checkFault(t, err)
			return
		}
		it := table.Iter()
		defer it.Close()
		limit := 1 << 16
		for ok := it.First(); ok && limit > 0; ok = it.Next() {
			limit--
		}
		if it.Err() != nil {
			checkFault(t, it.Err())
			it.lost()
			it.resume()
		}
		it.Seek(key)
		var dels []bounded
		if d := newRangeDels(table.appendDels(dels, nil)); d != nil {
			d.hides(d.find(key), key, 77)
		}
		if limit > 0 {
			table.Verify(nil, func(err error) { checkFault(t, err) })
		}
	})
}

// oneFile answers every table name with the same bytes.
type oneFile []byte

func (b oneFile) Open(string) (File, error) { return inMemory(b), nil }

// FuzzScan scans and looks up in a directory whose MANIFEST and tables are anything.
func FuzzScan(f *testing.F) {
	manifests, tables := seedFiles(f, "*/MANIFEST-*"), seedFiles(f, "*/00002[34].sst")
	for i, m := range manifests {
		f.Add(m, tables[i%len(tables)], []byte("\x00\x01key-0008"))
	}
	f.Fuzz(func(t *testing.T, manifest, table, key []byte) {
		v, err := ReadManifest(inMemory(manifest), int64(len(manifest)), "MANIFEST-000001", false)
		if err != nil {
			return
		}
		for _, family := range v.Families {
			for i, file := range family.Files() {
				file.Size = uint64(len(table))
				if i > 20 {
					return
				}
			}
		}
		db := NewDB(oneFile(table), v, ReadConfig{NoVerify: true})
		defer db.Close()
		for _, family := range v.Families[:min(len(v.Families), 3)] {
			s := db.Scan(family, ScanConfig{Lower: key, OnDamage: func(d Damage) error {
				checkFault(t, d.Err)
				return nil
			}})
			for n := 0; n < 1<<14 && s.Next(); n++ {
				s.AppendJoined(nil, ',')
			}
			if s.Err() != nil {
				checkFault(t, s.Err())
			}
			s.Close()
			if _, err := db.Get(family, key, new(Entry)); err != nil {
				checkFault(t, err)
			}
		}
	})
}

func checkFault(t *testing.T, err error) {
	t.Helper()
	if !isFault(err) {
		t.Fatalf("an error without a kind: %v", err)
	}
}

// eachBlock calls fn with the plain content of the data blocks of some fixtures.
func eachBlock(f *testing.F, fn func(*Table, Handle, []byte)) {
	for _, b := range seedFiles(f, "8.10-d*/0000*.sst") {
		t, err := OpenTable(inMemory(b), "", nil, ReadConfig{})
		if err != nil {
			f.Fatal(err)
		}
		it := t.Iter()
		if it.First() {
			plain, err := it.r.read(it.idx.handle, 0, "", t.dict)
			if err != nil {
				f.Fatal(err)
			}
			fn(t, it.idx.handle, bytes.Clone(plain))
		}
		it.Close()
	}
}

func blockNamed(f *testing.F, b []byte, name string) []byte {
	t, err := OpenTable(inMemory(b), "", nil, ReadConfig{NoVerify: true})
	if err != nil {
		f.Fatal(err)
	}
	r := newBlockReader(t)
	for _, m := range t.Meta {
		if m.Name == name {
			plain, err := r.read(m.Handle, 0, "", nil)
			if err != nil {
				f.Fatal(err)
			}
			return bytes.Clone(plain)
		}
	}
	return nil
}
