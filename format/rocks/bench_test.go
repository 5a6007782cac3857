package rocks_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
)

const benchEntries = 500_000

// benchKey is a key as Flink writes it for a Long key and no namespace: key group, key, void namespace.
func benchKey(dst []byte, i int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(i/4000))
	dst = binary.BigEndian.AppendUint64(dst, uint64(i)*7919)
	return append(dst, 0)
}

// benchValue is half random, so that it compresses about as state does.
func benchValue(dst []byte, i, size int) []byte {
	for n := uint64(i); len(dst) < size; n += 0x9e3779b97f4a7c15 {
		dst = binary.BigEndian.AppendUint64(dst, (n^n>>29)*0xbf58476d1ce4e5b9>>32)
	}
	return dst[:size]
}

type benchTable struct {
	name string
	size int // of values
	opts rocks.TableOptions
}

var benchTables = []benchTable{
	{"long-snappy", 8, rocks.TableOptions{Compression: rocks.CompressionSnappy}},
	{"100bytes-snappy", 100, rocks.TableOptions{Compression: rocks.CompressionSnappy}},
	{"100bytes-none-v5", 100, rocks.TableOptions{FormatVersion: 5}},
}

// benchDir writes a column family "s" and gives the bytes of keys and values.
func benchDir(b testing.TB, c benchTable) (memFiles, int64) {
	b.Helper()
	files := memFiles{}
	w, err := rocks.NewDirWriter(files, rocks.DirConfig{Table: c.opts, TargetSize: 16 << 20})
	if err != nil {
		b.Fatal(err)
	}
	f, err := w.Family("s")
	if err != nil {
		b.Fatal(err)
	}
	var key, value []byte
	var logical int64
	for i := range benchEntries {
		key, value = benchKey(key[:0], i), benchValue(value[:0], i, c.size)
		logical += int64(len(key) + len(value))
		if err := f.Put(key, value); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Finish(); err != nil {
		b.Fatal(err)
	}
	return files, logical
}

// BenchmarkScan reads a column family of one level. MB/s are of keys and values.
func BenchmarkScan(b *testing.B) {
	for _, c := range benchTables {
		files, logical := benchDir(b, c)
		b.Run(c.name, func(b *testing.B) { benchScan(b, files, logical, benchEntries) })
	}
}

func benchScan(b *testing.B, files rocks.Files, logical int64, want int) {
	db := openDB(b, files)
	b.SetBytes(logical)
	b.ReportAllocs()
	for b.Loop() {
		s := db.Scan(db.Version.Family("s"), rocks.ScanConfig{})
		n := 0
		for s.Next() {
			n++
		}
		s.Close()
		if s.Err() != nil || n != want {
			b.Fatalf("%d entries: %v", n, s.Err())
		}
	}
	b.ReportMetric(float64(b.N)*float64(want)/1e6/b.Elapsed().Seconds(), "Mentries/s")
}

// BenchmarkScanMerging reads a column family with overlapping runs: one full level, a level with every tenth key again, and
// four files of level 0 with every fiftieth.
func BenchmarkScanMerging(b *testing.B) {
	files, logical := mergingDir(b)
	benchScan(b, files, logical, benchEntries)
}

func mergingDir(b testing.TB) (memFiles, int64) {
	b.Helper()
	files := memFiles{}
	v := &rocks.Version{Manifest: rocks.ManifestName(5), NextFile: 20, LastSequence: 20}
	var tables []*rocks.TableFile
	var logical int64
	for i, run := range []struct {
		level uint32
		step  int
	}{{6, 1}, {5, 10}, {0, 50}, {0, 49}, {0, 51}, {0, 53}} {
		var out bytes.Buffer
		w, err := rocks.NewTableWriter(&out, rocks.TableOptions{Compression: rocks.CompressionSnappy})
		if err != nil {
			b.Fatal(err)
		}
		var key, value []byte
		for k := 0; k < benchEntries; k += run.step {
			key, value = benchKey(key[:0], k), benchValue(value[:0], k, 50)
			logical += int64(len(key) + len(value))
			if err := w.Add(key, uint64(i+1), rocks.KindPut, value); err != nil {
				b.Fatal(err)
			}
		}
		t, err := w.Finish()
		if err != nil {
			b.Fatal(err)
		}
		t.Level, t.Number = run.level, uint64(10+i)
		tables = append(tables, t)
		files[t.Name()] = out.Bytes()
	}
	def, _ := rocks.NewFamily(0, rocks.DefaultFamily, nil)
	f, err := rocks.NewFamily(1, "s", tables)
	if err != nil {
		b.Fatal(err)
	}
	v.Families = append(v.Families, def, f)
	if files[v.Manifest], err = rocks.AppendManifest(nil, v); err != nil {
		b.Fatal(err)
	}
	files[rocks.CurrentName] = rocks.AppendCurrent(nil, 5)
	return files, logical
}

// countingFiles counts what is read.
type countingFiles struct {
	memFiles
	read *int64
}

type countingFile struct {
	rocks.File
	read *int64
}

func (c countingFiles) Open(name string) (rocks.File, error) {
	f, err := c.memFiles.Open(name)
	return countingFile{f, c.read}, err
}

func (c countingFile) ReadAt(p []byte, off int64) (int, error) {
	*c.read += int64(len(p))
	return c.File.ReadAt(p, off)
}

// BenchmarkGet looks keys up, once in tables that stay open, once in a directory that is opened for it.
func BenchmarkGet(b *testing.B) {
	files, _ := mergingDir(b)
	var read int64
	counting := countingFiles{files, &read}
	var key []byte
	var e rocks.Entry
	get := func(b *testing.B, db *rocks.DB, i int) {
		key = benchKey(key[:0], i*977%benchEntries)
		if ok, err := db.Get(db.Version.Family("s"), key, &e); !ok || err != nil {
			b.Fatalf("%v %v", ok, err)
		}
	}
	b.Run("open", func(b *testing.B) {
		db := openDB(b, counting)
		get(b, db, 0)
		read = 0
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			i++
			get(b, db, i)
		}
		b.ReportMetric(float64(read)/float64(b.N), "read-bytes/op")
	})
	b.Run("cold", func(b *testing.B) {
		read = 0
		i := 0
		for b.Loop() {
			i++
			db, err := rocks.Open(counting, rocks.ReadConfig{})
			if err != nil {
				b.Fatal(err)
			}
			get(b, db, i)
			db.Close()
		}
		b.ReportMetric(float64(read)/float64(b.N), "read-bytes/op")
	})
}

