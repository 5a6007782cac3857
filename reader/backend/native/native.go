// Package native describes keyed state that RocksDB or ForSt stored in their own files: what states there are, from the
// meta stream of the handle. The entries lie in the database's tables.
package native

import (
	"context"
	"io"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/format/serde"
	"github.com/tarn-project/tarn/reader/backend"
)

// Backend reads Incremental handles.
type Backend struct{}

// Name implements backend.Backend.
func (Backend) Name() string { return "native RocksDB and ForSt files" }

// Claims implements backend.Backend.
func (Backend) Claims(h metadata.KeyedHandle) bool {
	_, ok := h.(*metadata.Incremental)
	return ok
}

// maxMeta bounds a meta stream: names and types, never data.
const maxMeta = 256 << 20

// Open implements backend.Backend.
func (Backend) Open(ctx context.Context, env *backend.Env, handle metadata.KeyedHandle) (backend.Source, error) {
	h := handle.(*metadata.Incremental)
	name := env.Name(h.Meta)
	obj, err := env.Open(ctx, h.Meta)
	if err != nil {
		return nil, err
	}
	defer obj.Close()
	b, err := io.ReadAll(io.NewSectionReader(obj, 0, min(obj.Size(), maxMeta)))
	if err != nil {
		return nil, fault.File(err, name)
	}
	c := serde.NewContext(env.Families)
	header, err := keyed.ReadHeader(c, b, 0)
	if err != nil {
		return nil, fault.File(err, name)
	}
	s := &source{h: h, header: header}
	s.states, err = header.Compile(c.Families)
	return s, fault.File(err, name)
}

type source struct {
	h      *metadata.Incremental
	header *keyed.Header
	states []backend.State
}

func (s *source) Layout() string              { return "native" }
func (s *source) Compressed() bool            { return false }
func (s *source) States() []backend.State     { return s.states }
func (s *source) Groups() keygroup.Range      { return s.h.Range }
func (s *source) Size(int) int64              { return s.h.Size() / int64(max(1, s.h.Range.Len())) }
func (s *source) NewScanner() backend.Scanner { return &scanner{} }
func (s *source) Close() error                { return nil }

type scanner struct{ told bool }

func (sc *scanner) Scan(backend.Query, func(*entry.Entry) bool) error { return sc.refuse() }

func (sc *scanner) Count(int, []keyed.Tally) error { return sc.refuse() }

func (sc *scanner) Close() error { return nil }

// refuse says once what cannot be done.
func (sc *scanner) refuse() error {
	if sc.told {
		return nil
	}
	sc.told = true
	return fault.New(fault.ErrUnsupported, "entries in RocksDB tables").WithHint("a canonical savepoint of the job holds the same state in the one format of all backends")
}
