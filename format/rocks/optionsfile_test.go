package rocks_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/rocks"
)

func TestOptionsFile(t *testing.T) {
	for _, c := range []struct{ dir, file, version, format, checksum string }{
		{"5.17-default", "OPTIONS-000031", "5.17.2", "0", "kCRC32c"},
		{"6.20-default", "OPTIONS-000032", "6.20.3", "5", "kCRC32c"},
		{"8.10-default", "OPTIONS-000024", "8.10.0", "5", "kXXH3"},
	} {
		f, err := dir(filepath.Join("testdata", "db", c.dir)).Open(c.file)
		if err != nil {
			t.Fatal(err)
		}
		o, err := rocks.ReadOptionsFile(f, c.file)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := []string{
			o.RocksDBVersion(), o.Table("größe").Get("format_version"), o.Table("größe").Get("checksum"), o.MergeOperator("list"),
			o.Family("list").Get("comparator"), o.Family("val").Get("compression"), o.DB().Get("wal_dir"), o.MergeOperator("no such family"),
		}
		want := []string{c.version, c.format, c.checksum, "StringAppendTESTOperator", rocks.BytewiseComparator, "kSnappyCompression", got[6], ""}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, expected %q", c.dir, got, want)
		}
		again, err := rocks.ParseOptionsFile(o.Append(nil))
		if err != nil || !reflect.DeepEqual(again, o) {
			t.Errorf("%s: another file after writing and reading it (%v)", c.dir, err)
		}
	}
}

func TestOptionsFileRefuses(t *testing.T) {
	for _, bad := range []string{"", "# only a comment\n", "a=b\n", "[Version\n", "[]\n", "[Version]\nno equals sign\n", "[Version]\n=x\n", "[CFOptions \"x]\n"} {
		if _, err := rocks.ParseOptionsFile([]byte(bad)); !errors.Is(err, fault.ErrCorrupt) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzOptionsFile(f *testing.F) {
	files, _ := filepath.Glob("testdata/db/*/OPTIONS-*")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("[CFOptions \"a\\#\\\\\\:\\n\"] # comment\n x = y\\# # z\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := rocks.ParseOptionsFile(b)
		if err != nil {
			return
		}
		again, err := rocks.ParseOptionsFile(o.Append(nil))
		if err != nil || !reflect.DeepEqual(again, o) {
			t.Fatalf("%+v was read, %+v after writing it (%v)", o, again, err)
		}
	})
}
