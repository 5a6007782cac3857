package rocksdb_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/reader"
	"github.com/tarn-project/tarn/store/file"
)

// rows reads all keyed state of a snapshot: what is in it, whatever holds it. Two runs of a job write other last-access times.
func rows(t *testing.T, f *fixtures.Fixture) []string {
	t.Helper()
	s, err := reader.Open(t.Context(), file.Store{}, f.Dir, reader.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var out []string
	err = s.Scan(t.Context(), reader.Selection{}, 2, func(_ int, task *reader.Task) error {
		task.Each(func(e *entry.Entry) bool {
			if !e.State.Kind.Keyed() {
				return true
			}
			if e.State.TTL && !e.NullValue && len(e.Value) >= 8 {
				e.Value = e.Value[8:]
			}
			if e.State.TTL {
				for i := range e.Elements {
					e.Elements[i] = e.Elements[i][8:]
				}
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, e.State.OperatorID+" "+text(e))
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// TestFormsAgree: one job at one point of its life is the same in a canonical savepoint, a native one, an incremental checkpoint and a
// changelog checkpoint.
func TestFormsAgree(t *testing.T) {
	all, err := fixtures.List()
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string][]string{}
	for _, i := range all {
		if i.HasTag("forms") {
			key := i.FlinkVersion + " " + i.Job
			forms[key] = append(forms[key], i.Name)
		}
	}
	if len(forms) == 0 {
		t.Fatal("no fixtures of several forms")
	}
	for key, names := range forms {
		t.Run(key, func(t *testing.T) {
			if len(names) < 4 {
				t.Errorf("only %v", names)
			}
			var first []string
			for _, name := range names {
				f, err := fixtures.Load(name)
				if err != nil {
					t.Fatal(err)
				}
				got := rows(t, f)
				if first == nil {
					first = got
				}
				if len(got) < 100 {
					t.Errorf("%s has only %d entries", name, len(got))
				}
				for _, row := range got {
					if _, ok := slices.BinarySearch(first, row); !ok {
						t.Errorf("%s has, and %s has not:\n%s", name, names[0], row)
						break
					}
				}
				if len(got) != len(first) {
					t.Errorf("%s has %d entries, %s %d", name, len(got), names[0], len(first))
				}
			}
			t.Log(strings.Join(names, ", "), len(first))
		})
	}
}
