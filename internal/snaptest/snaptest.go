// Package snaptest gives tests the bytes behind the handles of real snapshots, and finds more of such snapshots than the project's own.
package snaptest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
)

// Shared gives the path of a file or directory of the reference material that a machine may have beside the project's own fixtures: below
// the directory that TARN_SHARED names, or below the directory "shared" beside the checkout. Where it is missing the test is skipped.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("TARN_SHARED")
	if root == "" {
		root = filepath.Join(moduleRoot(t), "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no reference material: %s is missing, in the directory that TARN_SHARED names or in \"shared\" beside the checkout", filepath.Join(elem...))
	}
	return path
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
	}
}

// Metadata decodes the _metadata of a fixture.
func Metadata(t testing.TB, f *fixtures.Fixture) *metadata.Metadata {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(f.Dir, "_metadata"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := metadata.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Stream gives the bytes behind a stream handle of a fixture, nil if there are none.
func Stream(t testing.TB, f *fixtures.Fixture, h metadata.StreamHandle) []byte {
	t.Helper()
	if b, ok := h.(*metadata.ByteStream); ok {
		return b.Data
	}
	ref, ok := metadata.ReferenceOf(h)
	if !ok {
		return nil
	}
	path := filepath.Join(f.Dir, ref.Path)
	if !ref.Relative {
		_, rest, found := strings.Cut(ref.Path, f.Truth.OriginalRoot)
		if !found {
			t.Fatalf("%s is not below %s", ref.Path, f.Truth.OriginalRoot)
		}
		path = filepath.Join(f.Root, rest)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if seg, ok := h.(*metadata.Segment); ok {
		return b[seg.Start : seg.Start+seg.Length]
	}
	return b
}
