package validate

import (
	"strings"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/reader"
)

// database is the directory that an incremental handle describes. It implements rocks.Files.
type database struct {
	r       *run
	op      *reader.Operator
	subtask int
	files   map[string]metadata.StreamHandle
}

// Open implements rocks.Files.
func (d *database) Open(name string) (rocks.File, error) {
	h, ok := d.files[name]
	if !ok {
		e := fault.New(fault.ErrCorrupt, "the handle has no file of this name")
		e.File = name
		return nil, e
	}
	return d.r.snap.OpenStream(d.r.ctx, h)
}

// name says where a file of the directory is.
func (d *database) name(logical string) string {
	if h, ok := d.files[logical]; ok {
		if loc := d.r.snap.Locate(d.r.ctx, h); loc.Name != "" {
			return loc.Name
		}
	}
	return logical
}

// finding makes one of an error in a file of the directory.
func (d *database) finding(err error, logical string) Finding {
	f := findingOf(err)
	f.Place.Operator, f.Place.Subtask = d.op.Label(), d.subtask
	if f.Place.File != "" {
		logical = f.Place.File
	}
	f.Place.File = d.name(logical)
	f.Message = logical + ": " + f.Message
	return f
}

// databases calls do with every database of the snapshot, those below changelogs too.
func (r *run) databases(do func(d *database)) {
	one := func(op *reader.Operator, s *metadata.Subtask, h metadata.KeyedHandle) {
		inc, ok := h.(*metadata.Incremental)
		if !ok {
			return
		}
		d := &database{r: r, op: op, subtask: s.Index, files: map[string]metadata.StreamHandle{}}
		for _, list := range [][]metadata.NamedStream{inc.Shared, inc.Private} {
			for _, f := range list {
				d.files[f.LocalPath] = f.Stream
			}
		}
		do(d)
	}
	r.keyedHandles(func(op *reader.Operator, s *metadata.Subtask, _ metadata.Slot, h metadata.KeyedHandle) {
		one(op, s, h)
		nested(h, func(k metadata.KeyedHandle) { one(op, s, k) })
	})
}

// rocksManifest compares MANIFEST with the files that the handle lists.
func rocksManifest(r *run, report func(Finding)) {
	r.databases(func(d *database) {
		db, err := rocks.Open(d, rocks.ReadConfig{})
		if err != nil {
			if !isLost(err) {
				report(d.finding(err, "MANIFEST"))
			}
			return
		}
		defer db.Close()
		used := map[string]bool{}
		for _, f := range db.Version.Families {
			for _, t := range f.Files() {
				used[t.Name()] = true
				report := func(format string, args ...any) {
					n := d.finding(fault.New(fault.ErrCorrupt, format, args...), t.Name())
					n.Place.State = f.Name
					report(n)
				}
				h, ok := d.files[t.Name()]
				switch {
				case !ok:
					report("MANIFEST has this table, the handle has no such file")
				case h.Size() != int64(t.Size):
					report("%d bytes, expected %d, as MANIFEST says", h.Size(), t.Size)
				}
			}
		}
		d.options(report)
		for name := range d.files {
			if _, ok := rocks.ParseTableName(name); ok && !used[name] {
				n := d.finding(fault.New(fault.ErrCorrupt, "a table that MANIFEST does not have"), name)
				n.Severity, n.own = Warning, true
				n.Fix = "nothing: it is dead weight that the next compaction of the job drops"
				report(n)
			}
		}
	})
}

// options reads the OPTIONS files. RocksDB opens without them: people and tools look there.
func (d *database) options(report func(Finding)) {
	for name := range d.files {
		if !strings.HasPrefix(name, "OPTIONS-") {
			continue
		}
		f, err := d.Open(name)
		if err == nil {
			_, err = rocks.ReadOptionsFile(f, name)
			f.Close()
		}
		if err != nil && !isLost(err) {
			n := d.finding(err, name)
			n.Severity, n.own = Warning, true
			report(n)
		}
	}
}

// rocksTables reads every block of every table.
func rocksTables(r *run, report func(Finding)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(1, r.o.Jobs))
	r.databases(func(d *database) {
		db, err := rocks.Open(d, rocks.ReadConfig{})
		if err != nil {
			return // rocksdb-manifest says so
		}
		var tables sync.WaitGroup
		for _, f := range db.Version.Families {
			for _, t := range f.Files() {
				if _, ok := d.files[t.Name()]; !ok || r.ctx.Err() != nil {
					continue
				}
				slots <- struct{}{}
				tables.Add(1)
				wg.Go(func() {
					defer func() { tables.Done(); <-slots }()
					d.verify(db, f, t, report)
				})
			}
		}
		wg.Go(func() {
			tables.Wait()
			if err := db.Close(); err != nil && !isLost(err) {
				report(d.finding(err, db.Version.Manifest))
			}
		})
	})
	wg.Wait()
}

func (d *database) verify(db *rocks.DB, f *rocks.Family, meta *rocks.TableFile, report func(Finding)) {
	tell := func(err error) {
		if isLost(err) || d.r.ctx.Err() != nil {
			return
		}
		n := d.finding(err, meta.Name())
		n.Place.State = f.Name
		report(n)
	}
	t, release, err := db.Table(meta)
	if err != nil {
		tell(err)
		return
	}
	defer release()
	t.Verify(meta, tell)
}
