// Package rocksdb reads keyed state that RocksDB or ForSt stored in their own files: incremental and full checkpoints, and native
// savepoints.
//
// A handle lists the files of a database directory under their logical names, wherever they are: inline, files, segments of
// files. Its meta stream has the header that every keyed stream begins with (package keyed); each state, timer queues included, is
// the column family of its name. Tables are opened when they are needed, so that one that is missing or damaged costs what
// lies in it and nothing else.
package rocksdb

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/rocks"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/format/statemeta"
	"github.com/tarn-project/tarn/reader/backend"
)

// Backend reads Incremental handles.
type Backend struct{}

// Name implements backend.Backend.
func (Backend) Name() string { return "RocksDB and ForSt" }

// Claims implements backend.Backend.
func (Backend) Claims(h metadata.KeyedHandle) bool {
	_, ok := h.(*metadata.Incremental)
	return ok
}

// Open implements backend.Backend. The source that comes with an error names the states even where the database cannot be opened.
func (Backend) Open(ctx context.Context, env *backend.Env, handle metadata.KeyedHandle) (backend.Source, error) {
	h := handle.(*metadata.Incremental)
	s := &source{h: h, max: env.MaxParallelism, dir: newDirectory(ctx, env, h)}
	unread := s.readHeader(ctx, env)
	if s.states == nil {
		return nil, unread
	}
	db, err := rocks.Open(s.dir, rocks.ReadConfig{NoVerify: env.NoVerify, OpenTables: openTables})
	if err != nil {
		return s, s.lost(s.dir.place(err))
	}
	s.db = db
	if err = s.match(); unread != nil {
		err = unread
	}
	return s, err
}

// openTables is how many tables stay open that nobody reads: reading key group by key group comes back to them all the time.
const openTables = 128

// maxMeta bounds a meta stream: names and types, never data.
const maxMeta = 256 << 20

type source struct {
	h      *metadata.Incremental
	max    int // parallelism
	dir    *directory
	header *keyed.Header
	states []backend.State

	db       *rocks.DB       // nil if it could not be opened
	families []*rocks.Family // by state; nil for a state that the database does not have
	sizes    []int64         // by key group, an estimate

	layout func() string
	damage damages
}

// readHeader reads the meta stream. Where an unknown serializer ends it before its time, there are the states before that place.
func (s *source) readHeader(ctx context.Context, env *backend.Env) error {
	s.layout = sync.OnceValue(s.product)
	name := env.Name(s.h.Meta)
	obj, err := env.Open(ctx, s.h.Meta)
	if err != nil {
		return err
	}
	defer obj.Close()
	b, err := io.ReadAll(io.NewSectionReader(obj, 0, min(obj.Size(), maxMeta)))
	if err != nil {
		return fault.File(err, name)
	}
	c := serde.NewContext(env.Families)
	h, unread := keyed.ReadHeader(c, b, 0)
	if unread != nil {
		if !errors.Is(unread, fault.ErrUnsupported) || h == nil || h.Key == nil || len(h.States) == 0 {
			return fault.File(unread, name)
		}
		h.States = h.States[:len(h.States)-1] // the last one is not whole
	}
	if s.header = h; err == nil {
		s.states, err = h.Compile(c.Families)
	}
	if unread != nil {
		err = unread
	}
	return fault.File(err, name)
}

// match finds the column family of each state. Flink opens a database with one for each state and "default", and RocksDB refuses
// an open that leaves one out, so neither side may have more.
func (s *source) match() error {
	s.families = make([]*rocks.Family, len(s.states))
	known := map[string]bool{rocks.DefaultFamily: true}
	var missing, unknown []string
	for i := range s.states {
		name := s.states[i].Name
		known[name] = true
		if s.families[i] = s.db.Version.Family(name); s.families[i] == nil {
			missing = append(missing, name)
		}
	}
	for _, f := range s.db.Version.Families {
		if !known[f.Name] {
			unknown = append(unknown, f.Name)
		}
	}
	s.measure()
	if len(missing)+len(unknown) == 0 {
		return nil
	}
	e := fault.New(fault.ErrCorrupt, "no column family for states %q, no state for column families %q", missing, unknown)
	e.File = s.dir.physical(s.db.Version.Manifest)
	return e.WithExpected("one column family for each state")
}

// lost says what is gone without the database.
func (s *source) lost(err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Found += "; nothing can be read of " + s.names() + " in key groups " + s.h.Range.String()
	return &told
}

func (s *source) names() string {
	if len(s.states) == 1 {
		return "state " + s.states[0].Name
	}
	text := "states "
	for i := range s.states {
		if i > 0 {
			text += ", "
		}
		text += s.states[i].Name
	}
	return text
}

// measure estimates the bytes of each key group: a table's are spread evenly over the key groups between its first and its last key.
func (s *source) measure() {
	s.sizes = make([]int64, s.h.Range.Len())
	for _, f := range s.families {
		if f == nil {
			continue
		}
		for _, t := range f.Files() {
			r := s.groupsOf(t.Smallest.User(), t.Largest.User())
			for g := r.First; g <= r.Last; g++ {
				s.sizes[g-s.h.Range.First] += int64(t.Size) / int64(r.Len())
			}
		}
	}
}

// groupsOf gives the handle's key groups between two keys, both included; nil is open.
func (s *source) groupsOf(lower, upper []byte) keygroup.Range {
	return s.span(lower, upper).Intersect(s.h.Range)
}

// span gives the key groups between two keys, whether or not they are the handle's.
func (s *source) span(lower, upper []byte) keygroup.Range {
	r := keygroup.Range{First: 0, Last: s.max - 1}
	split := keyed.NewSplitter(s.max)
	if g, ok := split.Group(lower); ok {
		r.First = g
	}
	if g, ok := split.Group(upper); ok {
		r.Last = g
	}
	return r
}

// Layout implements backend.Source.
func (s *source) Layout() string { return s.layout() }

// Compressed implements backend.Source. RocksDB's compression of blocks is its own business, not Flink's.
func (s *source) Compressed() bool { return false }

// States implements backend.Source.
func (s *source) States() []backend.State { return s.states }

// Header gives the states' description as it is stored.
func (s *source) Header() *keyed.Header { return s.header }

// Groups implements backend.Source.
func (s *source) Groups() keygroup.Range { return s.h.Range }

// Size implements backend.Source.
func (s *source) Size(group int) int64 {
	if s.sizes == nil || !s.h.Range.Contains(group) {
		return 0
	}
	return s.sizes[group-s.h.Range.First]
}

// NewScanner implements backend.Source.
func (s *source) NewScanner() backend.Scanner {
	return &scanner{s: s, split: keyed.NewSplitter(s.max), cursors: make([]cursor, len(s.families))}
}

// Close implements backend.Source.
func (s *source) Close() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}

// Evidence tells what the source knows of the Flink that wrote it.
func (s *source) Evidence() metadata.Evidence {
	return metadata.Evidence{AsyncState: s.asynchronous()}
}

// asynchronous reports whether a state was registered by the asynchronous API.
func (s *source) asynchronous() bool {
	for i := range s.states {
		if s.states[i].Info.Type == statemeta.KeyValueV2 {
			return true
		}
	}
	return false
}
