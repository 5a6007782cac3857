package changelog_test

import (
	"testing"

	"github.com/tarn-project/tarn/format/changelog"
	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/reader/backend"
)

// FuzzReplay: whatever the changes are, replaying them neither panics nor gives entries without a key, and counting agrees with
// scanning.
func FuzzReplay(f *testing.F) {
	for _, c := range replays {
		if len(c.changes) > 1 {
			f.Add(c.changes[0], c.changes[1])
		}
	}
	known := infos(f)
	metas := meta(f, known)
	below := newBelow(f, known, replays[0].below)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		src, err := open(below, memory(metas, change(changelog.Set, "count", str("k"), void, i64(1)), a, b))
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		sc := src.NewScanner()
		defer sc.Close()
		n := int64(0)
		_ = sc.Scan(backend.Query{Group: group}, func(e *entry.Entry) bool {
			if n++; len(e.Key) == 0 || e.State == nil {
				t.Fatalf("%+v", e)
			}
			return true
		})
		tally := make([]keyed.Tally, len(src.States()))
		_ = sc.Count(group, tally)
		for _, c := range tally {
			n -= c.Entries
		}
		if n != 0 {
			t.Fatalf("%d entries more than counted", n)
		}
	})
}
