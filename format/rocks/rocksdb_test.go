package rocks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tarn-project/tarn/format/rocks"
)

// rocksDBs are the bindings that Flink 1.13, 1.20 and 2.x have, with the newest format version they read.
var rocksDBs = []struct {
	version string
	format  uint32
}{
	{"5.17.2-ververica-2.1", 4},
	{"6.20.3-ververica-2.0", 5},
	{"8.10.0-ververica-1.0", 5},
}

// maker builds testdata/maker against a version of RocksDB and gives the class path.
func maker(t *testing.T, version string) string {
	t.Helper()
	if os.Getenv("TARN_TIER") != "flink" {
		t.Skip("real RocksDB is asked only with TARN_TIER=flink; needs Java and Maven")
	}
	work := t.TempDir()
	run(t, nil, "mvn", "-q", "-B", "-f", "testdata/maker/pom.xml", "dependency:copy-dependencies", "-Drocks.version="+version, "-DoutputDirectory="+work)
	jar := filepath.Join(work, "frocksdbjni-"+version+".jar")
	run(t, nil, "javac", "-nowarn", "-d", work, "-cp", jar, "testdata/maker/src/Maker.java")
	return jar + string(filepath.ListSeparator) + work
}

func run(t *testing.T, out io.Writer, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var messages bytes.Buffer
	cmd.Stderr, cmd.Stdout = &messages, out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, messages.Bytes())
	}
}

// dump gives what RocksDB reads from a directory; it also looks every key up, through the filters.
func dump(t *testing.T, classPath, path string) truth {
	t.Helper()
	var b bytes.Buffer
	run(t, &b, "java", "-cp", classPath, "Maker", "dump", path, "lookups")
	var got truth
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for name, rows := range got.Families {
		if len(rows) == 0 {
			got.Families[name] = nil
		}
	}
	return got
}

// diskSink writes a directory of the file system.
type diskSink string

func (d diskSink) Create(name string) (io.WriteCloser, error) {
	return os.Create(filepath.Join(string(d), name))
}

// TestRocksDBOpens has real RocksDB read what was written here, entry by entry.
func TestRocksDBOpens(t *testing.T) {
	for _, r := range rocksDBs {
		t.Run(r.version, func(t *testing.T) {
			classPath := maker(t, r.version)
			for _, o := range tableOptions {
				if o.FormatVersion > r.format {
					continue
				}
				t.Run(optionsName(o), func(t *testing.T) {
					small, large := t.TempDir(), t.TempDir()
					want := rewrite(t, dir("testdata/db/8.10-default"), diskSink(small), o, 1500)
					if got := dump(t, classPath, small); !reflect.DeepEqual(got, want) {
						t.Errorf("RocksDB reads %v, expected %v", got, want)
					}
					want = writeLarge(t, diskSink(large), o)
					if got := dump(t, classPath, large); !reflect.DeepEqual(got, want) {
						t.Error("RocksDB reads other entries than were written")
					}
				})
			}
			t.Run("manifest of levels and sequence numbers", func(t *testing.T) { rocksDBReadsManifest(t, classPath) })
		})
	}
}

// writeLarge writes keys and values of many lengths: empty ones, ones longer than a block, ones that share long prefixes.
func writeLarge(t *testing.T, to rocks.Sink, o rocks.TableOptions) truth {
	t.Helper()
	r := rand.New(rand.NewSource(3))
	w, err := rocks.NewDirWriter(to, rocks.DirConfig{Table: o, TargetSize: 300 << 10})
	if err != nil {
		t.Fatal(err)
	}
	want := truth{Families: map[string][][2]string{"default": nil, "empty": nil}}
	if _, err := w.Family("empty"); err != nil {
		t.Fatal(err)
	}
	f, err := w.Family("größe \"1\"")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20000 {
		key := fmt.Appendf(nil, "\x00%c%0*d", i>>8, 1+r.Intn(2)*r.Intn(200), i&0xff)
		key = append(key[:2:2], append([]byte{byte(i)}, key[2:]...)...)
		value := bytes.Repeat([]byte{byte(r.Intn(256)), byte(i)}, r.Intn(60))
		if i%3000 == 7 {
			value = make([]byte, 50_000)
			r.Read(value)
		}
		if err := f.Put(key, value); err != nil {
			t.Fatal(err)
		}
		want.Families["größe \"1\""] = append(want.Families["größe \"1\""], [2]string{fmt.Sprintf("%x", key), fmt.Sprintf("%x", value)})
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return want
}

// rocksDBReadsManifest has tables of a real directory, with their levels and history, described by a MANIFEST made here.
func rocksDBReadsManifest(t *testing.T, classPath string) {
	to := t.TempDir()
	files := load(t, "testdata/db/5.17-v3-ranges")
	v := openDB(t, files).Version
	b, err := rocks.AppendManifest(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files.with(v.Manifest, b) {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := readTruth(t, "testdata/db/truth-ranges.json")
	want.Families["default"] = nil
	if got := dump(t, classPath, to); !reflect.DeepEqual(got.Families, want.Families) {
		t.Errorf("RocksDB reads %v, expected %v", got, want)
	}
}
