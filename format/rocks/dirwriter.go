package rocks

import (
	"errors"
	"io"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
)

// Sink is where a directory is written: files under their logical names, each written once from its start.
type Sink interface {
	Create(name string) (io.WriteCloser, error)
}

// DirConfig says how a directory is written.
type DirConfig struct {
	Table      TableOptions // the column family's id and name are set by the writer
	TargetSize int64        // bytes after which a new table is begun; 0 stands for 64 MiB
}

// What a written directory looks like: RocksDB opens it as one that was compacted to the last level and never changed since.
const (
	writtenManifest  = 5
	writtenFirstFile = 6
	writtenLevel     = 6
)

// DirWriter writes a directory that RocksDB opens: tables, MANIFEST-000005 and, last, CURRENT. All entries are puts with
// sequence number 0 in tables on level 6.
type DirWriter struct {
	sink Sink
	cfg  DirConfig

	mu       sync.Mutex
	next     uint64
	families []*FamilyWriter
}

// NewDirWriter begins a directory. The column family "default" is there from the start, and empty.
func NewDirWriter(sink Sink, cfg DirConfig) (*DirWriter, error) {
	if cfg.TargetSize <= 0 {
		cfg.TargetSize = 64 << 20
	}
	if _, err := cfg.Table.withDefaults(); err != nil {
		return nil, err
	}
	return &DirWriter{sink: sink, cfg: cfg, next: writtenFirstFile}, nil
}

// FamilyWriter writes the entries of one column family. Several can be used at the same time.
type FamilyWriter struct {
	d      *DirWriter
	id     uint32
	name   string
	table  *TableWriter
	out    io.WriteCloser
	number uint64
	tables []*TableFile
}

// Family adds a column family; ids follow the order of the calls. One without entries is written, too: Flink expects one for each
// state.
func (d *DirWriter) Family(name string) (*FamilyWriter, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == DefaultFamily {
		return nil, fault.New(fault.ErrUsage, "column family %q", name).WithExpected("another name: it is there already")
	}
	for _, f := range d.families {
		if f.name == name {
			return nil, fault.New(fault.ErrUsage, "column family %q twice", name)
		}
	}
	f := &FamilyWriter{d: d, id: uint32(len(d.families) + 1), name: name}
	d.families = append(d.families, f)
	return f, nil
}

// Put adds an entry. Keys come in ascending order, each once.
func (f *FamilyWriter) Put(key, value []byte) error {
	if f.table != nil && f.table.Size() >= f.d.cfg.TargetSize {
		if err := f.endTable(); err != nil {
			return err
		}
	}
	if f.table == nil {
		if err := f.beginTable(key); err != nil {
			return err
		}
	}
	return fault.File(f.table.Put(key, value), TableName(f.number))
}

func (f *FamilyWriter) beginTable(key []byte) error {
	if n := len(f.tables); n > 0 && compareInternal(f.tables[n-1].Largest, AppendInternalKey(nil, key, 0, KindPut)) >= 0 {
		return fault.New(fault.ErrUsage, "key %x after %v", key, f.tables[n-1].Largest).WithExpected("keys in order")
	}
	f.d.mu.Lock()
	f.number = f.d.next
	f.d.next++
	f.d.mu.Unlock()
	opts := f.d.cfg.Table
	opts.ColumnFamilyID, opts.ColumnFamily = f.id, f.name
	out, err := f.d.sink.Create(TableName(f.number))
	if err != nil {
		return fault.File(err, TableName(f.number))
	}
	f.out = out
	f.table, err = NewTableWriter(out, opts)
	return err
}

func (f *FamilyWriter) endTable() error {
	if f.table == nil {
		return nil
	}
	t, err := f.table.Finish()
	if err = errors.Join(err, f.out.Close()); err != nil {
		return fault.File(err, TableName(f.number))
	}
	t.Number, t.Level = f.number, writtenLevel
	f.tables = append(f.tables, t)
	f.table, f.out = nil, nil
	return nil
}

// Close ends the last table. It is called by Finish, too.
func (f *FamilyWriter) Close() error { return f.endTable() }

// Finish writes MANIFEST and CURRENT and gives what they describe. Before it, the directory is none.
func (d *DirWriter) Finish() (*Version, error) {
	v := &Version{Manifest: ManifestName(writtenManifest)}
	def, err := NewFamily(0, DefaultFamily, nil)
	if err != nil {
		return nil, err
	}
	v.Families = append(v.Families, def)
	for _, f := range d.families {
		if err := f.endTable(); err != nil {
			return nil, err
		}
		family, err := NewFamily(f.id, f.name, f.tables)
		if err != nil {
			return nil, err
		}
		v.Families = append(v.Families, family)
	}
	v.NextFile, v.MaxFamily = d.next, uint32(len(d.families))
	b, err := AppendManifest(nil, v)
	if err != nil {
		return nil, err
	}
	if err := d.write(v.Manifest, b); err != nil {
		return nil, err
	}
	return v, d.write(CurrentName, AppendCurrent(nil, writtenManifest))
}

// Abort closes what is open after an error. What was written is left to the sink.
func (d *DirWriter) Abort() {
	for _, f := range d.families {
		if f.out != nil {
			f.out.Close()
		}
		f.table, f.out = nil, nil
	}
}

func (d *DirWriter) write(name string, b []byte) error {
	w, err := d.sink.Create(name)
	if err != nil {
		return fault.File(err, name)
	}
	_, err = w.Write(b)
	return fault.File(errors.Join(err, w.Close()), name)
}
