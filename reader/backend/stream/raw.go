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

// OpenRaw opens raw keyed state: the heap timers that RocksDB jobs keep there, or the bytes of user code.
func OpenRaw(ctx context.Context, env *backend.Env, h *metadata.KeyGroups) (backend.Source, error) {
	obj, err := env.Open(ctx, h.Stream)
	if err != nil {
		return nil, err
	}
	s := &rawSource{obj: obj, file: env.Name(h.Stream)}
	s.raw, err = keyed.OpenRaw(obj, obj.Size(), keyed.Handle{Range: h.Range, Offsets: h.Offsets, MaxParallelism: env.MaxParallelism}, env.Families)
	if s.raw == nil {
		obj.Close()
		return nil, fault.File(err, s.file)
	}
	return s, fault.File(err, s.file)
}

type rawSource struct {
	obj  store.Object
	file string
	raw  *keyed.Raw
}

func (s *rawSource) Layout() string          { return "raw" }
func (s *rawSource) Compressed() bool        { return false }
func (s *rawSource) States() []backend.State { return s.raw.States }
func (s *rawSource) Groups() keygroup.Range  { return s.raw.Range() }
func (s *rawSource) Size(group int) int64    { return s.raw.Size(group) }
func (s *rawSource) Close() error            { return s.obj.Close() }

// NewScanner implements backend.Source.
func (s *rawSource) NewScanner() backend.Scanner { return rawScanner{s} }

type rawScanner struct{ s *rawSource }

// Scan implements backend.Scanner.
func (sc rawScanner) Scan(q backend.Query, yield func(*entry.Entry) bool) error {
	each := yield
	if q.Key != nil {
		each = func(e *entry.Entry) bool { return !bytes.Equal(e.Key, q.Key) || yield(e) }
	}
	return fault.File(sc.s.raw.Scan(q.Group, q.Want, each), sc.s.file)
}

// Count implements backend.Scanner.
func (sc rawScanner) Count(group int, tally []keyed.Tally) error {
	return sc.Scan(backend.Query{Group: group}, func(e *entry.Entry) bool {
		for i := range sc.s.raw.States {
			if &sc.s.raw.States[i].State == e.State {
				tally[i].Entries++
				tally[i].Bytes += int64(len(e.Key) + len(e.Namespace) + len(e.Value) + 8)
			}
		}
		return true
	})
}

// Close implements backend.Scanner.
func (rawScanner) Close() error { return nil }
