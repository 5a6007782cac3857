package validate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
)

// snapshotCopy is a copy of a fixture to damage.
type snapshotCopy struct {
	root string // the copy of Fixture.Root
	dir  string // of _metadata
}

func loadCopy(t *testing.T, name string) *snapshotCopy {
	t.Helper()
	f, err := fixtures.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	c := &snapshotCopy{root: t.TempDir()}
	if err := os.CopyFS(c.root, os.DirFS(f.Root)); err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(f.Root, f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	c.dir = filepath.Join(c.root, rel)
	return c
}

func (c *snapshotCopy) metadata() string { return filepath.Join(c.dir, "_metadata") }

func (c *snapshotCopy) read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (c *snapshotCopy) write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// decode reads _metadata.
func (c *snapshotCopy) decode(t *testing.T) *metadata.Metadata {
	t.Helper()
	m, err := metadata.Decode(c.read(t, c.metadata()))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// editMetadata changes _metadata as a value and writes it back.
func (c *snapshotCopy) editMetadata(t *testing.T, edit func(*metadata.Metadata)) {
	t.Helper()
	m := c.decode(t)
	edit(m)
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, c.metadata(), b)
}
