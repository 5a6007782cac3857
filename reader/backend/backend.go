// Package backend is what every way of storing state looks like to the reader: a Source for each stored part, whose entries
// come out in one normal form, key group by key group.
//
// An implementation is a folder beside this file and one line in the reader's list.
package backend

import (
	"context"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/store"
)

// Env is what opening a handle needs.
type Env struct {
	// Open opens the bytes behind a stream handle, wherever they are: inline, a file, a segment of one. Errors name the file.
	Open func(ctx context.Context, h metadata.StreamHandle) (store.Object, error)
	// Name says where a stream handle's bytes are, for messages.
	Name func(h metadata.StreamHandle) string
	// Families are the serializers that are known.
	Families *serde.Registry
	// MaxParallelism is the operator's.
	MaxParallelism int
	// NoVerify leaves checksums unchecked.
	NoVerify bool
}

// Backend opens one kind of keyed handle.
type Backend interface {
	// Name is what people call it, for instance "heap" or "RocksDB".
	Name() string
	// Claims reports whether the backend reads handles of this kind.
	Claims(h metadata.KeyedHandle) bool
	// Open reads what describes the state. A source may come with an error: it then gives what could be read.
	Open(ctx context.Context, env *Env, h metadata.KeyedHandle) (Source, error)
}

// State is one state in a source. Its number is its position in Source.States.
type State = keyed.State

// NoGroup is the key group of state that has none.
const NoGroup = -1

// Source is an opened handle. It is safe for concurrent use, except Close.
type Source interface {
	// Layout names the layout for people: "canonical", "heap", "rocksdb" …
	Layout() string
	// Compressed reports whether Flink compressed the state.
	Compressed() bool
	// States are the states that the handle describes, whether or not they have entries.
	States() []State
	// Groups are the key groups that the handle holds; empty for state without.
	Groups() keygroup.Range
	// Size is the number of stored bytes of one key group, or of everything for NoGroup; an estimate where the layout does not tell.
	Size(group int) int64
	// NewScanner makes a scanner, one for each goroutine.
	NewScanner() Scanner
	// Close frees what the source holds. Scanners must be closed before.
	Close() error
}

// Query selects entries of one key group.
type Query struct {
	Group int    // or NoGroup
	Want  []bool // by state; nil wants all
	Key   []byte // if not nil, only entries of this key, as its serializer writes it
}

// Scanner reads entries. It is not safe for concurrent use.
type Scanner interface {
	// Scan gives the entries that q selects to yield, until it returns false. An entry is valid until yield returns. The error
	// concerns this key group only; others can still be read.
	Scan(q Query, yield func(*entry.Entry) bool) error
	// Count adds to tally, which is indexed by state, what each state has in a key group.
	Count(group int, tally []keyed.Tally) error
	Close() error
}
