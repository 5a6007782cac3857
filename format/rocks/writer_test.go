package rocks_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rocks"
)

// memFile that is written.
type memWriter struct {
	bytes.Buffer
	files memFiles
	name  string
}

func (w *memWriter) Close() error {
	w.files[w.name] = w.Bytes()
	return nil
}

// Create makes a directory in memory a sink.
func (m memFiles) Create(name string) (io.WriteCloser, error) {
	if _, ok := m[name]; ok {
		return nil, fmt.Errorf("%s is written twice", name)
	}
	return &memWriter{files: m, name: name}, nil
}

// tableOptions are the forms that are written.
var tableOptions = []rocks.TableOptions{
	{},
	{FormatVersion: 2, Compression: rocks.CompressionSnappy, FilterBits: 10},
	{FormatVersion: 3, Compression: rocks.CompressionSnappy, BlockSize: 300},
	{FormatVersion: 4, RestartInterval: 1, FilterBits: 3, BlockSize: 1},
	{FormatVersion: 5, Compression: rocks.CompressionSnappy, FilterBits: 20, RestartInterval: 3, BlockSize: 1000},
}

func optionsName(o rocks.TableOptions) string {
	return fmt.Sprintf("v%d-%s-block%d-filter%d", o.FormatVersion, o.Compression, o.BlockSize, o.FilterBits)
}

// rewrite writes what a directory shows, in the order of its column families, and gives that truth.
func rewrite(t *testing.T, from rocks.Files, to rocks.Sink, o rocks.TableOptions, target int64) truth {
	t.Helper()
	db := openDB(t, from)
	want := truth{Families: map[string][][2]string{"default": nil}}
	w, err := rocks.NewDirWriter(to, rocks.DirConfig{Table: o, TargetSize: target})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range db.Version.Families[1:] {
		out, err := w.Family(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		want.Families[f.Name] = copyFamily(t, db, f, out)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return want
}

func copyFamily(t *testing.T, db *rocks.DB, f *rocks.Family, out *rocks.FamilyWriter) (rows [][2]string) {
	t.Helper()
	s := db.Scan(f, rocks.ScanConfig{})
	defer s.Close()
	for s.Next() {
		value := s.AppendJoined(nil, ',')
		if err := out.Put(s.Key(), value); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, [2]string{hex.EncodeToString(s.Key()), hex.EncodeToString(value)})
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return rows
}

// TestRewrite writes fixtures anew and reads them back: rows, bounds, counts and structure.
func TestRewrite(t *testing.T) {
	for _, o := range tableOptions {
		for _, from := range []string{"8.10-default", "6.20-ranges", "5.17-ingest"} {
			t.Run(optionsName(o)+"/"+from, func(t *testing.T) {
				files := memFiles{}
				want := rewrite(t, dir("testdata/db/"+from), files, o, 2000)
				if len(files) < 5 {
					t.Errorf("%d files, expected several tables", len(files))
				}
				checkTruth(t, files, want)
				verifyAll(t, files)
			})
		}
	}
}

// TestAppendManifest writes the versions of all fixtures and reads them back.
func TestAppendManifest(t *testing.T) {
	for _, f := range fixtures(t) {
		files := load(t, string(f.dir()))
		v := openDB(t, files).Version
		b, err := rocks.AppendManifest(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := rocks.ReadManifest(bytes.NewReader(b), int64(len(b)), v.Manifest, true)
		if err != nil {
			t.Fatal(err)
		}
		again.DBID, again.Edits = v.DBID, v.Edits
		for i := range again.Families {
			if len(v.Families) > i {
				again.Families[i].LogNumber = v.Families[i].LogNumber // there is no log
			}
		}
		if !reflect.DeepEqual(v, again) {
			t.Errorf("%s: another version after writing and reading it", f.name)
		}
		checkTruth(t, files.with(v.Manifest, b), f.truth(t))
	}
}

// TestTableWriterVersions writes several versions of a key, of all kinds, over block borders.
func TestTableWriterVersions(t *testing.T) {
	for _, o := range append(slices.Clone(tableOptions), rocks.TableOptions{FormatVersion: 5, BlockSize: 50}) {
		var b bytes.Buffer
		w, err := rocks.NewTableWriter(&b, o)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for k := range 40 {
			for seq := uint64(9); seq > 5; seq-- {
				kind := []rocks.Kind{rocks.KindMerge, rocks.KindPut, rocks.KindDelete, rocks.KindSingleDelete}[(uint64(k)+seq)%4]
				key, value := fmt.Sprintf("key-%03d", k), fmt.Sprint("v", k, seq)
				want = append(want, fmt.Sprint(key, seq, kind, value))
				if err := w.Add([]byte(key), seq, kind, []byte(value)); err != nil {
					t.Fatal(err)
				}
			}
		}
		meta, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		table, err := rocks.OpenTable(memFile{bytes.NewReader(b.Bytes())}, "x.sst", meta, rocks.ReadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		table.Verify(meta, func(err error) { t.Errorf("%s: %v", optionsName(o), err) })
		if o.BlockSize == 50 && table.Properties.IndexUserKeys {
			t.Error("user keys in the index cannot tell blocks apart that share one")
		}
		if got := tableRows(table); !slices.Equal(got, want) {
			t.Errorf("%s: %v, expected %v", optionsName(o), got, want)
		}
		it := table.Iter()
		for k := range 40 {
			if key := fmt.Sprintf("key-%03d", k); !it.Seek([]byte(key)) || string(it.Key()) != key || it.Seq() != 9 {
				t.Errorf("%s: seek of %s finds %s#%d", optionsName(o), key, it.Key(), it.Seq())
			}
		}
		it.Close()
	}
}

func tableRows(table *rocks.Table) (rows []string) {
	it := table.Iter()
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		rows = append(rows, fmt.Sprint(string(it.Key()), it.Seq(), it.Kind(), string(it.Value())))
	}
	return rows
}

func TestWriterRefuses(t *testing.T) {
	for what, do := range map[string]func(*rocks.TableWriter) error{
		"the same key":     func(w *rocks.TableWriter) error { return w.Put([]byte("b"), nil) },
		"a smaller key":    func(w *rocks.TableWriter) error { return w.Put([]byte("a"), nil) },
		"a newer version":  func(w *rocks.TableWriter) error { return w.Add([]byte("b"), 1, rocks.KindPut, nil) },
		"a range deletion": func(w *rocks.TableWriter) error { return w.Add([]byte("c"), 1, rocks.KindRangeDelete, nil) },
		"a long sequence":  func(w *rocks.TableWriter) error { return w.Add([]byte("c"), 1<<56, rocks.KindPut, nil) },
	} {
		w, err := rocks.NewTableWriter(io.Discard, rocks.TableOptions{})
		if err != nil || w.Put([]byte("b"), nil) != nil {
			t.Fatal(err)
		}
		if err := do(w); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, o := range []rocks.TableOptions{{FormatVersion: 1}, {FormatVersion: 6}, {Compression: rocks.CompressionLZ4}} {
		if _, err := rocks.NewTableWriter(io.Discard, o); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	d, err := rocks.NewDirWriter(memFiles{}, rocks.DirConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Family("s"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s", "default"} {
		if _, err := d.Family(name); !errors.Is(err, fault.ErrUsage) {
			t.Errorf("column family %s: %v", name, err)
		}
	}
}
