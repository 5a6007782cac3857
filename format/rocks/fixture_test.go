package rocks_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
)

// fixture is a line of testdata/maker/cases.txt: a directory that real RocksDB made.
type fixture struct {
	name   string
	script string // which content; the truth is one for all directories of a script
}

func (f fixture) dir() dir { return dir(filepath.Join("testdata", "db", f.name)) }

func (f fixture) truth(t *testing.T) truth {
	return readTruth(t, filepath.Join("testdata", "db", "truth-"+f.script+".json"))
}

func fixtures(t testing.TB) []fixture {
	t.Helper()
	b, err := os.ReadFile("testdata/maker/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []fixture
	for line := range strings.Lines(string(b)) {
		if w := strings.Fields(line); w[0] != "#" {
			all = append(all, fixture{name: w[1], script: w[2]})
		}
	}
	return all
}

func TestFixtures(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) {
			checkTruth(t, f.dir(), f.truth(t))
			db := openDB(t, f.dir())
			if got, want := db.Version.LastSequence, f.truth(t).LatestSequence; got != want {
				t.Errorf("last sequence number %d, expected %d", got, want)
			}
		})
	}
}

func openDB(t testing.TB, files rocks.Files) *rocks.DB {
	t.Helper()
	db, err := rocks.Open(files, rocks.ReadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestFixturesCover holds the fixtures to what they are there for.
func TestFixturesCover(t *testing.T) {
	found := map[string]bool{}
	note := func(what string) { found[what] = true }
	for _, f := range fixtures(t) {
		db := openDB(t, f.dir())
		for _, family := range db.Version.Families {
			for _, meta := range family.Files() {
				table, release, err := db.Table(meta)
				if err != nil {
					t.Fatal(err)
				}
				noteTable(note, table)
				release()
			}
		}
	}
	want := strings.Fields(`version-0 version-1 version-2 version-3 version-4 version-5 version-6
		checksum-none checksum-CRC32C checksum-XXH32 checksum-XXH64 checksum-XXH3
		NoCompression Snappy Zlib BZip2 LZ4 LZ4HC ZSTD dictionary
		index-0 index-1 index-2 index-3 delta user-keys ranges external patched
		put delete merge single filter`)
	for _, w := range want {
		if w = strings.ReplaceAll(w, "-", " "); !found[w] {
			t.Errorf("no fixture has %q; found are %q", w, slices.Sorted(maps.Keys(found)))
		}
	}
}

func noteTable(note func(string), table *rocks.Table) {
	p := table.Properties
	note("version " + string('0'+rune(table.Footer.FormatVersion)))
	note("checksum " + table.Footer.Checksum.String())
	note("index " + string('0'+rune(p.Index)))
	note(p.Compression)
	for name, ok := range map[string]bool{"delta": p.IndexDelta, "user keys": p.IndexUserKeys, "external": p.External > 0, "patched": p.GlobalSeqno > 0} {
		if ok {
			note(name)
		}
	}
	for _, m := range table.Meta {
		switch {
		case m.Name == "rocksdb.range_del":
			note("ranges")
		case m.Name == "rocksdb.compression_dict":
			note("dictionary")
		case strings.Contains(m.Name, "filter"):
			note("filter")
		}
	}
	it := table.Iter()
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		note(strings.Fields(it.Kind().String())[0])
	}
}
