package rocks

import (
	"math"

	"github.com/tarn-project/tarn/format/fault"
)

// AppendManifest appends a MANIFEST that describes a version: column families, last sequence number and tables on their levels.
// Tables keep the fields of the MANIFEST they were read from; those made here are written with tag 100, which RocksDB
// from 5.17 to 8.10 reads. v.NextFile must be higher than all file numbers.
func AppendManifest(dst []byte, v *Version) ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	first := edit{fields: []field{
		{tag: tagComparator, text: []byte(BytewiseComparator)},
		{tag: tagLogNumber},
		{tag: tagPrevLogNumber},
		{tag: tagNextFile, num: v.NextFile},
		{tag: tagLastSequence, num: v.LastSequence},
	}}
	dst = appendLogRecord(dst, first.append(nil))
	last := v.MaxFamily
	for _, f := range v.Families {
		if f.ID == 0 {
			continue
		}
		last = max(last, f.ID)
		add := edit{fields: []field{
			{tag: tagFamily, num: uint64(f.ID)},
			{tag: tagFamilyAdd, text: []byte(f.Name)},
			{tag: tagComparator, text: []byte(BytewiseComparator)},
			{tag: tagLogNumber},
		}}
		dst = appendLogRecord(dst, add.append(nil))
	}
	most := edit{fields: []field{{tag: tagMaxFamily, num: uint64(last)}}}
	dst = appendLogRecord(dst, most.append(nil))
	for _, f := range v.Families {
		for _, t := range f.Files() {
			dst = appendLogRecord(dst, newFileEdit(f, t).append(nil))
		}
	}
	return dst, nil
}

func newFileEdit(f *Family, t *TableFile) *edit {
	n := *t
	if n.form == 0 {
		n.form = tagNewFile2
	}
	e := &edit{}
	if f.ID != 0 {
		e.fields = append(e.fields, field{tag: tagFamily, num: uint64(f.ID)})
	}
	e.fields = append(e.fields, field{tag: n.form, file: &n})
	return e
}

// check refuses a version that RocksDB would not open.
func (v *Version) check() error {
	ids, names, numbers := map[uint32]bool{}, map[string]bool{}, map[uint64]bool{}
	for _, f := range v.Families {
		if ids[f.ID] || names[f.Name] || (f.ID == 0) != (f.Name == DefaultFamily) {
			return fault.New(fault.ErrUsage, "column family %d %q", f.ID, f.Name).WithExpected("ids and names that differ, and id 0 for %q", DefaultFamily)
		}
		ids[f.ID], names[f.Name] = true, true
		for _, t := range f.Files() {
			if numbers[t.Number] || t.Number >= v.NextFile || len(t.Smallest) < trailerLen || len(t.Largest) < trailerLen {
				return fault.New(fault.ErrUsage, "file %d of column family %q", t.Number, f.Name).WithExpected("numbers that differ and are below %d, and bounds", v.NextFile)
			}
			if t.LargestSeq != MaxSequence && t.LargestSeq > v.LastSequence {
				return fault.New(fault.ErrUsage, "sequence number %d in file %d", t.LargestSeq, t.Number).WithExpected("at most %d", v.LastSequence)
			}
			numbers[t.Number] = true
		}
	}
	if !ids[0] || v.NextFile > math.MaxInt64 {
		return fault.New(fault.ErrUsage, "no column family %q", DefaultFamily)
	}
	return nil
}

// NewFamily makes a column family of tables, sorted into their levels.
func NewFamily(id uint32, name string, tables []*TableFile) (*Family, error) {
	f := &Family{ID: id, Name: name, Comparator: BytewiseComparator, files: map[uint64]*TableFile{}}
	for _, t := range tables {
		if err := f.add(t); err != nil {
			return nil, err
		}
	}
	return f, f.shape()
}
