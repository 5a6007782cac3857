package reader

import (
	"context"

	"github.com/tarn-project/tarn/format/fault"
	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/changelog"
	"github.com/tarn-project/tarn/reader/backend/rocksdb"
	"github.com/tarn-project/tarn/reader/backend/stream"
)

// Backends lists the ways of storing keyed state that are known. The first that claims a handle opens it.
func Backends() []backend.Backend {
	return []backend.Backend{
		stream.Backend{},
		rocksdb.Backend{},
		changelog.Backend{Materialized: openKeyed},
	}
}

func openKeyed(ctx context.Context, env *backend.Env, h metadata.KeyedHandle) (backend.Source, error) {
	for _, b := range Backends() {
		if b.Claims(h) {
			return b.Open(ctx, env, h)
		}
	}
	return nil, fault.New(fault.ErrUnsupported, "keyed state in a handle of type %T", h)
}

// openRawKeyed opens what user code, or the heap timers beside RocksDB state, wrote into the raw keyed slot.
func openRawKeyed(ctx context.Context, env *backend.Env, h metadata.KeyedHandle) (backend.Source, error) {
	groups, ok := h.(*metadata.KeyGroups)
	if !ok {
		return nil, fault.New(fault.ErrUnsupported, "raw keyed state in a handle of type %T", h)
	}
	return stream.OpenRaw(ctx, env, groups)
}
