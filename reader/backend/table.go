package backend

import (
	"time"

	"github.com/tarn-project/tarn/format/keygroup"
)

// Table is a table file of a database: what MANIFEST and the table's own properties tell of it.
type Table struct {
	Name      string // logical: "000010.sst"
	Level     int    // NoLevel if the database does not use the file
	Bytes     int64
	State     string // whose column family it belongs to
	Groups    keygroup.Range
	Smallest  []byte // composite keys
	Largest   []byte
	Entries   uint64 // of all kinds, deletions included; zero if the table cannot be read
	Deletions uint64 // range deletions included
	Merges    uint64 // operands
	Ranges    uint64 // range deletions
	Format    int    // version
	Codec     string // compression
	Created   time.Time
	Err       error // why the table cannot be read
}

// NoLevel marks a table that no level has.
const NoLevel = -1

// Tabled is a source that knows its tables.
type Tabled interface {
	// Tables lists all tables of the handle; of each the end is read.
	Tables() []Table
}
