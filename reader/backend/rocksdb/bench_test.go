package rocksdb_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/rocksdb"
	"github.com/tarn-project/tarn/store"
)

const (
	benchKeys  = 100_000
	benchInner = 5 // entries of each map
)

// memory is a directory being written.
type memory map[string]*bytes.Buffer

type closer struct{ *bytes.Buffer }

func (closer) Close() error { return nil }

func (m memory) Create(name string) (io.WriteCloser, error) {
	m[name] = &bytes.Buffer{}
	return closer{m[name]}, nil
}

// benchHandle is a database with the states of a fixture, of which a value and a map state have many entries; counted is what is read.
func benchHandle(b *testing.B, counted *int64) handle {
	b.Helper()
	h := largest(b, damaged)
	obj, err := h.env.Open(context.Background(), h.Meta)
	if err != nil {
		b.Fatal(err)
	}
	meta, err := io.ReadAll(io.NewSectionReader(obj, 0, obj.Size()))
	if err != nil {
		b.Fatal(err)
	}
	header, err := keyed.ReadHeader(serde.NewContext(nil), meta, 0)
	if err != nil {
		b.Fatal(err)
	}
	files := memory{}
	w, err := rocks.NewDirWriter(files, rocks.DirConfig{Table: rocks.TableOptions{Compression: rocks.CompressionSnappy}, TargetSize: 4 << 20})
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range header.States {
		f, err := w.Family(s.Name)
		if err != nil {
			b.Fatal(err)
		}
		for i := range benchKeys {
			if err := benchEntry(f, s.Name, i); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := w.Finish(); err != nil {
		b.Fatal(err)
	}
	out := &metadata.Incremental{Range: keygroup.Range{First: 0, Last: 127}, Meta: &metadata.ByteStream{Data: meta}}
	for name, content := range files {
		out.Private = append(out.Private, metadata.NamedStream{LocalPath: name, Stream: &metadata.ByteStream{Data: content.Bytes()}})
	}
	env := &backend.Env{
		Families: serde.BuiltinRegistry(), MaxParallelism: 128, Name: func(metadata.StreamHandle) string { return "" },
		Open: func(_ context.Context, h metadata.StreamHandle) (store.Object, error) {
			return counting{bytes.NewReader(h.(*metadata.ByteStream).Data), counted}, nil
		},
	}
	return handle{out, env}
}

// benchEntry writes what a state has of a key: "count" is a long, "ttl-by-id" a map from string to long with TTL.
func benchEntry(f *rocks.FamilyWriter, state string, i int) error {
	key := append(binary.AppendUvarint([]byte{byte(i * 128 / benchKeys)}, 13), fmt.Sprintf("key-%08d", i)...)
	key = append(key, 0)
	switch state {
	case "count":
		return f.Put(key, binary.BigEndian.AppendUint64(nil, uint64(i)*0x9e3779b9))
	case "ttl-by-id":
		for j := range benchInner {
			inner := append(append(key[:len(key):len(key)], 4), fmt.Sprintf("m-%d", j)...)
			value := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte{0}, 1795240559314), uint64(i))
			if err := f.Put(inner, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// counting counts what is read.
type counting struct {
	*bytes.Reader
	n *int64
}

func (counting) Close() error { return nil }

func (c counting) ReadAt(p []byte, off int64) (int, error) {
	*c.n += int64(len(p))
	return c.Reader.ReadAt(p, off)
}

// BenchmarkScan reads a value state and a map state, entries split into their parts.
func BenchmarkScan(b *testing.B) {
	var read int64
	src := benchHandle(b, &read).open(b)
	defer src.Close()
	for _, c := range []struct {
		state string
		n     int
	}{{"count", benchKeys}, {"ttl-by-id", benchKeys * benchInner}} {
		want := make([]bool, len(src.States()))
		for i, s := range src.States() {
			want[i] = s.Name == c.state
		}
		b.Run(c.state, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				sc := src.NewScanner()
				for g := range 128 {
					if err := sc.Scan(backend.Query{Group: g, Want: want}, func(*entry.Entry) bool { n++; return true }); err != nil {
						b.Fatal(err)
					}
				}
				sc.Close()
				if n != c.n {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(b.N)*float64(c.n)/1e6/b.Elapsed().Seconds(), "Mentries/s")
		})
	}
}

// BenchmarkLookup opens the handle and looks one key up in all states.
func BenchmarkLookup(b *testing.B) {
	var read int64
	h := benchHandle(b, &read)
	key := append([]byte{13}, "key-00050000"...)
	read = 0
	for b.Loop() {
		src, err := rocksdb.Backend{}.Open(context.Background(), h.env, h.Incremental)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		sc := src.NewScanner()
		if err := sc.Scan(backend.Query{Group: 64, Key: key}, func(*entry.Entry) bool { n++; return true }); err != nil {
			b.Fatal(err)
		}
		sc.Close()
		src.Close()
		if n != 1+benchInner {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(read)/float64(b.N), "read-B/op")
}
