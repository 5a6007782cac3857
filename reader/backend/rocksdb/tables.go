package rocksdb

import (
	"slices"
	"strings"
	"time"

	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/reader/backend"
)

// Tables implements backend.Tabled.
func (s *source) Tables() []backend.Table {
	var out []backend.Table
	if s.db == nil {
		return nil
	}
	used := map[string]bool{}
	for _, f := range s.db.Version.Families {
		for _, meta := range f.Files() {
			used[meta.Name()] = true
			out = append(out, s.table(f, meta))
		}
	}
	for name := range s.dir.streams {
		if _, ok := rocks.ParseTableName(name); ok && !used[name] {
			out = append(out, backend.Table{Name: name, Level: backend.NoLevel})
		}
	}
	slices.SortFunc(out, func(a, b backend.Table) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (s *source) table(f *rocks.Family, meta *rocks.TableFile) backend.Table {
	t := backend.Table{
		Name: meta.Name(), Level: int(meta.Level), Bytes: int64(meta.Size), State: f.Name,
		Groups: s.span(meta.Smallest.User(), meta.Largest.User()), Smallest: meta.Smallest.User(), Largest: meta.Largest.User(),
	}
	if meta.CreationTime > 0 {
		t.Created = time.Unix(int64(meta.CreationTime), 0).UTC()
	}
	table, release, err := s.db.Table(meta)
	if err != nil {
		t.Err = s.dir.place(err)
		return t
	}
	defer release()
	p := &table.Properties
	t.Entries, t.Deletions, t.Merges, t.Ranges = p.Entries, p.Deletions, p.MergeOperands, p.RangeDeletions
	t.Format, t.Codec = int(table.Footer.FormatVersion), p.Compression
	if t.Created.IsZero() && p.FileCreationTime > 0 {
		t.Created = time.Unix(int64(p.FileCreationTime), 0).UTC()
	}
	return t
}
