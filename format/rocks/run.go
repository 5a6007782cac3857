package rocks

import (
	"bytes"
	"sort"
)

// run walks over the entries of one sorted run: a file of level 0, or all files of another level one after another.
type run struct {
	s     *Scanner
	level uint32
	files []*TableFile // still to come, the current one excluded

	ref *tableRef
	it  *TableIter
}

// next moves to the next entry.
func (r *run) next() bool {
	if r.it.Next() || r.recover() {
		return true
	}
	return r.enter(nil)
}

// recover goes on behind damage in the current table, if the caller of the scan wants that.
func (r *run) recover() bool {
	for r.it.err != nil {
		lower, upper := r.it.lost()
		if !r.s.damage(r.ref.meta, r.it.err, lower, upper) {
			return false
		}
		if r.it.resume() {
			return true
		}
	}
	return false
}

// enter opens the next table that has an entry at or after lower; nil is the beginning. The run is over if it is false.
func (r *run) enter(lower []byte) bool {
	r.close()
	for len(r.files) > 0 && r.s.err == nil {
		meta := r.files[0]
		r.files = r.files[1:]
		if r.s.bad[meta.Number] {
			continue
		}
		ref, err := r.s.db.acquire(meta)
		if err != nil {
			r.s.damage(meta, err, meta.Smallest.User(), meta.Largest.User())
			continue
		}
		r.ref, r.it = ref, ref.Iter()
		r.it.most = min(r.it.most, r.s.ahead)
		if r.begin(lower) || r.recover() {
			return true
		}
		r.close()
	}
	return false
}

func (r *run) begin(lower []byte) bool {
	if lower != nil && bytes.Compare(lower, r.ref.meta.Smallest.User()) > 0 {
		return r.it.Seek(lower)
	}
	return r.it.First()
}

// close gives the current table back.
func (r *run) close() {
	if r.it != nil {
		r.it.Close()
		r.s.db.release(r.ref)
	}
	r.it, r.ref = nil, nil
}

// within gives the files of a sorted level that can hold keys in [lower, upper).
func within(files []*TableFile, lower, upper []byte) []*TableFile {
	if lower != nil {
		i := sort.Search(len(files), func(i int) bool { return bytes.Compare(files[i].Largest.User(), lower) >= 0 })
		files = files[i:]
	}
	if upper != nil {
		i := sort.Search(len(files), func(i int) bool { return bytes.Compare(files[i].Smallest.User(), upper) >= 0 })
		files = files[:i]
	}
	return files
}

// runs gives the sorted runs of a column family that can hold keys in [lower, upper).
func (f *Family) runs(lower, upper []byte) []*run {
	var all []*run
	for _, l := range f.Levels {
		if l.Number > 0 {
			if files := within(l.Files, lower, upper); len(files) > 0 {
				all = append(all, &run{level: l.Number, files: files})
			}
			continue
		}
		for i := range l.Files {
			if files := within(l.Files[i:i+1], lower, upper); len(files) > 0 {
				all = append(all, &run{files: files})
			}
		}
	}
	return all
}
