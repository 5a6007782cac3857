package overview_test

import (
	"strings"
	"testing"

	"github.com/tarn-project/tarn/fixtures"
	"github.com/tarn-project/tarn/reader/overview"
)

// TestParts: every file of native keyed state is told by its logical names, every table with its place, and the levels add up to the tables.
func TestParts(t *testing.T) {
	native := 0
	fixtures.Each(t, fixtures.InGroup(fixtures.GroupNative), func(t *testing.T, f *fixtures.Fixture) {
		v, err := look(t, f.Dir, overview.Options{CountUpTo: -1, Jobs: 1, Files: true})
		if err != nil {
			t.Fatal(err)
		}
		tables, levels := 0, 0
		names := map[string]bool{}
		for _, file := range append(v.FileList, v.InlineList...) {
			sum := int64(0)
			for _, p := range file.Parts {
				sum += p.Bytes
				if names[p.User+p.Logical] && strings.HasSuffix(p.Logical, ".sst") {
					t.Errorf("%s of %s stands twice", p.Logical, p.User)
				}
				names[p.User+p.Logical] = true
				if (p.Table != nil) != strings.HasSuffix(p.Logical, ".sst") {
					t.Errorf("%s of %s: table %v", p.Logical, p.User, p.Table)
				}
				if p.Table == nil {
					continue
				}
				if p.Table.Level != nil {
					tables++
				}
				if p.Table.Unreadable || p.Table.State == "" || p.Table.KeyGroups == "" || p.Table.Entries == 0 {
					t.Errorf("%s: %+v", p.Logical, p.Table)
				}
			}
			if len(file.Parts) > 0 && strings.Contains(file.Users[0], "managed keyed") && len(file.Users) == 1 && sum != file.Bytes && file.Parts[0].Role != "changes" {
				t.Errorf("%s has %d bytes, its parts %d", file.Written, file.Bytes, sum)
			}
		}
		for _, o := range v.Operators {
			entries := map[string]int64{}
			for _, s := range o.States {
				if s.Entries != nil {
					entries[s.Name] += *s.Entries
				}
			}
			records := map[string]uint64{}
			for _, l := range o.Levels {
				levels += l.Tables
				records[l.State] += l.Records
			}
			for state, n := range records {
				if int64(n) < entries[state] && !strings.Contains(strings.Join(o.Layouts, " "), "changelog") {
					t.Errorf("%s: %d records hold %d entries", state, n, entries[state])
				}
			}
			native += len(o.Levels)
		}
		if levels != tables {
			t.Errorf("%d tables in levels, %d in files", levels, tables)
		}
	})
	if native < 100 {
		t.Errorf("only %d levels", native)
	}
}
