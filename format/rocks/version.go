package rocks

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/tarn-project/tarn/format/fault"
)

// BytewiseComparator is the name of the only key order that is read: plain byte order. Flink uses no other.
const BytewiseComparator = "leveldb.BytewiseComparator"

// DefaultFamily is the name of column family 0, which always exists and which Flink leaves empty.
const DefaultFamily = "default"

// Version is the state that a MANIFEST describes after its last edit.
type Version struct {
	Manifest     string // logical name of the file
	DBID         string // since 6.5; empty before
	NextFile     uint64 // the next file number to be given out
	LastSequence uint64
	MaxFamily    uint32    // highest column family id ever used
	Families     []*Family // by id
	Edits        int       // number of edits that led here
}

// Family is one column family: in Flink one state, named like it.
type Family struct {
	ID         uint32
	Name       string
	Comparator string
	LogNumber  uint64
	Levels     []Level // those that have files, ascending

	files map[uint64]*TableFile
}

// Level is one level of a column family. In level 0 files may overlap and are sorted newest first (by largest sequence
// number); in all others they are sorted by key and disjoint.
type Level struct {
	Number uint32
	Files  []*TableFile
}

// TableFile is what a MANIFEST says about a table file. Members that the writing version did not know are zero.
type TableFile struct {
	Level       uint32
	Number      uint64
	PathID      uint32 // index into db_paths
	Size        uint64 // bytes
	Smallest    InternalKey
	Largest     InternalKey
	SmallestSeq uint64 // sequence numbers: since tag 100
	LargestSeq  uint64

	// Since 5.18 and later, tag 103.
	NeedCompaction     bool
	OldestBlobFile     uint64
	OldestAncestorTime uint64 // seconds since 1970
	CreationTime       uint64 // seconds since 1970
	Checksum           []byte // of the whole file
	ChecksumFunction   string
	Temperature        uint8
	UniqueID           []byte
	EpochNumber        uint64
	RangeDeletionSize  uint64 // estimate of the bytes that its range deletions hide
	TailSize           uint64 // bytes from the end of the data blocks to the end of the file

	form               uint32 // tag of the new-file record
	custom             []field
	timestampsStripped bool
}

// Name is the logical name of the file.
func (t *TableFile) Name() string { return TableName(t.Number) }