// BenchmarkWrite writes a table. MB/s are of keys and values.
func BenchmarkWrite(b *testing.B) {
	for _, c := range append(benchTables, benchTable{"100bytes-snappy-filter", 100, rocks.TableOptions{Compression: rocks.CompressionSnappy, FilterBits: 10}}) {
		b.Run(c.name, func(b *testing.B) { benchWrite(b, c) })
	}
}

func benchWrite(b *testing.B, c benchTable) {
	const n = 100_000
	var keys, values [n][]byte
	logical := int64(0)
	for i := range n {
		keys[i], values[i] = benchKey(nil, i), benchValue(nil, i, c.size)
		logical += int64(len(keys[i]) + len(values[i]))
	}
	b.SetBytes(logical)
	b.ReportAllocs()
	for b.Loop() {
		w, err := rocks.NewTableWriter(io.Discard, c.opts)
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if err := w.Put(keys[i], values[i]); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := w.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChecksum sums blocks of 4 KiB.
func BenchmarkChecksum(b *testing.B) {
	block := make([]byte, 4096)
	for _, c := range []rocks.ChecksumType{rocks.ChecksumCRC32C, rocks.ChecksumXXH32, rocks.ChecksumXXH64, rocks.ChecksumXXH3} {
		b.Run(fmt.Sprint(c), func(b *testing.B) {
			b.SetBytes(4096)
			for b.Loop() {
				rocks.BlockSum(c, block)
			}
		})
	}
}
