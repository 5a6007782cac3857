// Package stream reads keyed state that is one stream per subtask: canonical savepoints of any backend, and what the HashMap
// backend writes for itself.
package stream

import (
	"bytes"
	"context"

	"github.com/tarn-project/tarn/format/entry"
	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/keyed"
	"github.com/tarn-project/tarn/format/keygroup"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/store"
)

// Backend reads KeyGroups handles.
type Backend struct{}

// Name implements backend.Backend.
func (Backend) Name() string { return "canonical and heap streams" }

// Claims implements backend.Backend.
func (Backend) Claims(h metadata.KeyedHandle) bool {
	_, ok := h.(*metadata.KeyGroups)
	return ok
}

// Open implements backend.Backend.
func (Backend) Open(ctx context.Context, env *backend.Env, handle metadata.KeyedHandle) (backend.Source, error) {
	h := handle.(*metadata.KeyGroups)
	obj, err := env.Open(ctx, h.Stream)
	if err != nil {
		return nil, err
	}
	s := &source{obj: obj, file: env.Name(h.Stream)}
	s.stream, err = keyed.Open(obj, obj.Size(), keyed.Handle{
		Range: h.Range, Offsets: h.Offsets, MaxParallelism: env.MaxParallelism, Savepoint: h.Kind == metadata.KeyGroupsSavepoint,
	}, env.Families)
	if s.stream == nil {
		obj.Close()
		return nil, fault.File(err, s.file)
	}
	return s, fault.File(err, s.file) // a header that is not known to its end still gives what stands before
}

type source struct {
	obj    store.Object
	file   string
	stream *keyed.Stream
}

func (s *source) Layout() string              { return s.stream.Layout.String() }
func (s *source) Compressed() bool            { return s.stream.Header.Compressed }
func (s *source) States() []backend.State     { return s.stream.States }
func (s *source) Groups() keygroup.Range      { return s.stream.Range() }
func (s *source) Size(group int) int64        { return s.stream.Size(group) }
func (s *source) NewScanner() backend.Scanner { return &scanner{s, s.stream.NewScanner()} }
func (s *source) Close() error                { return s.obj.Close() }

// Header gives the states' description as it is stored.
func (s *source) Header() *keyed.Header { return s.stream.Header }

type scanner struct {
	s  *source
	sc *keyed.Scanner
}

// Scan implements backend.Scanner.
func (sc *scanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	each := yield
	if q.Key != nil {
		each = func(e *entry.Entry) bool { return !bytes.Equal(e.Key, q.Key) || yield(e) }
	}
	return fault.File(sc.sc.Scan(q.Group, q.Want, each), sc.s.file)
}

// Count implements backend.Scanner.
func (sc *scanner) Count(group int, tally []keyed.Tally) error {
	return fault.File(sc.sc.Count(group, tally), sc.s.file)
}

func (sc *scanner) Close() error {
	sc.sc.Close()
	return nil
}
