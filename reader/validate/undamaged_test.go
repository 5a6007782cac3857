package validate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/reader/validate"
	"github.com/tarn-project/tarn/store/file"
)

// expected are the warnings that real snapshots have, and when.
var expected = map[string]func(i fixtures.Index) bool{
	"uid-missing": func(i fixtures.Index) bool {
		return i.MetadataVersion >= 5 // of jobs that set no uid, and of operators that SQL and sinks add
	},
	"paths-moved": func(i fixtures.Index) bool { return i.Kind == "checkpoint" || i.Backend == "forst" }, // they were copied here
	"compressed-offsets": func(i fixtures.Index) bool {
		return i.FlinkVersion == "1.18.1" && i.HasTag("snappy")
	},
	"native-savepoint-timers": func(i fixtures.Index) bool { return i.Kind == "native" && (i.HasTag("heaptimers") || !i.Timers) },
	"leftovers":               func(i fixtures.Index) bool { return i.Kind == "checkpoint" },
	"keyed-complete":          func(i fixtures.Index) bool { return i.Job == "lazy" },
}

// TestUndamaged: what real Flink wrote breaks no rule of severity error, and warns only of what is known.
func TestUndamaged(t *testing.T) {
	own, err := fixtures.DataDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("fixtures", func(t *testing.T) { undamaged(t, own) })
	t.Run("corpus", func(t *testing.T) {
		dir := shared(t, "corpus")
		undamaged(t, dir)
	})
}

// shared finds reference material that lies outside of the project.
func shared(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("TARN_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference material at %s", dir)
	}
	return dir
}

func undamaged(t *testing.T, dir string) {
	list, err := fixtures.ListDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		rep := check(t, filepath.Join(dir, filepath.FromSlash(i.Snapshot)), validate.Options{Deep: true, Jobs: 2})
		for _, f := range rep.Findings {
			if ok := expected[f.Rule]; f.Severity == validate.Info || f.Severity == validate.Warning && ok != nil && ok(i) {
				continue
			}
			t.Errorf("%s: %s %s %s: %s", i.Name, f.Severity, f.Rule, f.Place, f.Message)
		}
	}
}

func check(t *testing.T, dir string, o validate.Options) *validate.Report {
	t.Helper()
	rep, err := validate.Check(t.Context(), file.Store{}, dir, reader.Options{}, o)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return rep
}

// TestSameTwice: two runs, with other numbers of goroutines, give the same report, also where there is much to find.
func TestSameTwice(t *testing.T) {
	for _, name := range []string{"1.20.3-lean-rocksdb-checkpoint-levels", "2.3.0-ledger-hashmap-savepoint"} {
		f := loadCopy(t, name)
		damageKeys(t, f)
		a := check(t, f.dir, validate.Options{Deep: true, Jobs: 1})
		for range 3 {
			b := check(t, f.dir, validate.Options{Deep: true, Jobs: 4})
			if !slices.Equal(lines(a), lines(b)) {
				t.Errorf("%s:\n%s\nand\n%s", name, strings.Join(lines(a), "\n"), strings.Join(lines(b), "\n"))
			}
		}
		if len(a.Findings) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
}

// damageKeys makes all keys of an operator wrong: its max parallelism is another one.
func damageKeys(t *testing.T, f *snapshotCopy) {
	f.editMetadata(t, func(m *metadata.Metadata) {
		for i := range m.Operators {
			if m.Operators[i].MaxParallelism == 128 {
				m.Operators[i].MaxParallelism = 127
			}
		}
	})
}

func lines(r *validate.Report) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.Severity.String()+" "+f.Rule+" "+f.Place.String()+" "+f.Message)
	}
	return out
}

// TestRules: every rule is documented, and has a name of its own.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range validate.Rules() {
		if r.ID == "" || seen[r.ID] {
			t.Errorf("rule %q is there twice", r.ID)
		}
		seen[r.ID] = true
		if r.Doc == "" || r.Prevents == "" || r.Fix == "" || strings.HasSuffix(r.Doc, ".") {
			t.Errorf("rule %s is not documented: %q %q %q", r.ID, r.Doc, r.Prevents, r.Fix)
		}
	}
	for id := range expected {
		if !seen[id] {
			t.Errorf("no rule %s", id)
		}
	}
}
