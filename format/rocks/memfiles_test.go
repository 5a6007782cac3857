package rocks_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
)

// memFiles is a directory in memory.
type memFiles map[string][]byte

func (m memFiles) Open(name string) (rocks.File, error) {
	b, ok := m[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return memFile{bytes.NewReader(b)}, nil
}

type memFile struct{ *bytes.Reader }

func (memFile) Close() error { return nil }

// load reads a directory into memory.
func load(t testing.TB, path string) memFiles {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	m := memFiles{}
	for _, e := range entries {
		if m[e.Name()], err = os.ReadFile(filepath.Join(path, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// with gives the directory with one file replaced, or removed if b is nil.
func (m memFiles) with(name string, b []byte) memFiles {
	n := memFiles{}
	for k, v := range m {
		n[k] = v
	}
	if n[name] = b; b == nil {
		delete(n, name)
	}
	return n
}
