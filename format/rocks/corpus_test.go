package rocks_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// dir is a directory of the file system.
type dir string

func (d dir) Open(name string) (rocks.File, error) {
	f, err := os.Open(filepath.Join(string(d), name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return osFile{f, info.Size()}, nil
}

type osFile struct {
	*os.File
	size int64
}

func (f osFile) Size() int64 { return f.size }

// truth is what RocksDB itself read: key and value in hex, in order, merge operands joined.
type truth struct {
	LatestSequence uint64                 `json:"latest_sequence"`
	Families       map[string][][2]string `json:"column_families"`
}

func readTruth(t *testing.T, path string) truth {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want truth
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

func TestCorpus(t *testing.T) {
	corpus := snaptest.Shared(t, "corpus-rocksdb")
	dirs, err := filepath.Glob(filepath.Join(corpus, "*", "truth.json"))
	if err != nil || len(dirs) < 30 {
		t.Fatalf("%d directories in %s, expected at least 30 (%v)", len(dirs), corpus, err)
	}
	for _, path := range dirs {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			checkTruth(t, dir(filepath.Join(filepath.Dir(path), "db")), readTruth(t, path))
		})
	}
}

// checkTruth compares every column family of a directory with what RocksDB read, by scan, by scans of parts, and by lookups.
func checkTruth(t *testing.T, files rocks.Files, want truth) {
	t.Helper()
	db, err := rocks.Open(files, rocks.ReadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if len(db.Version.Families) != len(want.Families) {
		t.Errorf("%d column families, expected %d", len(db.Version.Families), len(want.Families))
	}
	for name, rows := range want.Families {
		f := db.Version.Family(name)
		if f == nil {
			t.Errorf("no column family %q", name)
			continue
		}
		checkScan(t, db, f, rows, nil, nil)
		checkLookups(t, db, f, rows)
		for i := 0; i < len(rows); i += max(1, len(rows)/7) {
			lower := unhex(t, rows[i][0])
			end := min(len(rows), i+max(1, len(rows)/5))
			upper := append(unhex(t, rows[end-1][0]), 0)
			checkScan(t, db, f, rows[i:end], lower, upper)
		}
	}
}

func checkScan(t *testing.T, db *rocks.DB, f *rocks.Family, rows [][2]string, lower, upper []byte) {
	t.Helper()
	s := db.Scan(f, rocks.ScanConfig{Lower: lower, Upper: upper})
	defer s.Close()
	var joined []byte
	n := 0
	for ; s.Next(); n++ {
		if n >= len(rows) {
			t.Errorf("%s: key %x after the last", f.Name, s.Key())
			return
		}
		joined = s.AppendJoined(joined[:0], ',')
		if key, value := hex.EncodeToString(s.Key()), hex.EncodeToString(joined); key != rows[n][0] || value != rows[n][1] {
			t.Errorf("%s: row %d is %s = %s, expected %s = %s", f.Name, n, key, value, rows[n][0], rows[n][1])
			return
		}
	}
	if s.Err() != nil {
		t.Errorf("%s: %v", f.Name, s.Err())
	}
	if n != len(rows) {
		t.Errorf("%s: %d rows, expected %d", f.Name, n, len(rows))
	}
}

func checkLookups(t *testing.T, db *rocks.DB, f *rocks.Family, rows [][2]string) {
	t.Helper()
	var e rocks.Entry
	for i := 0; i < len(rows); i += 1 + len(rows)/50 {
		key := unhex(t, rows[i][0])
		found, err := db.Get(f, key, &e)
		if value := e.AppendJoined(nil, ','); err != nil || !found || !bytes.Equal(value, unhex(t, rows[i][1])) {
			t.Errorf("%s: lookup of %x gives %v %x %v, expected %s", f.Name, key, found, value, err, rows[i][1])
		}
		absent := append(key, 0)
		if i+1 < len(rows) && rows[i+1][0] == hex.EncodeToString(absent) {
			continue
		}
		if found, err := db.Get(f, absent, &e); found || err != nil {
			t.Errorf("%s: lookup of the absent key %x gives %v %v", f.Name, absent, found, err)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
