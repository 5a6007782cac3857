package rocks_test

import (
	"path/filepath"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/internal/snaptest"
)

// verifyAll verifies all tables of a directory and gives the number of complaints.
func verifyAll(t *testing.T, files rocks.Files) {
	t.Helper()
	db := openDB(t, files)
	for _, f := range db.Version.Families {
		for _, meta := range f.Files() {
			table, release, err := db.Table(meta)
			if err != nil {
				t.Fatal(err)
			}
			table.Verify(meta, func(err error) { t.Errorf("%s: %v", f.Name, err) })
			release()
		}
	}
}

func TestVerify(t *testing.T) {
	for _, f := range fixtures(t) {
		t.Run(f.name, func(t *testing.T) { verifyAll(t, f.dir()) })
	}
}

func TestVerifyCorpus(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join(snaptest.Shared(t, "corpus-rocksdb"), "*", "db"))
	for _, d := range dirs {
		t.Run(filepath.Base(filepath.Dir(d)), func(t *testing.T) { verifyAll(t, dir(d)) })
	}
}