// Family gives the column family of a name, or nil.
func (v *Version) Family(name string) *Family {
	for _, f := range v.Families {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Files gives all files of the column family, level by level.
func (f *Family) Files() []*TableFile {
	var all []*TableFile
	for _, l := range f.Levels {
		all = append(all, l.Files...)
	}
	return all
}

// ReadManifest replays a MANIFEST. verify turns the checksums of its records on.
func ReadManifest(f io.ReaderAt, size int64, name string, verify bool) (*Version, error) {
	log := newLogReader(f, size, name, verify)
	s := newReplay(name)
	for {
		record, err := log.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fault.File(err, name)
		}
		if err := s.record(record, log.start); err != nil {
			return nil, inRecord(err, name, log.start)
		}
	}
	v, err := s.finish()
	if err != nil {
		return nil, inRecord(err, name, log.start)
	}
	return v, nil
}

// inRecord places an error at the start of its record: fields of a fragmented record have no single offset.
func inRecord(err error, name string, at int64) error {
	var e *fault.Error
	if errors.As(err, &e) {
		e.File, e.Offset = name, at
	}
	return err
}

// replay applies edits to a version.
type replay struct {
	v        *Version
	families map[uint32]*Family
	group    []*edit // edits of an atomic group that is not complete
}

func newReplay(name string) *replay {
	def := &Family{Name: DefaultFamily, Comparator: BytewiseComparator, files: map[uint64]*TableFile{}}
	return &replay{v: &Version{Manifest: name}, families: map[uint32]*Family{0: def}}
}

// record takes one record. Edits of an atomic group count only once its last one is there, so a group that the file ends
// in is left out, as RocksDB leaves it out.
func (s *replay) record(b []byte, at int64) error {
	e, err := decodeEdit(b, at)
	if err != nil {
		return err
	}
	s.v.Edits++
	remaining, grouped := uint64(0), false
	for _, f := range e.fields {
		if f.tag == tagAtomicGroup {
			remaining, grouped = f.num, true
		}
	}
	if !grouped {
		if len(s.group) > 0 {
			return fault.New(fault.ErrCorrupt, "an edit outside the atomic group that was begun")
		}
		return s.apply(e)
	}
	s.group = append(s.group, e)
	if remaining > 0 {
		return nil
	}
	for _, e := range s.group {
		if err := s.apply(e); err != nil {
			return err
		}
	}
	s.group = nil
	return nil
}

// apply applies one edit: the column family it is for, then deletions before additions, since a file that moves
// between levels is deleted and added under one number.
func (s *replay) apply(e *edit) error {
	id := uint32(0)
	for _, f := range e.fields {
		if f.tag == tagFamily {
			id = uint32(f.num)
		}
	}
	family, err := s.family(id, e)
	if err != nil {
		return err
	}
	for _, f := range e.fields {
		if f.tag == tagDeletedFile {
			if err := family.remove(f.level, f.num); err != nil {
				return err
			}
		}
	}
	for _, f := range e.fields {
		if err := s.set(family, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *replay) family(id uint32, e *edit) (*Family, error) {
	for _, f := range e.fields {
		if f.tag != tagFamilyAdd {
			continue
		}
		if s.families[id] != nil {
			return nil, fault.New(fault.ErrCorrupt, "column family %d is added twice", id)
		}
		s.families[id] = &Family{ID: id, Name: string(f.text), Comparator: BytewiseComparator, files: map[uint64]*TableFile{}}
	}
	if f := s.families[id]; f != nil {
		return f, nil
	}
	return nil, fault.New(fault.ErrCorrupt, "an edit of column family %d, which does not exist", id)
}

func (s *replay) set(family *Family, f field) error {
	switch f.tag {
	case tagComparator:
		family.Comparator = string(f.text)
	case tagLogNumber:
		family.LogNumber = f.num
	case tagNextFile:
		s.v.NextFile = f.num
	case tagLastSequence:
		s.v.LastSequence = f.num
	case tagMaxFamily:
		s.v.MaxFamily = uint32(f.num)
	case tagDBID:
		s.v.DBID = string(f.text)
	case tagFamilyDrop:
		if family.ID == 0 {
			return fault.New(fault.ErrCorrupt, "the default column family is dropped")
		}
		delete(s.families, family.ID)
	case tagNewFile, tagNewFile2, tagNewFile3, tagNewFile4:
		return family.add(f.file)
	}
	return nil
}

func (f *Family) add(t *TableFile) error {
	if f.files[t.Number] != nil {
		return fault.New(fault.ErrCorrupt, "file %d of column family %q is added twice", t.Number, f.Name)
	}
	if t.timestampsStripped {
		return fault.New(fault.ErrUnsupported, "file %d of column family %q has user-defined timestamps", t.Number, f.Name)
	}
	f.files[t.Number] = t
	return nil
}

func (f *Family) remove(level uint32, number uint64) error {
	t := f.files[number]
	if t == nil || t.Level != level {
		return fault.New(fault.ErrCorrupt, "file %d is deleted from level %d of column family %q, where it is not", number, level, f.Name)
	}
	delete(f.files, number)
	return nil
}

func (s *replay) finish() (*Version, error) {
	if s.v.Edits == 0 {
		return nil, fault.New(fault.ErrTruncated, "no edits").WithExpected("at least one")
	}
	for _, f := range s.families {
		if err := f.shape(); err != nil {
			return nil, err
		}
		s.v.Families = append(s.v.Families, f)
	}
	slices.SortFunc(s.v.Families, func(a, b *Family) int { return int(int64(a.ID) - int64(b.ID)) })
	return s.v, nil
}

// shape sorts the files into levels and checks that all but level 0 are disjoint.
func (f *Family) shape() error {
	all := make([]*TableFile, 0, len(f.files))
	for _, t := range f.files {
		all = append(all, t)
	}
	slices.SortFunc(all, compareFiles)
	for _, t := range all {
		n := len(f.Levels)
		if n == 0 || f.Levels[n-1].Number != t.Level {
			f.Levels = append(f.Levels, Level{Number: t.Level})
			n++
		}
		l := &f.Levels[n-1]
		if prev := len(l.Files) - 1; t.Level > 0 && prev >= 0 && compareInternal(l.Files[prev].Largest, t.Smallest) >= 0 {
			return fault.New(fault.ErrCorrupt, "files %d and %d overlap in level %d of column family %q", l.Files[prev].Number, t.Number, t.Level, f.Name)
		}
		l.Files = append(l.Files, t)
	}
	return nil
}

func compareFiles(a, b *TableFile) int {
	switch {
	case a.Level != b.Level:
		return compareUint(uint64(a.Level), uint64(b.Level))
	case a.Level == 0 && a.LargestSeq != b.LargestSeq:
		return compareUint(b.LargestSeq, a.LargestSeq)
	case a.Level == 0:
		return compareUint(b.Number, a.Number)
	}
	if c := compareInternal(a.Smallest, b.Smallest); c != 0 {
		return c
	}
	return compareUint(a.Number, b.Number)
}

func compareInternal(a, b InternalKey) int {
	if c := bytes.Compare(a.User(), b.User()); c != 0 {
		return c
	}
	return compareUint(b.trailer(), a.trailer())
}

func compareUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
