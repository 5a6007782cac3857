package rocks

import (
	"bytes"
	"slices"

	"github.com/tarn-project/tarn/format/fault"
)

// Entry is the result of a point lookup. It owns its memory and can be used for further lookups.
type Entry struct {
	folded
	versions []version
}

type version struct {
	trailer uint64
	val     []byte
}

// Get looks one key up. Of each table that can hold it, it reads footer and index (once, while the table is kept open)
// and one data block, from the newest level down until a value or a deletion is found.
func (d *DB) Get(f *Family, key []byte, e *Entry) (found bool, err error) {
	if f.Comparator != BytewiseComparator {
		return false, fault.New(fault.ErrUnsupported, "column family %q has comparator %q", f.Name, f.Comparator).WithExpected("%q", BytewiseComparator)
	}
	e.reset()
	var dels []bounded
	for _, l := range f.Levels {
		files := l.candidates(key)
		e.versions = e.versions[:0]
		for _, meta := range files {
			if dels, err = d.lookIn(meta, key, e, dels); err != nil {
				return false, err
			}
		}
		slices.SortStableFunc(e.versions, func(a, b version) int { return compareUint(b.trailer, a.trailer) })
		more, err := e.foldVersions(key, newRangeDels(slices.Clone(dels)))
		if err != nil {
			return false, err
		}
		if !more {
			break
		}
	}
	return e.finish(), nil
}

// candidates gives the files whose bounds contain key.
func (l Level) candidates(key []byte) []*TableFile {
	if l.Number > 0 {
		after := append(slices.Clone(key), 0)
		return within(l.Files, key, after)
	}
	var some []*TableFile
	for _, t := range l.Files {
		if bytes.Compare(t.Smallest.User(), key) <= 0 && bytes.Compare(key, t.Largest.User()) <= 0 {
			some = append(some, t)
		}
	}
	return some
}

// lookIn collects the versions of key in one table, and its range deletions.
func (d *DB) lookIn(meta *TableFile, key []byte, e *Entry, dels []bounded) ([]bounded, error) {
	ref, err := d.acquire(meta)
	if err != nil {
		return dels, err
	}
	defer d.release(ref)
	dels = ref.appendDels(dels, meta)
	it := ref.Iter()
	defer it.Close()
	for ok := it.seekBlock(key, 0); ok && bytes.Equal(it.user, key); ok = it.Next() {
		e.versions = append(e.versions, version{it.trailer, bytes.Clone(it.val)})
		if k := Kind(it.trailer); k != KindMerge {
			break
		}
	}
	return dels, it.err
}

func (e *Entry) foldVersions(key []byte, dels *rangeDels) (more bool, err error) {
	at := -1
	if dels != nil {
		at = dels.find(key)
	}
	for _, v := range e.versions {
		if dels != nil && dels.hides(at, key, v.trailer) {
			return false, nil
		}
		if more, err = e.add(Kind(v.trailer), v.val); !more || err != nil {
			return false, err
		}
	}
	return true, nil
}
