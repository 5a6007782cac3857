package rocks

import (
	"sync"

	"github.com/tarn-project/tarn/format/fault"
)

// DB is a directory opened for reading: the state that its MANIFEST describes, and its tables. It is safe for concurrent
// use; iterators are not.
type DB struct {
	Version *Version

	files Files
	cfg   ReadConfig

	mu     sync.Mutex
	tables map[uint64]*tableRef
	idle   []*tableRef // open but not used, least recently used first
}

// tableRef is an open table with the number of its users.
type tableRef struct {
	*Table
	meta *TableFile
	file File
	uses int
}

// Open reads CURRENT and the MANIFEST. Tables are opened when they are needed, so a table that is damaged or missing costs only
// the column family it belongs to.
func Open(files Files, cfg ReadConfig) (*DB, error) {
	current, err := open(files, CurrentName)
	if err != nil {
		return nil, err
	}
	defer current.Close()
	name, err := ReadCurrent(current)
	if err != nil {
		return nil, err
	}
	manifest, err := open(files, name)
	if err != nil {
		return nil, err
	}
	defer manifest.Close()
	v, err := ReadManifest(manifest, manifest.Size(), name, !cfg.NoVerify)
	if err != nil {
		return nil, err
	}
	return NewDB(files, v, cfg), nil
}

// NewDB opens a directory whose version is known already.
func NewDB(files Files, v *Version, cfg ReadConfig) *DB {
	if cfg.OpenTables <= 0 {
		cfg.OpenTables = 64
	}
	return &DB{Version: v, files: files, cfg: cfg, tables: map[uint64]*tableRef{}}
}

// Close closes the tables that are open. All iterators must have been closed.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var first error
	for n, t := range d.tables {
		if err := t.file.Close(); err != nil && first == nil {
			first = fault.File(err, t.name)
		}
		delete(d.tables, n)
	}
	d.idle = nil
	return first
}

// Table opens a table of the directory, or gives it once more. release must be called after its last use.
func (d *DB) Table(meta *TableFile) (t *Table, release func(), err error) {
	ref, err := d.acquire(meta)
	if err != nil {
		return nil, nil, err
	}
	return ref.Table, sync.OnceFunc(func() { d.release(ref) }), nil
}

func (d *DB) acquire(meta *TableFile) (*tableRef, error) {
	d.mu.Lock()
	if ref := d.tables[meta.Number]; ref != nil {
		d.use(ref)
		d.mu.Unlock()
		return ref, nil
	}
	d.mu.Unlock()
	ref, err := d.open(meta)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if other := d.tables[meta.Number]; other != nil { // somebody else was faster
		ref.file.Close()
		d.use(other)
		return other, nil
	}
	d.tables[meta.Number] = ref
	return ref, nil
}

// open opens a table without the lock: reading can take long.
func (d *DB) open(meta *TableFile) (*tableRef, error) {
	f, err := open(d.files, meta.Name())
	if err != nil {
		return nil, err
	}
	t, err := OpenTable(f, meta.Name(), meta, d.cfg)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &tableRef{Table: t, meta: meta, file: f, uses: 1}, nil
}

func (d *DB) use(ref *tableRef) {
	if ref.uses == 0 {
		for i, idle := range d.idle {
			if idle == ref {
				d.idle = append(d.idle[:i], d.idle[i+1:]...)
				break
			}
		}
	}
	ref.uses++
}

func (d *DB) release(ref *tableRef) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ref.uses--; ref.uses > 0 {
		return
	}
	d.idle = append(d.idle, ref)
	if len(d.idle) > d.cfg.OpenTables {
		oldest := d.idle[0]
		d.idle = d.idle[1:]
		delete(d.tables, oldest.meta.Number)
		oldest.file.Close()
	}
}

// Damage is what an error costs.
type Damage struct {
	Family *Family
	Table  *TableFile
	Err    error
	// The user keys that may be missing or, if an older version of them lies in another table, outdated: from Lower to
	// Upper, both included. nil is open.
	Lower, Upper []byte
}
