package reader

import (
	"context"

	"github.com/tarn-project/tarn/format/metadata"
	"github.com/tarn-project/tarn/reader/backend"
	"github.com/tarn-project/tarn/reader/backend/operator"
)

func openOperator(ctx context.Context, env *backend.Env, h *metadata.OperatorHandle, raw bool) (backend.Source, error) {
	return operator.Open(ctx, env, h, raw)
}

func openCoordinator(h *metadata.ByteStream) backend.Source { return operator.OpenCoordinator(h) }
